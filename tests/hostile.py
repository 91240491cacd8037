"""Every public callable with sound arguments, and the values that nobody should pass in their place."""

import inspect
import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import is_dataclass, replace
from typing import Any

import numpy as np

import vanish
from vanish import choices, code, combinations, kata, logs, remedies, sequence, shattered, theory
from vanish.measure.flow import layer_magnitudes
from vanish.measure.spread import layer_spreads
from vanish.network.loop import Course
from vanish.network.training import batches
from vanish.numerics.arrays import quantiles
from vanish.theory.gaussian import gaussian_moments

SPACES = (vanish, choices, code, logs, sequence, remedies, theory, kata, combinations, shattered)

SPEC = vanish.NetworkSpec(depth=3, width=5)
NORMED = replace(SPEC, normalization="batch", residual="identity")
RECURRENT = vanish.RecurrentSpec("lstm", n_inputs=2, hidden=3)
PLAIN = vanish.RecurrentSpec("rnn_tanh", n_inputs=2, hidden=3)
ROWS = np.linspace(-1, 1, 24).reshape(6, 4)
PARAMETERS = vanish.initialize(SPEC, 1)
NORMED_PARAMETERS = vanish.initialize(NORMED, 1)
RECURRENT_PARAMETERS = sequence.initialize_recurrent(RECURRENT, 1)
PLAIN_PARAMETERS = sequence.initialize_recurrent(PLAIN, 1)
SEQUENCES = np.linspace(-1, 1, 24).reshape(4, 3, 2)
PASSED = sequence.run_recurrent(RECURRENT, RECURRENT_PARAMETERS, SEQUENCES)
LINES = "step,first - fc1.weight,first - fc2.weight\n0,0.1,0.2\n1,0.2,0.3\n"
LOG = vanish.read_log(LINES)
PROFILE = vanish.diagnose_log(vanish.read_log("".join(f"layer {n} grad norm {0.5**n}\n" for n in range(1, 7))))
MOONS = choices.DATASETS["moons"].make()
SMALL_DATA = {
    name: getattr(MOONS, name)[:4] if "targets" in name or "inputs" in name else getattr(MOONS, name)
    for name in MOONS.__dataclass_fields__
}
NETWORK = {
    "depth": 3,
    "width": 5,
    "widths": (5, 4),
    "n_inputs": 4,
    "n_outputs": 2,
    "activation": "leaky_relu",
    "activation_shape": 0.1,
    "initializer": "normal",
    "weight_scale": 1.0,
    "weight_std": 1.0,
    "bias_std": 0.1,
    "normalization": "layer",
    "residual": "identity",
    "linear_output": True,
    "uniform_low": -0.5,
    "uniform_high": 1.0,
}
RECURRENT_NETWORK = {
    "cell": "lstm",
    "n_inputs": 2,
    "hidden": 3,
    "n_outputs": 1,
    "initializer": "spectral_radius",
    "spectral_radius": 1.0,
    "forget_bias": 1.0,
}
PLAN = {
    "optimizer": "adam",
    "steps": 2,
    "learning_rate": 0.1,
    "clip": "norm",
    "seed": 1,
    "clip_at": 1.0,
    "schedule": "cosine",
    "n_snapshots": 2,
}
ONE = {"spec": SPEC, "seed": 1, "inputs": ROWS}
LINE = {"points": 8}

# By name: a callable and arguments that it takes.  A record of results has none.
EXAMPLES: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "vanish.NetworkSpec": (vanish.NetworkSpec, NETWORK),
    "vanish.RecurrentSpec": (vanish.RecurrentSpec, RECURRENT_NETWORK),
    "vanish.backprop": (
        vanish.backprop,
        {"spec": SPEC, "parameters": PARAMETERS, "inputs": ROWS, "output_gradient": 1.0},
    ),
    "vanish.diagnose": (vanish.diagnose, {"sizes": [1.0, 0.1, 0.01]}),
    "vanish.estimate_seconds": (
        vanish.estimate_seconds,
        {"spec": SPEC, "dataset": "moons", "steps": 2, "batch_size": 8, "optimizer": "sgd", "n_snapshots": 2},
    ),
    "vanish.example_output_gradient": (vanish.example_output_gradient, {"n_outputs": 2, "batch_size": 3}),
    "vanish.first_step": (vanish.first_step, {**ONE, "output_gradient": 1.0, "learning_rate": 0.1}),
    "vanish.fit_spec": (vanish.fit_spec, {"spec": SPEC, "dataset": MOONS}),
    "vanish.forward": (
        vanish.forward,
        {"spec": NORMED, "parameters": NORMED_PARAMETERS, "inputs": ROWS, "keep": False},
    ),
    "vanish.forward_profile": (vanish.forward_profile, ONE),
    "vanish.gradient_flow": (
        vanish.gradient_flow,
        {"specs": SPEC, "seeds": 1, "inputs": ROWS, "batch_size": 1, "magnitudes": ["rms"], "output_gradient": 1.0},
    ),
    "vanish.gradient_through_time": (
        vanish.gradient_through_time,
        {
            "cell": "gru",
            "steps": 4,
            "hidden": 3,
            "seeds": [1, 2],
            "initializer": "xavier",
            "spectral_radius": 1.0,
            "forget_bias": 0.0,
            "n_inputs": 1,
            "input_kind": "normal",
            "input_scale": 1.0,
        },
    ),
    "vanish.histogram": (vanish.histogram, {"values": ROWS, "bins": 5, "limits": (-1.0, 1.0)}),
    "vanish.initialize": (vanish.initialize, ONE),
    "vanish.jacobian": (vanish.jacobian, {**ONE, "first": 1, "last": 2}),
    "vanish.largest_loss_scale": (
        vanish.largest_loss_scale,
        {**ONE, "number_format": "float16", "output_gradient": 1.0, "reduction": "mean"},
    ),
    "vanish.last_over_first": (vanish.last_over_first, {"steps": vanish.first_step(**ONE)}),
    "vanish.layer_activity": (vanish.layer_activity, ONE),
    "vanish.lossless_ratio": (vanish.lossless_ratio, {"spec": SPEC, "magnitude": "rms"}),
    "vanish.pre_activation_histogram": (vanish.pre_activation_histogram, {**ONE, "bins": 5}),
    "vanish.precision_report": (
        vanish.precision_report,
        {**ONE, "number_format": "float16", "output_gradient": 1.0, "reduction": "mean", "loss_scale": 2.0},
    ),
    "vanish.predict": (
        vanish.predict,
        {"spec": NORMED, "parameters": NORMED_PARAMETERS, "inputs": ROWS, "reference": ROWS},
    ),
    "vanish.signal_propagation": (vanish.signal_propagation, {"spec": SPEC, "inputs": ROWS}),
    "vanish.singular_values": (vanish.singular_values, {"matrix": ROWS}),
    "vanish.sweep": (
        vanish.sweep,
        {
            "spec": SPEC,
            "depths": [1, 2],
            "weight_scales": [1.0],
            "bias_stds": [0.1],
            "seeds": [1],
            "inputs": ROWS,
            "magnitude": "rms",
            "progress": None,
        },
    ),
    "vanish.train": (vanish.train, {"spec": SPEC, "dataset": "moons", "batch_size": 8, "progress": None} | PLAN),
    "vanish.diagnose_log": (vanish.diagnose_log, {"log": LOG, "step": 1.0, "parameters": "all"}),
    "vanish.read_log": (
        vanish.read_log,
        {
            "source": {"run.csv": LINES},
            "size": "norm",
            "order": "by number",
            "run": "first",
            "loss_scale": 2.0,
            "shapes": {"fc1.weight": (3, 4)},
        },
    ),
    "vanish.underflow_layers": (vanish.underflow_layers, {"magnitudes": [1e-9, 1.0]}),
    "vanish.read_model": (vanish.read_model, {"text": "nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))"}),
    "vanish.logs.nearest_network": (logs.nearest_network, {"report": PROFILE}),
    "vanish.logs.remedies_tried": (logs.remedies_tried, {"nearest": logs.nearest_network(PROFILE)}),
    "vanish.logs.why_no_nearest": (logs.why_no_nearest, {"report": PROFILE}),
    "vanish.code.notebook": (code.notebook, {"scripts": ['"""One."""\nprint(1)\n']}),
    "vanish.code.numpy_script": (
        code.numpy_script,
        {
            "spec": SPEC,
            "seed": 1,
            "batch_size": 2,
            "distribution": "kata",
            "scale": 2.0,
            "shift": -1.0,
            "magnitudes": ["rms"],
        },
    ),
    "vanish.code.torch_script": (
        code.torch_script,
        {"spec": SPEC, "seed": 1, "batch_size": 2, "distribution": "kata", "scale": 2.0, "shift": -1.0},
    ),
    "vanish.code.pytorch_lines": (
        code.pytorch_lines,
        {"remedy": "normalization", "spec": SPEC, "variant": "layer"},
    ),
    "vanish.choices.Dataset": (choices.Dataset, SMALL_DATA),
    "vanish.choices.clip_by_norm": (choices.clip_by_norm, {"gradient": np.ones(3), "limit": 1.0}),
    "vanish.choices.clip_by_value": (choices.clip_by_value, {"gradient": np.ones(3), "limit": 1.0}),
    "vanish.choices.example_inputs": (
        choices.example_inputs,
        {"n_inputs": 4, "batch_size": 2, "distribution": "kata", "scale": 2.0, "shift": -1.0},
    ),
    "vanish.choices.round_to": (choices.round_to, {"values": [1.0, 2.0], "number_format": "float16"}),
    "vanish.sequence.ForwardPass": (
        sequence.ForwardPass,
        {"spec": RECURRENT, "steps": 4, "batch": 2, "leading": (3,)},
    ),
    "vanish.sequence.backprop_through_time": (
        sequence.backprop_through_time,
        {
            "spec": RECURRENT,
            "parameters": RECURRENT_PARAMETERS,
            "passed": PASSED,
            "output_gradients": 1.0,
            "hidden_gradients": 1.0,
        },
    ),
    "vanish.sequence.estimate_recurrent_seconds": (
        sequence.estimate_recurrent_seconds,
        {
            "spec": vanish.RecurrentSpec(hidden=3),
            "task": "adding",
            "lag": 4,
            "steps": 2,
            "batch_size": 4,
            "optimizer": "sgd",
            "n_snapshots": 2,
        },
    ),
    "vanish.sequence.fit_recurrent_spec": (sequence.fit_recurrent_spec, {"spec": RECURRENT, "task": "copy"}),
    "vanish.sequence.forget_gate_products": (sequence.forget_gate_products, {"passed": PASSED}),
    "vanish.sequence.initialize_recurrent": (sequence.initialize_recurrent, {"spec": RECURRENT, "seed": 1}),
    "vanish.sequence.learnable_lag": (sequence.learnable_lag, {"sizes": [1.0, 0.5], "fraction": 0.1}),
    "vanish.sequence.measure_through_time": (
        sequence.measure_through_time,
        {"spec": RECURRENT, "steps": 4, "seeds": [1], "input_kind": "normal", "input_scale": 1.0},
    ),
    "vanish.sequence.run_recurrent": (
        sequence.run_recurrent,
        {
            "spec": RECURRENT,
            "parameters": RECURRENT_PARAMETERS,
            "inputs": SEQUENCES,
            "state": (np.zeros((3, 3)), np.zeros((3, 3))),
        },
    ),
    "vanish.sequence.sequence_batches": (
        sequence.sequence_batches,
        {"task": choices.TASKS["copy"], "lag": 5, "batch_size": 2, "seed": 1, "test": False},
    ),
    "vanish.sequence.spectral_bounds": (
        sequence.spectral_bounds,
        {"spec": PLAIN, "parameters": PLAIN_PARAMETERS, "steps": 4},
    ),
    "vanish.sequence.train_recurrent": (
        sequence.train_recurrent,
        {"spec": vanish.RecurrentSpec(hidden=3), "task": "adding", "lag": 4, "batch_size": 4, "progress": None} | PLAN,
    ),
    "vanish.measure.remedies.clipped": (remedies.clipped, {**ONE, "clipping": "norm", "limit": 1.0}),
    "vanish.measure.remedies.comparison_inputs": (
        lambda specs, batch_size, distribution: remedies.comparison_inputs(
            specs, batch_size=batch_size, distribution=distribution
        ),
        {"specs": SPEC, "batch_size": 2, "distribution": "kata"},
    ),
    "vanish.measure.remedies.comparison_output_gradient": (
        lambda specs, batch_size: remedies.comparison_output_gradient(specs, batch_size=batch_size),
        {"specs": SPEC, "batch_size": 2},
    ),
    "vanish.measure.remedies.decades": (remedies.decades, {"ratios": np.array([1.0, 0.1])}),
    "vanish.measure.remedies.from_decades": (remedies.from_decades, {"decades": -1.0}),
    "vanish.measure.remedies.improves": (remedies.improves, {"before": -3.0, "after": -1.0}),
    "vanish.measure.remedies.ladder": (
        remedies.ladder,
        {
            "spec": SPEC,
            "order": ["relu", "residual"],
            "variants": {"relu": "elu"},
            "seeds": [1],
            "inputs": ROWS,
            "magnitude": "rms",
        },
    ),
    "vanish.measure.remedies.matched_initializer": (remedies.matched_initializer, {"activation": "elu"}),
    "vanish.measure.remedies.measured_ratios": (
        remedies.measured_ratios,
        {"spec": SPEC, "seeds": [1], "inputs": ROWS, "magnitude": "rms", "output_gradient": 1.0},
    ),
    "vanish.measure.remedies.smallest_batch": (lambda specs: remedies.smallest_batch(specs), {"specs": SPEC}),
    "vanish.measure.remedies.treated": (
        remedies.treated,
        {"spec": SPEC, "names": ["relu"], "variants": {"relu": "elu"}},
    ),
    "vanish.measure.remedies.untreated": (remedies.untreated, {"spec": SPEC}),
    "vanish.theory.correlation_fixed_point": (
        theory.correlation_fixed_point,
        {"activation": "leaky_relu", "sigma_w2": 1.0, "sigma_b2": 0.1, "shape": 0.1},
    ),
    "vanish.theory.critical_weight_scale": (theory.critical_weight_scale, {"spec": SPEC}),
    "vanish.theory.expected_correlation": (theory.expected_correlation, {"spec": SPEC, "lag": 1, **LINE}),
    "vanish.theory.expected_similarity": (
        theory.expected_similarity,
        {"spec": SPEC, "input_rms": 1.0, "input_cosine": 0.1},
    ),
    "vanish.theory.fixed_point": (
        theory.fixed_point,
        {"activation": "leaky_relu", "sigma_w2": 1.0, "sigma_b2": 0.1, "shape": 0.1},
    ),
    "vanish.theory.relu_luck": (theory.relu_luck, {"spec": SPEC}),
    "vanish.kata.ideal_decay": (kata.ideal_decay, {"layer_counts": [1, 2], "slopes": {"sigmoid": 0.25}}),
    "vanish.kata.gradient_magnitudes": (
        kata.gradient_magnitudes,
        {"activation": "tanh", "n_layers": 3, "layer_size": 4, "inputs": [0.1, 0.2], "seed": 1},
    ),
    "vanish.kata.update_comparison": (kata.update_comparison, {"n_layers": 3, "learning_rate": 0.1}),
    "vanish.measure.combinations.all_combinations": (
        combinations.all_combinations,
        {"spec": SPEC, "variants": {"relu": "elu"}},
    ),
    "vanish.measure.combinations.loss_ratio": (
        combinations.loss_ratio,
        {"spec": vanish.fit_spec(SPEC, MOONS), "seeds": [1], "dataset": MOONS, "batch_size": 4},
    ),
    "vanish.measure.combinations.train_combinations": (
        combinations.train_combinations,
        {"spec": SPEC, "variants": None, "steps": 1, "rates": [0.1], "seed": 1, "progress": None},
    ),
    "vanish.measure.combinations.combinations_seconds": (
        combinations.combinations_seconds,
        {"spec": SPEC, "steps": 1, "rates": [0.1]},
    ),
    "vanish.measure.shattered.on_a_line": (shattered.on_a_line, {"spec": SPEC}),
    "vanish.measure.shattered.gradient_over_line": (
        shattered.gradient_over_line,
        {"spec": shattered.on_a_line(SPEC), "seeds": [1], **LINE},
    ),
    "vanish.measure.shattered.autocorrelation": (
        shattered.autocorrelation,
        {"gradients": np.ones((2, 5)), "lags": [1, 2]},
    ),
    "vanish.measure.shattered.shattering": (
        shattered.shattering,
        {"spec": SPEC, "depths": [2], "seeds": [1], "kinds": ["plain"], "progress": None, **LINE},
    ),
    # What the tables' entries do, and what training is made of.
    "Activation": (choices.ACTIVATIONS["leaky_relu"], {"z": ROWS, "shape": 0.1}),
    "Clipping.clip": (choices.CLIPPINGS["norm"].clip, {"gradient": np.ones(3), "limit": 1.0}),
    "DatasetEntry.make": (choices.DATASETS["circles"].make, {"noise": 0.1, "seed": 1, "shape": 0.8}),
    "Initializer.draw": (
        choices.INITIALIZERS["uniform"].draw,
        {"seed": 1, "fan_in": 3, "fan_out": 2, "weight_std": 1.0, "bounds": (-0.5, 1.0), "first": True},
    ),
    "Initializer.weight_variance": (
        choices.INITIALIZERS["normal"].weight_variance,
        {"fan_in": 3, "fan_out": 2, "weight_std": 1.0, "bounds": (-0.5, 1.0), "first": True},
    ),
    "Initializer.bias_variance": (choices.INITIALIZERS["torch_default"].bias_variance, {"fan_in": 3}),
    "Loss": (choices.LOSSES["softmax"], {"outputs": ROWS, "targets": [0, 1, 2, 3, 0, 1]}),
    "Loss.evaluate": (choices.LOSSES["squared"].evaluate, {"outputs": ROWS, "targets": ROWS}),
    "Normalization": (choices.NORMALIZATIONS["batch"], {"z": ROWS}),
    "Normalization.gradient": (choices.NORMALIZATIONS["layer"].gradient, {"at_unit": ROWS, "z": ROWS}),
    "Residual.initial_gate": (choices.RESIDUALS["scaled"].initial_gate, {"length": 3}),
    "Residual.weight_scales": (choices.RESIDUALS["fixup"].weight_scales, {"blocks": 4, "matrices": 2}),
    "Schedule": (choices.SCHEDULES["cosine"], {"step": 1, "steps": 2}),
    "InputDistribution.draw": (
        choices.INPUTS["pixels"].draw,
        {"generator": np.random.default_rng(1), "batch_size": 2, "n_inputs": 4},
    ),
    "Optimizer": (
        choices.OPTIMIZERS["adam"],
        {
            "parameters": np.ones(3),
            "gradient": np.ones(3),
            "state": choices.OPTIMIZERS["adam"].start(np.ones(3)),
            "rate": 0.1,
        },
    ),
    "Optimizer.start": (choices.OPTIMIZERS["adam"].start, {"parameters": np.ones(3)}),
    "Remedy.changes": (remedies.REMEDIES["relu"].changes, {"spec": SPEC, "variant": "elu"}),
    "Task.check_lag": (choices.TASKS["copy"].check_lag, {"lag": 5}),
    "Task.make_batch": (
        choices.TASKS["copy"].make_batch,
        {"generator": np.random.default_rng(1), "lag": 5, "batch_size": 2},
    ),
    "Course": (Course, PLAN),
    "batches": (batches, {"n_examples": 5, "batch_size": 2, "seed": 1}),
    "gaussian_moments": (
        gaussian_moments,
        {"activation": "leaky_relu", "variance": [1.0, 2.0], "shape": 0.1, "mean": 0.0},
    ),
    "layer_magnitudes": (
        layer_magnitudes,
        {"spec": SPEC, "seeds": [1], "inputs": ROWS, "magnitudes": ["rms"], "output_gradient": 1.0},
    ),
    "layer_spreads": (
        layer_spreads,
        {**ONE, "kind": "gradients", "layers": [1, 3], "common": True, "output_gradient": 1.0},
    ),
    "quantiles": (quantiles, {"values": np.ones((3, 2))}),
}

# Tables' entries are made by this project, and these records by its functions: they are read, not written.
RECORDS = {
    "Storage",
    "StepVerdict",
    "State",
    "Problem",
    "Nearest",
    "Fit",
    "Finding",
    "Decision",
    "Bought",
    "Activation",
    "Cell",
    "Clipped",
    "Combination",
    "Diagnosis",
    "GradientLog",
    "Gradients",
    "Histogram",
    "ModelCode",
    "Unread",
    "Initializer",
    "NumberFormat",
    "Parameters",
    "RecurrentDivergence",
    "RecurrentGradients",
    "Report",
    "RecurrentInitializer",
    "RecurrentParameters",
    "RecurrentSnapshot",
    "Remedy",
    "Rung",
    "SequenceBatch",
    "Snapshot",
    "SpectralBounds",
    "Task",
    "ThroughTime",
}


def public_names() -> dict[str, str]:
    """Every public callable's own name, by where it lives; one that lives in two places stands in the first."""
    names: dict[int, str] = {}
    for space in SPACES:
        own = [name for name, value in vars(space).items() if getattr(value, "__module__", None) == space.__name__]
        for name in getattr(space, "__all__", own):
            value = getattr(space, name)
            if callable(value) and not name.startswith("_"):
                names.setdefault(id(value), f"{space.__name__}.{name}")
    return {label: label.rpartition(".")[2] for label in names.values()}


def hostile_values(label: str) -> Iterator[Any]:
    """What nobody should pass for an argument, and some that one may; the same each time for the same label."""
    yield from (None, "no such name", "", b"3", np.nan, np.inf, -np.inf, -1, 0, 2**70, -(2**70), 10**5000, 1e308, 2.5)
    yield from (True, np.True_, [], {}, (), object(), 1j, [None], ["a"], [[1], [2, 3]], [np.nan], [-1], [2**70], 3)
    yield from (np.uint8(3), np.uint8(200), np.int64(2), np.float32(0.5), np.str_("relu"), np.array(3), np.zeros(0))
    yield from (np.zeros((2, 0)), np.zeros((3, 4)), np.zeros((2, 3, 4)), np.full(3, np.nan), np.array(["a"]), int)
    yield from (RECURRENT, replace(SPEC, width=6), PARAMETERS, RECURRENT_PARAMETERS, MOONS, range(10**9), {"a": 1})
    generator = random.Random(label)
    for _ in range(12):
        yield generator.choice(
            (
                generator.randint(-300, 300),
                10 ** generator.uniform(-9, 12),
                -(10 ** generator.uniform(-9, 12)),
                np.uint8(generator.randint(0, 255)),
                np.int16(generator.randint(-999, 999)),
                [generator.randint(-3, 300) for _ in range(generator.randint(0, 3))],
                np.ones([generator.randint(0, 4) for _ in range(generator.randint(0, 4))]),
            )
        )


NUMBER = r"-?[\d.,]+(?:e\d+)?(?:\*\*\d+(?: - 1)?)?"
RANGE = re.compile(rf"^ *([\w, ]+) : (?:[\w, ]* )?(?:int|float)\b[^\n;]*?({NUMBER}) to ({NUMBER})", re.MULTILINE)


def declared_ranges(function: Callable[..., Any]) -> Mapping[str, tuple[float, float]]:
    """Lowest and highest number of each argument of which the docstring says so."""
    owner = function if inspect.isroutine(function) or isinstance(function, type) else type(function).__call__
    ranges = {}
    for names, low, high in RANGE.findall(inspect.getdoc(owner) or ""):
        ends = tuple(float(eval(end.rstrip(".,").replace(",", ""))) for end in (low, high))
        ranges |= {name.strip(): ends for name in names.split(",")}
    return ranges


def called(function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    """What a call returns; of a generator the first that it yields.  Arrays that a call may write to are copies."""
    own = {
        name: value.copy() if isinstance(value, np.ndarray) and value.size < 1000 else value
        for name, value in arguments.items()
    }
    result = function(**own)
    return next(result) if inspect.isgenerator(result) else result


def is_number(value: Any) -> bool:
    """Whether a value is one number, of Python's or of NumPy's kinds."""
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def nonsense(value: Any) -> bool:
    """Whether no argument of this engine may be this."""
    if isinstance(value, bytes | complex | type) or type(value) is object:
        return True
    if isinstance(value, str):
        return value in ("no such name", "")
    return isinstance(value, list) and value[:1] in ([None], ["a"], [[1]])


def label_of(value: Any) -> str:
    """A value in a few words."""
    if is_dataclass(value) or isinstance(value, np.ndarray):
        return f"{type(value).__name__} {getattr(value, 'shape', '')}"
    return f"{type(value).__name__} of {value.bit_length()} bits" if type(value) is int else repr(value)[:60]
