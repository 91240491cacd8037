"""Checks of arguments, made where a public function is entered.

Each returns the value as Python's own kind, so that NumPy's integers, floats and booleans count as Python's and no
arithmetic is done in eight bits, or raises ValueError with one form of message: "<argument> must be <allowed>, got
<value>".
"""

import operator
import reprlib
from collections.abc import Collection, Mapping
from dataclasses import is_dataclass
from numbers import Real
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Kind = TypeVar("Kind")

# A shape as it is written in a message: a number is that size, a word any size but 0, "..." any number of axes.
Shape = tuple[int | str, ...]

# What one call may hold at once: 1 GiB of float64.
LARGEST_NUMBERS = 2**27

MOST_ITEMS = 100_000

_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = 60

# What reading a number or an array out of an object of another kind ends in.
_UNREADABLE = (TypeError, ValueError, OverflowError, RuntimeError)


def shown(value: Any) -> str:
    """A value as a message shows it: shortened, on one line; an array by its shape, a record by its kind."""
    if isinstance(value, np.ndarray) and value.ndim:
        return f"an array of shape {value.shape} of {value.dtype}"
    if is_dataclass(value) and not isinstance(value, type):
        return f"a record {type(value).__name__}"
    try:
        text = " ".join(_SHORT.repr(value).split())
    except ValueError:
        # Python does not write out integers of more than 4,300 digits.
        text = f"a {type(value).__name__} too long to show"
    return text if len(text) <= 100 else text[:97] + "..."


def refusal(name: str, allowed: str, value: Any) -> ValueError:
    """The error that says what an argument may be, and what it was."""
    return ValueError(f"{name} must be {allowed}, got {shown(value)}")


def check_integer(name: str, value: Any, low: int, high: int) -> int:
    """``value`` as an int if it is a whole number from ``low`` to ``high``."""
    try:
        number = operator.index(value)
    except _UNREADABLE:
        number = None
    if number is None or isinstance(value, bool) or not low <= number <= high:
        raise refusal(name, f"a whole number from {low} to {high}", value)
    return number


def check_number(name: str, value: Any, low: float, high: float) -> float:
    """``value`` as a float if it is a number from ``low`` to ``high``; nan never is."""
    scalar = value[()] if isinstance(value, np.ndarray) and not value.ndim else value
    number = np.nan
    if isinstance(scalar, Real) and not isinstance(scalar, bool):
        try:
            number = float(scalar)
        except _UNREADABLE:
            number = np.nan
    if not low <= number <= high:
        raise refusal(name, f"a number from {low:g} to {high:g}", value)
    return number


def check_flag(name: str, value: Any) -> bool:
    """``value`` as a bool if it is True or False."""
    if not isinstance(value, bool | np.bool_):
        raise refusal(name, "True or False", value)
    return bool(value)


def check_choice(name: str, value: Any, choices: Collection[str]) -> str:
    """``value`` if it is one of ``choices``."""
    if not isinstance(value, str) or value not in choices:
        raise refusal(name, f"one of {', '.join(choices)}", value)
    return str(value)


def check_kind(name: str, value: Any, kind: type[Kind]) -> Kind:
    """``value`` if it is of one kind."""
    if not isinstance(value, kind):
        raise refusal(name, f"of kind {kind.__name__}", value)
    return value


def check_progress(progress: Any) -> None:
    """That what is called with the share that is done can be called, or is ``None``."""
    if progress is not None and not callable(progress):
        raise refusal("progress", "a function of one number, or None", progress)


def several(value: Any) -> bool:
    """Whether a value is a collection and not one item; an array without axes is one item."""
    return isinstance(value, Collection) and not (isinstance(value, np.ndarray) and not value.ndim)


def check_items(name: str, value: Any, fewest: int = 1, most: int = MOST_ITEMS, what: str = "values") -> list[Any]:
    """``value`` as a list if it is a collection of so many items, and neither text nor a mapping."""
    allowed = f"a sequence of {fewest} to {most} {what}"
    if not several(value) or isinstance(value, str | bytes | bytearray | Mapping):
        raise refusal(name, allowed, value)
    try:
        count = len(value)
    except _UNREADABLE:
        count = -1
    if not fewest <= count <= most:
        raise refusal(name, allowed, value if count < 0 else count)
    return list(value)


def check_integers(name: str, value: Any, low: int, high: int, *, fewest: int = 1, most: int = MOST_ITEMS) -> list[int]:
    """``value`` as a list of ints if it is a collection of so many whole numbers from ``low`` to ``high``."""
    items = check_items(name, value, fewest, most, "whole numbers")
    return [check_integer(name, item, low, high) for item in items]


def check_numbers(
    name: str, value: Any, low: float, high: float, *, fewest: int = 1, most: int = MOST_ITEMS
) -> list[float]:
    """``value`` as a list of floats if it is a collection of so many numbers from ``low`` to ``high``."""
    return [check_number(name, item, low, high) for item in check_items(name, value, fewest, most, "numbers")]


def check_choices(name: str, value: Any, choices: Collection[str], fewest: int = 1) -> list[str]:
    """``value`` as a list if it is a collection of names, each one of ``choices``."""
    return [check_choice(name, item, choices) for item in check_items(name, value, fewest, what="names")]


def check_array(
    name: str, value: Any, shape: Shape = ("...",), *, finite: bool = False, empty: bool = False
) -> NDArray[np.float64]:
    """``value`` as a float64 array if it holds real numbers (``finite`` ones, if so asked) in a shape that fits.

    ``empty``: whether it may hold none at all, whatever the shape.
    """
    allowed = f"{'finite ' if finite else ''}numbers of shape ({', '.join(map(str, shape))})"
    array = _numbers(value)
    if array is None or not ((empty and not array.size) or _fits(array.shape, shape)):
        raise refusal(name, allowed, value)
    if finite and not np.isfinite(array).all():
        raise refusal(name, allowed, float(array[~np.isfinite(array)][0]))
    return array


def check_broadcast(name: str, value: Any, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """``value`` as a float64 array of this very shape, repeated along axes where it holds one number."""
    array = _numbers(value)
    try:
        if array is not None:
            return np.broadcast_to(array, shape)
    except ValueError:
        pass
    raise refusal(name, f"numbers of shape {shape}, or of one that is broadcast to it", value)


def check_broadcastable(name: str, sizes: tuple[int, ...], other: str, others: tuple[int, ...]) -> tuple[int, ...]:
    """The shape that an argument's axes and another's are broadcast to, if they can be."""
    try:
        return np.broadcast_shapes(sizes, others)
    except ValueError:
        raise refusal(name, f"of axes that can be broadcast to those of {other}, {others}", sizes) from None


def check_memory(name: str, numbers: int) -> None:
    """That what an argument asks for, so many numbers at once, fits in 1 GiB."""
    if numbers > LARGEST_NUMBERS:
        raise ValueError(f"{name} must ask for at most {LARGEST_NUMBERS:,} numbers (1 GiB), got {numbers:,}")


def put_checked(record: Any, **values: Any) -> None:
    """Replace fields of a frozen record by what the checks have made of them, as its ``__post_init__`` may."""
    for name, value in values.items():
        object.__setattr__(record, name, value)


def _numbers(value: Any) -> NDArray[np.float64] | None:
    """The real numbers in a value as float64, ``None`` where there is something else."""
    try:
        if isinstance(value, range) and len(value) > LARGEST_NUMBERS:
            return None
        array = np.asarray(value)
        if array.dtype.kind == "O" and not all(isinstance(one, Real) for one in array.flat):
            return None
        return array.astype(np.float64, copy=False) if array.dtype.kind in "fiubO" else None
    except _UNREADABLE:
        return None


def _fits(sizes: tuple[int, ...], shape: Shape) -> bool:
    if "..." in shape:
        at, free = shape.index("..."), len(sizes) - len(shape) + 1
        if free < 0:
            return False
        shape = (*shape[:at], *["any"] * free, *shape[at + 1 :])
    return len(sizes) == len(shape) and all(
        size == wanted if isinstance(wanted, int) else size > 0 for size, wanted in zip(sizes, shape, strict=True)
    )
