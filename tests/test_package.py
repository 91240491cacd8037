import subprocess
import sys
from pathlib import Path

import vanish


def test_the_engine_needs_no_page():
    code = "import vanish, sys; print([m for m in ('streamlit', 'altair') if m in sys.modules])"
    root = Path(vanish.__file__).parents[1]
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert run.stdout == "[]\n"


def test_every_public_name_is_there():
    assert len(set(vanish.__all__)) == len(vanish.__all__) > 0
    for name in vanish.__all__:
        assert getattr(vanish, name) is not None
