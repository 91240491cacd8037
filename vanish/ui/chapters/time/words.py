"""What chapter ``time`` says."""

from collections.abc import Mapping, Sequence

import numpy as np

from vanish.choices.cells import CELLS
from vanish.choices.clippings import CLIPPINGS
from vanish.choices.tasks import TASKS
from vanish.measure.diagnosis import Diagnosis
from vanish.numerics.arrays import Array
from vanish.sequence.training import RecurrentSnapshot
from vanish.ui.kit.numbers import number, one_part_in, percent
from vanish.ui.kit.verdicts import first_and_last

# A cell has solved a task when its loss is below this share of the baseline, and learned something below the other.
SOLVED, BETTER = 0.1, 0.9

# What is true of a cell before it has learned anything, and not after.
STARTS = {"gru": " This is before training: its gate starts half open and can learn to stay open."}


def finding(diagnoses: Mapping[str, Diagnosis]) -> str:
    """The header's sentence, in Markdown: what the worst of the cells on screen does to its gradient."""
    return first_and_last({f"the {CELLS[name].label}": diagnosis for name, diagnosis in diagnoses.items()}, "step")


def along_alt(diagnoses: Mapping[str, Diagnosis]) -> str:
    """The gradient chart in one line, for those who hear the page."""
    ratios = ", ".join(f"{CELLS[name].label} {number(d.ratio)} ({d.verdict})" for name, d in diagnoses.items())
    return f"Gradient of every step of the sequence; first over last step: {ratios}"


def along(cell: str, diagnosis: Diagnosis) -> str:
    """What one cell does to its gradient, a line."""
    state = " (its cell state, dotted)" if CELLS[cell].has_cell_state else ""
    head = f"**{CELLS[cell].label}**{state}"
    if diagnosis.verdict == "overflow":
        return f"{head}: overflow. From step {diagnosis.layer} back the gradient is no finite number any more."
    if diagnosis.verdict == "dead":
        return f"{head}: dead. Step {diagnosis.layer} and all before it get exactly zero."
    share = f", {one_part_in(diagnosis.ratio)}" if one_part_in(diagnosis.ratio) else ""
    return (
        f"{head}: {diagnosis.verdict}. A step back multiplies the gradient by {number(diagnosis.factor_per_layer)} on "
        f"average; {diagnosis.n_layers - 1} of them leave {number(diagnosis.ratio)} of it{share}.{STARTS.get(cell, '')}"
    )


def theory(cell: str, lines: Mapping[str, float]) -> str:
    """What the dashed lines of a cell end at; ``lines`` has their names and their last values."""
    ends = ", ".join(f"{name} {number(value)}" for name, value in lines.items())
    gates = " The ways through its other gates add to that." if CELLS[cell].has_cell_state else ""
    return f"**{CELLS[cell].label}**, dashed, at the first step: {ends}.{gates}"


def radius(spectral_radius: float) -> str:
    """What a spectral radius alone would do in 100 steps."""
    with np.errstate(all="ignore"):
        left = float(np.float64(spectral_radius) ** 100)
    return (
        f"An orthogonal matrix times {spectral_radius:g} alone would leave {number(left)} of a gradient after 100 "
        "steps; slopes below 1 take their share at every step."
    )


def enough(fraction: float) -> str:
    """The label of the rule at the fraction that counts as enough."""
    return f"enough to learn from: {number(fraction)}"


def reach(steps: int, length: int) -> tuple[str, str]:
    """A card on how far back a cell can learn from: the number, and what it means."""
    if steps >= length - 1:
        return f"{steps}", "the whole sequence"
    return f"{steps}", f"of {length - 1}"


def task(name: str, lag: int) -> str:
    """What has to be remembered, for how long, and what forgetting costs."""
    entry = TASKS[name]
    return (
        f"**{entry.label.capitalize()}**, lag {lag}. {entry.explanation} {entry.lag_note} "
        f"What remembers nothing stays at a loss of {entry.baseline:.4g} ({entry.baseline_note})."
    )


def example(name: str, target: float) -> str:
    """Over a sequence of a task: what is right at its end."""
    return f"**One of the sequences.** {TASKS[name].answer(target)}"


def status(step: int, steps: int) -> str:
    """How far a run is."""
    return f"Step {step:,} of {steps:,}"


def twice(cell: str, clip: str, clip_at: float) -> str:
    """What the two runs with and without clipping have in common."""
    return (
        f"The same {CELLS[cell].label}, the same sequences and the same first weights, twice: as it is, and with "
        f"gradients clipped {CLIPPINGS[clip].label} at {clip_at:g}."
    )


def threshold_rule(clip_at: float) -> str:
    """The label of the rule at the threshold."""
    return f"threshold {clip_at:g}"


def race(cell: str, run: Sequence[RecurrentSnapshot], baseline: float) -> str:
    """What became of a cell in the race."""
    label, last = CELLS[cell].label, run[-1]
    if last.divergence:
        return f"**{label}** diverged at step {last.divergence.step:,}{_place(last)}."
    share = last.test_loss / baseline
    verdict = (
        "has solved it" if share < SOLVED else "has learned something" if share < BETTER else "has learned nothing"
    )
    return (
        f"**{label}** {verdict}: test loss {number(last.test_loss)} after {last.step:,} steps; remembering nothing "
        f"gives {number(baseline)}."
    )


def _place(snapshot: RecurrentSnapshot) -> str:
    at = snapshot.divergence
    if at is None:
        return ""
    return f", in its {at.what}" + (f" at step {at.time} of the sequence" if at.time is not None else "")


def clipping(run: Sequence[RecurrentSnapshot], baseline: float, threshold: float, clipped: bool) -> str:
    """What became of a run with or without clipping."""
    last = run[-1]
    head = f"**{'With' if clipped else 'Without'} clipping**"
    norms = np.concatenate([snapshot.gradient_norms for snapshot in run])
    finite = norms[np.isfinite(norms)]
    longest = f"Its longest gradient of finite length is {number(float(finite.max(initial=0.0)))}"
    beyond = f"{percent(_share_beyond(norms, threshold))} of the steps were above {number(threshold)}"
    if last.divergence:
        end = f"over at step {last.divergence.step:,}, where a number is no finite one any more{_place(last)}"
    else:
        state = "better" if last.test_loss < baseline else "no better"
        end = (
            f"test loss {number(last.test_loss)} after {last.step:,} steps, {state} than the {number(baseline)} of "
            "remembering nothing"
        )
    return f"{head}: {end}. {longest}; {beyond}{' and were cut' if clipped else ''}."


def _share_beyond(norms: Array, threshold: float) -> float:
    """Share of steps whose gradient is too long, or of no finite length at all."""
    return float((~(norms <= threshold)).mean()) if norms.size else 0.0


def no_spikes(norms: Array, threshold: float, optimizer: str) -> str | None:
    """A hint where nothing goes wrong without clipping; ``None`` where something does."""
    if _share_beyond(norms, threshold):
        return None
    return (
        f"No gradient of this run is longer than {number(threshold)}: there is nothing to clip. A spectral radius "
        f"above 1, a larger learning rate or a lower threshold changes that (the optimiser is {optimizer})."
    )


def threshold(norms: Array, limit: float) -> str:
    """What a threshold would do to the gradients of a run."""
    finite = norms[np.isfinite(norms)]
    if not finite.size:
        return "**Where to put the threshold?** No step had a gradient of finite length. Move the slider."
    return (
        f"**Where to put the threshold?** {number(limit)} would cut {percent(_share_beyond(norms, limit))} of these "
        f"steps. Half of all gradients are shorter than {number(float(np.median(finite)))}: a good threshold "
        "lets most of them pass. Move the slider."
    )
