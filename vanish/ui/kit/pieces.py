"""Pieces that every chapter is made of."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from vanish.ui.kit import origin


def table(frame: pd.DataFrame, alt: str, key: str) -> None:
    """A table: whole numbers as they are, all others in scientific notation."""
    config = {str(name): _column(str(name), dtype.kind) for name, dtype in frame.dtypes.items() if dtype.kind in "if"}
    st.dataframe(frame, hide_index=True, column_config=config, alt=alt, key=key)


def _column(name: str, kind: str) -> Any:
    return st.column_config.NumberColumn(name.replace("_", " "), format="%.3e" if kind == "f" else None)


def download(frame: pd.DataFrame, file_name: str, label: str, key: str, columns: str) -> None:
    """A button that saves ``frame`` in full precision, with where it comes from and what its ``columns`` are; the file
    is made when it is asked for."""
    source = origin.here()
    st.download_button(
        label,
        lambda: origin.csv(frame, columns, source),
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
