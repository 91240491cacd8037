"""Sentences that take numbers: which functions of a module are some, and how to draw an argument of each."""

import inspect
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import get_type_hints

import numpy as np
import pandas as pd
from hypothesis import strategies as st
from ui.sizes import SIZES

from vanish import diagnose
from vanish.choices.activations import ACTIVATIONS
from vanish.choices.datasets import DATASETS
from vanish.choices.losses import LOSSES
from vanish.choices.normalizations import NORMALIZATIONS, Normalization
from vanish.choices.optimizers import OPTIMIZERS
from vanish.choices.residuals import RESIDUALS, Residual
from vanish.measure.diagnosis import Diagnosis
from vanish.measure.magnitudes import MAGNITUDES, Magnitude
from vanish.measure.precision import PrecisionReport, precision_report
from vanish.measure.spread import KINDS
from vanish.network.divergence import Divergence
from vanish.network.loss_scale import LossScale
from vanish.network.spec import NetworkSpec
from vanish.network.training import Snapshot
from vanish.numerics import arrays
from vanish.theory.correlation import CorrelationFixedPoint
from vanish.theory.luck import Luck
from vanish.ui.kit.causes import CLOSED_GATES, OUTPUT_OFF, Cause
from vanish.ui.shell.settings import CONTROLS

LAYERS = st.lists(SIZES, min_size=1, max_size=12)
ORDINARY = st.lists(st.floats(1e-150, 1e150), min_size=2, max_size=12)
NAMES = st.sampled_from(list(ACTIVATIONS))
SLOPES = st.floats(0, 1.5).map(lambda slope: round(slope, 2))
DEPTHS = st.integers(CONTROLS["depth"].low, CONTROLS["depth"].high)


def same_depth(layers):
    """Diagnoses of one to four networks of one depth, each with its activation's name."""
    return st.integers(1, 8).flatmap(
        lambda n: st.dictionaries(NAMES, st.lists(layers, min_size=n, max_size=n).map(diagnose), min_size=1)
    )


ANY_NETWORKS = same_depth(SIZES)
SIGNALS = ("rms", "zeros", "non_finite", "std", "std_theory", "cosine", "cosine_theory")
COLUMNS = ("activation", "layer", "saturated", "dead", "low", "high", "name", "depth", "value", "error", *SIGNALS)
SHARES = st.sampled_from([0.0, 0.004, 0.5, 1.0])
ROWS = st.fixed_dictionaries(
    {
        "activation": st.sampled_from(["tanh", "ReLU"]),
        "layer": st.integers(1, 9),
        "saturated": SHARES,
        "dead": SHARES,
        "low": st.floats(-5, 0),
        "high": st.floats(0, 5),
        "name": st.sampled_from(["sigmoid", "ReLU + He"]),
        "depth": st.integers(1, 20),
        "value": SHARES,
        "error": st.floats(0, 0.1),
        "rms": SIZES,
        "zeros": SHARES,
        "non_finite": SHARES,
        "std": SIZES,
        "std_theory": SIZES,
        "cosine": st.floats(-1, 1) | st.just(np.nan),
        "cosine_theory": st.floats(-1, 1) | st.just(np.nan),
    }
)


def tables(min_size):
    """Tables of up to five rows with every column that some sentence reads."""
    return st.lists(ROWS, min_size=min_size, max_size=5).map(lambda rows: pd.DataFrame(rows, columns=list(COLUMNS)))


def snapshot(numbers, divergence):
    sizes = np.array(numbers[:3])
    return Snapshot(7, 0.1, *numbers[:4], abs(numbers[0]), sizes, sizes, sizes, sizes, sizes, sizes, None, divergence)


RUNS = st.lists(
    st.builds(
        snapshot,
        st.lists(SIZES, min_size=4, max_size=4),
        st.none() | st.builds(Divergence, st.integers(0, 99), st.integers(1, 3), st.just("gradient")),
    ),
    min_size=1,
    max_size=4,
)
# How to draw an argument of a sentence: by its name, or else by its type.
BY_NAME = {
    "slope": SLOPES,
    "depth": DEPTHS,
    "n_seeds": st.integers(5, 200),
    "width": st.integers(1, 256),
    "weight_scale": st.floats(0.1, 4),
    "changes": st.sampled_from([{}, {"Depth": "20", "Activations": "ReLU, tanh"}]),
    "values": st.lists(SIZES, min_size=1, max_size=9).map(lambda sizes: np.sort(sizes)[::-1]),
    "frame": tables(min_size=0),
    "table": tables(min_size=1),
    "trainable": st.sampled_from([None, "Deep enough."]),
    "left_out": st.sampled_from([None, 100]),
    "where": st.just("depth 10"),
    "kind": st.sampled_from(KINDS),
    "against": st.sampled_from(["depth", "bias_std"]),
    "place": st.floats(0, 100),
    "state": st.just("healthy"),
    "score_label": st.just("accuracy"),
    "guessing": st.floats(0, 1),
    "seconds": st.floats(0, 1e4),
    "longest": st.just(60.0),
    "learning_rate": st.floats(1e-6, 10),
    "share": st.floats(0, 1),
    "reach": st.floats(1, 20),
    "dataset": st.sampled_from(list(DATASETS)),
    "loss": st.sampled_from(list(LOSSES)),
    "optimizer": st.sampled_from(list(OPTIMIZERS)),
    "over": st.floats(1.01, 100),
    "most_racers": st.sampled_from([None, 3]),
}
BY_TYPE = {
    float: st.floats() | SIZES,
    int: st.integers(1, 100),
    str: NAMES,
    bool: st.booleans(),
    Diagnosis: LAYERS.map(diagnose),
    Magnitude: st.sampled_from(list(MAGNITUDES.values())),
    Mapping[str, Diagnosis]: ANY_NETWORKS,
    arrays.Array: st.lists(SIZES, min_size=1, max_size=9).map(np.array),
    Sequence[str]: st.lists(NAMES, min_size=1, max_size=4),
    Sequence[Snapshot]: RUNS,
    PrecisionReport: st.sampled_from(["float16", "float8_e4m3"]).map(
        lambda name: precision_report(NetworkSpec(depth=3), 42, [[0.5, -0.3, 0.8, -0.1]], name)
    ),
    LossScale: st.just(LossScale()),
    CorrelationFixedPoint: st.builds(
        CorrelationFixedPoint, SIZES, st.floats(0, 1) | st.just(np.nan), SIZES, SIZES, st.floats(0, 1)
    ),
    Luck: st.sampled_from([Luck({8: 9}), Luck({64: 10}), Luck({12: 1, 5: 2}, 0.5)]),
    float | None: st.none() | st.sampled_from([2.0**-4, 1.0, 2.0**20]),
    Normalization: st.sampled_from(list(NORMALIZATIONS.values())),
    Residual: st.sampled_from(list(RESIDUALS.values())),
    Sequence[int]: st.lists(st.integers(1, 100), min_size=1, max_size=20, unique=True),
    Sequence[float]: st.lists(SIZES, min_size=3, max_size=3),
    Mapping[str, Sequence[Snapshot]]: st.dictionaries(NAMES, RUNS, min_size=1, max_size=3),
    Mapping[str, int]: st.dictionaries(NAMES, st.integers(0, 5000), min_size=1),
    Mapping[str, Cause]: st.just({}),
    Mapping[str, str]: st.dictionaries(NAMES, NAMES, min_size=1),
    Cause | None: st.none() | st.sampled_from([OUTPUT_OFF, CLOSED_GATES]),
    Mapping[str, float]: st.dictionaries(NAMES, SLOPES, min_size=1),
}


def sentences(module):
    """Names of the module's own public functions: each makes words of numbers."""
    functions = inspect.getmembers(module, inspect.isfunction)
    return [name for name, function in functions if function.__module__ == module.__name__ and name[0] != "_"]


def check_words(sentence, data, **own):
    """Whatever its numbers are, it says something, and nothing that only a programmer reads; ``own`` draws of it."""
    hints = get_type_hints(sentence)
    assert hints.pop("return") in (str, list[str], str | None)
    draw = BY_NAME | own
    required = [name for name, p in inspect.signature(sentence).parameters.items() if p.default is p.empty]
    said = sentence(**{name: data.draw(draw.get(name, BY_TYPE.get(hints[name])), name) for name in required})
    for line in said if isinstance(said, list) else [said] if said is not None else []:
        assert line.strip()
        assert not re.search(r"\b(nan|inf|None|np\.float64)\b", line)


PLAIN = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def plain(text):
    """A text whose numbers a computer could read: 2.55e-9 for 2.55 × 10⁻⁹."""
    text = re.sub("(?:([0-9.]+)\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE})?10([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)", r"\1e\2", text)
    return re.sub(r"(?<![\d.])e(?=-?\d)", "1e", text.translate(PLAIN).replace("−", "-"))


def value(text):
    """The number that a reader sees."""
    text = plain(text)
    words = {"million": 6, "billion": 9, "trillion": 12}
    digits, _, word = text.replace(",", "").partition(" ")
    return Decimal(digits) * Decimal(10) ** words.get(word, 0)
