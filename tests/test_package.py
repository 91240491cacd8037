import operator
import subprocess
import sys
from pathlib import Path

import pytest

import vanish


def test_the_engine_needs_no_page():
    code = "import vanish, sys; print([m for m in ('streamlit', 'altair') if m in sys.modules])"
    root = Path(vanish.__file__).parents[1]
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert run.stdout == "[]\n"


@pytest.mark.parametrize("face", [vanish, vanish.choices, vanish.sequence, vanish.theory], ids=lambda f: f.__name__)
def test_every_public_name_is_there(face):
    assert len(set(face.__all__)) == len(face.__all__) > 0
    for name in face.__all__:
        assert getattr(face, name) is not None


@pytest.mark.parametrize(
    "name",
    [
        *("kata.ideal_decay", "kata.gradient_magnitudes", "kata.update_comparison", "NetworkSpec", "initialize"),
        *("backprop", "gradient_flow", "signal_propagation", "train", "gradient_through_time", "diagnose"),
        *("sequence.train_recurrent", "remedies.ladder", "theory.fixed_point", "choices.ACTIVATIONS", "__version__"),
    ],
)
def test_a_notebook_finds_what_it_needs_under(name):
    assert operator.attrgetter(name)(vanish)
