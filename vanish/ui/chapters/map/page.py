"""Chapter ``map``: where is the edge between vanishing and exploding?"""

from dataclasses import replace

import pandas as pd
import streamlit as st

from vanish.choices.activations import ACTIVATIONS
from vanish.measure.diagnosis import EXPLODING_ABOVE, VANISHING_BELOW
from vanish.network.spec import NetworkSpec
from vanish.ui.chapters.map import charts, data
from vanish.ui.chapters.map import words as map_words
from vanish.ui.chapters.map.data import Grid
from vanish.ui.kit import drawing, pieces, progress
from vanish.ui.kit.measured import Flow
from vanish.ui.shell import moves, session
from vanish.ui.shell.settings import CONTROLS, Settings

AXES = {"depth": "Depth", "bias_std": "Bias deviation"}


def show(settings: Settings, _: Flow) -> None:
    """Draw the chapter."""
    against = settings.map_axis
    (spec,) = settings.respecified(activations=(settings.map_activation,))
    grid = data.map_grid(spec, settings.signal, against)
    frame = _computed(spec, settings, grid)
    lines = data.map_theory(_without_place(spec, against), against)
    # Of the present biases: on the map against biases, the border of the row that the words are about.
    border = data.border_of(replace(spec, weight_scale=1.0, depth=2))
    here = pd.DataFrame([{"weight_scale": settings.weight_scale, against: getattr(settings, against)}])
    label = ACTIVATIONS[settings.map_activation].label
    st.markdown(
        f"**{label}**: colour is the first layer's gradient over the last one's, the median of {grid.n_seeds} "
        f"{'network' if grid.n_seeds == 1 else 'networks'}. Orange vanishes, violet explodes, grey is dead or "
        "overflows. The ring is the network on screen; click a cell to go there."
    )
    drawing.show(
        charts.heat_map(against, AXES[against]),
        {drawing.DATA: frame, drawing.THEORY: lines, drawing.PRESENT: here},
        f"Map of first over last layer for {label}: weight scale against {AXES[against].lower()}",
        key="map_chart",
        on_select=_go_there,
        selection_mode=charts.CELL,
    )
    row = data.nearest_row(frame, against, getattr(settings, against))
    where = f"{AXES[against].lower()} {row[against].iloc[0]:g}"
    words = map_words.map_reading(row["weight_scale"].tolist(), row["ratio"].tolist(), where, border)
    st.markdown("\n".join(f"- {line}" for line in words))
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
        "Mean-field theory (Poole et al. 2016, Schoenholz et al. 2017): each layer multiplies the squared gradient by "
        "χ, computed at the fixed point q* of the pre-activations' variance. The solid line is where χ = 1, the dashed "
        f"one how deep a network can be before the ratio leaves {VANISHING_BELOW:g} to "
        f"{EXPLODING_ABOVE:g}: {data.REACH:.1f} depth scales ξ.",
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
        place.progress(share, f"Measuring {len(grid.weight_scales) * len(grid.others)} networks: {share:.0%}")

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
