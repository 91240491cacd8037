"""Chapter ``flow``: what does each layer of a real network receive?"""

from collections.abc import Mapping

import streamlit as st

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.normalizations import NORMALIZATIONS
from vanish.choices.residuals import RESIDUALS
from vanish.measure.magnitudes import MAGNITUDES
from vanish.ui.chapters.flow import data, inside, rescue, words
from vanish.ui.kit import drawing, home, measured, pieces, verdicts
from vanish.ui.kit.link import called
from vanish.ui.kit.measured import Profiles
from vanish.ui.kit.palette import ACTIVATION_COLORS
from vanish.ui.shell import header, session
from vanish.ui.shell.settings import CONTROLS, PINNED, Settings

BACKWARDS = "← the gradient flows this way, from output to input"

PIPES_ALT = "The networks as pipes, as wide as the gradient that reaches a layer"


def show(settings: Settings, profiles: Profiles) -> None:
    """The pipes and the chart, what they show, the way out, the numbers, and the looks inside."""
    wanted = settings.overlays
    pinned = settings.pinned if settings.pinned and settings.pinned.over <= 1 else None
    magnitude = MAGNITUDES[settings.magnitude]
    drawn = profiles if magnitude.is_size else measured.in_magnitude(settings.specs, settings.signal, magnitude.name)
    expected = data.expected(settings.specs, settings.signal, magnitude.name) if "theory" in wanted else None
    followed = len(expected.sizes) if expected else 0
    before = measured.in_magnitude(pinned.specs, pinned.signal, magnitude.name) if pinned else None
    scale = "percent" if magnitude.is_share else settings.scale
    band = scale == "log" and magnitude.is_size
    floors = "floors" in wanted and not magnitude.is_share
    frames = data.frames(profiles, drawn, scale, expected, before, floors)
    labels = tuple(ACTIVATIONS[name].label for name in profiles.sizes)
    colors = tuple(ACTIVATION_COLORS[name] for name in profiles.sizes)
    lines = (*(("low", "median", "high") if drawn.bands else ()), *(("theory",) if expected else ()))
    spec = drawing.per_layer(
        tuple(profiles.sizes),
        scale,
        settings.mark,
        magnitude.label,
        lines,
        tuple(before.sizes) if before else (),
        floors,
        band,
        key=True,
    )
    drawn_frames = {**frames.chart, drawing.KEY: drawing.key_frame(header.key(header.cards(profiles)))}
    ends = {} if magnitude.is_size else {name: words.ends(magnitude, sizes) for name, sizes in drawn.sizes.items()}
    drawing.show(spec, drawn_frames, words.chart_alt(magnitude, labels), key="flow_chart")
    header.below_picture()
    drawing.show(drawing.pipes(labels, colors, BACKWARDS), frames.pipes, PIPES_ALT, key="pipes")
    st.caption(words.pipes_scale(settings.n_layers, magnitude, band))
    st.markdown("\n".join(f"- {line}" for line in _reading(settings, profiles, expected, ends)))
    if "theory" in wanted and followed < len(profiles.sizes):
        st.caption(words.theory_of(followed, len(profiles.sizes)))
    _pin(settings)
    rescue.show(settings, profiles)
    pieces.table(frames.table, words.table_alt(magnitude), key="flow_table")
    unit = "a share from 0 to 1" if magnitude.is_share else "no unit"
    columns = f"layer (1: at the input); for each activation {magnitude.label} ({unit})"
    pieces.download(frames.table, "vanish-flow.csv", "Download as CSV", "flow_csv", columns)
    # Apart from what moves: a browser draws anew all that stands beside it.
    with st.container():
        inside.show(settings, profiles)
        home.show(settings.specs, settings.signal, magnitude.name)
        pieces.formula(
            [
                r"\frac{\partial L}{\partial z_l} = \left( W_{l+1}^{\top} \frac{\partial L}{\partial z_{l+1}} \right)"
                r" \odot \varphi'(z_l)",
                magnitude.latex,
            ],
            words.formula(magnitude, NORMALIZATIONS[settings.normalization], RESIDUALS[settings.residual]),
        )


def _reading(settings: Settings, profiles: Profiles, expected: Profiles | None, ends: Mapping[str, str]) -> list[str]:
    magnitude = MAGNITUDES[settings.magnitude]
    lines = dict(zip(profiles.sizes, verdicts.reading(profiles.diagnoses, profiles.causes), strict=True))
    for name, ratios in profiles.ratios.items():
        lines[name] += f" {words.spread(ratios)}"
    for name, shown in ends.items():
        lines[name] += f" {words.shown(magnitude, shown)}"
    for name, sizes in expected.sizes.items() if expected else ():
        lines[name] += (
            f" {words.against_theory(sizes, NORMALIZATIONS[settings.normalization].over_batch)}"
            if magnitude.is_size
            else f" {words.expected(magnitude, sizes)}"
        )
    for spec in settings.specs if expected else ():
        if known := data.luck(spec, settings.signal):
            lines[spec.activation] += f" {words.luck(*known)}"
    sent = settings.signal
    rescaled = sent.signal_scale != 1 or sent.signal_shift != 0
    return [
        *lines.values(),
        *([words.rescaled_inputs(*data.first_layer(settings.specs, sent))] if rescaled else ()),
        *(words.batch_norm(settings.signal.batch_size) if NORMALIZATIONS[settings.normalization].over_batch else ()),
    ]


def _pin(settings: Settings) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Pin this",
            icon=":material/push_pin:",
            help="Keeps these curves as faint lines while the controls move, and puts them into the link.",
            on_click=session.pin,
            args=(settings.pin_text,),
            key="pin_this",
        )
        if settings.pinned:
            st.button("Unpin", icon=":material/close:", on_click=session.pin, args=(None,), key="unpin")
            changes = {key: value for key, value in settings.pinned.changes.items() if key in PINNED}
            st.markdown(
                words.pinned({CONTROLS[key].label: called(CONTROLS[key], now) for key, now in changes.items()}),
                width="content",
            )
    if settings.pinned and settings.pinned.over > 1:
        st.caption(words.pinned_too_large(settings.pinned.over))
