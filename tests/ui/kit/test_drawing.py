import ast
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from ui.app import move, page, shown, unfold
from ui.schema import check_charts, encoded, validate, walk

import vanish.ui
from vanish.ui.chapters.table import CHAPTERS
from vanish.ui.chapters.time import charts as time_charts
from vanish.ui.chapters.train import data as train_data
from vanish.ui.chapters.train.controls import Plan
from vanish.ui.chapters.why import charts as why
from vanish.ui.kit import drawing
from vanish.ui.kit.columns import Columns
from vanish.ui.kit.palette import ACTIVATION_COLORS
from vanish.ui.lesson import chart, measures
from vanish.ui.lesson.steps import CLINIC, STEPS


@pytest.mark.slow
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_chart_is_valid_has_its_columns_and_a_text_for_those_who_hear_it(drawn, chapter):
    # With ready-made networks: where these are opened.
    page(chapter=chapter)
    check_charts(drawn)


class Making:
    """Counts the charts that are made."""

    charts = 0

    def __enter__(self):
        self.charts += 1

    def __exit__(self, *_):
        pass


@pytest.mark.slow
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_slider_move_sends_data_and_builds_no_chart(monkeypatch, drawn, chapter):
    app = page(chapter=chapter)
    before = dict(drawn)
    monkeypatch.setattr(drawing, "_MAKING", making := Making())
    moves = {"depth": 20, "seed": 7, "width": 12, "weight_scale": 1.5, "spectral_radius": 1.5, "forget_bias": 0.0}
    # Names of lines have their slopes in them.
    renaming = {"slope_tanh": 0.75}
    for key, value in (moves | renaming).items():
        if key in shown(app):
            drawn.clear()
            move(app, key, value)
            assert drawn.keys() == before.keys()
            assert making.charts == 0, key
            changed = [name for name, (spec, _, _) in drawn.items() if spec != before[name][0]]
            assert key in renaming or not changed


@pytest.mark.slow
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_no_chart_and_no_table_is_without_a_text(chapter):
    app = unfold(page(chapter=chapter))
    texts = [element.proto.alt for element in [*app.get("vega_lite_chart"), *app.dataframe]]
    assert all(texts)
    assert len(set(texts)) == len(texts)


def test_a_chart_that_is_drawn_again_is_written_as_streamlit_has_written_it_with_its_new_data():
    def written(app):
        charts = [chart.proto for chart in app.get("vega_lite_chart")]
        return [chart.spec for chart in charts], [[one.data.data for one in chart.datasets] for chart in charts]

    @drawing.declared
    def points(title: str) -> drawing.Spec:
        return drawing.finish(drawing.base_chart().mark_point(color=title).encode(x="x:Q"), height=100)

    def script(points, x):
        from vanish.ui.kit import drawing
        from vanish.ui.kit.columns import Columns

        drawing.show(points("red"), Columns({"x": [x]}), "alt", key="points")

    (first,), (data,) = written(AppTest.from_function(script, args=(points, 1.0)).run())
    assert json.loads(first) == {**points("red"), "autosize": {"type": "fit", "contains": "padding"}}
    (again,), (moved,) = written(AppTest.from_function(script, args=(points, 2.0)).run())
    assert again == first
    assert moved != data


@pytest.mark.slow
def test_what_is_drawn_leaves_the_page_in_full(drawn):
    app = page()
    sent = {chart.proto.alt: chart.proto for chart in app.get("vega_lite_chart")}
    for spec, data, text in drawn.values():
        rows = {one.name: one.data.data for one in sent[text].datasets}
        assert rows.keys() == data.keys()
        assert json.loads(sent[text].spec)["layer"] == spec["layer"]
        assert all(len(rows[name]) > 8 * len(frame) for name, frame in data.items())


@pytest.mark.parametrize(
    ("chart", "others"),
    [(why.decay, ()), (why.telephone, ()), (why.products, ()), (drawing.pipes, ("Layer",))],
)
def test_a_chart_with_new_names_is_the_one_that_is_made_for_them(chart, others):
    names, colors = ("sigmoid: 0.25", "value:Q"), ("#111111", "#222222")
    for several in (names, names[:1]):
        renamed = drawing.renamed(chart, several, colors[: len(several)], *others)
        expected = chart(several, colors[: len(several)], *others)
        assert renamed.whole == expected
        renamed.text = json.dumps(renamed)
        assert json.loads(renamed.text) == expected


CASES = [(scale, mark) for scale in ("log", "linear", "percent") for mark in ("bars", "lines")]


@pytest.mark.parametrize(("scale", "mark"), CASES)
def test_per_layer_draws_what_it_is_asked_for(scale, mark):
    spec = drawing.per_layer(("tanh", "relu"), scale, mark, "Size")
    marks = [layer["mark"]["type"] for layer in spec["layer"]]
    assert marks == {"bars": ["bar", "text"], "lines": ["line", "point", "text"]}[mark]
    first = spec["layer"][0]["encoding"]
    scales = {"log": {"type": "log"}, "linear": {"zero": True}, "percent": {"domain": [0, 1]}}
    assert first["y"]["scale"] == scales[scale]
    assert first["y"]["axis"].get("labelExpr", "").endswith("\N{NO-BREAK SPACE}%'") == (scale == "percent")
    assert first["y"]["title"] == "Size"
    assert first["color"]["scale"]["range"] == [ACTIVATION_COLORS[name] for name in ("tanh", "relu")]


def test_of_the_pipes_only_a_layers_whole_place_says_something_so_that_a_browser_writes_its_numbers_once():
    marks = drawing.pipes(("Tanh", "ReLU"), ("#111", "#222"), "Layer")["layer"]
    (place,) = [mark for mark in marks if "tooltip" in mark["encoding"]]
    assert place["mark"]["opacity"] == 0
    assert {step["as"] for step in place["transform"]} >= {"size in words", "share in words"}
    written = [step["as"] for mark in marks for step in mark["transform"] if "in words" in step["as"]]
    assert len(written) == 2
    # What is the same for a whole row is sent once a row.
    assert [mark.get("data", {}).get("name") for mark in marks].count(drawing.ROWS) == len(marks) - 2


def test_the_band_of_health_lies_behind_and_holds_the_axis():
    plain, banded = (drawing.per_layer(("tanh",), "log", "bars", "Size", health=health) for health in (False, True))
    band, *ends = banded["layer"][:3]
    drawn = [
        [(layer["mark"], layer["encoding"]) for layer in layers] for layers in (banded["layer"][3:], plain["layer"])
    ]
    assert drawn[0] == drawn[1]
    assert (band["encoding"]["y"]["field"], band["encoding"]["y2"]["field"]) == ("low", "high")
    assert [(end["encoding"]["y"]["field"], end["mark"]["opacity"]) for end in ends] == [("bottom", 0), ("top", 0)]
    assert {layer["data"]["name"] for layer in banded["layer"][:3]} == {drawing.HEALTH}


@pytest.mark.parametrize(
    "spec",
    [
        drawing.per_layer(("tanh",), "log", "bars", "Size", floors=True),
        drawing.pipes(("tanh",), ("#000000",), "Layer"),
        chart.bars(3, "Size", share=True),
    ],
)
def test_on_a_slide_every_letter_is_sized_by_the_screen_and_the_rest_stays(spec):
    def sizes(spec):
        return {
            key: one for node in walk(spec) if isinstance(node, dict) for key, one in node.items() if "ontSize" in key
        }

    slide = drawing.for_slide(spec)
    validate(slide, [drawing.DATA])
    assert all(isinstance(one, int) or f"min({drawing.LETTERS}," in one["expr"] for one in sizes(spec).values())
    assert all(drawing.SLIDE_FONT in one["expr"] for one in sizes(slide).values())
    assert sizes(slide).keys() == sizes(spec).keys()
    assert slide["height"] == "container"
    assert set(encoded(slide)) == set(encoded(spec))


def drawn_on_a_slide(step, settings):
    """The data sets of a question's picture, and its text; the chart is valid and finds its columns."""
    spec, data, text = step.picture(settings)
    named = {drawing.DATA: data} if isinstance(data, pd.DataFrame | Columns) else data
    validate(drawing.for_slide(spec), named)
    assert {field for one, field in encoded(spec) if field not in list(named[one])} == set()
    assert len(text) > 15
    return named, text


# What is drawn of trainings takes as long as they do.
TRAINED = ("accuracy", "what_helps")


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, step in STEPS.items() if name not in TRAINED])
def test_a_questions_picture_is_valid_and_has_its_columns_and_a_text(name):
    drawn_on_a_slide(STEPS[name], STEPS[name].as_set)


@pytest.mark.slow
@pytest.mark.parametrize("name", TRAINED)
def test_a_trained_questions_picture_is_valid_and_has_its_columns_and_a_text(name, monkeypatch):
    # A run that is as short as can be is drawn as any other.
    def trained(settings, report):
        race = train_data.race(train_data.racers(settings.specs), replace(settings, steps=50).part(Plan))
        return [snapshot for _, snapshot in race(report)]

    monkeypatch.setattr(measures, "trained", trained)
    shown, text = drawn_on_a_slide(STEPS[name], STEPS[name].as_set)
    if name == "what_helps":
        curves = shown[drawing.DATA]
        assert set(curves["name"]) == set(measures.IDEAS_WORDS.values())
        assert all(words in text for words in measures.IDEAS_WORDS.values())
        assert all(0 <= share <= 1 for share in curves["value"])


@pytest.mark.slow
def test_surfaces_stand_side_by_side_each_with_its_points_and_words():
    step = CLINIC["riddle"]
    # A run that is as short as can be is drawn as any other.
    shown, text = drawn_on_a_slide(step, replace(step.as_set, steps=50))
    cells, points, notes = shown[drawing.DATA], shown[drawing.POINTS], shown[drawing.KEY]
    for place, (x, note) in enumerate(zip(notes["x"], notes["note"], strict=True)):
        assert note.startswith(("Before", "After")[place])
        assert note in text
        for left, right in ((cells["left"], cells["right"]), (points["x"], points["x"])):
            inside = (left > x - 1e-9) & (right < x + 1 + 1e-9)
            assert inside.sum() == len(left) / 2
    assert cells["top"].max() <= 0.5 + 1e-9 < notes["y"].min()
    # What is painted would be written in black, whatever the theme.
    assert max(map(len, shown.values())) <= drawing.MOST_ELEMENTS


@pytest.mark.parametrize("rows", [drawing.MOST_ELEMENTS, drawing.MOST_ELEMENTS + 1])
def test_of_what_is_painted_words_have_the_ink_and_marks_what_a_canvas_shows_in_every_theme(rows, monkeypatch):
    sent = {}
    monkeypatch.setattr(st, "vega_lite_chart", lambda spec, **options: sent.update(spec))
    spec = dict(time_charts.trace("Norm of the gradient", "#000000"))
    drawing.show(spec, pd.DataFrame({"left": np.ones(rows)}), "alt", key=None)
    painted = rows > drawing.MOST_ELEMENTS
    assert sent.get("usermeta") == ({"embedOptions": {"renderer": "hybrid"}} if painted else None)
    inks = {one["mark"]["type"]: one["mark"]["color"] for one in sent["layer"] if "color" in one["mark"]}
    assert inks == {"rule": drawing.GREY if painted else drawing.INK, "text": drawing.INK}
    assert sent["config"] == spec["config"]
    # The chart itself stays as it is, for the next who asks.
    assert drawing.INK in [one["mark"].get("color") for one in spec["layer"] if one["mark"]["type"] == "rule"]


@pytest.mark.slow
def test_charts_that_are_made_at_the_same_time_keep_their_fields():
    def asked(n):
        color = f"#{n:06x}"
        made = why.decay(("a", "b"), (color, "#ffffff")), why.telephone(("a", "b"), (color, "#ffffff"))
        return json.dumps(made).replace(color, "#000000")

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(4) as threads:
            assert len(set(threads.map(asked, range(1, 40)))) == 1
    finally:
        sys.setswitchinterval(interval)


def test_every_chart_is_made_in_turn():
    """Whatever asks for a chart's structure is ``declared``; modules, which are read at any time, call no setter."""
    makers = []
    for path in Path(*vanish.ui.__path__).rglob("*.py"):
        text = path.read_text()
        for node in ast.parse(text).body if "import altair" in text or "finish" in text else ():
            calls = [ast.unparse(part.func) for part in ast.walk(node) if isinstance(part, ast.Call)]
            if isinstance(node, ast.FunctionDef):
                if {"finish", "drawing.finish"} & set(calls):
                    makers.append(node.name)
                    assert "declared" in map(ast.unparse, node.decorator_list), f"{path.name}: {node.name}"
            elif not isinstance(node, ast.ClassDef):
                setters = [call for call in calls if call.startswith("alt.") and ")." in call]
                assert not setters, f"{path.name}: {setters}"
    assert len(makers) > 30
