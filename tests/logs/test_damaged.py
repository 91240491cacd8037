"""Damaged logs are read as far as they can be, or refused in words; one bad row costs that row."""

import random
import signal
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from logs.mutations import MUTATIONS, STRANGE, mutated, originals

import vanish
from vanish.logs import printed
from vanish.logs.cells import read_cell
from vanish.logs.headings import parameter_of_file, read_heading, size_of_file
from vanish.logs.names import kind_of, natural_order
from vanish.logs.nested import shapes_in
from vanish.logs.readings import Readings

ORIGINALS = originals()

# CPU seconds until something is called a hang; what is quadratic takes minutes.
HANG = 30


class Hang(Exception):
    pass


@contextmanager
def alarm():
    """No hang: a limit that only what never ends can reach."""

    def ring(*_):
        raise Hang

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, HANG)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def read_or_refused(files):
    """The log with its whole report made, or ``None`` where the reader refuses in its own words."""
    with alarm():
        try:
            log = vanish.read_log(files)
        except ValueError as error:
            if not str(error).startswith("source must"):
                raise TypeError("not the reader's own words") from error
            return None
        report = vanish.diagnose_log(log)
        assert report.to_json()
        assert report.to_html()
    return log


# ``tests/benchmarks/damaged_logs.py`` goes through 2,000.
@pytest.mark.parametrize("first", range(0, 80, 20))
def test_any_damage_ends_in_a_log_or_in_words(first):
    said = [read_or_refused(mutated(seed, ORIGINALS)[1]) for seed in range(first, first + 20)]
    assert sum(log is not None for log in said) > 10


def test_every_kind_of_damage_damages():
    text = ORIGINALS["lightning_metrics.csv"]["lightning_metrics.csv"]
    for change in MUTATIONS:
        assert any(change(text, random.Random(seed)) != text for seed in range(3)), change.__name__


ROWS = 8
NAMES = [f"layers.{n}.weight" for n in range(6)]
TABLE = [[(1 + n) * 10.0 ** -(step % 3) for n in range(6)] for step in range(ROWS)]


def texts(damaged, field):
    """The same numbers in five formats, in one row something else for one of them."""

    def cell(step, n):
        return field if (step, n) == damaged else repr(TABLE[step][n])

    grid = [[cell(step, n) for n in range(6)] for step in range(ROWS)]
    flat = [(step, name, grid[step][n]) for step in range(ROWS) for n, name in enumerate(NAMES)]
    return {
        "wide": "\n".join([",".join(["step", *NAMES]), *(",".join([str(s), *row]) for s, row in enumerate(grid))]),
        "long": "\n".join(["step,layer,grad_norm", *(f"{s},{name},{v}" for s, name, v in flat)]),
        "json lines": "\n".join(f'{{"step": {s}, "name": "{name}", "rms": {v}}}' for s, name, v in flat),
        "printed": "\n".join(f"step {s}: {name} | grad norm: {v}" for s, name, v in flat),
        "records": "[\n"
        + ",\n".join(
            f'{{"step": {s}, ' + ", ".join(f'"{n}": {v}' for n, v in zip(NAMES, row, strict=True)) + "}"
            for s, row in enumerate(grid)
        )
        + "\n]",
    }


FIELD = st.one_of(st.sampled_from(STRANGE), st.text(max_size=12)).filter(
    lambda text: len(text.splitlines()) < 2 and not {"\n", "\r"} & set(text)
)


@settings(max_examples=15)
@given(st.tuples(st.integers(1, ROWS - 1), st.integers(0, 5)), FIELD)
def test_one_bad_row_leaves_the_others_as_they_were(place, field):
    for kind, text in texts(place, field).items():
        log = vanish.read_log({"x": text})
        rows = [int(np.flatnonzero(log.steps == step)[0]) for step in range(ROWS) if step != place[0]]
        columns = [log.names.index(name) for name in NAMES]
        expected = [row for step, row in enumerate(TABLE) if step != place[0]]
        assert log.values[np.ix_(rows, columns)].tolist() == expected, kind


@pytest.mark.parametrize(
    "kind", ["records.json", "lists.json", "dict_of_lists.json", "hook.jsonl", "wide.csv", "bars.txt"]
)
@pytest.mark.parametrize("share", [0.7, 0.99])
def test_of_a_file_that_breaks_off_the_beginning_is_read(kind, share):
    (text,) = ORIGINALS[kind].values()
    whole, log = vanish.read_log({"x": text}), vanish.read_log({"x": text[: int(len(text) * share)]})
    first = log.names[0]
    assert first in whole.names
    assert log.values[0, 0] == pytest.approx(whole.values[0, whole.names.index(first)], nan_ok=True)


UNITS = (
    *(
        "a",
        "1",
        "a.",
        "1,",
        '"',
        "'",
        "a=[1,",
        "0.1 ",
        "step ",
        "\x1b[",
        "(",
        "layer 1 ",
        "x" * 119 + " ",
        " ",
        "1.",
        "a_",
    ),
    *(
        "-",
        "1e",
        "nan",
        "layer ",
        "a/",
        "/",
        "[0]",
        "tensor(",
        "torch.Size([1,",
        "mean ",
        "mean|",
        "abs",
        "grad_",
        "_",
        "e",
    ),
)


@pytest.mark.parametrize("end", ["", "!", "a", " 1"])
def test_no_pattern_is_slow_where_a_line_never_becomes_what_it_seems(end):
    with alarm():
        for unit in UNITS:
            line = unit * (printed.LONGEST_LINE // len(unit)) + end
            printed.read_printed("x", line, Readings())
            printed.is_overflow_report(line)
            printed.FRAME.match(f"      {line}")
            shapes_in(line)
            read_cell(line)
            read_cell(line[:500])
            read_heading(line)
            parameter_of_file(line[:255])
            size_of_file(line[:255])
            kind_of(line[:120])
            natural_order([line[:120], line[1:121]])
