"""What paper and pencil expect of a network, without drawing one."""

from vanish.theory.correlation import correlation_fixed_point, expected_similarity
from vanish.theory.fixed_points import critical_weight_scale, fixed_point
from vanish.theory.kernel import expected_correlation
from vanish.theory.luck import relu_luck
from vanish.theory.mean_field import signal_propagation

__all__ = [
    "correlation_fixed_point",
    "critical_weight_scale",
    "expected_correlation",
    "expected_similarity",
    "fixed_point",
    "relu_luck",
    "signal_propagation",
]
