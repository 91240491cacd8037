"""A verdict from per-layer gradients, with the evidence for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import log10
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vanish.choices.number_formats import NUMBER_FORMATS, NumberFormat
from vanish.measure.profile import Factor, Gap, Profile, Step
from vanish.numerics.arrays import QUIET, Array, first_over_last
from vanish.numerics.checks import check_choices, check_integer, check_number, shown

Verdict = Literal[
    "missing",
    "overflow",
    "dead",
    "jump",
    "blocked",
    "vanishing",
    "exploding",
    "too small",
    "too large",
    "healthy",
]

# Two decades either way.  It says little about learning: of 34 networks below it 9 read digits better after 1,500 steps
# with momentum than before, and 24 with Adam (tests/benchmarks/record.py prints it); and of He's leaky ReLU networks 8
# wide, 14 % (10 deep) and 48 % (20 deep) fall below.
VANISHING_BELOW = 1e-2
EXPLODING_ABOVE = 1e2

# The fit looks at all pairs of layers.
LARGEST_LAYERS = 2000

FORMATS = ("float32", "bfloat16", "float16", "float8_e4m3", "float8_e5m2")

SMALLEST_YARDSTICK, LARGEST_YARDSTICK = 1e-100, 1e100

NO_SIZES = "sizes must be one non-negative number per layer (None where no gradient reached it)"


@dataclass(frozen=True)
class Level:
    """Layers whose gradient a number format does not hold in full: below its smallest normal number, above its
    largest."""

    number_format: str
    below: tuple[int, ...]
    above: tuple[int, ...]


@dataclass(frozen=True)
class Diagnosis:
    """A verdict on the gradients of all layers, and its evidence.  Layers count from 1, the input's side.

    Attributes
    ----------
    verdict : str
        The first of the list at ``diagnose`` that applies.
    ratio : float
        First layer's gradient over the last one's, as it is (nan where neither exists or one is missing).
    n_layers : int
    layer : int or None
        The layer to name: of several missing, non-finite, dead, too small or too large ones the first that the
        gradient meets on its way back; of a jump the one behind it on that way; of a gap the one that gets least.
    layers : tuple of int
        All layers that the verdict is about; empty for vanishing, exploding and healthy.
    yardstick : float
        The ratio of a network of this shape that loses nothing.
    factor : Factor
        What a step back multiplies the gradient by, fitted to all layers, with its 95 % interval.
    step : Step or None
        The jump where there is one, else the largest step between neighbours; the last one over the yardstick.
    gap : Gap or None
        The layer inside that is furthest below both ends, whether or not that is much.
    missing, non_finite, dead : tuple of int
    levels : tuple of Level, one a number format
    decades : float
        How far off the gradient is in powers of ten, see ``severity``.
    """

    verdict: Verdict
    ratio: float
    n_layers: int
    layer: int | None = None
    layers: tuple[int, ...] = ()
    yardstick: float = 1.0
    factor: Factor = field(default_factory=Factor)
    step: Step | None = None
    gap: Gap | None = None
    missing: tuple[int, ...] = ()
    non_finite: tuple[int, ...] = ()
    dead: tuple[int, ...] = ()
    levels: tuple[Level, ...] = ()
    decades: float = 0.0

    @property
    def factor_per_layer(self) -> float:
        """Geometric mean of what one layer leaves of the gradient, from first and last alone."""
        return self.ratio ** (1 / (self.n_layers - 1)) if self.n_layers > 1 else 1.0

    @property
    def left(self) -> float:
        """First over last layer, over what a network that loses nothing has: at 1 nothing was lost."""
        return self.ratio / self.yardstick

    @property
    def output_dead(self) -> bool:
        """Whether the last layer's gradient is exactly zero already, so that nothing sets out on the way back."""
        return self.n_layers in self.dead

    @property
    def severity(self) -> tuple[int, float]:
        """The worst is smallest: no gradient, no number, zero; then whatever is not healthy, by ``decades``.

        ``decades`` is the largest of what there is evidence for: first over last against the yardstick, the jump, the
        gap, how far a layer lies beyond the number format.  Too small and too large count alike, so that 1e23 is worse
        than 2e-3, and of two healthy ones 90 is worse than 0.5.
        """
        order = ("missing", "overflow", "dead")
        rank = order.index(self.verdict) if self.verdict in order else len(order) + (self.verdict == "healthy")
        return rank, -self.decades


def worst(diagnoses: Mapping[str, Diagnosis]) -> str:
    """The name of the network whose gradient is furthest off, see ``Diagnosis.severity``."""
    return min(diagnoses, key=lambda name: diagnoses[name].severity)


def diagnose(
    sizes: ArrayLike | Sequence[float | None],
    *,
    formats: Sequence[str] = FORMATS,
    missing: Sequence[int] | Literal["nan"] = (),
    yardstick: float = 1.0,
) -> Diagnosis:
    """Judge a network by the size of its gradient at every layer.

    The verdict is the first of these that applies.

    - missing: no gradient reached a layer (``None``, a masked entry, or named by ``missing``)
    - overflow: a gradient is inf or nan
    - dead: a gradient is exactly zero
    - jump: a step between neighbours is beyond 100-fold and beyond 10 times the fitted factor, and no wall of a gap;
      also where first / last is beyond 100-fold against the fitted factor's direction: then the loss sits in few
      steps, and the largest is named
    - blocked: a layer inside gets less than a hundredth of what either end gets
    - vanishing: first / last, over the yardstick, is below 1e-2, and the fitted factor is below 1
    - exploding: it is above 1e2, and the fitted factor is above 1
    - too small: a layer is below the smallest normal number of the first of ``formats``
    - too large: a layer is above its largest number
    - healthy: none of these; first / last is within a hundredfold, no layer is cut off, and all can be stored

    The factor is the Theil-Sen slope through the logarithms of all layers with a finite gradient above zero, the last
    one's multiplied by the yardstick; its interval is Sen's, from Kendall's distribution, interpolated to a coverage
    of 95 % (``vanish.numerics.robust_line``).  It needs five layers, and is 0 to infinity with fewer.

    Parameters
    ----------
    sizes : ``(n_layers,)``, first layer first, non-negative; ``None`` or masked where no gradient reached
        Layers of other fan-in or fan-out are compared by mean or RMS per entry, not by length.
    formats : names from ``NUMBER_FORMATS``, at least one
    missing : layers, counted from 1, that have no gradient whatever ``sizes`` says; ``"nan"``: all that are nan
    yardstick : float, 1e-100 to 1e100
        First / last of a network of this shape that loses nothing (``lossless_ratio``).

    Raises
    ------
    ValueError
        Naming the argument, if ``sizes`` is empty, longer than 2,000, not one-dimensional or has a negative entry, or
        another argument is out of range.
    """
    values, absent = _sizes_and_absence(sizes, missing)
    check_number("yardstick", yardstick, SMALLEST_YARDSTICK, LARGEST_YARDSTICK)
    entries = [NUMBER_FORMATS[name] for name in check_choices("formats", formats, NUMBER_FORMATS)]
    n_layers = len(values)
    non_finite = ~absent & ~np.isfinite(values)
    dead = ~absent & (values == 0)
    usable = ~(absent | non_finite | dead)
    ratio = float(first_over_last(values))
    with np.errstate(**QUIET):
        decades = np.log10(values)
    decades[-1] += log10(yardstick) if n_layers > 1 else 0.0
    profile = Profile(np.flatnonzero(usable) + 1, decades[usable])

    off = float(decades[0] - decades[-1]) if usable[0] and usable[-1] else 0.0
    beyond = off != 0.0 and not VANISHING_BELOW <= ratio / yardstick <= EXPLODING_ABOVE
    cut_off = profile.cut_off
    jump = profile.jump
    if jump is None and beyond and not cut_off.size and off * profile.typical <= 0:
        jump = profile.largest_step_towards(off)
    ends = (values[usable].min(), values[usable].max()) if usable.any() else (1.0, 1.0)
    levels = tuple(_level(entry, values, usable, *ends) for entry in entries)
    candidates: list[tuple[Verdict, bool, tuple[int, ...]]] = [
        ("missing", bool(absent.any()), _numbers(absent)),
        ("overflow", bool(non_finite.any()), _numbers(non_finite)),
        ("dead", bool(dead.any()), _numbers(dead)),
        ("jump", jump is not None, (jump.before, jump.after) if jump else ()),
        ("blocked", cut_off.size > 0, tuple(cut_off.tolist())),
        ("vanishing", beyond and off < 0, ()),
        ("exploding", beyond and off > 0, ()),
        ("too small", bool(levels[0].below), levels[0].below),
        ("too large", bool(levels[0].above), levels[0].above),
        ("healthy", True, ()),
    ]
    verdict, layers = next((name, layers) for name, applies, layers in candidates if applies)
    gap = profile.gap
    layer = max(layers, default=None)
    if verdict == "jump":
        layer = min(layers)
    elif verdict == "blocked" and gap is not None:
        layer = gap.layer
    far = [abs(off), _decades_beyond(entries[0], values[usable])]
    far += [abs(jump.decades)] if jump else []
    far += [-gap.decades] if cut_off.size and gap else []
    return Diagnosis(
        verdict,
        ratio,
        n_layers,
        layer,
        layers,
        float(yardstick),
        profile.factor,
        jump or profile.largest_step,
        gap,
        _numbers(absent),
        _numbers(non_finite),
        _numbers(dead),
        levels,
        max(far),
    )


def _sizes_and_absence(sizes: Any, missing: Any) -> tuple[Array, NDArray[np.bool_]]:
    """Sizes as float64, nan where there is none, and where that is, both ``(n_layers,)``."""
    if isinstance(sizes, Sequence) and len(sizes) > LARGEST_LAYERS:
        raise ValueError(f"sizes must be of 1 to {LARGEST_LAYERS} layers, got {len(sizes)}")
    try:
        data = np.asarray(np.ma.getdata(sizes))
    except ValueError as error:
        raise ValueError(f"{NO_SIZES}, got rows of different lengths") from error
    if data.ndim != 1 or data.size == 0 or data.dtype.kind not in "fiuO":
        raise ValueError(f"{NO_SIZES}, got shape {data.shape} of {data.dtype}")
    if len(data) > LARGEST_LAYERS:
        raise ValueError(f"sizes must be of 1 to {LARGEST_LAYERS} layers, got {len(data)}")
    absent = np.ma.getmaskarray(sizes) if isinstance(sizes, np.ma.MaskedArray) else np.zeros(len(data), dtype=bool)
    if data.dtype.kind == "O":
        absent = absent | np.array([value is None or value is np.ma.masked for value in data])
        if any(isinstance(value, str | bool) for value in data):
            raise ValueError(f"{NO_SIZES}, got {shown(data.tolist())}")
    values = np.full(len(data), np.nan)
    try:
        values[~absent] = data[~absent]
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{NO_SIZES}, got {shown(data[~absent].tolist())}") from error
    if (values < 0).any():
        raise ValueError(f"{NO_SIZES}, got {values[values < 0][0]:g}")
    absent |= _missing(missing, values)
    values[absent] = np.nan
    return values, absent


def _missing(missing: Any, values: Array) -> NDArray[np.bool_]:
    """Where the caller says that there is no gradient."""
    if isinstance(missing, str) and missing == "nan":
        return np.isnan(values)
    if isinstance(missing, str) or not np.iterable(missing):
        raise ValueError(f'missing must be a sequence of layers, counted from 1, or "nan", got {shown(missing)}')
    absent = np.zeros(len(values), dtype=bool)
    for layer in missing:
        absent[check_integer("missing", layer, 1, len(values)) - 1] = True
    return absent


def _numbers(marked: NDArray[np.bool_]) -> tuple[int, ...]:
    """Numbers of the layers marked, counted from 1."""
    return tuple((np.flatnonzero(marked) + 1).tolist()) if marked.any() else ()


def _level(entry: NumberFormat, values: Array, usable: NDArray[np.bool_], low: float, high: float) -> Level:
    """``low`` and ``high``: the usable ends, which nearly always lie within the format."""
    below = _numbers(usable & (values < entry.smallest_normal)) if low < entry.smallest_normal else ()
    above = _numbers(usable & (values > entry.largest)) if high > entry.largest else ()
    return Level(entry.name, below, above)


def _decades_beyond(entry: NumberFormat, values: Array) -> float:
    """How many decades the values, all finite and above zero, lie outside the format's range at most."""
    if not values.size:
        return 0.0
    return max(0.0, log10(entry.smallest_normal) - log10(values.min()), log10(values.max()) - log10(entry.largest))
