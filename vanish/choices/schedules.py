"""One table of learning-rate schedules."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, cos, pi

from vanish.numerics.checks import check_integer

LARGEST_STEPS = 100_000

# The share of a run in which a warm-up rises.
WARM_UP_SHARE = 0.1


@dataclass(frozen=True)
class Schedule:
    """An entry of the table; ``factor`` is a call without its checks."""

    name: str
    label: str
    latex: str
    explanation: str
    factor: Callable[[int, int], float]

    def __call__(self, step: int, steps: int) -> float:
        """What the learning rate of a run's step is multiplied by.

        Parameters
        ----------
        step : int, from 0 to ``steps - 1``
        steps : int, 1 to 100,000

        Raises
        ------
        ValueError
            Naming the argument, its range and the value received.
        """
        steps = check_integer("steps", steps, 1, LARGEST_STEPS)
        return self.factor(check_integer("step", step, 0, steps - 1), steps)


SCHEDULES: dict[str, Schedule] = {
    entry.name: entry
    for entry in (
        Schedule("constant", "constant", r"\eta_t = \eta", "The same all the way.", lambda step, steps: 1.0),
        Schedule(
            "cosine",
            "cosine",
            r"\eta_t = \tfrac12 \eta\,(1 + \cos(\pi t / T))",
            "Falls to 0 along half a cosine wave: large steps first, small ones to settle (Loshchilov & Hutter 2017).",
            lambda step, steps: 0.5 * (1.0 + cos(pi * step / steps)),
        ),
        Schedule(
            "warm_up",
            "warm-up",
            r"\eta_t = \eta \min(1, (t + 1) / (T / 10))",
            "Rises over the first tenth of the run, while the network changes rapidly (Goyal et al. 2017).",
            lambda step, steps: min(1.0, (step + 1) / ceil(WARM_UP_SHARE * steps)),
        ),
    )
}
