"""Chapter ``updates``: who gets to learn?"""

import streamlit as st

from vanish.choices.activations import ACTIVATIONS
from vanish.measure.magnitudes import MAGNITUDES
from vanish.ui.chapters.updates import data, words
from vanish.ui.kit import drawing, pieces
from vanish.ui.kit.measured import Profiles
from vanish.ui.shell import moves
from vanish.ui.shell.settings import CONTROLS, Settings


def show(settings: Settings, profiles: Profiles) -> None:
    """The size of a step in every layer, idealised and measured."""
    rate = settings.learning_rate
    st.markdown(words.introduction(rate))
    ideal = data.ideal_gradients(settings.depth)
    panels = {"idealised": ideal, "measured": profiles}
    for column, (title, gradients) in zip(st.columns(2, gap="large"), panels.items(), strict=True):
        with column:
            _panel(title, gradients, rate)
    faster = min(10 * rate, CONTROLS["learning_rate"].high)
    moves.try_this(
        ("try_rate", "A larger learning rate: does layer 1 catch up?", {"learning_rate": faster}),
        ("try_he", "He initialisation", {"initializer": "he_uniform"}),
    )
    for title, gradients in panels.items():
        table = data.updates_table(gradients, rate)
        pieces.table(table, f"{title} gradient and update of every layer", key=f"{title}_table")
        pieces.download(table, f"vanish-updates-{title}.csv", f"Download the {title} updates", key=f"{title}_csv")
    pieces.formula(
        [r"\Delta w = -\eta \, \frac{\partial L}{\partial w}", r"\text{steps}_1 = \frac{g_L}{g_1}"],
        words.formula(MAGNITUDES[settings.magnitude]),
    )


def _panel(title: str, gradients: Profiles, rate: float) -> None:
    st.markdown(f"**{title.capitalize()}**")
    spec = drawing.per_layer(tuple(gradients.sizes), "log", "bars", "Size of one update")
    drawing.show(spec, data.updates_frame(gradients, rate), f"Size of one update in every layer, {title}", key=title)
    lines = [
        words.updates_reading(ACTIVATIONS[name].label, rate * sizes[0], rate * sizes[-1], gradients.diagnoses[name])
        for name, sizes in gradients.sizes.items()
    ]
    st.markdown("\n".join(f"- {line}" for line in lines))
