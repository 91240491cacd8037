"""What lies behind the gradient of chapter ``flow``: looks inside, each computed when it is opened."""

from collections.abc import Callable, Sequence

import streamlit as st

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.normalizations import NORMALIZATIONS
from vanish.measure.magnitudes import MAGNITUDES
from vanish.network.loss_scale import LossScale
from vanish.network.spec import NetworkSpec
from vanish.theory.correlation import similarity_holds
from vanish.ui.chapters.flow import charts, data, words
from vanish.ui.chapters.flow.controls import Stored
from vanish.ui.kit import drawing, pieces
from vanish.ui.kit.measured import Profiles
from vanish.ui.shell import moves
from vanish.ui.shell.settings import CONTROLS, Settings


def show(settings: Settings, profiles: Profiles) -> None:
    for key, (title, draw) in LOOKS.items():
        folded = st.expander(title, on_change="rerun", key=key)
        if folded.open:
            with folded:
                if settings.looked_less:
                    st.caption(settings.looked_less)
                draw(settings, profiles)


def _idle(settings: Settings, _: Profiles) -> None:
    specs, signal = settings.looked
    st.markdown(words.idle_units(signal.batch_size))
    frame = data.activity(specs, signal)
    drawing.show(charts.idle(_names(specs)), frame, "Share of idle and of dead units in each layer", key="idle_chart")
    st.markdown("\n".join(f"- {line}" for line in words.idle(frame, signal.batch_size)))


def _names(specs: Sequence[NetworkSpec]) -> tuple[str, ...]:
    return tuple(spec.activation for spec in specs)


def _histograms(settings: Settings, _: Profiles) -> None:
    moves.pickers("spread_of", "spread_axis")
    kind, axis = settings.spread_of, settings.spread_axis
    specs, signal = settings.looked
    if not data.numbers_fit(specs, signal, data.MOST_SPREAD):
        st.markdown(words.too_many_weights(data.MOST_SPREAD))
        return
    spreads = {spec.activation: data.spreads(spec, signal, kind, axis) for spec in specs}
    title = CONTROLS["spread_of"].called(kind)
    upper = title if title.startswith("dL") else f"{title[0].upper()}{title[1:]}"
    drawn_as = f"{upper}{', over its RMS' if axis == 'own' else ''}"
    narrow = axis == "common" and any(one.hides_some for one in spreads.values())
    st.markdown(words.histograms(kind, settings.n_layers, data.MOST_COLUMNS, narrow))
    columns = st.columns(2)
    for place, (name, one) in enumerate(spreads.items()):
        with columns[place % 2]:
            label = ACTIVATIONS[name].label
            said = words.spread_over(one.table)
            st.header(f"**{label}**", anchor=False)
            st.markdown(f"{said[0].upper()}{said[1:]}.")
            if len(one.bins):
                alt = f"{upper}, {label}, layer by layer: {said}"
                drawing.show(charts.histogram(name, drawn_as), one.bins, alt, key=f"histogram_{name}")
    labelled = {ACTIVATIONS[name].label: one for name, one in spreads.items()}
    pieces.table(data.spreads_table(labelled), f"Size of {title} in each layer, zeros and what is not finite", "spread")
    about = (
        f"activation; layer (1: at the input); low and high, a bin's ends ({title}, no unit); count, numbers in it; "
        "share, from 0 to 1, of the layer's numbers"
    )
    bins = data.spreads_bins(labelled)
    pieces.download(bins, "vanish-histograms.csv", "Download as CSV", "spread_csv", about)


def _forward(settings: Settings, _: Profiles) -> None:
    specs, signal = settings.looked
    frame, ends = data.forward(specs, signal)
    followed = sum(spec.depth for spec in specs) <= data.MOST_FOLLOWED
    st.markdown(
        words.forward(
            specs[0].n_inputs,
            None if followed else data.MOST_FOLLOWED,
            NORMALIZATIONS[settings.normalization].over_batch,
            similarity_holds(specs[0]),
        )
    )
    tables = {str(label): table for label, table in frame.groupby("activation", sort=False)}
    drawn = data.drawable(frame)
    for field, title, says, log in (
        ("std", "Standard deviation of outputs", words.spread_of, True),
        ("cosine", "Cosine of two unrelated inputs", words.alike, False),
    ):
        said = {label: says(table) for label, table in tables.items()}
        alt = f"{title}, layer by layer. {'; '.join(f'{label}: {line}' for label, line in said.items())}."
        drawing.show(charts.forward(_names(specs), field, title, log), drawn, alt, key=f"forward_{field}")
        st.markdown("\n".join(f"- **{label}**: {line}." for label, line in said.items()))
    st.markdown("\n".join(f"- **{label}**, in theory: {words.leads_to(end)}" for label, end in ends.items()))
    pieces.table(frame, "Spread of every layer's outputs, and the cosine of two unrelated inputs", key="forward_table")
    columns = (
        "activation; layer (1: at the input); of its outputs: std, standard deviation; mean_square; cosine and "
        "correlation of two unrelated inputs (from -1 to 1); what theory expects of std and cosine (no units)"
    )
    pieces.download(frame, "vanish-forward.csv", "Download as CSV", "forward_csv", columns)


def _spectrum(settings: Settings, _: Profiles) -> None:
    if settings.n_layers < 3:
        st.markdown("There are no layers between the first and the last: make the network three layers deep or more.")
        return
    specs, signal = settings.looked
    specs = specs[: data.spectra_fit(specs)]
    if not specs:
        st.markdown(words.TOO_WIDE_FOR_SPECTRA)
        return
    spectra = data.spectra(specs, signal)
    st.markdown(
        "How much the hidden layers together stretch each direction of a small change, for the first example. "
        "Where all values are near 1, every direction of the gradient is kept, and not only its length "
        "(dynamical isometry: Saxe et al. 2014, Pennington et al. 2017)."
    )
    frame = data.spectra_frame(spectra)
    if len(frame):
        drawing.show(
            charts.spectrum(_names(specs)), frame, "Singular values of the hidden layers", key="spectrum_chart"
        )
    st.markdown("\n".join(f"- {words.spectrum(name, values)}" for name, values in spectra.items()))


def _formats(settings: Settings, profiles: Profiles) -> None:
    st.markdown(words.formats(MAGNITUDES[settings.signal.magnitude]))
    table = data.underflow_table(profiles.sizes)
    pieces.table(table, "Number formats and where the gradient leaves their range", "formats")
    columns = "format; its limits (no unit); for each activation the layer, counted from the input, where that happens"
    pieces.download(table, "vanish-formats.csv", "Download as CSV", "formats_csv", columns)
    st.header("**The whole network, stored in one of them**: every number, forward and back", anchor=False)
    moves.pickers("number_format", "format_loss", "loss_scale")
    specs, signal = settings.looked
    if not data.numbers_fit(specs, signal, data.MOST_WEIGHTS):
        st.markdown(words.too_many_weights(data.MOST_WEIGHTS))
        return
    kept = settings.part(Stored)
    lines = [words.stored(ACTIVATIONS[spec.activation].label, *data.stored(spec, signal, kept)) for spec in specs]
    st.markdown("\n".join(f"- {line}" for line in lines))
    st.markdown(words.dynamic_scale(LossScale()))


LOOKS: dict[str, tuple[str, Callable[[Settings, Profiles], None]]] = {
    "look_idle": ("Which units pass nothing on? Saturated, inactive and dead ones", _idle),
    "look_histograms": ("How are the numbers inside spread? Histograms, layer by layer", _histograms),
    "look_forward": ("Does the signal arrive? Its spread, and how alike two inputs become", _forward),
    "look_spectrum": ("Is every direction kept? The Jacobian's singular values", _spectrum),
    "look_formats": ("Would float16 still see it? Floors and ceilings of the number formats", _formats),
}
