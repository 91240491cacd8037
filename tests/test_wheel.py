"""The package as it is installed: built as a wheel, in an environment that holds nothing else."""

import re
import subprocess
import sys
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest
from processes import output

import vanish

ROOT = Path(vanish.__file__).parents[1]

TRAIN = "import vanish; print(list(vanish.train(vanish.NetworkSpec(width=16), 'digits', steps=20))[-1])"
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check")
TYPED = """import vanish
spec = vanish.NetworkSpec(width=16)
parameters: {} = vanish.initialize(spec, seed=1)
"""

# One worker builds the wheel and the environment, once.
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    output(*PIP, "wheel", "-q", "--no-deps", "-w", folder, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def fresh_python(wheel, tmp_path_factory) -> Path:
    """The Python of an environment that holds the wheel and what it depends on, nothing else."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder)
    python = folder / "bin" / "python"
    output(*PIP, "--python", python, "install", "-q", "--no-compile", wheel, cwd=folder)
    return python


def test_the_wheel_holds_what_the_package_reads(wheel):
    assert wheel.name.startswith(f"vanish-{vanish.__version__}-")
    wanted = {str(path.relative_to(ROOT)) for path in (ROOT / "vanish").rglob("*") if path.is_file()}
    wanted = {path for path in wanted if "__pycache__" not in path}
    assert {"vanish/choices/data/digits.npz", "vanish/ui/icon.png", "vanish/py.typed"} <= wanted
    names = ZipFile(wheel).namelist()
    assert wanted == {name for name in names if ".dist-info/" not in name}


def test_the_wheel_trains_in_a_fresh_environment(fresh_python, tmp_path):
    packages = {path.name for path in fresh_python.parents[1].glob("lib/*/site-packages/*.dist-info")}
    assert not {name for name in packages if name.startswith(("streamlit-", "altair-"))}
    assert {f"vanish-{vanish.__version__}.dist-info"} <= packages
    assert output(fresh_python, "-c", TRAIN, cwd=tmp_path).startswith("Snapshot(step=20,")


def test_a_users_script_is_checked_against_the_installed_types(fresh_python, tmp_path):
    mypy = [sys.executable, "-m", "mypy", "--strict", "--cache-dir=/dev/null", "--python-executable", fresh_python]
    (tmp_path / "right.py").write_text(TYPED.format("vanish.Parameters"))
    (tmp_path / "wrong.py").write_text(TYPED.format("int"))
    done = subprocess.run([*mypy, "right.py", "wrong.py"], capture_output=True, text=True, cwd=tmp_path)
    assert "right.py" not in done.stdout
    assert re.search(r'^wrong.py:3: error: .* variable has type "int"', done.stdout, re.MULTILINE)
