"""What a worker process runs: it reads what is to be computed, and writes what comes of it.

    python -m vanish.ui.kit.worker

Messages are pickled, one after the other: in, functions of a ``Beat`` that yield their items; out, pairs of what kind
a message is and what it holds.  It ends with its input.
"""

import os
import pickle
import sys
import time
from contextlib import suppress
from typing import Any, BinaryIO

ITEM, BEAT, DONE, ERROR = "item", "beat", "done", "error"

# Seconds between signs of life, and how much a process that computes gives way to the page's.
BEAT_EVERY, NICENESS = 0.1, 10


class _Answers:
    """Where messages go; beats only now and then."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._sent = stream, 0.0

    def send(self, kind: str, what: Any = None) -> None:
        pickle.dump((kind, what), self._stream, protocol=pickle.HIGHEST_PROTOCOL)
        self._stream.flush()
        self._sent = time.monotonic()

    def beat(self, _share: float) -> None:
        if time.monotonic() - self._sent > BEAT_EVERY:
            self.send(BEAT)


def serve(asked: BinaryIO, answers: BinaryIO) -> None:
    """Compute whatever is asked for, one thing after the other."""
    out = _Answers(answers)
    while True:
        try:
            make = pickle.load(asked)
        except EOFError:
            return
        try:
            for item in make(out.beat):
                out.send(ITEM, item)
        except BrokenPipeError:
            return
        except Exception as error:
            out.send(ERROR, error)
        else:
            out.send(DONE)


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    answers = sys.stdout.buffer
    # Whatever prints must not come between the messages.
    sys.stdout = sys.stderr
    with suppress(KeyboardInterrupt):
        serve(sys.stdin.buffer, answers)
