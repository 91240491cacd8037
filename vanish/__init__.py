"""vanish: see, measure and cure vanishing gradients.

A network is plain data (``NetworkSpec``, ``Parameters``), and everything else a pure function of it: passes
(``forward``, ``backprop``), training (``train``), what can be measured (``gradient_flow``, ``diagnose``), and what
theory expects without drawing one (``signal_propagation``).  What is needed less often lives in namespaces:

``vanish.choices``: the tables behind every name that a spec takes, such as ``ACTIVATIONS`` and ``DATASETS``;
``vanish.sequence``: RNN, GRU and LSTM, what each step of a sequence receives, and training on tasks of memory;
``vanish.remedies``, ``vanish.combinations``, ``vanish.shattered``: what each remedy buys, alone and with the others;
``vanish.theory``: fixed points, the edge between vanishing and exploding, correlation of neighbouring inputs;
``vanish.logs``: gradients of somebody's own network, from any log, read and judged;
``vanish.code``: networks read from PyTorch's and Keras' words, written as scripts, and the lines of each remedy;
``vanish.kata``: the original teaching program, number for number.
"""

from vanish import choices, code, kata, logs, sequence, theory
from vanish.code import ModelCode, read_model
from vanish.logs import GradientLog, Report, diagnose_log, read_log
from vanish.measure import combinations, remedies, shattered
from vanish.measure.activity import layer_activity, pre_activation_histogram
from vanish.measure.diagnosis import Diagnosis, diagnose
from vanish.measure.flow import gradient_flow
from vanish.measure.forward import forward_profile
from vanish.measure.jacobian import jacobian, singular_values
from vanish.measure.precision import largest_loss_scale, precision_report, underflow_layers
from vanish.measure.sweep import sweep
from vanish.measure.updates import first_step, last_over_first
from vanish.measure.yardstick import example_output_gradient, lossless_ratio
from vanish.network.estimates import estimate_seconds
from vanish.network.initialize import initialize
from vanish.network.parameters import Parameters
from vanish.network.passes import Gradients, backprop, forward
from vanish.network.prediction import predict
from vanish.network.spec import NetworkSpec
from vanish.network.training import Snapshot, fit_spec, train
from vanish.numerics.histogram import Histogram, histogram
from vanish.references import VERSION
from vanish.sequence import RecurrentSpec, gradient_through_time
from vanish.theory import signal_propagation

__version__ = VERSION

# fmt: off
__all__ = [
    "Diagnosis", "GradientLog", "Gradients", "Histogram", "ModelCode", "NetworkSpec", "Parameters", "RecurrentSpec",
    "Report", "Snapshot", "backprop", "choices", "code", "combinations", "diagnose", "diagnose_log", "estimate_seconds",
    "example_output_gradient", "first_step", "fit_spec", "forward", "forward_profile", "gradient_flow",
    "gradient_through_time", "histogram", "initialize", "jacobian", "kata", "largest_loss_scale", "last_over_first",
    "layer_activity", "logs", "lossless_ratio", "pre_activation_histogram", "precision_report", "predict", "read_log",
    "read_model", "remedies", "sequence", "shattered", "signal_propagation", "singular_values", "sweep", "theory",
    "train", "underflow_layers",
]
# fmt: on
