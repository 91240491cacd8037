"""Numbers, shares, durations and lists as a reader wants them."""

import re
from collections.abc import Callable, Sequence
from math import inf, isfinite, isnan

MINUS = "−"

SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")

TIMES = "\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}"

SMALL_COUNTS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def spelled(n: int) -> str:
    """A whole number in words up to ten, in figures beyond."""
    return SMALL_COUNTS[n] if n < len(SMALL_COUNTS) else f"{n:,}"


def joined(words: Sequence[str]) -> str:
    """Words as a sentence has them: a, b and c."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def number(x: float, digits: int = 3) -> str:
    """``x`` as a reader wants it: 2.55 × 10⁻⁹, 0.0371, 12, 1,230, 10¹²; ``digits`` significant ones, and no zeros
    after the last that counts.

    With a true minus, which is read as one, and without a place where a line may end.  ``NUMBER`` writes the same in a
    chart.
    """
    # Most first: a table has hundreds of them.
    if 1e-3 <= x < 1e6:
        written = f"{x:.{digits}g}"
        # Nothing before its point was rounded away, and it has no comma.
        if x < 10 ** (digits - 2):
            return written
        rounded = float(written)
        return f"{rounded:,.0f}" if rounded >= 10 ** (digits - 1) else written
    if 0 < x < inf:
        mantissa, exponent = f"{x:.{digits - 1}e}".split("e")
        factor = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        return POWERS[exponent] if factor == "1" else f"{factor}{TIMES}{POWERS[exponent]}"
    if isnan(x):
        return "undefined"
    if x == 0:
        return "0"
    return "infinity" if x > 0 else f"{MINUS}{number(-x, digits)}"


# All that float64 has, by their exponents as Python writes them.
POWERS = {f"{n:+03d}": f"10{str(n).translate(SUPERSCRIPTS)}" for n in range(-324, 309)}


def vega_number(value: str) -> str:
    """The Vega expression that writes what ``value``, an expression, is, as ``number`` does."""
    parts = f"split(format({value}, '.2~e'), 'e')"
    power = f"replace({parts}[1], '+', '')"
    for plain, raised in zip(("-", *"0123456789"), "⁻⁰¹²³⁴⁵⁶⁷⁸⁹", strict=True):
        power = f"replace({power}, /{plain}/g, '{raised}')"
    factor = f"replace({parts}[0] + '{TIMES}10', /^1{TIMES}/, '')"
    plain = f"abs({value}) >= 1e-3 && abs({value}) < 1e6"
    return (
        f"!isNumber({value}) || isNaN({value}) ? '' : !isFinite({value}) ? '∞' : {value} == 0 ? '0' : "
        f"{plain} ? format({value}, ',.3~r') : {factor} + {power}"
    )


def vega_percent(value: str) -> str:
    """The Vega expression that writes what ``value``, an expression, is as a share: 80 %, in one piece."""
    return f"format(100 * {value}, '.3~r') + '\N{NO-BREAK SPACE}%'"


def count(x: float) -> str:
    """A large number in words as far as they reach: 262,144, 392 million, 3.92 × 10²⁰."""
    if x < 1e6:
        return f"{x:,.0f}"
    for size, word in ((1e6, "million"), (1e9, "billion"), (1e12, "trillion")):
        if float(f"{x / size:.3g}") < 1e3:
            return f"{number(x / size)} {word}"
    return number(x)


def vega_count(value: str) -> str:
    """The Vega expression that writes what ``value``, an expression of at least 1, is, as ``count`` does."""
    written = f"({vega_number(value)})"
    for size, word in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        # What would be rounded to a thousand of them is one of the next.
        said = f"format({value} / {size:.0f}, '.3~r') + ' {word}'"
        written = f"{value} < {size * 999.5:.0f} ? {said} : {written}"
    return f"{value} < 1e6 ? format({value}, ',.0f') : {written}"


def one_part_in(ratio: float) -> str | None:
    """A ratio below a tenth as a share: one part in 392 million.  Above, whole parts are too rough to say."""
    return f"one part in {count(1 / ratio)}" if 0 < ratio < 0.1 and isfinite(1 / ratio) else None


# Shares from here to here are said in words: smaller ones have no word, larger ones are read at once.
IN_WORDS = 1e-15, 0.01


def share_of(share: float, what: str, colored: Callable[[str], str] = str) -> str:
    """A share or a multiple of something as a headline says it, with the figure beside it where words say it first:
    one part in 392 million of ``what`` (2.55 × 10⁻⁹); ``colored`` marks what matters."""
    if IN_WORDS[0] < share < IN_WORDS[1]:
        return f"{colored(str(one_part_in(share)))} of {what} ({number(share)})"
    written = number(share)
    return f"{colored(written)} {'times' if share >= 1 or written == '1' else 'of'} {what}"


# Spaces in what is read in one breath with a number: before what it is of, and after what it counts.  What follows a
# space is looked at first, as it rules out most of them.
_NAMES = "|".join(rf"(?<=\b[{name[0].upper()}{name[0]}]{name[1:]} )" for name in ("layer", "step", "question"))
_NAMES += "|" + _NAMES.replace(" )", "s )")
_WITH_NUMBER = re.compile(rf" (?:(?=%)|(?=(?:m|b|tr)illion\b)(?<=\d )|(?=\**\d)(?:{_NAMES}))")
_CODE = re.compile("(`[^`]*`)")


def unbroken(text: str) -> str:
    """Sentences in which no line ends between a number and its percent sign or its million, nor between the word
    layer, step or question and its number; what stands in them as code is left as it is."""
    parts = _CODE.split(text)
    parts[::2] = [_WITH_NUMBER.sub("\N{NO-BREAK SPACE}", said) for said in parts[::2]]
    return "".join(parts)


def percent(share: float) -> str:
    """A share as a reader wants it: 9.6 %, 100 %; what is above 0 or below 1 is not rounded to it."""
    if not abs(share) < 10:
        return number(share)
    if share < 0:
        return f"{MINUS}{percent(-share)}"
    if share == 1:
        return "100 %"
    if 0 < share < 0.0005:
        return "less than 0.1 %"
    return "more than 99.9 %" if 0.9995 <= share < 1 else f"{100 * share:.1f} %"


RESTARTED = "The process that computed this has ended, and it begins again"
DIED = (
    "The process that computed this has ended twice: perhaps the server is short of memory. Try again, or a smaller "
    "network."
)


def left_early(label: str) -> str:
    """Of a run that nobody has watched to its end; ``label`` is what its button says."""
    return (
        "A run with these settings was left before its end. Nobody watched it any more, so it was given up: "
        f"**{label}** starts it anew."
    )


def waiting(ahead: int, seconds: float = 0.0) -> str:
    """What stands beside an empty bar; ``seconds`` until it begins, where that is known."""
    if not ahead:
        return "Starting"
    others = f"{ahead} {'computation' if ahead == 1 else 'computations'} of other readers before it"
    return f"Waiting for its turn: {others}" + (f", {duration(seconds)}" if 0 < seconds < inf else "")


def duration(seconds: float) -> str:
    """About how long something takes."""
    if seconds < 1:
        return "less than a second"
    if seconds < 90:
        return f"about {seconds:.0f} second{'' if round(seconds) == 1 else 's'}"
    return f"about {seconds / 60:.0f} minutes"


def too_long(seconds: float, longest: float, to_lower: str) -> str:
    """Why a run is refused, and what to do."""
    return (
        f"This would take {duration(seconds)}, and other readers share this server: the page computes for "
        f"{longest:.0f} seconds at most. {to_lower}"
    )
