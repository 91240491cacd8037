from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import vanish
from vanish.choices.activations import ACTIVATIONS
from vanish.choices.normalizations import NORMALIZATIONS
from vanish.measure import yardstick
from vanish.measure.magnitudes import MAGNITUDES, SIZES, size_of
from vanish.ui.kit import causes, measured
from vanish.ui.shell.settings import Settings


@given(
    st.fixed_dictionaries(
        {
            "depth": st.integers(1, 12),
            "width": st.integers(1, 12),
            "activations": st.lists(st.sampled_from(list(ACTIVATIONS)), min_size=1, unique=True).map(tuple),
            "seed": st.integers(0, 2**53 - 1),
            "batch_size": st.integers(1, 4),
            "magnitude": st.sampled_from(list(MAGNITUDES)),
            "normalization": st.sampled_from(list(NORMALIZATIONS)),
        }
    )
)
def test_the_page_shows_what_the_engine_computes(values):
    settings = Settings(**values)
    profiles = measured.profiles(settings.specs, settings.signal)
    judged = size_of(settings.magnitude)
    each_its_own = yardstick.example_output_gradient(1, settings.batch_size)
    expected = vanish.gradient_flow(
        settings.specs,
        settings.seed,
        batch_size=settings.batch_size,
        magnitudes=list({settings.magnitude, judged}),
        output_gradient=each_its_own if settings.normalization == "batch" else None,
    )
    # What is no size is drawn, and judged by the nearest one.
    drawn = measured.in_magnitude(settings.specs, settings.signal, settings.magnitude)
    for name, rows in expected.groupby("activation"):
        np.testing.assert_array_equal(drawn.sizes[name], rows[settings.magnitude])
        np.testing.assert_array_equal(profiles.sizes[name], rows[judged])
        lossless = yardstick.lossless_ratio(settings.specs[0], judged)
        diagnosis = vanish.diagnose(rows[judged], yardstick=lossless)
        np.testing.assert_equal(vars(profiles.diagnoses[name]), vars(diagnosis))


def test_a_network_that_loses_nothing_is_at_1_whatever_its_width():
    for width in (8, 64, 256):
        settings = Settings(activations=("identity",), initializer="orthogonal", width=width, magnitude="rms")
        (diagnosis,) = measured.profiles(settings.specs, settings.signal).diagnoses.values()
        assert diagnosis.left == pytest.approx(1, rel=1e-9)
        assert diagnosis.factor.value == pytest.approx(1, rel=1e-9)


def test_under_batch_norm_each_example_has_its_own_loss():
    # Identity layers: the sum of the outputs over a batch is a constant there, and its gradient 1e-16.
    settings = Settings(
        activations=("identity",), initializer="orthogonal", width=256, batch_size=32, normalization="batch"
    )
    (sizes,) = measured.profiles(settings.specs, settings.signal).sizes.values()
    assert sizes.min() > 1e-3


@pytest.mark.parametrize(
    ("changes", "explained"),
    [
        ({"activations": ("relu",), "normalization": "batch"}, causes.BATCH_OF_ONE),
        ({"activations": ("tanh",), "normalization": "batch", "batch_size": 2}, None),
        ({"activations": ("tanh",), "normalization": "layer", "width": 1}, causes.UNIT_OF_ONE),
        ({"activations": ("sigmoid",), "initializer": "zeros"}, causes.ZERO_WEIGHTS),
        (
            {"activations": ("sigmoid",), "initializer": "uniform", "uniform_low": 0.0, "uniform_high": 0.0},
            causes.ZERO_WEIGHTS,
        ),
        ({"activations": ("tanh",), "residual": "rezero"}, causes.CLOSED_GATES),
        ({"activations": ("tanh",), "residual": "fixup", "block": "two"}, causes.CLOSED_ENDS),
        (
            {"activations": ("sigmoid",), "initializer": "zeros", "bias_std": 0.5, "magnitude": "relative_norm"},
            causes.NO_LENGTH,
        ),
        ({"activations": ("sigmoid",)}, None),
    ],
)
def test_what_a_networks_making_explains_is_said_apart(changes, explained):
    settings = Settings(**changes)
    profiles = measured.profiles(settings.specs, settings.signal)
    assert profiles.causes == ({settings.activations[0]: explained} if explained else {})


@pytest.mark.parametrize("magnitude", SIZES)
def test_one_output_unit_that_is_off_is_named_whatever_is_measured(magnitude):
    now = Settings(activations=("relu",), depth=20, width=64, initializer="he_normal", magnitude=magnitude)
    off = 0
    for seed in range(12):
        settings = replace(now, seed=seed)
        (spec,) = settings.specs
        outputs = vanish.backprop(
            spec, vanish.initialize(spec, seed), measured.inputs_of(spec, settings.signal)
        ).outputs
        profiles = measured.profiles(settings.specs, settings.signal)
        # A ReLU gives 0 where it is off, and (but for a chance of 0) only there.
        assert (profiles.causes.get("relu") == causes.OUTPUT_OFF) == (outputs[0, 0] == 0)
        off += outputs[0, 0] == 0
        mended = replace(settings, **causes.OUTPUT_OFF.controls)
        assert measured.profiles(mended.specs, mended.signal).diagnoses["relu"].verdict == "healthy"
    assert 2 < off < 10


def test_the_first_of_many_seeds_is_the_one_that_is_shown():
    settings = Settings(activations=("leaky_relu",), initializer="he_uniform")
    (spec,) = settings.specs
    ratios = measured.ratios_over_seeds(spec, settings.signal)
    assert ratios[0] == measured.profiles(settings.specs, settings.signal).diagnoses["leaky_relu"].ratio
    assert len(ratios) == measured.SPREAD_SEEDS
    assert len(set(ratios)) == len(ratios)


def test_inputs_are_drawn_once_and_not_to_be_written_to():
    spec, signal = Settings(seed=71).specs[0], Settings(inputs="normal", batch_size=3).signal
    rows = measured.inputs_of(spec, signal)
    assert measured.inputs_of(spec, signal) is rows
    np.testing.assert_array_equal(rows, vanish.choices.example_inputs(spec.n_inputs, 3, "normal"))
    with pytest.raises(ValueError, match="read-only"):
        rows[0, 0] = 1.0


def test_many_inputs_are_drawn_anew_as_they_would_take_the_place_of_all_else_that_is_kept():
    spec, signal = vanish.NetworkSpec(n_inputs=4096), Settings(inputs="normal", batch_size=3).signal
    rows = measured.inputs_of(spec, signal)
    assert rows.size > measured.FEW_NUMBERS
    assert measured.inputs_of(spec, signal) is not rows
