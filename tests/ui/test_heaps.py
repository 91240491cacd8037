import sys

import pytest

from vanish.ui import heaps


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc has heaps to count")
def test_glibc_agrees_to_few_heaps():
    heaps.keep_few.cache_clear()
    assert heaps.keep_few()


def test_elsewhere_nothing_happens(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    heaps.keep_few.cache_clear()
    assert not heaps.keep_few()
    heaps.keep_few.cache_clear()
