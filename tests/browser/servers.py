"""The page's server, as a process that tests start and end."""

import os
import random
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from socket import socket
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "streamlit_app.py"
SERVER_STARTS_WITHIN = 60


def missing(reason):
    """Skip a test, or fail it where all must run."""
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(reason)
    return pytest.skip(reason)


class Server:
    """The page, or another ``script``, served at an address of its own; it may be ended and started again there.

    ``options`` are Streamlit's, ``cwd`` is where it is started from, ``prefix`` what stands before its command,
    ``environment`` changes the variables that it gets (``None`` takes one away), and ``log`` gets what it writes.
    """

    def __init__(self, *options, script=PAGE, cwd=ROOT, path="", prefix=(), environment=None, log=subprocess.DEVNULL):
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}/{path}"
        self._command = [*prefix, sys.executable, "-m", "streamlit", "run", str(script)]
        self._command += ["--server.headless=true", f"--server.port={self.port}", "--server.address=127.0.0.1"]
        self._command += ["--server.fileWatcherType=none", *options]
        self._cwd, self._log, self._process = cwd, log, None
        changed = os.environ | (environment or {})
        self._environment = {name: value for name, value in changed.items() if value is not None}

    @property
    def pid(self):
        return self._process.pid

    def start(self):
        """Start it, unless it runs; it may take a while until it answers."""
        if self._process is None:
            written = {"stdout": self._log, "stderr": self._log}
            self._process = subprocess.Popen(self._command, cwd=self._cwd, env=self._environment, **written)
        return self

    def answers(self):
        """Wait until it does."""
        deadline = time.monotonic() + SERVER_STARTS_WITHIN
        while time.monotonic() < deadline:
            assert self._process.poll() is None, f"the server ended with {self._process.returncode}"
            try:
                with urlopen(f"{self.base}_stcore/health", timeout=5):
                    return self
            except OSError:
                time.sleep(0.1)
        raise TimeoutError(f"no server after {SERVER_STARTS_WITHIN} s")

    def kill(self):
        """End it at once, as a machine that fails does."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.kill()


def free_port():
    """One that no connection is given by the system before the server has it: those begin at 32768."""
    while True:
        port = random.randrange(20_000, 32_000)
        with suppress(OSError), socket() as free:
            free.bind(("127.0.0.1", port))
            return port
