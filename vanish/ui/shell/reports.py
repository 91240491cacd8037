"""Networks that others have reported, as ready-made ones; the README's section on reports has more of them as links.

Where the page cannot have what a report had, the title says what it has.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from vanish.ui.shell.preset import Preset, memory, network, training


def _layers(*sizes: int) -> str:
    return "-".join(map(str, sizes))


def _circles(**changes: Any) -> Mapping[str, Any]:
    """A network of 5 units a layer that learns to tell a circle from a wider one, with ``changes``."""
    return training(width=5, dataset="circles", noise=0.1, data_seed=0, train_batch=32, **changes)


REPORTS: Mapping[str, Preset] = MappingProxyType(
    {
        "nielsen_book": Preset(
            "Nielsen 2015: four hidden layers",
            "the book's network for digits: each hidden layer gets four to six times less gradient than the next one",
            network(
                sizes=_layers(784, 30, 30, 30, 30, 10),
                activations=("sigmoid",),
                initializer="lecun_normal",
                bias_std=1.0,
                inputs="pixels",
                batch_size=64,
                magnitude="rms",
            ),
            chapter="flow",
            sources=("nielsen2015",),
        ),
        "small_weights": Preset(
            "Li et al. 2016: weights of 0.01",
            "ten tanh layers of 500 whose weights start too small: the signal goes to zero on its way forward and back",
            network(
                sizes=_layers(*[500] * 11),
                activations=("tanh",),
                initializer="normal",
                weight_std=0.01,
                inputs="normal",
                batch_size=8,
                magnitude="rms",
            ),
            chapter="flow",
            sources=("li2016",),
        ),
        "zero_weights": Preset(
            "Karpathy 2022: all weights zero",
            "every weight starts at 0: no gradient comes back through them, and only the output's bias can learn",
            network(depth=6, width=100, activations=("tanh", "relu"), initializer="zeros"),
            chapter="flow",
            sources=("karpathy2022",),
        ),
        "matrix_product": Preset(
            "Zhang et al. 2023: 100 random matrices",
            "100 linear layers of 4 with standard-normal weights: the gradient grows by some 25 powers of ten",
            network(
                depth=100,
                width=4,
                activations=("identity",),
                initializer="normal",
                weight_std=1.0,
                mark="lines",
            ),
            chapter="flow",
            sources=("zhang2023",),
        ),
        "xavier_30": Preset(
            "He et al. 2015: 30 layers, Xavier",
            "30 ReLU layers with Xavier's weights: the squared gradient halves at every layer; He's weights keep it",
            network(
                depth=30,
                width=128,
                activations=("relu",),
                initializer="xavier_normal",
                batch_size=16,
                inputs="normal",
                magnitude="rms",
                mark="lines",
                overlays=("theory",),
            ),
            chapter="flow",
            sources=("he2015",),
        ),
        "born_dead": Preset(
            "Lu et al. 2020: born dead",
            "ten ReLU layers of two units at most: 92 % of such networks give their first layers no gradient at all",
            network(
                sizes=_layers(1, *[2] * 9, 1),
                activations=("relu",),
                initializer="he_normal",
                inputs="normal",
                seed=1,
            ),
            chapter="flow",
            sources=("lu2020",),
        ),
        "narrow_spread": Preset(
            "Hanin & Rolnick 2018: deep and narrow",
            "a hundred networks of 50 ReLU layers of 10 with He's weights: their gradients are powers of ten apart",
            network(
                depth=50,
                width=10,
                activations=("relu",),
                initializer="he_normal",
                n_seeds=100,
                magnitude="rms",
                mark="lines",
            ),
            chapter="flow",
            sources=("hanin2018b",),
        ),
        "chaos": Preset(
            "Poole et al. 2016: chaos",
            "30 tanh layers with weights 2.5 times as large as LeCun's: the signal is chaotic, the gradient explodes",
            network(
                depth=30,
                width=256,
                activations=("tanh",),
                initializer="lecun_normal",
                weight_scale=2.5,
                bias_std=0.3,
                inputs="normal",
                batch_size=8,
                magnitude="rms",
                mark="lines",
                overlays=("theory",),
            ),
            chapter="flow",
            sources=("poole2016", "schoenholz2017"),
        ),
        "siren": Preset(
            "Sitzmann et al. 2020: sine layers",
            "sine layers with their own start: the gradient is as large in the first layers as in the last ones",
            network(
                depth=6,
                width=256,
                activations=("sin",),
                initializer="siren",
                inputs="uniform",
                batch_size=32,
                magnitude="rms",
            ),
            chapter="flow",
            sources=("sitzmann2020",),
        ),
        "raw_pixels": Preset(
            "LeCun et al. 1998: inputs not scaled",
            "pixels of 0 to 255, as image files have them: the first layer saturates, and its gradient with it",
            network(
                sizes=_layers(784, 100, 100, 100, 10),
                activations=("sigmoid", "tanh"),
                initializer="xavier_uniform",
                inputs="pixels",
                signal_scale=255.0,
                batch_size=32,
                magnitude="rms",
            ),
            chapter="flow",
            sources=("lecun1998",),
        ),
        "circles_relu": Preset(
            "Tam 2021: ReLU against sigmoid",
            "one hidden layer of 5, two circles: in 3,200 steps with Adam ReLU tells them apart, sigmoid lags behind",
            _circles(
                depth=2,
                activations=("relu", "sigmoid"),
                initializer="xavier_uniform",
                data_factor=0.5,
                optimizer="adam",
                learning_rate=0.001,
                steps=3200,
            ),
            chapter="train",
            sources=("tam2021",),
        ),
        "circles_deep": Preset(
            "Brownlee 2019: 20 hidden layers",
            "20 hidden layers of 5 ReLU units do not learn two circles in 5,000 steps; with a depth of 6 they do",
            _circles(
                depth=21,
                activations=("relu",),
                initializer="he_uniform",
                data_factor=0.8,
                optimizer="momentum",
                learning_rate=0.01,
                steps=5000,
            ),
            chapter="train",
            sources=("brownlee2019",),
        ),
        "plain_50": Preset(
            "Srivastava et al. 2015: 50 plain layers",
            "50 plain layers with He's weights hardly learn digits in 1,000 steps; with a depth of 10 they do",
            training(
                depth=50,
                width=50,
                activations=("relu", "tanh"),
                initializer="he_normal",
                learning_rate=0.01,
                steps=1000,
            ),
            chapter="train",
            sources=("srivastava2015",),
        ),
        "logistic_rnn": Preset(
            "Hochreiter 1991: logistic units",
            "a recurrent network of sigmoid units: each step back keeps less than a quarter of the gradient",
            memory(cells=("rnn_sigmoid", "lstm")),
            chapter="time",
            sources=("hochreiter1991",),
        ),
        "identity_rnn": Preset(
            "Le et al. 2015: identity start",
            "recurrent ReLUs whose matrix starts as the identity: 300 steps back, most of the gradient is still there",
            memory(
                cells=("rnn_relu", "lstm"),
                hidden=100,
                sequence=300,
                recurrent_initializer="identity",
            ),
            chapter="time",
            sources=("le2015",),
        ),
    }
)
