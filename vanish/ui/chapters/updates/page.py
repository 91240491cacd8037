"""Chapter ``updates``: who gets to learn?"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.normalizations import NORMALIZATIONS
from vanish.network.initialize import drawing_once
from vanish.network.spec import NetworkSpec
from vanish.ui.chapters.updates import data, words
from vanish.ui.chapters.updates.controls import QUANTITIES, Example
from vanish.ui.chapters.updates.data import Movements
from vanish.ui.kit import budget, drawing, pieces
from vanish.ui.kit.causes import BATCH_OF_ONE
from vanish.ui.shell import header, moves
from vanish.ui.shell.header import Card, Head
from vanish.ui.shell.settings import CONTROLS, Settings

# The signal dies on both ways here: layer 1's weights move further than layer 30's.
BOTH_WAYS = {"depth": 30, "width": 64, "activations": ["leaky_relu"], "initializer": "kata"}


def measure(settings: Settings) -> Movements:
    """The first step of every network on screen."""
    specs, example = _shown(settings)
    with drawing_once():
        return {spec.activation: data.movement(spec, example) for spec in specs}


def _shown(settings: Settings) -> tuple[Sequence[NetworkSpec], Example]:
    """The networks, and what one step is made from: as many, and as many of the examples, as there is time for."""
    asked = settings.part(Example)
    specs = settings.specs[: budget.shown(settings.specs, budget.SCREEN, budget.steps)]
    examples = budget.examples(specs, asked.batch_size, budget.SCREEN, budget.steps)
    return specs, replace(asked, batch_size=examples)


def _less(settings: Settings) -> str:
    """What is shown of the networks and examples that were asked for, where that is not all."""
    specs, example = _shown(settings)
    return settings.less(networks=len(specs), examples=example.batch_size)


def head(settings: Settings, movements: Movements) -> Head:
    """Who moves how far, in the quantity on screen."""
    quantity, ends = QUANTITIES[settings.update_of], _ends(settings, movements)
    sentence = words.finding(ends, quantity, settings.n_layers, _over_batch(settings))
    # A batch of one is no finding: what stands still there would move over more examples.
    of_one = _over_batch(settings) and settings.batch_size == 1 and settings.n_layers > 1
    still = set.intersection(*(set(one.without_gradient) for one in movements.values())) if of_one else set()
    if still:
        sentence += f" {words.one_example(sorted(still))}"
    offered = header.offers({"batch": BATCH_OF_ONE}) if of_one else ()
    return Head(sentence, _cards(ends, settings.n_layers), _less(settings), offered)


def _ends(settings: Settings, movements: Movements) -> dict[str, tuple[float, float]]:
    """The first and the last layer's step of each network, by its label."""
    quantity, rate = QUANTITIES[settings.update_of], settings.learning_rate
    steps = {ACTIVATIONS[name].label: one.steps[quantity.column] for name, one in movements.items()}
    return {label: (rate * sizes[0], rate * sizes[-1]) for label, sizes in steps.items()}


def _cards(ends: Mapping[str, tuple[float, float]], depth: int) -> tuple[Card, ...]:
    """Of each network how many times as far its last layer moves as its first."""
    named = ((label, *steps) for label, steps in ends.items() if depth > 1)
    return tuple(Card(label, words.card_value(*steps), words.card_note(*steps)) for label, *steps in named)


def _over_batch(settings: Settings) -> bool:
    return NORMALIZATIONS[settings.normalization].over_batch


def show(settings: Settings, movements: Movements) -> None:
    """The size of a step in every layer, on paper and measured."""
    measured, paper = st.columns(2, gap="large")
    with measured:
        _measured(settings, movements)
    with paper:
        _on_paper(settings)
    header.below_picture()
    st.markdown(words.introduction(settings.learning_rate))
    st.header(words.GIVEN, anchor=False)
    st.markdown(words.ON_THE_WAY_FORWARD)
    st.markdown("\n".join(f"- {line}" for line in _forward(settings, movements)))
    # Rounded: 10 × 0.03 is no stop of the slider otherwise.
    faster = min(float(f"{10 * settings.learning_rate:.12g}"), CONTROLS["learning_rate"].high)
    moves.try_this(
        ("try_rate", "A larger learning rate: does layer 1 catch up?", {"learning_rate": faster}),
        ("try_he", "He initialization", {"initializer": "he_uniform"}),
        ("try_both_ways", "30 layers of leaky ReLU: whose weights move furthest?", BOTH_WAYS),
    )
    _tables(settings, movements)
    pieces.formula(
        [
            r"\Delta W_l = -\eta \left( \frac{\partial L}{\partial z_l} \right)^{\top} h_{l-1}",
            r"\Delta b_l = -\eta \, \frac{\partial L}{\partial z_l}",
            r"\text{steps}_1 = \frac{\|\Delta W_L\|}{\|\Delta W_1\|}",
        ],
        words.formula(),
    )


def _on_paper(settings: Settings) -> None:
    rate, depth = settings.learning_rate, settings.n_layers
    st.header(words.ON_PAPER, anchor=False)
    ideal = data.ideal_gradients(depth).sizes
    spec = drawing.per_layer(tuple(ideal), "log", "bars", "Size of one update")
    frame = data.ideal_frame(depth, rate)
    drawing.show(spec, frame, "Size of one update in every layer, on paper", key="idealized")
    lines = [
        words.ideal_reading(ACTIVATIONS[name].label, rate * sizes[0], rate * sizes[-1], depth)
        for name, sizes in ideal.items()
    ]
    st.markdown("\n".join(f"- {line}" for line in lines))


def _measured(settings: Settings, movements: Movements) -> None:
    rate, quantity = settings.learning_rate, QUANTITIES[settings.update_of]
    over_batch = _over_batch(settings)
    st.header(words.measured_how(_shown(settings)[1].batch_size, over_batch), anchor=False)
    spec = drawing.per_layer(tuple(movements), "log", "bars", quantity.title, key=True)
    drawn = {
        drawing.DATA: data.measured_frame(movements, quantity.column, rate),
        drawing.KEY: drawing.key_frame(header.key(_cards(_ends(settings, movements), settings.n_layers))),
    }
    drawing.show(spec, drawn, words.alt(quantity), key="measured")
    lines = []
    for name, one in movements.items():
        moved, biases = rate * one.steps[quantity.column], rate * one.steps[QUANTITIES["biases"].column]
        ends = moved[0], moved[-1], biases[0], biases[-1]
        lines.append(words.measured_reading(ACTIVATIONS[name].label, quantity, *ends, settings.n_layers, over_batch))
    st.markdown("\n".join(f"- {line}" for line in lines))


def _forward(settings: Settings, movements: Movements) -> list[str]:
    return [
        words.forward_reading(
            ACTIVATIONS[name].label,
            one.input_rms[0],
            one.input_rms[-1],
            settings.learning_rate * one.steps["relative_length"].max(),
            settings.n_layers,
        )
        for name, one in movements.items()
    ]


COLUMNS = {
    "idealized": "layer (1: at the input); for each activation dL/dz, and the step: learning rate x dL/dz (no units)",
    "measured": "layer (1: at the input); for each activation "
    + "; ".join(f"{name}, {quantity.label.lower()}" for name, quantity in QUANTITIES.items())
    + "; input, RMS of what the layer was given (no units)",
}


WHERE = {"idealized": "on paper", "measured": "as measured"}


def _tables(settings: Settings, movements: Movements) -> None:
    tables = {
        "idealized": data.ideal_table(settings.n_layers, settings.learning_rate),
        "measured": data.measured_table(movements, settings.learning_rate),
    }
    for title, table in tables.items():
        st.caption(f"One update of every layer, {WHERE[title]}")
        said = "gradient and update" if title == "idealized" else "step and input"
        pieces.table(table, f"{title} {said} of every layer", key=f"{title}_table")
        file_name, label = f"vanish-updates-{title}.csv", f"Download the updates {WHERE[title]}"
        pieces.download(table, file_name, label, f"{title}_csv", COLUMNS[title])
