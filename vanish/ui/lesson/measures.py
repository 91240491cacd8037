"""What the lessons' questions are answered by: each takes a step's settings and asks the engine, on the spot."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from vanish import kata
from vanish.choices.activations import ACTIVATIONS
from vanish.choices.cells import CELLS
from vanish.choices.initializers import INITIALIZERS
from vanish.choices.number_formats import NUMBER_FORMATS
from vanish.measure.remedies import NETWORK_REMEDIES, REMEDIES, treated
from vanish.measure.yardstick import lossless_ratio
from vanish.network.training import Snapshot
from vanish.ui.chapters.fixes import data as fixes_data
from vanish.ui.chapters.map import data as map_data
from vanish.ui.chapters.time import data as time_data
from vanish.ui.chapters.train import data as train_data
from vanish.ui.chapters.train.controls import Plan
from vanish.ui.chapters.train.runs import has_learned, moved
from vanish.ui.chapters.updates import data as updates_data
from vanish.ui.chapters.updates import page as updates_page
from vanish.ui.chapters.yours import data as yours_data
from vanish.ui.kit import live, measured, races
from vanish.ui.lesson import words
from vanish.ui.lesson.answers import Result
from vanish.ui.shell.settings import Settings

# Where a measurement that takes its time tells how far it is: a share, and words.
Report = Callable[[float, str], None]


def quietly(share: float, words: str) -> None:
    """Nobody is waiting."""


RATIO = "First / last layer's gradient"


def _ratios(settings: Settings) -> dict[str, float]:
    """First / last of each network on screen, by activation."""
    diagnoses = measured.profiles(settings.specs, settings.signal).diagnoses
    return {name: diagnosis.ratio for name, diagnosis in diagnoses.items()}


def _labelled(values: dict[str, float]) -> dict[str, float]:
    return {ACTIVATIONS[name].label: value for name, value in values.items()}


def ideal(settings: Settings, _: Report) -> Result:
    """What ``depth`` sigmoid layers leave at best."""
    left = kata.ideal_decay(
        [settings.n_layers], {name: getattr(settings, f"slope_{name}") for name in kata.IDEAL_SLOPES}
    )
    rows = {
        f"{ACTIVATIONS[name].label}, slope {getattr(settings, f'slope_{name}'):g}": float(left[name].iloc[0])
        for name in kata.IDEAL_SLOPES
    }
    truth = next(iter(rows.values()))
    return Result(truth, rows, "Gradient left", words.decay(settings.slope_sigmoid, settings.n_layers, truth))


def nearly_one(settings: Settings, _: Report) -> Result:
    """What a slope just below 1 leaves."""
    slope, depth = settings.slope_sigmoid, settings.n_layers
    table = kata.ideal_decay([depth, depth // 5], {"left": slope})["left"]
    rows = {f"After {n} layers": float(left) for n, left in zip((depth, depth // 5), table, strict=True)}
    truth = next(iter(rows.values()))
    return Result(truth, rows, "Gradient left", words.nearly_one(slope, depth, truth))


def rank(settings: Settings, _: Report) -> Result:
    """Which network keeps most of its gradient."""
    ratios = _ratios(settings)
    variance = settings.specs[0].weight_variance(settings.width, settings.width)
    why = words.rank(_labelled(ratios), settings.width * variance * settings.weight_scale**2)
    return Result(words.best_of(ratios) or "none", ratios, RATIO, why)


def he(settings: Settings, _: Report) -> Result:
    """How many times more layer 1 gets after He's rule than before."""
    (name,) = settings.activations
    before, after = (_ratios(replace(settings, initializer=start))[name] for start in ("kata", settings.initializer))
    old, new = (
        INITIALIZERS[start].weight_variance(settings.width, settings.width, settings.weight_std)
        for start in ("kata", settings.initializer)
    )
    with np.errstate(all="ignore"):
        times = float(np.float64(after) / before)
    rows = {"Times as much": times, "Were nothing changed": 1.0}
    return Result(times, rows, "First / last, after over before", words.he(before, after, float(np.sqrt(new / old))))


def luck(settings: Settings, _: Report) -> Result:
    """In which share of networks tanh keeps more than leaky ReLU."""
    tanh, relu = (
        measured.ratios_over_seeds(spec, settings.signal)
        for spec in settings.respecified(activations=("tanh", "leaky_relu"))
    )
    share = float((tanh > relu).mean())
    title = "Share of random networks"
    return Result(share, {"Tanh keeps more than leaky ReLU": share}, title, words.luck(share, len(tanh)), share=True)


def first_over_last(settings: Settings, _: Report) -> Result:
    """What layer 1 of a network gets that nobody chose a start for."""
    rows = _labelled(_ratios(settings))
    truth = next(iter(rows.values()))
    return Result(truth, rows, RATIO, words.torch_default(truth, settings.n_layers))


FORMATS = ("float32", "bfloat16", "float16")


def lost_first(settings: Settings, _: Report) -> Result:
    """Which number format no longer holds layer 1's gradient."""
    (size, *_rest) = measured.profiles(settings.specs, settings.signal).sizes[settings.activations[0]]
    floors = {name: NUMBER_FORMATS[name].smallest_subnormal for name in FORMATS}
    # Half of the smallest number is rounded to 0.
    lost = next((name for name in sorted(floors, key=floors.__getitem__, reverse=True) if size <= floors[name] / 2), "")
    rows = {"Layer 1's gradient": float(size), **floors}
    return Result(lost or "none", rows, "Smallest number above 0", words.float16(float(size), floors, lost))


def steps(settings: Settings, _: Report) -> Result:
    """How many steps layer 1 needs to move as far as the last one does in one, at sigmoid's largest slope."""
    diagnoses = updates_data.ideal_gradients(settings.n_layers).diagnoses
    needed = {f"{ACTIVATIONS[name].label}, at its largest slope": 1 / one.ratio for name, one in diagnoses.items()}
    title = "Steps that layer 1 needs"
    return Result(
        next(iter(needed.values())), needed, title, words.steps(diagnoses["sigmoid"].ratio, settings.n_layers)
    )


# What might move the layers that hardly move: what differs from the step's settings.
HELPS: Mapping[str, Mapping[str, Any]] = {
    "rate": {"learning_rate": 0.1},
    "he": {"initializer": "he_uniform"},
    "tanh": {"activations": ("tanh",)},
}


HELPS_WORDS = {"rate": "10 × the learning rate", "he": "He initialization", "tanh": "tanh instead of leaky ReLU"}


def catching_up(settings: Settings, _: Report) -> Result:
    """How far one step moves the weights of the layer that moves least, beside their length, with each of the helps."""

    def slowest(**changes: Any) -> float:
        changed = replace(settings, **changes)
        (one,) = updates_page.measure(changed).values()
        return float(changed.learning_rate * one.steps["relative_length"].min())

    rows = {name: slowest(**changes) for name, changes in HELPS.items()}
    named = {HELPS_WORDS[name]: value for name, value in rows.items()}
    (one,) = updates_page.measure(settings).values()
    apart = one.last_over_first["relative_length"], one.last_over_first["bias_mean_abs"]
    why = words.catching_up(slowest(), named, HELPS_WORDS["rate"], *apart, settings.n_layers)
    return Result(words.best_of(rows) or "none", rows, "Slowest layer's step over its weights' length", why)


def trained(settings: Settings, report: Report) -> list[Snapshot]:
    """The run of the first network on screen: one run for everybody who asks, chapter ``train`` too."""
    specs, plan = train_data.racers(settings.specs), settings.part(Plan)
    key = train_data.race_key(specs, plan)
    while True:
        run = live.start(key, train_data.race(specs, plan))
        for items in run.watch():
            step = max((snapshot.step for _, snapshot in items), default=0)
            report(min(step / plan.steps, 1.0), f"Training: step {step:,} of {plan.steps:,}")
        if run.finished:
            return races.by_name(run.items)[settings.activations[0]]


def accuracy(settings: Settings, report: Report) -> Result:
    """How many test digits a network reads after training."""
    run = trained(settings, report)
    last, distances = run[-1], moved(run, run[-1])
    label, untrained = ACTIVATIONS[settings.activations[0]].label, run[0].test_accuracy
    ends = float(distances[0]), float(distances[-1])
    learned = has_learned(run, _guessing(settings))
    why = words.digits(label, learned, untrained, last.test_accuracy, *ends, settings.n_layers)
    rows = {f"{label}, test digits right": last.test_accuracy, "Before training": untrained}
    return Result(last.test_accuracy, rows, "Share of test digits read right", why, share=True)


def _guessing(settings: Settings) -> float:
    return train_data.dataset(settings.part(Plan)).guessing


# What might make the sigmoid network learn: what differs from the step's settings.
IDEAS: Mapping[str, Mapping[str, Any]] = {
    "patience": {"steps": 5000},
    "rate": {"learning_rate": 0.2},
    "relu_he": {"activations": ("relu",), "initializer": "he_normal"},
}


IDEAS_WORDS = {
    "patience": "5,000 steps",
    "rate": "10 × the learning rate",
    "relu_he": "ReLU + He",
}


def what_helps(settings: Settings, report: Report) -> Result:
    """Which change makes the network read."""
    runs = {name: trained(replace(settings, **changes), report) for name, changes in IDEAS.items()}
    rows = {name: run[-1].test_accuracy for name, run in runs.items()}
    untrained, named = (
        {IDEAS_WORDS[name]: run[moment].test_accuracy for name, run in runs.items()} for moment in (0, -1)
    )
    learned = {IDEAS_WORDS[name]: has_learned(run, _guessing(settings)) for name, run in runs.items()}
    why = words.what_helps(untrained, named, learned, IDEAS_WORDS["relu_he"])
    return Result(words.best_of(rows) or "none", rows, "Share of test digits read right", why, share=True)


REMEDY_WORDS = {name: REMEDIES[name].title for name in NETWORK_REMEDIES}


def least_remedy(settings: Settings, _: Report) -> Result:
    """Which remedy by itself leaves the first layer's gradient furthest from the last one's."""
    (spec,) = settings.specs
    ratios = {
        name: fixes_data.compared(spec, treated(spec, [name]), settings.signal).diagnosis_after.ratio
        for name in NETWORK_REMEDIES
    }
    (before,) = _ratios(settings).values()
    # Glorot and Bengio's own rule for the sigmoid.
    (four_times,) = _ratios(replace(settings, initializer="xavier_uniform", weight_scale=4.0)).values()
    ordered = sorted(ratios, key=lambda name: _from_one(ratios[name]))
    best, least = ordered[0], ordered[-1]
    ends = REMEDY_WORDS[least], ratios[least], REMEDY_WORDS[best], ratios[best]
    why = words.least_remedy(before, *ends, four_times)
    return Result(ordered[-1], ratios, RATIO, why)


def _from_one(ratio: float) -> float:
    """Powers of ten between a ratio and 1; endless for one that is no number."""
    with np.errstate(all="ignore"):
        return float(np.nan_to_num(abs(np.log10(ratio)), nan=np.inf))


def sequence(settings: Settings, _: Report) -> Result:
    """What the first step of a sequence gets in a plain recurrent network."""
    ratio = time_data.profiles(settings).diagnoses[settings.cells[0]].ratio
    rows = {CELLS[name].label: diagnosis.ratio for name, diagnosis in time_data.profiles(settings).diagnoses.items()}
    why = words.sequence(ratio, settings.sequence, settings.spectral_radius)
    return Result(ratio, rows, "First / last step's gradient", why)


def gates(settings: Settings, _: Report) -> Result:
    """Which cell keeps most along a sequence."""
    ratios = {name: diagnosis.ratio for name, diagnosis in time_data.profiles(settings).diagnoses.items()}
    why = words.gates({CELLS[name].label: ratio for name, ratio in ratios.items()}, settings.sequence)
    return Result(words.best_of(ratios) or "none", ratios, "First / last step's gradient", why)


SCALES = ("0.5", "1", "2", "4")


def edge(settings: Settings, _: Report) -> Result:
    """Which weight scale leaves first / last nearest to a network that loses nothing, by the median of many seeds."""
    ratios = {}
    for scale in SCALES:
        (spec,) = replace(settings, weight_scale=float(scale)).respecified(activations=(settings.map_activation,))
        ratios[scale] = float(np.median(measured.ratios_over_seeds(spec, settings.signal)))
    (spec,) = settings.respecified(activations=(settings.map_activation,))
    border = map_data.border_of(spec)
    lossless = lossless_ratio(spec, settings.signal.magnitude)
    why = words.edge(ratios, settings.n_layers, border, lossless)
    nearest = min(ratios, key=lambda scale: _from_one(ratios[scale] / lossless))
    return Result(nearest, ratios, "First / last layer, by weight scale", why)


def exploding(settings: Settings, _: Report) -> Result:
    """How many times the last layer's gradient layer 1 of a network with batch norm gets."""
    rows = _labelled(_ratios(settings))
    truth = next(iter(rows.values()))
    lossless = lossless_ratio(settings.specs[0], settings.signal.magnitude)
    return Result(truth, rows, RATIO, words.batch_norm(truth, settings.n_layers, settings.width, lossless))


def own_log(settings: Settings, _: Report) -> Result:
    """How much of the last layer's gradient layer 1 gets in a built-in log, at its last step."""
    report = yours_data.example(settings.example, yours_data.Asked()).report
    assert report is not None
    rows = dict(zip(report.names, (report.sizes / report.sizes[-1]).tolist(), strict=True))
    why = words.own_log(report.ratio, report.factor.value, len(report.names))
    return Result(report.ratio, rows, "Gradient over the last layer's", why)
