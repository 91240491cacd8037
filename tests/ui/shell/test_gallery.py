import pytest
from ui.app import click, page, settings

from vanish.ui.chapters import preview
from vanish.ui.shell import gallery
from vanish.ui.shell.presets import PRESETS

PICTURES = [name for names in gallery.groups().values() for name in names]


def test_every_ready_made_network_stands_in_one_group():
    assert sorted(PICTURES) == sorted(PRESETS)
    assert all(gallery.groups().values())


@pytest.mark.parametrize("name", PRESETS)
def test_a_ready_made_network_has_a_picture_that_says_what_it_shows(name):
    found = preview.profiles(name)
    drawn = preview.picture(name)
    assert drawn.count("polyline") == len(found.sizes) > 0
    assert f'alt="{preview.alt(name, found)}"' in drawn
    assert len(drawn) < 12_000
    assert len(PRESETS[name].label) <= 40
    assert len(PRESETS[name].sentence) <= 130


@pytest.mark.slow
def test_the_gallery_shows_a_group_and_puts_one_of_it_on_the_page():
    app = click(page(), "gallery")
    shown = {button.key for button in app.button}
    assert {f"gallery_{name}" for name in gallery.groups()["Layer by layer"]} <= shown
    assert "gallery_rnn_vanish" not in shown
    click(app, "gallery_deep_sigmoid")
    now = settings(app)
    assert (now.preset, now.activations, now.depth) == ("deep_sigmoid", ("sigmoid",), 50)
    assert "gallery_deep_sigmoid" not in {button.key for button in app.button}
