import ast
import operator
import re
from itertools import pairwise
from pathlib import Path

import pytest

import vanish
from vanish.references import VERSION, citation
from vanish.ui.lesson.steps import LESSONS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def code_of(section: str) -> str:
    """The code in a section of the README."""
    (code,) = re.findall(r"```python\n(.*?)```", README.split(f"\n## {section}\n")[1].split("\n## ")[0], re.DOTALL)
    return code


@pytest.mark.slow
def test_the_engine_in_six_lines_runs():
    code = code_of("The engine in six lines")
    names: dict = {}
    exec(code, names)
    assert len([line for line in code.splitlines() if line and not line.startswith("import")]) <= 6
    assert len(names["table"]) == 20 * 50


def test_the_hook_is_the_one_that_scripts_have():
    assert code_of("And my own network?").strip().endswith(vanish.code.HOOK.strip())


def test_the_hook_logs_what_the_reader_uses(tmp_path):
    torch = pytest.importorskip("torch")
    names: dict = {}
    exec(code_of("And my own network?"), names)
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2))
    model[0].bias.requires_grad_(False)
    file = tmp_path / "gradients.jsonl"
    for step, loss_scale in enumerate((8.0, 4.0)):
        model.zero_grad()
        (model(torch.ones(5, 3)).square().mean() * loss_scale).backward()
        with file.open("a") as lines:
            names["log_gradients"](model, step, lines, loss_scale)
    log = vanish.read_log(file)
    assert (log.size, log.loss_scale, log.problems) == ("rms", 4.0, ())
    assert log.entries.tolist() == [12, 4, 8, 2]
    report = vanish.diagnose_log(log)
    true = [float(model[n].weight.grad.double().square().mean().sqrt()) / 4 for n in (0, 2)]
    assert report.sizes.tolist() == pytest.approx(true)
    assert vanish.diagnose_log(log, step=0).sizes.tolist() == pytest.approx(true)
    assert vanish.diagnose_log(log, parameters="bias").layers == ("0.bias",)


def test_the_readmes_steps_are_the_engines():
    sizes = vanish.first_step(vanish.NetworkSpec(activation="tanh"), 42, (0.5, -0.3, 0.8, -0.1))
    ratios = vanish.last_over_first(sizes)
    step = README.split("4. `?chapter=updates`")[1].split("\n5. ")[0]
    assert f"{4**9:,} for ten sigmoid layers" in step
    assert f"{ratios.bias_mean_abs:,.0f} times as far as layer 1's" in " ".join(step.split())
    assert f"its average weight {ratios.mean_abs:.3g} times" in step


def test_every_name_that_the_readme_lists_is_in_the_engine():
    calls, namespaces = (README.split(head)[1].split("\n\n")[0] for head in ("| call |", "| namespace |"))
    named = [(vanish, name) for name in re.findall(r"`([\w.]+)`", calls)]
    for row in re.findall(r"^\| `vanish\.(\w+)` \|(.*)", namespaces, re.MULTILINE):
        named += [(getattr(vanish, row[0]), name) for name in re.findall(r"`(\w+)`", row[1])]
    assert len(named) > 40
    for face, name in named:
        assert operator.attrgetter(name)(face) is not None


def test_the_readme_cites_vanish_as_its_files_do():
    cite = README.split("## How to cite\n\n")[1].split("\n## ")[0]
    assert cite.startswith(f"{citation()}\n")
    assert f"version = {{{VERSION}}}" in cite


def test_the_readme_counts_the_questions_as_the_lessons_do():
    (short, many), (long, more), (_, cases) = ((lesson.minutes, len(lesson.steps)) for lesson in LESSONS.values())
    words = " ".join(README.split())
    assert f"{short} minutes with {many} questions, or {long} minutes with {more}" in words
    assert f"A clinic has {cases} broken networks" in words
    counted = f"{many} questions take {short} minutes and no preparation, {more} take {long}, and a clinic has {cases}"
    assert counted in words.split("## Start it")[0]


@pytest.mark.parametrize("page", ["README.md", ".github/CONTRIBUTING.md"])
def test_every_file_that_a_page_names_exists(page):
    paths = re.findall(r"`((?:vanish|tests|\.ci|\.github)/[\w/.]+)`", (ROOT / page).read_text())
    assert [path for path in paths if not (ROOT / path).exists()] == []
    assert len(paths) > 10


def rooms_used() -> set[tuple[str, str]]:
    """(user, used), for every import from one room of the house into another."""

    def room(name: str) -> str:
        parts = name.removeprefix("vanish.").removeprefix("ui.").split(".")
        return "controls" if parts[0] == "chapters" and "controls" in parts else parts[0]

    edges = set()
    for path in (ROOT / "vanish").glob("*/**/*.py"):
        user = room(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("vanish"):
                edges |= {(user, room(f"{node.module}.{alias.name}")) for alias in node.names}
    return {(user, used) for user, used in edges if user != used}


def test_the_picture_of_the_house_shows_every_import():
    (picture,) = re.findall(r"```mermaid\n(.*?)```", README, re.DOTALL)
    uses: dict[str, set[str]] = {}
    for line in picture.splitlines():
        names = [re.sub(r"\[.*", "", name).strip() for name in line.split("-->")]
        for used, user in pairwise(names):
            uses.setdefault(user, set()).add(used)

    def below(room: str) -> set[str]:
        return uses.get(room, set()).union(*(below(used) for used in uses.get(room, set())))

    assert not any(room in below(room) for room in uses)
    assert not {(user, used) for user, used in rooms_used() if used not in below(user)}
