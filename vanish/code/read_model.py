"""Somebody's own model, read from its code."""

import ast
import contextlib
import warnings
from dataclasses import dataclass
from typing import Any

from vanish.code.reading import initial
from vanish.code.reading.assemble import assembled, layers_and_branches
from vanish.code.reading.follow import Follower, Names, Returned
from vanish.code.reading.items import items_of, n_inputs_said
from vanish.code.reading.values import Chain, Flow, Made, Method, TooMuchError, Unread
from vanish.network.spec import NetworkSpec
from vanish.numerics.checks import refusal, shown

# Letters of a text that are read, and of a line that are kept.
MOST_LETTERS, MOST_OF_LINE = 100_000, 100

WANTED = "a PyTorch nn.Sequential(...), a class with __init__ and forward, or a Keras Sequential, with linear layers"


@dataclass(frozen=True)
class ModelCode:
    """A model that was read from its code.

    ``framework``: ``"PyTorch"`` or ``"Keras"``; ``spec``: the network that is most like it; ``unread``: what has no
    counterpart, in the order of its lines.
    """

    framework: str
    spec: NetworkSpec
    unread: tuple[Unread, ...]


def read_model(text: str) -> ModelCode:
    """The network that a model's code makes.

    The code is parsed and followed, and never run: sizes, loops over numbers, lists of layers, classes whose
    ``forward`` is a chain (with ``x + f(x)``), activations, norms and initialisers are understood.

    Parameters
    ----------
    text : str, up to 100,000 letters
        Python with a PyTorch ``nn.Sequential(...)``, a class with ``__init__`` and ``forward``, or a Keras
        ``Sequential``.

    Raises
    ------
    ValueError
        If the text is no Python (with the line), holds no such model, or asks for more than can be followed.
    """
    if not isinstance(text, str) or not text.strip():
        raise refusal("text", WANTED, text)
    if len(text) > MOST_LETTERS:
        raise refusal("text", f"at most {MOST_LETTERS:,} letters", f"{len(text):,} letters")
    try:
        return _Reader(text).read()
    except (RecursionError, MemoryError):
        raise refusal("text", "code that is nested less deeply", text) from None
    except TooMuchError:
        raise refusal("text", "a model of at most 1,000 layers that a few thousand steps make", text) from None


class _Reader:
    """One text on its way to a network."""

    def __init__(self, text: str) -> None:
        self.lines = text.splitlines()
        self.text = text
        self.follower = Follower()
        self.names: Names = self.follower.globals

    def read(self) -> ModelCode:
        tree = _parsed(self.text)
        with contextlib.suppress(Returned):
            self.follower.run(tree.body, self.names)
        passed = self._passed()
        items = list(items_of(passed, self.follower.leave_out)) if passed else []
        layers, branches = layers_and_branches(items, self.follower.leave_out)
        if not layers:
            raise refusal("text", WANTED, self.text)
        keras = any(item.name == "Dense" for item in items if item.kind == "linear")
        fields = assembled(layers, branches, n_inputs_said(passed), self.follower.leave_out)
        # Only what has become a layer counts for the rule of weights.
        if keras:
            fields |= initial.of_keras(items, self.follower.leave_out)
        else:
            fields |= initial.of_torch(tree, self.follower, self.names, self.follower.leave_out)
        return ModelCode("Keras" if keras else "PyTorch", NetworkSpec(**fields), self._unread())

    def _unread(self) -> tuple[Unread, ...]:
        found = sorted(self.follower.unread)
        return tuple(Unread(line, self._code(line), why) for line, why in found)

    def _code(self, line: int) -> str:
        code = self.lines[line - 1].strip() if 0 < line <= len(self.lines) else ""
        return code if len(code) <= MOST_OF_LINE else f"{code[: MOST_OF_LINE - 1]}…"

    def _passed(self) -> tuple[Any, ...]:
        """What a signal passes in the model that the text is about: an object that it makes, else its last class, else
        what a function of it returns."""
        made = [value for value in self.names.values() if isinstance(value, Chain | Made | Flow)]
        # A bare list of layers is a model where there is no other.
        lists = [Chain(value, 1) for value in self.names.values() if isinstance(value, list)]
        named = [self.names[name] for name in ("model", "net", "network") if name in self.names]
        classes = [value for value in self.names.values() if isinstance(value, ast.ClassDef)]
        functions = [value for value in self.names.values() if isinstance(value, Method)]
        for value in (*(one for one in named if one in made), *reversed(made)):
            if passed := self._through(value):
                return passed
        for kind in reversed(classes):
            if passed := self._through(kind):
                return passed
        for value in (*reversed(functions), *reversed(lists)):
            if passed := self._through(value):
                return passed
        return ()

    def _through(self, value: Any) -> tuple[Any, ...]:
        """What a signal passes in one of those, if weight layers are among it."""
        before = dict(self.follower.unread)
        if isinstance(value, ast.ClassDef):
            value = self.follower.made(value, [], {}, value.lineno)
        elif isinstance(value, Method):
            value = self.follower.returned(value)
        if isinstance(value, Flow):
            passed = value.passed
        elif isinstance(value, Chain | Made):
            passed = self.follower.through(value, Flow(), value.line).passed
        else:
            passed = ()
        if any(item.kind == "linear" for item in items_of(passed, lambda line, why: None)):
            return passed
        self.follower.unread = before
        return ()


def _parsed(text: str) -> ast.Module:
    try:
        # Python would warn of a reader's backslashes on the server's own screen.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        # Deep nesting comes as one as well; Python says in which line.
        where = f"in line {error.lineno}: {error.msg}" if error.lineno else f"here: {error.msg}"
        raise ValueError(f"text must be {WANTED}, got what is no Python {where}") from None
    except ValueError:
        raise refusal("text", f"{WANTED} without null bytes", shown(text[:40])) from None
