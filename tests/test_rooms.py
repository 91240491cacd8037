"""The rooms of the house, read from the imports: each takes from those before it, and no arrow runs back."""

import ast
from fnmatch import fnmatch
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[1]
ENGINE = ("numerics", "choices", "network", "sequence", "theory", "measure", "logs", "code", "references", "kata")
# A chapter's controls stand before the shell, which makes the settings of them.
UI = ("ui.kit", "ui.chapters.*.controls", "ui.shell", "ui.chapters", "ui.lesson")
ROOMS = [f"vanish.{room}" for room in (*ENGINE, *UI)]


def place(name):
    """Which room a module is in, or what it imports; -1 for all else."""
    return next((n for n, room in enumerate(ROOMS) if fnmatch(f"{name}.", f"{room}.*")), -1)


@cache
def imports():
    """``(module, name that it imports)`` of every module, for its types alone, too."""
    found = []
    for file in HOUSE.glob("vanish/**/*.py"):
        module = ".".join(file.relative_to(HOUSE).with_suffix("").parts)
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                above = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
                found += [(module, above + alias.name) for alias in node.names]
    return found


@pytest.mark.slow
def test_a_room_imports_only_what_stands_before_it_and_only_the_page_knows_streamlit():
    every = imports()
    # The face of the engine stands beside: it shows what is in the rooms.
    arrows = [arrow for arrow in every if place(arrow[0]) >= 0]
    assert {place(module) for module, _ in arrows} == set(range(len(ROOMS)))
    assert [arrow for arrow in arrows if place(arrow[1]) > place(arrow[0])] == []
    assert [arrow for arrow in arrows if arrow[1].split(".")[0] == "vanish" and place(arrow[1]) < 0] == []
    page = [module for module, name in every if name.split(".")[0] in ("streamlit", "altair")]
    assert [module for module in page if not module.startswith("vanish.ui.")] == []
    assert page


@pytest.mark.slow
def test_no_module_needs_one_that_needs_it():
    needed = {module.removesuffix(".__init__"): set() for module, _ in imports()}
    for module, name in imports():
        module, above = module.removesuffix(".__init__"), name.rpartition(".")[0]
        needed[module] |= ({name} if name in needed else {above} & needed.keys()) - {module}
    # Raises, and names the circle, where there is one.
    order = list(TopologicalSorter(needed).static_order())
    assert order.index("vanish.logs.judged") < order.index("vanish.logs.findings") < order.index("vanish.logs.report")
