import re
from pathlib import Path

README = (Path(__file__).parents[1] / "README.md").read_text()


def test_the_engine_in_six_lines_runs():
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names: dict = {}
    exec(code, names)
    assert len([line for line in code.splitlines() if line and not line.startswith("import")]) <= 6
    assert len(names["table"]) == 20 * 50


def test_every_module_that_the_readme_names_exists():
    root = Path(__file__).parents[1]
    for path in re.findall(r"`((?:vanish|tests)/[\w/.]+)`", README):
        assert (root / path).exists(), path
