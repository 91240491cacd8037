"""The dynamic loss scale of mixed-precision training."""

from dataclasses import dataclass, replace

# The largest power of two that float32 holds.
LARGEST_SCALE = 2.0**127


@dataclass(frozen=True)
class LossScale:
    """What the loss is multiplied by, so that small gradients keep above a number format's floor.

    It starts at 2**16, is doubled after ``growth_interval`` steps in a row whose gradients were all finite, and halved,
    the step left out, whenever one is not (Micikevicius et al. 2018, section 3.2; the numbers are those of PyTorch's
    ``GradScaler``).
    """

    scale: float = 2.0**16
    good_steps: int = 0
    growth_interval: int = 2000

    def after(self, finite: bool) -> "LossScale":
        """The scale after a step with only finite gradients, or with others; it grows no further than float32 does."""
        if not finite:
            return replace(self, scale=self.scale / 2, good_steps=0)
        if self.good_steps + 1 < self.growth_interval:
            return replace(self, good_steps=self.good_steps + 1)
        return replace(self, scale=min(2 * self.scale, LARGEST_SCALE), good_steps=0)
