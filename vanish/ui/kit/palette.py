"""Colours: one for each activation wherever it appears, told apart by colour-blind eyes, on light and dark."""

# Okabe & Ito (2008) first, lightened or darkened until each reads on white and on near-black alike.
ACTIVATION_COLORS: dict[str, str] = {
    "sigmoid": "#d55e00",
    "tanh": "#2b87d1",
    "relu": "#b565a7",
    "leaky_relu": "#0c9e73",
    "elu": "#b38600",
    "selu": "#8f6b45",
    "gelu": "#6a62d9",
    "silu": "#d6457a",
    "mish": "#6f8f0c",
    "softplus": "#0f97a8",
    "softsign": "#6d83a5",
    "hard_sigmoid": "#b5483a",
    "identity": "#7d7f8c",
}


# Cells without gates have the colours of their activations.
CELL_COLORS: dict[str, str] = {
    "rnn_tanh": ACTIVATION_COLORS["tanh"],
    "rnn_relu": ACTIVATION_COLORS["relu"],
    "gru": ACTIVATION_COLORS["leaky_relu"],
    "lstm": ACTIVATION_COLORS["sigmoid"],
}


GREY = "#8a8c99"


CLASS_COLORS = ("#2b87d1", "#d55e00")


# Vanishing, healthy, exploding: dark at both ends, as diverging scales are, and told apart by colour-blind eyes.
MAP_COLORS = ("#b35806", "#f3f1f6", "#542788")
