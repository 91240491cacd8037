"""vanish: see, measure and cure vanishing gradients.  This is the public face, and nothing else."""

from vanish import kata
from vanish.activations import ACTIVATIONS, Activation
from vanish.activity import layer_activity, pre_activation_histogram
from vanish.cells import CELLS, Cell
from vanish.combinations import Combination, all_combinations, combinations_seconds, train_combinations
from vanish.datasets import DATASETS, Dataset
from vanish.diagnosis import Diagnosis, diagnose
from vanish.fixed_points import critical_weight_scale, fixed_point
from vanish.flow import MAGNITUDES, Magnitude, gradient_flow, quantiles
from vanish.initializers import INITIALIZERS, Initializer
from vanish.inputs import INPUTS, example_inputs
from vanish.jacobian import jacobian, singular_values
from vanish.losses import LOSSES
from vanish.network import RESIDUALS, Gradients, NetworkSpec, Parameters, backprop, forward, initialize
from vanish.normalization import NORMALIZATIONS
from vanish.number_formats import NUMBER_FORMATS, underflow_layers
from vanish.optimizers import CLIPPINGS, OPTIMIZERS, SCHEDULES, clip_by_norm, clip_by_value
from vanish.recurrent import (
    RECURRENT_INITIALIZERS,
    RecurrentInitializer,
    RecurrentParameters,
    RecurrentSpec,
    initialize_recurrent,
)
from vanish.recurrent_training import (
    RecurrentDivergence,
    RecurrentSnapshot,
    estimate_recurrent_seconds,
    fit_recurrent_spec,
    sequence_batches,
    train_recurrent,
)
from vanish.remedies import (
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
from vanish.sequences import TASKS, SequenceBatch, Task
from vanish.shattered import autocorrelation, expected_correlation, gradient_over_line, shattering
from vanish.sweep import sweep
from vanish.theory import signal_propagation
from vanish.through_time import (
    SpectralBounds,
    ThroughTime,
    forget_gate_products,
    gradient_through_time,
    learnable_lag,
    measure_through_time,
    spectral_bounds,
)
from vanish.training import Divergence, Snapshot, batches, estimate_seconds, fit_spec, predict, train
from vanish.unrolled import ForwardPass, RecurrentGradients, backprop_through_time, run_recurrent

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
