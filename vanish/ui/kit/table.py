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
    ``when``: shown only while each of these other controls has one of these values; ``network``: a field of
    ``NetworkSpec``, as it is or (a mapping) with another value for each option.
    """

    control: Control
    default: Any
    group: str | None
    when: Mapping[str, Sequence[str]]
    network: bool | Mapping[Any, Any]

    def matters(self, setting: Callable[[str], Any]) -> bool:
        """Whether the control is shown, by what the others are set to."""
        return not self.when or all(_has_one(setting(key), options) for key, options in self.when.items())

    def to_spec(self, value: Any) -> Any:
        """A value of the control as ``NetworkSpec`` has it."""
        return self.network[value] if isinstance(self.network, Mapping) else value

    def from_spec(self, value: Any) -> Any:
        """The value of the control that means ``value`` in a ``NetworkSpec``."""
        if isinstance(self.network, Mapping):
            return next(option for option, meaning in self.network.items() if meaning == value)
        return value


def _has_one(value: Any, options: Sequence[str]) -> bool:
    return any(one in options for one in ([value] if isinstance(value, str) else value))


def control(
    default: Any,
    kind: Control,
    *,
    group: str | None = None,
    when: Mapping[str, Sequence[str]] = MappingProxyType({}),
    network: bool | Mapping[Any, Any] = False,
) -> Any:
    """A field of a group: a control with its default, and the rest of its ``Row``."""
    return field(default=default, metadata={"row": Row(kind, default, group, when, network)})


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
        return make(**{key: self._value(key, row) for key, row in table(group).items()})

    def _value(self, key: str, row: Row) -> Any:
        return getattr(self, key) if row.matters(self.__getattribute__) else row.default

    @classmethod
    def at_first(cls) -> dict[str, Any]:
        """The defaults of those controls that matter at first."""
        first = cls()
        return {key: row.default for key, row in table(cls).items() if row.matters(first.__getattribute__)}


Group = TypeVar("Group", bound=Controls)


# By group: reading the fields takes longer than all that is done with them.
_TABLES: dict[type, Mapping[str, Row]] = {}


def table(group: type[Controls]) -> Mapping[str, Row]:
    """A group's controls, by name."""
    if group not in _TABLES:
        _TABLES[group] = MappingProxyType({f.name: f.metadata["row"] for f in fields(group)})
    return _TABLES[group]


def places(groups: tuple[type[Controls], ...]) -> Mapping[str, tuple[str, ...]]:
    """Which controls of these groups stand where: by title in the sidebar, and ``ROW``."""
    keys: dict[str, list[str]] = {}
    for group in groups:
        for key, row in table(group).items():
            if place := row.group or group.title:
                keys.setdefault(place, []).append(key)
    return {place: tuple(names) for place, names in keys.items()}
