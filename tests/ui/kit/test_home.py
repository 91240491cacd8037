"""A network taken home: what the buttons hand out is the page's own network."""

import json

import pytest
from scripts import printed
from ui.app import checked, page, settings

from vanish import gradient_flow
from vanish.choices.initializers import INITIALIZERS
from vanish.measure.remedies import NETWORK_REMEDIES
from vanish.network.spec import NetworkSpec
from vanish.ui.kit import home

pytestmark = pytest.mark.slow


def opened(**link):
    app = page(**link)
    app.session_state["home"] = True
    return checked(app.run())


def test_it_is_folded_away_and_offers_three_files_and_the_lines_of_every_remedy():
    app = page(depth="3")
    assert not [one for one in app.get("download_button") if "home" in one.proto.id]
    app = opened(depth="3")
    labels = [one.proto.label for one in app.get("download_button") if "home" in one.proto.id]
    assert labels == ["NumPy (.py)", "PyTorch (.py)", "Notebook (.ipynb)"]
    for name in NETWORK_REMEDIES:
        app.selectbox(key="home_remedy").set_value(name)
        app = checked(app.run())
        assert any("model" in one.value for one in app.code)


def test_the_scripts_are_those_of_the_network_on_screen(monkeypatch):
    handed = {}
    monkeypatch.setattr(home.st, "download_button", lambda label, text, **rest: handed.__setitem__(label, text))
    app = opened(chapter="fixes", depth="4", activations="tanh", seed="7", batch_size="3", magnitude="stream")
    (spec,) = settings(app).specs
    theirs = printed(handed["NumPy (.py)"]())
    ours = gradient_flow(spec, 7, batch_size=3, magnitudes=["stream"])
    assert list(theirs["stream"]) == pytest.approx(list(ours["stream"]), rel=1e-12)
    assert json.loads(handed["Notebook (.ipynb)"]())["nbformat"] == 4
    assert "nn.Tanh()" in handed["PyTorch (.py)"]()


@pytest.mark.parametrize("name", INITIALIZERS)
def test_what_the_scripts_print_is_said(name):
    said = home.prints(NetworkSpec(initializer=name))
    assert ("the same numbers" in said) == (name == "kata")
    assert ("medians over 25 networks" in said) == (name != "kata")
