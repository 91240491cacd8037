"""Models read from their code: what they are, what is left out and said, and code that nobody should run."""

import warnings
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import SPECS

from vanish import NetworkSpec
from vanish.code import read_model, torch_script
from vanish.code.read_model import MOST_LETTERS

TORCH = {"initializer": "torch_default", "linear_output": True}
KERAS = {"initializer": "xavier_uniform", "linear_output": True}

MLP = """
class MLP(nn.Module):
    def __init__(self, n_in=20, n_hidden=64, n_out=5):
        super().__init__()
        self.fc1 = nn.Linear(n_in, n_hidden)
        self.fc2 = nn.Linear(n_hidden, n_hidden)
        self.fc3 = nn.Linear(n_hidden, n_out)
{rest}
    def forward(self, x):
        x = torch.relu(self.fc1(x))
        x = torch.relu(self.fc2(x))
        return self.fc3(x)
"""
PLAIN = {"n_inputs": 20, "depth": 3, "width": 64, "n_outputs": 5, "activation": "relu", **TORCH}

# The code, what it is, and words of what is left out, in the order of lines.
READ = {
    "sequential": (
        "model = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))",
        {"n_inputs": 784, "depth": 2, "width": 128, "n_outputs": 10, "activation": "relu", **TORCH},
        [],
    ),
    "bare expression": (
        "nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1), nn.Tanh())",
        {"depth": 2, "activation": "tanh", "initializer": "torch_default"},
        [],
    ),
    "unequal sizes": (
        "net = torch.nn.Sequential(nn.Linear(9, 32), nn.SiLU(), nn.Linear(32, 16), nn.SiLU(), nn.Linear(16, 2))",
        {"n_inputs": 9, "widths": (32, 16), "n_outputs": 2, "activation": "silu", **TORCH},
        [],
    ),
    "a single layer": (
        "nn.Sequential(nn.Linear(3, 2))",
        {"depth": 1, "n_inputs": 3, "n_outputs": 2} | {"activation": "identity", **TORCH},
        [],
    ),
    "a loop": (
        """
        layers = [nn.Linear(16, 32), nn.Tanh()]
        for i in range(8):
            layers += [nn.Linear(32, 32), nn.Tanh()]
        layers.append(nn.Linear(32, 4))
        model = nn.Sequential(*layers)
        """,
        {"n_inputs": 16, "depth": 10, "width": 32, "n_outputs": 4, "activation": "tanh", **TORCH},
        [],
    ),
    "a comprehension": (
        """
        n = 2 ** 6
        model = nn.Sequential(nn.Linear(10, n), nn.ELU(0.5),
            *[layer for _ in range(3) for layer in (nn.Linear(n, n), nn.ELU(alpha=0.5))], nn.Linear(n, 1))
        """,
        {"n_inputs": 10, "depth": 5, "width": 64, "activation": "elu", "activation_shape": 0.5, **TORCH},
        [],
    ),
    "sizes in a list": (
        """
        sizes = [784, 256, 128, 10]
        layers = []
        for a, b in zip(sizes[:-1], sizes[1:]):
            layers.append(nn.Linear(a, b))
            layers.append(nn.LeakyReLU(0.2))
        model = nn.Sequential(*layers[:-1])
        """,
        {"n_inputs": 784, "widths": (256, 128), "n_outputs": 10, "activation": "leaky_relu"}
        | {"activation_shape": 0.2, **TORCH},
        [],
    ),
    "an ordered dictionary": (
        'nn.Sequential(OrderedDict([("a", nn.Linear(4, 8)), ("b", nn.Softsign()), ("c", nn.Linear(8, 1))]))',
        {"depth": 2, "activation": "softsign", **TORCH},
        [],
    ),
    "added one by one": (
        """
        model = nn.Sequential()
        model.add_module("in", nn.Linear(4, 8))
        model.append(nn.Mish())
        model.append(nn.Linear(8, 1))
        """,
        {"depth": 2, "activation": "mish", **TORCH},
        [],
    ),
    "sequentials within": (
        """
        def layer(a, b):
            return nn.Sequential(nn.Linear(a, b), nn.BatchNorm1d(b), nn.ReLU())
        model = nn.Sequential(layer(4, 8), layer(8, 8), nn.Linear(8, 1))
        """,
        {"depth": 3, "activation": "relu", "normalization": "batch", **TORCH},
        [],
    ),
    "a class": (MLP.format(rest=""), PLAIN, []),
    "a class and its object": (
        MLP.format(rest="") + "model = MLP(7, n_hidden=32).to(device)\n",
        PLAIN,
        [],
    ),
    "flattened and dropped out": (
        """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc1 = nn.Linear(28 * 28, 100)
                self.drop = nn.Dropout(0.5)
                self.fc2 = nn.Linear(100, 10)
            def forward(self, x):
                x = x.view(x.size(0), -1)
                x = self.drop(F.gelu(self.fc1(x)))
                return F.log_softmax(self.fc2(x), dim=1)
        """,
        {"n_inputs": 784, "depth": 2, "width": 100, "n_outputs": 10, "activation": "gelu", **TORCH},
        ["dropout", "softmax"],
    ),
    "a list of modules": (
        """
        class Net(nn.Module):
            def __init__(self, depth=12, act=nn.SELU):
                super().__init__()
                self.layers = nn.ModuleList([nn.Linear(8, 8) for _ in range(depth)])
                self.act = act()
            def forward(self, x):
                for i, layer in enumerate(self.layers):
                    x = layer(x)
                    if i < len(self.layers) - 1:
                        x = self.act(x)
                return x
        """,
        {"n_inputs": 8, "depth": 12, "width": 8, "n_outputs": 8, "activation": "selu", **TORCH},
        [],
    ),
    "a class that is a Sequential": (
        """
        class Net(nn.Sequential):
            def __init__(self, n):
                super().__init__(nn.Linear(4, n), nn.Hardtanh(), nn.Linear(n, 1))
        net = Net(6)
        """,
        {"depth": 2, "width": 6, "activation": "hard_tanh", **TORCH},
        [],
    ),
    "residual": (
        """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.inp, self.out = nn.Linear(4, 16), nn.Linear(16, 1)
                self.layers = nn.ModuleList(nn.Linear(16, 16) for _ in range(6))
            def forward(self, x):
                x = torch.tanh(self.inp(x))
                for layer in self.layers:
                    x = x + torch.tanh(layer(x))
                return self.out(x)
        """,
        {"depth": 8, "width": 16, "activation": "tanh", "residual": "identity", **TORCH},
        [],
    ),
    "blocks of two, normalised first": (
        """
        class Block(nn.Module):
            def __init__(self, d):
                super().__init__()
                self.norm, self.a, self.b = nn.LayerNorm(d), nn.Linear(d, d), nn.Linear(d, d)
            def forward(self, x):
                return x + 0.5 * self.b(F.relu(self.a(self.norm(x))))
        model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), Block(8), Block(8), nn.Linear(8, 1))
        """,
        {"depth": 6, "activation": "relu", "residual": "half", "block": "two", "normalization": "layer"}
        | {"norm_place": "pre", **TORCH},
        [],
    ),
    "rezero": (
        """
        class Block(nn.Module):
            def __init__(self, d):
                super().__init__()
                self.f, self.gate = nn.Linear(d, d), nn.Parameter(torch.zeros(1))
            def forward(self, x):
                return x + self.gate * torch.relu(self.f(x))
        model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), *[Block(8) for _ in range(3)], nn.Linear(8, 1))
        """,
        {"depth": 5, "activation": "relu", "residual": "rezero", **TORCH},
        [],
    ),
    "an activation after the sum": (
        """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.a, self.b, self.c = nn.Linear(4, 8), nn.Linear(8, 8), nn.Linear(8, 8)
                self.out = nn.Linear(8, 1)
            def forward(self, x):
                x = F.relu(self.a(x))
                x = F.relu(x + self.c(F.relu(self.b(x))))
                return self.out(x)
        """,
        {"depth": 4, "activation": "relu", "residual": "identity", "block": "two", **TORCH},
        ["after the sum"],
    ),
    "He": (
        MLP.format(
            rest="""
        for m in self.modules():
            if isinstance(m, nn.Linear):
                nn.init.kaiming_normal_(m.weight, nonlinearity="relu")
                nn.init.zeros_(m.bias)
"""
        ),
        PLAIN | {"initializer": "he_normal"},
        [],
    ),
    "Xavier with a gain": (
        MLP.format(rest="")
        + 'def init(m):\n    nn.init.xavier_uniform_(m.weight, gain=nn.init.calculate_gain("tanh"))\n'
        "    m.bias.data.fill_(0)\nmodel = MLP()\nmodel.apply(init)\n",
        PLAIN | {"initializer": "xavier_uniform", "weight_scale": 5 / 3},
        [],
    ),
    "LeCun by another name": (
        MLP.format(rest="") + 'def f(m):\n    nn.init.kaiming_normal_(m.weight, nonlinearity="linear")\n',
        PLAIN | {"initializer": "lecun_normal"},
        ["biases"],
    ),
    "PyTorch's own rule, spelled out": (
        MLP.format(rest="") + "def f(m):\n    nn.init.kaiming_uniform_(m.weight, a=5 ** 0.5)\n",
        PLAIN | {"initializer": "he_uniform", "weight_scale": (2 / (1 + (5**0.5) ** 2)) ** 0.5 / 2**0.5},
        ["biases"],
    ),
    "in place": (
        MLP.format(rest="") + "def f(m):\n    m.weight.data.normal_(0.0, 0.02)\n    m.bias.data.zero_()\n",
        PLAIN | {"initializer": "normal", "weight_std": 0.02},
        [],
    ),
    "cut and noisy": (
        MLP.format(rest="") + "nn.init.trunc_normal_(m.weight, 0, 0.1, -0.2, 0.2)\nnn.init.normal_(m.bias, std=0.3)\n",
        PLAIN | {"initializer": "trunc_normal", "weight_std": 0.1, "bias_std": 0.3},
        [],
    ),
    "two rules": (
        MLP.format(rest="")
        + "nn.init.orthogonal_(a.weight)\nnn.init.orthogonal_(b.weight)\nnn.init.uniform_(c.weight, -1, 1)\n",
        PLAIN | {"initializer": "orthogonal"},
        ["biases", "one rule"],
    ),
    "other layers": (
        """
        model = nn.Sequential(
            nn.Conv2d(1, 8, 3),
            nn.Flatten(),
            nn.Linear(5408, 64),
            nn.ReLU(),
            nn.Linear(64, 64),
            nn.Sigmoid(),
            nn.GroupNorm(4, 64),
            nn.Linear(32, 10),
            nn.Sigmoid(),
        )
        """,
        {"n_inputs": 4096, "depth": 3, "width": 64, "n_outputs": 10, "activation": "relu", **TORCH},
        ["such a layer", "4,096 are the most", "another activation", "such a layer", "takes 32 numbers", "the outputs"],
    ),
    "signals side by side": (
        """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.a, self.b = nn.Linear(4, 8), nn.Linear(8, 1)
            def forward(self, x):
                h = self.a(x).relu()
                h = torch.cat([h, x], 1)
                return self.b(h)
        """,
        {"depth": 2, "activation": "relu", **TORCH},
        ["combines signals"],
    ),
    "a bare list": (
        "layers = [Linear(6, 8, bias=True), BatchNorm1d(8), Tanh(), Linear(8, 3)]",
        {"n_inputs": 6, "depth": 2, "n_outputs": 3, "activation": "tanh", "normalization": "batch", **TORCH},
        [],
    ),
    "a condition": (
        """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.a, self.b = nn.Linear(4, 8), nn.Linear(8, 1)
            def forward(self, x):
                x = torch.sigmoid(self.a(x))
                if self.training:
                    x = x + torch.randn_like(x)
                return self.b(x)
        """,
        {"depth": 2, "activation": "sigmoid", **TORCH},
        ["before the code runs"],
    ),
    "post norm": (
        "nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.RMSNorm(8), nn.Linear(8, 8), nn.ReLU(), nn.RMSNorm(8), "
        "nn.Linear(8, 1))",
        {"depth": 3, "activation": "relu", "normalization": "rms", "norm_place": "post", **TORCH},
        [],
    ),
    "no biases": (
        "nn.Sequential(nn.Linear(4, 8, bias=False), nn.PReLU(init=0.1), nn.Linear(8, 1))",
        {"depth": 2, "activation": "prelu", "activation_shape": 0.1, **TORCH},
        ["without biases"],
    ),
    "unknown sizes": (
        "nn.Sequential(nn.Linear(args.n, 8), nn.ReLU6(), nn.Linear(8, args.classes))",
        {"depth": 2, "width": 8, "n_outputs": 8, "activation": "relu6", **TORCH},
        ["how many inputs", "how many outputs"],
    ),
    "keras": (
        """
        model = keras.Sequential([
            keras.Input(shape=(784,)),
            layers.Dense(64, activation="relu"),
            layers.Dense(64, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ])
        """,
        {"n_inputs": 784, "depth": 3, "width": 64, "n_outputs": 10, "activation": "relu", **KERAS},
        ["softmax"],
    ),
    "keras, added": (
        """
        from tensorflow.keras import Sequential
        model = Sequential()
        model.add(Flatten(input_shape=(28, 28)))
        for _ in range(20):
            model.add(Dense(32))
            model.add(BatchNormalization())
            model.add(Activation("sigmoid"))
        model.add(Dropout(0.2))
        model.add(Dense(10))
        model.compile("adam")
        """,
        {"n_inputs": 784, "depth": 21, "width": 32, "n_outputs": 10, "activation": "sigmoid"}
        | {"normalization": "batch", **KERAS},
        ["dropout"],
    ),
    "keras, started": (
        "tf.keras.Sequential([Dense(8, 'selu', input_dim=4, kernel_initializer='lecun_normal'), "
        "Dense(8, 'selu', kernel_initializer='lecun_normal'), Dense(1, kernel_initializer='lecun_normal')])",
        {"depth": 3, "activation": "selu", **KERAS, "initializer": "lecun_normal"},
        [],
    ),
    "keras, started by a class": (
        "tf.keras.Sequential([Dense(8, 'tanh', input_dim=4, kernel_initializer=RandomNormal(stddev=0.5)), "
        "Dense(1, kernel_initializer=initializers.RandomNormal(0.0, 0.5), bias_initializer='ones')])",
        {"depth": 2, "activation": "tanh", **KERAS, "initializer": "normal", "weight_std": 0.5},
        ["biases start at 0"],
    ),
    "keras, functional": (
        """
        inputs = keras.Input(shape=(4,))
        x = layers.Dense(8, activation="relu")(inputs)
        x = layers.Add()([x, layers.Dense(8, activation="relu")(x)])
        model = keras.Model(inputs, layers.Dense(1)(x))
        """,
        {"depth": 3, "activation": "relu", "residual": "identity", **KERAS},
        [],
    ),
    "keras without inputs": (
        "keras.Sequential([layers.Dense(5, activation=tf.nn.leaky_relu), layers.Dense(2)])",
        {"depth": 2, "width": 5, "n_outputs": 2, "activation": "leaky_relu", "activation_shape": 0.2, **KERAS},
        ["how many inputs"],
    ),
}


@pytest.mark.parametrize("name", READ)
def test_what_a_model_is_and_what_is_left_out(name):
    code, fields, left_out = READ[name]
    code = dedent(code)
    read = read_model(code)
    expected = NetworkSpec(**fields)
    if name == "a class and its object":
        expected = NetworkSpec(**fields | {"n_inputs": 7, "width": 32})
    assert read.spec == expected
    assert [any(words in one.why for words in left_out) for one in read.unread] == [True] * len(read.unread)
    assert len(read.unread) == len(left_out)
    lines = code.splitlines()
    for one in read.unread:
        assert one.code.removesuffix("…") in lines[one.line - 1]


@settings(max_examples=30)
@given(SPECS)
def test_our_own_scripts_are_read_as_what_they_are(spec):
    read = read_model(torch_script(spec)).spec
    assert read.layer_shapes == spec.layer_shapes
    if not all(layer.linear for layer in spec.layers):
        assert (read.activation, read.shape) == (spec.activation, spec.shape)
    assert read.blocks == spec.blocks
    if any(spec.normalized_layers):
        assert read.normalization == spec.normalization


HOSTILE = {
    "imports": "__import__('os').system('touch /tmp/vanish_was_run')\nnn.Sequential(nn.Linear(4, 8))",
    "evaluates": "eval('1'); exec('x = 1'); open('/etc/passwd').read()\nnn.Sequential(nn.Linear(4, 8))",
    "a syntax error": "nn.Sequential(nn.Linear(4, 8), nn.ReLU()",
    "no model": "print('hello')",
    "words": "my network does not train, please help",
    "nothing": "   \n ",
    "null bytes": "nn.Sequential(\0)",
    "deep brackets": "(" * 5_000 + ")" * 5_000,
    "deep signs": "x = " + "-" * 50_000 + "1",
    "a deep sum": "x = " + "1 + " * 30_000 + "1\nnn.Sequential(nn.Linear(x, 1))",
    "deep attributes": "x" + ".y" * 50_000,
    "deep calls": "f(" * 90 + ")" * 90 + "\nnn.Sequential(nn.Linear(4, 8))",
    "a megabyte": "nn.Sequential(nn.Linear(4, 8))\n" + "# padding\n" * 100_000,
    "many lines": "x = [1] * 4000\n" * 13_000 + "nn.Sequential(nn.Linear(4, 8))",
    "a bomb of comprehensions": "nn.Sequential(*[nn.Linear(8, 8) for a in range(4000) for b in range(4000)])",
    "bombs within": "x = [[[0 for a in range(999)] for b in range(999)] for c in range(999)]",
    "a long range": "nn.Sequential(*[nn.Linear(8, 8) for _ in range(10 ** 9)])",
    "a large power": "x = 9 ** 9 ** 9 ** 9\nnn.Sequential(nn.Linear(x, 8))",
    "a longer list each time": "a = [0]\n" + "a = a + a\n" * 200,
    "a list in itself": "a = [nn.Linear(8, 8)]\na.append(a)\nmodel = nn.Sequential(*a)",
    "a call of itself": "def f(n=3):\n    return f(n)\nf()",
    "an object in itself": "class A(nn.Module):\n    def __init__(self):\n        self.a = A()\n"
    "    def forward(self, x):\n        return self.a(x)\n",
    "a loop for ever": "while True:\n    pass\nnn.Sequential(nn.Linear(4, 8))",
    "negative sizes": "nn.Sequential(nn.Linear(-4, 0), nn.Linear(True, 1.5))",
    "huge sizes": "nn.Sequential(nn.Linear(10**11, 10**11), nn.ReLU(), nn.Linear(10**11, 10**11))",
    "many layers": "nn.Sequential(*[nn.Linear(8, 8) for _ in range(3000)])",
}


def is_read_or_refused(text):
    """Whether a text is a network, or is refused in a sentence of bounded length."""
    try:
        return isinstance(read_model(text).spec, NetworkSpec)
    except ValueError as error:
        return str(error).startswith("text must be") and len(str(error)) < 400


@pytest.mark.parametrize("name", HOSTILE)
def test_no_code_is_run_and_none_takes_for_ever(name):
    assert is_read_or_refused(HOSTILE[name])


def test_what_python_would_warn_of_is_read_without_a_word():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        reading = read_model('PATH = "C:\\data"\nmodel = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))')
    assert reading.spec.activation == "tanh"


def test_limits_are_said():
    with pytest.raises(ValueError, match=f"at most {MOST_LETTERS:,} letters"):
        read_model("#" * (MOST_LETTERS + 1))
    with pytest.raises(ValueError, match="line 2"):
        read_model("x = 1\ny = = 2")
    assert read_model(HOSTILE["many layers"]).spec.depth == 1000


PIECES = st.sampled_from(
    [
        "nn.Linear(",
        "4",
        ", ",
        "8",
        ")",
        "nn.ReLU()",
        "model = ",
        "nn.Sequential(",
        "\n",
        "    ",
        "for i in range(3):",
        "x",
        "class A(nn.Module):\n",
        "def forward(self, x):",
        "return ",
        "self.",
        " + ",
        " * ",
        "[",
        "]",
        "*",
        "lambda x: ",
        "=(",
    ]
)


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@settings(max_examples=150)
@given(st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=80))
def test_any_text_is_read_or_refused(text):
    assert is_read_or_refused(text)
