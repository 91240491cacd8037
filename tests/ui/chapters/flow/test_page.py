import pytest
from ui.app import checked, figures, page, shown

from vanish import NetworkSpec, gradient_flow
from vanish.measure.magnitudes import MAGNITUDES, size_of

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", ["std_ratio", "zero_share"])
def test_what_is_no_size_is_shown_and_the_nearest_size_is_judged(name):
    entry = MAGNITUDES[name]
    app, judged = (page(magnitude=one, activations="relu", depth="4") for one in (name, size_of(name)))
    assert figures(app) == figures(judged)
    assert app.title[0].value == judged.title[0].value
    assert f"verdicts are of {MAGNITUDES[size_of(name)].label}" in " ".join(one.value for one in app.caption)
    assert ("scale" in shown(app)) == (not entry.is_share)
    (alt,) = [one.proto.alt for one in app.get("vega_lite_chart") if "of every layer" in one.proto.alt]
    assert alt.startswith(f"{entry.label} of every layer: ReLU. ")
    (table,) = [one.value for one in app.dataframe if "ReLU" in one.value]
    assert list(table["ReLU"]) == list(
        gradient_flow(NetworkSpec(depth=4, activation="relu"), 42, magnitudes=[name])[name]
    )


def test_the_histograms_of_any_kind_are_drawn_on_demand():
    app = page(activations="relu", depth="4", batch_size="8", spread_of="weight_gradients", spread_axis="own")
    assert "spread_of" not in shown(app)
    app.session_state["look_histograms"] = True
    checked(app.run())
    assert {"spread_of", "spread_axis"} <= set(shown(app))
    (alt,) = [one.proto.alt for one in app.get("vega_lite_chart") if "root mean square" in one.proto.alt]
    assert alt.startswith("dL/dW, ReLU, layer by layer: root mean square ")
    (table,) = [one.value for one in app.dataframe if "ReLU RMS" in one.value]
    assert list(table["ReLU zeros"]) == list(
        gradient_flow(NetworkSpec(depth=4, activation="relu"), 42, batch_size=8).weight_zero_share
    )
