"""The worst links that a search finds stay within the page's budget, counted from shapes and counted by NumPy."""

import random
from dataclasses import replace

import numpy as np
import pytest

from vanish.measure import flow
from vanish.measure.remedies import smallest_batch
from vanish.network.initialize import initialize
from vanish.ui.chapters.fixes import cards as cards_data
from vanish.ui.chapters.fixes import data as fixes_data
from vanish.ui.chapters.map import data as map_data
from vanish.ui.chapters.map import page as map_page
from vanish.ui.chapters.time import data as time_data
from vanish.ui.kit import budget, measured
from vanish.ui.kit.budget import Cost
from vanish.ui.kit.controls import Choice, Choices, Number
from vanish.ui.lesson import measures
from vanish.ui.lesson.steps import STEPS
from vanish.ui.shell.settings import CONTROLS, Settings

# As it is where no test makes the page impatient.
SEEDS, SHARE, DEPTHS = budget.seeds, map_data.SHARE, fixes_data.NOISE_DEPTHS


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    monkeypatch.setattr(budget, "seeds", SEEDS)
    monkeypatch.setattr(map_data, "SHARE", SHARE)
    monkeypatch.setattr(fixes_data, "NOISE_DEPTHS", DEPTHS)


def screen(settings):
    """The networks on screen, and whether nothing was left to give up."""
    specs, signal = settings.specs, settings.signal
    least = (len(specs), signal.n_seeds) == (1, 1) and signal.batch_size <= smallest_batch(*specs)
    return budget.networks(specs, signal.n_seeds, signal.batch_size), settings.share, least


def look(settings):
    specs, signal = settings.looked
    least = len(specs) == 1 and signal.batch_size <= smallest_batch(*specs)
    return budget.networks(specs, 1, signal.batch_size), budget.LOOK, least


def steps(settings):
    specs = settings.specs[: budget.shown(settings.specs, budget.SCREEN, budget.steps)]
    examples = budget.examples(specs, settings.batch_size, budget.SCREEN, budget.steps)
    least = len(specs) == 1 and examples <= smallest_batch(*specs)
    return budget.steps(specs, 1, examples), budget.SCREEN, least


def ratio_map(settings):
    (spec,) = settings.respecified((settings.map_activation,))
    grid = map_data.map_grid(spec, settings.asked, settings.map_axis)
    if map_data.over(spec, settings.asked, grid) > 1:
        return Cost(0), 0, False
    least = (len(grid.weight_scales), len(grid.others), grid.n_seeds) == (2, 2, 1)
    return map_data.cost(spec, settings.asked, grid), map_data.share(spec, settings.map_axis), least


def sequence(settings):
    steps = time_data.length(settings)
    seeds = time_data.n_seeds(settings, steps)
    every = (time_data.cost(spec, steps, seeds) for spec in settings.recurrent_specs)
    return sum(every, Cost(0)), budget.ALONE, False


def beside_pinned(settings):
    """Networks on screen, with pinned ones of the same kind, which are left out where they do not fit."""
    pinned = Settings(**{key: getattr(settings, key) for key in NETWORK}, pin=settings.pin_text).pinned
    both = replace(settings, pin=settings.pin_text)
    cost, _, least = screen(both)
    first = budget.networks(pinned.specs, pinned.signal.n_seeds, pinned.signal.batch_size)
    drawn = cost + first if pinned.over <= 1 else cost
    return drawn, 2 * both.share, least


def cards(settings):
    if cards_data.over(settings) > 1:
        return Cost(0), 0, False
    specs, signal = cards_data._screened(settings)
    one = budget.networks(specs, 1, signal.batch_size)
    first = specs[:1]
    pairs = Cost(2 * fixes_data.COMPARED * budget.passing(first[0], fixes_data.examples(signal, *first)))
    return one + pairs, 1.0, False


def noise(settings):
    depth = min(settings.n_layers, fixes_data.LARGEST_DEPTH)
    return fixes_data.noise_cost(settings.noise_norm, depth), 1.0, False


NETWORK = ("depth", "width", "activations", "initializer", "normalization", "residual", "n_seeds", "batch_size")
VIEWS = {
    screen: (*NETWORK, "magnitude"),
    look: NETWORK,
    beside_pinned: NETWORK,
    cards: (*NETWORK, "fix_initialization"),
    steps: NETWORK,
    noise: ("depth", "noise_norm"),
    ratio_map: (*NETWORK, "map_activation", "map_axis"),
    sequence: ("cells", "hidden", "sequence", "n_seeds", "recurrent_initializer"),
}


def anywhere(control, generator):
    """A value of a control, its ends more often than the rest."""
    if isinstance(control, Number):
        whole = (control.high - control.low) // control.step
        return generator.choice([control.low, control.high, control.low + control.step * generator.randint(0, whole)])
    if isinstance(control, Choices):
        return tuple(generator.sample(control.options, generator.choice([1, 3, len(control.options)])))
    assert isinstance(control, Choice)
    return generator.choice(control.options)


def worst(view, seed, restarts=2, moves=8):
    """The settings of the highest cost that a climb finds, one control at a time, from a few places."""
    generator = random.Random(seed)
    found = []
    for _ in range(restarts):
        now = Settings(**{key: anywhere(CONTROLS[key], generator) for key in VIEWS[view]})
        cost = view(now)[0].over
        for _ in range(moves):
            key = generator.choice(VIEWS[view])
            other = replace(now, **{key: anywhere(CONTROLS[key], generator)})
            if (higher := view(other)[0].over) > cost:
                now, cost = other, higher
        found.append((cost, now))
    return max(found, key=lambda one: one[0])[1]


@pytest.mark.slow
@pytest.mark.parametrize("view", VIEWS)
def test_the_worst_link_that_a_search_finds_is_within_the_budget(view):
    cost, share, least = view(worst(view, seed=1))
    # Where nothing is left to give up, what it takes is a view's that measures one thing alone.
    assert cost.operations <= (max(share, budget.ALONE) if least else share) * budget.OPERATIONS
    assert cost.bytes <= budget.BYTES


# What a step of a lesson measures as its chapter does; what trains is a job.
MEASURED = {"flow": screen, "why": screen, "updates": steps, "fixes": cards, "map": ratio_map, "time": sequence}


@pytest.mark.parametrize("step", STEPS.values(), ids=lambda step: step.name)
def test_no_step_of_a_lesson_costs_more_than_a_view(step):
    settings = step.as_set
    cost, _, _ = MEASURED.get(step.chapter, screen)(settings)
    if step.measure is measures.edge:
        scale = settings.respecified((settings.map_activation,)), settings.signal.n_seeds, settings.signal.batch_size
        cost = sum((budget.networks(*scale) for _ in measures.SCALES), cost)
    assert 0 < cost.operations <= budget.OPERATIONS
    assert cost.bytes <= budget.BYTES


@pytest.mark.parametrize("initializer", ["he_normal", "orthogonal", "lsuv"])
def test_the_largest_sizes_that_can_be_typed_fit(initializer):
    every = CONTROLS["activations"].options
    settings = Settings(sizes="1700-1700-10", activations=every, initializer=initializer, n_seeds=100, batch_size=256)
    cost, _, _ = screen(settings)
    assert cost.operations <= budget.OPERATIONS
    assert cost.bytes <= budget.BYTES


def test_what_does_not_fit_is_refused_with_its_limit():
    large = Settings(depth=100, width=256, initializer="orthogonal", activations=("tanh",))
    assert cards_data.over(large) > 1
    assert cards_data.measure(large) is None
    assert "times what the page has for them" in cards_data.head(large, cards_data.measure(large)).sentence
    assert cards_data.over(Settings()) < 0.01
    assert replace(large, pin=large.pin_text).pinned.over > 1
    apart = replace(large, residual="scaled", chapter="map")
    assert "times what the page has for it" in map_page.head(apart, map_page.measure(apart)).sentence


class Counted(np.ndarray):
    """Weights that count the multiplications they take part in, and those of all that comes of them."""

    multiplications = 0

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **kwargs):
        plain = [np.asarray(one) for one in inputs]
        if out is not None:
            kwargs["out"] = tuple(np.asarray(one) for one in out)
        result = getattr(ufunc, method)(*plain, **kwargs)
        if ufunc is np.matmul:
            Counted.multiplications += result.size * plain[0].shape[-1]
        return result.view(Counted) if isinstance(result, np.ndarray) and result.ndim else result


@pytest.mark.parametrize("seed", range(5))
def test_numpy_multiplies_no_more_than_the_budget_has_counted(seed, monkeypatch):
    generator = random.Random(seed)
    some = {key: anywhere(CONTROLS[key], generator) for key in ("activations", "residual", "magnitude")}
    shape = {
        "depth": generator.randint(2, 12),
        "width": generator.randint(2, 24),
        "batch_size": generator.randint(1, 9),
    }
    settings = Settings(**some, **shape, n_seeds=generator.randint(1, 4))
    specs, signal = settings.specs, settings.signal
    monkeypatch.setattr(flow, "initialize", lambda *args: initialize(*args).map(lambda array: array.view(Counted)))
    Counted.multiplications = 0
    measured.in_magnitude.__wrapped__(specs, signal, "mean_abs")
    forward = sum(budget.weights(spec) * signal.n_seeds * signal.batch_size for spec in specs)
    assert forward <= Counted.multiplications <= budget.networks(specs, signal.n_seeds, signal.batch_size).operations
    # There and back: all layers but the first send their gradient on.
    assert Counted.multiplications <= 2 * forward
