"""How long the server takes for a large log: ``.venv/bin/python tests/benchmarks/logs.py`` reads, judges and draws
2,000 layers by 500 steps, pasted as two files of under 5 MB each, as chapter ``yours`` does."""

import io
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from vanish.logs import diagnose_log, read_log
from vanish.logs.findings import findings_of
from vanish.ui.chapters.yours import charts, data, words

LAYERS, STEPS = 2000, 500


def files():
    """A wide table, every other step in each of two files."""
    names = [f"blocks.{n // 4}.{('q', 'k', 'v', 'fc')[n % 4]}.weight" for n in range(LAYERS)]
    generator = np.random.default_rng(1)
    sizes = 10.0 ** (generator.normal(-3, 1, (STEPS, LAYERS)).round(0))
    for part in range(2):
        text = io.StringIO()
        text.write(",".join(["step", *names]) + "\n")
        for step in range(part, STEPS, 2):
            text.write(",".join([str(step), *(f"{size:.0e}" for size in sizes[step])]) + "\n")
        yield f"part{part}.csv", text.getvalue()


def timed(name, work):
    began = time.process_time()
    result = work()
    seconds = time.process_time() - began
    print(f"{name:<28}{seconds:6.2f} s")
    return result, seconds


def main():
    texts = dict(files())
    print(", ".join(f"{name} {len(text) / 1e6:.2f} MB" for name, text in texts.items()))
    log, read = timed("read", lambda: read_log(texts))
    assert (log.n_parameters, log.n_steps) == (LAYERS, STEPS)
    report, judged = timed("judged", lambda: diagnose_log(log))
    picture, folded = timed("picture, folded", lambda: data.picture(log, report.parameters))
    _, chart = timed("charts and words", lambda: _drawn(report, picture))
    timed("picture, a module opened", lambda: data.picture(log, report.parameters, picture.modules[0]))
    total = read + judged + folded + chart
    print(f"{'all but the last':<28}{total:6.2f} s of server time (asked for: under 2 s)")


def _drawn(report, picture):
    charts.heat_map(picture.low, picture.high, picture.rows)
    charts.profile("Size", nearest=False, rows=LAYERS)
    frame = data.profile(report, None)
    return frame, findings_of(report, words.VOICE), words.course(report.course), data.layers(report)


if __name__ == "__main__":
    main()
