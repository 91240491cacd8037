"""Charts as declarations.  A chart's structure depends on its kind and options alone and is built once;
data travel apart from it, so that a slider move sends numbers and no new chart."""

import functools
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Concatenate, Literal, ParamSpec, cast

import altair as alt
import streamlit as st
from altair.utils.schemapi import debug_mode
from streamlit.delta_generator import DeltaGenerator
from streamlit.delta_generator_singletons import get_dg_singleton_instance
from streamlit.elements.vega_charts import VegaChartsMixin
from streamlit.proto.VegaLiteChart_pb2 import VegaLiteChart

from vanish.choices.activations import ACTIVATIONS
from vanish.ui.kit.columns import DATA, ROWS, Columns, Table
from vanish.ui.kit.frames import FULL_BORE
from vanish.ui.kit.numbers import vega_number, vega_percent
from vanish.ui.kit.palette import ACTIVATION_COLORS, DASHES, GREY, HEALTHY
from vanish.ui.kit.shared import shared

P = ParamSpec("P")
Spec = dict[str, Any]

PINNED, FLOORS, THEORY, PRESENT, POINTS = "pinned", "floors", "theory", "present", "points"
HEALTH, KEY, LAST, START = "health", "key", "last", "start"

LINE_TITLES = {"low": "10 % of seeds", "median": "Median", "high": "90 % of seeds", "theory": "Theory"}

# Vega computes these when it draws, so that one structure serves every depth: both ends are always named,
# and of the layers between as many as there is room for.
_STRIDE = "ceil(length(domain('x')) / 10)"
_LAYER_LABELS = (
    "datum.value == domain('x')[0] ? [datum.value, '{first}'] : "
    "datum.value == peek(domain('x')) ? [datum.value, '{last}'] : "
    f"datum.value % {_STRIDE} == 0 && datum.value - domain('x')[0] >= {_STRIDE} && "
    f"peek(domain('x')) - datum.value >= {_STRIDE} ? datum.value : ''"
)

# Of signs beside each other as many as there is room for; what has an end has all.
SIGNS_FIT = "datum.layer % ceil(length(domain('x')) * 16 / max(width, 16)) ? 0 : 1"

# Stands for a number as ``numbers.number`` writes it, which is no format that Vega has: ``finish`` makes an expression
# of it, wherever a tooltip, an axis or a legend has it.
DIGITS = "digits"
# And for a share in per cent, beside an axis or a legend: Vega leaves out the space before the sign.
SHARES = ("%", ".0%")

# The page's own text colour, whichever theme is on.
INK = "currentColor"
# And what it stands on.
GROUND = "Canvas"
# Of letters that lines pass by: in the ground's colour they keep those away from the same letters on top.
AROUND: dict[str, Any] = {"color": GROUND, "stroke": GROUND, "strokeWidth": 4, "strokeJoin": "round", "aria": False}

# What only guides the eye, or may have nothing to draw: read out, it would be a group without a name.
SILENT: dict[str, Any] = {"aria": False}


def log_axis(channel: Literal["x", "y"], ticks: int = 6, **look: Any) -> alt.Axis:
    """An axis on which sizes are read, with the ticks that people count by."""
    grid = {"condition": {"test": _counted_by(channel), "value": 0.5}, "value": 0}
    return alt.Axis(labelExpr=log_labels(channel), tickCount=ticks, gridOpacity=grid, **look)


def log_labels(scale: str) -> str:
    """What stands at the ticks of a log axis, or of a log colour's legend."""
    return f"{_counted_by(scale)} ? {vega_number('datum.value')} : ''"


def _counted_by(scale: str) -> str:
    """Over few powers of ten Vega has a tick for every digit before them.  Those are kept that people count by: 1 over
    two powers of ten and more, 1, 2 and 5 over less."""
    ends = f"domain('{scale}')"
    powers = f"abs(log(peek({ends}) / {ends}[0])) / LN10"
    digit = "round(datum.value / pow(10, floor(log(datum.value) / LN10 + 1e-9)))"
    return f"({ends}[0] <= 0 || {powers} < 0.7 || indexof({powers} < 2 ? [1, 2, 5] : [1], {digit}) >= 0)"


# Rows of one table that become elements of the page; with more, the marks are painted.  Streamlit would paint the words
# too, and does not count where a table is transformed first.
MOST_ELEMENTS = 1000


def show(spec: Spec, data: Table | Mapping[str, Table], alt_text: str, key: str | None, **options: Any) -> None:
    """Draw a chart of this module with its data: one table, or one for each data set that it names."""
    tables = {DATA: data} if isinstance(data, Table) else data
    datasets = {name: one.arrow if isinstance(one, Columns) else one for name, one in tables.items()}
    if max(map(len, datasets.values())) > MOST_ELEMENTS:
        painted = _painted(spec.whole if isinstance(spec, Declared) else spec)
        spec = {**painted, "usermeta": {**painted.get("usermeta", {}), "embedOptions": {"renderer": "hybrid"}}}
    if isinstance(height := spec.get("height"), int) and "params" not in spec:
        # What is known before anything is drawn: nothing below has to make room then.
        options = {"height": height, **options}
    options = {"width": "stretch", "alt": alt_text, "key": key, **options}
    if isinstance(spec, Declared) and "on_select" not in options:
        structure = {} if spec.text else spec
        _WrittenOnce(spec).vega_lite_chart({**structure, "datasets": datasets}, **options)
    else:
        # What answers a click is known by its structure.
        st.vega_lite_chart({**spec, "datasets": datasets}, **options)


class Declared(Spec):
    """A chart's structure as it is kept for everybody, with the text that Streamlit makes of it, once it has."""

    text = ""

    @property
    def whole(self) -> Spec:
        """The structure, as it is drawn."""
        return self


class Renamed(Declared):
    """One with names in it that hold numbers: structure and text are kept with their places."""

    def __init__(self, chart: Declared, names: Mapping[str, str]) -> None:
        super().__init__(chart)
        self._chart, self._names = chart, names

    @property
    def text(self) -> str:
        text = self._chart.text
        for place, name in self._names.items():
            text = text.replace(json.dumps(place), json.dumps(name))
        return text

    @text.setter
    def text(self, text: str) -> None:
        self._chart.text = text

    @property
    def whole(self) -> Spec:
        return cast("Spec", _with_names(dict(self), self._names))


class _WrittenOnce(VegaChartsMixin):
    """The place where the script stands, for a chart whose structure is written, and read through, but once: that takes
    as long as all the rest that Streamlit does with a chart."""

    def __init__(self, spec: Declared) -> None:
        self._spec = spec

    @property
    def dg(self) -> DeltaGenerator:
        return cast("DeltaGenerator", self)

    def _enqueue(self, kind: str, element: VegaLiteChart, **placed: Any) -> DeltaGenerator:
        if not self._spec.text:
            self._spec.text = element.spec
        element.spec = self._spec.text
        return get_dg_singleton_instance().main_dg._enqueue(kind, element, **placed)


def _painted(part: Any) -> Any:
    """The same chart with its marks on a canvas, where the page's own text colour is black on black by night: they have
    one that is seen on both.  Words stay elements of the page, and have that of its theme."""
    if isinstance(part, list):
        return [_painted(one) for one in part]
    if not isinstance(part, dict):
        return part
    marks = "mark" in part and part["mark"]["type"] != "text"
    return {
        key: _seen(value) if marks and key in ("mark", "encoding") else _painted(value) for key, value in part.items()
    }


def _seen(look: Any) -> Any:
    """Of a mark's look, the page's ink as what is seen in both themes."""
    if isinstance(look, list):
        return [_seen(one) for one in look]
    if isinstance(look, dict):
        return {key: value if key == "axis" else _seen(value) for key, value in look.items()}
    return GREY if look == INK else look


# Altair's setters, as in ``alt.X(...).title(...)``, keep the object that they are called on in its class: of two charts
# that are made at the same time, one gets the other's fields (``_PropertySetter`` in Altair 6).
_MAKING = threading.Lock()


def declared(function: Callable[P, Spec]) -> Callable[P, Spec]:
    """Decorator of whatever makes a chart: it is kept for everybody, and no two are made at the same time."""

    @shared()
    @functools.wraps(function)
    def make(*args: P.args, **kwargs: P.kwargs) -> Spec:
        with _MAKING, debug_mode(False):
            return Declared(function(*args, **kwargs))

    return make


Names = tuple[str, ...]


def renamed(chart: Callable[Concatenate[Names, P], Spec], names: Names, *args: P.args, **kwargs: P.kwargs) -> Renamed:
    """A ``declared`` chart whose first argument are names that hold numbers, slopes for example: they are put into one
    that is made once.

    To make a chart for every value of a slider takes several times as long as all the rest of a move.
    """
    places = tuple(f"name {place}" for place in range(len(names)))
    made = chart(places, *args, **kwargs)
    # Every declared chart is one.
    return Renamed(cast("Declared", made), dict(zip(places, names, strict=True)))


def _with_names(part: Any, names: Mapping[str, str]) -> Any:
    if isinstance(part, str):
        return names.get(part, part)
    if isinstance(part, dict):
        return {key: _with_names(value, names) for key, value in part.items()}
    return [_with_names(one, names) for one in part] if isinstance(part, list) else part


_INKED: dict[str, Any] = {"labelColor": INK, "titleColor": INK, "labelFontSize": 13}


def finish(chart: alt.Chart | alt.LayerChart | alt.FacetChart, height: int) -> Spec:
    """The chart's structure, with the look that all charts share.

    Altair's own check of it takes longer than all the rest; the tests make it, for every chart.
    """
    spec: Spec = chart.to_dict(validate=False)
    # Set on the chart, each of them would be one more copy of all its layers, which takes most of a chart's time.
    spec["height"] = height
    spec["config"] |= {
        "axis": {"titleFontSize": 13, "titleFontWeight": "normal", **_INKED},
        "legend": {"symbolSize": 110, "symbolOpacity": 1, "columnPadding": 8, "columns": 3, "orient": "top"}
        | {"title": None, **_INKED},
        "text": {"fontSize": 13},
    }
    _write_digits(spec)
    return spec


def _write_digits(spec: Any) -> None:
    """Let every axis, legend and tooltip that asks for ``DIGITS`` have them, and shares their space."""
    if isinstance(spec, list):
        for part in spec:
            _write_digits(part)
    elif isinstance(spec, dict):
        if spec.get("format") == DIGITS and "field" not in spec:
            del spec["format"]
            spec["labelExpr"] = vega_number("datum.value")
        if spec.get("format") in SHARES and "field" not in spec:
            del spec["format"]
            spec["labelExpr"] = vega_percent("datum.value")
        said = [one for one in _tooltips(spec) if one.get("format") == DIGITS]
        for one in said:
            field = one.pop("field")
            one |= {"field": f"{field} in words", "type": "nominal"}
            del one["format"]
            written = {"calculate": vega_number(f"datum['{field}']"), "as": one["field"]}
            # Of a column of the table before all else: marks of one table that begin alike share the work.
            before = spec.get("transform", [])
            made = any(step.get("as") == field for step in before)
            spec["transform"] = [*before, written] if made else [written, *before]
        for part in spec.values():
            _write_digits(part)


def _tooltips(spec: Spec) -> list[dict[str, Any]]:
    """What a mark says when it is pointed at."""
    encoding = spec.get("encoding")
    said = encoding.get("tooltip", []) if isinstance(encoding, dict) else []
    return said if isinstance(said, list) else [said]


# Pixels of the charts' letters, where no more is said.
LETTERS = 14

# The size of a projector's text in pixels: what ``html`` has in presenter mode.  A telephone has room for no more than
# the page's own letters.
SLIDE_FONT = (
    f"(windowSize()[0] <= 640 ? {LETTERS} : clamp(min(0.019 * windowSize()[0], 0.026 * windowSize()[1]), 16, 32))"
)


def _fitted(field: str) -> dict[str, str]:
    """Letters no larger than lets a text end within the chart: of bold ones 0.42 of their height is room enough."""
    return {"expr": f"min({LETTERS}, width / (0.42 * length(datum.{field})))"}


def for_slide(spec: Spec) -> Spec:
    """The same chart for a projector: as high as its place, with letters at least as large as the text around it."""
    slide: Spec = _in_slide_letters(spec) | {"height": "container"}
    config = slide["config"]
    # Without a limit of its own a legend's title ends where the small letters' would.
    return slide | {"config": config | {"legend": config["legend"] | {"titleLimit": 0}}}


def _in_slide_letters(part: Any) -> Any:
    if isinstance(part, list):
        return [_in_slide_letters(one) for one in part]
    if not isinstance(part, dict):
        return part
    return {
        key: _slide_size(value) if key.lower().endswith("fontsize") else _in_slide_letters(value)
        for key, value in part.items()
    }


def _slide_size(size: Any) -> dict[str, str]:
    if isinstance(size, dict):
        return {"expr": size["expr"].replace(f"min({LETTERS},", f"min({SLIDE_FONT},")}
    return {"expr": f"{max(size / LETTERS, 1):.3g} * {SLIDE_FONT}"}


def dragged(spec: Spec, **ranges: tuple[str, float, float, float]) -> Spec:
    """The chart with sliders of its own below it: the picture answers while they are dragged, and the server is not
    asked.

    ``ranges``: by the name of the signal that a chart's expressions have, the slider's label, ends and step.  Each
    begins where the column of its name of data set ``START``, a row, says, and goes there again when that changes; a
    mark of the chart has to be made of that data set, or Vega does not know it.
    """
    params: list[dict[str, Any]] = []
    for name, (label, low, high, step) in ranges.items():
        begins, bind = f"{name}_start", {"input": "range", "min": low, "max": high, "step": step, "name": label}
        params.append({"name": begins, "expr": f"length(data('{START}')) ? data('{START}')[0].{name} : {low}"})
        # Vega-Lite hands ``on`` to Vega, which knows it.
        again = [{"events": {"signal": begins}, "update": begins}]
        params.append({"name": name, "expr": begins, "bind": bind, "on": again})
    return {**spec, "params": params}


def base_chart(name: str = DATA) -> alt.Chart:
    """A chart of a named data set: of the one that every chart has, or of another."""
    return alt.Chart(alt.NamedData(name))


# Nothing to see: what no mark is made of, Vega does not know.
KEYS = base_chart(KEY).mark_point(color=GREY, opacity=0, aria=False)


def known(chart: alt.Chart, *fields: str) -> alt.Chart:
    """The chart, with marks that stay from one move to the next and take their new places: without a name, which
    ``fields`` make for each row, Vega draws every mark anew.  Of a line or an area each name would be a line apart."""
    name = " + ' ' + ".join(f"datum.{field}" for field in fields)
    return chart.transform_calculate(known=name).encode(alt.Key("known:N"))


def dotted(line: alt.Chart, size: int, *fields: str) -> list[alt.Chart]:
    """A line, and a point on it for every row, which ``fields`` name."""
    return [line, known(line, *fields).mark_point(filled=True, size=size, opacity=1)]


def layers_axis(title: str | None = "Layer", ends: tuple[str, str] = ("input", "output")) -> alt.X:
    """Layers from input to output, or whatever its ends are called."""
    first, last = ends
    return (
        alt.X("layer:O")
        .title(title)
        .axis(
            labelExpr=_LAYER_LABELS.format(first=first, last=last),
            labelAngle=0,
            labelOverlap=False,
            ticks=False,
            domain=False,
            grid=False,
        )
    )


def powers_of_ten(field: str, title: str | None) -> alt.Y:
    """A size on a log axis."""
    return alt.Y(field).title(title).scale(type="log").axis(log_axis("y"))


def named_color(field: str, names: Sequence[str], colors: Sequence[str]) -> alt.Color:
    """A colour for each name."""
    return alt.Color(field).scale(domain=names, range=colors)


# As many names beside each other as there is room for, by the chart's place: its own width is known only when the
# legend's height is, and a legend that grows then would stand above the chart's edge.  Left of it are an axis's labels.
_AXIS = 74
_COLUMNS = f"max(1, min(3, floor(((width && containerSize()[0] || width + {_AXIS}) - {_AXIS}) / 250)))"
_ENTRY = f"indexof(pluck(data('{KEY}'), 'name'), datum.label)"
# Where there is no room for all of it, the number alone.
_NOTE = f"data('{KEY}')[{_ENTRY}].note"
_FITS = f"width < 240 ? split({_NOTE}, ', ')[0] : {_NOTE}"


# A line in a legend, as long as its dashes need.
LINE: Mapping[str, Any] = MappingProxyType({"symbolType": "stroke", "symbolSize": 600, "symbolStrokeWidth": 2.5})


def keyed(color: alt.Color, **look: Any) -> alt.Color:
    """A colour in whose legend every name has its number beside it, as data set ``KEY`` says; a name without an entry
    stands alone.  ``KEYS`` has to be a layer of the chart; ``look``: of the legend, such as ``LINE``."""
    return color.legend(
        **look,
        labelExpr=f"{_ENTRY} < 0 ? datum.label : datum.label + ': ' + ({_FITS})",
        labelLimit=0,
        columns={"expr": _COLUMNS},
    )


def key_frame(notes: Mapping[str, str]) -> Columns:
    """The data set ``KEY``: what stands beside each name."""
    return Columns({"name": list(notes), "note": list(notes.values())})


def activation_color(names: Sequence[str]) -> alt.Color:
    """Each activation's own colour."""
    labels = [ACTIVATIONS[name].label for name in names]
    return named_color("activation:N", labels, [ACTIVATION_COLORS[name] for name in names])


def activation_dash(names: Sequence[str]) -> alt.StrokeDash:
    """Each activation's own dash, for lines where a dash means nothing else."""
    labels = [ACTIVATIONS[name].label for name in names]
    return alt.StrokeDash("activation:N").scale(domain=labels, range=[DASHES[name] for name in names])


def sign_marks(base: alt.Chart) -> alt.Chart:
    """What cannot be drawn, written at the chart's foot.  Data: ``size, floor``."""
    return (
        base.transform_filter("datum.size == 0 || !isFinite(datum.size)")
        .transform_calculate(sign="datum.size == 0 ? '0' : isNaN(datum.size) ? 'NaN' : '∞'")
        .mark_text(baseline="bottom", fontWeight="bold", opacity=alt.expr(SIGNS_FIT))
        .encode(alt.Y("floor:Q"), alt.Text("sign:N"), color=alt.value(INK))
    )


# With more activations than so many a chart grows with its legend.
FEW = 6


@declared
def per_layer(
    names: tuple[str, ...],
    scale: str,
    mark: str,
    title: str,
    lines: tuple[str, ...] = (),
    pinned: tuple[str, ...] = (),
    floors: bool = False,
    health: bool = False,
    key: bool = False,
) -> Spec:
    """One value a layer and activation, as bars or lines; ``scale`` is log, linear or percent, for shares.

    Data: ``layer, activation`` (label), ``size``, ``value`` (the size, but missing where the axis has no
    place for it), ``floor`` (where bars start).  What cannot be drawn has a sign of its own.  ``lines`` may
    name further columns: ``low, median, high`` of a band, and ``theory``.  Data set ``PINNED`` has the
    first four columns for the activations in ``pinned``; data set ``FLOORS`` has ``format, value``; data set
    ``HEALTH`` has the axis's ends, ``bottom, top``, and a band, ``low, high``; with ``key`` data set ``KEY`` says what
    stands beside each activation in the legend.
    """
    x, color = layers_axis(), activation_color(tuple(dict.fromkeys(names + pinned)))
    if key:
        color = keyed(color, **(LINE if mark == "lines" else {}))
    base = base_chart().encode(
        x,
        color,
        tooltip=[
            alt.Tooltip("activation:N").title("Activation"),
            alt.Tooltip("layer:O").title("Layer"),
            alt.Tooltip("size:Q").title(title).format(DIGITS),
            *[alt.Tooltip(f"{name}:Q").title(LINE_TITLES[name]).format(DIGITS) for name in lines],
        ],
    )
    y = powers_of_ten("value:Q", title)
    if scale != "log":
        y = y.scale(zero=True)
    if scale == "percent":
        y = y.scale(domain=[0, 1]).axis(format="%", gridOpacity=0.5)
    beside = alt.XOffset("activation:N").sort([ACTIVATIONS[name].label for name in names])
    placed = base.encode(beside) if mark == "bars" else base
    layers = _health() if health else []
    dash = alt.Undefined if lines else activation_dash(names).legend(None)
    layers += _bars(placed, y, "low" in lines) if mark == "bars" else _lines(placed, y, dash, title, "low" in lines)
    if "theory" in lines:
        layers.append(base.mark_line(strokeDash=[7, 4], strokeWidth=2, opacity=0.9).encode(y="theory:Q"))
    if pinned:
        layers.append(base_chart(PINNED).mark_line(strokeWidth=5, opacity=0.3).encode(x, color, y="value:Q"))
    if floors:
        layers += _floors()
    if key:
        layers.append(KEYS)
    signs = known(sign_marks(placed), "layer", "activation")
    return finish(alt.layer(*layers, signs), height=368 + 16 * max(0, len(names) - FEW))


def _health() -> list[alt.Chart]:
    """A band where layer 1 is healthy, and the axis's ends, unseen."""
    base = base_chart(HEALTH)
    ends = base.mark_rule(opacity=0, **SILENT)
    return [
        base.mark_rect(color=HEALTHY, opacity=0.14).encode(y="low:Q", y2="high:Q"),
        ends.encode(y="bottom:Q"),
        ends.encode(y="top:Q"),
    ]


def _bars(base: alt.Chart, y: alt.Y, bands: bool) -> list[alt.Chart]:
    base = known(base, "layer", "activation")
    layers = [base.mark_bar(cornerRadiusEnd=2).encode(y, y2="floor:Q")]
    if bands:
        layers.append(base.mark_rule(strokeWidth=2, opacity=0.45).encode(y="low:Q", y2="high:Q"))
        layers.append(base.mark_tick(thickness=2, size=10, color=GREY).encode(y="median:Q", color=alt.Undefined))
    return layers


def _lines(base: alt.Chart, y: alt.Y, dash: Any, title: str, bands: bool) -> list[alt.Chart]:
    layers = []
    if bands:
        layers.append(base.mark_area(opacity=0.18).encode(alt.Y("low:Q").title(title), y2="high:Q"))
        layers.append(base.mark_line(strokeDash=[1, 3], strokeWidth=2, strokeCap="round").encode(y="median:Q"))
    return [*layers, *dotted(base.mark_line(strokeWidth=2.5).encode(y, strokeDash=dash), 70, "layer", "activation")]


def _floors() -> list[alt.Chart]:
    rules = base_chart(FLOORS).encode(y="value:Q")
    words = rules.mark_text(align="left", baseline="bottom", dx=4, dy=-2, color=INK, fontSize=12)
    return [rules.mark_rule(strokeDash=[2, 4], color=GREY, **SILENT), words.encode(text="format:N", x=alt.value(0))]


@declared
def curves(names: tuple[str, ...], colors: tuple[str, ...], along: str, title: str, share: bool) -> Spec:
    """A line for each name, on a log axis, or of shares; those of one color are told apart by their dashes.

    Data: ``name, x, value``.
    """
    y = powers_of_ten("value:Q", title)
    if share:
        y = alt.Y("value:Q").title(title).scale(domain=[0, 1]).axis(format="%", gridOpacity=0.5)
    dash = alt.StrokeDash("name:N").scale(domain=names, range=list(DASHES.values())[: len(names)])
    tooltip = [
        alt.Tooltip("name:N").title("With"),
        alt.Tooltip("x:Q").title(along).format(",d"),
        alt.Tooltip("value:Q").title(title).format(".1%" if share else DIGITS),
    ]
    x = alt.X("x:Q").title(along).scale(nice=False).axis(grid=False, tickMinStep=1, format=",d")
    color = named_color("name:N", names, colors).legend(columns={"expr": _COLUMNS}, labelLimit=0, **LINE)
    return finish(base_chart().mark_line(strokeWidth=4).encode(x, y, color, dash, tooltip=tooltip), height=300)


@declared
def pipes(names: tuple[str, ...], colors: tuple[str, ...], axis: str) -> Spec:
    """A row of pipes for each name: bore and depth of color follow ``bore`` (0 to 1), always on the same scale.

    Grey walls stand where a pipe is full.  Data: ``layer, row`` (0 is the top one), ``name, size, share, bore``; of
    data set ``ROWS``: ``row``, ``note`` (what stands over it), and ``low, high``: the bores between which layer 1 is
    healthy.
    """
    color = named_color("name:N", names, colors).legend(None)
    y = alt.Y("top:Q").scale(domain=[len(names) - 0.5, -0.62], nice=False).axis(None)
    x = layers_axis(axis).scale(paddingInner=0.0, paddingOuter=0.0)
    parts = known(base_chart(), "layer", "row").encode(x, y, y2="bottom:Q")
    rows = known(base_chart(ROWS), "row").encode(y, x=alt.value(0))
    across: dict[str, Any] = {"x2": alt.value("width"), "y2": "bottom:Q"}

    def half(width: str) -> str:
        return f"(0.012 + 0.35 * {width})"

    def band(base: alt.Chart, above: str, below: str) -> alt.Chart:
        return base.transform_calculate(top=f"datum.row - {above}", bottom=f"datum.row + {below}")

    full = half(str(FULL_BORE))
    walls = band(rows, full, full).mark_rect(color=GREY, opacity=0.14, **SILENT).encode(**across)
    bores = (
        band(parts, half("datum.bore"), half("datum.bore"))
        .mark_rect()
        .encode(color, alt.Opacity("bore:Q").scale(domain=[0, 1], range=[0.35, 1]).legend(None))
    )
    healthy = [
        band(rows, above, below).mark_rect(color=HEALTHY, opacity=0.28, **SILENT).encode(**across)
        for above, below in (
            (half("datum.high"), f"-{half('datum.low')}"),
            (f"-{half('datum.low')}", half("datum.high")),
        )
    ]
    # Wherever a layer's part of the row is pointed at, however thin its pipe.
    tooltip = [
        alt.Tooltip("name:N").title("Network"),
        alt.Tooltip("layer:O").title("Layer"),
        alt.Tooltip("size:Q").title("Gradient").format(DIGITS),
        alt.Tooltip("share:Q").title("Over a full pipe's").format(DIGITS),
    ]
    places = band(parts, full, full).mark_rect(opacity=0, **SILENT).encode(tooltip=tooltip)
    notes = (
        rows.transform_calculate(top="datum.row - 0.38")
        .mark_text(align="left", baseline="bottom", fontSize=_fitted("note"), fontWeight=600)
        .encode(alt.Text("note:N"), color=alt.value(INK))
    )
    return finish(alt.layer(walls, bores, *healthy, places, notes), height=45 * len(names) + 120)
