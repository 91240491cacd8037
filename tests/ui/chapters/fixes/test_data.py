from dataclasses import replace

import numpy as np
import pytest

import vanish
from vanish.measure import shattered
from vanish.measure.flow import layer_magnitudes
from vanish.measure.remedies import NETWORK_REMEDIES, REMEDIES, comparison_inputs, smallest_batch
from vanish.measure.yardstick import example_output_gradient, lossless_ratio
from vanish.ui.chapters.fixes import cards, data, ladder
from vanish.ui.chapters.fixes.data import Contest
from vanish.ui.kit import measured
from vanish.ui.kit.progress import Progress
from vanish.ui.shell.settings import CONTROLS, Settings

NOW = Settings()
SIGMOID = NOW.specs[0]
VARIANTS = tuple(NOW.variants.items())


def engine(spec, examples, magnitude="mean_abs", output_gradient=None):
    rows = vanish.gradient_flow(
        spec,
        NOW.seed,
        vanish.choices.example_inputs(spec.n_inputs, examples),
        magnitudes=[magnitude],
        output_gradient=output_gradient,
    )
    return rows[magnitude].to_numpy()


@pytest.mark.parametrize(
    ("change", "examples", "magnitude"),
    [
        ({"activation": "leaky_relu"}, 1, "mean_abs"),
        ({"residual": "identity"}, 1, "mean_abs"),
        ({"initializer": "lsuv"}, 1, "mean_abs"),
        ({"normalization": "layer"}, 1, "mean_abs"),
        ({"normalization": "batch"}, 32, "mean_abs"),
        ({"residual": "rezero"}, 1, "stream"),
    ],
)
def test_before_and_after_are_measured_alike(change, examples, magnitude):
    cured = replace(SIGMOID, **change)
    found = data.compared(SIGMOID, cured, NOW.signal)
    assert (found.examples, found.magnitude) == (examples, magnitude)
    # Each example has its own output gradient where one of the two has batch norm.
    own = example_output_gradient(1, examples) if cured.normalization == "batch" else None
    assert found.own_gradients == (own is not None)
    np.testing.assert_allclose(found.before, engine(SIGMOID, examples, magnitude, own), rtol=1e-12)
    np.testing.assert_allclose(found.after, engine(cured, examples, magnitude, own), rtol=1e-12)


@pytest.mark.parametrize("width", [8, 64])
def test_a_network_that_loses_nothing_is_at_one_and_batch_norm_is_not_trillions_of_times_worse(width):
    # Orthogonal and linear: the gradient's length stays, and only the output's width takes from its mean.
    spec = replace(SIGMOID, activation="identity", initializer="orthogonal", width=width)
    found = data.compared(spec, replace(spec, normalization="batch"), NOW.signal)
    assert found.diagnosis_before.left == pytest.approx(1, rel=0.35)
    # Ten layers of batch norm by plain NumPy: means and variances differentiated through, each example its own dL/do.
    parameters = vanish.initialize(spec, NOW.seed)
    h, kept = vanish.choices.example_inputs(4, 32), []
    for layer, weights in enumerate(parameters.weights):
        z = h @ weights.T
        kept.append((z - z.mean(0), np.sqrt(z.var(0) + 1e-5)))
        h = kept[-1][0] / kept[-1][1] if layer < 9 else z
    g = example_output_gradient(1, 32)
    last = np.abs(g).mean()
    for layer in range(8, -1, -1):
        centered, std = kept[layer]
        unit = centered / std
        g = g @ parameters.weights[layer + 1]
        g = (g - g.mean(0) - unit * (g * unit).mean(0)) / std
    assert found.diagnosis_after.ratio == pytest.approx(np.abs(g).mean() / last, rel=1e-6)
    assert found.diagnosis_after.left > 1


def test_large_networks_are_measured_on_fewer_examples_but_never_too_few():
    large = Settings(depth=100, width=256, batch_size=256)
    (spec,) = large.respecified(("relu",))
    assert 1 <= data.examples(large.signal, spec) < 256
    normalised = replace(spec, normalization="batch")
    assert 32 <= data.examples(large.signal, spec, normalised) < 256
    assert data.examples(NOW.signal, SIGMOID) == 1


@pytest.mark.parametrize("order", [NETWORK_REMEDIES, NETWORK_REMEDIES[::-1], ("normalization",)])
def test_the_ladder_is_the_engines(order):
    rungs, examples, n_seeds = data.ladder(SIGMOID, order, VARIANTS, NOW.signal)
    assert examples == smallest_batch(*(rung.spec for rung in rungs)) == 32
    assert n_seeds == NOW.n_seeds
    inputs = comparison_inputs(*(rung.spec for rung in rungs))
    for mine, its in zip(rungs, vanish.remedies.ladder(SIGMOID, order, inputs=inputs), strict=True):
        assert (mine.remedy, mine.decades) == (its.remedy, its.decades)
    frame = data.ladder_frame(rungs)
    assert list(frame.rung)[1:-1] == [REMEDIES[name].title for name in order]
    # Every bar begins where the one before it has ended; the first and the last begin at 1.
    assert list(frame["before"])[1:-1] == list(frame["after"])[:-2]
    assert frame["before"].iloc[0] == frame["before"].iloc[-1] == 1
    assert frame["after"].iloc[-1] == frame["after"].iloc[-2]
    lossless = np.log10(lossless_ratio(rungs[0].spec))
    np.testing.assert_allclose(
        np.log10(frame["after"]), [*(r.decades - lossless for r in rungs), rungs[-1].decades - lossless]
    )


def test_the_ladder_begins_with_the_katas_sigmoid_network_whatever_is_on_screen():
    other = Settings(activations=("tanh",), initializer="he_normal", residual="identity", depth=20, width=16)
    rungs, *_ = data.ladder(other.specs[0], ("relu",), VARIANTS, other.signal)
    assert rungs[0].spec == vanish.NetworkSpec(depth=20, width=16)


def test_what_has_no_place_on_a_log_axis_is_not_drawn_and_not_forgotten():
    spec = vanish.NetworkSpec(depth=100, width=1)
    rungs, *_ = data.ladder(spec, ("relu", "residual"), (("relu", "relu"), ("residual", "identity")), NOW.signal)
    dead = [replace(rung, decades=value) for rung, value in zip(rungs, (-5.0, -np.inf, np.nan), strict=True)]
    frame = data.ladder_frame(dead)
    assert len(frame) == 4
    assert frame[["from", "to"]].isna().all(axis=1).tolist() == [False, True, True, True]
    both = data.both_frame(np.array([0.0, np.inf, 1.0]), np.array([np.nan, 1e-3, 1.0])).frame
    assert both["value"].isna().tolist() == [True, True, False, True, False, False]
    assert (both["floor"] < 1e-3).all()


def test_clipping_is_the_engines():
    exploding = Settings(activations=("identity",), weight_scale=4.0)
    (spec,) = exploding.specs
    found = data.clipped(spec, exploding.signal, "norm", 0.5)
    expected = vanish.remedies.clipped(spec, exploding.seed, limit=0.5)
    np.testing.assert_allclose(found.after, expected.after)
    assert found.length_before > found.length_after == pytest.approx(0.5)


@pytest.mark.parametrize("cell", ["rnn_tanh", "lstm", "gru"])
def test_cells_are_measured_over_as_many_steps_as_the_network_has_layers(cell):
    sizes = data.through_time(cell, 8, 12, 42)
    spec = vanish.RecurrentSpec(cell, hidden=8, forget_bias=1.0 if cell == "lstm" else 0.0)
    measured = vanish.sequence.measure_through_time(spec, 12, [42])
    path = measured.hidden if measured.cell is None else measured.cell
    np.testing.assert_allclose(sizes, path[0, ::-1] / path[0, 0])
    for width, depth in ((1, 1), (256, 100), (9, 55)):
        controls = data.in_chapter_time("rnn_tanh", cell, replace(SIGMOID, width=width, depth=depth))
        assert all(CONTROLS[key].check(value) == value for key, value in controls.items())


def test_a_contest_depends_on_nothing_but_what_it_says_and_fits_a_minute_at_any_depth():
    shallow, deep = Contest(10, VARIANTS[:4], 42), Contest(100, VARIANTS[:4], 42)
    assert shallow == Contest(10, VARIANTS[:4], 42)
    assert shallow.steps == 300
    assert 50 <= deep.steps < 150


@pytest.mark.slow
def test_all_combinations_are_in_the_table():
    rows = list(replace_steps(Contest(2, VARIANTS[:4], 42), 3))
    frame = data.combinations_frame(rows)
    assert len(frame) == 2 ** len(NETWORK_REMEDIES)
    assert len(frame.iloc[:, : len(NETWORK_REMEDIES)].drop_duplicates()) == len(frame)
    assert frame.iloc[:, :4].dtypes.eq(bool).all()
    np.testing.assert_allclose(np.log10(frame["ratio"]), [row.decades for row in rows])
    scatter = data.scatter_frame(rows)
    assert scatter["name"].is_unique
    assert scatter["name"].iloc[0] == "no remedy"
    assert (frame["before training"] > 0).all()
    diverged = [replace(rows[0], divergence=object(), test_accuracy=0.0), *rows[1:]]
    assert data.combinations_frame(diverged)["test accuracy"].isna().tolist() == [True] + [False] * (len(rows) - 1)
    assert data.scatter_frame(diverged)["accuracy"].isna().sum() == 1
    assert scatter["count"].tolist() == frame.iloc[:, :4].sum(axis=1).tolist()


def replace_steps(contest, steps):
    return vanish.combinations.train_combinations(contest.spec, dict(contest.variants), steps=steps, seed=contest.seed)


@pytest.mark.parametrize("normalization", ["batch", "none"])
def test_noise_is_the_engines(normalization):
    shares = []
    frame = data.shattering(normalization, Progress(shares.append))
    spec = shattered.on_a_line() if normalization == "batch" else replace(shattered.on_a_line(), normalization="none")
    expected = vanish.shattered.shattering(spec, data.NOISE_DEPTHS, data.NOISE_SEEDS, data.NOISE_KINDS)
    np.testing.assert_allclose(frame["correlation"], expected["correlation"])
    shallow, plain, residual = data.walks(normalization, 30, 42)
    assert shallow.correlation > plain.correlation
    assert residual.correlation > plain.correlation
    np.testing.assert_allclose(np.square(plain.frame["slope"]).mean(), 1)


def test_a_network_of_one_layer_has_a_walk_too():
    assert [walk.title for walk in data.walks("batch", 1, 42)] == ["plain, 1 layer", "residual, 1 layer"]


@pytest.mark.slow
def test_the_ladder_says_how_many_of_the_seeds_it_had_time_for():
    few, many = Settings(n_seeds=3), Settings(depth=30, width=256, n_seeds=100)
    assert ladder.head(few, None).note == ""
    *_, n_seeds = ladder._measured(many)
    assert n_seeds < 100
    assert f"{n_seeds} of 100 seeds" in ladder.head(many, None).note


def test_the_network_that_the_cards_are_about_is_measured_once(monkeypatch):
    asked = []

    def counted(spec, seeds, rows, magnitudes, at_outputs):
        asked.append((spec, tuple(seeds), len(rows), tuple(magnitudes)))
        return layer_magnitudes(spec, seeds, rows, magnitudes, at_outputs)

    monkeypatch.setattr(measured, "layer_magnitudes", counted)
    ward = cards.measure(Settings(chapter="fixes", seed=727_273))
    assert len(asked) == len(set(asked))
    # Three networks on screen, and what becomes of the worst with each remedy; with batch norm over a batch, and so
    # once more without it.
    remedies = {plan.after for plan in ward.plans.values()}
    assert {spec for spec, *_ in asked} == set(Settings().specs) | remedies
    assert len(asked) == len(set(Settings().specs) | remedies) + 1
