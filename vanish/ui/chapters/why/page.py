"""Chapter ``why``: why does a product of slopes vanish?"""

import numpy as np
import streamlit as st

from vanish import kata
from vanish.choices.activations import ACTIVATIONS
from vanish.ui.chapters.why import charts, data, words
from vanish.ui.kit import drawing, frames, pieces
from vanish.ui.kit.columns import Columns
from vanish.ui.kit.controls import whole_numbers
from vanish.ui.kit.measured import Profiles
from vanish.ui.kit.numbers import number
from vanish.ui.kit.palette import ACTIVATION_COLORS
from vanish.ui.shell import header, moves
from vanish.ui.shell.header import Card, Head
from vanish.ui.shell.settings import CONTROLS, DEFAULTS, Settings

COLORS = tuple(ACTIVATION_COLORS[name] for name in kata.IDEAL_SLOPES)

SLOPES = tuple(f"slope_{name}" for name in kata.IDEAL_SLOPES)

# A row of people longer than this is no picture any more.
MOST_PEOPLE = 20


def measure(settings: Settings) -> Profiles:
    """Ideal networks, one a slope."""
    slopes = _slopes(settings)
    return data.ideal(tuple(slopes.values()), tuple(slopes), settings.n_layers)


def head(settings: Settings, profiles: Profiles) -> Head:
    """What the ideal slopes leave."""
    slopes = _slopes(settings)
    cards = [
        Card(
            words.network(name, slope),
            f"{words.power(slope, settings.n_layers)} = {number(profiles.sizes[name][0])}",
            "",
            "green" if slope == 1 else "orange" if slope < 1 else "violet",
        )
        for name, slope in slopes.items()
    ]
    return Head(words.finding(slopes, settings.n_layers), tuple(cards))


def _slopes(settings: Settings) -> dict[str, float]:
    return {name: getattr(settings, f"slope_{name}") for name in kata.IDEAL_SLOPES}


def show(settings: Settings, profiles: Profiles) -> None:
    """What is left after n layers; where slopes come from; three pictures of it."""
    slopes = _slopes(settings)
    names = tuple(words.network(name, slope) for name, slope in slopes.items())
    table = kata.ideal_decay(whole_numbers(settings.layer_counts), slopes)
    if not st.context.is_embedded:
        # Another page has room for one picture.
        _whisper(slopes, settings.n_layers)
    drawn = {
        drawing.DATA: data.decay_frame(table, names),
        drawing.KEY: drawing.key_frame(header.key(head(settings, profiles).cards)),
    }
    drawing.show(drawing.renamed(charts.decay, names, COLORS), drawn, words.decay_alt(slopes), key="decay")
    st.markdown(words.decay_reading(slopes, settings.n_layers))
    moves.try_this(
        ("try_deeper", "Twice as deep", {"depth": min(2 * settings.n_layers, CONTROLS["depth"].high)}),
        ("try_slopes", "What if every slope were 0.9?", dict.fromkeys(SLOPES, 0.9)),
        ("try_kata_slopes", "The original slopes", {key: DEFAULTS[key] for key in SLOPES}),
    )
    labels = {name: ACTIVATIONS[name].label for name in slopes}
    shown = Columns({labels.get(str(name), str(name)): column.to_numpy() for name, column in table.items()})
    pieces.table(shown, "What is left after so many layers, for each slope", key="decay_table")
    columns = "layers, how many; for each activation its slope to that power: what is left of the gradient (no unit)"
    pieces.download(table, "vanish-decay.csv", "Download as CSV", "decay_csv", columns)
    _curves(settings)
    st.markdown(words.typical_tanh_reading(slopes["tanh"]))
    _mental_models(settings.n_layers, slopes, names)
    pieces.formula(
        [r"\left| \frac{\partial L}{\partial z_1} \right| \approx \prod_{l=1}^{n} |\varphi'(z_l)| = s^{\,n}"],
        "One factor a layer. The weights add factors of their own: the next chapter measures both.",
    )
    _take_aways()


def _whisper(slopes: dict[str, float], depth: int) -> None:
    """The telephone game, which answers while one drags: nothing that it shows is asked of the server."""
    name = words.furthest(slopes)
    st.markdown(words.whisper(name, slopes[name]))
    people, start = data.row(slopes[name], depth, charts.MOST_IN_ROW)
    drawn = {drawing.DATA: people, drawing.START: start}
    drawing.show(charts.whisper(ACTIVATION_COLORS[name]), drawn, words.WHISPER_ALT, key="whisper")


def _take_aways() -> None:
    folded = st.expander("What to take away", on_change="rerun", key="take_aways")
    if folded.open:
        folded.markdown(words.take_aways(kata.REMEDIES))


def _curves(settings: Settings) -> None:
    st.header("**Where the slopes come from**", anchor=False)
    st.markdown(words.where_slopes_come_from(settings.activations))
    value, slope = data.curves(settings.activations)
    for column, frame, title in zip(st.columns(2), (value, slope), ("Output", "Slope"), strict=True):
        with column:
            spec = charts.curves(settings.activations, title)
            drawing.show(spec, frame, f"{title} of each activation over its input", key=f"curve_{title.lower()}")


def _mental_models(depth: int, slopes: dict[str, float], names: tuple[str, ...]) -> None:
    people = min(depth, MOST_PEOPLE)
    st.header("**Three ways to picture it**, with the slopes that are set", anchor=False)
    remaining = data.remaining(names, slopes.values(), people)
    _picture(
        "The row of people, with each slope",
        words.telephone(slopes, people, depth),
        drawing.renamed(charts.telephone, names, COLORS),
        remaining,
        "What is left of a message along a row of people",
    )
    _picture(
        "Repeated multiplication",
        words.multiplication(slopes, depth, people),
        drawing.renamed(charts.products, names, COLORS),
        remaining,
        "The product after each factor",
    )
    sizes = {name: slope ** np.arange(depth, 0, -1.0) for name, slope in zip(names, slopes.values(), strict=True)}
    notes = [
        words.pipe_note(name, left[0], bool(frames.beyond_scale(left, reference=1.0))) for name, left in sizes.items()
    ]
    _picture(
        "Narrow and wide pipes",
        "The gradient flows from right to left. Every layer is a pipe; a slope below 1 "
        "makes the next one narrower, a slope above 1 wider. A slope of 1 keeps it full, whatever the depth; while it "
        "ends between the green edges, what is left is within a hundredfold.",
        drawing.renamed(drawing.pipes, names, COLORS, "Layer"),
        frames.pipes_frames(sizes, notes, reference=1.0),
        "Ideal networks as pipes",
    )


def _picture(title: str, caption: str, spec: drawing.Spec, data: Columns | dict[str, Columns], alt: str) -> None:
    left, right = st.columns((1, 2), gap="medium", vertical_alignment="center")
    left.subheader(f"**{title}**", anchor=False)
    left.markdown(caption)
    with right:
        drawing.show(spec, data, alt, key=alt)
