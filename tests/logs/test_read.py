"""Whatever wrote a log, the same numbers come out of it; what is no number is told apart."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vanish
from vanish.logs import State
from vanish.logs.cells import read_cell
from vanish.logs.names import is_in_order, is_turned, kind_of, natural_order
from vanish.logs.nested import histogram_sizes

FIXTURES = Path(__file__).parent / "fixtures"
TRUTH = json.loads((FIXTURES / "truth.json").read_text())

NAMES = ("fc1.weight", "fc2.weight", "fc3.weight")
VALUES = ((0.0123, 0.2, 3.0), (0.02, 0.4, 5e-9))


def histogram(value):
    """W&B's histogram of entries that are all near one value."""
    return {"_type": "histogram", "values": [0, 8, 0], "bins": [0.0, value * (1 - 1e-9), value * (1 + 1e-9), 2 * value]}


def rows(separator=",", comma=False, header="step"):
    lines = [separator.join((header, *NAMES))]
    for step, values in enumerate(VALUES):
        cells = [f"{value:g}".replace(".", "," if comma else ".") for value in values]
        lines.append(separator.join((str(step), *cells)))
    return "\n".join(lines) + "\n"


def pairs():
    for step, values in enumerate(VALUES):
        for name, value in zip(NAMES, values, strict=True):
            yield step, name, value


def records():
    return [{"step": step, **dict(zip(NAMES, values, strict=True))} for step, values in enumerate(VALUES)]


def nested(size):
    return [
        {"epoch": step, "loss": 2.3, size: dict(zip(NAMES, values, strict=True))} for step, values in enumerate(VALUES)
    ]


# The same numbers as each tool writes them: (text, or names with texts; the size that it says they are).
LOGS = {
    "a column a layer": (rows(), "unknown"),
    "semicolons and decimal commas": (rows(";", comma=True), "unknown"),
    "tabs, a mark and CRLF": ("\ufeff" + rows("\t").replace("\n", "\r\n"), "unknown"),
    "comments and blank lines": ("# run 3\n\n" + rows().replace("\n0,", "\n# here\n0,"), "unknown"),
    "quotes": (rows().replace("fc1.weight", '"fc1.weight"').replace("0.0123", '"0.0123"'), "unknown"),
    "lightning": (
        rows()
        .replace("fc", "grad_2.0_norm/fc")
        .replace("step", "epoch,step", 1)
        .replace("\n0", "\n0,0")
        .replace("\n1", "\n0,1"),
        "norm",
    ),
    "lightning, older": (rows().replace("fc", "grad_2.0_norm_fc").replace(".weight", ".weight_step"), "norm"),
    "wandb": (rows().replace("fc", "cool-run-1 - gradients/fc").replace("step", '"Step"'), "unknown"),
    "a row a layer": (
        "step,layer,kind,grad_norm\n" + "".join(f"{s},{n[:3]},weight,{v}\n" for s, n, v in pairs()),
        "norm",
    ),
    "name and value": ("".join(f"{name},{value}\n" for _, name, value in pairs()), "unknown"),
    "tensorboard": (
        {
            f"run-a-tag-gradients_{name}.csv": "Wall time,Step,Value\n"
            + "".join(f"1700000000.5,{step},{values[place]}\n" for step, values in enumerate(VALUES))
            for place, name in enumerate(NAMES)
        },
        "unknown",
    ),
    "statistics": (
        {
            f"{name}.csv": "epoch,batch,mean,var,min,abs_min,max,abs_max,l2.0\n"
            + "".join(f"0,{step},-1e-5,2e-4,-3,0,2,3,{values[place]}\n" for step, values in enumerate(VALUES))
            for place, name in enumerate(NAMES)
        },
        "norm",
    ),
    "json records": (json.dumps(records()), "unknown"),
    "json lines": ("\n".join(map(json.dumps, records())), "unknown"),
    "epochs with a dict": (json.dumps(nested("grad_norms")), "norm"),
    "epochs with a dict of mean |g|": (json.dumps(nested("mean_abs_grad")), "mean_abs"),
    "a dict of lists": (
        json.dumps({name: [values[n] for values in VALUES] for n, name in enumerate(NAMES)}),
        "unknown",
    ),
    "a dict of steps": (
        json.dumps({f"step {n}": dict(zip(NAMES, values, strict=True)) for n, values in enumerate(VALUES)}),
        "unknown",
    ),
    "modules in modules": (
        json.dumps([{n[:3]: {"weight": v} for n, v in zip(NAMES, values, strict=True)} for values in VALUES]),
        "unknown",
    ),
    "histograms": (
        "\n".join(
            json.dumps({"_step": s} | {f"gradients/{n}": histogram(v) for n, v in zip(NAMES, values, strict=True)})
            for s, values in enumerate(VALUES)
        ),
        "rms",
    ),
    "printed": ("".join(f"{name} | grad norm: {value}\n" for _, name, value in pairs()), "norm"),
    "sizes behind the names": (rows().replace(".weight", ".weight/rms"), "rms"),
    "a data frame as JSON": (
        json.dumps({n: {str(s): values[place] for s, values in enumerate(VALUES)} for place, n in enumerate(NAMES)}),
        "unknown",
    ),
    "a table as JSON": (
        json.dumps({"columns": ["step", "layer", "grad_norm"], "data": [list(pair) for pair in pairs()]}),
        "norm",
    ),
    "printed below a title": ("Gradient norms:\n" + "".join(f"{n}: {v}\n" for _, n, v in pairs()), "norm"),
    "printed with steps": ("".join(f"step {s}: {n} grad RMS = {v}\n" for s, n, v in pairs()), "rms"),
    "printed tensors": ("".join(f"{n} tensor({v}, device='cuda:0')\n" for _, n, v in pairs()), "unknown"),
    "printed dicts": (
        "".join(f"epoch {s}: {dict(zip(NAMES, values, strict=True))}\n" for s, values in enumerate(VALUES)),
        "unknown",
    ),
    "between progress bars": (
        "".join(
            f"\x1b[32m {s}0%|##   | {s}/9 [00:01<00:02, 3.2it/s, loss=2.3]\rgrad_norm/{n}: {v}\n" for s, n, v in pairs()
        ),
        "norm",
    ),
}


@pytest.mark.parametrize("kind", LOGS)
def test_every_format_holds_the_same_numbers(kind):
    text, size = LOGS[kind]
    log = vanish.read_log(text)
    assert log.names == NAMES
    assert (log.size, log.problems) == (size, ())
    np.testing.assert_allclose(log.values, VALUES, rtol=1e-9)
    assert (log.states == State.NUMBER).all()
    assert log.steps.tolist() == [0, 1]


def test_lists_have_layers_for_names():
    for text in (json.dumps(VALUES), "\n".join(",".join(map(str, values)) for values in VALUES)):
        log = vanish.read_log(text)
        assert log.names == ("layer 1", "layer 2", "layer 3")
        np.testing.assert_array_equal(log.values, VALUES)
    log = vanish.read_log("layer,mean |grad|\n1,0.5\n2,0.25\n")
    assert (log.names, log.size) == (("layer 1", "layer 2"), "mean_abs")


def test_a_course_on_activations_prints_standard_deviations():
    text = (
        "layer 1 (      Tanh): mean +0.000010, std 4.205588e-04\n"
        "layer 3 (      Tanh): mean -0.000003, std 3.991179e-04\n"
    )
    log = vanish.read_log(text)
    assert (log.names, log.size) == (("layer 1", "layer 3"), "std")
    np.testing.assert_array_equal(log.values, [[4.205588e-04, 3.991179e-04]])
    weights = (
        "weight   (27, 10) | mean +0.000980 | std 1.189171e-02 | grad:data ratio 1.189149e-02\n"
        "weight  (30, 200) | mean +0.000118 | std 1.005291e-03 | grad:data ratio 3.214556e-03\n"
    )
    log = vanish.read_log(weights)
    assert log.entries.tolist() == [270, 6000]
    np.testing.assert_array_equal(log.values, [[1.189171e-02, 1.005291e-03]])


def test_the_report_of_overflow_is_of_outputs_on_the_way_forward():
    text = """Detected inf/nan during batch_number=0
Last 21 forward frames:
abs min  abs max  metadata
                  encoder.block.1.layer.1.DenseReluDense.dropout Dropout
0.00e+00 2.57e+02 input[0]
0.00e+00 2.85e+02 output
                  encoder.block.2.layer.1.DenseReluDense.wo Linear
2.17e-07 4.50e+00 weight
1.79e-06 4.65e+00 input[0]
2.68e-06      inf output
"""
    log = vanish.read_log(text)
    assert log.forward
    assert log.values.tolist() == [[285.0, math.inf]]
    report = vanish.diagnose_log(log)
    assert report.verdict == "overflow"
    assert report.layers == ("encoder.block.2.layer.1.DenseReluDense.wo",)
    assert "gradient" not in report.findings[0].text


def test_a_report_of_several_batches_has_a_step_for_each():
    frame = "                  encoder.wo Linear\n2.17e-07 4.50e+00 weight\n1.00e-06 {} output\n"
    text = "abs min  abs max  metadata\n" + "".join(
        f"\n                  *** Starting batch number={batch} ***\n" + frame.format(size)
        for batch, size in ((1, "2.50e+00"), (3, "5.00e+00"))
    )
    log = vanish.read_log(text)
    assert (log.steps.tolist(), log.values[:, 0].tolist()) == ([1, 3], [2.5, 5])


@pytest.mark.parametrize("file", [name for name in TRUTH if "verdict" in TRUTH[name]])
def test_real_runs_are_judged_as_they_were(file):
    truth = TRUTH[file]
    log = vanish.read_log(FIXTURES / file)
    report = vanish.diagnose_log(log)
    assert report.verdict == truth["verdict"]
    assert len(report.names) == truth["layers"]
    if "dead_layers" in truth:
        assert list(report.diagnosis.dead) == truth["dead_layers"]
    if "between" in truth:
        assert list(report.diagnosis.layers) == truth["between"]
    if "first_over_last_mean_abs" in truth:
        assert log.size == "mean_abs"
        assert report.ratio == pytest.approx(truth["first_over_last_mean_abs"], rel=1e-6)


def test_shapes_make_lengths_comparable():
    shapes = {"0.weight": (32, 64), "14.weight": (10, 32)} | {f"{n}.weight": (32, 32) for n in range(2, 14, 2)}
    truth = TRUTH["lightning_metrics.csv"]["first_over_last_rms_last_step"]
    path = FIXTURES / "lightning_metrics.csv"
    without = vanish.diagnose_log(vanish.read_log(path))
    assert not without.per_entry
    assert any("shapes" in finding.text for finding in without.findings)
    written = " ".join(f"{name}=[{a},{b}]" for name, (a, b) in shapes.items())
    for given_shapes in (shapes, written):
        report = vanish.diagnose_log(vanish.read_log(path, shapes=given_shapes))
        assert report.per_entry
        assert report.ratio == pytest.approx(truth, rel=1e-5)


ARRAYS = np.array(VALUES)


@pytest.mark.parametrize(
    "text",
    [
        str(ARRAYS),
        repr(ARRAYS),
        "\n".join(f"array({list(map(float, row))})" for row in VALUES),
        "\n".join(str([np.float64(value) for value in row]) for row in VALUES),
        "".join(f"tensor([{', '.join(f'{value:.9e}' for value in row)}], device='cuda:0')\n" for row in VALUES),
    ],
    ids=["print", "repr", "a row a line", "NumPy 2's floats", "tensors"],
)
def test_arrays_are_read_as_they_are_printed(text):
    with np.printoptions(precision=17):
        log = vanish.read_log(text)
    assert log.names == ("layer 1", "layer 2", "layer 3")
    np.testing.assert_allclose(log.values, VALUES, rtol=1e-7)
    assert (log.steps.tolist(), log.size, log.problems) == ([0, 1], "unknown", ())
    assert log.sources == ("arrays as they are printed: a place a layer",)


def test_what_stands_before_an_array_says_its_step_and_its_size():
    log = vanish.read_log("epoch 3 grad norms: [1.2e-05 3.4e-06\n 0. ]\nepoch 5 grad norms: [nan inf 2.0e-05]\n")
    assert (log.steps.tolist(), log.size) == ([3, 5], "norm")
    wanted = [[State.NUMBER, State.NUMBER, State.ZERO], [State.NAN, State.INFINITE, State.NUMBER]]
    assert log.states.tolist() == wanted


@pytest.mark.parametrize(("text", "why"), [("[0.1 0.02 ... 0.3 0.4]", "leaves out the middle"), ("a [0.5, x]", "got")])
def test_an_array_without_all_its_numbers_is_none(text, why):
    with pytest.raises(ValueError, match=why):
        vanish.read_log(text)


@settings(max_examples=25)
@given(st.lists(st.lists(st.floats(1e-30, 1e30), min_size=3, max_size=3), min_size=2, max_size=5))
def test_a_printed_array_is_the_array(rows):
    with np.printoptions(precision=17, floatmode="unique"):
        log = vanish.read_log(str(np.array(rows)))
    np.testing.assert_array_equal(log.values, rows)


def test_tensorboards_json_of_a_scalar_is_a_parameters_course():
    files = {
        f"run-fit-tag-grad_norm_{name}.json": json.dumps([[1.7e9 + s, 10 * s, row[n]] for s, row in enumerate(VALUES)])
        for n, name in enumerate(NAMES)
    }
    log = vanish.read_log(files)
    assert (log.names, log.size, log.problems) == (NAMES, "norm", ())
    assert log.steps.tolist() == [0, 10]
    np.testing.assert_array_equal(log.values, VALUES)
    # Another run's file beside them is another run.
    more = {**files, "run-other-tag-grad_norm_fc9.weight.json": "[[1.7e9, 0, 5.0]]"}
    assert vanish.read_log(more).names == NAMES
    assert vanish.read_log(more, run="other").values.tolist() == [[5.0]]
    # Three layers' sizes are none, whatever the first of them is.
    assert vanish.read_log("[[5.0, 0, 1.0], [6.0, 1, 0.5]]").n_parameters == 3


SHARES = {
    "the hook's lines": "".join(
        json.dumps({"step": s, "name": n, "rms": v, "zeros": z}) + "\n"
        for s, n, v, z in ((0, "fc1", 0.1, 0.75), (0, "fc2", 0.2, 0.0), (1, "fc1", 0.3, 0.5), (1, "fc2", 0.4, None))
    ),
    "a long table": "step,layer,rms,zeros\n0,fc1,0.1,0.75\n0,fc2,0.2,0\n1,fc1,0.3,0.5\n1,fc2,0.4,\n",
    "statistics in a dict": json.dumps(
        [
            {"step": 0, "fc1": {"rms": 0.1, "zeros": 0.75}, "fc2": {"rms": 0.2, "zeros": 0}},
            {"step": 1, "fc1": {"rms": 0.3, "zeros": 0.5}, "fc2": {"rms": 0.4, "zeros": None}},
        ]
    ),
}


@pytest.mark.parametrize("kind", SHARES)
def test_a_share_of_zeros_is_kept_beside_the_sizes(kind):
    log = vanish.read_log(SHARES[kind])
    assert (log.names, log.size, log.problems) == (("fc1", "fc2"), "rms", ())
    np.testing.assert_array_equal(log.values, [[0.1, 0.2], [0.3, 0.4]])
    np.testing.assert_array_equal(log.zeros, [[0.75, 0], [0.5, np.nan]])
    assert vanish.diagnose_log(log).zeros == {"fc1": 0.5}
    report = vanish.diagnose_log(log, step=0)
    (finding,) = (one for one in report.findings if one.about == "zeros")
    assert (finding.layers, finding.numbers) == (("fc1",), {"share": 0.75})
    assert "1 of 2 layers: up to 75 %, in fc1" in finding.text
    assert json.loads(report.to_json())["share_of_zeros"] == {"fc1": 0.75, "fc2": 0.0}


def test_shares_of_zeros_alone_are_no_log_and_what_is_no_share_is_none():
    with pytest.raises(ValueError, match="shares of zeros say nothing of their size"):
        vanish.read_log("layer,zeros\nfc1,0.9\nfc2,0.1\n")
    log = vanish.read_log("layer,rms,zeros\nfc1,0.1,17\nfc2,0.2,nan\n")
    assert np.isnan(log.zeros).all()
    assert vanish.diagnose_log(log).zeros == {}
    assert vanish.read_log("layer,rms\nfc1,0.1\nfc2,0.2\n").zeros is None


def test_steps_are_those_of_the_log():
    log = vanish.read_log(FIXTURES / "nested_lists.json")
    assert log.values.shape == (TRUTH["nested_lists.json"]["steps"], TRUTH["nested_lists.json"]["layers"])


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("0", State.ZERO),
        ("0.0", State.ZERO),
        ("0.000e+00", State.ZERO),
        ("0.0000000000", State.BELOW),
        ("-0.00", State.BELOW),
        ("1e-400", State.BELOW),
        ("", State.MISSING),
        ("None", State.MISSING),
        ("null", State.MISSING),
        ("nan", State.NAN),
        ("NaN", State.NAN),
        ("inf", State.INFINITE),
        ("-Infinity", State.INFINITE),
        ("1e999", State.INFINITE),
        ("1,5e-3", State.NUMBER),
        ("tensor(1.5e-3)", State.NUMBER),
    ],
)
def test_what_stands_in_a_cell_is_told_apart(text, state):
    cell = read_cell(text)
    assert cell.state == state
    if state == State.NUMBER:
        assert cell.value == 1.5e-3
    if text == "0.0000000000":
        assert cell.resolution == 0.5e-10


@pytest.mark.parametrize("text", ["abc", "1_000", "0x10", "--1", "1e", "nano"])
def test_what_is_no_number_is_none(text):
    assert read_cell(text) is None


def test_states_survive_every_way_of_writing_them():
    wide = vanish.read_log("step,a.weight,b.weight,c.weight,d.weight,e.weight\n0,0,0.0000,,nan,inf\n1,1,1,1,1,1\n")
    data = '[{"a.weight": 0, "b.weight": 0.0000, "c.weight": null, "d.weight": NaN, "e.weight": Infinity}]'
    for log in (wide, vanish.read_log(data)):
        expected = [State.ZERO, State.BELOW, State.MISSING, State.NAN, State.INFINITE]
        assert log.states[0].tolist() == expected
        assert log.resolution[1] == 0.5e-4


def test_names_sort_as_numbers():
    log = vanish.read_log("step,l.1.weight,l.10.weight,l.2.weight\n0,1,10,2\n")
    assert log.names == ("l.1.weight", "l.2.weight", "l.10.weight")
    assert log.values.tolist() == [[1, 2, 10]]
    assert log.decided("order").choice == "by number"
    log = vanish.read_log("step,l.10.weight,l.2.weight,l.1.weight\n0,10,2,1\n")
    assert log.values.tolist() == [[1, 2, 10]]
    assert log.decided("order").choice == "turned round"
    log = vanish.read_log("step,stem,head\n0,1,2\n", order="turned round")
    assert log.names == ("head", "stem")
    assert vanish.read_log("step,stem,head\n0,1,2\n").names == ("stem", "head")


def test_an_alphabetical_order_of_mixed_modules_becomes_that_of_the_numbers():
    names = ["bn1.weight", "bn2.weight", "conv1.weight", "conv10.weight", "conv2.weight", "fc.weight"]
    ordered = [names[place] for place in natural_order(names)]
    assert ordered == ["bn1.weight", "conv1.weight", "bn2.weight", "conv2.weight", "conv10.weight", "fc.weight"]


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=30, unique=True))
def test_numbers_in_names_decide_the_order(numbers):
    names = [f"blocks.{number}.attn.weight" for number in numbers]
    ordered = [names[place] for place in natural_order(names)]
    assert ordered == [f"blocks.{number}.attn.weight" for number in sorted(numbers)]
    assert is_in_order(ordered)
    assert is_turned(ordered[::-1]) == (len(names) > 1)


def test_kinds_are_known_by_name_and_shape():
    kinds = {
        "layers.3.weight": "weight",
        "fc1.bias": "bias",
        "lstm.bias_hh_l0": "bias",
        "blocks.0.ln_1.weight": "normalization",
        "bn1.bias": "normalization",
        "encoder.layer_norm.weight": "normalization",
        "wte.weight": "embedding",
        "token_embedding.weight": "embedding",
        "normal_head.weight": "weight",
        "balance.weight": "weight",
    }
    assert {name: kind_of(name) for name in kinds} == kinds
    assert kind_of("1.weight", (32,)) == "normalization"


def test_of_several_sizes_the_most_telling_is_taken_and_another_can_be():
    text = "step,layer,mean,l2,max_abs\n0,a,-1e-3,3,9\n0,b,1e-3,4,8\n"
    assert vanish.read_log(text).values.tolist() == [[3, 4]]
    log = vanish.read_log(text, size="max_abs")
    assert log.values.tolist() == [[9, 8]]
    assert log.decided("size").options == ("norm", "max_abs", "mean")


def test_one_of_several_runs_is_taken_and_said():
    text = '"Step","a - gradients/fc1.weight","b - gradients/fc1.weight"\n0,1,2\n1,3,4\n'
    log = vanish.read_log(text)
    assert log.values[:, 0].tolist() == [1, 3]
    assert log.decided("run").options == ("a", "b")
    assert vanish.read_log(text, run="b").values[:, 0].tolist() == [2, 4]


def test_files_of_two_runs_are_told_apart_by_name_or_folder(tmp_path):
    text = "Wall time,Step,Value\n1,0,{}\n2,1,{}\n"
    files = {f"run-{run}-tag-grad_fc1.weight.csv": text.format(v, v) for run, v in (("a", 1), ("b", 2))}
    paths = []
    for run, v in (("a", 1), ("b", 2)):
        (tmp_path / run).mkdir()
        paths.append(tmp_path / run / "fc1.weight.csv")
        paths[-1].write_text(text.format(v, v))
    for source in (files, paths):
        log = vanish.read_log(source)
        assert (log.names, log.values[:, 0].tolist()) == (("fc1.weight",), [1, 1])
        assert log.decided("run").options == ("a", "b")
        assert vanish.read_log(source, run="b").values[:, 0].tolist() == [2, 2]
        with pytest.raises(ValueError, match=r"run must be one of a, b, got 'c'"):
            vanish.read_log(source, run="c")


def test_a_loss_scaler_is_recognised_by_its_first_steps():
    head = "step,a.weight,b.weight\n"
    scaled = head + "".join(f"{s},{v},{v}\n" for s, v in enumerate(["inf", "inf", "3e4", "4e4", "3e4"]))
    assert vanish.read_log(scaled).loss_scale == 2.0**14
    plain = head + "".join(f"{s},{v},{v}\n" for s, v in enumerate(["inf", "0.1", "0.2"]))
    assert vanish.read_log(plain).loss_scale == 1.0
    assert vanish.read_log(plain, loss_scale=8.0).loss_scale == 8.0
    assert vanish.diagnose_log(vanish.read_log(plain, loss_scale=8.0)).sizes.tolist() == [0.2 / 8] * 2


def test_what_cannot_be_read_is_said_and_the_rest_is_read():
    log = vanish.read_log({"run.csv": "step,a.weight,b.weight\n0,1,2\n1,oops,3\n2,4\n"})
    assert log.values[:2, 1].tolist() == [2, 3]
    first, second = map(str, log.problems)
    assert first == "run.csv, row 3, column a.weight: expected a number, nan, inf, or nothing, got 'oops'"
    assert second == "run.csv, row 4: expected 3 fields, as in the first row, got '2 fields'"


@pytest.mark.parametrize(
    "text", ["", "hello world", "a,b\nx,y\n", "[" * 100_000, '{"a": "b"}', "[]", "{}", "\0\0", "1"]
)
def test_nothing_to_read_is_refused_with_what_stood_there(text):
    with pytest.raises(ValueError, match=r"^source must hold gradients by layer, got none: .*expected"):
        vanish.read_log({"x.txt": text})


def test_batches_that_each_epoch_counts_anew_are_counted_on():
    rows = [(epoch, batch, name) for epoch in (1, 2) for batch in (0, 1) for name in ("fc1", "fc2")]
    table = "epoch,batch,layer,grad_norm\n" + "".join(f"{e},{b},{n},{10 * e + b}\n" for e, b, n in rows)
    lines = "\n".join(json.dumps({"epoch": e, "batch": b, "layer": n, "grad_norm": 10 * e + b}) for e, b, n in rows)
    for text in (table, lines):
        log = vanish.read_log(text)
        assert log.steps.tolist() == [0, 1, 2, 3]
        assert log.values[:, 0].tolist() == [10, 11, 20, 21]
    lines = '{"epoch": 1, "step": 50, "fc1.weight": 1}\n{"epoch": 2, "step": 100, "fc1.weight": 2}'
    assert vanish.read_log(lines).steps.tolist() == [50, 100]


def test_rows_that_hold_a_parameter_each_are_one_step_until_one_comes_again():
    texts = (
        "step,a.w,b.w,c.w\n0,1,,\n1,,2,\n2,,,3\n3,4,,\n4,,5,\n5,,,6\n",
        "step,a.w,b.w,c.w\n0,1,,\n0,,2,\n0,,,3\n3,4,,\n3,,5,\n3,,,6\n",
    )
    for text in texts:
        log = vanish.read_log(text)
        assert log.steps.tolist() == [0, 3]
        assert log.values.tolist() == [[1, 2, 3], [4, 5, 6]]
    frozen = vanish.read_log("step,a.w,b.w,c.w\n0,,,1\n1,,,2\n")
    assert frozen.states.tolist() == [[State.MISSING, State.MISSING, State.NUMBER]] * 2


def test_a_steps_number_that_is_none_lies_between_its_neighbours():
    log = vanish.read_log("step,a.w,b.w\n10,1,2\nx,3,4\n30,5,6\n")
    assert log.steps.tolist() == [10, 20, 30]
    assert str(log.problems[0]) == "the text, row 3, column step: expected a step's number, got 'x'"


def test_a_run_that_is_resumed_writes_steps_again_and_the_later_count():
    log = vanish.read_log("step,a.w\n0,1\n10,2\n20,3\n20,4\n30,5\n")
    assert log.steps.tolist() == [0, 10, 20, 30]
    assert log.values[:, 0].tolist() == [1, 2, 4, 5]


def test_the_rows_numbers_of_a_data_frame_are_steps():
    for head in (",fc1.weight,fc2.weight", "fc1.weight,fc2.weight", "n,fc1.weight,fc2.weight"):
        log = vanish.read_log(f"{head}\n0,0.1,0.2\n1,0.3,0.4\n")
        assert (log.names, log.steps.tolist()) == (("fc1.weight", "fc2.weight"), [0, 1])


def test_records_without_a_step_begin_one_when_a_layer_comes_again():
    log = vanish.read_log(json.dumps([{"layer": n, "grad_norm": v} for v in (1, 2) for n in ("fc1", "fc2")]))
    assert log.values.tolist() == [[1, 1], [2, 2]]


def test_what_the_loss_was_multiplied_by_is_read_from_any_format():
    texts = (
        "step,loss_scale,fc1.weight,fc2.weight\n0,8,8,16\n1,4,4,8\n",
        "step,layer,grad_norm,loss_scale\n0,fc1.weight,8,8\n0,fc2.weight,16,8\n1,fc1.weight,4,4\n1,fc2.weight,8,4\n",
        '[{"step": 0, "loss_scale": 8, "grads": {"fc1.weight": 8, "fc2.weight": 16}}, '
        '{"step": 1, "loss_scale": 4, "grads": {"fc1.weight": 4, "fc2.weight": 8}}]',
    )
    for text in texts:
        log = vanish.read_log(text)
        assert log.loss_scale == 4
        assert log.values.tolist() == [[4, 8], [4, 8]]
        assert vanish.diagnose_log(log).sizes.tolist() == [1, 2]
        assert vanish.read_log(text, loss_scale=2).values[0].tolist() == [8, 16]


def test_a_layer_with_its_statistics_in_a_dict():
    first = {"rms": 1, "zeros": 0.5, "entries": 6, "shape": [2, 3]}
    log = vanish.read_log(json.dumps({"fc1.weight": first, "fc2.weight": {"rms": 2, "entries": 9}}))
    assert (log.names, log.size) == (("fc1.weight", "fc2.weight"), "rms")
    assert log.entries.tolist() == [6, 9]
    assert log.shapes == {"fc1.weight": (2, 3)}


def test_a_size_that_the_log_does_not_name_can_be_named():
    shapes = {"fc1.weight": (2, 2), "fc2.weight": (3, 3), "fc3.weight": (4, 4)}
    log = vanish.read_log(rows(), size="norm", shapes=shapes)
    assert log.size == "norm"
    assert vanish.diagnose_log(log).sizes.tolist() == pytest.approx([0.02 / 2, 0.4 / 3, 5e-9 / 4])


def test_more_than_can_be_shown_is_thinned_evenly_and_said():
    text = json.dumps([[1.0 + step] * 2 for step in range(4001)])
    log = vanish.read_log(text)
    assert len(log.steps) == 2000
    assert (log.steps[0], log.steps[-1]) == (0, 4000)
    assert log.decided("thinned").choice == "2 of 2 parameters, 2000 of 4001 steps"
    names = sorted(f"l.{n}.weight" for n in range(5000))
    wide = vanish.read_log(f"step,{','.join(names)}\n0{',0.1' * 5000}\n")
    assert (len(wide.names), wide.names[0], wide.names[-1]) == (4000, "l.0.weight", "l.4999.weight")
    with pytest.raises(ValueError, match=r"source must be files of up to 5 MB, got 5\.0 MB"):
        vanish.read_log("0.1,0.2\n" * 626_000)


@given(st.lists(st.integers(-(10**6), 10**6), min_size=20, max_size=200), st.floats(1e-6, 1e6))
def test_a_histograms_sizes_are_those_of_its_entries(values, unit):
    entries = np.array(values) * unit
    counts, edges = np.histogram(entries, bins=2000)
    sizes = histogram_sizes(counts.astype(float), edges)
    width = edges[1] - edges[0]
    assert sizes["rms"] == pytest.approx(np.sqrt(np.mean(entries**2)), abs=2 * width)
    assert sizes["mean_abs"] == pytest.approx(np.abs(entries).mean(), abs=2 * width)
    assert sizes["max_abs"] == pytest.approx(np.abs(entries).max(), abs=2 * width)


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text):
    try:
        log = vanish.read_log({"x": text})
    except ValueError:
        return
    vanish.diagnose_log(log).to_html()


@pytest.mark.parametrize("stem", ["l", "L", "grad_l", "grad_norm_"])
def test_layers_that_are_called_as_norms_are_layers_where_there_are_more(stem):
    names = [f"{stem}{number}" for number in range(1, 5)]
    records = [{"step": step, **dict(zip(names, (1e-6, 1e-4, 1e-2, 1.0), strict=True))} for step in (7, 8)]
    rows = [names, *([f"{record[name]}" for name in names] for record in records)]
    for text in (
        "\n".join(map(",".join, rows)),
        "\n".join(map(json.dumps, records)),
        "\n".join(" ".join(f"{key} {value}" for key, value in record.items()) for record in records),
    ):
        log = vanish.read_log(text)
        assert log.names == tuple(names), text
        assert log.values[0].tolist() == [1e-6, 1e-4, 1e-2, 1.0]
    assert vanish.read_log("name,l1,l2\nfc1,3,2\nfc2,3,4").values.tolist() == [[2.0, 4.0]]


# Columns that could be one thing or another


@pytest.mark.parametrize("names", [("l1", "l2"), ("L2", "L1"), ("norm_1", "norm_2")])
def test_two_columns_that_are_numbered_as_layers_are_layers_and_it_says_so(names):
    records = [dict(zip(names, sizes, strict=True)) for sizes in ((1e-5, 0.1), (2e-5, 0.2))]
    for text in (
        f"step,{','.join(names)}\n0,1e-5,0.1\n1,2e-5,0.2\n",
        "\n".join(map(json.dumps, records)),
        json.dumps([{"step": step, **record} for step, record in enumerate(records)]),
    ):
        log = vanish.read_log(text)
        assert set(log.names) == set(names)
        assert log.values[:, log.names.index(names[0])].tolist() == [1e-5, 2e-5]
        assert log.decided("columns").choice == "two layers"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("", "step,l1_norm,l2_norm\n0,3,2\n1,3,2\n"),
        ("", "step,l1,l2,max_abs\n0,3,2,1\n1,3,2,1\n"),
        ("", "layer,l1,l2\nfc1,3,2\nfc2,3,2\n"),
        ("fc1.weight.csv", "step,l1,l2\n0,3,2\n1,3,2\n"),
        ("", '[{"step": 0, "l1": 3, "l2": 2, "max_abs": 1}]'),
        ("", '[{"name": "fc1", "l1": 3, "l2": 2}]'),
        ("", '[{"fc1": {"l1": 3, "l2": 2}}]'),
        ("fc1.weight.json", '[{"step": 0, "l1": 3, "l2": 2}]'),
        # Of several layers, one entry each.
        ("", '{"l1": [3, 3], "l2": [2, 2]}'),
    ],
)
def test_two_norms_of_a_layer_that_is_named_or_beside_others_stay_norms(file, text):
    log = vanish.read_log({file: text})
    assert log.size == "norm"
    assert (log.values == 2).all()
    assert log.decided("columns") is None


def test_columns_that_hold_something_else_are_named():
    log = vanish.read_log("step,fc_1,fc_2,val_3,loss\n0,1e-5,1e-1,.5,2\n1,2e-5,1e-1,.5,2\n")
    assert log.names == ("fc_1", "fc_2")
    assert log.decided("left_out").choice == "val_3, loss"
    # Beside gradients that are called so, what is not.
    log = vanish.read_log("step,grad/fc1,grad/fc2,fc1\n0,1e-5,1e-1,3\n1,2e-5,1e-1,3\n")
    assert log.decided("left_out").choice == "fc1"
    many = ",".join(f"val_{n}" for n in range(9))
    log = vanish.read_log(f"step,fc1,fc2,{many}\n" + "".join(f"{n},1,2{',3' * 9}\n" for n in range(2)))
    assert log.decided("left_out").choice == "val_0, val_1, val_2, val_3, val_4, val_5 and 3 more"
    assert vanish.read_log("step,fc1,fc2\n0,1,2\n1,1,2\n").decided("left_out") is None


def test_where_all_columns_hold_something_else_the_refusal_names_them():
    with pytest.raises(ValueError, match="got 'step, val_1, val_2, val_3'"):
        vanish.read_log("step,val_1,val_2,val_3\n0,1e-5,1e-3,1e-1\n1,2e-5,2e-3,2e-1\n")
