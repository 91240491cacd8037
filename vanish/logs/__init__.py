"""Gradients of somebody's own network: any log of them read, judged, and compared with networks that vanish can
simulate.

``read_log`` makes a ``GradientLog`` of whatever a tool has written, ``diagnose_log`` a ``Report`` of that,
``nearest_network`` finds the kind of network whose profile is most like it, ``remedies_tried`` what mends that one.
"""

from vanish.logs.advice import Bought, remedies_tried
from vanish.logs.findings import Finding
from vanish.logs.judge import diagnose_log
from vanish.logs.judged import StepVerdict, Storage
from vanish.logs.log import Decision, GradientLog, Problem, State
from vanish.logs.nearest import Fit, Nearest, nearest_network, why_no_nearest
from vanish.logs.read import read_log
from vanish.logs.report import Report

__all__ = [
    "Bought",
    "Decision",
    "Finding",
    "Fit",
    "GradientLog",
    "Nearest",
    "Problem",
    "Report",
    "State",
    "StepVerdict",
    "Storage",
    "diagnose_log",
    "nearest_network",
    "read_log",
    "remedies_tried",
    "why_no_nearest",
]
