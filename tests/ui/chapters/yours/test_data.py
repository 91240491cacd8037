import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vanish import diagnose_log, read_log
from vanish.logs import State, nearest_network
from vanish.logs.judge import judged_sizes
from vanish.logs.judged import SEVERITY
from vanish.ui.chapters.yours import charts, data

WORDS = {"0": "exactly 0", "0.000": "below the last digit", "nan": "NaN", "inf": "infinite", "": "missing"}
CELLS = st.sampled_from(["1e-3", "2", "5e-7", *WORDS])


def table(rows, names):
    lines = [",".join(["step", *names]), *(",".join([str(step), *row]) for step, row in enumerate(rows))]
    return read_log("\n".join(lines) + "\n")


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=6))
def test_each_cell_of_a_small_picture_is_what_the_log_holds(rows):
    rows = [*rows, ["1", "1", "1"]]
    log = table(rows, ("fc1", "fc2", "fc3"))
    picture = data.picture(log, "weight")
    assert not picture.shared
    cells = {(one.layer, one.x): one for one in picture.cells.itertuples()}
    columns, sizes = judged_sizes(log)
    for place, column in enumerate(columns):
        for row, step in enumerate(log.steps):
            state = State(int(log.states[row, column]))
            if state == State.ABSENT:
                assert (log.names[column], step) not in cells
                continue
            cell = cells.pop((log.names[column], step))
            assert (None if pd.isna(cell.mark) else cell.mark) == data.MARKS.get(state)
            if state == State.NUMBER:
                assert cell.size == pytest.approx(sizes[row, place])
    assert not cells


@settings(max_examples=25)
@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=2, max_size=9))
def test_every_step_lies_in_the_stretch_of_its_verdict(rows):
    report = diagnose_log(table([*rows, ["1", "1", "1"]], ("fc1", "fc2", "fc3")))
    end = report.log.steps[-1] + 1
    stretches = data.verdicts(report, end)
    edges = [*stretches["x"], stretches["x2"].iloc[-1]]
    assert edges == sorted(set(edges))
    assert (edges[0], edges[-1]) == (report.course[0].step, end)
    assert list(stretches["x2"])[:-1] == edges[1:-1]
    for one in report.course:
        (verdict,) = stretches["verdict"][(stretches["x"] <= one.step) & (one.step < stretches["x2"])]
        assert verdict == one.verdict
    assert (stretches["verdict"] != stretches["verdict"].shift()).all()
    assert set(stretches["word"]) <= {"", *stretches["verdict"]}


def test_every_verdict_has_a_color_and_a_word_where_it_is_long_enough():
    assert charts.VERDICT_COLORS.keys() == SEVERITY.keys()
    report = diagnose_log(table([["1", "1", "1"]] * 9 + [["0", "1", "1"]], ("fc1", "fc2", "fc3")))
    assert list(data.verdicts(report, 100.0)["word"]) == ["", "dead"]
    assert list(data.verdicts(report, 10.0)["word"]) == ["healthy", "dead"]


def test_the_table_has_shares_of_zeros_where_the_log_has_them():
    report = diagnose_log(read_log("layer,rms,zeros\nfc1,0.1,0.9\nfc2,0.2,\n"))
    np.testing.assert_array_equal(data.layers(report)["zeros"], [0.9, np.nan])
    assert "zeros" not in data.layers(diagnose_log(read_log("layer,rms\nfc1,0.1\nfc2,0.2\n")))


def test_signs_of_the_chart_are_those_of_the_data():
    assert set(charts.MARKS) == set(data.MARKS.values())
    assert len(set(charts.SHAPES)) == len(charts.MARKS)


def test_colors_end_at_percentiles_without_the_first_steps():
    rows = [["1e30", "1e30"], *([f"{size:.6g}", f"{size:.6g}"] for size in np.logspace(-6, 0, 19))]
    picture = data.picture(table(rows, ("fc1", "fc2")), "weight")
    assert picture.low == pytest.approx(10 ** np.quantile(np.repeat(np.linspace(-6, 0, 19)[1:], 2), 0.05), rel=1e-4)
    assert picture.high < 1


def names_of(count, pattern="net.{}.w"):
    return [pattern.format(n) for n in range(count)]


@pytest.mark.parametrize(
    ("names", "rows", "modules"),
    [
        (names_of(60), 60, 0),
        (names_of(300), 300, 0),
        (names_of(1000), data.STRETCHES, data.STRETCHES),
        ([f"b{n // 10}.{n % 10}" for n in range(200)], 20, 20),
        ([f"a.b{n // 600}.{n % 600}" for n in range(1200)], 2, 2),
    ],
)
def test_many_layers_are_folded_and_no_more_rows_are_drawn_than_there_is_room_for(names, rows, modules):
    log = table([["1e-3"] * len(names)] * 2, names)
    picture = data.picture(log, "weight")
    assert (picture.rows, len(picture.modules)) == (rows, modules)
    assert picture.cells["layer"].nunique() == rows
    assert picture.shared == (rows < len(names))
    if modules:
        opened = data.picture(log, "weight", picture.modules[-1])
        assert 1 < opened.rows <= data.MOST_ROWS
        assert opened.modules == picture.modules


def test_a_folded_cell_is_the_mean_power_of_ten_unless_one_is_alarming():
    names = [f"b{n // 40}.{n % 40}" for n in range(80)]
    log = table([["1e-2", "1e-4"] * 40, [*["1e-2"] * 79, "0"]], names)
    cells = data.picture(log, "weight").cells
    first, last = cells[cells.x == 0], cells[cells.x == 1]
    assert first["size"].tolist() == pytest.approx([1e-3, 1e-3])
    assert last["mark"].isna().tolist() == [True, False]
    assert last["mark"].iloc[1] == "exactly 0"


def test_many_steps_share_columns():
    log = table([["1e-3", "1"]] * 1000, ("fc1", "fc2"))
    picture = data.picture(log, "weight")
    assert picture.cells["x"].nunique() == data.MOST_COLUMNS
    assert picture.shared
    widths = picture.cells["x2"] - picture.cells["x"]
    assert (widths > 0).all()


@pytest.mark.slow
def test_the_profile_has_the_nearest_network_beside_it():
    report = data.example("vanishing", data.Asked()).report
    alone, both = data.profile(report, None), data.profile(report, nearest_network(report))
    assert alone["value"].tolist() == report.sizes.tolist()
    assert alone["curve"].isna().all()
    assert (both["low"] <= both["curve"]).all()
    assert (both["curve"] <= both["high"]).all()
    assert np.abs(np.log10(both["curve"] / both["value"])).max() < 1


def test_what_was_printed_as_zero_is_no_zero_in_the_profile():
    report = diagnose_log(read_log("fc1: grad norm 0.000\nfc2: grad norm 0\nfc3: grad norm 0.5\n"))
    frame = data.profile(report, None)
    assert frame["sign"].tolist() == ["<", "0", ""]
    assert frame["size"][0] == 0.0005
    assert np.isnan(frame["value"][1])


@pytest.mark.parametrize("size", ["norm", "mean_abs"])
def test_a_size_that_the_log_has_is_taken_and_another_is_not(size):
    text = "step,layer,l2.0,mean_abs\n0,a1,1,10\n0,a2,4,20\n"
    opened = data.opened((("", text),), data.Asked(size=size, run="nobody"))
    assert opened.report.log.size == size
    assert data.opened((("", text),), data.Asked(size="rms")).report.log.size == "norm"


PARTS = st.sampled_from(["encoder", "layers", "0", "1", "attention", "weight", "fc1", "weird.end"])


@given(st.lists(st.lists(PARTS, min_size=1, max_size=6).map(".".join), min_size=1, max_size=8, unique=True))
def test_names_on_an_axis_stay_apart_and_can_be_told_in_full(names):
    short = data.shortened(names)
    assert [f"{short.beginning}{label}{short.end}" for label in short.labels] == names
    assert len(set(short.labels)) == len(names)
    assert all(short.labels)


def test_long_names_are_shown_without_what_all_of_them_share():
    short = data.shortened([f"encoder.layers.{n}.attention.weight" for n in range(12)])
    assert short.labels == tuple(map(str, range(12)))
    assert (short.beginning, short.end) == ("encoder.layers.", ".attention.weight")
    assert data.shortened(["0.weight", "2.weight"]).labels == ("0.weight", "2.weight")


@pytest.mark.parametrize(("rows", "all_names"), [(8, True), (23, True), (300, False)])
def test_names_stand_level_beside_their_rows_all_of_them_where_there_is_room(rows, all_names):
    for chart in (charts.heat_map(1e-6, 1, rows), charts.profile("Size", False, rows)):
        axis = chart["layer"][0]["encoding"]["y"]["axis"]
        assert "labelAngle" not in axis
        assert (axis["labelOverlap"] is False) == all_names
        assert chart["height"] <= 700
