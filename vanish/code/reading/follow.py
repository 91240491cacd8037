"""Follow a model's code without running it: only what builds lists of layers is understood, all else is unknown.

Every step costs fuel, every list and number is bounded: code that would take for ever ends in ``TooMuchError``.
"""

import ast
import math
import operator
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from vanish.code.reading.values import (
    UNKNOWN,
    Around,
    Asked,
    Chain,
    Dotted,
    Flow,
    Layer,
    Learned,
    Made,
    Method,
    TooMuchError,
)
from vanish.code.reading.vocabulary import ACTIVATION_NAMES, CONTAINERS, LAYERS, PASSING

# Steps, items of a list, calls within calls, and how large a number may become.
FUEL, MOST_ITEMS, MOST_CALLS, LARGEST = 30_000, 4096, 12, 1e12

Names = dict[str, Any]

# Methods of a model that leave it what it is.
_KEEPING = frozenset({"compile", "summary", "build", "apply", "eval", "train", "to", "cuda", "cpu", "double", "half"})

_ARITHMETIC: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}

_COMPARISONS: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


class Returned(Exception):
    """A function's end."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


class Follower:
    """One walk through one text; ``unread`` gathers what had to be left out: a line and why."""

    def __init__(self) -> None:
        self.fuel = FUEL
        self.calls = 0
        self.globals: Names = {}
        self.unread: dict[tuple[int, str], None] = {}

    def leave_out(self, line: int, why: str) -> None:
        """Note that a line says something that is left out."""
        self.unread[line, why] = None

    def _spend(self, steps: int = 1) -> None:
        self.fuel -= steps
        if self.fuel < 0:
            raise TooMuchError

    # Statements

    def run(self, body: list[ast.stmt], names: Names) -> None:
        """Follow statements one after another."""
        for statement in body:
            self._spend()
            method = getattr(self, f"_run_{type(statement).__name__}", None)
            if method:
                method(statement, names)

    def _run_FunctionDef(self, node: ast.FunctionDef, names: Names) -> None:
        names[node.name] = Method(node, None)

    def _run_ClassDef(self, node: ast.ClassDef, names: Names) -> None:
        names[node.name] = node

    def _run_Expr(self, node: ast.Expr, names: Names) -> None:
        value = self.value(node.value, names)
        if isinstance(value, Chain | Made):
            names["_"] = value

    def _run_Assign(self, node: ast.Assign, names: Names) -> None:
        value = self.value(node.value, names)
        for target in node.targets:
            self._assign(target, value, names)

    def _run_AnnAssign(self, node: ast.AnnAssign, names: Names) -> None:
        if node.value is not None:
            self._assign(node.target, self.value(node.value, names), names)

    def _run_AugAssign(self, node: ast.AugAssign, names: Names) -> None:
        before, more = self.value(node.target, names), self.value(node.value, names)
        if isinstance(before, list) and isinstance(more, list | tuple):
            self._spend(len(more))
            before.extend(more)
        elif isinstance(before, Chain) and isinstance(more, Chain | list):
            before.items.extend(more.items if isinstance(more, Chain) else more)
        else:
            self._assign(node.target, self._combined(node.op, before, more, node), names)

    def _run_For(self, node: ast.For, names: Names) -> None:
        for item in self._items(self.value(node.iter, names)):
            self._spend()
            self._assign(node.target, item, names)
            self.run(node.body, names)

    def _run_With(self, node: ast.With, names: Names) -> None:
        self.run(node.body, names)

    def _run_Try(self, node: ast.Try, names: Names) -> None:
        self.run(node.body, names)

    def _run_If(self, node: ast.If, names: Names) -> None:
        test = self.value(node.test, names)
        if not isinstance(test, bool | int | float | str | list | tuple | type(None)):
            self.leave_out(node.lineno, "whether it holds is not known before the code runs: left out")
            return
        self.run(node.body if test else node.orelse, names)

    def _run_Return(self, node: ast.Return, names: Names) -> None:
        raise Returned(self.value(node.value, names) if node.value is not None else None)

    def _assign(self, target: ast.expr, value: Any, names: Names) -> None:
        if isinstance(target, ast.Name):
            names[target.id] = value
        elif isinstance(target, ast.Attribute):
            owner = self.value(target.value, names)
            if isinstance(owner, Made):
                owner.attributes[target.attr] = value
        elif isinstance(target, ast.Tuple | ast.List):
            items = list(value) if isinstance(value, list | tuple) else []
            if len(items) != len(target.elts):
                items = [UNKNOWN] * len(target.elts)
            for one, item in zip(target.elts, items, strict=True):
                self._assign(one, item, names)

    # Expressions

    def value(self, node: ast.expr, names: Names) -> Any:
        """What an expression is, ``UNKNOWN`` where that takes running the code."""
        self._spend()
        method = getattr(self, f"_value_{type(node).__name__}", None)
        return method(node, names) if method else UNKNOWN

    def _value_Constant(self, node: ast.Constant, names: Names) -> Any:
        return node.value

    def _value_Name(self, node: ast.Name, names: Names) -> Any:
        return names[node.id] if node.id in names else Dotted(node.id)

    def _value_Attribute(self, node: ast.Attribute, names: Names) -> Any:
        owner = self.value(node.value, names)
        if isinstance(owner, Dotted):
            # Only names are long: calls within them are none.
            return Dotted(f"{owner.name}.{node.attr}"[-200:])
        if isinstance(owner, Made):
            if node.attr in owner.attributes:
                return owner.attributes[node.attr]
            method = _method(owner.kind, node.attr)
            return Method(method, owner) if method else Asked(owner, node.attr)
        if isinstance(owner, Layer) and node.attr in ("in_features", "out_features"):
            return owner.argument(*((0, "in_features") if node.attr == "in_features" else (1, "out_features")))
        if isinstance(owner, list | Chain | Flow):
            return Asked(owner, node.attr)
        if isinstance(owner, dict) and node.attr in ("values", "items"):
            return Asked(owner, node.attr)
        return UNKNOWN

    def _value_List(self, node: ast.List, names: Names) -> Any:
        return self._listed(node.elts, names)

    def _value_Tuple(self, node: ast.Tuple, names: Names) -> Any:
        return tuple(self._listed(node.elts, names))

    def _value_Dict(self, node: ast.Dict, names: Names) -> Any:
        made = {}
        for key, value in zip(node.keys, node.values, strict=True):
            known = self.value(key, names) if key is not None else UNKNOWN
            if isinstance(known, str | int):
                made[known] = self.value(value, names)
        return made

    def _value_ListComp(self, node: ast.ListComp, names: Names) -> Any:
        made: list[Any] = []
        for inner in self._each(node.generators, dict(names)):
            made.append(self.value(node.elt, inner))
            if len(made) > MOST_ITEMS:
                raise TooMuchError
        return made

    def _value_GeneratorExp(self, node: ast.GeneratorExp, names: Names) -> Any:
        return self._value_ListComp(ast.ListComp(node.elt, node.generators), names)

    def _each(self, generators: list[ast.comprehension], names: Names) -> Iterator[Names]:
        if not generators:
            yield names
            return
        first = generators[0]
        for item in self._items(self.value(first.iter, names)):
            self._spend()
            self._assign(first.target, item, names)
            if all(self.value(test, names) for test in first.ifs):
                yield from self._each(generators[1:], names)

    def _value_Subscript(self, node: ast.Subscript, names: Names) -> Any:
        owner = self.value(node.value, names)
        items = owner.items if isinstance(owner, Chain) else owner
        if isinstance(node.slice, ast.Slice) and isinstance(items, list | tuple):
            ends = [
                None if end is None else self.value(end, names)
                for end in (node.slice.lower, node.slice.upper, node.slice.step)
            ]
            known = all(end is None or type(end) is int for end in ends) and ends[2] != 0
            return items[slice(*ends)] if known else UNKNOWN
        place = self.value(node.slice, names)
        if isinstance(items, list | tuple) and type(place) is int and -len(items) <= place < len(items):
            return items[place]
        if isinstance(items, dict) and isinstance(place, str | int):
            return items.get(place, UNKNOWN)
        return UNKNOWN

    def _value_UnaryOp(self, node: ast.UnaryOp, names: Names) -> Any:
        operand = self.value(node.operand, names)
        if isinstance(node.op, ast.USub) and _is_number(operand):
            return -operand
        if isinstance(node.op, ast.Not) and isinstance(operand, bool | int | float | str | type(None)):
            return not operand
        return UNKNOWN

    def _value_Compare(self, node: ast.Compare, names: Names) -> Any:
        left, right = self.value(node.left, names), self.value(node.comparators[0], names)
        compare = _COMPARISONS.get(type(node.ops[0]))
        plain = (int, float, str, bool, type(None))
        if len(node.ops) > 1 or compare is None or not isinstance(left, plain) or not isinstance(right, plain):
            return UNKNOWN
        try:
            return bool(compare(left, right))
        except TypeError:
            return UNKNOWN

    def _value_BoolOp(self, node: ast.BoolOp, names: Names) -> Any:
        values = [self.value(one, names) for one in node.values]
        if not all(isinstance(one, bool | int | float | str | type(None)) for one in values):
            return UNKNOWN
        stops = (lambda one: not one) if isinstance(node.op, ast.And) else bool
        return next((one for one in values if stops(one)), values[-1])

    def _value_IfExp(self, node: ast.IfExp, names: Names) -> Any:
        test = self.value(node.test, names)
        if not isinstance(test, bool | int | float | str | list | tuple | type(None)):
            return UNKNOWN
        return self.value(node.body if test else node.orelse, names)

    def _value_BinOp(self, node: ast.BinOp, names: Names) -> Any:
        return self._combined(node.op, self.value(node.left, names), self.value(node.right, names), node)

    def _combined(self, kind: ast.operator, left: Any, right: Any, node: ast.AST) -> Any:
        line = getattr(node, "lineno", 1)
        if isinstance(left, Flow) or isinstance(right, Flow):
            return self._flows(kind, left, right, line)
        if _is_number(left) and _is_number(right):
            return _calculated(kind, left, right)
        if isinstance(kind, ast.Add) and type(left) is type(right) and isinstance(left, list | tuple):
            self._spend(len(left) + len(right))
            return left + right
        if isinstance(kind, ast.Mult) and isinstance(left, list | tuple) and type(right) is int:
            if len(left) * right > MOST_ITEMS:
                raise TooMuchError
            self._spend(max(len(left) * right, 0))
            return left * right
        return UNKNOWN

    def _flows(self, kind: ast.operator, left: Any, right: Any, line: int) -> Flow:
        """A sum of what flows with itself further on, which is a residual block; or a multiple."""
        flow, other = (left, right) if isinstance(left, Flow) else (right, left)
        if isinstance(kind, ast.Add) and isinstance(other, Flow):
            short, long = sorted((flow, other), key=lambda one: len(one.passed))
            begun = len(short.passed)
            same = all(a is b for a, b in zip(short.passed, long.passed, strict=False))
            if same and short.factor == 1 and len(long.passed) > begun:
                block = Around(long.passed[begun:], long.factor, long.learned, line)
                return Flow((*short.passed, block))
        factor = other.value if isinstance(other, Learned) else other
        if isinstance(kind, ast.Mult) and _is_number(factor):
            return Flow(flow.passed, flow.factor * factor, flow.learned or isinstance(other, Learned))
        if isinstance(kind, ast.Div) and flow is left and _is_number(other) and other:
            return Flow(flow.passed, flow.factor / other, flow.learned)
        self.leave_out(line, "combines signals in a way that no network here has")
        return Flow(flow.passed)

    def _value_Call(self, node: ast.Call, names: Names) -> Any:
        function = self.value(node.func, names)
        args = self._listed(node.args, names)
        kwargs: dict[str, Any] = {}
        for one in node.keywords:
            given = self.value(one.value, names)
            if one.arg:
                kwargs[one.arg] = given
            elif isinstance(given, dict):
                kwargs |= {key: value for key, value in given.items() if isinstance(key, str)}
        return self._called(function, args, kwargs, node, names)

    def _called(self, function: Any, args: list[Any], kwargs: dict[str, Any], node: ast.Call, names: Names) -> Any:
        line = node.lineno
        if isinstance(function, ast.ClassDef):
            return self.made(function, args, kwargs, line)
        if isinstance(function, Method):
            return self._method_called(function, args, kwargs)
        flow = next((one for one in (*args, *kwargs.values()) if isinstance(one, Flow)), None)
        if isinstance(function, Layer) and function.name == "Add" and args and isinstance(args[0], list):
            args = args[0]
            function = Dotted("add")
            flow = next((one for one in args if isinstance(one, Flow)), None)
        together = next((one for one in args if isinstance(one, list | tuple) and _flow_in(one)), None)
        gathers = isinstance(function, Dotted) and function.last in CONTAINERS
        if flow is None and together is not None and not gathers:
            self.leave_out(line, "combines signals in a way that no network here has: the first one is taken")
            return _flow_in(together)
        if isinstance(function, Layer | Chain | Made | list):
            return self.through(function, flow, line) if flow is not None else UNKNOWN
        if isinstance(function, Asked):
            return self._asked(function, args, kwargs, line)
        if (above := _of_super(node)) is not None:
            return self._base_called(above, args, node, names)
        if isinstance(function, Dotted):
            return self._named(function, args, kwargs, flow, line)
        if flow is not None:
            self.leave_out(line, "is not understood: left out")
            return flow
        return UNKNOWN

    def _named(self, function: Dotted, args: list[Any], kwargs: dict[str, Any], flow: Flow | None, line: int) -> Any:
        """A call of what the code itself has not defined."""
        name = function.last
        if name == "Input":
            return Flow((Layer(name, tuple(args), kwargs, line),))
        if flow is not None:
            if name == "Model":
                return next(one for one in reversed([*args, *kwargs.values()]) if isinstance(one, Flow))
            if name in LAYERS:
                rest = tuple(one for one in args if one is not flow)
                return self.through(Layer(name, rest, kwargs, line), flow, line)
            if name == "add" and len(args) == 2:
                return self._flows(ast.Add(), args[0], args[1], line)
            self.leave_out(line, "no network here has it: left out")
            return flow
        if name in CONTAINERS:
            return Chain(_modules(args), line)
        if name == "Parameter":
            return Learned(float(args[0])) if args and _is_number(args[0]) else UNKNOWN
        if name in ("zeros", "ones", "tensor", "full", "as_tensor"):
            return _constant(name, args)
        if name in _PLAIN:
            return _PLAIN[name](args)
        if name in LAYERS:
            return Layer(name, tuple(args), kwargs, line)
        # A call of a layer that nobody knows is one as well: what looks like a class within a list of layers.
        return Layer(name, tuple(args), kwargs, line) if name[:1].isupper() else UNKNOWN

    def _asked(self, asked: Asked, args: list[Any], kwargs: dict[str, Any], line: int) -> Any:
        """A method of a list, of modules, of a dictionary or of what flows."""
        owner, name = asked.owner, asked.name
        if isinstance(owner, Flow):
            if name in LAYERS:
                return self.through(Layer(name, tuple(args), kwargs, line), owner, line)
            if name not in ("size", "dim", "numel"):
                self.leave_out(line, "no network here has it: left out")
                return owner
            return UNKNOWN
        if name in _KEEPING:
            return owner
        if isinstance(owner, Made):
            return UNKNOWN
        items = owner.items if isinstance(owner, Chain) else owner
        if isinstance(items, dict):
            return list(items.values()) if name == "values" else list(items.items())
        if name in ("append", "add") and args:
            items.append(args[0])
        elif name in ("add_module", "register_module") and len(args) == 2:
            items.append(args[1])
        elif name == "extend" and args:
            items.extend(self._items(args[0]))
        elif name == "insert" and len(args) == 2 and type(args[0]) is int:
            items.insert(args[0], args[1])
        if len(items) > MOST_ITEMS:
            raise TooMuchError
        return None

    def _base_called(self, name: str, args: list[Any], node: ast.Call, names: Names) -> Any:
        """``super().__init__(...)`` and ``super().forward(...)`` of a class that is an ``nn.Sequential``."""
        own = next((one for one in names.values() if isinstance(one, Made)), None)
        if own is not None and name == "__init__" and args and _is_sequential(own.kind):
            own.attributes["_chain"] = Chain(_modules(args), node.lineno)
        if own is not None and name in ("forward", "call") and args and isinstance(args[0], Flow):
            return self.through(own.attributes.get("_chain"), args[0], node.lineno)
        return UNKNOWN

    # Calls

    def made(self, kind: ast.ClassDef, args: list[Any], kwargs: Mapping[str, Any], line: int) -> Made:
        """An object of a class of the code, as its ``__init__`` makes it."""
        made = Made(kind, line)
        begin = _method(kind, "__init__")
        if begin:
            self._method_called(Method(begin, made), args, kwargs)
        elif _is_sequential(kind):
            made.attributes["_chain"] = Chain(_modules(args), line)
        return made

    def returned(self, function: Method) -> Any:
        """What a function returns that is called without arguments."""
        return self._method_called(function, [], {})

    def _method_called(self, method: Method, args: list[Any], kwargs: Mapping[str, Any]) -> Any:
        self.calls += 1
        if self.calls > MOST_CALLS:
            raise TooMuchError
        given = method.node.args
        places = [one.arg for one in (*given.posonlyargs, *given.args)]
        values = [method.owner, *args] if method.owner is not None else list(args)
        names: Names = dict(self.globals) | dict.fromkeys(places, UNKNOWN)
        for one, default in zip(reversed(places), reversed(given.defaults), strict=False):
            names[one] = self.value(default, names)
        for keyword, otherwise in zip(given.kwonlyargs, given.kw_defaults, strict=True):
            names[keyword.arg] = self.value(otherwise, names) if otherwise is not None else UNKNOWN
        names |= dict(zip(places, values, strict=False))
        if given.vararg:
            names[given.vararg.arg] = tuple(values[len(places) :])
        known = {*places, *(one.arg for one in given.kwonlyargs)}
        names |= {key: value for key, value in kwargs.items() if key in known}
        try:
            self.run(method.node.body, names)
        except Returned as returned:
            return returned.value
        finally:
            self.calls -= 1
        return None

    def through(self, module: Any, flow: Flow, line: int) -> Flow:
        """What flows, once it has gone through a layer, a list of them, or an object of the code."""
        self._spend()
        if isinstance(module, Layer):
            if ACTIVATION_NAMES.get(module.name) == "sin" and flow.factor != 1:
                return Flow((*flow.passed, Layer("sin", (flow.factor,), {}, module.line)))
            if module.name in PASSING and module.name not in ("Flatten", "Input", "InputLayer"):
                return flow
            return Flow((*flow.passed, module), flow.factor, flow.learned)
        if isinstance(module, Flow):
            return Flow((*flow.passed, *module.passed))
        if isinstance(module, Chain | list):
            for one in module.items if isinstance(module, Chain) else module:
                flow = self.through(one, flow, line)
            return flow
        if isinstance(module, Made):
            method = _method(module.kind, "forward") or _method(module.kind, "call")
            if method is None:
                chain = module.attributes.get("_chain")
                return self.through(chain, flow, line) if chain is not None else flow
            result = self._method_called(Method(method, module), [flow], {})
            if isinstance(result, tuple | list) and any(isinstance(one, Flow) for one in result):
                self.leave_out(method.lineno, "hands on several things: the first is taken")
                result = next(one for one in result if isinstance(one, Flow))
            if not isinstance(result, Flow):
                self.leave_out(method.lineno, "what it hands on is not known before the code runs: left out")
                return flow
            return result
        if module is not None and not isinstance(module, str | int | float):
            self.leave_out(line, "is not understood: left out")
        return flow

    def _listed(self, nodes: list[ast.expr], names: Names) -> list[Any]:
        made: list[Any] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                made.extend(self._items(self.value(node.value, names)))
            else:
                made.append(self.value(node, names))
            if len(made) > MOST_ITEMS:
                raise TooMuchError
        return made

    def _items(self, value: Any) -> list[Any]:
        if isinstance(value, Chain):
            return list(value.items)
        if isinstance(value, dict):
            return list(value)
        return list(value) if isinstance(value, list | tuple) else []


def _flow_in(values: Any) -> Flow | None:
    """The first of some values that flows."""
    return next((one for one in values if isinstance(one, Flow)), None)


def _of_super(node: ast.Call) -> str | None:
    """The method that ``super().method(...)`` calls; ``None`` where that is no such call."""
    function = node.func
    if not isinstance(function, ast.Attribute) or not isinstance(function.value, ast.Call):
        return None
    above = function.value.func
    return function.attr if isinstance(above, ast.Name) and above.id == "super" else None


def _is_sequential(kind: ast.ClassDef) -> bool:
    """Whether a class of the code is an ``nn.Sequential``."""
    names = (one.attr if isinstance(one, ast.Attribute) else getattr(one, "id", "") for one in kind.bases)
    return "Sequential" in names


def _method(kind: ast.ClassDef, name: str) -> ast.FunctionDef | None:
    return next((one for one in kind.body if isinstance(one, ast.FunctionDef) and one.name == name), None)


def _modules(args: list[Any]) -> list[Any]:
    """The modules of a list, given one by one, as one list, or as pairs of a name and a module."""
    items = list(args)
    if len(items) == 1 and isinstance(items[0], list | tuple | Chain | dict):
        own = items[0]
        items = list(own.items if isinstance(own, Chain) else own.values() if isinstance(own, dict) else own)
    return [one[1] if isinstance(one, tuple) and len(one) == 2 and isinstance(one[0], str) else one for one in items]


def _calculated(kind: ast.operator, left: float, right: float) -> Any:
    calculate = _ARITHMETIC.get(type(kind))
    if calculate is None or (isinstance(kind, ast.Pow) and (abs(right) > 64 or abs(left) > LARGEST)):
        return UNKNOWN
    try:
        result = calculate(left, right)
    except (ArithmeticError, ValueError):
        return UNKNOWN
    return result if _is_number(result) and abs(result) <= LARGEST else UNKNOWN


def _constant(name: str, args: list[Any]) -> Any:
    if name in ("zeros", "ones"):
        return float(name == "ones")
    given = args[-1] if args else None
    if isinstance(given, list) and len(given) == 1:
        given = given[0]
    return given if _is_number(given) else UNKNOWN


def _range(args: list[Any]) -> Any:
    if not 1 <= len(args) <= 3 or not all(type(one) is int for one in args) or (len(args) == 3 and args[2] == 0):
        return UNKNOWN
    numbers = range(*args)
    # Not len(): it overflows.
    if (numbers.stop - numbers.start) // numbers.step > MOST_ITEMS:
        raise TooMuchError
    return list(numbers)


def _of_list(function: Callable[[list[Any]], Any]) -> Callable[[list[Any]], Any]:
    def called(args: list[Any]) -> Any:
        own = args[0].items if args and isinstance(args[0], Chain) else args[0] if args else None
        return function(list(own)) if isinstance(own, list | tuple) else UNKNOWN

    return called


def _of_numbers(function: Callable[..., Any], arguments: int) -> Callable[[list[Any]], Any]:
    def called(args: list[Any]) -> Any:
        if len(args) != arguments or not all(_is_number(one) for one in args):
            return UNKNOWN
        try:
            return function(*args)
        except (ArithmeticError, ValueError):
            return UNKNOWN

    return called


def _zipped(args: list[Any]) -> Any:
    lists = [one.items if isinstance(one, Chain) else one for one in args]
    if not all(isinstance(one, list | tuple) for one in lists):
        return UNKNOWN
    return list(zip(*lists, strict=False))


def _gain(args: list[Any]) -> Any:
    """``torch.nn.init.calculate_gain``."""
    slope = args[1] if len(args) > 1 and _is_number(args[1]) else 0.01
    gains = {"tanh": 5 / 3, "relu": math.sqrt(2), "leaky_relu": math.sqrt(2 / (1 + slope**2)), "selu": 3 / 4}
    return gains.get(args[0], 1.0) if args and isinstance(args[0], str) else UNKNOWN


# Functions of Python, of math and of torch.nn.init that lists of layers are made with.
_PLAIN: Mapping[str, Callable[[list[Any]], Any]] = {
    "range": _range,
    "len": _of_list(len),
    "list": _of_list(list),
    "tuple": _of_list(tuple),
    "reversed": _of_list(lambda items: items[::-1]),
    "enumerate": _of_list(lambda items: list(enumerate(items))),
    "pairwise": _of_list(lambda items: list(pairwise(items))),
    "zip": _zipped,
    "sqrt": _of_numbers(math.sqrt, 1),
    "int": _of_numbers(int, 1),
    "float": _of_numbers(float, 1),
    "max": _of_numbers(max, 2),
    "min": _of_numbers(min, 2),
    "calculate_gain": _gain,
}
