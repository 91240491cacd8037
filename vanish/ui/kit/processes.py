"""Worker processes: what takes long is computed outside of the page's process, whose threads share one interpreter."""

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from vanish.ui.kit.cores import PAGE
from vanish.ui.kit.races import Beat
from vanish.ui.kit.worker import DONE, ERROR, ITEM

ROOT = Path(__file__).parents[3]

# Seconds after which a worker that nobody needs ends.
IDLE = 60.0


class DiedError(Exception):
    """The process that computed has ended: killed, or out of memory."""


class Worker:
    """A process that computes one thing at a time: started when first needed, ended when idle."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._timer: threading.Timer | None = None

    @property
    def pid(self) -> int | None:
        """The process's number, while there is one."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def compute(self, make: Callable[[Beat], Iterator[Any]], beat: Beat) -> Generator[Any, None, None]:
        """Yield what ``make`` yields; an error that ``beat`` raises ends the process, and what it computes.

        Raises ``DiedError`` where the process ended, and whatever ``make`` raised there.  Where there can be no
        processes it is computed here.
        """
        with self._lock:
            if self._timer:
                self._timer.cancel()
            process = self._running()
        if process is None:
            yield from make(beat)
            return
        assert process.stdin
        assert process.stdout
        finished = False
        try:
            _send(make, process.stdin)
            while True:
                kind, what = pickle.load(process.stdout)
                beat(0.0)
                if kind == ITEM:
                    yield what
                elif kind in (DONE, ERROR):
                    finished = True
                    break
            if kind == ERROR:
                raise what
        except (EOFError, BrokenPipeError, pickle.UnpicklingError) as error:
            raise DiedError from error
        finally:
            if finished:
                self._timer = threading.Timer(IDLE, self.end)
                self._timer.daemon = True
                self._timer.start()
            else:
                self.end()

    def end(self) -> None:
        """End the process, if there is one, whatever it is doing."""
        with self._lock:
            process, self._process = self._process, None
        if process:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):
                    pipe.close()  # type: ignore[union-attr]

    def _running(self) -> subprocess.Popen[bytes] | None:
        if self.pid is None:
            path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
            try:
                with PAGE.elsewhere():
                    self._process = subprocess.Popen(
                        [sys.executable, "-m", "vanish.ui.kit.worker"],
                        stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE,
                        env=os.environ | {"PYTHONPATH": path},
                    )
            except OSError:
                self._process = None
        return self._process


def _send(make: Callable[[Beat], Iterator[Any]], stream: IO[bytes]) -> None:
    # In one piece: what cannot be pickled is an error of ours, and must not leave half a message behind.
    stream.write(pickle.dumps(make, protocol=pickle.HIGHEST_PROTOCOL))
    stream.flush()
