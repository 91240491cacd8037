"""Chapter ``map``: where is the edge between vanishing and exploding?"""

from dataclasses import replace

import pandas as pd
import streamlit as st

from vanish.choices.activations import ACTIVATIONS
from vanish.network.spec import NetworkSpec
from vanish.ui.chapters.map import charts, data, words
from vanish.ui.chapters.map.data import Grid
from vanish.ui.kit import drawing, pieces, progress
from vanish.ui.kit.measured import Profiles
from vanish.ui.shell import moves, session
from vanish.ui.shell.settings import CONTROLS, Settings

AXES = {"depth": "Depth", "bias_std": "Bias deviation"}


def show(settings: Settings, _: Profiles) -> None:
    """The map, the row on screen in words, and the cells as a table."""
    against = settings.map_axis
    (spec,) = settings.respecified(activations=(settings.map_activation,))
    grid = data.map_grid(spec, settings.signal, against)
    frame = _computed(spec, settings, grid)
    theory = data.map_theory(_without_place(spec, against), against)
    # Of the present biases: on the map against biases, the border of the row that the words are about.
    border = data.border_of(replace(spec, weight_scale=1.0, depth=2))
    here = pd.DataFrame([{"weight_scale": settings.weight_scale, against: getattr(settings, against)}])
    label = ACTIVATIONS[settings.map_activation].label
    st.markdown(words.legend(label, grid.n_seeds))
    drawing.show(
        charts.heat_map(against, AXES[against]),
        {drawing.DATA: frame, drawing.THEORY: theory, drawing.PRESENT: here},
        f"Map of first over last layer for {label}: weight scale against {AXES[against].lower()}",
        key="map_chart",
        on_select=_go_there,
        selection_mode=charts.CELL,
    )
    row = data.nearest_row(frame, against, getattr(settings, against))
    where = f"{AXES[against].lower()} {row[against].iloc[0]:g}"
    lines = words.map_reading(row["weight_scale"].tolist(), row["ratio"].tolist(), where, border)
    st.markdown("\n".join(f"- {line}" for line in lines))
    if pd.notna(border) and CONTROLS["weight_scale"].low <= border <= CONTROLS["weight_scale"].high:
        moves.try_this(
            ("try_border", "Go to theory's border", {"weight_scale": _on_the_slider(border)}),
            ("try_below", "A little below it", {"weight_scale": _on_the_slider(0.7 * border)}),
        )
    table = frame[[against, "weight_scale", "ratio", "state"]]
    folded = st.expander("The cells as a table", on_change="rerun", key="map_cells")
    if folded.open:
        with folded:
            pieces.table(table, "Ratio of every cell of the map", key="map_table")
            pieces.download(table, "vanish-map.csv", "Download as CSV", key="map_csv")
    pieces.formula(
        [
            r"\chi = \sigma_w^2 \, \mathbb{E}\left[\varphi'(\sqrt{q^*}\, z)^2\right], \qquad "
            r"\frac{g_1^2}{g_L^2} \approx \chi^{L-1}, \qquad \xi = \frac{1}{|\ln \chi|}",
        ],
        words.formula(data.REACH),
    )


def _on_the_slider(weight_scale: float) -> float:
    slider = CONTROLS["weight_scale"]
    return max(slider.low, round(round(weight_scale / slider.step) * slider.step, 2))


def _without_place(spec: NetworkSpec, against: str) -> NetworkSpec:
    """The spec without what the map varies, so that a move along the map computes nothing anew."""
    if against == "depth":
        return replace(spec, weight_scale=1.0, depth=2)
    return replace(spec, weight_scale=1.0, bias_std=0.0)


def _computed(spec: NetworkSpec, settings: Settings, grid: Grid) -> pd.DataFrame:
    place = st.empty()

    def report(share: float) -> None:
        place.progress(share, words.progress(len(grid.weight_scales) * len(grid.others), share))

    frame = data.ratio_map(_without_place(spec, grid.against), settings.signal, grid, progress.Progress(report))
    place.empty()
    return frame


def _go_there() -> None:
    """The click's cell becomes the network on screen."""
    chosen = st.session_state["map_chart"].selection.get(charts.CELL, [])
    if chosen:
        cell = chosen[0]
        controls = {key: cell[key] for key in ("weight_scale", "depth", "bias_std") if key in cell}
        if "depth" in controls:
            controls["depth"] = int(controls["depth"])
        session.set_controls(**controls)
