"""JSON that breaks off: what stands before the place."""

import json
import re
from typing import Any

PARTS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{},]')
CLOSING = {"[": "]", "{": "}"}

# Logs are no deeper than this.
DEEPEST = 30


def beginning(text: str, decoder: json.JSONDecoder) -> tuple[Any, int] | None:
    """What a text holds before it breaks off or is no JSON any more, and where that is.

    Cut after the last whole value, brackets that are open there are closed.  ``None`` where less than a quarter of the
    text would be kept, or where something else follows what is whole.
    """
    try:
        return decoder.decode(text), len(text)
    except json.JSONDecodeError as error:
        if error.msg.startswith("Extra data"):
            return None
        end = error.pos
    cut, closing = 0, ""
    opened: list[str] = []
    for part in PARTS.finditer(text, 0, end):
        sign = part[0]
        if sign in CLOSING:
            opened.append(CLOSING[sign])
        elif sign == ",":
            cut, closing = part.start(), "".join(reversed(opened))
        elif sign[0] != '"' and opened:
            opened.pop()
        if len(opened) > DEEPEST:
            return None
    if 4 * cut < len(text):
        return None
    try:
        return decoder.decode(text[:cut] + closing), cut
    except json.JSONDecodeError:
        return None
