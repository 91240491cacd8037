"""CPU seconds and memory of the dearest link of every view, as ratios to what one may cost.

    python tests/benchmarks/worst.py [view ...]

Each link is opened in a fresh process that has shown its chapter once, and again, up to three times, where it is over a
limit: seconds are of the process, but a busy machine's caches still disturb.  Memory is the peak above what was there
before.
"""

import gc
import json
import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECONDS, MEGABYTES = 1.0, 150.0
MOST_TIMES, PATIENCE = 3, 120
LOOKS = ("look_idle", "look_histograms", "look_forward", "look_spectrum", "look_formats", "scatter")
DEEP = {"depth": "100", "width": "256", "n_seeds": "100", "batch_size": "256", "initializer": "he_normal"}
PINNED = "depth=100&width=256&initializer=orthogonal&seed=1"
LONG = {"sequence": "2000", "n_seeds": "100", "time_overlays": ["theory", "floors"]}

# What is set, of all activations or cells, and what is unfolded.
VIEWS: dict[str, tuple[dict[str, object], tuple[str, ...]]] = {
    "flow, wide": ({"chapter": "flow"} | DEEP, ()),
    "flow, narrow": ({"chapter": "flow"} | DEEP | {"width": "8"}, ()),
    "flow, orthogonal": ({"chapter": "flow"} | DEEP | {"initializer": "orthogonal"}, ()),
    "flow, orthogonal twice": ({"chapter": "flow", "pin": PINNED} | DEEP | {"initializer": "orthogonal"}, ()),
    "flow, sizes": ({"chapter": "flow", "sizes": "1730-1730-10"} | DEEP, ()),
    "flow, all looks": ({"chapter": "flow", "overlays": ["theory", "floors"]} | DEEP | {"width": "8"}, LOOKS),
    "updates": ({"chapter": "updates"} | DEEP, ()),
    "fixes, cards": ({"chapter": "fixes"} | DEEP, ()),
    "fixes, cards orthogonal": ({"chapter": "fixes"} | DEEP | {"initializer": "orthogonal"}, ()),
    "fixes, ladder": ({"chapter": "fixes", "fixes_view": "ladder"} | DEEP, ()),
    "fixes, noise": ({"chapter": "fixes", "fixes_view": "noise"} | DEEP, ()),
    "map": ({"chapter": "map"} | DEEP, ()),
    "map, biases": ({"chapter": "map", "map_axis": "bias_std"} | DEEP, ()),
    "map, theory of kinks": ({"chapter": "map", "map_activation": "relu6"} | DEEP, ()),
    "map, biases of kinks": ({"chapter": "map", "map_axis": "bias_std", "map_activation": "relu6"} | DEEP, ()),
    "map, networks apart": ({"chapter": "map", "residual": "scaled"} | DEEP, ()),
    "time, narrow": ({"chapter": "time", "hidden": "2"} | LONG, ()),
    "time, wide": ({"chapter": "time", "hidden": "256"} | LONG, ()),
    "time, race": ({"chapter": "time", "time_view": "race", "hidden": "256", "lag": "500", "task": "copy"}, ()),
    "lesson, edge": ({"lesson": "workshop", "step": "15", "guesses": "edge.1"}, ()),
    "train": ({"chapter": "train", "train_batch": "256"} | DEEP | {"initializer": "lsuv"}, ()),
}


def memory(name: str) -> float:
    """Megabytes that the kernel counts for this process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024


def measure(view: str) -> None:
    """Open one link, and print what it took, as JSON."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    logging.disable(logging.CRITICAL)
    from streamlit.testing.v1 import AppTest
    from ui.app import HOST, SCRIPT, page

    from vanish.ui.shell.settings import CONTROLS

    link, looks = VIEWS[view]
    every = {"activations": CONTROLS["activations"].options, "cells": CONTROLS["cells"].options}
    page(chapter=link.get("chapter", "flow"))
    app = AppTest.from_file(str(SCRIPT), default_timeout=600)
    app.context = {"url": HOST}
    for key, texts in ({key: list(names) for key, names in every.items()} | link).items():
        app.query_params[key] = texts
    for key in looks:
        app.session_state[key] = True
    # Streamlit's own, which its first run starts.
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join(timeout=10)
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")
    before, start = memory("VmRSS"), time.process_time()
    app.run()
    seconds = time.process_time() - start
    said = [caption.value.split(", to stay")[0] for caption in app.caption if caption.value.startswith("Shown:")]
    failed = app.exception[0].message if app.exception else ""
    print(json.dumps([seconds, memory("VmHWM") - before, failed or " ".join(said[:1])]))


def one(view: str) -> tuple[float, float, str]:
    """Seconds, megabytes and what the page says, of one link in a process of its own."""
    command = [sys.executable, __file__, "--one", view]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return float("inf"), float("inf"), f"Not done within {PATIENCE} s."
    if run.returncode:
        return float("nan"), float("nan"), f"Failed: {run.stderr.strip().splitlines()[-1]}"
    return tuple(json.loads(run.stdout.splitlines()[-1]))


def report(view: str) -> None:
    """Print the lowest of a few."""
    found: list[tuple[float, float, str]] = []
    while len(found) < MOST_TIMES and not any(one[0] <= SECONDS and one[1] <= MEGABYTES for one in found):
        found.append(one(view))
    seconds, megabytes, said = min(found)
    ratios = f"{seconds / SECONDS:5.2f} of a second, {megabytes / MEGABYTES:5.2f} of {MEGABYTES:.0f} MB"
    print(f"{view:24}: {seconds:5.2f} s, {megabytes:4.0f} MB; {ratios}. {said}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        measure(sys.argv[2])
    else:
        for view in sys.argv[1:] or VIEWS:
            report(view)
