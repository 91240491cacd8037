"""The page under AppTest: opened by a link, read through keys."""

import json
import re
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from streamlit.dataframe_util import convert_arrow_bytes_to_pandas_df
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Widget

from vanish.ui.chapters.table import CHAPTERS
from vanish.ui.kit.drawing import KEY
from vanish.ui.shell.presets import PRESETS
from vanish.ui.shell.reports import REPORTS
from vanish.ui.shell.session import LINK
from vanish.ui.shell.settings import CONTROLS, from_values

SCRIPT = Path(__file__).parents[2] / "streamlit_app.py"
HOST = "http://host"

# The presets that meet every test of the page; reports are rows of the same table and are opened once.
OWN = tuple(name for name in PRESETS if name not in REPORTS)

BOLD_ALONE = re.compile(r"\*\*[^*]+\*\*\W*")


def page(**link):
    """The page as a link opens it."""
    app = AppTest.from_file(str(SCRIPT), default_timeout=300)
    app.context = {"url": HOST}
    for key, texts in link.items():
        app.query_params[key] = texts
    return checked(app.run())


def move(app, key, value):
    """The page after the reader has moved one control."""
    app.get_by_key(key).set_value(list(value) if isinstance(value, tuple) else value)
    return checked(app.run())


def click(app, key):
    app.button(key=key).click()
    return checked(app.run())


def unfold(app):
    """The page with everything open that was folded away."""
    state = app.session_state
    folded = [one.key for one in app.expander if one.key not in state or not state[one.key]]
    for key in folded:
        state[key] = True
    return checked(app.run()) if folded else app


def checked(app):
    """No run of the page may end in an error, whatever was set; what stands over something is a heading."""
    assert not app.exception, app.exception[0].message
    assert not app.error
    assert not [text.value for text in app.markdown if BOLD_ALONE.fullmatch(text.value)]
    for chart in app.get("vega_lite_chart"):
        told_apart(chart.proto)
    return app


def told_apart(chart):
    """Marks that are known by a name have each its own: of two with one name, Vega draws one."""
    if '"known"' not in chart.spec:
        return
    spec = json.loads(chart.spec)
    for layer in spec.get("layer", [spec]):
        if "key" in layer.get("encoding", {}):
            assert layer["mark"]["type"] not in ("line", "area")
            (made,) = (step["calculate"] for step in layer["transform"] if step.get("as") == "known")
            name = layer.get("data", spec.get("data"))["name"]
            (table,) = (convert_arrow_bytes_to_pandas_df(one.data.data) for one in chart.datasets if one.name == name)
            # Of a film's rows those of one picture are shown at a time.
            fields = [*re.findall(r"datum\.(\w+)", made), *({"since"} & set(table))]
            assert not table.duplicated(fields).any(), (fields, table[table.duplicated(fields)])


def shown(app):
    """Keys of the controls that the page shows."""
    keys = [node.key for node in app if isinstance(node, Widget)]
    return [key for key in CONTROLS if key in keys]


def settings(app):
    """What the controls say, and that they say nothing that had to be put right."""
    state = app.session_state.to_dict()
    now, corrections = from_values(state[LINK] | {key: state[key] for key in CONTROLS.keys() & state.keys()})
    assert corrections == []
    return now


# A figure in a line of its own: what of, the figure, and a word or two on it.
LINE = re.compile(r"^(.+?)\N{NO-BREAK SPACE}\*\*(.+?)\*\*\N{NO-BREAK SPACE}:\w+-badge\[", re.MULTILINE)


def figures(app):
    """The figures that stand in a picture's legend, or in a line where it has none, by what they are of."""
    shown = {}
    for chart in app.get("vega_lite_chart"):
        for one in chart.proto.datasets:
            if one.name == KEY:
                key = convert_arrow_bytes_to_pandas_df(one.data.data)
                shown |= {name: note.split(", ")[0] for name, note in zip(key["name"], key["note"], strict=True)}
    lines = (found for text in app.markdown for found in LINE.findall(text.value))
    return shown | {name.replace("\N{NO-BREAK SPACE}", " "): value for name, value in lines}


def finding(app):
    """The sentence that belongs to what the controls say, computed afresh, as it is drawn."""
    now = settings(app)
    chapter = CHAPTERS[now.chapter]
    return chapter.head(now, chapter.measure(now)).sentence


def copied(app):
    """The link that the page offers, as pairs."""
    return parse_qsl(urlsplit(app.code[0].value).query, keep_blank_values=True)


def tables(app):
    """The page's tables by their alternative text."""
    return {table.proto.alt: table.value for table in app.dataframe}
