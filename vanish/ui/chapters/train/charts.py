"""The charts of chapter ``train``."""

import altair as alt

from vanish.ui.kit.drawing import (
    DIGITS,
    INK,
    KEY,
    LAST,
    LINE,
    POINTS,
    PRESENT,
    SILENT,
    Spec,
    activation_color,
    activation_dash,
    base_chart,
    declared,
    dotted,
    finish,
    known,
    layers_axis,
    log_axis,
    named_color,
)
from vanish.ui.kit.palette import ACTIVATION_COLORS, CLASS_COLORS, GREY, HELPED

# Without Altair's setters: modules are read while others' charts are made (see ``declared``).
CLASS_SHAPE = alt.Shape("class:N", scale=alt.Scale(domain=[0, 1], range=["circle", "triangle-up"]), legend=None)


def _measure(title: str, scale: str) -> alt.Y:
    """A loss on a log axis, or a score from 0 to 1; an R² below 0 is drawn at 0."""
    y = alt.Y("value:Q").title(title)
    if scale == "log":
        return y.scale(type="log").axis(log_axis("y"))
    return y.scale(domain=[0, 1], clamp=True).axis(format="%")


# Room for a legend of three names, of which a telephone shows two in a line, and for the curves.
HISTORY_HEIGHT = 280


@declared
def history(names: tuple[str, ...], title: str, scale: str, last: tuple[str, ...] = ()) -> Spec:
    """One number over the steps of a run, a line a network, and faint those of the ``last`` run.

    Data: ``activation, step, value``; data set ``PRESENT``: ``step``; data set ``LAST``, if there are any, as the data.
    """
    x, y = alt.X("step:Q").title("Steps").scale(nice=False).axis(grid=False), _measure(title, scale)
    shown = tuple(dict.fromkeys(names + last))
    color, dash = activation_color(shown).legend(**LINE), activation_dash(shown)
    tooltip = [
        alt.Tooltip("activation:N").title("Activation"),
        alt.Tooltip("step:Q").title("Step"),
        alt.Tooltip("value:Q").title(title).format(DIGITS),
    ]
    here = base_chart(PRESENT).mark_rule(color=GREY, strokeDash=[3, 3], **SILENT).encode(x="step:Q")
    lines = base_chart().mark_line(strokeWidth=2.5).encode(x, y, color, dash, tooltip=tooltip)
    faint = base_chart(LAST).mark_line(strokeWidth=5, opacity=0.3).encode(x, y, color, tooltip=tooltip)
    return finish(alt.layer(here, *([faint] if last else []), lines), height=HISTORY_HEIGHT)


# Decades of gradient norm at which the heat map's colours end.
HEAT_DECADES = (-10, 1)


def _decades() -> alt.Color:
    return (
        alt.Color("decades:Q")
        .scale(domain=list(HEAT_DECADES), scheme="viridis", clamp=True)
        .legend(orient="top", gradientLength=160, title="gradient norm, powers of ten")
    )


def _dead() -> alt.Color:
    return (
        alt.Color("dead:Q")
        .scale(domain=[0, 1], scheme="reds")
        .legend(orient="top", gradientLength=160, title="dead units", format=".0%", values=[0, 0.5, 1])
    )


@declared
def heat(look: str) -> Spec:
    """Gradient, or share of dead units, of each layer over a run; ``look`` is ``"gradient"`` or ``"dead"``.

    Data: ``left, right`` (steps), ``layer, size, decades, dead``; data set ``PRESENT``: ``step``.
    """
    gradient = alt.when("isValid(datum.decades)").then(_decades()).otherwise(alt.value(GREY))
    cells = (
        known(base_chart(), "left", "layer")
        .mark_rect()
        .encode(
            alt.X("left:Q").title("Steps").scale(nice=False).axis(grid=False),
            alt.X2("right:Q"),
            alt.Y("layer:O").title("Layer").axis(labelOverlap="greedy", ticks=False, domain=False),
            color=_dead() if look == "dead" else gradient,
            tooltip=[
                alt.Tooltip("left:Q").title("Step"),
                alt.Tooltip("layer:O").title("Layer"),
                alt.Tooltip("size:Q").title("Gradient norm").format(DIGITS),
                alt.Tooltip("dead:Q").title("Dead units").format(".1%"),
            ],
        )
    )
    color = GREY if look == "dead" else "#ffffff"
    here = base_chart(PRESENT).mark_rule(color=color, strokeWidth=2, **SILENT).encode(x="step:Q")
    return finish(alt.layer(cells, here), height=280)


@declared
def slopes() -> Spec:
    """The learned slope of each layer over a run, always on the same scale: what lies beyond it has its end's color.

    Data: ``left, right`` (steps), ``layer, slope``; data set ``PRESENT``: ``step``.
    """
    color = (
        alt.Color("slope:Q")
        .scale(domain=[-0.5, 0, 1], scheme="viridis", clamp=True)
        .legend(orient="top", gradientLength=160, title="learned slope", values=[-0.5, 0, 0.5, 1])
    )
    cells = (
        known(base_chart(), "left", "layer")
        .mark_rect()
        .encode(
            alt.X("left:Q").title("Steps").scale(nice=False).axis(grid=False),
            alt.X2("right:Q"),
            alt.Y("layer:O").title("Layer").axis(labelOverlap="greedy", ticks=False, domain=False),
            color=alt.when("isValid(datum.slope)").then(color).otherwise(alt.value(GREY)),
            tooltip=[
                alt.Tooltip("left:Q").title("Step"),
                alt.Tooltip("layer:O").title("Layer"),
                alt.Tooltip("slope:Q").title("Learned slope").format(DIGITS),
            ],
        )
    )
    here = base_chart(PRESENT).mark_rule(color="#ffffff", strokeWidth=2, **SILENT).encode(x="step:Q")
    return finish(alt.layer(cells, here), height=280)


@declared
def spread(name: str, title: str) -> Spec:
    """How numbers are spread in each layer, a column a layer.

    Data: ``layer, low, high`` (on the axis), ``least, most`` (the numbers themselves), ``share``, and ``shade`` (the
    share beside the layer's largest); data set ``POINTS``: ``layer, note``, what stands over a column.
    """
    cells = (
        base_chart()
        .mark_rect()
        .encode(
            layers_axis().scale(paddingInner=0.05),
            alt.Y("low:Q").title(title).scale(zero=False, nice=False).axis(format=DIGITS, tickCount=5),
            alt.Y2("high:Q"),
            alt.Color("shade:Q").scale(range=["#88888818", ACTIVATION_COLORS[name]], domain=[0, 1]).legend(None),
            tooltip=[
                alt.Tooltip("layer:O").title("Layer"),
                alt.Tooltip("least:Q").title("From").format(DIGITS),
                alt.Tooltip("most:Q").title("To").format(DIGITS),
                alt.Tooltip("share:Q").title("Share of numbers").format(".1%"),
            ],
        )
    )
    notes = (
        base_chart(POINTS)
        .mark_text(baseline="bottom", dy=-3, fontSize=11, color=INK)
        .encode(layers_axis(), alt.Text("note:N"), y=alt.value(0))
    )
    return finish(alt.layer(cells, notes), height=240)


# First layer to last: both can be seen on light and on dark.
LAYER_COLORS = ["#5b6cff", "#e08a1e"]


@declared
def update_to_data(rule: float) -> Spec:
    """Size of the update beside the weights over a run, a line a layer, and a line at ``rule``.

    Data: ``layer, step, value`` (powers of ten); data set ``PRESENT``: ``step``.
    """
    line = (
        base_chart()
        .mark_line(strokeWidth=2)
        .encode(
            alt.X("step:Q").title("Steps").scale(nice=False).axis(grid=False),
            alt.Y("value:Q").title("log10(update / weights)").scale(zero=False),
            alt.Color("layer:Q").scale(range=LAYER_COLORS).legend(title="Layer", columns=6),
            detail="layer:N",
            tooltip=[
                alt.Tooltip("layer:O").title("Layer"),
                alt.Tooltip("step:Q").title("Step"),
                alt.Tooltip("value:Q").title("Power of ten").format(DIGITS),
            ],
        )
    )
    here = base_chart(PRESENT).mark_rule(color=GREY, strokeDash=[3, 3], **SILENT).encode(x="step:Q")
    thumb = base_chart(PRESENT).mark_rule(color=INK, strokeDash=[7, 4], **SILENT).encode(y=alt.datum(rule))
    return finish(alt.layer(here, thumb, *dotted(line, 30, "layer", "step")), height=280)


@declared
def surface(notes: bool = False) -> Spec:
    """What a network says at every place of the plane, and the points that it should tell apart.

    Data: ``left, right, bottom, top, share`` (of class 1); data set ``POINTS``: ``x, y, class``; data set ``KEY``, if
    there are ``notes``: ``x, y, note``, words that begin there.
    """
    bare = alt.Axis(labels=False, ticks=False, domain=False, grid=False, title=None)
    tight = alt.Scale(nice=False, zero=False)
    colors = [CLASS_COLORS[0], "#f3f1f6", CLASS_COLORS[1]]
    cells = (
        known(base_chart(), "left", "bottom")
        .mark_rect()
        .encode(
            alt.X("left:Q").scale(tight).axis(bare),
            alt.X2("right:Q"),
            alt.Y("bottom:Q").scale(tight).axis(bare),
            alt.Y2("top:Q"),
            alt.Color("share:Q").scale(domain=[0, 0.5, 1], range=colors, interpolate="lab").legend(None),
        )
    )
    examples = (
        base_chart(POINTS)
        .mark_point(filled=True, size=32, opacity=1, stroke="white", strokeWidth=0.7)
        .encode(
            alt.X("x:Q").axis(bare),
            alt.Y("y:Q").axis(bare),
            alt.Fill("class:N").scale(domain=[0, 1], range=list(CLASS_COLORS)).legend(None),
            CLASS_SHAPE,
        )
    )
    words = (
        base_chart(KEY)
        .mark_text(align="left", fontWeight=600)
        .encode(alt.X("x:Q").axis(bare), alt.Y("y:Q").axis(bare), alt.Text("note:N"), color=alt.value(INK))
    )
    layers = (cells, examples, *([words] if notes else []))
    return finish(alt.layer(*layers).resolve_scale(color="independent"), height=280)


@declared
def points(n_inputs: int) -> Spec:
    """What there is to learn.  Data: ``x, y, class``."""
    x_title, y_title = ("Input", "Output") if n_inputs == 1 else ("First input", "Second input")
    chart = (
        base_chart()
        .mark_point(filled=True, size=36, opacity=0.9)
        .encode(
            alt.X("x:Q").title(x_title),
            alt.Y("y:Q").title(y_title),
            alt.Color("class:N").scale(domain=[0, 1], range=list(CLASS_COLORS)).legend(None),
            CLASS_SHAPE,
        )
    )
    return finish(chart, height=320)


@declared
def fit(name: str) -> Spec:
    """Curves through points.  Data: ``x, y, target``; data set ``POINTS``: ``x, y``."""
    x, y = alt.X("x:Q").title("Input"), alt.Y("y:Q").title("Output")
    examples = base_chart(POINTS).mark_point(filled=True, size=14, opacity=0.5, color=GREY).encode(x, y)
    curve = (
        base_chart()
        .mark_line(strokeWidth=3, color=ACTIVATION_COLORS[name])
        .encode(x, y, order="x:Q", detail="target:N")
    )
    return finish(alt.layer(examples, curve), height=280)


# Before what a digit is taken for.
SIGNED = "datum.outcome == 'right' ? '✓ ' : datum.outcome == 'wrong' ? '✗ ' : ''"


# How many digits stand beside each other, by the room that there is, and how large a pixel of theirs is: a square one.
# Between digits one pixel is left free, below each there is room for a word.
ACROSS = "width > 600 ? 12 : 6"
PIXEL = "min(width / (9 * across), height / (11 * 12 / across))"


@declared
def digits() -> Spec:
    """A dozen digits and what they are taken for, in one row or two.

    Data: ``image, row, column, grey``; data set ``POINTS``: ``image, taken, outcome`` (right, wrong, or label).
    """
    left, top = "pixel * (9 * (datum.image % across) + {})", "pixel * (11 * floor(datum.image / across) + {})"
    pixels = (
        known(base_chart(), "image", "row", "column")
        .transform_calculate(x=left.format("datum.column"), y=top.format("datum.row"))
        .transform_calculate(x2="datum.x + 1.05 * pixel", y2="datum.y + 1.05 * pixel")
        .mark_rect()
        .encode(
            alt.X("x:Q").scale(None).axis(None),
            alt.X2("x2:Q"),
            alt.Y("y:Q").scale(None).axis(None),
            alt.Y2("y2:Q"),
            alt.Color("grey:Q").scale(domain=[0, 1], scheme="greys").legend(None),
        )
    )
    words = (
        base_chart(POINTS)
        .transform_calculate(x=left.format(4), y=top.format(8.4), said=f"({SIGNED}) + datum.taken")
        .mark_text(fontWeight="bold", baseline="top")
        .encode(
            alt.X("x:Q").scale(None).axis(None),
            alt.Y("y:Q").scale(None).axis(None),
            text="said:N",
            color=alt.value(INK),
        )
    )
    spec = finish(alt.layer(pixels, words), height=150)
    return {**spec, "params": [{"name": "across", "expr": ACROSS}, {"name": "pixel", "expr": PIXEL}]}


@declared
def confusion() -> Spec:
    """How often which digit was taken for which.  Data: ``digit, said, count``."""
    base = base_chart().encode(
        alt.X("said:O").title("Taken for").axis(labelAngle=0, ticks=False, domain=False),
        alt.Y("digit:O").title("Digit").axis(ticks=False, domain=False),
        tooltip=["digit:O", alt.Tooltip("said:O").title("taken for"), "count:Q"],
    )
    cells = base.mark_rect().encode(alt.Color("count:Q").scale(scheme="blues").legend(None))
    ink = (
        alt.when("luminance(scale('color', datum.count)) < 0.18")
        .then(alt.value("white"))
        .otherwise(alt.value("#1b1b28"))
    )
    words = base.transform_filter("datum.count > 0").mark_text(fontSize=11).encode(text="count:Q", color=ink)
    return finish(alt.layer(cells, words), height=290)


@declared
def against_depth(names: tuple[str, ...], title: str, scale: str, last: bool = False) -> Spec:
    """A trained network's number against its depth, and faint those of the ``last`` race.

    Data: ``name, depth, value``; data set ``LAST``, if there is one, as the data.
    """
    x, y = alt.X("depth:Q").title("Depth").axis(grid=False), _measure(title, scale)
    color = named_color("name:N", names, [ACTIVATION_COLORS["sigmoid"], ACTIVATION_COLORS["relu"], HELPED])
    tooltip = ["name:N", "depth:Q", alt.Tooltip("value:Q").title(title).format(DIGITS)]
    line = base_chart().mark_line(strokeWidth=2.5).encode(x, y, color, tooltip=tooltip)
    faint = base_chart(LAST).mark_line(strokeWidth=5, opacity=0.3).encode(x, y, color, tooltip=tooltip)
    return finish(alt.layer(*([faint] if last else []), *dotted(line, 80, "name", "depth")), height=260)
