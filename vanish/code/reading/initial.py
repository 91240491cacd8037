"""How a model's code draws its weights, as fields of ``NetworkSpec``."""

import ast
import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from vanish.choices.initializers import INITIALIZERS
from vanish.code.reading.follow import Follower, Names
from vanish.code.reading.items import Item, LeaveOut
from vanish.code.reading.values import Dotted, Layer
from vanish.code.reading.vocabulary import TORCH_INITIALIZERS
from vanish.network.spec import LARGEST_STD

# Fields of NetworkSpec.
Fields = Mapping[str, Any]


@dataclass(frozen=True)
class Call:
    """An initialiser that is called: its name without underscore, its numbers by name, and where."""

    name: str
    given: Mapping[str, Any]
    line: int
    unknown: bool = False

    def number(self, name: str, otherwise: float) -> float:
        """One of its numbers, ``otherwise`` where the code does not say, or says no number."""
        value = self.given.get(name, otherwise)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else otherwise


# What arguments are called, in their order after the tensor.
_PLACES = {
    "xavier_uniform": ("gain",),
    "xavier_normal": ("gain",),
    "kaiming_uniform": ("a", "mode", "nonlinearity"),
    "kaiming_normal": ("a", "mode", "nonlinearity"),
    "orthogonal": ("gain",),
    "normal": ("mean", "std"),
    "trunc_normal": ("mean", "std", "a", "b"),
    "uniform": ("a", "b"),
    "constant": ("val",),
    "fill": ("val",),
}


def of_torch(tree: ast.Module, follower: Follower, names: Names, leave_out: LeaveOut) -> Fields:
    """What calls of ``torch.nn.init`` make of weights and biases, wherever in the code they stand."""
    weights, biases = list[Call](), list[Call]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (call := _call(node, follower, names)):
            (biases if _names_bias(node) else weights).append(call)
    # A norm's gain starts at 1, and nobody starts weights there.
    weights = [call for call in weights if not _is_one(call)] or weights
    if not weights:
        for call in biases:
            leave_out(call.line, "biases start as nn.Linear has them: left out")
        return {"initializer": "torch_default"}
    most = Counter((call.name, repr(sorted(call.given.items()))) for call in weights).most_common(1)[0][0]
    chosen = next(call for call in weights if (call.name, repr(sorted(call.given.items()))) == most)
    for call in weights:
        if (call.name, repr(sorted(call.given.items()))) != most:
            leave_out(call.line, "all layers start by one rule here: the most frequent one is taken")
    if chosen.unknown:
        leave_out(chosen.line, "its numbers are not known before the code runs: PyTorch's own are taken")
    fields = _RULES[chosen.name](chosen, leave_out)
    return {**fields, **_biases(biases, chosen, leave_out)}


def _biases(calls: list[Call], weights: Call, leave_out: LeaveOut) -> Fields:
    if not calls:
        leave_out(weights.line, "biases are left as nn.Linear draws them, up to 1/√n_in: here they start at 0")
        return {}
    fields: dict[str, Any] = {}
    for call in calls:
        zero = call.name == "zeros" or (call.name in ("constant", "fill") and call.number("val", 1) == 0)
        if call.name == "normal" and call.number("mean", 0) == 0:
            fields["bias_std"] = _within(call.number("std", 1))
        elif not zero:
            leave_out(call.line, "biases start at 0, or normal around it, here: left out")
    return fields


def _call(node: ast.Call, follower: Follower, names: Names) -> Call | None:
    function = node.func
    name = (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )
    if name not in TORCH_INITIALIZERS:
        return None
    # nn.init.f_(tensor, ...), or tensor.f_(...).
    own = isinstance(function, ast.Attribute) and not _is_module(function.value)
    args = node.args if own else node.args[1:]
    places = _PLACES.get(name.removesuffix("_"), ())
    given = {place: follower.value(one, names) for place, one in zip(places, args, strict=False)}
    given |= {one.arg: follower.value(one.value, names) for one in node.keywords if one.arg}
    if name == "uniform_" and own and not given:
        given = {"a": 0, "b": 1}
    plain = {key: one for key, one in given.items() if isinstance(one, int | float | str)}
    own_name = {"zero_": "zeros", "fill_": "constant"}.get(name, name.removesuffix("_"))
    return Call(own_name, plain, node.lineno, unknown=len(plain) < len(given))


def _is_module(node: ast.expr) -> bool:
    """Whether it is ``nn.init``, and no tensor."""
    return (isinstance(node, ast.Attribute) and node.attr == "init") or (
        isinstance(node, ast.Name) and node.id in ("init", "I")
    )


def _names_bias(node: ast.Call) -> bool:
    function = node.func
    own = isinstance(function, ast.Attribute) and not _is_module(function.value)
    target = function.value if own and isinstance(function, ast.Attribute) else node.args[0] if node.args else node
    said = {
        one.attr if isinstance(one, ast.Attribute) else one.id
        for one in ast.walk(target)
        if isinstance(one, ast.Attribute | ast.Name)
    }
    return any("bias" in one for one in said) or said == {"b"}


def _is_one(call: Call) -> bool:
    return call.name == "ones" or (call.name == "constant" and call.number("val", 0) == 1)


def _within(value: float) -> float:
    return min(max(value, 0.0), LARGEST_STD)


def _xavier(call: Call, leave_out: LeaveOut) -> Fields:
    return {"initializer": call.name, "weight_scale": _within(call.number("gain", 1))}


def _kaiming(call: Call, leave_out: LeaveOut) -> Fields:
    kind = str(call.given.get("nonlinearity", "leaky_relu"))
    slope = call.number("a", 0)
    gains = {"relu": math.sqrt(2), "leaky_relu": math.sqrt(2 / (1 + slope**2)), "tanh": 5 / 3, "selu": 3 / 4}
    gain = gains.get(kind, 1.0)
    if call.given.get("mode") == "fan_out":
        leave_out(call.line, "fan_out: here the rule goes by the number of inputs")
    if call.name == "kaiming_normal" and gain == 1:
        return {"initializer": "lecun_normal", "weight_scale": 1.0}
    scale = 1.0 if math.isclose(gain, math.sqrt(2)) else gain / math.sqrt(2)
    return {"initializer": call.name.replace("kaiming", "he"), "weight_scale": _within(scale)}


def _normal(call: Call, leave_out: LeaveOut) -> Fields:
    if call.number("mean", 0):
        leave_out(call.line, "a mean other than 0: 0 is taken")
    return {"initializer": "normal", "weight_std": _within(call.number("std", 1))}


def _trunc_normal(call: Call, leave_out: LeaveOut) -> Fields:
    std, low, high = call.number("std", 1), call.number("a", -2), call.number("b", 2)
    fields = {**_normal(call, leave_out)}
    if std > 0 and math.isclose(high, 2 * std) and math.isclose(low, -2 * std):
        return fields | {"initializer": "trunc_normal"}
    if std > 0 and min(high, -low) < 3 * std:
        leave_out(call.line, "cut elsewhere than at two standard deviations: taken as normal")
    return fields


def _uniform(call: Call, leave_out: LeaveOut) -> Fields:
    low, high = sorted((call.number("a", call.number("minval", 0)), call.number("b", call.number("maxval", 1))))
    bounds = [max(min(one, LARGEST_STD), -LARGEST_STD) for one in (low, high)]
    return {"initializer": "uniform", "uniform_low": bounds[0], "uniform_high": bounds[1]}


def _constant(call: Call, leave_out: LeaveOut) -> Fields:
    value = 1.0 if call.name == "ones" else call.number("val", 0)
    if value == 0:
        return {"initializer": "zeros"}
    value = max(min(value, LARGEST_STD), -LARGEST_STD)
    return {"initializer": "uniform", "uniform_low": value, "uniform_high": value}


def _strange(call: Call, leave_out: LeaveOut) -> Fields:
    leave_out(call.line, "no network here starts like this: nn.Linear's own start is taken")
    return {"initializer": "torch_default"}


Rule = Callable[[Call, LeaveOut], Fields]

_RULES: Mapping[str, Rule] = {
    "xavier_uniform": _xavier,
    "xavier_normal": _xavier,
    "kaiming_uniform": _kaiming,
    "kaiming_normal": _kaiming,
    "orthogonal": _xavier,
    "normal": _normal,
    "trunc_normal": _trunc_normal,
    "uniform": _uniform,
    "zeros": _constant,
    "ones": _constant,
    "constant": _constant,
    "eye": _strange,
    "sparse": _strange,
    "dirac": _strange,
}

# Keras' words for them: as a string, and as a class.
_KERAS: Mapping[str, Fields] = {
    "glorotuniform": {"initializer": "xavier_uniform"},
    "glorotnormal": {"initializer": "xavier_normal"},
    "heuniform": {"initializer": "he_uniform"},
    "henormal": {"initializer": "he_normal"},
    "lecunnormal": {"initializer": "lecun_normal"},
    # He's uniform numbers at half of the variance.
    "lecununiform": {"initializer": "he_uniform", "weight_scale": math.sqrt(0.5)},
    "orthogonal": {"initializer": "orthogonal"},
    "zeros": {"initializer": "zeros"},
    "ones": {"initializer": "uniform", "uniform_low": 1.0, "uniform_high": 1.0},
}


def of_keras(items: list[Item], leave_out: LeaveOut) -> Fields:
    """What ``kernel_initializer`` and ``bias_initializer`` of the weight layers make of them."""
    found: Counter[str] = Counter()
    rules: dict[str, Fields] = {}
    lines: dict[str, int] = {}
    for item in items:
        if item.layer is None or item.kind != "linear":
            continue
        given = item.layer.kwargs.get("kernel_initializer")
        fields = {"initializer": "xavier_uniform"} if given is None else _of_word(given)
        if fields is None:
            leave_out(item.line, "no network here starts like this: Keras' own start is taken")
            fields = {"initializer": "xavier_uniform"}
        if not _starts_at_zero(item.layer.kwargs.get("bias_initializer")):
            leave_out(item.line, "biases start at 0 here: left out")
        key = repr(sorted(fields.items()))
        found[key] += 1
        rules[key] = fields
        lines.setdefault(key, item.line)
    most = found.most_common(1)[0][0]
    for key, line in lines.items():
        if key != most:
            leave_out(
                line, f"all layers start by one rule here: {INITIALIZERS[rules[most]['initializer']].label} is taken"
            )
    return rules[most]


def _starts_at_zero(given: Any) -> bool:
    return given is None or _of_word(given) == {"initializer": "zeros"}


def _of_word(given: Any) -> Fields | None:
    name = given if isinstance(given, str) else given.last if isinstance(given, Dotted) else None
    if isinstance(given, Layer):
        name = given.name
    if not isinstance(name, str):
        return None
    word = name.replace("_", "").lower()
    if word in _KERAS:
        return _KERAS[word]
    arguments: Mapping[str, tuple[tuple[str, ...], str]] = {
        "randomnormal": (("mean", "std"), "normal"),
        "truncatednormal": (("mean", "std"), "trunc_normal"),
        "randomuniform": (("a", "b"), "uniform"),
        "constant": (("val",), "constant"),
    }
    if word not in arguments:
        return None
    places, own = arguments[word]
    known = {"stddev": "std", "minval": "a", "maxval": "b", "value": "val"}
    # Keras' own defaults.
    numbers: dict[str, Any] = {"mean": 0.0, "std": 0.05, "a": -0.05, "b": 0.05, "val": 0.0}
    if isinstance(given, Layer):
        numbers |= dict(zip(places, given.args, strict=False))
        numbers |= {known.get(key, key): value for key, value in given.kwargs.items()}
    if own == "trunc_normal":
        # Keras cuts at two standard deviations, as ours does.
        return {"initializer": own, "weight_std": _within(Call(own, numbers, 0).number("std", 0.05))}
    return _RULES[own](Call(own, numbers, 0), lambda line, why: None)
