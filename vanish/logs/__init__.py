"""Gradients of somebody's own network: any log of them read, judged, and compared with networks that vanish can
simulate.

``read_log`` makes a ``GradientLog`` of whatever a tool has written, ``diagnose_log`` a ``Report`` of that.
"""

from vanish.logs.findings import Finding
from vanish.logs.judge import diagnose_log
from vanish.logs.log import Decision, GradientLog, Problem, State
from vanish.logs.read import read_log
from vanish.logs.report import Report, StepVerdict, Storage

__all__ = [
    "Decision",
    "Finding",
    "GradientLog",
    "Problem",
    "Report",
    "State",
    "StepVerdict",
    "Storage",
    "diagnose_log",
    "read_log",
]
