"""Tables whose numbers stand as the page writes them, and are sorted by their value."""

from collections.abc import Callable
from typing import Any, cast

import pyarrow as pa
from streamlit.dataframe_util import convert_arrow_table_to_arrow_bytes
from streamlit.delta_generator import DeltaGenerator
from streamlit.delta_generator_singletons import get_dg_singleton_instance
from streamlit.elements.arrow import ArrowMixin
from streamlit.proto.Dataframe_pb2 import Dataframe

from vanish.ui.kit.numbers import number, percent

# What stands in a column whose heading ends so is a share.
SHARES = ("accuracy", "before training", "dead", "non_finite", "not finite", "overflow", "saturated", "zeros")


def words(table: pa.Table) -> pa.Table:
    """What each cell says, in a table of the same shape: numbers with three digits, shares in per cent.  Nothing where
    a value is missing, and where it is no fraction: whole numbers and texts say what they are."""
    return pa.table({field.name: _said(table.column(place), field) for place, field in enumerate(table.schema)})


def _said(column: pa.ChunkedArray, field: pa.Field) -> pa.Array:
    if not pa.types.is_floating(field.type):
        return pa.nulls(len(column), pa.string())
    say: Callable[[float], str] = percent if field.name.endswith(SHARES) else number
    return pa.array([None if value is None else say(value) for value in column.to_pylist()], pa.string())


def dataframe(table: pa.Table, said: pa.Table, **options: Any) -> None:
    """Streamlit's ``dataframe`` of a table whose cells say something else than their values.

    Streamlit takes that from a Styler of pandas alone, 5 ms for ten rows of four columns; what it makes of it, a second
    table of what the cells say, is made here, in a tenth of a millisecond.
    """
    _Saying(convert_arrow_table_to_arrow_bytes(said)).dataframe(table, **options)


class _Saying(ArrowMixin):
    """The place where the script stands, for a table; what its cells say is added on the way to the reader."""

    def __init__(self, said: bytes) -> None:
        self._said = said

    @property
    def dg(self) -> DeltaGenerator:
        return cast("DeltaGenerator", self)

    def _enqueue(self, kind: str, element: Dataframe, **placed: Any) -> DeltaGenerator:
        element.arrow_data.styler.uuid = "said"
        element.arrow_data.styler.display_values = self._said
        return get_dg_singleton_instance().main_dg._enqueue(kind, element, **placed)
