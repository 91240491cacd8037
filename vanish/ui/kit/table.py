"""One row a control: a field of a frozen dataclass says all that the page has to know of it.

A group is such a dataclass, based on ``Controls``; groups are put together by inheritance.  A field's name is the
widget's key and the name in the link.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, ClassVar, TypeVar

from vanish.ui.kit.controls import Control

# What a control is set to, by its name.
Setting = Callable[[str], Any]


@dataclass(frozen=True)
class Place:
    """Where controls stand in the sidebar, folded, unless a view has them open on top: ``title``, and in one line what
    is set there."""

    title: str
    line: str = ""


# For a control that stands under its chapter's question.
ROW = Place("row")

# On top of the sidebar, open: what matters most in a view.
FIRST = Place("first")


@dataclass(frozen=True)
class Row:
    """What a field says of its control.

    ``control``: its kind, with range and words; ``place``: where it stands, where that is not its group's;
    ``when``: shown only while each of these other controls has one of these values; ``decides``: what else the page
    shows depends on it; ``network``: whether it is a field of ``NetworkSpec``; ``meanings``: what each option is
    there, where that is not its name.
    """

    control: Control
    default: Any
    place: Place | None
    when: Mapping[str, Sequence[str]]
    decides: bool
    network: bool
    meanings: Mapping[Any, Any]

    def matters(self, setting: Setting) -> bool:
        """Whether the control is shown, by what the others are set to."""
        for key, options in self.when.items():
            value = setting(key)
            if value not in options if isinstance(value, str) else set(options).isdisjoint(value):
                return False
        return True

    def from_spec(self, value: Any) -> Any:
        """The value of the control that means ``value`` in a ``NetworkSpec``."""
        return next((option for option, meaning in self.meanings.items() if meaning == value), value)


def control(
    default: Any,
    kind: Control,
    *,
    place: Place | None = None,
    when: Mapping[str, Sequence[str]] = MappingProxyType({}),
    decides: bool = False,
    network: bool | Mapping[Any, Any] = False,
) -> Any:
    """A field of a group: a control with its default, and the rest of its ``Row``.

    ``network`` is a mapping for a control whose options are something else in ``NetworkSpec``.
    """
    meanings = network if isinstance(network, Mapping) else MappingProxyType({})
    row = Row(kind, default, place, when, decides, bool(network), meanings)
    return field(default=default, metadata={"row": row})


class Controls:
    """The base of every group, a frozen dataclass each; ``place`` is where its controls stand.

    Without one, a control that names no place of its own is drawn by its chapter.
    """

    place: ClassVar[Place | None] = None
    __dataclass_fields__: ClassVar[dict[str, Any]]

    def part(self, group: "type[Group]") -> "Group":
        """The values of these controls alone: an argument for what asks the engine, and a key for its caches.

        A control that does not matter now is at its default, so that it makes no other key.
        """
        make: Callable[..., Group] = group
        now = vars(self)
        return make(
            **{
                key: now[key] if not row.when or row.matters(now.__getitem__) else row.default
                for key, row in table(group).items()
            }
        )

    @classmethod
    def at_first(cls) -> dict[str, Any]:
        """The defaults of those controls that matter at first."""
        first = vars(cls())
        return {key: value for key, value in first.items() if table(cls)[key].matters(first.__getitem__)}


Group = TypeVar("Group", bound=Controls)


# By group: reading the fields takes longer than all that is done with them.
_TABLES: dict[type, Mapping[str, Row]] = {}


def table(group: type[Controls]) -> Mapping[str, Row]:
    """A group's controls, by name."""
    if group not in _TABLES:
        _TABLES[group] = MappingProxyType({f.name: f.metadata["row"] for f in fields(group)})
    return _TABLES[group]


def only(group: type[Controls], *names: str) -> Mapping[str, Row]:
    """Some of a group's controls, each with its place."""
    rows = table(group)
    return {name: replace(rows[name], place=rows[name].place or group.place) for name in names}


def all_but(group: type[Controls], *names: str) -> Mapping[str, Row]:
    """A group's controls without some of them, each with its place."""
    return only(group, *(name for name in table(group) if name not in names))


# A control's value in the eyes of others that wait for it.
InPlaceOf = Callable[[Setting], Any]


@dataclass(frozen=True)
class View:
    """What a view reads of the controls, and nothing else is shown with it.

    ``rows``: the controls; ``first``: those that stand open on top of the sidebar, what matters most first;
    ``instead``: what others wait for (``when``) in place of a control that the view does not read.
    """

    rows: Mapping[str, Row]
    first: tuple[str, ...] = ()
    instead: Mapping[str, InPlaceOf] = field(default_factory=dict)

    @cached_property
    def places(self) -> Mapping[Place, tuple[str, ...]]:
        """Names of controls by where they stand; those that the view draws itself stand nowhere."""
        keys = {FIRST: list(self.first)}
        for key, row in self.rows.items():
            if row.place and key not in self.first:
                keys.setdefault(row.place, []).append(key)
        return MappingProxyType({place: tuple(names) for place, names in keys.items()})

    def matters(self, key: str, setting: Setting) -> bool:
        """Whether one of these controls is shown, by what all are set to."""
        instead = self.instead
        return self.rows[key].matters(lambda name: instead[name](setting) if name in instead else setting(name))


def view(
    *parts: Mapping[str, Row] | type[Controls],
    first: tuple[str, ...] = (),
    instead: Mapping[str, InPlaceOf] = MappingProxyType({}),
) -> View:
    """A view that reads these groups and parts of groups; of what comes ``first``, what it reads."""
    rows: dict[str, Row] = {}
    for part in parts:
        rows |= all_but(part) if isinstance(part, type) else part
    return View(MappingProxyType(rows), tuple(name for name in first if name in rows), instead)
