from functools import cache
from unittest.mock import MagicMock

import altair as alt
import pytest
from altair.utils import schemapi
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner_utils import script_run_context
from streamlit.testing.v1 import app_test, local_script_runner

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


def enqueue(runner, message):
    """What a run says goes to the one who listens, without asking who does."""
    runner._maybe_handle_execution_control_request()
    runner.forward_msg_queue.enqueue(message)


@pytest.fixture(autouse=True, scope="session")
def one_server():
    """What a server does once, AppTest does for every page: looks for components in what is installed, and compiles.

    It marks each message by what is in it, for a browser that may have it already, and there is no browser.
    """
    with pytest.MonkeyPatch.context() as once:
        once.setattr(local_script_runner.LocalScriptRunner, "_enqueue_forward_msg", enqueue)
        once.setattr(script_run_context, "populate_hash_if_needed", lambda message: None)
        once.setattr(app_test, "MagicMock", cache(MagicMock))
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
