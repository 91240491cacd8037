"""Where number formats lose a gradient."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from vanish.choices.number_formats import NUMBER_FORMATS


def underflow_layers(magnitudes: ArrayLike) -> pd.DataFrame:
    """Where a gradient, on its way back from the output, falls under each format's floors.

    Parameters
    ----------
    magnitudes : ``(n_layers,)``, first layer first

    Returns
    -------
    DataFrame, a row per format: ``format, smallest_normal, smallest_subnormal, below_normal, below_subnormal``;
    the last two count layers from the output (1 is the last layer) and are missing where it never happens
    """
    backwards = np.asarray(magnitudes, dtype=np.float64)[::-1]

    def first_below(floor: float) -> int | None:
        below = np.flatnonzero(backwards < floor)
        return int(below[0]) + 1 if below.size else None

    rows = [
        {
            "format": entry.label,
            "smallest_normal": entry.smallest_normal,
            "smallest_subnormal": entry.smallest_subnormal,
            "below_normal": first_below(entry.smallest_normal),
            "below_subnormal": first_below(entry.smallest_subnormal),
        }
        for entry in NUMBER_FORMATS.values()
    ]
    return pd.DataFrame(rows).astype({"below_normal": "Int64", "below_subnormal": "Int64"})
