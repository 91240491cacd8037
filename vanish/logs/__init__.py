"""Gradients of somebody's own network: any log of them read, judged, and compared with networks that vanish can
simulate.

``read_log`` makes a ``GradientLog`` of whatever a tool has written.
"""

from vanish.logs.log import Decision, GradientLog, Problem, State
from vanish.logs.read import read_log

__all__ = ["Decision", "GradientLog", "Problem", "State", "read_log"]
