import pytest

from vanish.ui.chapters.fixes import data as fixes_data
from vanish.ui.chapters.map import data
from vanish.ui.kit import measured


@pytest.fixture(autouse=True)
def an_impatient_page(monkeypatch):
    """Fewer seeds for wide networks, coarser maps, and noise at fewer depths: ends of sliders are soon reached."""
    monkeypatch.setattr(measured, "SEEDS_BUDGET", measured.SEEDS_BUDGET // 10)
    monkeypatch.setattr(data, "MAP_BUDGET", data.MAP_BUDGET // 30)
    monkeypatch.setattr(fixes_data, "NOISE_DEPTHS", (1, 2, 10))
    monkeypatch.setattr(fixes_data, "NOISE_SEEDS", fixes_data.NOISE_SEEDS[:2])
