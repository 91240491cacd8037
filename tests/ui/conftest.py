import pytest

from vanish.ui import data, data_fixes, data_map


@pytest.fixture(autouse=True)
def an_impatient_page(monkeypatch):
    """Fewer seeds for wide networks, coarser maps, and noise at fewer depths: ends of sliders are soon reached."""
    monkeypatch.setattr(data, "SEEDS_BUDGET", data.SEEDS_BUDGET // 10)
    monkeypatch.setattr(data_map, "MAP_BUDGET", data_map.MAP_BUDGET // 30)
    monkeypatch.setattr(data_fixes, "NOISE_DEPTHS", (1, 2, 10))
    monkeypatch.setattr(data_fixes, "NOISE_SEEDS", data_fixes.NOISE_SEEDS[:2])
