"""The nearest network is the kind that a profile came from, or an honest tie; what remedies bought was tried."""

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

import vanish
from vanish.choices.inputs import example_inputs
from vanish.logs import nearest_network, remedies_tried, why_no_nearest
from vanish.measure.flow import layer_magnitudes
from vanish.measure.yardstick import example_output_gradient

KINDS = {
    "sigmoid": {"activation": "sigmoid", "initializer": "xavier_uniform"},
    "He's ReLU": {"activation": "relu", "initializer": "he_normal"},
    "batch norm": {"activation": "relu", "initializer": "he_normal", "normalization": "batch"},
}


@cache
def report_of(seed, kind):
    """A report on a log that a network of hidden settings wrote."""
    spec = vanish.NetworkSpec(depth=10, width=24, n_inputs=20, n_outputs=5, linear_output=True, **KINDS[kind])
    sizes = layer_magnitudes(
        spec, [seed], example_inputs(20, 32, "normal"), ["weight_norm"], example_output_gradient(5, 32)
    )[0, 0]
    names = [f"layers.{n}.weight" for n in range(spec.depth)]
    shapes = dict(zip(names, spec.layer_shapes, strict=True))
    text = json.dumps([{"grad_norm": dict(zip(names, (3e-3 * sizes).tolist(), strict=True))}])
    return vanish.diagnose_log(vanish.read_log(text, shapes=shapes))


@cache
def nearest_of(seed, kind):
    return nearest_network(report_of(seed, kind))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_the_kind_that_a_profile_came_from_is_the_nearest_or_a_tie(kind):
    report = report_of(12345, kind)
    nearest = nearest_of(12345, kind)
    assert nearest.fits
    assert nearest.best.misfit < 2
    assert any(all(getattr(fit.spec, field) == value for field, value in KINDS[kind].items()) for fit in nearest.ties)
    assert nearest.best.spec.widths is None
    assert (nearest.best.spec.depth, nearest.best.spec.width) == (10, 24)
    # The level is the loss's, and the curve is brought to it.
    assert np.log10(nearest.best.curve / report.sizes).mean() == pytest.approx(0, abs=1e-9)
    assert (nearest.best.low <= nearest.best.curve).all()
    assert (nearest.best.curve <= nearest.best.high).all()


@pytest.mark.slow
def test_a_profile_of_no_kind_fits_nothing():
    report = report_of(1, "He's ReLU")
    saw = report.sizes * 10.0 ** (3 * (np.arange(10) % 2))
    assert not nearest_network(replace(report, sizes=saw)).fits


@pytest.mark.slow
def test_what_remedies_bought_is_in_order_and_was_measured():
    nearest = nearest_of(12345, "sigmoid")
    bought = remedies_tried(nearest)
    gains = [each.decades for each in bought]
    assert gains == sorted(gains, reverse=True)
    assert gains[0] > 1
    assert bought[0].before < 1e-2
    assert all(each.spec != nearest.best.spec for each in bought)


@pytest.mark.slow
def test_a_remedy_that_is_there_is_not_tried_again():
    nearest = nearest_of(12345, "batch norm")
    plain = replace(nearest, ties=(replace(nearest.best, spec=replace(nearest.best.spec, normalization="batch")),))
    assert "normalization" not in [each.remedy for each in remedies_tried(plain)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a.weight grad norm 0.1\nb.weight grad norm 0.2\n", "a gradient above 0 is known of 2 layers"),
        ("layer,grad\n" + "".join(f"{n},0.1\n" for n in range(61)), "more than 60 layers"),
        ("layer,grad\n" + "".join(f"{n},0.0\n" for n in range(9)), "a gradient above 0 is known of 0 layers"),
    ],
)
def test_why_nothing_was_tried_is_said(text, reason):
    report = vanish.diagnose_log(vanish.read_log(text))
    assert reason in (why_no_nearest(report) or "")
    with pytest.raises(ValueError, match=f"report must be of gradients .* got: {reason}"):
        nearest_network(report)
