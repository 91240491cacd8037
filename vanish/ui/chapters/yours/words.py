"""Sentences of chapter ``yours``.  Names come from a reader's log: each goes through ``quoted``."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.initializers import INITIALIZERS
from vanish.choices.normalizations import NORMALIZATIONS
from vanish.choices.residuals import RESIDUALS
from vanish.logs import Bought, Decision, Finding, GradientLog, Nearest, Report, StepVerdict
from vanish.logs.findings import Voice
from vanish.logs.nearest import FARTHEST
from vanish.logs.sizes import SIZES
from vanish.network.spec import NetworkSpec
from vanish.ui.kit.numbers import number, spelled
from vanish.ui.kit.plain import quoted

# Letters of a name that are shown: what tells two names apart often stands at their end.
MOST_LETTERS = 64

# How findings are written in Markdown.
VOICE = Voice(lambda name: quoted(name, MOST_LETTERS), number)

KEPT_WHERE = (
    "The log stays in this session: it is written to no disk, is in no link, and is gone when the page is closed. A "
    "link holds which example is open, and nothing of how it is read."
)

NOTHING_READ = "Nothing could be read of this log: what is needed are gradients by layer."

WAYS_IN = (
    "Metrics of Lightning, exports of W&B or TensorBoard, tables, JSON, printed lines: it is found out which it is. "
    "Files of up to 5 MB."
)

KINDS = {
    "weight": "weights",
    "bias": "biases",
    "normalization": "normalization's gains and shifts",
    "embedding": "embeddings",
    "all": "all parameters",
}

FIELDS = {
    "size": "Size",
    "order": "Order",
    "loss_scale": "Loss scale",
    "run": "Run",
    "thinned": "Thinned",
    "columns": "Columns",
    "left_out": "Left out",
}

# Of these the words are the log's own.
QUOTED = ("run", "left_out")


def line(finding: Finding) -> str:
    """A finding with the work that it rests on."""
    return f"{finding.text} :small[{finding.source}]" if finding.source else finding.text


def judged(report: Report) -> str:
    """What the verdict is about."""
    n = len(report.names)
    layers = f"{n:,} {'layer' if n == 1 else 'layers'}"
    size = SIZES[report.log.size].label
    per = " over the root of its number of entries" if report.per_entry and not SIZES[report.log.size].per_entry else ""
    return f"Judged: {layers} ({KINDS[report.parameters]}) at step {report.step:,.6g}, by {size}{per}."


def decision(one: Decision) -> str:
    """What was decided while reading, and why; in quotes what may come from the log."""
    choice = SIZES[one.choice].label if one.field == "size" and one.choice in SIZES else one.choice
    said = quoted(choice, 3 * MOST_LETTERS) if one.field in QUOTED else choice
    return f"**{FIELDS.get(one.field, one.field)}**: {said} ({one.reason})."


def read_as(log: GradientLog) -> str:
    """What the log was taken for."""
    formats = "; ".join(log.sources)
    steps = f"{log.n_steps:,} {'step' if log.n_steps == 1 else 'steps'}"
    return f"**Read as**: {formats or 'names and numbers'}; {log.n_parameters:,} parameters at {steps}."


def shapes_known(report: Report) -> str:
    """Whether layers of other shapes can be compared."""
    if report.per_entry:
        return "**Shapes**: sizes are per entry, and layers of other shapes can be compared."
    if SIZES[report.log.size].to_rms is None:
        return "**Shapes**: of no use while the size is not a length: layers of other shapes are not comparable."
    return (
        "**Shapes**: unknown. Lengths of whole tensors grow with their number of entries: give shapes, and they are "
        "compared per entry."
    )


def settings(report: Report) -> tuple[tuple[str, str], ...]:
    """How the log was read and what is judged of it, for the files that are taken home."""
    log = report.log
    chosen = [(FIELDS[one.field], one.choice) for one in log.decisions if one.field in FIELDS and one.field != "size"]
    return (
        ("Size", SIZES[log.size].label),
        ("Parameters", KINDS[report.parameters]),
        ("Step", f"{report.step:,.6g}"),
        *chosen,
    )


MOST_STRETCHES = 6


def course(verdicts: Sequence[StepVerdict]) -> str:
    """How the verdict went over the run."""
    stretches = [list(same) for _, same in groupby(verdicts, key=lambda verdict: verdict.verdict)]
    if len(verdicts) == 1:
        return f"One step was logged, step {verdicts[0].step:,.6g}: {verdicts[0].verdict}."
    if len(stretches) == 1:
        return f"At all {len(verdicts)} steps that were judged: {verdicts[0].verdict}."
    parts = [f"{same[0].verdict} from step {same[0].step:,.6g}" for same in stretches[:MOST_STRETCHES]]
    more = len(stretches) - MOST_STRETCHES
    rest = f", and {more} more {'change' if more == 1 else 'changes'}" if more > 0 else ""
    return f"The verdict over the {len(verdicts)} steps that were judged: {', '.join(parts)}{rest}."


def heat_alt(n_rows: int, n_steps: int) -> str:
    """The picture in one line, for those who hear the page."""
    return f"Gradient of the log by layer and step: {n_rows:,} rows, {n_steps:,} steps"


def heat_reading(low: float, high: float, shares: bool, marks: Sequence[str]) -> str:
    """How to read the picture; ``marks``: words for what is no number in it."""
    signs = {
        "exactly 0": "● exactly 0",
        "missing": "– missing: no gradient reached it, or it is frozen",
        "below the last digit": "▼ printed as 0, smaller than the last digit",
        "infinite": "▲ infinite",
        "NaN": "✚ NaN",
    }
    there = [signs[mark] for mark in signs if mark in marks]
    legend = f" Signs: {'; '.join(there)}." if there else ""
    several = (
        " A cell that stands for several shows their mean power of ten, or a sign if one of them is 0, infinite or NaN."
        if shares
        else ""
    )
    colors = (
        f" Colors end at {number(low)} and {number(high)}, the 5th and the 95th percentile after the first tenth of "
        f"the steps."
        if np.isfinite(low)
        else " There is no number above 0 to give a color to."
    )
    return f"A row a layer, the input on top; under them the verdict.{colors}{several}{legend}"


def left_out(beginning: str, end: str) -> str:
    """What all names on an axis share, and the axis leaves out; empty where that is nothing."""
    parts = [f"begin with {quoted(beginning)}"] if beginning else []
    parts += [f"end with {quoted(end)}"] if end else []
    return f"Left out on the axes: all names {' and '.join(parts)}." if parts else ""


def profile_alt(report: Report) -> str:
    """The profile in one line, for those who hear the page."""
    return f"Size of every layer's gradient at step {report.step:,.6g}: {len(report.names)} layers, {report.verdict}"


def signs(found: Sequence[str]) -> str:
    """What the signs in the profile mean; empty where there are none."""
    meanings = {
        "0": "0 is exactly 0",
        "–": "– is missing",
        "<": "< is smaller than its bar: it was printed as 0, and the bar is half of the last digit",
        "NaN": "NaN is no number",
        "∞": "∞ is infinite",
    }
    there = [meaning for sign, meaning in meanings.items() if sign in found]
    return f"In the place of a bar: {'; '.join(there)}." if there else ""


def kind(spec: NetworkSpec) -> str:
    """A kind of network in words."""
    parts = [ACTIVATIONS[spec.activation].label, INITIALIZERS[spec.initializer].label]
    parts += [NORMALIZATIONS[spec.normalization].label] if NORMALIZATIONS[spec.normalization].normalizes else []
    parts += [f"{RESIDUALS[spec.residual].label} residual connections"] if RESIDUALS[spec.residual].skips else []
    return ", ".join(parts)


MOST_TIES = 4


def nearest(found: Nearest) -> list[str]:
    """Which network is nearest, how well it fits, and what cannot be told apart from it."""
    best = found.best
    off = f"{number(best.misfit)} times the scatter of its own kind"
    if not found.fits:
        return [
            f"No kind of network fits, of {found.tried} that were tried: the nearest ({kind(best.spec)}) is off "
            f"by {off} from layer to layer, and more than {number(FARTHEST)} times is called no fit. What follows is "
            f"of that one: take it with care."
        ]
    lines = [
        f"Of the {found.tried} kinds of networks that were tried, {kind(best.spec)} comes nearest: from layer to layer "
        f"the log is off by {off}. Its curve is dashed in the profile, with a band of 10 to 90 % of its seeds, moved "
        f"to the log's level, which is the loss's."
    ]
    others = found.ties[1:]
    if others:
        named = "; ".join(kind(fit.spec) for fit in others[:MOST_TIES])
        more = f", and {len(others) - MOST_TIES} more" if len(others) > MOST_TIES else ""
        one = len(others) == 1
        lines.append(
            f"{spelled(len(others)).capitalize()} {'other cannot' if one else 'others cannot'} be told apart from it: "
            f"{named}{more}."
        )
    return lines


def why_no_neighbor(reason: str) -> str:
    """Why no network is looked for."""
    return f"No nearest network can be looked for: {reason}."


def bought(one: Bought) -> str:
    """What one remedy bought on the nearest network."""
    before, after = number(one.before), number(one.after)
    decades = one.decades
    if abs(decades) >= 100:
        change = "better: a gradient where there was none" if decades > 0 else "worse: no gradient that is a number"
    elif abs(decades) < 0.05:
        change = "no change worth naming"
    else:
        change = f"{number(abs(decades), 2)} powers of ten {'nearer to' if decades > 0 else 'farther from'} 1"
    return f"**{one.title}** ({one.variant}): first / last from {before} to {after}, {change}."


def remedies(tried: int) -> str:
    """How the remedies were tried."""
    return (
        f"{spelled(tried).capitalize()} {'remedy was' if tried == 1 else 'remedies were'} tried on that network, not "
        f"on yours; what bought most comes first. First / last is of the root mean square of dL/dz, over that of a "
        f"network of the shape that loses nothing; median of 8 seeds."
    )
