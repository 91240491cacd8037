"""Scripts as a notebook."""

import ast
import json
from collections.abc import Sequence
from itertools import pairwise

from vanish.numerics.checks import check_items, refusal

MOST_SCRIPTS = 10


def notebook(scripts: Sequence[str]) -> str:
    """Python scripts as one notebook (JSON of nbformat 4): a cell for each part between two empty lines.

    The text that a script begins with stands above its cells.

    Raises
    ------
    ValueError
        If there are no scripts, more than 10, or one of them is no text, no Python or begins with no text in quotes.
    """
    cells = []
    for script in check_items("scripts", scripts, most=MOST_SCRIPTS, what="scripts"):
        if not isinstance(script, str):
            raise refusal("scripts", "texts of Python", script)
        cells += _cells(script)
    about = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return json.dumps({"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 4}, indent=1)


def _cells(script: str) -> list[dict[str, object]]:
    wanted = "texts of Python that begin with a text in quotes"
    try:
        tree = ast.parse(script)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise refusal("scripts", wanted, script) from None
    about = ast.get_docstring(tree)
    if about is None:
        raise refusal("scripts", wanted, script)
    lines, start = script.splitlines(keepends=True), tree.body[0].end_lineno or 0
    # Two empty lines part what stands at the left edge, and nothing within a function.
    ends = [line for line in range(start, len(lines) - 1) if lines[line : line + 2] == ["\n", "\n"]]
    parts = ["".join(lines[a:b]).strip("\n") for a, b in pairwise([start, *ends, len(lines)])]
    return [_cell("markdown", about), *(_cell("code", part) for part in parts if part)]


def _cell(kind: str, text: str) -> dict[str, object]:
    own: dict[str, object] = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": text.splitlines(keepends=True), **own}
