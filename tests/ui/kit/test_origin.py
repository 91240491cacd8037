"""Tables to take home."""

from io import StringIO

import pandas as pd
import pytest
import streamlit as st
from ui.app import HOST, move, page

from vanish.references import VERSION, citation
from vanish.ui.kit.origin import Origin, csv


@pytest.fixture
def files(monkeypatch):
    """What each button of a page that is opened from now on gives, by its file's name."""
    given = {}

    def button(label, data, file_name, **options):
        given[file_name] = data

    monkeypatch.setattr(st, "download_button", button)
    return given


def read(text):
    return pd.read_csv(StringIO(text), comment="#")


def test_a_file_says_where_it_comes_from_and_pandas_reads_past_it():
    frame = pd.DataFrame({"layer": [1, 2], "tanh": [0.1, float("nan")]})
    origin = Origin("http://host?depth=2", lambda: (("Depth", "2"), ("Layer sizes", ""), ("Typed", "a\nlayer,b")))
    text = csv(frame, "layer; tanh, no unit", origin)
    assert text.splitlines()[:5] == [
        f"# vanish {VERSION}, http://host?depth=2",
        "# set on the page: Depth: 2; Typed: a layer,b",
        "# columns: layer; tanh, no unit",
        f"# cite as: {citation()}",
        "layer,tanh",
    ]
    pd.testing.assert_frame_equal(read(text), frame)


def test_a_name_with_the_sign_of_a_comment_is_read_whole():
    frame = pd.DataFrame({"layer": ["#1", "fc#2", 'say "x", y'], "size #": [1e-300, 2.0, float("inf")]})
    pd.testing.assert_frame_equal(read(csv(frame, "", Origin("", tuple))), frame)


@pytest.mark.slow
def test_the_page_s_table_is_taken_home_with_what_it_was_made_with(files):
    app = page(depth="3", activations=["tanh", "relu"])
    first = files["vanish-flow.csv"]
    move(app, "depth", 4)
    for text, depth in ((first(), 3), (files["vanish-flow.csv"](), 4)):
        assert text.startswith(f"# vanish {VERSION}, {HOST}/?depth={depth}&activations=tanh&activations=relu\n")
        assert f"Depth: {depth}; Width: 8; Activations: tanh, ReLU;" in text.splitlines()[1]
        assert "mean |dL/dz| (no unit)" in text.splitlines()[2]
        assert list(read(text)) == ["layer", "tanh", "ReLU"]
        assert read(text)["layer"].tolist() == list(range(1, depth + 1))


@pytest.mark.slow
@pytest.mark.parametrize("chapter", ["why", "updates", "time"])
def test_every_column_of_a_file_comes_back(files, chapter):
    app = page(chapter=chapter)
    for expander in app.expander:
        app.session_state[expander.key] = True
    app.run()
    assert files
    for text in (data() for data in files.values()):
        assert [line[:1] for line in text.splitlines()[:5]] == ["#", "#", "#", "#", text.splitlines()[4][:1]]
        frame = read(text)
        assert len(frame)
        assert frame.to_csv(index=False) == "".join(text.splitlines(keepends=True)[4:])
