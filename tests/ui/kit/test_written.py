"""That a table says each number as the page does, and keeps its value."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from vanish.ui.kit import written
from vanish.ui.kit.numbers import number, percent


@given(st.lists(st.floats() | st.none(), max_size=5))
def test_each_number_is_said_as_sentences_say_it(values):
    table = pa.table({"layer": range(len(values)), "tanh": values, "tanh saturated": values})
    said = written.words(table)
    assert said.column("layer").null_count == len(values)
    for column, say in (("tanh", number), ("tanh saturated", percent)):
        assert said.column(column).to_pylist() == [None if value is None else say(value) for value in values]


def _page():
    import numpy as np
    import pandas as pd

    from vanish.ui.kit import pieces
    from vanish.ui.kit.columns import Columns

    values = np.array([2.546e-9, np.nan, 0.99571])
    pieces.table(Columns({"layer": [1, 2, 3], "tanh": values, "tanh_dead": [0.0, 0.5, 1.0]}), "arrays", "arrays")
    pieces.table(pd.DataFrame({"name": ["a", "b", "c"], "tanh": values}, index=[3, 4, 5]), "frame", None)


def test_a_table_travels_with_its_values_and_with_what_they_say():
    arrays, frame = AppTest.from_function(_page).run().dataframe
    tanh = ["2.55\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}10⁻⁹", None, "0.996"]
    nothing = [None] * 3
    for table, said in (
        (arrays, {"layer": nothing, "tanh": tanh, "tanh_dead": ["0.0 %", "50.0 %", "100 %"]}),
        (frame, {"name": nothing, "tanh": tanh}),
    ):
        np.testing.assert_array_equal(table.value["tanh"], [2.546e-9, np.nan, 0.99571])
        assert pa.ipc.open_stream(table.proto.arrow_data.styler.display_values).read_all().to_pydict() == said
        # Where there is a format of Streamlit's own, it is followed.
        assert "format" not in table.proto.columns
    assert '"tanh dead"' in arrays.proto.columns
