"""Code in, code out: networks read from PyTorch's and Keras' words, and written in NumPy's and PyTorch's."""

from vanish.code.remedies import PYTORCH, pytorch_lines

__all__ = ["PYTORCH", "pytorch_lines"]
