"""Pieces that every chapter is made of."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import streamlit as st

from vanish.ui.kit import origin, written
from vanish.ui.kit.columns import Columns, Table

# Of most tables the page says no more than what stands in them.
NOTHING: Mapping[str, Any] = MappingProxyType({})


def table(
    frame: Table, alt: str, key: str | None, headings: Mapping[str, Any] = NOTHING, height: str | int = "auto"
) -> None:
    """A table under headings in words: whole numbers as they are, all others as sentences have them; nothing stands
    where a value is missing.  ``headings``: what Streamlit is told of those of some columns."""
    shown = frame.arrow if isinstance(frame, Columns) else pa.Table.from_pandas(frame, preserve_index=False)
    # No more than what is set: Streamlit copies all of it at every run.
    config = {**{name: {"label": name.replace("_", " ")} for name in shown.column_names if "_" in name}, **headings}
    written.dataframe(
        shown,
        written.words(shown),
        hide_index=True,
        column_config=config,
        alt=alt,
        key=key,
        placeholder="",
        height=height,
    )


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
