import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from streamlit.dataframe_util import convert_anything_to_arrow_bytes, convert_arrow_bytes_to_pandas_df

from vanish.ui.kit.columns import Columns

CELLS = (st.integers(-(2**53), 2**53), st.floats(), st.text(st.characters(exclude_characters="\0")), st.booleans())
TABLES = st.integers(0, 5).flatmap(
    lambda rows: st.dictionaries(
        st.text(),
        st.one_of(*(st.lists(cell, min_size=rows, max_size=rows) for cell in CELLS)).map(np.array),
        min_size=1,
    )
)


@given(TABLES)
def test_a_table_arrives_as_the_same_dataframe_would(columns):
    if not len(next(iter(columns.values()))):
        columns = {name: column.astype(np.float64) for name, column in columns.items()}
    table = Columns(columns)
    sent, frame = (
        convert_arrow_bytes_to_pandas_df(convert_anything_to_arrow_bytes(one)) for one in (table.arrow, table.frame)
    )
    pd.testing.assert_frame_equal(sent, frame)
    assert list(sent) == list(columns)


def test_a_single_value_stands_in_every_row():
    table = Columns({"which": "one", "layer": [1, 2], "floor": 0.5})
    assert table.frame.to_dict("list") == {"which": ["one", "one"], "layer": [1, 2], "floor": [0.5, 0.5]}
    assert len(Columns({"bottom": 1.0}).frame) == 1
