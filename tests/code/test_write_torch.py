"""The script for PyTorch, run: the engine's numbers where the weights' rule is ours, its distribution elsewhere."""

import ast
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import SPECS
from scripts import printed

from vanish import NetworkSpec, example_output_gradient, gradient_flow, read_log
from vanish.choices import example_inputs
from vanish.code import HOOK, notebook, numpy_script, torch_script

COLUMNS = ["mean_abs", "rms", "weight_norm"]


@pytest.fixture
def torch(tmp_path, monkeypatch):
    torch = pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    yield torch
    torch.set_default_dtype(torch.float32)


def ours(spec, seeds, batch_size):
    inputs = example_inputs(spec.n_inputs, batch_size)
    at_outputs = example_output_gradient(spec.n_outputs, batch_size) if spec.normalization == "batch" else None
    table = gradient_flow(spec, seeds, inputs, magnitudes=COLUMNS, output_gradient=at_outputs)
    return table.groupby("layer")[COLUMNS].median()


@pytest.mark.parametrize(
    ("spec", "batch_size"),
    [
        (NetworkSpec(), 1),
        (NetworkSpec(activation="tanh", weight_scale=2.0, bias_std=0.3, linear_output=True), 5),
        (NetworkSpec(widths=(6, 6, 9, 9, 5), activation="gelu", residual="fixup", block="two"), 1),
        (NetworkSpec(residual="scaled", normalization="batch", n_outputs=3), 8),
        (NetworkSpec(residual="rezero", normalization="layer", norm_place="pre", activation="sin"), 3),
        (NetworkSpec(residual="half", normalization="rms", norm_place="post", activation="hard_sigmoid"), 3),
    ],
    ids=["kata", "tanh", "fixup", "batch", "pre", "post"],
)
def test_the_original_rule_gives_the_engines_numbers(torch, spec, batch_size):
    np.testing.assert_allclose(printed(torch_script(spec, 7, batch_size)), ours(spec, 7, batch_size), rtol=1e-6)


@pytest.mark.parametrize(
    "initializer",
    ["xavier_uniform", "he_normal", "torch_default", "lecun_normal", "orthogonal", "trunc_normal", "uniform", "lsuv"],
)
def test_other_rules_give_the_engines_distribution(torch, initializer):
    spec = NetworkSpec(depth=5, width=24, activation="tanh", initializer=initializer, weight_std=0.2, weight_scale=1.2)
    spec = replace(spec, uniform_low=-0.3, uniform_high=0.4)
    theirs, mine = printed(torch_script(spec, 7, 16)), ours(spec, list(range(100)), 16)
    # Medians of 25 networks; one over the other is off by what the luck of 25 allows.
    np.testing.assert_allclose(np.log(theirs / mine), 0, atol=0.35)


def test_the_reader_of_logs_likes_the_hooks_format(torch, tmp_path):
    spec = NetworkSpec(depth=4, normalization="layer")
    theirs = printed(torch_script(spec, 7))
    log = read_log((tmp_path / "gradients.jsonl").read_text("utf-8"))
    assert log.problems == ()
    assert [name for name in log.names if name.endswith("0.weight")] == [f"{n}.0.weight" for n in range(4)]
    at = [log.names.index(f"{n}.0.weight") for n in range(4)]
    entries = [32, 64, 64, 8]
    np.testing.assert_allclose(log.values[0, at] * np.sqrt(entries), theirs["weight_norm"], rtol=1e-9)
    assert [log.entries[place] for place in at] == entries


def test_the_hook_is_ten_lines():
    assert len(HOOK.splitlines()) <= 11


@settings(max_examples=25)
@given(SPECS, st.integers(0, 2**64 - 1))
def test_any_network_is_written_as_python(spec, seed):
    script = torch_script(spec, seed)
    made = {node.name for node in ast.parse(script).body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    assert made <= {node.id for node in ast.walk(ast.parse(script)) if isinstance(node, ast.Name)}


def test_a_notebook_holds_every_line_of_its_scripts():
    spec = NetworkSpec(depth=3)
    scripts = [numpy_script(spec), torch_script(spec)]
    made = json.loads(notebook(scripts))
    assert (made["nbformat"], made["nbformat_minor"]) == (4, 4)
    code = ["".join(cell["source"]) for cell in made["cells"] if cell["cell_type"] == "code"]
    assert [cell["cell_type"] for cell in made["cells"]].count("markdown") == 2
    kept = [line for cell in code for line in cell.splitlines() if line]
    assert kept == [line for script in scripts for line in script.split('"""\n', 1)[1].splitlines() if line]
    for cell in code:
        ast.parse(cell)
    first = next(place for place, cell in enumerate(code) if "import torch" in cell)
    assert printed("\n".join(code[:first])).shape == (3, 3)
