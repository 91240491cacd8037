from functools import cache

import altair as alt
import pytest
from altair.utils import schemapi
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import local_script_runner

from vanish.ui.chapters.fixes import data as fixes_data
from vanish.ui.chapters.map import data
from vanish.ui.kit import budget, drawing
from vanish.ui.kit.columns import Columns, Table

look_again = local_script_runner.require_widgets_deltas


def wait(runner, timeout):
    """For a run of the page to end: AppTest looks a thousand times a second whether it has."""
    runner._script_thread.join(timeout)
    look_again(runner, timeout)


from_dict = schemapi._FromDict


@cache
def altairs_classes():
    """Altair's own, by what they take, which it looks up anew for every channel of every chart."""
    return from_dict(alt.Chart._default_wrapper_classes())


def setter(self, chart, kind):
    """Altair's, without the documentation that it puts together whenever a property is set."""
    self.obj, self.cls = chart, kind
    return self


@pytest.fixture(autouse=True, scope="session")
def one_server():
    """What a server does once, AppTest does for every page: looks for components in what is installed, and compiles."""
    with pytest.MonkeyPatch.context() as once:
        once.setattr(local_script_runner, "require_widgets_deltas", wait)
        once.setattr(schemapi, "_FromDict", lambda classes: altairs_classes())
        once.setattr(schemapi._PropertySetter, "__get__", setter)
        for module, name in ((manifest_scanner, "scan_component_manifests"), (local_script_runner, "ScriptCache")):
            once.setattr(module, name, cache(getattr(module, name)))
        yield


@pytest.fixture(autouse=True)
def an_impatient_page(monkeypatch):
    """Fewer seeds, maps of a tenth of the cells, noise at fewer depths: what holds of every setting holds of these."""
    every = budget.seeds

    def few(specs, asked, examples, share=budget.SCREEN):
        return every(specs, asked, examples, share / 10)

    monkeypatch.setattr(budget, "seeds", few)
    monkeypatch.setattr(data, "SHARE", data.SHARE / 6)
    monkeypatch.setattr(data, "MAP_SEEDS", 1)
    monkeypatch.setattr(data, "STRIDES", dict.fromkeys(data.STRIDES, ((1, 1), (2, 2))))
    for name, stride in {"MAP_SCALES": 6, "MAP_DEPTHS": 2, "MAP_BIASES": 4}.items():
        monkeypatch.setattr(data, name, getattr(data, name)[::stride])
    monkeypatch.setattr(fixes_data, "NOISE_DEPTHS", (1, 2, 10))


@pytest.fixture
def drawn(monkeypatch):
    """What the page gives to ``charts.show`` from here on: ``(spec, data, alt text)`` by key."""
    calls, show = {}, drawing.show

    def record(spec, data, alt_text, key, **options):
        # What is drawn while it is computed has none.
        assert key is None or key not in calls, "two charts with one key"
        tables = {drawing.DATA: data} if isinstance(data, Table) else data
        data_frames = {name: one.frame if isinstance(one, Columns) else one for name, one in tables.items()}
        calls[key] = spec, data_frames, alt_text
        show(spec, data, alt_text, key=key, **options)

    monkeypatch.setattr(drawing, "show", record)
    return calls
