"""The frames of chapter ``flow``."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from vanish.choices.activations import ACTIVATIONS
from vanish.numerics.arrays import Array
from vanish.ui.kit import drawing, verdicts
from vanish.ui.kit.frames import floors_frame, layers_table, per_layer_frame, pipes_frame
from vanish.ui.kit.measured import Flow


@dataclass(frozen=True, eq=False)
class FlowFrames:
    """Chapter ``flow``'s data: of its charts, and the table of all that is drawn."""

    chart: dict[str, pd.DataFrame]
    pipes: pd.DataFrame
    table: pd.DataFrame


@lru_cache(maxsize=128)
def flow_frames(flow: Flow, scale: str, expected: Flow | None, pinned: Flow | None, floors: bool) -> FlowFrames:
    """Everything that is drawn of one measurement."""
    labels = {name: ACTIVATIONS[name].label for name in flow.sizes}
    lines: dict[str, Mapping[str, Array]] = {}
    if flow.bands:
        lines |= {
            column: {name: band[row] for name, band in flow.bands.items()}
            for row, column in enumerate(("low", "median", "high"))
        }
    if expected:
        lines["theory"] = expected.sizes
    chart = {drawing.DATA: per_layer_frame(flow.sizes, scale, **lines)}
    columns = {labels[name]: sizes for name, sizes in flow.sizes.items()}
    titles = {"low": "10 %", "median": "median", "high": "90 %", "theory": "theory"}
    table = layers_table(
        columns | {f"{labels[n]} {titles[c]}": values for c, line in lines.items() for n, values in line.items()}
    )
    if pinned:
        chart[drawing.PINNED] = per_layer_frame(pinned.sizes, scale)
        before = layers_table({f"{ACTIVATIONS[n].label} pinned": sizes for n, sizes in pinned.sizes.items()})
        table = table.merge(before, how="outer", on="layer")
    if floors:
        chart[drawing.FLOORS] = floors_frame(chart[drawing.DATA])
    notes = [verdicts.pipe_note(name, found) for name, found in flow.diagnoses.items()]
    return FlowFrames(chart, pipes_frame(columns, notes), table)
