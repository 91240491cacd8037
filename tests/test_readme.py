import operator
import re
from pathlib import Path

import vanish

README = (Path(__file__).parents[1] / "README.md").read_text()


def test_the_engine_in_six_lines_runs():
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names: dict = {}
    exec(code, names)
    assert len([line for line in code.splitlines() if line and not line.startswith("import")]) <= 6
    assert len(names["table"]) == 20 * 50


def test_every_name_that_the_readme_lists_is_in_the_engine():
    calls, namespaces = (README.split(head)[1].split("\n\n")[0] for head in ("| call |", "| namespace |"))
    named = [(vanish, name) for name in re.findall(r"`([\w.]+)`", calls)]
    for row in re.findall(r"^\| `vanish\.(\w+)` \|(.*)", namespaces, re.MULTILINE):
        named += [(getattr(vanish, row[0]), name) for name in re.findall(r"`(\w+)`", row[1])]
    assert len(named) > 40
    for face, name in named:
        assert operator.attrgetter(name)(face) is not None


def test_every_module_that_the_readme_names_exists():
    root = Path(__file__).parents[1]
    for path in re.findall(r"`((?:vanish|tests)/[\w/.]+)`", README):
        assert (root / path).exists(), path
