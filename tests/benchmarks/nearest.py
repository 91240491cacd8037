"""How often the nearest network is of the kind that a profile came from: ``.venv/bin/python tests/benchmarks/nearest.py
[PROFILES]`` makes profiles with hidden settings and counts.  A kind is an activation's family and an initialiser's
size; it counts as found if it is the best fit or among those that cannot be told apart from it."""

import json
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

import vanish
from vanish.choices.inputs import example_inputs
from vanish.logs import nearest_network, why_no_nearest
from vanish.logs.nearest import ACTIVATIONS, INITIALIZERS
from vanish.measure.flow import layer_magnitudes
from vanish.measure.yardstick import example_output_gradient

FAMILY = {"relu": "ReLU", "gelu": "ReLU"}


def kind(spec):
    return FAMILY.get(spec.activation, spec.activation), spec.initializer


def hidden(generator):
    return vanish.NetworkSpec(
        depth=int(generator.integers(6, 30)),
        width=int(generator.integers(12, 64)),
        n_inputs=int(generator.integers(8, 100)),
        n_outputs=int(generator.integers(1, 20)),
        activation=str(generator.choice(ACTIVATIONS)),
        initializer=str(generator.choice(INITIALIZERS)),
        normalization=str(generator.choice(("none", "none", "batch", "layer"))),
        residual=str(generator.choice(("none", "none", "identity"))),
        linear_output=True,
    )


def report_of(spec, seed):
    inputs, at_outputs = example_inputs(spec.n_inputs, 32, "normal"), example_output_gradient(spec.n_outputs, 32)
    sizes = layer_magnitudes(spec, [seed], inputs, ["weight_norm"], at_outputs)[0, 0]
    names = [f"layers.{n}.weight" for n in range(spec.depth)]
    text = json.dumps([{"grad_norm": dict(zip(names, sizes.tolist(), strict=True))}])
    shapes = dict(zip(names, spec.layer_shapes, strict=True))
    return vanish.diagnose_log(vanish.read_log(text, shapes=shapes))


def main(profiles=300):
    generator = np.random.default_rng(3)
    best = ties = tried = kinds = 0
    began = time.process_time()
    for _ in range(profiles):
        spec, seed = hidden(generator), int(generator.integers(100, 10**6))
        report = report_of(spec, seed)
        if why_no_nearest(report):
            continue
        nearest = nearest_network(report)
        found = [kind(fit.spec) for fit in nearest.ties]
        tried, best, ties = tried + 1, best + (found[0] == kind(spec)), ties + (kind(spec) in found)
        kinds += len(set(found))
    print(f"{tried} profiles: best fit right {best / tried:.1%}, among the ties {ties / tried:.1%}")
    print(f"kinds in a tie: {kinds / tried:.2f} of {len({kind(s) for s in _all()})} on average")
    print(f"CPU a fit: {(time.process_time() - began) / tried:.2f} s")


def _all():
    return [vanish.NetworkSpec(activation=a, initializer=i) for a in ACTIVATIONS for i in INITIALIZERS]


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
