"""Code in, code out: networks read from PyTorch's and Keras' words, and written in NumPy's and PyTorch's."""

from vanish.code.notebook import notebook
from vanish.code.read_model import ModelCode, read_model
from vanish.code.reading.values import Unread
from vanish.code.remedies import PYTORCH, pytorch_lines
from vanish.code.write_numpy import numpy_script
from vanish.code.write_torch import HOOK, torch_script

__all__ = [
    "HOOK",
    "PYTORCH",
    "ModelCode",
    "Unread",
    "notebook",
    "numpy_script",
    "pytorch_lines",
    "read_model",
    "torch_script",
]
