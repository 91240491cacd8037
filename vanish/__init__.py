"""vanish: see, measure and cure vanishing gradients.  This is the public face, and nothing else."""

from vanish import kata
from vanish.choices.activations import ACTIVATIONS, Activation
from vanish.choices.cells import CELLS, Cell
from vanish.choices.clippings import CLIPPINGS, clip_by_norm, clip_by_value
from vanish.choices.datasets import DATASETS, Dataset
from vanish.choices.initializers import INITIALIZERS, Initializer
from vanish.choices.inputs import INPUTS, example_inputs
from vanish.choices.losses import LOSSES
from vanish.choices.normalizations import NORMALIZATIONS
from vanish.choices.number_formats import NUMBER_FORMATS
from vanish.choices.optimizers import OPTIMIZERS
from vanish.choices.recurrent_initializers import RECURRENT_INITIALIZERS, RecurrentInitializer
from vanish.choices.residuals import RESIDUALS
from vanish.choices.schedules import SCHEDULES
from vanish.choices.tasks import TASKS, SequenceBatch, Task
from vanish.measure.activity import layer_activity, pre_activation_histogram
from vanish.measure.combinations import Combination, all_combinations, combinations_seconds, train_combinations
from vanish.measure.diagnosis import Diagnosis, diagnose
from vanish.measure.flow import gradient_flow
from vanish.measure.jacobian import jacobian, singular_values
from vanish.measure.magnitudes import MAGNITUDES, Magnitude
from vanish.measure.precision import underflow_layers
from vanish.measure.remedies import (
    REMEDIES,
    Remedy,
    Rung,
    clipped,
    first_over_last,
    ladder,
    matched_initializer,
    treated,
    untreated,
)
from vanish.measure.shattered import autocorrelation, gradient_over_line, shattering
from vanish.measure.sweep import sweep
from vanish.network.initialize import initialize
from vanish.network.parameters import Parameters
from vanish.network.passes import Gradients, backprop, forward
from vanish.network.spec import NetworkSpec
from vanish.network.training import Divergence, Snapshot, batches, estimate_seconds, fit_spec, predict, train
from vanish.numerics.arrays import quantiles
from vanish.sequence.initialize import initialize_recurrent
from vanish.sequence.passes import ForwardPass, RecurrentGradients, backprop_through_time, run_recurrent
from vanish.sequence.spec import RecurrentParameters, RecurrentSpec
from vanish.sequence.through_time import (
    SpectralBounds,
    ThroughTime,
    forget_gate_products,
    gradient_through_time,
    learnable_lag,
    measure_through_time,
    spectral_bounds,
)
from vanish.sequence.training import (
    RecurrentDivergence,
    RecurrentSnapshot,
    estimate_recurrent_seconds,
    fit_recurrent_spec,
    sequence_batches,
    train_recurrent,
)
from vanish.theory.fixed_points import critical_weight_scale, fixed_point
from vanish.theory.kernel import expected_correlation
from vanish.theory.mean_field import signal_propagation

__all__ = [
    "ACTIVATIONS",
    "CELLS",
    "CLIPPINGS",
    "DATASETS",
    "INITIALIZERS",
    "INPUTS",
    "LOSSES",
    "MAGNITUDES",
    "NORMALIZATIONS",
    "NUMBER_FORMATS",
    "OPTIMIZERS",
    "RECURRENT_INITIALIZERS",
    "REMEDIES",
    "RESIDUALS",
    "SCHEDULES",
    "TASKS",
    "Activation",
    "Cell",
    "Combination",
    "Dataset",
    "Diagnosis",
    "Divergence",
    "ForwardPass",
    "Gradients",
    "Initializer",
    "Magnitude",
    "NetworkSpec",
    "Parameters",
    "RecurrentDivergence",
    "RecurrentGradients",
    "RecurrentInitializer",
    "RecurrentParameters",
    "RecurrentSnapshot",
    "RecurrentSpec",
    "Remedy",
    "Rung",
    "SequenceBatch",
    "Snapshot",
    "SpectralBounds",
    "Task",
    "ThroughTime",
    "all_combinations",
    "autocorrelation",
    "backprop",
    "backprop_through_time",
    "batches",
    "clip_by_norm",
    "clip_by_value",
    "clipped",
    "combinations_seconds",
    "critical_weight_scale",
    "diagnose",
    "estimate_recurrent_seconds",
    "estimate_seconds",
    "example_inputs",
    "expected_correlation",
    "first_over_last",
    "fit_recurrent_spec",
    "fit_spec",
    "fixed_point",
    "forget_gate_products",
    "forward",
    "gradient_flow",
    "gradient_over_line",
    "gradient_through_time",
    "initialize",
    "initialize_recurrent",
    "jacobian",
    "kata",
    "ladder",
    "layer_activity",
    "learnable_lag",
    "matched_initializer",
    "measure_through_time",
    "pre_activation_histogram",
    "predict",
    "quantiles",
    "run_recurrent",
    "sequence_batches",
    "shattering",
    "signal_propagation",
    "singular_values",
    "spectral_bounds",
    "sweep",
    "train",
    "train_combinations",
    "train_recurrent",
    "treated",
    "underflow_layers",
    "untreated",
]
