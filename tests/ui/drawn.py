"""What a view draws, taken down without a page: all that it hands to Streamlit, with what folds open or not."""

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa
import streamlit as st

from vanish.ui.chapters.table import CHAPTERS
from vanish.ui.kit import drawing, jobs, origin, pieces, written
from vanish.ui.shell import session, sidebar
from vanish.ui.shell.settings import Settings

CALLS = ("button", "caption", "code", "columns", "container", "download_button", "empty", "error")
CALLS += ("expander", "grid", "html", "info", "markdown", "menu_button", "metric", "number_input", "pills", "popover")
CALLS += ("progress", "segmented_control", "select_slider", "selectbox", "slider", "space", "text_area", "text_input")
CALLS += ("title", "toggle", "warning")

# How far a computation is, which nobody sees that finds it done.
PASSING = ("empty", "progress")


class Drawn:
    """Takes calls for Streamlit's, and for a container's."""

    def __init__(self, unfolded):
        self.open, self.said, self.texts, self.controls = unfolded, [], [], set()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def __getattr__(self, name):
        return lambda *args, **options: self._take(name, args, options)

    def _take(self, name, args, options):
        if name in ("columns", "tabs"):
            return [self] * (args[0] if isinstance(args[0], int) else len(args[0]))
        if name in ("text_area", "text_input"):
            return ""
        if name not in PASSING:
            self.said.append((name, *map(plain, args)))
            self.texts += texts_of(name, args, options)
        if name in ("button", "toggle"):
            return False
        return options.get("default") if name == "segmented_control" else None if name == "selectbox" else self


def texts_of(name, args, options):
    """What a reader sees of it."""
    texts = [one for one in args if isinstance(one, str)]
    if name == "chart":
        # Of axes, legends and what is said of a mark under the pointer.
        texts += re.findall(r"'title': '([^']*)'", repr(args[0]))
    if name == "dataframe":
        shown, said = args
        headings = {column: config.get("label") for column, config in options["column_config"].items()}
        texts += [headings.get(column) or column for column in shown.column_names]
        texts += [cell for column in said.columns for cell in column.to_pylist() if cell is not None]
    return texts


def plain(value):
    """Something that can be compared: a frame by its numbers, and no function."""
    if isinstance(value, pd.DataFrame | pa.Table):
        frame = value if isinstance(value, pd.DataFrame) else value.to_pandas()
        return repr(frame.to_dict("list"))
    if isinstance(value, Mapping):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, np.ndarray):
        return repr(value.tolist())
    return None if callable(value) else repr(value)


def told(make):
    """What the engine is asked to run, to the last number: ``repr`` writes thousands of these, and leaves some out."""
    if isinstance(make, partial):
        return [repr(make.func), *map(told, make.args), told(make.keywords)]
    if isinstance(make, np.ndarray):
        return make.tobytes()
    if is_dataclass(make) and not isinstance(make, type):
        return [type(make).__name__, *((field.name, told(getattr(make, field.name))) for field in fields(make))]
    if isinstance(make, Mapping):
        return {name: told(one) for name, one in make.items()}
    if isinstance(make, list | tuple):
        return [told(one) for one in make]
    return repr(make)


RUNS = {}


def _run(job):
    """What a race comes to; a contest of many is told by what makes it."""
    if job.name == "train_combinations":
        return None
    if job.name == "train_depths":
        return []
    if job.key not in RUNS:
        RUNS[job.key] = list(job.make(lambda share: None))
    return RUNS[job.key]


def drawn(monkeypatch, *, run=False, unfolded=False, **changes):
    """What the open chapter draws with these settings, its texts, and the names of the controls that stand in it.

    ``run``: a race is run, and not told by what the engine is asked to run; ``unfolded``: with all that folds.
    """
    settings, page = Settings(**changes), Drawn(unfolded)
    with monkeypatch.context() as patched:
        for name in CALLS:
            patched.setattr(st, name, getattr(page, name))
        patched.setattr(drawing, "show", lambda spec, data, alt, key, **_: page._take("chart", (spec, data, alt), {}))
        patched.setattr(written, "dataframe", page.dataframe)
        patched.setattr(pieces, "download", lambda frame, *_: page._take("download", (frame,), {}))
        patched.setattr(sidebar, "draw", lambda *keys: page.controls.update(keys))
        patched.setattr(session, "value", lambda key: getattr(settings, key))

        def of(job):
            items = _run(job) if run else None
            if items is None:
                page.said.append((job.name, told(job.make)))
            return items or ()

        for name in ("items", "result"):
            patched.setattr(jobs, name, of)
        patched.setattr(origin, "here", lambda: origin.Origin("", lambda: ()))
        chapter = CHAPTERS[settings.chapter]
        measured = chapter.measure(settings)
        page.said.append(repr(chapter.head(settings, measured)))
        chapter.show(settings, measured, *chapter.frame(session.value))
    return page.said, page.texts, page.controls
