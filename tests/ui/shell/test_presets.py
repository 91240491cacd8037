import pytest

from vanish.ui.shell.presets import PRESETS
from vanish.ui.shell.settings import CONTROLS, DEFAULTS, from_values


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_sets_controls_that_exist_to_what_they_take(name):
    preset = PRESETS[name]
    settings, corrections = from_values(preset.settings)
    assert preset.settings.keys() <= CONTROLS.keys() - {"preset", "chapter"}
    assert corrections == []
    assert {key: getattr(settings, key) for key in preset.settings} == dict(preset.settings)
    assert preset.title


def test_the_kata_is_where_the_page_starts():
    assert PRESETS["kata"].settings.items() <= DEFAULTS.items()


def test_no_two_presets_are_the_same():
    shown = [from_values(preset.settings)[0] for preset in PRESETS.values()]
    assert len(set(shown)) == len(PRESETS)
