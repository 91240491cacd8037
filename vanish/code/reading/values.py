"""What a model's code is made of while it is followed: layers, lists of them, and what flows through."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Unread:
    """Something in a model's code that has no counterpart: its ``line``, counted from 1, the ``code`` there, and
    ``why``."""

    line: int
    code: str
    why: str


class TooMuchError(ValueError):
    """The code asks for more than a model of ours can be."""


class UnknownType:
    """What cannot be known without running the code."""


UNKNOWN = UnknownType()


@dataclass(frozen=True)
class Dotted:
    """A name that the code has not given a value, ``nn.init.zeros_`` say."""

    name: str

    @property
    def last(self) -> str:
        """The name without what it is a part of."""
        return self.name.rpartition(".")[2]


@dataclass(frozen=True, eq=False)
class Layer:
    """A layer, or a function that is one: its name, what it was called with, and where."""

    name: str
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    line: int

    def argument(self, place: int, *names: str) -> Any:
        """What was given as an argument, by place or by one of its names; ``None`` if nothing was."""
        given = next((self.kwargs[name] for name in names if name in self.kwargs), None)
        return given if given is not None else self.args[place] if 0 <= place < len(self.args) else None


@dataclass(eq=False)
class Chain:
    """A list of modules, one after another."""

    items: list[Any]
    line: int


@dataclass(eq=False)
class Made:
    """An object of one of the code's own classes."""

    kind: ast.ClassDef
    line: int
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Method:
    """A function of the code that belongs to an object, or (``owner`` is ``None``) to nobody."""

    node: ast.FunctionDef
    owner: Made | None


@dataclass(frozen=True, eq=False)
class Asked:
    """A method of a list, of modules or of what flows."""

    owner: Any
    name: str


@dataclass(frozen=True)
class Learned:
    """A number that training changes, and what it starts at."""

    value: float


@dataclass(frozen=True, eq=False)
class Around:
    """What a residual block is: the layers of its branch, and what the branch is multiplied by."""

    branch: tuple[Any, ...]
    gate: float
    learned: bool
    line: int


@dataclass(frozen=True, eq=False)
class Flow:
    """The signal on its way: what it has gone through, layers and blocks, and what it is multiplied by."""

    passed: tuple[Any, ...] = ()
    factor: float = 1.0
    learned: bool = False
