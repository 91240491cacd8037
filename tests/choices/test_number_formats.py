import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vanish import underflow_layers
from vanish.choices import NUMBER_FORMATS


@pytest.mark.parametrize("name", ["float64", "float32", "float16"])
def test_floors_are_numpys(name):
    info, entry = np.finfo(name), NUMBER_FORMATS[name]
    assert entry.smallest_normal == info.smallest_normal
    assert entry.smallest_subnormal == info.smallest_subnormal


def test_floors_are_the_published_ones():
    assert NUMBER_FORMATS["bfloat16"].smallest_normal == pytest.approx(1.18e-38, rel=1e-2)
    assert NUMBER_FORMATS["bfloat16"].smallest_subnormal == pytest.approx(9.18e-41, rel=1e-3)
    assert NUMBER_FORMATS["float8_e4m3"].smallest_normal == 0.015625
    assert NUMBER_FORMATS["float8_e4m3"].smallest_subnormal == 0.001953125


def test_floors_are_torchs():
    torch = pytest.importorskip("torch")
    for name, dtype in (("bfloat16", torch.bfloat16), ("float8_e4m3", torch.float8_e4m3fn)):
        assert NUMBER_FORMATS[name].smallest_normal == torch.finfo(dtype).smallest_normal


def test_layers_are_counted_from_the_output():
    table = underflow_layers([1e-50, 1e-42, 1e-10, 1e-6, 1e-3, 1.0]).set_index("format")
    assert table.below_normal.dropna().to_dict() == {"float32": 5, "bfloat16": 5, "float16": 3, "float8 (e4m3)": 2}
    assert table.below_subnormal.dropna().to_dict() == {"float32": 6, "bfloat16": 5, "float16": 4, "float8 (e4m3)": 2}


@given(st.lists(st.one_of(st.floats(0, 10), st.just(float("nan")), st.just(float("inf"))), min_size=1, max_size=30))
def test_the_layer_named_is_the_first_one_below(magnitudes):
    for row in underflow_layers(magnitudes).itertuples():
        for floor, layer in ((row.smallest_normal, row.below_normal), (row.smallest_subnormal, row.below_subnormal)):
            below = [n for n, size in enumerate(reversed(magnitudes), start=1) if size < floor]
            assert layer == below[0] if below else pd.isna(layer)
