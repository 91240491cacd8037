"""What PyTorch and Keras call what a network is made of; names are the last part of a dotted one."""

from vanish.code.torch_model import MODULES

LINEAR = frozenset({"Linear", "LazyLinear", "Dense"})

# Our entry of ACTIVATIONS by every name of it: PyTorch's modules and functions, Keras' layers and words.
ACTIVATION_NAMES = {
    **{module.removeprefix("nn."): name for name, module in MODULES.items() if module.startswith("nn.")},
    **{name: name for name in MODULES},
    **{f"{name}_": name for name in ("relu", "elu", "selu", "leaky_relu", "sigmoid", "tanh")},
    "logsigmoid": None,
    "swish": "silu",
    "Swish": "silu",
    "expit": "sigmoid",
    "hardsigmoid": "hard_sigmoid",
    "hardtanh": "hard_tanh",
    "HardSigmoid": "hard_sigmoid",
    "HardTanh": "hard_tanh",
    "ReLu": "relu",
    "Sine": "sin",
}

NORM_NAMES = {
    "BatchNorm1d": "batch",
    "LazyBatchNorm1d": "batch",
    "SyncBatchNorm": "batch",
    "BatchNormalization": "batch",
    "batch_norm": "batch",
    "LayerNorm": "layer",
    "LayerNormalization": "layer",
    "layer_norm": "layer",
    "RMSNorm": "rms",
    "RMSNormalization": "rms",
    "rms_norm": "rms",
}

SOFTMAX = frozenset({"Softmax", "LogSoftmax", "softmax", "log_softmax"})

DROPOUT = frozenset(
    {"Dropout", "dropout", "AlphaDropout", "alpha_dropout", "GaussianDropout", "GaussianNoise", "Dropout1d"}
)

# What hands every number on as it is.
PASSING = frozenset(
    {"Flatten", "Unflatten", "Identity", "identity", "Input", "InputLayer", "Reshape", "flatten", "view", "reshape"}
    | {"squeeze", "unsqueeze", "contiguous", "float", "double", "to", "clone", "linear", "ravel"}
)

# Layers and functions that are known, and that no network of ours has.
STRANGE = frozenset(
    {"Conv1d", "Conv2d", "Conv3d", "Conv1D", "Conv2D", "MaxPool1d", "MaxPool2d", "AvgPool2d", "AdaptiveAvgPool2d"}
    | {"MaxPooling2D", "GlobalAveragePooling2D", "Embedding", "LSTM", "GRU", "RNN", "SimpleRNN", "MultiheadAttention"}
    | {
        "TransformerEncoderLayer",
        "TransformerEncoder",
        "GroupNorm",
        "InstanceNorm1d",
        "BatchNorm2d",
        "LocalResponseNorm",
    }
    | {"Bilinear", "ConvTranspose2d", "Softmin", "GLU", "RReLU", "CELU", "LogSigmoid", "Hardswish", "Softshrink"}
    | {"Hardshrink", "Tanhshrink", "Threshold", "Rescaling", "Normalization", "PixelShuffle", "Upsample"}
)

LAYERS = LINEAR | ACTIVATION_NAMES.keys() | NORM_NAMES.keys() | SOFTMAX | DROPOUT | PASSING | STRANGE

# What makes a list of modules.
CONTAINERS = frozenset({"Sequential", "ModuleList", "OrderedDict", "ModuleDict"})

# Initialisers: PyTorch's functions and Keras' words and classes, as one name each.
TORCH_INITIALIZERS = frozenset(
    {"xavier_uniform_", "xavier_normal_", "kaiming_uniform_", "kaiming_normal_", "orthogonal_", "normal_"}
    | {"trunc_normal_", "uniform_", "zeros_", "ones_", "constant_", "zero_", "fill_", "eye_", "sparse_", "dirac_"}
)
