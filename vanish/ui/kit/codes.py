"""A code in the link: short, of one shape, set by buttons and by the links that they make."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vanish.ui.kit.controls import OnChange


@dataclass(frozen=True)
class Code:
    """A text of one ``shape``, a regular expression's, or none; what is wrong with a ``secret`` one is not shown."""

    shape: str
    example: str
    label: str
    help: str
    secret: bool = False

    @property
    def allowed(self) -> str:
        return f"a code such as {self.example}"

    def parse(self, texts: Sequence[str]) -> tuple[str, bool]:
        """The link's code; who types one may use capitals, and a space for the hyphen."""
        typed = re.sub(r"[\s_-]+", "-", texts[-1][:100].strip()).lower()
        return self.check(typed), [typed] == [*texts]

    def check(self, value: Any) -> Any:
        """``value`` if it has the shape, or is ``None``."""
        if value is not None and not (isinstance(value, str) and re.fullmatch(self.shape, value, re.ASCII)):
            raise ValueError
        return value

    def draw(self, key: str, default: Any, on_change: OnChange | None = None) -> None: ...
