"""What the page's process keeps is bounded by bytes: by the shared store, or because there is little to keep."""

import importlib
import inspect
import pkgutil

import vanish.ui

# Entries of a cache whose results may be charts or frames, up to 100 kB each.
FEW = 8

# Results of a few bytes, of which a cache may keep more.
SMALL = ("float", "Border")


def caches():
    """Every function of the page's side that keeps its results by number."""
    for module in pkgutil.walk_packages(vanish.ui.__path__, "vanish.ui."):
        if module.name != "vanish.ui.kit.worker":
            for name, value in vars(importlib.import_module(module.name)).items():
                if hasattr(value, "cache_parameters"):
                    yield f"{module.name}.{name}", value


def test_caches_by_number_keep_little():
    found = dict(caches())
    assert found
    for name, cache in found.items():
        asked = inspect.signature(cache)
        small = not asked.parameters or asked.return_annotation.__name__ in SMALL
        most = cache.cache_parameters()["maxsize"]
        assert small or (most is not None and most <= FEW), f"{name} keeps {most}: use shared()"
