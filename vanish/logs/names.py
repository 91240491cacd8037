"""What a parameter's name says: its kind, and its place among the others."""

import re
from collections.abc import Mapping, Sequence
from typing import Literal

Kind = Literal["weight", "bias", "normalization", "embedding"]

KINDS: tuple[Kind, ...] = ("weight", "bias", "normalization", "embedding")

BIAS = re.compile(r"(?:^|[._/ ])(?:bias(?:_\w+)?|b|beta|b_\w+)\d*$|bias$", re.IGNORECASE)
NORMALIZATION = re.compile(
    r"(?:^|[._/ ])(?:\w*(?:layer|batch|group|rms|instance)_?norm\w*|norm_?\d*|ln_?\w{0,3}|bn_?\d*)"
    r"(?=[._/ ]|$)|(?:^|[._/])gamma$",
    re.IGNORECASE,
)
EMBEDDING = re.compile(r"(?:^|[._/ ])(?:\w*embed(?:ding)?s?\w*|emb|wte|wpe|pos_emb)(?=[._/ ]|$)", re.IGNORECASE)

ORDERS = ("as in the file", "by number", "turned round")


def kind_of(name: str, shape: tuple[int, ...] | None = None) -> Kind:
    """Weights, biases, normalisation's gains and shifts, embeddings: by the name, and a vector is no weight."""
    if NORMALIZATION.search(name):
        return "normalization"
    if BIAS.search(name):
        return "bias"
    if EMBEDDING.search(name):
        return "embedding"
    return "normalization" if shape is not None and len(shape) == 1 else "weight"


def natural_order(names: Sequence[str]) -> list[int]:
    """Places in the order of the numbers in the names: ``layers.10`` after ``layers.9``.

    Part by part of each name.  Parts without a number keep the file's order; among numbered ones (``conv1``, ``bn1``,
    ``conv2``) the number decides, then the file's order.
    """
    parts = [_parts(name) for name in names]
    places = _first_places(parts)
    return sorted(range(len(names)), key=lambda place: [places[prefix] for prefix in _prefixes(parts[place])])


def is_in_order(names: Sequence[str]) -> bool:
    """Whether within each family of names that differ by numbers alone, the numbers never fall."""
    return all(numbers == sorted(numbers) for numbers in _families(names))


def is_turned(names: Sequence[str]) -> bool:
    """Whether the last layer stands first: the numbers fall in every family that has more than one."""
    families = [numbers for numbers in _families(names) if len(set(numbers)) > 1]
    return bool(families) and all(numbers == sorted(numbers, reverse=True) for numbers in families)


def _families(names: Sequence[str]) -> list[list[tuple[int, ...]]]:
    families: dict[str, list[tuple[int, ...]]] = {}
    for name in names:
        numbers = tuple(int(digits[:18]) for digits in re.findall(r"\d+", name))
        if numbers:
            families.setdefault(re.sub(r"\d+", "#", name), []).append(numbers)
    return list(families.values())


def _parts(name: str) -> tuple[tuple[str, int | None], ...]:
    """``"layers.10.fc2"`` as ``(("layers", None), ("", 10), ("fc", 2))``."""
    parts = []
    for part in re.split(r"[./]", name):
        match = re.fullmatch(r"(\D*)(\d{1,18})(.*)", part)
        parts.append((match[1] + match[3], int(match[2])) if match else (part, None))
    return tuple(parts)


Prefix = tuple[tuple[str, int | None], ...]


def _prefixes(parts: Prefix) -> list[Prefix]:
    return [parts[: length + 1] for length in range(len(parts))]


def _first_places(names: Sequence[Prefix]) -> Mapping[Prefix, tuple[int, int, int]]:
    """What each beginning of a name sorts by among those that share all before it: a part without a number stands
    before or after all numbered ones, as in the file."""
    first: dict[Prefix, int] = {}
    numbered: dict[Prefix, int] = {}
    for place, parts in enumerate(names):
        for prefix in _prefixes(parts):
            first.setdefault(prefix, place)
            if prefix[-1][1] is not None:
                numbered.setdefault(prefix[:-1], place)
    places = {}
    for prefix, place in first.items():
        number = prefix[-1][1]
        if number is not None:
            places[prefix] = (1, number, place)
        else:
            places[prefix] = (0 if place < numbered.get(prefix[:-1], len(names)) else 2, place, place)
    return places
