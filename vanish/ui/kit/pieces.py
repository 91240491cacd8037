"""Pieces that every chapter is made of."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from vanish.ui.kit import origin
from vanish.ui.kit.columns import Columns, Table

# The nearest that a table has to ``numbers.number``: 0.996, 1, 2.55e-9.
THREE_DIGITS = "%.3g"


def table(frame: Table, alt: str, key: str) -> None:
    """A table under headings in words: whole numbers as they are, all others with three digits; nothing stands where a
    value is missing."""
    kinds = {str(name): column.dtype.kind for name, column in frame.items()}
    config = {name: _column(name, kind) for name, kind in kinds.items() if kind in "if" or "_" in name}
    shown = frame.arrow if isinstance(frame, Columns) else frame
    st.dataframe(shown, hide_index=True, column_config=config, alt=alt, key=key, placeholder="")


def _column(name: str, kind: str) -> Any:
    words = name.replace("_", " ")
    if kind not in "if":
        return _set(st.column_config.Column(words))
    return _set(st.column_config.NumberColumn(words, format=THREE_DIGITS if kind == "f" else None))


def _set(config: Mapping[str, Any]) -> dict[str, Any]:
    """What of a column is set at all: Streamlit copies all the rest at every run."""
    return {
        key: _set(value) if isinstance(value, Mapping) else value for key, value in config.items() if value is not None
    }


def download(frame: Table, file_name: str, label: str, key: str, columns: str) -> None:
    """A button that saves ``frame`` in full precision, with where it comes from and what its ``columns`` are; the file
    is made when it is asked for."""
    source = origin.here()
    st.download_button(
        label,
        lambda: origin.csv(frame.frame if isinstance(frame, Columns) else frame, columns, source),
        file_name=file_name,
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
        key=key,
    )


def formula(lines: Sequence[str], words: str) -> None:
    """The formula behind a chapter, folded away and not sent before it is asked for."""
    folded = st.expander("The formula", on_change="rerun", key="formula")
    if folded.open:
        folded.markdown("\n\n".join([words, *[f"$$ {line} $$" for line in lines]]))
