"""Every public function refuses what it cannot take: ValueError, with the argument's name, what it may be, and what it
was; and takes NumPy's numbers as Python's."""

import resource
import signal
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from hostile import (
    EXAMPLES,
    PARAMETERS,
    RECORDS,
    ROWS,
    SPEC,
    called,
    declared_ranges,
    hostile_values,
    is_number,
    label_of,
    nonsense,
    public_names,
)

import vanish
from vanish.choices import (
    ACTIVATIONS,
    CLIPPINGS,
    DATASETS,
    INITIALIZERS,
    INPUTS,
    LOSSES,
    NORMALIZATIONS,
    RESIDUALS,
    SCHEDULES,
    clip_by_norm,
    clip_by_value,
)
from vanish.network.loop import Course
from vanish.network.training import batches
from vanish.numerics.checks import LARGEST_NUMBERS, check_array, check_integer, check_memory, check_number, shown
from vanish.sequence import RecurrentSpec, initialize_recurrent, run_recurrent

# No call takes this long, and none needs this much beyond what the process has.
SECONDS, BYTES = 60, 2 * 8 * LARGEST_NUMBERS


class TooLongError(BaseException):
    """Of no kind that a function would catch."""


@contextmanager
def bounded():
    """An end to what never ends, and no memory beyond the limit: MemoryError instead."""

    def end(*_):
        raise TooLongError

    before, (soft, hard) = signal.signal(signal.SIGALRM, end), resource.getrlimit(resource.RLIMIT_AS)
    with open("/proc/self/statm") as file:
        pages = int(file.read().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + BYTES, hard))
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def verdict(function, arguments, name, value):
    """``None`` where a call returns what it may or refuses as it should, else what is wrong with it."""
    try:
        with bounded():
            called(function, arguments | {name: value})
    except ValueError as error:
        message = str(error)
        # Where two arguments do not go together, it may be the other one that is named.
        named = name in message or (not nonsense(value) and any(own in message for own in arguments))
        if not named or " must " not in message or " got " not in message:
            return f"unnamed: {message[:120]}"
        return None if len(message) < 400 else f"long: {message[:120]}"
    except (Exception, TooLongError) as error:
        return f"other: {type(error).__name__}: {str(error)[:120]}"
    low, high = declared_ranges(function).get(name, (-np.inf, np.inf))
    if is_number(value) and not (value != value and low == -np.inf) and not low <= value <= high:
        return f"accepted: beyond {low:g} to {high:g}"
    # Whatever can be called may be told of progress, None among sizes is a layer that no gradient reached, and data may
    # be called anything.
    free_text = name in ("name", "source") and isinstance(value, str)
    sound = free_text or (name == "progress" and callable(value)) or (name == "sizes" and value == [None])
    return "accepted: nonsense" if nonsense(value) and not sound else None


def test_every_public_callable_has_an_example():
    names = public_names()
    assert {label for label, own in names.items() if own not in RECORDS} == {
        label for label in EXAMPLES if label.startswith("vanish.")
    }
    assert set(names.values()) >= RECORDS


@pytest.mark.slow
@pytest.mark.parametrize("label", EXAMPLES)
def test_what_cannot_be_taken_is_refused_by_name(label):
    function, arguments = EXAMPLES[label]
    called(function, arguments)
    wrong = {
        f"{name} = {label_of(value)}": trouble
        for name in arguments
        for value in hostile_values(f"{label} {name}")
        if (trouble := verdict(function, arguments, name, value))
    }
    assert wrong == {}


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.uint64])
def test_numpy_integers_count_as_pythons(kind):
    small, wide = vanish.NetworkSpec(depth=4, width=kind(100)), vanish.NetworkSpec(depth=4, width=kind(200))
    assert (small, wide) == (vanish.NetworkSpec(depth=4, width=100), vanish.NetworkSpec(depth=4, width=200))
    for spec in (small, wide):
        plain = vanish.NetworkSpec(depth=4, width=int(spec.width))
        assert vanish.signal_propagation(spec).equals(vanish.signal_propagation(plain))
        assert vanish.gradient_flow(spec, kind(3)).equals(vanish.gradient_flow(plain, 3))
    assert RecurrentSpec("lstm", hidden=kind(100)).rows == 400
    assert type(RecurrentSpec("lstm", hidden=kind(100)).hidden) is int
    assert (
        Course("sgd", kind(200), n_snapshots=kind(100)).snapshot_steps
        == Course("sgd", 200, n_snapshots=100).snapshot_steps
    )
    assert vanish.gradient_through_time("lstm", kind(100), kind(100)).equals(
        vanish.gradient_through_time("lstm", 100, 100)
    )
    assert vanish.kata.update_comparison(kind(200)).equals(vanish.kata.update_comparison(200))
    np.testing.assert_array_equal(next(batches(kind(200), kind(100), 1)), next(batches(200, 100, 1)))


def test_numpy_kinds_are_not_kept():
    spec = vanish.NetworkSpec(weight_scale=np.float32(0.5), activation="elu", activation_shape=np.float16(0.5))
    assert type(spec.weight_scale) is type(spec.activation_shape) is float
    assert vanish.NetworkSpec(linear_output=np.True_).linear_output is True


def refuses(name, call):
    """That a call is refused with the argument's name first, and what it may be."""
    with bounded(), pytest.raises(ValueError, match=rf"^{name}(?!\w).* must .*, got "):
        call()


def test_a_batch_larger_than_the_examples_is_refused_and_not_waited_for():
    refuses("batch_size", lambda: batches(2, 3, 1))
    refuses("batch_size", lambda: batches(2, 0, 1))


@pytest.mark.parametrize("limit", [np.nan, -1.0, -np.inf, np.inf, "1", None])
def test_limits_of_clipping_are_numbers_from_0(limit):
    for call in (clip_by_norm, clip_by_value, *(entry.clip for entry in CLIPPINGS.values())):
        refuses("limit", lambda call=call: call(np.ones(3), limit))
    refuses("limit", lambda: vanish.remedies.clipped(SPEC, 1, limit=limit))
    refuses("clip_at", lambda: Course("sgd", 1, clip_at=limit))


def test_an_activations_shape_is_in_its_range():
    for shape in (np.nan, -0.1, 1.5, "0.1"):
        refuses("shape", lambda shape=shape: ACTIVATIONS["leaky_relu"](ROWS, shape))
        refuses("activation_shape", lambda shape=shape: vanish.NetworkSpec(activation="elu", activation_shape=shape))
    refuses("shape", lambda: ACTIVATIONS["tanh"](ROWS, 0.1))
    refuses("z", lambda: ACTIVATIONS["tanh"]("0.1"))


def test_entries_of_the_tables_refuse_what_their_functions_would_take():
    for loss in LOSSES.values():
        refuses("targets", lambda loss=loss: loss(ROWS, np.full(6, np.nan)))
        refuses("targets", lambda loss=loss: loss.evaluate(ROWS, np.zeros(5)))
        refuses("outputs", lambda loss=loss: loss(ROWS[0], np.zeros(6)))
    refuses("targets", lambda: LOSSES["softmax"](ROWS, np.full(6, 4)))
    refuses("targets", lambda: LOSSES["logistic"](ROWS[:, :1], np.full(6, 0.5)))
    for schedule in SCHEDULES.values():
        refuses("step", lambda schedule=schedule: schedule(10, 10))
        refuses("steps", lambda schedule=schedule: schedule(0, 0))
    for residual in RESIDUALS.values():
        refuses("length", lambda residual=residual: residual.initial_gate(0))
        refuses("blocks" if residual.skips else "residual", lambda residual=residual: residual.weight_scales(0, 2))
    for norm in NORMALIZATIONS.values():
        refuses("z", lambda norm=norm: norm(ROWS[0]))
        refuses("at_unit", lambda norm=norm: norm.gradient(ROWS[:, :1], ROWS))
    for start in INITIALIZERS.values():
        refuses("fan_in", lambda start=start: start.draw(1, 0, 3))
        refuses("fan_out", lambda start=start: start.weight_variance(3, 2.5))
        refuses("fan_in", lambda start=start: start.bias_variance(-1))
        refuses("bounds", lambda start=start: start.draw(1, 3, 3, bounds=(1, 0)))
        refuses("seed", lambda start=start: start.draw(range(1000), 4096, 4096))


def test_sizes_are_one_number_a_layer():
    for sizes in (ROWS, 1.0, [], [-1.0], "12", None):
        refuses("magnitudes", lambda sizes=sizes: vanish.underflow_layers(sizes))


def test_parameters_of_another_shape_are_refused_with_the_layer():
    wider, deeper, normed = replace(SPEC, width=6), replace(SPEC, depth=4), replace(SPEC, normalization="layer")
    calls = (vanish.forward, vanish.backprop, vanish.predict)
    for call in calls:
        refuses("parameters, weights of layer 1,", lambda call=call: call(wider, PARAMETERS, ROWS))
        refuses("parameters", lambda call=call: call(deeper, PARAMETERS, ROWS))
        refuses("parameters, gain of layer 1,", lambda call=call: call(normed, PARAMETERS, ROWS))
        with pytest.raises(ValueError, match=r"weights of layer 1, must be an array of shape \(6, 4\), got"):
            call(wider, PARAMETERS, ROWS)
    refuses("parameters, weights of layer 1,", lambda: vanish.predict(SPEC, vanish.initialize(SPEC, [1, 2]), ROWS))
    spec, other = RecurrentSpec("gru", hidden=3), RecurrentSpec("gru", hidden=4)
    refuses("parameters, weight_ih,", lambda: run_recurrent(other, initialize_recurrent(spec, 1), np.zeros((2, 1, 1))))


def test_what_would_not_fit_in_memory_is_refused():
    largest = vanish.NetworkSpec(depth=200, width=512)
    refuses("seed", lambda: vanish.initialize(largest, range(10)))
    refuses("inputs", lambda: vanish.gradient_flow(largest, batch_size=4096))
    refuses("bins", lambda: vanish.pre_activation_histogram(SPEC, 1, ROWS, 2**40))
    refuses("seed", lambda: initialize_recurrent(RecurrentSpec("lstm", hidden=256), range(10_000)))
    refuses("seeds", lambda: vanish.gradient_flow(SPEC, range(10**9)))
    refuses("inputs", lambda: vanish.forward(SPEC, PARAMETERS, range(10**9)))


def test_data_of_ones_own_are_checked():
    data = DATASETS["moons"].make()
    refuses("train_targets", lambda: replace(data, train_targets=data.train_targets + 1))
    refuses("train_targets", lambda: replace(data, train_targets=data.train_targets[:-1]))
    refuses("test_inputs", lambda: replace(data, test_inputs=data.test_inputs[:, :1]))
    refuses("train_inputs", lambda: replace(data, train_inputs=data.train_inputs * np.nan))
    refuses("batch_size", lambda: INPUTS["normal"].draw(np.random.default_rng(1), 0, 4))


def test_checks_return_pythons_kinds_and_short_messages():
    assert type(check_integer("n", np.uint8(3), 0, 5)) is int
    assert type(check_number("x", np.float32(0.5), 0, 1)) is float
    assert check_number("x", np.array(0.5), 0, 1) == 0.5
    for value in ("x" * 10**6, 10**5000, np.zeros((1000, 1000)), list(range(10**5)), {i: i for i in range(1000)}):
        assert len(shown(value)) <= 100
    for value in (True, np.True_, b"1", "1", 1j, np.complex128(1), [1], np.ones(1), None, np.nan):
        refuses("x", lambda value=value: check_number("x", value, -np.inf, np.inf))
    for value in (np.array([1j]), [None], ["1"], [[1], [2, 3]], {1, 2}, object(), np.zeros((0, 4)), np.zeros((3, 5))):
        refuses("x", lambda value=value: check_array("x", value, ("rows", 4)))
    np.testing.assert_array_equal(check_array("x", [[2**70, 1]], ("rows", 2)), [[2.0**70, 1.0]])
    check_memory("x", LARGEST_NUMBERS)
    with pytest.raises(ValueError, match=r"^x must ask for at most 134,217,728 numbers \(1 GiB\), got 134,217,729"):
        check_memory("x", LARGEST_NUMBERS + 1)
