"""One row a control: a field of a frozen dataclass says all that the page has to know of it.

A group is such a dataclass, based on ``Controls``; groups are put together by inheritance.  A field's name is the
widget's key and the name in the link.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, ClassVar, TypeVar

from vanish.ui.kit.controls import Control

# For a control that stands under its chapter's question; any other place is a title in the sidebar.
ROW = "row"


@dataclass(frozen=True)
class Row:
    """What a field says of its control.

    ``control``: its kind, with range and words; ``group``: ``ROW`` or a title, where that is not its group's;
    ``when``: shown only while each of these other controls has one of these values; ``network``: whether it is a
    field of ``NetworkSpec``; ``meanings``: what each option is there, where that is not its name.
    """

    control: Control
    default: Any
    group: str | None
    when: Mapping[str, Sequence[str]]
    network: bool
    meanings: Mapping[Any, Any]

    def matters(self, setting: Callable[[str], Any]) -> bool:
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
    group: str | None = None,
    when: Mapping[str, Sequence[str]] = MappingProxyType({}),
    network: bool | Mapping[Any, Any] = False,
) -> Any:
    """A field of a group: a control with its default, and the rest of its ``Row``.

    ``network`` is a mapping for a control whose options are something else in ``NetworkSpec``.
    """
    meanings = network if isinstance(network, Mapping) else MappingProxyType({})
    return field(default=default, metadata={"row": Row(kind, default, group, when, bool(network), meanings)})


class Controls:
    """The base of every group, a frozen dataclass each; ``title`` is what its controls stand under in the sidebar.

    Without a title, a control that names no place of its own is drawn by its chapter.
    """

    title: ClassVar[str | None] = None
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


# Names of controls by where they stand: ``ROW``, or a title in the sidebar.
Places = Mapping[str, tuple[str, ...]]


def places(groups: Sequence[type[Controls]]) -> Places:
    """Where the controls of these groups stand."""
    keys: dict[str, list[str]] = {}
    for group in groups:
        for key, row in table(group).items():
            if place := row.group or group.title:
                keys.setdefault(place, []).append(key)
    return {place: tuple(names) for place, names in keys.items()}
