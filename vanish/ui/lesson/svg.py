"""Bars as SVG text: for a document that has to do without a browser's scripts."""

import math
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

WIDTH, ROW, BAR, LEFT, RIGHT, FOOT = 640, 46, 16, 8, 24, 44


INK, LINE = "#1b1b28", "#dcdce6"


# No more marks on an axis than can be read.
MOST_TICKS = 8


class Bar(NamedTuple):
    """What stands over a bar, its length, its colour."""

    words: str
    value: float
    color: str


def bars(rows: Sequence[Bar], title: str, description: str, share: bool) -> str:
    """An ``<svg>`` with a bar for each: on a log axis, or (``share``) on a linear one from 0 to 100 %.

    What an axis has no place for (0 on a log one, nan, inf) has its words and no bar.
    """
    low, high = (0.0, 1.0) if share else _decades([bar.value for bar in rows])
    bottom = ROW * len(rows) + 6

    def place(value: float) -> float:
        """Where a value is, in pixels from the left."""
        along = value if share else math.log10(value)
        return round(LEFT + (min(max(along, low), high) - low) / (high - low) * (WIDTH - LEFT - RIGHT), 1)

    parts = [
        f'<svg viewBox="0 0 {WIDTH} {bottom + FOOT}" role="img" width="100%" font-family="sans-serif" fill="{INK}">',
        f"<title>{escape(title)}</title><desc>{escape(description)}</desc>",
    ]
    for value, words in _ticks(low, high, share):
        x = place(value)
        parts.append(f'<path d="M{x} 0V{bottom}" stroke="{LINE}"/>')
        anchor = "start" if x < 30 else "end" if x > WIDTH - 40 else "middle"
        parts.append(f'<text x="{x}" y="{bottom + 16}" font-size="12" text-anchor="{anchor}">{escape(words)}</text>')
    for row, bar in enumerate(rows):
        top = ROW * row
        parts.append(f'<text x="{LEFT}" y="{top + 17}" font-size="14" font-weight="600">{escape(bar.words)}</text>')
        if math.isfinite(bar.value) and (share or bar.value > 0):
            width = round(max(place(bar.value) - LEFT, 2.0), 1)
            parts.append(
                f'<rect x="{LEFT}" y="{top + 24}" width="{width}" height="{BAR}" rx="3" fill="{escape(bar.color)}"/>'
            )
    parts.append(f'<text x="{LEFT}" y="{bottom + 36}" font-size="13">{escape(title)}</text></svg>')
    return "".join(parts)


def _decades(values: Sequence[float]) -> tuple[float, float]:
    """Whole powers of ten around the values that a log axis has a place for, clear of the smallest."""
    powers = [math.log10(value) for value in values if 0 < value < math.inf]
    if not powers:
        return -1.0, 0.0
    low = math.floor(min(powers) - 0.3)
    return float(low), float(max(math.ceil(max(powers)), low + 1))


def _ticks(low: float, high: float, share: bool) -> list[tuple[float, str]]:
    if share:
        return [(percent / 100, f"{percent} %") for percent in range(0, 101, 20)]
    stride = math.ceil((high - low) / MOST_TICKS)
    powers = range(int(low), int(high) + 1, stride)
    return [(10.0**power, f"1e{power}" if abs(power) > 2 else f"{10.0**power:g}") for power in powers if power > -308]
