"""One table of residual connections."""

RESIDUALS = {
    "none": "Every layer replaces what it gets: the gradient has to pass every one of them.",
    "identity": "h + a: each layer adds to what it gets, and the gradient has a way around it (He et al. 2016).",
    "scaled": "h + a / √depth: the same, with the sum kept from growing with depth.",
    "rezero": "h + gate · a, the gate learned and 0 at first: every block starts as the identity (Bachlechner "
    "et al. 2021).",
}
