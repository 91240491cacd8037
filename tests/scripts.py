"""Scripts that are run where they stand, and what they print."""

import io
from contextlib import redirect_stdout

import numpy as np
import pandas as pd


def printed(script):
    """What a script prints, as a table."""
    out = io.StringIO()
    with redirect_stdout(out), np.errstate():
        exec(compile(script, "script", "exec"), {"__name__": "__main__"})
    return pd.read_csv(io.StringIO(out.getvalue())).set_index("layer")
