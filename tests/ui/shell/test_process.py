import sys

import pytest
from ui.app import page

from vanish.ui.shell import process


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc has heaps to count")
def test_glibc_agrees_to_few_heaps():
    assert process.few_heaps()


def test_elsewhere_nothing_happens(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not process.few_heaps()


def test_the_page_takes_short_turns():
    before = sys.getswitchinterval()
    process.settle.cache_clear()
    page()
    assert sys.getswitchinterval() == pytest.approx(process.TURN)
    sys.setswitchinterval(before)
