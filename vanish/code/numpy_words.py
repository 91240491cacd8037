"""What the entries of the engine's tables are as lines of NumPy.

The formulas are those of ``vanish.choices``, written for a reader of one script: each entry's lines compute what the
entry computes, and a test compares them.
"""

from collections.abc import Callable, Mapping, Sequence

from vanish.choices.activations import OMEGA_0, SELU_ALPHA, SELU_SCALE
from vanish.choices.initializers import CUT, unit_normal, unit_truncated, unit_uniform
from vanish.choices.normalizations import EPSILON
from vanish.numerics.arrays import Array

# The body of phi(z), which returns value and slope.  {shape} is the activation's own number.
PHI = {
    "sigmoid": """\
    tail = np.exp(-z)
    value = 1 / (1 + tail)
    return value, value * np.fmin(tail * value, 1)""",
    "tanh": """\
    tail = np.exp(-2 * np.abs(z))
    return np.tanh(z), 4 * tail / (1 + tail) ** 2""",
    "relu": """\
    return np.maximum(z, 0), np.where(z <= 0, 0.0, 1.0)""",
    "leaky_relu": """\
    slope = np.where(z > 0, 1.0, {shape!r})
    return z * slope, slope""",
    "prelu": """\
    slope = np.where(z > 0, 1.0, {shape!r})  # learned later: what it starts at
    return z * slope, slope""",
    "elu": """\
    below = np.minimum(z, 0)
    return np.maximum(z, 0) + {shape!r} * np.expm1(below), np.where(z > 0, 1.0, {shape!r} * np.exp(below))""",
    "selu": f"""\
    alpha, scale = {SELU_ALPHA!r}, {SELU_SCALE!r}
    below = np.minimum(z, 0)
    value = np.maximum(z, 0) + alpha * np.expm1(below)
    return scale * value, scale * np.where(z > 0, 1.0, alpha * np.exp(below))""",
    "gelu": """\
    share = 0.5 * np.vectorize(math.erfc)(-z / math.sqrt(2))
    return z * share, share + z * np.exp(-z * z / 2) / math.sqrt(2 * math.pi)""",
    "silu": """\
    tail = np.exp(-z)
    share = 1 / (1 + tail)
    return z * share, share + z * share * np.fmin(tail * share, 1)""",
    "mish": """\
    tail = np.exp(-z)
    share = 1 / (1 + tail)
    soft = np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))
    left = np.exp(-2 * soft)
    return z * np.tanh(soft), np.tanh(soft) + z * share * 4 * left / (1 + left) ** 2""",
    "softplus": """\
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))), 1 / (1 + np.exp(-z))""",
    "softsign": """\
    share = 1 / (1 + np.abs(z))
    return z * share, share * share""",
    "hard_sigmoid": """\
    return np.clip(z / 6 + 0.5, 0, 1), (np.abs(z) < 3) / 6""",
    "hard_tanh": """\
    return np.clip(z, -1, 1), np.where(np.abs(z) >= 1, 0.0, 1.0)""",
    "relu6": """\
    return np.clip(z, 0, 6), np.where((z <= 0) | (z >= 6), 0.0, 1.0)""",
    "sin": f"""\
    return np.sin({OMEGA_0!r} * z), {OMEGA_0!r} * np.cos({OMEGA_0!r} * z)""",
    "identity": """\
    return z, np.ones_like(z)""",
}

# Streams of unit random numbers: what each is, and the function's name.
UNIFORM = '''def uniform(seed, count):
    """Numbers from [-1, 1) of a 64-bit linear congruential generator (Knuth's MMIX)."""
    numbers, state = np.empty(count), seed
    for i in range(count):
        state = (6364136223846793005 * state + 1442695040888963407) % 2**64
        numbers[i] = (state >> 33) / 2**30 - 1
    return numbers
'''

NORMAL = """def normal(seed, count):
    return np.random.default_rng(seed).standard_normal(count)
"""

TRUNCATED = f'''def truncated(seed, count):
    """A bell curve, cut at {CUT:g} standard deviations."""
    generator, kept = np.random.default_rng(seed), np.empty(0)
    while (missing := count - len(kept)) > 0:
        drawn = generator.standard_normal(missing + missing // 16 + 64)
        kept = np.concatenate([kept, drawn[np.abs(drawn) <= {CUT!r}]])
    return kept[:count]
'''

STREAMS: Mapping[Callable[[Sequence[int], int], Array], tuple[str, str]] = {
    unit_uniform: ("uniform", UNIFORM),
    unit_normal: ("normal", NORMAL),
    unit_truncated: ("truncated", TRUNCATED),
}

ORTHONORMAL = '''def orthonormal(drawn):
    """Rows or columns at right angles, each entry of variance 1 (Mezzadri 2007)."""
    tall = drawn if len(drawn) >= len(drawn.T) else drawn.T
    q, r = np.linalg.qr(tall)
    q = q * np.sign(np.diag(r)) * math.sqrt(len(tall))
    return q if tall is drawn else q.T
'''

# What the unit numbers of a layer are multiplied by, from fan_in and fan_out.
SCALES = {
    "kata": "math.sqrt(2 / (fan_in + fan_out))",
    "xavier_uniform": "math.sqrt(6 / (fan_in + fan_out))",
    "xavier_normal": "math.sqrt(2 / (fan_in + fan_out))",
    "he_uniform": "math.sqrt(6 / fan_in)",
    "he_normal": "math.sqrt(2 / fan_in)",
    "torch_default": "math.sqrt(1 / fan_in)",
    "lecun_normal": "math.sqrt(1 / fan_in)",
    "orthogonal": "math.sqrt(1 / max(fan_in, fan_out))",
    "normal": "{std!r}",
    "trunc_normal": "{std!r}",
    "uniform": "{half!r}",
    "siren": f"1 / fan_in if layer == 0 else math.sqrt(6 / fan_in) / {OMEGA_0!r}",
    "zeros": "0.0",
    "lsuv": "math.sqrt(1 / max(fan_in, fan_out))",
}

# Axis, and whether the mean is taken out.
NORM = f'''def norm(v):
    """{{what}}, and the standard deviation for the way back."""
    off = {{off}}
    std = np.sqrt((off**2).mean(axis={{axis}}, keepdims=True) + {EPSILON!r})
    return off / std, std


def norm_back(g, unit, std):
    return (g - unit * (g * unit).mean(axis={{axis}}, keepdims=True){{mean}}) / std
'''

INPUTS = {
    "kata": "generator.standard_normal((BATCH, SIZES[0]))",
    "normal": "generator.standard_normal((BATCH, SIZES[0]))",
    "uniform": "generator.uniform(-(3**0.5), 3**0.5, (BATCH, SIZES[0]))",
    "pixels": "generator.uniform(0.0, 1.0, (BATCH, SIZES[0]))",
    "signs": "generator.choice((-1.0, 1.0), (BATCH, SIZES[0]))",
}

# A layer's gradient as one number: of dz (dL/dz), dW, dh (what arrives at its output) and W.
MAGNITUDE_LINES = {
    "mean_abs": "np.abs(dz).mean()",
    "rms": "length(dz) / np.sqrt(dz.size)",
    "weight_norm": "length(dW)",
    "relative_norm": "length(dW) / length(W[layer])",
    "stream": "length(dh) / np.sqrt(dh.size)",
    "weight_mean_abs": "np.abs(dW).mean()",
    "weight_max": "np.abs(dW).max()",
    "weight_std": "spread(dW)",
    "std_ratio": "spread(dW) / spread(W[layer])",
    "zero_share": "(dz == 0).mean()",
    "weight_zero_share": "(dW == 0).mean()",
}

LENGTH = '''def length(v):
    """Euclidean norm, safe from underflow."""
    largest = np.abs(v).max()
    return largest * np.sqrt(((v / largest) ** 2).sum()) if 0 < largest < np.inf else largest
'''

SPREAD = '''def spread(v):
    """Standard deviation over n - 1, as torch.std has it, safe from underflow."""
    largest = np.abs(v).max()
    return largest * (v / largest - (v / largest).flat[0]).std(ddof=1) if 0 < largest < np.inf else largest
'''
