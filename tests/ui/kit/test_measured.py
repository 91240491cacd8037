import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import vanish
from vanish.choices.activations import ACTIVATIONS
from vanish.measure.magnitudes import MAGNITUDES
from vanish.numerics.lcg import ensemble_seeds
from vanish.ui.kit import measured
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
        }
    )
)
def test_the_page_shows_what_the_engine_computes(values):
    settings = Settings(**values)
    profiles = measured.profiles(settings.specs, settings.signal)
    expected = vanish.gradient_flow(
        settings.specs, settings.seed, batch_size=settings.batch_size, magnitudes=[settings.magnitude]
    )
    for name, rows in expected.groupby("activation"):
        np.testing.assert_array_equal(profiles.sizes[name], rows[settings.magnitude])
        np.testing.assert_equal(vars(profiles.diagnoses[name]), vars(vanish.diagnose(rows[settings.magnitude])))


def test_the_first_of_many_seeds_is_the_one_that_is_shown():
    settings = Settings(activations=("leaky_relu",), initializer="he_uniform")
    (spec,) = settings.specs
    ratios = measured.ratios_over_seeds(spec, settings.signal)
    assert ratios[0] == measured.profiles(settings.specs, settings.signal).diagnoses["leaky_relu"].ratio
    assert len(ratios) == measured.SPREAD_SEEDS
    assert len(set(ratios)) == len(ratios)


def test_a_wide_network_gets_fewer_seeds_and_always_its_own():
    narrow, wide = (vanish.NetworkSpec(width=width, depth=50) for width in (8, 256))
    assert measured.affordable_seeds(narrow, 42, 100, 1) == ensemble_seeds(42, 100)
    few = measured.affordable_seeds(wide, 42, 100, 256)
    assert 1 <= len(few) < 100
    assert few == ensemble_seeds(42, len(few))
