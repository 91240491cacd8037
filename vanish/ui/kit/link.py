"""The link: what an address sets in a table of controls, what a browser sends, and the way back to an address."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs, urlencode

from vanish.ui.kit.codes import Code
from vanish.ui.kit.controls import Control, Options, Pin, Sizes, WholeNumbers
from vanish.ui.kit.plain import MOST as SHOWN
from vanish.ui.kit.plain import quoted, shortened
from vanish.ui.kit.table import Row

Table = Mapping[str, Row]


# Letters of one correction, and what a link's own text has of them at least.
MOST, LEAST = 200, 12


def from_link(
    table: Table,
    params: Mapping[str, Sequence[str]],
    otherwise: Mapping[str, Any] = MappingProxyType({}),
    within: str = "",
) -> tuple[dict[str, Any], list[str]]:
    """What a link sets, and one line for each thing in it that had to be put right.

    ``params`` maps names to their texts in the address; names that are no control's are left alone.  Of what cannot be
    read at all ``otherwise`` holds what is used, where that is not the default.  ``within`` names the control in whose
    text the link stands.
    """
    values: dict[str, Any] = {}
    corrections = []
    for key, texts in params.items():
        if key not in table:
            continue
        row, wrong = table[key], list[str]()
        try:
            value, kept_all = row.control.parse(texts)
            if isinstance(row.control, Pin) and value:
                value, wrong = _pinned(table, key, value)
        except ValueError:
            used = otherwise.get(key, row.default)
            corrections.append(_correction(key, texts, row.control, used, within))
            continue
        values[key] = value
        if not kept_all:
            corrections.append(_correction(key, texts, row.control, value, within))
        corrections += wrong
    return values, corrections


def _pinned(table: Table, key: str, text: str) -> tuple[str, list[str]]:
    """The link within a link as an address holds it when all in it is right, or ValueError if it names no setting; no
    pin can stand within a pin."""
    flat = {name: row for name, row in table.items() if not isinstance(row.control, Pin)}
    params = parse_qs(text)
    if params.keys().isdisjoint(table):
        raise ValueError
    values, wrong = from_link(flat, params, within=key)
    inner = [name for name in params if name in table and name not in flat]
    wrong += [f"In **{key}**, **{name}** takes nothing: a pinned network holds no other." for name in inner]
    return query({name: value for name, value in values.items() if value != table[name].default}), wrong


def as_labels(table: Table, params: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """A link as the widgets read it: options by their labels."""
    controls = {key: table[key].control for key in params if key in table}
    return {
        key: [control.called(control.name(text)) for text in params[key]]
        for key, control in controls.items()
        if isinstance(control, Options)
    }


def from_values(table: Table, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Those of the widgets' values that the controls take: a browser may send what a widget would not."""
    valid: dict[str, Any] = {}
    corrections = []
    for key, row in table.items():
        valid[key], taken = taken_as(row, values[key]) if key in values else (row.default, True)
        if not taken:
            corrections.append(_correction(key, [str(values[key])], row.control, valid[key]))
    return valid, corrections


def taken_as(row: Row, value: Any) -> tuple[Any, bool]:
    """A widget's value as its control takes it, and whether it could be kept.

    What a reader has typed is read as a link's text is; of anything else that is wrong, the default is left.
    """
    try:
        return row.control.check(value), True
    except ValueError:
        try:
            typed = isinstance(row.control, Sizes | WholeNumbers) and isinstance(value, str)
            return (row.control.parse([value])[0] if typed else row.default), False
        except ValueError:
            return row.default, False


def address(base: str, changes: Mapping[str, Any]) -> str:
    """The full address of a page that shows ``changes``."""
    text = query(changes)
    return f"{base}?{text}" if text else base


def query(changes: Mapping[str, Any]) -> str:
    """The part of an address that says ``changes``."""
    return urlencode({key: listed(value) for key, value in changes.items()}, doseq=True)


def listed(value: Any) -> Any:
    """A control's value as widgets and addresses hold it: lists for tuples."""
    return list(value) if isinstance(value, tuple) else value


def called(control: Control, value: Any) -> str:
    """A control's value as the page shows it."""
    values = value if isinstance(value, tuple) else (value,)
    return ", ".join(control.called(one) if isinstance(control, Options) else str(one) for one in values)


def _in_words(control: Control, value: Any) -> str:
    """A control's value, and how a link says it where that is another word."""
    if isinstance(value, tuple):
        return ", ".join(_in_words(control, one) for one in value) or "none"
    label = called(control, value) if value or value == 0 else "none"
    return f"{label} ({value})" if isinstance(control, Options) and value not in (None, label) else label


def _correction(key: str, texts: Sequence[str], control: Control, used: Any, within: str = "") -> str:
    if isinstance(control, Code) and control.secret:
        texts, used = ["…"], used and "…"
    words = _in_words(control, used)
    # Text that a reader may have written is quoted; what the page calls its options and numbers is not.
    written = isinstance(used, str) and used and not isinstance(control, Options)
    shown = quoted(words) if written else f"**{shortened(words)}**"
    before = f"{f'In **{within}**, ' if within else ''}**{key}** takes {control.allowed}; the page got "
    after = f" and uses {shown}."
    room = MOST - len(before) - len(after) - 2
    return f"{before}{quoted(', '.join(texts), min(max(room, LEAST), SHOWN))}{after}"
