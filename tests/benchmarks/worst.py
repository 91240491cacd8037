"""CPU seconds and memory of the dearest link of every view, as ratios to what one may cost.

    python tests/benchmarks/worst.py [view ...]

Each link is opened in a fresh process that has shown its chapter once.  Seconds are of the process, so that others on
the machine disturb little; memory is the peak above what was there before.
"""

import gc
import json
import logging
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECONDS, MEGABYTES = 1.0, 150.0
LOOKS = ("look_idle", "look_histograms", "look_forward", "look_spectrum", "look_formats", "scatter")
DEEP = {"depth": "100", "width": "256", "n_seeds": "100", "batch_size": "256", "initializer": "he_normal"}
LONG = {"sequence": "2000", "n_seeds": "100", "time_overlays": ["theory", "floors"]}

# What is set, of all activations or cells, and what is unfolded.
VIEWS: dict[str, tuple[dict[str, object], tuple[str, ...]]] = {
    "flow, wide": ({"chapter": "flow"} | DEEP, ()),
    "flow, narrow": ({"chapter": "flow"} | DEEP | {"width": "8"}, ()),
    "flow, orthogonal": ({"chapter": "flow"} | DEEP | {"initializer": "orthogonal"}, ()),
    "flow, all looks": ({"chapter": "flow", "overlays": ["theory", "floors"]} | DEEP | {"width": "8"}, LOOKS),
    "updates": ({"chapter": "updates"} | DEEP, ()),
    "fixes, cards": ({"chapter": "fixes"} | DEEP, ()),
    "fixes, ladder": ({"chapter": "fixes", "fixes_view": "ladder"} | DEEP, ()),
    "fixes, noise": ({"chapter": "fixes", "fixes_view": "noise"} | DEEP, ()),
    "map": ({"chapter": "map"} | DEEP, ()),
    "map, biases": ({"chapter": "map", "map_axis": "bias_std"} | DEEP, ()),
    "map, networks apart": ({"chapter": "map", "residual": "scaled"} | DEEP, ()),
    "time, narrow": ({"chapter": "time", "hidden": "2"} | LONG, ()),
    "time, wide": ({"chapter": "time", "hidden": "256"} | LONG, ()),
    "time, race": ({"chapter": "time", "time_view": "race", "hidden": "256", "lag": "500", "task": "copy"}, ()),
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
    page(chapter=link["chapter"])
    app = AppTest.from_file(str(SCRIPT), default_timeout=600)
    app.context = {"url": HOST}
    for key, texts in ({key: list(names) for key, names in every.items()} | link).items():
        app.query_params[key] = texts
    for key in looks:
        app.session_state[key] = True
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")
    before, start = memory("VmRSS"), time.process_time()
    app.run()
    seconds = time.process_time() - start
    said = [caption.value.split(", to stay")[0] for caption in app.caption if caption.value.startswith("Shown:")]
    failed = app.exception[0].message if app.exception else ""
    print(json.dumps([seconds, memory("VmHWM") - before, failed or " ".join(said[:1])]))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        measure(sys.argv[2])
    else:
        for view in sys.argv[1:] or VIEWS:
            run = subprocess.run([sys.executable, __file__, "--one", view], capture_output=True, text=True, check=True)
            seconds, megabytes, said = json.loads(run.stdout.splitlines()[-1])
            ratios = f"{seconds / SECONDS:5.2f} of a second, {megabytes / MEGABYTES:5.2f} of {MEGABYTES:.0f} MB"
            print(f"{view:20}: {seconds:5.2f} s, {megabytes:4.0f} MB; {ratios}. {said}", flush=True)
