"""What the clinic measures of a network: one table of symptoms with their usual ranges, and who asks the engine.

Ranges are a convention of the clinic, as those on a laboratory's sheet: outside of one lies what calls for a look.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from vanish.choices.datasets import Dataset
from vanish.measure.activity import layer_activity
from vanish.measure.forward import forward_profile
from vanish.measure.precision import precision_report
from vanish.network.initialize import initialize
from vanish.network.passes import backprop, run_forward
from vanish.numerics.arrays import QUIET, Array
from vanish.sequence.initialize import initialize_recurrent
from vanish.sequence.through_time import spectral_bounds
from vanish.ui.chapters.flow.controls import Stored
from vanish.ui.chapters.time import data as time_data
from vanish.ui.chapters.train import data as train_data
from vanish.ui.chapters.train.controls import Plan
from vanish.ui.kit import measured
from vanish.ui.kit.measured import inputs_of, output_gradient
from vanish.ui.lesson.measures import Report, trained
from vanish.ui.shell.settings import Settings

# What was measured, by symptom.
Sheet = Mapping[str, float]


@dataclass(frozen=True)
class Symptom:
    """``label``: what is measured; it is usual from ``low`` to ``high``; ``share``: from 0 to 1, said as per cent."""

    label: str
    low: float = -math.inf
    high: float = math.inf
    share: bool = False

    def is_usual(self, value: float) -> bool:
        """Whether a value lies within the usual range; what is no number does not."""
        return self.low <= value <= self.high


SYMPTOMS: Mapping[str, Symptom] = MappingProxyType(
    {
        # Of a network before training.
        "ratio": Symptom("First / last layer's gradient, over a lossless network's", 0.01, 100),
        "zero": Symptom("Layers whose gradient is exactly 0", high=0),
        "nothing": Symptom("Weights that get a gradient of exactly 0", high=0.3, share=True),
        "step": Symptom("Largest step of the gradient between two layers, over a lossless network's", high=50),
        "slope": Symptom("Slope of a typical hidden layer's units", 0.4, 1.2),
        "strength": Symptom("What a typical hidden layer's weights alone multiply a signal by", 0.4, 2),
        "lean": Symptom("Mean of the hidden weights, over their size", -0.3, 0.3),
        "inputs": Symptom("Size of the inputs", 0.1, 10),
        "arrives": Symptom("Spread of what goes into layer 1's activation", 0.01, 100),
        "kept": Symptom("Spread of the last hidden layer's outputs, over the first's", 0.1, 10),
        "idle": Symptom("Idle units in the worst hidden layer, hardly any slope", high=0.9, share=True),
        "dead": Symptom("Dead units in the worst hidden layer, slope 0 for every example", high=0.9, share=True),
        "narrow": Symptom("Units of the narrowest hidden layer", low=2),
        "lost": Symptom("Weights whose gradient is 0 only because of how it is stored", high=0.05, share=True),
        "alike": Symptom("Cosine of two unrelated inputs in the last hidden layer", -0.99, 0.99),
        # Of a training.
        "loss": Symptom("Training loss at the end, over the loss at the start", high=0.5),
        "test": Symptom("Test examples right at the end", low=0.8, share=True),
        "gap": Symptom("Right in training less right in the test, at the end", high=0.15, share=True),
        "stride": Symptom("Largest first step of a layer's weights, over their length", 1e-4, 0.05),
        "first_batch": Symptom("First / last layer's gradient at the start, over a lossless network's", 0.01, 100),
        "dead_start": Symptom("Dead units in the worst hidden layer at the start", high=0.9, share=True),
        "neighbor": Symptom("Test examples whose nearest training example is of their class", low=0.8, share=True),
        # Along a sequence.
        "back": Symptom("First / last step's gradient", 0.01, 100),
        "radius": Symptom("Largest eigenvalue of the recurrent matrix", 0.9, 1.1),
        "sent": Symptom("Size of the inputs of a step", 0.1, 10),
        "length": Symptom("Steps of the sequence", high=200),
    }
)


@np.errstate(**QUIET)
def layers(settings: Settings, _: Report) -> Sheet:
    """Of the first network on screen, before training; a number that does not exist is nan."""
    spec, signal = settings.specs[0], settings.signal
    inputs, gradient = inputs_of(spec, signal), output_gradient(spec, signal.batch_size)
    diagnosis = measured.profiles(settings.specs, signal).diagnoses[spec.activation]
    parameters = initialize(spec, signal.seed, inputs)
    weights = [layer.weights for layer in parameters.layers[:-1]]
    steep = [layer.slope for layer in run_forward(spec, parameters, inputs, keep=True).layers[:-1]]
    activity = layer_activity(spec, signal.seed, inputs)
    forward = forward_profile(spec, signal.seed, inputs)
    kept = settings.part(Stored)
    stored = precision_report(
        spec,
        signal.seed,
        inputs,
        kept.number_format,
        output_gradient=gradient,
        reduction="mean" if kept.format_loss == "mean" else "sum",
        loss_scale=2.0**kept.loss_scale,
    ).layers
    exact = backprop(spec, parameters, inputs, gradient).weights
    shares = np.array([own.size for own in exact]) / sum(own.size for own in exact)
    lost = float(stored["weight_zero"].to_numpy() @ shares)
    spread = forward["std"].to_numpy()
    return {
        "ratio": diagnosis.left,
        "zero": float(len(diagnosis.dead)),
        "nothing": lost + float(np.array([(own == 0).mean() for own in exact]) @ shares),
        "step": 10 ** abs(diagnosis.step.decades) if diagnosis.step else 1.0,
        "slope": _typical([_size(slope) for slope in steep if slope is not None]),
        "strength": _typical([_size(own) * own.shape[1] ** 0.5 for own in weights]),
        "lean": _typical([float(own.mean()) / _size(own) for own in weights]),
        "inputs": _size(inputs),
        "arrives": float(activity["std"].iloc[0]),
        "kept": float(spread[-2] / spread[0]),
        "idle": float(activity["saturated"].iloc[:-1].max()),
        "dead": float(activity["dead"].iloc[:-1].max()),
        "narrow": float(min(spec.hidden_sizes)),
        "lost": lost,
        "alike": float(forward["cosine"].iloc[-2]),
    }


def _size(values: Array) -> float:
    """Root mean square."""
    return float(np.sqrt(np.square(values).mean()))


def _typical(values: list[float]) -> float:
    return float(np.median(values)) if values else math.nan


@np.errstate(**QUIET)
def training(settings: Settings, report: Report) -> Sheet:
    """Of a run of the first network on screen: one run for everybody, chapter ``train`` too."""
    run, plan = trained(settings, report), settings.part(Plan)
    beginning = train_data.beginning(train_data.racers(settings.specs), plan)
    first, last = run[0], run[-1]
    return {
        "loss": math.nan if last.divergence else last.train_loss / first.train_loss,
        "test": last.test_accuracy,
        "gap": last.train_accuracy - last.test_accuracy,
        "stride": float(first.update_ratio.max()),
        "first_batch": beginning.diagnoses[settings.activations[0]].left,
        "dead_start": float(first.dead[:-1].max()),
        "neighbor": nearest_right(train_data.dataset(plan)),
    }


def nearest_right(data: Dataset) -> float:
    """The share of test examples that the nearest training example's class is right for (Cover & Hart 1967).

    With many examples, even the best rule is wrong at least half as often.
    """
    products = data.test_inputs @ data.train_inputs.T
    distances = np.square(data.train_inputs).sum(axis=1) - 2 * products
    return float((data.train_targets[distances.argmin(axis=1)] == data.test_targets).mean())


def sequence(settings: Settings, _: Report) -> Sheet:
    """Of the first cell on screen, one without gates."""
    (spec, *_rest), length = settings.recurrent_specs, time_data.length(settings)
    bounds = spectral_bounds(spec, initialize_recurrent(spec, settings.seed), length)
    return {
        "back": time_data.profiles(settings).diagnoses[spec.cell].ratio,
        "radius": float(bounds.radius),
        "sent": settings.input_scale,
        "length": float(length),
    }


# By chapter.
EXAMINATIONS: Mapping[str, Callable[[Settings, Report], Sheet]] = MappingProxyType(
    {"flow": layers, "train": training, "time": sequence}
)
