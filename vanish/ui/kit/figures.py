"""Figures to take home: what the charts' own toolbars give, as SVG and PNG, on white paper whatever the theme; and what
a printed page says of itself."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import streamlit as st

from vanish.references import VERSION, citation
from vanish.ui.kit.controls import Options
from vanish.ui.kit.link import called
from vanish.ui.kit.table import Row

SCRIPT = "\n".join(Path(__file__).with_name(name).read_text("utf-8") for name in ("figures.js", "paper.js"))

# The script takes no room but on paper, where it says what the page was set to; a toolbar that a touch has called
# stays, and so not over the picture.
STYLE = """<style>
@media screen { [data-testid=stElementContainer]:has(#vanish-figures) { display: none; } }
@media (hover: none) {
  [data-testid=stFullScreenFrame]:has([data-testid=stVegaLiteChart]) [data-testid=stElementToolbar] {
    translate: 0 -1.75rem;
  }
}
</style>"""


def take_home(rows: Mapping[str, Row] = MappingProxyType({}), unsaid: Sequence[str] = ()) -> None:
    """Let every chart of the page be taken home, with what these controls are set to: the address says it, and what of
    it is ``unsaid`` stays out of the figure's link.

    It belongs where a move's run does not come: the script stays, and finds a chart when it is asked for.
    """
    controls = [
        {
            "key": key,
            "label": row.control.label,
            "otherwise": called(row.control, row.default),
            "labels": dict(row.control.labels) if isinstance(row.control, Options) else {},
        }
        for key, row in rows.items()
    ]
    # None of this is a reader's; even so, no text ends the script.
    said = {"version": VERSION, "cite": citation(), "controls": controls, "unsaid": unsaid}
    page = json.dumps(said).replace("<", "\\u003c")
    start = f"window.vanishFigures?.();\nwindow.vanishFigures = listen({page});"
    st.html(
        f"{STYLE}<p id=vanish-figures></p><script>(() => {{\n{SCRIPT}\n{start}\n}})()</script>",
        unsafe_allow_javascript=True,
    )
