"""Kinds of control: each draws one native widget, and checks a value that came by link or by script.

A control's key is its settings field and its name in the address bar.  ``parse`` reads a link exactly as
Streamlit's own binding does, so that what the page says of a link and what the widgets show agree.

An option has a name, for settings and links, and a label, for people.  Streamlit's binding knows labels alone, and
writes them into the address bar: a link may say either (``link.as_labels``).
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any, Protocol
from urllib.parse import parse_qs

import streamlit as st

from vanish.ui.kit.plain import some


class Control(Protocol):
    """What every kind offers."""

    @property
    def label(self) -> str:
        """What the reader calls it."""
        ...

    @property
    def allowed(self) -> str:
        """The allowed values, in words."""
        ...

    def parse(self, texts: Sequence[str]) -> tuple[Any, bool]:
        """The value that a link's texts ask for, and whether all of them could be kept; ValueError if none.

        A number beyond the range is the nearest limit.
        """
        ...

    def check(self, value: Any) -> Any:
        """``value`` as the settings hold it, or ValueError."""
        ...

    def draw(self, key: str, default: Any, on_change: "OnChange | None" = None) -> None:
        """Show the widget where the script stands; ``on_change`` is called when the reader has changed it."""
        ...


# A slider tells the server what it is set to when the reader lets go of it, and not before.
ON_RELEASE = "The page answers when you let go."


# Streamlit's ``on_change``.
OnChange = Callable[[], None]


@dataclass(frozen=True)
class Number:
    """A number in a range, on a slider or (``typed``) in a box; whole if ``step`` is."""

    low: float
    high: float
    step: float
    label: str
    help: str
    typed: bool = False
    format: str | None = None

    @property
    def allowed(self) -> str:
        kind = "a whole number" if isinstance(self.step, int) else "a number"
        return f"{kind} from {self.low:,} to {self.high:,}"

    def parse(self, texts: Sequence[str]) -> tuple[float, bool]:
        """The link's number; a fraction is cut where a whole number is asked for."""
        if len(texts) != 1 and not self.typed:
            raise ValueError
        number = float(texts[-1])
        if not math.isfinite(number):
            raise ValueError
        nearest = min(max(number, self.low), self.high)
        value = self.check(int(nearest) if isinstance(self.step, int) else nearest)
        return value, value == number and len(texts) == 1

    def check(self, value: Any) -> float:
        """``value`` if it is a number within the range."""
        kind = int if isinstance(self.step, int) else int | float
        if isinstance(value, bool) or not isinstance(value, kind) or not self.low <= value <= self.high:
            raise ValueError
        return value

    def draw(self, key: str, default: float, on_change: OnChange | None = None) -> None:
        """A slider, or a box."""
        widget: Callable[..., Any] = st.number_input if self.typed else st.slider
        limits = (self.low, self.high, default, self.step, self.format)
        words = self.help if self.typed else f"{self.help} {ON_RELEASE}"
        widget(self.label, *limits, key=key, help=words, on_change=on_change, bind="query-params")


@dataclass(frozen=True)
class Decades:
    """A number that may differ by powers of ten, on a slider of nine stops a decade.

    A link's own number becomes one more stop for as long as it is the value.
    """

    low: float
    high: float
    label: str
    help: str

    @property
    def allowed(self) -> str:
        return f"a number from {self.low:g} to {self.high:g}"

    @property
    def stops(self) -> list[float]:
        """1, 2 ... 9 of every power of ten from ``low`` to ``high``, both powers of ten."""
        first, last = (round(math.log10(end)) for end in (self.low, self.high))
        return [float(f"{digit}e{power}") for power in range(first, last) for digit in range(1, 10)] + [self.high]

    def parse(self, texts: Sequence[str]) -> tuple[float, bool]:
        if len(texts) != 1:
            raise ValueError
        number = float(texts[0])
        if not math.isfinite(number):
            raise ValueError
        value = self.check(min(max(number, self.low), self.high))
        return value, value == number

    def check(self, value: Any) -> float:
        """``value`` if it is a number within the range."""
        if isinstance(value, bool) or not isinstance(value, int | float) or not self.low <= value <= self.high:
            raise ValueError
        return value

    def draw(self, key: str, default: float, on_change: OnChange | None = None) -> None:
        """A slider whose stops are the options of a row."""
        value = float(st.session_state.get(key, st.query_params.get(key, default)))
        stops = sorted({*self.stops, value})
        words = f"{self.help} {ON_RELEASE}"
        shared: dict[str, Any] = {"key": key, "help": words, "on_change": on_change, "bind": "query-params"}
        st.select_slider(self.label, stops, default, **shared)


class Labelled(Protocol):
    """An entry of a table of choices."""

    @property
    def label(self) -> str: ...


def labels(table: Mapping[str, Labelled]) -> dict[str, str]:
    """What the entries of a table are called, by name."""
    return {name: entry.label for name, entry in table.items()}


def themselves(*names: str) -> dict[str, str]:
    """Options whose names are words already."""
    return {name: name for name in names}


@dataclass(frozen=True)
class Options:
    """Something that has options: ``labels`` is what each is called, by name; ``former``: what some were called before,
    in links that are kept, and their names."""

    labels: Mapping[str, str] = field(hash=False)
    label: str
    help: str
    former: Mapping[str, str] = field(default_factory=dict, hash=False, kw_only=True)

    @cached_property
    def options(self) -> tuple[str, ...]:
        """The options' names."""
        return tuple(self.labels)

    @cached_property
    def _names(self) -> Mapping[str, str]:
        called = {label: name for name, label in self.labels.items()}
        return {**self.former, **called, **{name: name for name in self.labels}}

    def called(self, name: Any) -> str:
        """An option's label; what is no option is called what it is."""
        return self.labels.get(name, str(name))

    def name(self, text: str) -> str:
        """The name of the option that a text means, by its name or its label; any other text as it is."""
        return self._names.get(text, text)

    def _widget(self, key: str, on_change: OnChange | None) -> dict[str, Any]:
        """What all widgets with options are told."""
        return {
            "key": key,
            "help": self.help,
            "format_func": self.called,
            "on_change": on_change,
            "bind": "query-params",
        }


@dataclass(frozen=True)
class Choice(Options):
    """One of a few (a row of buttons) or of many (``menu``)."""

    menu: bool = False

    @property
    def allowed(self) -> str:
        return f"one of {some(self.options)}"

    def parse(self, texts: Sequence[str]) -> tuple[str, bool]:
        """The link's option: of several, the one that the widget takes."""
        names = [self.name(text) for text in texts]
        known = [name for name in names if name in self.labels]
        taken = names[-1] if self.menu else (known or names)[0]
        return self.check(taken), len(texts) == 1

    def check(self, value: Any) -> str:
        """``value`` if it is an option."""
        if value not in self.options:
            raise ValueError
        return value

    def draw(self, key: str, default: str, on_change: OnChange | None = None) -> None:
        """A menu, or a row of buttons of which one is always pressed."""
        shared = self._widget(key, on_change)
        if self.menu:
            st.selectbox(self.label, self.options, self.options.index(default), **shared)
        else:
            st.segmented_control(self.label, self.options, default=default, required=True, **shared)


@dataclass(frozen=True)
class Tabs(Choice):
    """One tab of a row, which the page draws itself: tabs know labels alone."""

    def parse(self, texts: Sequence[str]) -> tuple[str, bool]:
        """The link's option: of several the last, as the tabs take it."""
        return self.check(texts[-1]), len(texts) == 1

    def check(self, value: Any) -> str:
        """The name of an option, by its name or its label."""
        return super().check(self.name(value) if isinstance(value, str) else value)


@dataclass(frozen=True)
class Pills(Choice):
    """One option or none."""

    def check(self, value: Any) -> Any:
        """``value`` if it is an option or ``None``."""
        return None if value is None else super().check(value)

    def draw(self, key: str, default: Any, on_change: OnChange | None = None) -> None:
        """A menu that may be left empty, or buttons of which at most one is pressed."""
        shared = self._widget(key, on_change)
        if self.menu:
            index = self.options.index(default) if default else None
            st.selectbox(self.label, self.options, index, placeholder=f"{len(self.options)} to choose from", **shared)
        else:
            st.pills(self.label, self.options, default=default, **shared)


@dataclass(frozen=True)
class Choices(Options):
    """Several options of many: at least one, from a menu, or (``optional``) any number, on a row of buttons."""

    optional: bool = False

    @property
    def allowed(self) -> str:
        return f"{'any' if self.optional else 'one or more'} of {some(self.options)}"

    def parse(self, texts: Sequence[str]) -> tuple[tuple[str, ...], bool]:
        """Those of the link's options that exist, in the link's order."""
        kept = self.check([name for name in dict.fromkeys(map(self.name, texts)) if name in self.labels])
        return kept, len(kept) == len(texts)

    def check(self, value: Any) -> tuple[str, ...]:
        """``value`` if all of it are options and it is not empty."""
        if not isinstance(value, list | tuple) or any(option not in self.options for option in value):
            raise ValueError
        if not (value or self.optional):
            raise ValueError
        return tuple(value)

    def draw(self, key: str, default: Sequence[str], on_change: OnChange | None = None) -> None:
        """A menu from which several can be picked, or buttons."""
        shared = self._widget(key, on_change)
        if self.optional:
            st.pills(self.label, self.options, default=default, selection_mode="multi", **shared)
        else:
            st.multiselect(self.label, self.options, default, **shared)


@dataclass(frozen=True)
class Pin:
    """A network that was pinned, as the part of an address that describes it; buttons set it, no widget shows it."""

    label: str
    help: str

    @property
    def allowed(self) -> str:
        return "the settings of a network as an address holds them, such as depth=20&width=64"

    def parse(self, texts: Sequence[str]) -> tuple[str, bool]:
        return self.check(texts[-1]), len(texts) == 1

    def check(self, value: Any) -> Any:
        """``value`` if it can be read; which settings it names is for the settings to say."""
        if value is not None:
            if not isinstance(value, str):
                raise ValueError
            parse_qs(value, strict_parsing=bool(value), max_num_fields=50)
        return value

    def draw(self, key: str, default: Any, on_change: OnChange | None = None) -> None: ...


def whole_numbers(text: str) -> list[int]:
    """The numbers in a text with commas, in rising order and each once; ValueError if one is none."""
    return sorted({int(part) for part in text.split(",")})


@dataclass(frozen=True)
class WholeNumbers:
    """A list of whole numbers, typed with commas; settings hold the text."""

    low: int
    high: int
    at_most: int
    label: str
    help: str

    @property
    def allowed(self) -> str:
        return f"up to {self.at_most} whole numbers from {self.low} to {self.high:,}, with commas between"

    def parse(self, texts: Sequence[str]) -> tuple[str, bool]:
        """The link's list, each number within the range, and no more of them than there may be."""
        try:
            return self.check(texts[-1]), len(texts) == 1
        except ValueError:
            within = {min(max(number, self.low), self.high) for number in whole_numbers(texts[-1])}
            return self.check(", ".join(map(str, sorted(within)[: self.at_most]))), False

    def check(self, value: Any) -> str:
        """``value`` if it reads as such a list."""
        if not isinstance(value, str):
            raise ValueError
        numbers = whole_numbers(value)
        if numbers[0] < self.low or numbers[-1] > self.high or len(numbers) > self.at_most:
            raise ValueError
        return value

    def draw(self, key: str, default: str, on_change: OnChange | None = None) -> None:
        st.text_input(self.label, default, key=key, help=self.help, on_change=on_change, bind="query-params")


# What may stand between two sizes.
_BETWEEN = re.compile(r"\s*[-,x×]\s*|\s+")


def layer_sizes(text: str) -> tuple[int, ...]:
    """The sizes in a text such as ``784-30-10``, none in an empty one; ValueError where it is something else."""
    parts = _BETWEEN.split(text.strip()) if text else []
    if len(parts) == 1 or not all(part.isascii() and part.isdigit() for part in parts):
        raise ValueError
    return tuple(map(int, parts))


def sizes_text(sizes: Sequence[int]) -> str:
    """Layer sizes as settings hold them."""
    return "-".join(map(str, sizes))


@dataclass(frozen=True)
class Sizes:
    """The sizes of all layers from inputs to outputs, typed with hyphens, or nothing."""

    high: int
    at_most: int
    most_weights: int
    label: str
    help: str

    @property
    def allowed(self) -> str:
        return (
            f"numbers such as 784-30-10 (2 to {self.at_most}, each from 1 to {self.high:,}, at most "
            f"{self.most_weights:,} weights), or nothing"
        )

    def parse(self, texts: Sequence[str]) -> tuple[str, bool]:
        """The link's sizes, each within the range."""
        sizes = layer_sizes(texts[-1])
        nearest = tuple(min(max(size, 1), self.high) for size in sizes)
        return self.check(sizes_text(nearest)), nearest == sizes and len(texts) == 1

    def check(self, value: Any) -> str:
        """``value``, with hyphens between, if it reads as such sizes."""
        if not isinstance(value, str):
            raise ValueError
        sizes = layer_sizes(value)
        weights = sum(a * b for a, b in pairwise(sizes))
        if len(sizes) > self.at_most or weights > self.most_weights:
            raise ValueError
        if sizes and not 1 <= min(sizes) <= max(sizes) <= self.high:
            raise ValueError
        return sizes_text(sizes)

    def draw(self, key: str, default: str, on_change: OnChange | None = None) -> None:
        """A box that shows an example while it is empty."""
        shown: dict[str, Any] = {"placeholder": "784-30-30-10", "help": self.help, "bind": "query-params"}
        st.text_input(self.label, default, key=key, on_change=on_change, **shown)
