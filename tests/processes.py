"""Other programs, as a test runs them."""

import subprocess
from pathlib import Path


def output(*command: object, cwd: Path) -> str:
    """What a command writes to its standard output; it must end well."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
