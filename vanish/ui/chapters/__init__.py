"""One module a chapter; each has ``show(settings, flow)``.  A chapter that is not open does not run."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from vanish.ui.chapters import flow, updates, why
from vanish.ui.data import Flow
from vanish.ui.settings import Settings

SHOW: Mapping[str, Callable[[Settings, Flow], None]] = MappingProxyType(
    {"why": why.show, "flow": flow.show, "updates": updates.show}
)
