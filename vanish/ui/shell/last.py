"""The reader's last run of a training, which stays behind the next one, faint."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from vanish.ui.kit.link import called
from vanish.ui.shell.settings import TABLE, Settings

# What has changed is named control by control as long as there are no more than these.
MOST_NAMED = 4

# After the alternative text of a chart that shows this run alone.
BEFORE = ", before the settings changed"


@dataclass(frozen=True, eq=False)
class Last:
    """What stays of a run: its settings, and what is drawn of it, by what it shows."""

    settings: Settings
    frames: Mapping[str, pd.DataFrame]


def changed(then: Settings, now: Settings, keys: Iterable[str]) -> dict[str, str]:
    """What those of the controls were set to that are set to something else now, by their labels."""
    before, after = vars(then), vars(now)
    return {
        TABLE[key].control.label: called(TABLE[key].control, before[key])
        for key in keys
        if before[key] != after[key] and any(TABLE[key].matters(one.__getitem__) for one in (before, after))
    }


def words(settings: Mapping[str, str], over: bool) -> str:
    """What the faint marks are: a run with those ``settings`` that are others now; whether the next one is ``over``."""
    named = ", ".join(f"{_within(label)} {value or 'none'}" for label, value in settings.items())
    with_them = f", with {named}" if 0 < len(settings) <= MOST_NAMED else ", with other settings"
    if over:
        return f"Faint: the run before{with_them}."
    return f"**Settings have changed: train again.** Faint: your last run{with_them}."


def _within(label: str) -> str:
    """A label within a sentence: small, unless it begins with a name such as ReLU."""
    return f"{label[0].lower()}{label[1:]}" if label.split()[0][1:].islower() else label
