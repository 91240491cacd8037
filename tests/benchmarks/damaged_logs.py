"""The reader of logs on damaged files and on large ones.

    python tests/benchmarks/damaged_logs.py [mutations]

Every mutation (2,000 by default, ``tests/logs/mutations.py``) has to end in a log or in the reader's own refusal, in
under a second of CPU time; then the largest files of each kind, in CPU seconds.
"""

import json
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np

# From a checkout, without an installation; in place of this folder, whose names hide those of the tests.
ROOT = Path(__file__).parents[2]
sys.path[:1] = [str(ROOT), str(ROOT / "tests")]

MUTATIONS, LONGEST = 2000, 1.0


def damaged(count: int) -> bool:
    """Read that many mutations; whether all went well."""
    from logs.mutations import mutated, originals

    import vanish

    kinds, refused, sound, slowest = originals(), 0, True, (0.0, "")
    for seed in range(count):
        what, files = mutated(seed, kinds)
        started = time.process_time()
        try:
            log = vanish.read_log(files)
            seconds = time.process_time() - started
            report = vanish.diagnose_log(log)
            report.to_json(), report.to_html()
        except ValueError as error:
            seconds = time.process_time() - started
            refused += 1
            if not str(error).startswith("source must"):
                print(f"{what}: {error}")
                sound = False
        except Exception as error:
            print(f"{what}: {type(error).__name__} {error}")
            sound = False
            continue
        slowest = max(slowest, (seconds, what))
        if seconds > LONGEST:
            print(f"{what}: {seconds:.1f} s")
            sound = False
    print(f"{count} mutations: {count - refused} read, {refused} refused; slowest {slowest[0]:.2f} s ({slowest[1]})")
    return sound


def large() -> Iterator[tuple[str, str]]:
    """Just under 5 MB of 2,000 layers in each format."""
    sizes = np.random.default_rng(1).lognormal(-5, 2, (500, 2000))
    names = [f"layers.{n}.weight" for n in range(2000)]
    short = [[f"{v:.0e}".replace("e-0", "e-") for v in row] for row in sizes[:495]]
    yield "wide", "\n".join([",".join(["step", *names]), *(",".join([str(s), *row]) for s, row in enumerate(short))])
    flat = [(s, names[n], v) for s in range(130) for n, v in enumerate(sizes[s])]
    yield "long", "step,layer,grad\n" + "".join(f"{s},{name[7:-7]},{v:.3e}\n" for s, name, v in flat)
    printed = [f"step {s}: {name} grad norm {v:.3e}\n" for s, name, v in flat[:96_000]]
    yield "printed", "".join(printed)
    rows = [json.dumps({"step": s, "name": name, "rms": float(f"{v:.3g}"), "entries": 64}) for s, name, v in flat]
    yield "JSON lines", "\n".join(rows[:60_000])
    records = [{"step": s} | {n: float(f"{v:.3g}") for n, v in zip(names, sizes[s], strict=True)} for s in range(80)]
    yield "records", json.dumps(records)


def main() -> int:
    warnings.simplefilter("error")
    sound = damaged(int(sys.argv[1]) if len(sys.argv) > 1 else MUTATIONS)

    import vanish

    for kind, text in large():
        started = time.process_time()
        log = vanish.read_log(text)
        read = time.process_time() - started
        vanish.diagnose_log(log)
        judged = time.process_time() - started - read
        print(f"{kind}: {len(text) / 1e6:.1f} MB, {log.n_parameters} x {log.n_steps}, {read:.2f} s + {judged:.2f} s")
    return 0 if sound else 1


if __name__ == "__main__":
    raise SystemExit(main())
