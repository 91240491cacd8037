"""A model's code in chapter ``yours``: what is said of it, and the network that it becomes on the page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from networks import SPECS
from ui.app import checked, click, page, settings
from ui.sentences import check_words, sentences

from vanish import NetworkSpec
from vanish.code import Unread
from vanish.ui.chapters.yours import model_data, model_words
from vanish.ui.shell.settings import Settings

OWN = {
    "framework": st.sampled_from(["PyTorch", "Keras"]),
    "spec": SPECS,
    "lines": st.lists(st.builds(Unread, st.integers(1, 9999), st.text(max_size=100), st.just("left out")), max_size=60),
    "n_lines": st.integers(0, 3000),
    "widest": st.integers(1, 4096),
    "n_layers": st.integers(1, 1000),
    "label": st.sampled_from(["Weight scale", "Bias std"]),
    "asked": st.floats(-100, 100),
    "taken": st.floats(-1, 4),
}

MARKED = "nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1), Odd('<b>x</b>**y**$q$'))"


@pytest.mark.parametrize("name", sorted(sentences(model_words)))
@given(data=st.data())
def test_there_are_words_for_every_model(name, data):
    check_words(getattr(model_words, name), data, **OWN)


@given(SPECS)
def test_a_network_of_ordinary_size_is_on_the_page_what_it_was_in_the_code(spec):
    fitted = model_data.fitted(spec)
    (made,) = Settings(**fitted.controls).specs
    assert made.layer_shapes == spec.layer_shapes
    for name in ("activation", "shape", "initializer", "normalization", "residual", "linear_output", "bias_std"):
        assert getattr(made, name) == getattr(spec, name)
    assert (made.block == spec.block) or not spec.blocks
    assert fitted.changed == ()


def test_what_is_too_large_for_the_page_is_made_smaller_and_said():
    wide = model_data.fitted(NetworkSpec(depth=9, width=4096, n_inputs=4096, weight_scale=9.0, linear_output=True))
    (made,) = Settings(**wide.controls).specs
    assert (made.depth, made.weight_scale) == (9, 4.0)
    assert [line.split(":")[0] for line in wide.changed] == ["More weights than this page has time for", "Weight scale"]
    deep = model_data.fitted(NetworkSpec(depth=700))
    (made,) = Settings(**deep.controls).specs
    assert made.depth == 100
    assert "the first 100 weight layers" in deep.changed[0]


@pytest.mark.slow
def test_code_is_read_shown_as_plain_text_and_opened_in_layers():
    app = page(chapter="yours")
    app.session_state["model"] = True
    app = checked(app.run())
    app.text_area(key="model_code").set_value(MARKED)
    app = checked(app.run())
    assert any(one.value.startswith("Read as PyTorch, 2 weight layers: sizes 4 → 8 → 1;") for one in app.markdown)
    (line,) = [one.value for one in app.markdown if "no network here has such a layer" in one.value]
    # Between code marks, and nowhere else.
    assert line.startswith("- Line 1, `nn.Sequential(")
    assert "<b>" not in line.split("`")[2]
    assert line.count("`") == 2
    app = click(app, "model_open")
    now = settings(app)
    assert (now.chapter, now.activations, now.initializer) == ("flow", ("relu",), "torch_default")
    assert now.specs[0].layer_shapes == [(8, 4), (1, 8)]


@pytest.mark.slow
def test_what_is_no_model_is_refused_with_its_line():
    app = page(chapter="yours")
    app.session_state["model"] = True
    app = checked(app.run())
    app.text_area(key="model_code").set_value("x = 1\ny = = <b>2")
    app = checked(app.run())
    assert "No model was found" in app.warning[0].value
    assert any("line 2" in one.value for one in app.code)
