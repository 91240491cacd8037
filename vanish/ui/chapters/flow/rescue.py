"""The surprise of chapter ``flow`` and its cure: it is the initialisation, not the activation."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from vanish.choices.initializers import INITIALIZERS
from vanish.choices.normalizations import NORMALIZATIONS
from vanish.choices.residuals import RESIDUALS
from vanish.measure.magnitudes import MAGNITUDES
from vanish.measure.yardstick import lossless_ratio
from vanish.numerics import arrays
from vanish.ui.chapters.flow import words
from vanish.ui.kit import measured, pieces
from vanish.ui.kit.measured import Profiles
from vanish.ui.shell import moves
from vanish.ui.shell.settings import Settings

SCALINGS = ("kata", "xavier_uniform", "he_uniform")


def show(settings: Settings, profiles: Profiles) -> None:
    """Say what surprises, offer the cure and the way back, and compare the scalings on demand."""
    relu = next((name for name in ("leaky_relu", "relu") if name in profiles.sizes), None)
    if relu is None:
        return
    with st.container(border=True):
        st.markdown(_reading(settings, profiles, relu) or words.SAME_NUMBERS)
        moves.try_this(*[(f"try_{name}", label, {"initializer": name}) for name, label in _other_starts(settings)])
        scatter = st.expander("Is it luck? Many seeds, three scalings", on_change="rerun", key="scatter")
        if scatter.open:
            with scatter:
                _scatter(settings, relu)


def _reading(settings: Settings, profiles: Profiles, relu: str) -> str:
    now, tanh = profiles.diagnoses[relu], profiles.diagnoses.get("tanh")
    changed = NORMALIZATIONS[settings.normalization].normalizes or RESIDUALS[settings.residual].skips
    plain = not changed and _passes_half(settings, relu)
    if settings.initializer == "he_uniform":
        (kata,) = settings.respecified((relu,), initializer="kata")
        before = measured.profiles((kata,), replace(settings.signal, n_seeds=1)).diagnoses[relu]
        return words.cure(relu, before, now, settings.units, plain and settings.weight_scale == 1)
    lines = []
    drawn = not INITIALIZERS[settings.initializer].unit_variance
    if tanh and now.verdict == "vanishing" and now.ratio < tanh.ratio and plain and drawn:
        lines.append(words.surprise(relu, now.ratio, tanh.ratio, _strength(settings)))
    if settings.initializer == "kata":
        lines.append(words.same_as_torch(settings.weight_scale))
    return "\n\n".join(lines)


def _strength(settings: Settings) -> float:
    """Fan-in times a weight's variance in the hidden layers; nan where these are not of one size."""
    spec = settings.specs[0]
    if spec.widths:
        return float("nan")
    return spec.width * spec.weight_variance(spec.width, spec.width) * spec.weight_scale**2


def _passes_half(settings: Settings, relu: str) -> bool:
    return relu == "relu" or settings.negative_slope <= words.ABOUT_HALF


def _other_starts(settings: Settings) -> list[tuple[str, str]]:
    starts = [("he_uniform", "Switch to He initialization"), ("kata", "Back to the original initialization")]
    already = "he_uniform" if settings.initializer == "he_normal" else settings.initializer
    return [(name, label) for name, label in starts if name != already]


def _scatter(settings: Settings, activation: str) -> None:
    rows = []
    for initializer in SCALINGS:
        (spec,) = settings.respecified((activation,), initializer=initializer)
        ratios = measured.ratios_over_seeds(spec, settings.looked[1], len(SCALINGS))
        low, middle, high = arrays.quantiles(ratios)
        rows.append(
            {
                "initialization": INITIALIZERS[initializer].label,
                f"seed {settings.seed}": ratios[0],
                "median": middle,
                "10 %": low,
                "90 %": high,
            }
        )
    st.markdown(words.scatter(ratios, settings.units, lossless_ratio(spec, settings.signal.magnitude)))
    table = pd.DataFrame(rows)
    pieces.table(table, "First over last layer for three scalings of the same random numbers", key="scatter_table")
    of = MAGNITUDES[settings.signal.magnitude].label
    columns = f"initialization; first / last layer of {of} for the seed on screen, and quantiles over seeds (no unit)"
    pieces.download(table, "vanish-scalings.csv", "Download as CSV", "scatter_csv", columns)
