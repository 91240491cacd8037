"""The controls of chapter ``fixes``: its views, and which kind of each remedy."""

from dataclasses import dataclass
from typing import Any

from vanish.choices.normalizations import NORMALIZATIONS
from vanish.measure.remedies import NETWORK_REMEDIES, REMEDIES
from vanish.ui.kit.controls import Choice, Choices
from vanish.ui.kit.table import ROW, Controls, control


def _variant(remedy: str) -> Any:
    """The control that picks one of a remedy's variants."""
    entry = REMEDIES[remedy]
    words = "Which kind of it is shown here, and put on the network where that is asked for."
    return control(entry.default, Choice(entry.labels, entry.title, words, menu=True), decides=True)


@dataclass(frozen=True)
class View(Controls):
    """Which view is open."""

    fixes_view: str = control(
        "cards",
        Choice(
            {
                "cards": "One by one",
                "ladder": "Ladder",
                "combinations": "Combined",
                "noise": "Noise",
            },
            "View",
            "One remedy at a time, one after another, all combinations trained, or what size alone does not show.",
        ),
        place=ROW,
        decides=True,
    )
    noise_norm: str = control(
        "batch",
        Choice(
            {name: NORMALIZATIONS[name].label for name in ("batch", "none")},
            "Normalization in these networks",
            "Batch norm spreads inputs out at every layer.",
        ),
        place=ROW,
        when={"fixes_view": ("noise",)},
    )


@dataclass(frozen=True)
class Remedies(Controls):
    """Which kind of each remedy, and their order; the views draw these controls where they belong."""

    fix_relu: str = _variant("relu")
    fix_residual: str = _variant("residual")
    fix_initialization: str = _variant("initialization")
    fix_normalization: str = _variant("normalization")
    fix_clipping: str = _variant("clipping")
    fix_gates: str = _variant("gates")
    ladder: tuple[str, ...] = control(
        NETWORK_REMEDIES,
        Choices(
            {name: REMEDIES[name].title for name in NETWORK_REMEDIES},
            "Ladder",
            "Remedies from the first rung to the last: in the order of picking.",
        ),
    )

    @property
    def variants(self) -> dict[str, str]:
        """The chosen variant of every remedy."""
        return {name: getattr(self, f"fix_{name}") for name in REMEDIES}
