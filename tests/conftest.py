"""For all tests: one thread a worker, the same examples each time, and the mark ``fast``."""

import os

from hypothesis import settings

# Two workers of two threads each are slower on two cores than two of one; NumPy, not yet imported here, reads these.
for library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

settings.register_profile("vanish", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("vanish")


def pytest_collection_modifyitems(items):
    """What is neither slow nor in a browser is for the edit loop."""
    for item in items:
        if not any(map(item.get_closest_marker, ("slow", "browser"))):
            item.add_marker("fast")
