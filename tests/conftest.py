"""For all tests: one thread a worker, the same examples each time, and the mark ``fast``."""

import ast
import gc
import os

import pytest
from _pytest.assertion import rewrite
from hypothesis import HealthCheck, settings

# Two workers of two threads each are slower on two cores than two of one; NumPy, not yet imported here, reads these.
for library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")


def parts(node):
    """What a piece of syntax is made of, as far as it has a place in the file."""
    left = [node]
    while left:
        node = left.pop()
        if node._attributes:
            yield node
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, ast.AST):
                left.append(value)
            elif isinstance(value, list):
                left += [one for one in value if isinstance(one, ast.AST)]


# pytest asks this of each assert, to give what it has put there a place; by its own recursion a worker took 0.7 s more.
rewrite.traverse_node = parts

# What shares something that is dear to make (a server and a browser, sixteen trainings) stays on one worker.
TOGETHER = (
    "tests/browser/test_browser.py",
    "tests/browser/",
    "tests/measure/test_combinations.py",
    "tests/theory/test_mean_field.py",
    "tests/ui/kit/test_processes.py",
    "tests/ui/lesson/test_",
    "tests/test_wheel.py",
)

# How long it takes to make examples is the machine's affair.
settings.register_profile(
    "whole", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True, max_examples=25
)
settings.register_profile("fast", settings.get_profile("whole"), max_examples=10)
# ``--hypothesis-profile deep``: for who has an hour, other examples each time.
settings.register_profile("deep", settings.get_profile("whole"), derandomize=False, max_examples=500)


def pytest_configure(config):
    """While code is being written, ``-m fast`` looks at fewer examples."""
    usual = "fast" if config.option.markexpr == "fast" else "whole"
    settings.load_profile(config.getoption("--hypothesis-profile") or usual)


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """While tests are found next to nothing can be thrown away; to look for it took each worker 2 s."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_modifyitems(items):
    """What is neither slow nor in a browser is for the edit loop."""
    for item in items:
        if not any(map(item.get_closest_marker, ("slow", "browser"))):
            item.add_marker("fast")


def pytest_collection_finish():
    """What is loaded by now stays: nobody looks through it again for what could be thrown away."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Deal tests out to workers function by function, and those of ``TOGETHER`` as one hand each."""
    from xdist.scheduler import LoadScopeScheduling

    class Dealer(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return next(filter(nodeid.startswith, TOGETHER), nodeid.split("[")[0])

    return Dealer(config, log)
