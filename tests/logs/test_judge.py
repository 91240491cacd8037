"""A log's verdict, its evidence and its forms."""

import json
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import vanish


def log_of(*rows, names=None):
    names = names or [f"layers.{n}.weight" for n in range(len(rows[0]))]
    return vanish.read_log(json.dumps([dict(zip(names, row, strict=True)) | {"step": n} for n, row in enumerate(rows)]))


def report_of(*rows, **options):
    return vanish.diagnose_log(log_of(*rows), **options)


@pytest.mark.parametrize("factor", [0.055721, 0.5, 1.0, 1.466942])
def test_the_interval_holds_the_true_factor_in_19_of_20_runs(factor):
    generator = np.random.default_rng(7)
    held = 0
    for depth in generator.integers(6, 40, 1000):
        decades = np.log10(factor) * np.arange(depth)[::-1] + generator.normal(0, 0.3, depth)
        found = vanish.logs.judge.factor_of(10**decades)
        held += found.low <= factor <= found.high
    assert 935 <= held <= 965


def test_the_verdict_is_that_of_the_step_asked_for():
    fine, gone = [0.9, 1.0, 1.1], [1e-9, 1e-4, 1.0]
    report = report_of(fine, fine, gone, gone)
    assert (report.verdict, report.since, report.severity) == ("vanishing", 2, "error")
    assert [verdict.verdict for verdict in report.course] == ["healthy", "healthy", "vanishing", "vanishing"]
    assert report_of(fine, fine, gone, gone, step=1).verdict == "healthy"
    assert report_of(gone).since is None


def test_dead_missing_and_overflowing_layers_are_named():
    assert report_of([0.1, None, 0.2]).layers == ("layers.1.weight",)
    assert report_of([0.1, None, 0.2]).verdict == "missing"
    assert report_of([0.1, 0, 0.2]).verdict == "dead"
    assert report_of([0.1, float("inf"), 0.2]).verdict == "overflow"


def test_a_parameter_of_which_the_log_says_nothing_is_none_that_no_gradient_reached():
    text = "step,layer,grad_norm\n0,fc1,1\n0,fc2,1\n1,fc1,1\n"
    report = vanish.diagnose_log(vanish.read_log(text))
    assert report.verdict == "healthy"
    assert report.silent == ("fc2",)


def test_the_last_step_that_is_judged_holds_weights():
    text = "step,layer,grad_norm\n0,a.weight,1\n0,b.weight,2\n0,a.bias,1\n1,a.bias,1\n2,a.bias,1\n"
    log = vanish.read_log(text)
    for asked in (None, 2):
        report = vanish.diagnose_log(log, step=asked)
        assert (report.step, report.verdict, report.names) == (0, "healthy", ("a.weight", "b.weight"))
    assert vanish.diagnose_log(log, parameters="bias").step == 2


def test_of_many_layers_those_that_are_no_number_and_the_ends_are_judged():
    row = [1.0] * 2000
    row[3], row[7], row[11] = 0.0, 1e-3, 5.0
    report = report_of(row)
    assert report.layers == ("layers.3.weight",)
    names = set(report.names)
    assert {f"layers.{n}.weight" for n in (0, 3, 7, 11, 1999)} <= names
    assert any(f"{len(names)} of 2,000 layers were judged" in finding.text for finding in report.findings)


def test_printed_zeros_bound_the_ratio_and_leave_the_factor_alone():
    text = "".join(f"layers.{n}.weight | grad norm: {10.0 ** (n - 9):.5f}\n" for n in range(10))
    report = vanish.diagnose_log(vanish.read_log(text))
    assert report.verdict == "vanishing"
    assert report.ratio == pytest.approx(0.5e-5)
    assert report.factor.value == pytest.approx(0.1, rel=1e-3)
    assert "less than" in report.findings[0].text
    hidden = vanish.diagnose_log(vanish.read_log("a.weight grad norm: 0.0000\nb.weight grad norm: 0.0000\n"))
    assert hidden.verdict == "hidden"


def test_weights_are_judged_apart_from_biases():
    names = ["a.weight", "a.bias", "b.weight", "b.bias"]
    log = log_of([1e-3, 1e-9, 2e-3, 1e-9], names=names)
    assert vanish.diagnose_log(log).names == ("a.weight", "b.weight")
    assert vanish.diagnose_log(log, parameters="bias").names == ("a.bias", "b.bias")
    assert vanish.diagnose_log(log, parameters="all").names == tuple(names)


def test_number_formats_say_which_layers_they_lose_and_what_scale_mends_it():
    text = "layer,rms\n" + "".join(f"{n},{10.0 ** (n - 7)}\n" for n in range(1, 7))
    report = vanish.diagnose_log(vanish.read_log(text))
    half = next(storage for storage in report.storage if storage.number_format == "float16")
    assert half.below == ("layer 1", "layer 2")
    scaled = report.sizes * half.loss_scale
    assert scaled.min() >= 2.0**-14
    assert scaled.max() * 64 <= 65504
    assert half.loss_scale == 2.0 ** round(np.log2(half.loss_scale))


def test_lengths_of_whole_tensors_promise_nothing_of_their_entries():
    report = vanish.diagnose_log(vanish.read_log("a.weight | grad norm: 1e6\nb.weight | grad norm: 1e-9\n"))
    assert all(storage.loss_scale is None and storage.above == () for storage in report.storage)


def test_json_is_for_a_build():
    report = report_of([1e-9, 1e-5, 1.0], [1e-9, float("nan"), 1.0])
    data = json.loads(report.to_json())
    assert (data["severity"], data["verdict"], data["layers"]) == ("error", "overflow", ["layers.1.weight"])
    assert data["findings"][0]["text"] == report.findings[0].text
    assert data["sizes"]["layers.1.weight"] == "nan"


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags = set()

    def handle_starttag(self, tag, attrs):
        self.tags |= {tag, *(name for name, _ in attrs)}


@given(st.text(max_size=80))
def test_no_text_of_a_log_becomes_a_mark(text):
    name = f"<img src=x onerror=alert(1)>{text}"
    tags = Tags()
    tags.feed(vanish.diagnose_log(log_of([0.1, 0.2, 0.3], names=[name, "b", "c"])).to_html())
    assert not tags.tags & {"img", "script", "a", "onerror", "iframe", "link"}


SIZES = st.one_of(
    st.none(), st.sampled_from([0.0, float("inf"), float("nan")]), st.floats(1e-300, 1e300, allow_subnormal=False)
)


@given(st.integers(1, 12).flatmap(lambda n: st.lists(st.lists(SIZES, min_size=n, max_size=n), min_size=1, max_size=4)))
def test_every_report_can_be_said_and_agrees_with_the_diagnosis_of_its_sizes(rows):
    try:
        log = log_of(*rows)
    except ValueError:
        assert all(value is None for row in rows for value in row)
        return
    report = vanish.diagnose_log(log)
    assert report.verdict == vanish.diagnose(rows[-1]).verdict
    assert report.findings[0].about == "verdict"
    assert all(finding.text for finding in report.findings)
    assert set(report.layers) <= set(log.names)
    json.loads(report.to_json())
    for name in report.little:
        size = rows[-1][int(name.split(".")[1])]
        assert size == 0 or size < 1e-2 * max(v for v in rows[-1] if v is not None and np.isfinite(v))


def test_one_layer_alone_is_one_and_has_no_first_and_last():
    alone = vanish.diagnose_log(vanish.read_log("step,fc1.weight\n0,1.0\n1,0.5")).findings[0].text
    assert (
        alone
        == "One layer alone: there is no first and last to compare. Its gradient is not 0, and float32 can hold it."
    )
    small = vanish.diagnose_log(vanish.read_log("step,fc1.weight,fc2.weight\n0,1e-5,1"))
    said = " ".join(finding.text for finding in small.findings)
    assert "1 of 2 layers gets less than a hundredth of the largest gradient: fc1.weight." in said
    assert "In float8 (e4m3), fc1.weight loses digits or becomes 0." in said
