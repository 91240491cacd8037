"""Chapter ``map``: where is the edge between vanishing and exploding?"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import streamlit as st

from vanish.choices.activations import ACTIVATIONS
from vanish.measure.magnitudes import MAGNITUDES
from vanish.network.spec import NetworkSpec
from vanish.ui.chapters.map import charts, data, words
from vanish.ui.chapters.map.data import Border, Grid
from vanish.ui.kit import drawing, pieces, progress, verdicts
from vanish.ui.kit.measured import any_depth
from vanish.ui.shell import header, moves, session
from vanish.ui.shell.header import Head, Offer
from vanish.ui.shell.settings import CONTROLS, Settings


@dataclass(frozen=True, eq=False)
class Map:
    """What is on the map: its cells, the row nearest to the controls, and theory's border in that row.

    Without cells where there is no time for any.
    """

    spec: NetworkSpec
    grid: Grid
    cells: pd.DataFrame
    row: pd.DataFrame
    border: Border

    @property
    def label(self) -> str:
        """The activation, as it is written."""
        return ACTIVATIONS[self.spec.activation].label

    @property
    def gray(self) -> bool:
        """Whether there are cells without a number."""
        return bool(self.cells["decades"].isna().any())

    @property
    def where(self) -> str:
        """The row in words, where no line ends before its number."""
        return f"{words.AXES[self.grid.against].lower()}\N{NO-BREAK SPACE}{self.row[self.grid.against].iloc[0]:g}"


def measure(settings: Settings) -> Map:
    """The cells, from the cache or with a bar that tells how far they are."""
    against = settings.map_axis
    (spec,) = settings.respecified(activations=(settings.map_activation,))
    grid = data.map_grid(spec, settings.asked, against)
    if data.over(spec, settings.asked, grid) > 1:
        return Map(spec, grid, pd.DataFrame(), pd.DataFrame(), Border())
    cells = _computed(spec, settings, grid)
    row = data.nearest_row(cells, against, spec.depth if against == "depth" else spec.bias_std)
    # Of the present biases: on the map against biases, the border of the row that the words are about.
    border = data.border(replace(any_depth(spec), weight_scale=1.0), settings.asked.magnitude)
    return Map(spec, grid, cells, row, border)


def head(settings: Settings, measured: Map) -> Head:
    """The map's own finding."""
    if measured.cells.empty:
        return Head(words.too_large(data.over(measured.spec, settings.asked, measured.grid)))
    row = measured.row
    off, dead = float(row["output_off"].mean()), float(row["dead"].mean())
    if off > 0 and 2 * off >= dead and not measured.spec.linear_output and "healthy" not in set(row["state"]):
        mend = Offer("mend_output", "Give the networks a linear output", {"linear_output": "linear"})
        return Head(words.output_off(measured.label, off, measured.where), offers=(mend,))
    return Head(words.finding(measured.label, row["weight_scale"].tolist(), row["state"].tolist(), measured.where))


def show(settings: Settings, measured: Map) -> None:
    """The map, the row on screen in words, and the cells as a table."""
    if measured.cells.empty:
        return
    against, spec, row = measured.grid.against, measured.spec, measured.row
    theory = data.map_theory(_without_place(spec, against), against)
    here = pd.DataFrame(
        [{"weight_scale": settings.weight_scale, against: spec.depth if against == "depth" else spec.bias_std}]
    )
    yardsticks = data.yardsticks(spec, settings.asked, measured.grid).values()
    border = measured.border
    deep = np.nan if border.reason else data.trainable_depth(spec)
    drawn = not border.reason and bool((theory["kind"] == "trainable").any())
    trainable = words.trainable(deep, settings.weight_scale, None if against == "depth" else spec.depth, drawn)
    reach = not border.reason and bool((theory["kind"] == "reach").any())
    unknown = "" if border.reason else data.why_no_depth(spec)
    drawing.show(
        charts.heat_map(against, words.AXES[against], measured.gray),
        {
            drawing.DATA: measured.cells,
            drawing.THEORY: theory[:0] if measured.border.reason else theory,
            drawing.PRESENT: here,
        },
        words.alt_text(measured.label, words.AXES[against].lower(), trainable),
        key="map_chart",
        on_select=_go_there,
        selection_mode=charts.CELL,
    )
    header.below_picture()
    st.markdown(
        words.legend(
            measured.label,
            measured.grid.n_seeds,
            data.examples(settings.asked),
            min(yardsticks),
            max(yardsticks),
            against == "depth" and bool(settings.sizes),
            measured.gray,
        )
    )
    if aside := verdicts.judged_as(MAGNITUDES[settings.magnitude]):
        st.caption(aside)
    lost = (row["dead"] + row["overflow"]).tolist()
    lines = [
        words.row_reading(row["weight_scale"].tolist(), row["state"].tolist(), lost, measured.where),
        words.border(border.scale, border.factor, border.reason),
        *filter(
            None, (words.DASHED if reach else "", trainable, unknown, words.UNEQUAL if drawn and spec.widths else "")
        ),
    ]
    st.markdown("\n".join(f"- {line}" for line in lines))
    if border.exists and CONTROLS["weight_scale"].low <= border.scale <= CONTROLS["weight_scale"].high:
        moves.try_this(
            ("try_border", "Go to theory's border", {"weight_scale": _on_the_slider(border.scale)}),
            ("try_below", "A little below it", {"weight_scale": _on_the_slider(0.7 * border.scale)}),
        )
    table = measured.cells[[against, "weight_scale", "ratio", "left", "state", "dead", "overflow"]]
    folded = st.expander("The cells as a table", on_change="rerun", key="map_cells")
    if folded.open:
        with folded:
            pieces.table(table, "Ratio of every cell of the map", key="map_table")
            columns = (
                f"{against} and weight_scale of a cell; ratio, first / last layer of "
                f"{MAGNITUDES[settings.signal.magnitude].label} (no unit), the median over seeds; left, the same over "
                "a lossless network's; state, the verdict; dead and overflow, shares of the seeds from 0 to 1"
            )
            pieces.download(table, "vanish-map.csv", "Download as CSV", "map_csv", columns)
    pieces.formula(
        [
            r"\chi = \sigma_w^2 \, \mathbb{E}\left[\varphi'(\sqrt{q^*}\, z)^2\right]",
            r"\frac{g_1^2}{g_L^2} \approx r_0^2\, \chi^{L-1}",
            r"\xi = \frac{1}{|\ln \chi|}",
        ],
        words.formula(data.REACH, None if against == "depth" else spec.depth),
    )


def _on_the_slider(weight_scale: float) -> float:
    slider = CONTROLS["weight_scale"]
    return max(slider.low, round(round(weight_scale / slider.step) * slider.step, 2))


def _without_place(spec: NetworkSpec, against: str) -> NetworkSpec:
    """The spec without what the map varies, so that a move along the map computes nothing anew."""
    if against == "depth":
        return replace(any_depth(spec), weight_scale=1.0)
    return replace(spec, weight_scale=1.0, bias_std=0.0)


def _computed(spec: NetworkSpec, settings: Settings, grid: Grid) -> pd.DataFrame:
    place = st.empty()

    def report(share: float) -> None:
        place.progress(share, words.progress(len(grid.weight_scales) * len(grid.others), share))

    cells = data.ratio_map(_without_place(spec, grid.against), settings.asked, grid, progress.Progress(report))
    place.empty()
    return cells


def _go_there() -> None:
    """The click's cell becomes the network on screen."""
    chosen = st.session_state["map_chart"].selection.get(charts.CELL, [])
    if chosen:
        cell = chosen[0]
        controls = {key: cell[key] for key in ("weight_scale", "depth", "bias_std") if key in cell}
        # Depth says nothing beside layer sizes.
        if depth := controls.pop("depth", None):
            controls |= {} if session.value("sizes") else {"depth": int(depth)}
        session.set_controls(**controls)
