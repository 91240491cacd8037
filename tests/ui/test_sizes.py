"""Layer sizes on the page, and what it shows of networks that take their time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ui.app import copied, finding, move, page, settings, shown, unfold

import vanish
from vanish.measure.yardstick import lossless_ratio
from vanish.ui.chapters.flow.data import spectra_fit
from vanish.ui.chapters.flow.words import TOO_WIDE_FOR_SPECTRA
from vanish.ui.kit import budget

# As they are where no test makes the page impatient.
from vanish.ui.kit.budget import examples as as_many_examples
from vanish.ui.kit.budget import seeds as as_many_seeds
from vanish.ui.kit.controls import layer_sizes
from vanish.ui.kit.numbers import number
from vanish.ui.shell.settings import CONTROLS, Settings, from_values

NIELSEN = "784-30-20-30-10"
SIZES = CONTROLS["sizes"]


@given(st.lists(st.integers(1, 40), min_size=2, max_size=9), st.sampled_from(["-", ", ", " ", ",", " x ", "×"]))
def test_sizes_are_read_as_people_write_them(sizes, between):
    text = between.join(map(str, sizes))
    assert layer_sizes(text) == tuple(sizes)
    assert SIZES.check(text) == "-".join(map(str, sizes))
    (spec,) = Settings(sizes=SIZES.check(text), activations=("tanh",)).specs
    assert [spec.n_inputs, *spec.hidden_sizes, spec.n_outputs] == sizes
    assert (spec.depth, Settings(sizes=text).n_layers) == (len(sizes) - 1, len(sizes) - 1)


@pytest.mark.parametrize("text", ["5", "a-b", "3--4", "-3-4", "3.5-4", "٣-٤", "1e3-4", "4;5", "9" * 5000, "**4-5**"])
def test_what_are_no_sizes_are_refused(text):
    values, (line,) = from_values({"sizes": text, "width": 30})
    assert (values.sizes, values.width) == ("", 30)
    assert "**sizes** takes numbers such as 784-30-10 (2 to 101, each from 1 to 4,096," in line


def test_sizes_beyond_their_range_are_the_nearest_limit_and_too_many_weights_are_refused_with_the_limit():
    values, (line,) = from_values({"sizes": "0-9999-10"})
    assert values.sizes == "1-4096-10"
    assert "uses `1-4096-10`" in line
    values, (line,) = from_values({"sizes": "4096-4096-10"})
    assert values.sizes == ""
    assert f"at most {budget.MOST_WEIGHTS:,} weights" in line


def test_a_link_with_sizes_shows_their_network_and_no_sliders_of_depth_and_width():
    app = page(sizes=NIELSEN, activations=["sigmoid"], bias_std="1", initializer="lecun_normal")
    assert "sizes" in shown(app)
    assert not {"depth", "width"} & set(shown(app))
    spec = vanish.NetworkSpec(
        n_inputs=784, widths=(30, 20, 30), n_outputs=10, initializer="lecun_normal", bias_std=1, weight_std=0.3
    )
    assert settings(app).specs == (spec,)
    np.testing.assert_array_equal(app.dataframe[0].value["sigmoid"], vanish.gradient_flow(spec).mean_abs)
    assert app.title[0].value == finding(app)
    assert dict(copied(app))["sizes"] == NIELSEN
    app = move(app, "sizes", "")
    assert {"depth", "width"} <= set(shown(app))


def test_what_was_typed_wrong_is_said_and_depth_and_width_hold():
    app = page(depth="5", width="12")
    app.get_by_key("sizes").set_value("784-thirty-10").run()
    assert not app.exception
    assert "**sizes** takes" in app.warning[0].value
    assert {"depth", "width"} <= set(shown(app))
    assert len(app.dataframe[0].value) == 5


def test_a_button_that_sets_the_depth_takes_the_sizes_away():
    app = page(chapter="why", sizes="4-8-6-1")
    assert settings(app).n_layers == 3
    app.button(key="try_deeper").click().run()
    assert not app.exception
    now = settings(app)
    assert (now.sizes, now.depth) == ("", 6)


@pytest.mark.slow
@pytest.mark.parametrize("chapter", ["why", "flow", "updates", "train", "fixes", "map", "time"])
@pytest.mark.parametrize("sizes", ["6-1", "3-5-1-4-2", "100-60-60-30-10"])
def test_every_chapter_takes_sizes(chapter, sizes):
    link = {"residual": "identity", "normalization": "layer", "overlays": ["theory"], "n_seeds": "4"}
    app = page(chapter=chapter, sizes=sizes, **link)
    assert app.title[0].value
    assert not app.warning
    if chapter == "fixes":
        for view in ("ladder", "combinations", "noise"):
            move(app, "fixes_view", view)
    if chapter == "flow":
        unfold(app)
    if chapter == "map":
        app = page(chapter=chapter, sizes=sizes, map_activation="tanh", initializer="xavier_normal", bias_std="0.3")
        move(app, "map_axis", "bias_std")


@pytest.mark.parametrize(("key", "text", "value"), [("width", "500", 256), ("depth", "1000", 100), ("seed", "-3", 0)])
def test_a_link_beyond_a_slider_is_its_end_and_so_is_the_address(key, text, value):
    # An option by its name, which the widget calls otherwise.
    app = page(**{key: text, "activations": ["leaky_relu"]})
    assert app.session_state[key] == getattr(settings(app), key) == value
    assert app.query_params.get(key, str(value)) == str(value)
    assert f"the page got `{text}` and uses **{value}**." in app.warning[0].value
    assert len(app.warning) == 1


@given(
    st.integers(1, 100),
    st.integers(1, 256),
    st.integers(1, 100),
    st.integers(1, 256),
    st.integers(1, 20),
    st.sampled_from(["none", "batch"]),
)
def test_seeds_and_then_examples_shrink_until_a_view_fits(depth, width, asked, batch_size, networks, normalization):
    specs = [vanish.NetworkSpec(depth, width, normalization=normalization)] * networks
    examples = as_many_examples(specs, batch_size)
    seeds = as_many_seeds(specs, asked, examples)
    assert 1 <= seeds <= asked
    assert 1 <= examples <= batch_size

    def fits(seeds, examples):
        return budget.within(budget.networks(specs, seeds, examples), budget.SCREEN)

    fewest = min(batch_size, 32) if normalization == "batch" else 1
    assert examples >= fewest
    assert fits(seeds, examples) or (seeds, examples) == (1, fewest)
    # Examples are given up only where not even one seed has room for them, and seeds only where there is none for more.
    assert seeds == asked or not fits(seeds + 1, examples)
    assert examples == batch_size or not fits(1, examples + 1)


@pytest.mark.slow
def test_the_page_says_how_many_networks_seeds_and_examples_it_shows():
    wide = {"sizes": "784-1500-1000-100-10", "batch_size": "256", "activations": CONTROLS["activations"].options}
    app = page(**wide, n_seeds="100")
    now = settings(app)
    specs, signal = now.specs, now.signal
    assert signal.batch_size < 256
    shown = f"{signal.n_seeds} of 100 seeds, {signal.batch_size} of 256 examples, to keep the page quick."
    assert any(caption.value.startswith("Shown: ") and shown in caption.value for caption in app.caption)
    table = vanish.gradient_flow(specs[2], 42, batch_size=signal.batch_size, magnitudes=["mean_abs"])
    np.testing.assert_array_equal(app.dataframe[0].value["ReLU"], table.mean_abs)
    app = page(chapter="updates", **wide)
    assert any("of 17 networks" in caption.value for caption in app.caption)
    app = page(n_seeds="10", batch_size="64")
    assert not any("Shown:" in caption.value for caption in app.caption)


@pytest.mark.slow
def test_a_map_over_depths_of_unequal_layers_says_what_it_divides_by_and_what_a_click_takes():
    app = page(chapter="map", sizes="10-6-30-1", map_activation="tanh")
    said = next(block.value for block in app.markdown if block.value.startswith("**tanh**: color is"))
    (spec,) = settings(app).respecified(activations=("tanh",))
    # A layer that is wider than the one before it projects the gradient on its way back.
    low, high = (number(lossless_ratio(spec.at_depth(depth))) for depth in (3, 2))
    assert f"loses nothing, {low} to {high}," in said
    assert "take its weight scale" in said
    for link in ({"sizes": "10-6-30-1", "map_axis": "bias_std"}, {}):
        app = page(chapter="map", map_activation="tanh", **link)
        assert any("click a cell to go there." in block.value for block in app.markdown)


def test_singular_values_are_those_of_networks_that_there_is_time_for():
    assert spectra_fit(Settings(depth=50, width=64).specs) == 3
    assert 0 < spectra_fit(Settings(depth=100, width=128, activations=CONTROLS["activations"].options).specs) < 17
    wide = {"sizes": "4-1500-1500-4", "activations": ["tanh"]}
    app = page(**wide)
    assert not spectra_fit(settings(app).specs)
    app.session_state["look_spectrum"] = True
    assert any(block.value == TOO_WIDE_FOR_SPECTRA for block in app.run().markdown)


def test_old_links_show_as_many_seeds_as_before():
    # Three networks of 30 layers of 256 on eight examples had all of ten seeds.
    wide = Settings(depth=30, width=256)
    assert as_many_examples(wide.specs, 8) == 8
    assert as_many_seeds(wide.specs, 10, 8) == 10
