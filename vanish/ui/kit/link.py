"""The link: what an address sets in a table of controls, what a browser sends, and the way back to an address."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlencode

from vanish.ui.kit.controls import Control, Options, Pin, Sizes, WholeNumbers
from vanish.ui.kit.table import Row

Table = Mapping[str, Row]


def from_link(table: Table, params: Mapping[str, Sequence[str]]) -> tuple[dict[str, Any], list[str]]:
    """What a link sets, and one line for each thing in it that had to be put right.

    ``params`` maps names to their texts in the address; names that are no control's are left alone.
    """
    values: dict[str, Any] = {}
    corrections = []
    for key, texts in params.items():
        if key not in table:
            continue
        row = table[key]
        try:
            values[key], kept_all = row.control.parse(texts)
        except ValueError:
            corrections.append(_correction(key, texts, row.control, row.default))
        else:
            if not kept_all:
                corrections.append(_correction(key, texts, row.control, values[key]))
            if isinstance(row.control, Pin) and values[key]:
                corrections += [f"In **{key}**, {line}" for line in from_link(table, parse_qs(values[key]))[1]]
    return values, corrections


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
        valid[key], taken = taken_as(row, values.get(key, row.default))
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


def _correction(key: str, texts: Sequence[str], control: Control, used: Any) -> str:
    # Whatever a link says is shown as plain text, and not at length.
    given = " ".join(", ".join(texts).split()).replace("`", "'")[:40] or "nothing"
    # Two tildes would strike out what stands between them.
    plain = _in_words(control, used).replace("~", "\\~")
    return f"**{key}** takes {control.allowed}; the page got `{given}` and uses **{plain}**."
