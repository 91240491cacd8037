from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from networks import crossed

from vanish import NetworkSpec
from vanish.choices import BLOCKS, INITIALIZERS, NORM_PLACES, NORMALIZATIONS, RESIDUALS, example_inputs
from vanish.measure.flow import layer_magnitudes
from vanish.measure.magnitudes import SIZES
from vanish.measure.sweep import sweep
from vanish.numerics.lcg import ensemble_seeds

SEEDS = ensemble_seeds(42, 3)
DEPTHS, SCALES, BIASES = (7, 1, 2, 4), (0.5, 2), (0, 0.3)


# Each start with three of the pairs of a normalization and a residual kind, in turns.
PAIRS = [*product(NORMALIZATIONS, RESIDUALS)]
STARTS = [
    (initializer, *PAIRS[(3 * number + turn) % len(PAIRS)])
    for number, initializer in enumerate(INITIALIZERS)
    for turn in range(3)
]


@pytest.mark.slow
@pytest.mark.parametrize(("initializer", "normalization", "residual"), STARTS)
def test_every_cell_is_the_network_that_it_names(initializer, normalization, residual):
    assert_cells(
        NetworkSpec(activation="tanh", initializer=initializer, normalization=normalization, residual=residual)
    )


@pytest.mark.slow
@pytest.mark.parametrize(("block", "norm_place"), [*product(BLOCKS, NORM_PLACES)][1:])
@crossed(residual=RESIDUALS, normalization=NORMALIZATIONS)
def test_every_cell_is_the_network_that_it_names_with_other_blocks_and_norms(
    normalization, residual, block, norm_place
):
    assert_cells(
        NetworkSpec(
            activation="tanh",
            initializer="lsuv",
            normalization=normalization,
            residual=residual,
            block=block,
            norm_place=norm_place,
        ),
        scales=(2,),
        biases=(0.3,),
    )


def assert_cells(spec, scales=SCALES, biases=BIASES):
    """A sweep's ends are those of each network for itself."""
    inputs = example_inputs(4, 5)
    table = sweep(spec, DEPTHS, scales, biases, SEEDS, inputs)
    assert len(table) == len(DEPTHS) * len(scales) * len(biases) * len(SEEDS)
    for (depth, weight_scale, bias_std), cell in table.groupby(["depth", "weight_scale", "bias_std"]):
        one = replace(spec, depth=depth, weight_scale=weight_scale, bias_std=bias_std)
        (expected,) = layer_magnitudes(one, SEEDS, inputs, ["mean_abs"])
        assert list(cell.seed) == SEEDS
        atol = 1e-9 * np.abs(expected).max()
        np.testing.assert_allclose(cell["first"], expected[:, 0], rtol=1e-6, atol=atol)
        np.testing.assert_allclose(cell["last"], expected[:, -1], rtol=1e-6, atol=atol)


@pytest.mark.parametrize("magnitude", SIZES)
def test_every_magnitude_can_be_mapped(magnitude):
    spec = NetworkSpec(activation="relu", initializer="he_normal")
    table = sweep(spec, [4], [1.0], seeds=[7], magnitude=magnitude)
    (expected,) = layer_magnitudes(replace(spec, depth=4), [7], example_inputs(4), [magnitude])
    assert table["first"][0] == pytest.approx(expected[0, 0], rel=1e-12)
    assert table["last"][0] == pytest.approx(expected[0, -1], rel=1e-12)


def test_progress_is_told_and_can_interrupt():
    told = []
    sweep(NetworkSpec(), [2, 3], [1, 2], [0, 1], progress=told.append)
    assert told == [0.25, 0.5, 0.75, 1.0]

    def stop(share):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(NetworkSpec(), [2], [1], progress=stop)


def test_overflow_and_underflow_are_results():
    table = sweep(NetworkSpec(activation="identity"), [200], [0.0, 100.0])
    assert table["first"][0] == 0
    assert not np.isfinite(table["first"][1])
    # 0 / 0, and no warning of it.
    assert np.isnan(sweep(NetworkSpec(), [4], [0.0], magnitude="relative_norm")["first"][0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0], [1]), "depths must be a whole number from 1 to 1000"),
        (([2], [-1]), "weight_scales must be a number from 0 to 100"),
        (([2], [1], [200]), "bias_stds must be a number from 0 to 100"),
        (([2], [1], [0], [-4]), "seeds must be a whole number from 0"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        sweep(NetworkSpec(), *arguments)


def test_nothing_to_map_is_named():
    with pytest.raises(ValueError, match="depths must be a sequence of 1 to 100000 whole numbers, got 0"):
        sweep(NetworkSpec(), [], [1])
