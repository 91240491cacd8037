import math
from dataclasses import replace

import numpy as np
import pytest

import vanish
from vanish.measure.flow import layer_magnitudes
from vanish.numerics.lcg import ensemble_seeds
from vanish.theory import relu_luck
from vanish.theory.luck import Luck

HE = vanish.NetworkSpec(depth=10, width=8, activation="relu", initializer="he_normal", linear_output=True)
UNEQUAL = vanish.NetworkSpec(widths=(12, 5, 9), activation="relu", initializer="he_normal", linear_output=True)
SPECS = [HE, replace(HE, depth=5, weight_scale=1.5), UNEQUAL]
INPUT = np.array([[0.5, -0.3, 0.8, -0.1]])


@pytest.mark.parametrize(("layers", "width", "mean", "variance"), [(9, 8, -3.589, 11.22), (10, 64, -0.4011, 0.8300)])
def test_known_laws(layers, width, mean, variance):
    law = Luck({width: layers})
    assert law.mean == pytest.approx(mean, rel=2e-4)
    assert law.variance == pytest.approx(variance, rel=3e-4)


def test_the_chance_of_being_born_dead():
    assert Luck({8: 9}).born_dead == pytest.approx(0.0346, rel=1e-3)
    assert Luck({1: 3}).born_dead == pytest.approx(7 / 8)
    assert 0 < Luck({64: 10}).born_dead < 1e-18


def test_quantiles_are_where_the_law_has_them():
    law = Luck({8: 9, 3: 1}, 1.3)
    for share in (0.001, 0.1, 0.5, 0.9, 0.999):
        assert law.share_below(law.quantile(share)) == pytest.approx(share, abs=1e-7)
    assert law.share_below([-1e4, 1e4]) == pytest.approx([0, 1], abs=1e-9)
    with pytest.raises(ValueError, match=r"^share must be a number from 0\.0001 to 0\.9999, got 1"):
        law.quantile(1)


def test_one_unit_has_a_law_in_closed_form():
    # On for certain, where the network is not born dead: twice a squared normal number.
    law, x = Luck({1: 1}), np.array([-3.0, 0, 1])
    expected = [math.erf(math.exp(one / 2) / 2) for one in x]
    np.testing.assert_allclose(law.share_below(x), expected, atol=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize(
    "spec",
    SPECS,
    ids=["kata's sizes", "scaled", "unequal"],
)
def test_measured_networks_follow_the_law(spec):
    (sizes,) = layer_magnitudes(spec, ensemble_seeds(1, 3000), INPUT, ["rms"])
    alive, law = sizes[:, 0] > 0, relu_luck(spec)
    assert np.mean(~alive) == pytest.approx(law.born_dead, abs=4 * np.sqrt(law.born_dead / 3000) + 1e-9)
    units = spec.layer_shapes[0][0]
    logs = np.sort(2 * np.log(sizes[alive, 0] / sizes[alive, -1]) + np.log(units))
    steps = np.arange(1, len(logs) + 1) / len(logs)
    # Kolmogorov's test at one in a thousand.
    assert np.abs(law.share_below(logs) - steps).max() < 1.95 / np.sqrt(len(logs))


@pytest.mark.parametrize(
    "change",
    [
        {"activation": "leaky_relu"},
        {"initializer": "he_uniform"},
        {"bias_std": 0.1},
        {"normalization": "layer"},
        {"residual": "identity"},
        {"linear_output": False},
        {"depth": 1},
        {"weight_scale": 0},
    ],
)
def test_other_networks_have_no_law(change):
    assert relu_luck(HE) is not None
    assert relu_luck(replace(HE, **change)) is None
