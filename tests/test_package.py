"""The package's face and what it says of itself."""

import operator
import re
import sys
import tomllib
from pathlib import Path

import pytest
from processes import output

import vanish

ROOT = Path(vanish.__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.mark.slow
def test_the_engine_needs_no_page():
    code = "import vanish, sys; print([m for m in ('streamlit', 'altair') if m in sys.modules])"
    assert output(sys.executable, "-c", code, cwd=ROOT) == "[]\n"


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
        *("sequence.train_recurrent", "remedies.ladder", "theory.fixed_point", "choices.ACTIVATIONS"),
    ],
)
def test_a_notebook_finds_what_it_needs_under(name):
    assert operator.attrgetter(name)(vanish)


def test_package_and_requirements_ask_for_the_same():
    asked_for = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["page"]
    assert sorted(asked_for) == sorted((ROOT / "requirements.txt").read_text().split())


def test_the_version_stands_in_one_place():
    assert PROJECT["dynamic"] == ["version"]
    assert "version" not in PROJECT
    assert re.fullmatch(r"\d+\.\d+\.\d+", vanish.__version__)


@pytest.mark.slow
def test_benchmarks_run_from_a_checkout(tmp_path):
    threads = "import os; os.environ |= dict.fromkeys(('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS'), '1')"
    folder = f"import sys; sys.path[0] = {str(ROOT / 'tests/benchmarks')!r}"
    runs = [
        "import engine; engine.compare(engine.NetworkSpec(depth=2), batch=4, rounds=1)",
        "import training; training.STEPS = 2; training.compare('relu', 'sgd', rounds=1)",
        "import recurrent; recurrent.STEPS = 1; recurrent.compare('gru', rounds=1)",
        "import page; print(page.MOVED)",
    ]
    # One process for all of them: to start it is dearer than what they do.
    said = output(sys.executable, "-c", "\n".join((threads, folder, *runs)), cwd=tmp_path)
    assert len(said.splitlines()) >= len(runs)
