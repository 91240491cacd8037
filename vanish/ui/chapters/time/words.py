"""What chapter ``time`` says."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Literal

import numpy as np

from vanish.choices.cells import CELLS
from vanish.choices.clippings import CLIPPINGS
from vanish.choices.optimizers import OPTIMIZERS
from vanish.choices.tasks import TASKS
from vanish.measure.diagnosis import Diagnosis
from vanish.numerics.arrays import Array
from vanish.sequence.training import RecurrentSnapshot
from vanish.ui.kit.numbers import SUPERSCRIPTS, joined, number, one_part_in, percent
from vanish.ui.kit.verdicts import JUDGED_BY_ENDS, Color, evidence, first_and_last, healthy

Run = Sequence[RecurrentSnapshot]
Outcome = Literal["solved", "better", "no better", "worse", "diverged"]

# A cell has solved a task when its loss is below this share of the baseline.
SOLVED = 0.1

# Standard errors of the test by which a loss has to lie off the baseline to be called better or worse.
ERRORS = 2.0

OUTCOME_COLORS: Mapping[Outcome, Color] = {
    "solved": "green",
    "better": "green",
    "no better": "orange",
    "worse": "orange",
    "diverged": "red",
}

LEARNED: Mapping[Outcome, str] = {
    "solved": "solved it",
    "better": "learned something",
    "no better": "learned nothing that the test shows",
    "worse": "learned nothing that the test shows",
    "diverged": "diverged",
}


def finding(diagnoses: Mapping[str, Diagnosis]) -> str:
    """The header's sentence, in Markdown: what the worst of the cells on screen does to its gradient at the start."""
    said = first_and_last({f"the {CELLS[name].label}": diagnosis for name, diagnosis in diagnoses.items()}, "step")
    verdict, _, measured = said.partition(": ")
    if verdict in ("Healthy", "All healthy"):
        return f"{verdict} before training: {measured}"
    return f"Before training: {said[0].lower()}{said[1:]}"


def before(diagnoses: Mapping[str, Diagnosis], of: str) -> str:
    """What the header's figures are; ``of`` says on which sequences they were taken."""
    cells = [CELLS[name].label for name in diagnoses if CELLS[name].has_cell_state]
    state = f" (of its cell state, dL/dc, for the {' and the '.join(cells)})" if cells else ""
    means = f" {healthy('step', yardstick=False)}" if any(d.verdict == "healthy" for d in diagnoses.values()) else ""
    return (
        f"First / last step: the norm of dL/dh{state} at step 1 over that at the last step, {of}, before any training. "
        f"Training changes it: *Race* shows which cells learn.{means}"
    )


def of_inputs(input_scale: float) -> str:
    """Which sequence the gradient's look reads."""
    return f"over one sequence of random inputs of size {input_scale:g}"


def of_task(name: str, lag: int) -> str:
    """Which sequence the looks that train have read before they train."""
    return f"over one sequence of the task ({TASKS[name].label}, lag {lag})"


def along_alt(diagnoses: Mapping[str, Diagnosis]) -> str:
    """The gradient chart in one line, for those who hear the page."""
    ratios = ", ".join(f"{CELLS[name].label} {number(d.ratio)} ({d.verdict})" for name, d in diagnoses.items())
    return f"Gradient of every step of the sequence; first over last step: {ratios}"


def along(cell: str, diagnosis: Diagnosis, kept: float | None) -> str:
    """What one cell does to its gradient, a line; ``kept``: the mean of the gate that keeps its state, if any."""
    state = " (its cell state, dotted)" if CELLS[cell].has_cell_state else ""
    head = f"**{CELLS[cell].label}**{state}: {diagnosis.verdict}. "
    if diagnosis.verdict not in JUDGED_BY_ENDS:
        return f"{head}{evidence(diagnosis, f'the {CELLS[cell].label}', 'step')}{_gate(cell, kept)}"
    steps = diagnosis.n_layers - 1
    share = f", {one_part_in(diagnosis.ratio)}" if one_part_in(diagnosis.ratio) else ""
    one = steps == 1
    became = (
        f"{'multiplies' if one else 'multiply'} it by {number(diagnosis.ratio)}"
        if diagnosis.ratio > 1
        else f"{'leaves' if one else 'leave'} {number(diagnosis.ratio)} of it{share}"
    )
    return (
        f"{head}A step back multiplies the gradient by {number(diagnosis.factor_per_layer)} on average; "
        f"{steps:,} {'step' if one else 'steps'} {became}.{_gate(cell, kept)}"
    )


def _gate(cell: str, kept: float | None) -> str:
    label = CELLS[cell].keeping_label
    if not label or kept is None or not isfinite(kept):
        return ""
    return f" Its {label} starts at {number(kept)} on average."


def gates(cells: Sequence[str]) -> str | None:
    """What a gate that keeps the state does to the gradient; ``None`` where no cell on screen has one."""
    labels = list(dict.fromkeys(CELLS[name].keeping_label for name in cells if CELLS[name].keeping_label))
    if not labels:
        return None
    return (
        f"Along the state itself, the {' or the '.join(labels)} is what a step back multiplies the gradient by: 1 "
        "keeps all of it, half open halves it. The paths through the other gates add to that or take from it. Training "
        "can open a gate: see the race."
    )


def theory(cell: str, lines: Mapping[str, float], measured: float) -> str:
    """What the dashed lines of a cell end at, ``lines`` by name, beside what is measured there."""
    ends = ", ".join(f"{name} {number(value)}" for name, value in lines.items())
    last = list(lines.values())[-1]
    head = f"**{CELLS[cell].label}**, dashed, at the first step: {ends}; measured {number(measured)}."
    comparable = all(isfinite(x) and x > 0 for x in (last, measured))
    if CELLS[cell].has_cell_state:
        times = f", which gives {number(_over(measured, last))} times that" if comparable else ""
        return f"{head} The forget gates are one path of several; measured is the sum of all{times}."
    times = f", and here {number(_over(last, measured))} times what is measured" if comparable else ""
    return f"{head} The linear cell's pace bounds nothing; the upper bound holds for any inputs{times}."


def _over(a: float, b: float) -> float:
    with np.errstate(all="ignore"):
        return float(np.float64(a) / b)


def fewer(steps: int, asked: int, seeds: Mapping[str, int], n_seeds: int) -> str | None:
    """What is shown of what was asked for: ``steps`` of the sequence, ``seeds`` by cell; ``None`` where it is all."""
    said = [f"a sequence of {steps:,} steps, not {asked:,}"] if steps < asked else []
    counted = ", ".join(f"{CELLS[name].label} {n}" for name, n in seeds.items() if n < n_seeds)
    said += [f"of {n_seeds} seeds the first few ({counted})"] if counted else []
    if not said:
        return None
    return (
        f"Shown: {'; '.join(said)}. Other readers share this server; fewer cells, hidden units or steps leave room for "
        "all of it."
    )


def smaller_batch(batch: int, asked: int) -> str | None:
    """That a batch has fewer sequences than ``asked`` for, if it has."""
    if batch >= asked:
        return None
    return (
        f"A batch has {batch} {'sequence' if batch == 1 else 'sequences'} here, not {asked}: the memory that other "
        "readers share holds no more. Fewer cells, fewer hidden units or a shorter lag leave room for all of it."
    )


def radius(spectral_radius: float, steps: int, cells: Sequence[str]) -> str | None:
    """What a spectral radius alone would do over ``steps``; ``None`` where no cell is without gates."""
    slopes = [slope for name in cells if (slope := CELLS[name].largest_slope) is not None]
    if not slopes:
        return None
    with np.errstate(all="ignore"):
        left = float(np.float64(spectral_radius) ** (steps - 1))
    power = f"{spectral_radius:g}{str(steps - 1).translate(SUPERSCRIPTS)}"
    return (
        f"In the cells without gates, an orthogonal matrix times {spectral_radius:g} alone would leave {power} = "
        f"{number(left)} of a gradient, one factor for each step back; slopes, at most {max(slopes):g}, take their "
        "share every time."
    )


def share_rule(fraction: float) -> str:
    """The label of the rule at the share that is looked for."""
    return f"{number(fraction)} of the last step's"


def reach_question(fraction: float) -> str:
    """What stands over the cards on how far back a share of the gradient arrives."""
    return f"**How far back does {number(fraction)} of the gradient arrive, before training?**"


# What those cards count, and what that does not say.
COUNTED = (
    "Counted are the steps back up to which every step gets at least that share of the last step's gradient. The share "
    "is your choice and no limit of learning: training can open gates (see the race), and a gradient that explodes "
    "arrives everywhere and is no better to learn from."
)


def reach(steps: int, diagnosis: Diagnosis, fraction: float, median: int | None = None) -> tuple[str, str]:
    """A card on how far back a share of the gradient arrives: the number, and beside it out of how many.

    ``median`` is that over the seeds, where there are several.
    """
    most = diagnosis.n_layers - 1
    notes = ["all steps" if steps >= most else f"of {most:,}"]
    if diagnosis.verdict == "exploding":
        notes.append("but exploding")
    elif steps < most and fraction <= diagnosis.ratio < np.inf:
        notes.append(f"but {number(diagnosis.ratio)} at step 1")
    if median is not None:
        notes.append(f"median over seeds {median:,}")
    return f"{steps:,}", ", ".join(notes)


def task(name: str, lag: int) -> str:
    """What has to be remembered, for how long, and what an answer without memory costs."""
    entry = TASKS[name]
    return (
        f"**{entry.label.capitalize()}**, lag {lag}. {entry.explanation} {entry.lag_note} "
        f"The best answer without memory has a loss of {entry.baseline:.4g} ({entry.baseline_note})."
    )


def example(name: str, target: float) -> str:
    """Over a sequence of a task: what is right at its end."""
    return f"**One of the sequences.** {TASKS[name].answer(target)}"


def status(step: int, steps: int) -> str:
    """How far a run is."""
    return f"Step {step:,} of {steps:,}"


WITHOUT_MEMORY = "without memory"


def outcome(run: Run, baseline: float) -> Outcome:
    """What became of a run, beside the best answer without memory: better or worse only beyond the test's error."""
    last = run[-1]
    if last.divergence:
        return "diverged"
    margin = ERRORS * last.test_loss_error
    if last.test_loss < baseline - margin:
        return "solved" if last.test_loss < SOLVED * baseline else "better"
    return "no better" if last.test_loss <= baseline + margin else "worse"


def outcomes_mean(baseline: float) -> str:
    """What solved and learned something mean."""
    return (
        f"Solved: a test loss below a tenth of that of the best answer without memory, {number(baseline)}. Something: "
        "below it by more than twice the standard error over the test's sequences."
    )


def learned_card(run: Run, baseline: float) -> str:
    """What a cell has learned, for a card."""
    if run[-1].divergence:
        return f"at step {run[-1].step:,}"
    return {"solved": "solved it", "better": "something"}.get(outcome(run, baseline), "nothing")


def beside_card(run: Run, baseline: float) -> str:
    """A test loss beside the best answer without memory, for a card."""
    if run[-1].divergence:
        return f"at step {run[-1].step:,}"
    words = {"no better": "no better than", "worse": "worse than"}.get(outcome(run, baseline), "better than")
    return f"{words} {number(baseline)}"


def race_finding(runs: Mapping[str, Run], name: str, lag: int, steps: int) -> str:
    """The header's sentence on a race that is over, or was stopped."""
    baseline = TASKS[name].baseline
    groups: dict[tuple[str, str], list[str]] = {}
    for cell, run in runs.items():
        became = outcome(run, baseline)
        groups.setdefault((LEARNED[became], OUTCOME_COLORS[became]), []).append(f"the {CELLS[cell].label}")
    said = []
    for words, color in sorted(groups, key=lambda group: list(LEARNED.values()).index(group[0])):
        cells = groups[words, color]
        verb = "" if words == LEARNED["diverged"] else "has " if len(cells) == 1 else "have "
        said.append(f"{joined(cells)} {verb}:{color}[{words}]")
    return f"{TASKS[name].label.capitalize()}, lag {lag}, {_when(runs, steps)}: {'; '.join(said)}."


def _when(runs: Mapping[str, Run], steps: int) -> str:
    step = max(run[-1].step for run in runs.values())
    stopped = step < steps and not all(run[-1].divergence for run in runs.values())
    return f"{'stopped at step' if stopped else 'after'} {step:,}{'' if stopped else ' steps'}"


def race(cell: str, run: Run, baseline: float) -> str:
    """What became of a cell in the race."""
    label, last = f"**{CELLS[cell].label}**", run[-1]
    became = outcome(run, baseline)
    if became == "diverged":
        return f"{label} {_diverged(last)}."
    return (
        f"{label} has {LEARNED[became]}: {_test(last)} after {last.step:,} steps; without memory, {number(baseline)} "
        f"at best.{_reaching(run)}"
    )


def _test(snapshot: RecurrentSnapshot) -> str:
    return f"test loss {number(snapshot.test_loss)} (standard error {number(snapshot.test_loss_error, 2)})"


def _reaching(run: Run) -> str:
    """What of the last step's gradient reached step 1 at the start, and reaches it now."""
    first, now = (_first_over_last(snapshot) for snapshot in (run[0], run[-1]))
    if not (isfinite(first) and isfinite(now)) or len(run) == 1:
        return ""
    return f" Of the last step's gradient, {number(first)} reached step 1 before training and {number(now)} at the end."


def _first_over_last(snapshot: RecurrentSnapshot) -> float:
    by_hidden, by_cell = snapshot.through_time, snapshot.cell_through_time
    sizes = by_hidden if by_cell is None else by_cell
    return _over(float(sizes[-1]), float(sizes[0]))


def _diverged(snapshot: RecurrentSnapshot) -> str:
    at = snapshot.divergence
    if at is None:
        return "ended early"
    where = f" at step {at.time} of the sequence" if at.time is not None else ""
    return f"diverged at step {at.step:,}: NaN or infinity in its {at.what}{where}"


def twice(cell: str, clip: str, clip_at: float) -> str:
    """What the two runs with and without clipping have in common."""
    return (
        f"The same {CELLS[cell].label}, the same sequences and the same first weights, twice: as it is, and with "
        f"gradients clipped {CLIPPINGS[clip].label} at {clip_at:g}."
    )


def threshold_rule(clip_at: float) -> str:
    """The label of the rule at the threshold."""
    return f"threshold {clip_at:g}"


def size_title(clip: str) -> str:
    """What of a gradient is held against the threshold."""
    return "Largest entry of the gradient" if CLIPPINGS[clip].by_entry else "Norm of the gradient"


def _beyond(clip: str, limit: float) -> str:
    return f"had an entry beyond ±{number(limit)}" if CLIPPINGS[clip].by_entry else f"had a norm above {number(limit)}"


def beside_baseline(run: Run, baseline: float) -> str:
    """A test loss beside the best answer without memory, within the test's error."""
    words = {"no better": "no different from", "worse": "worse than"}.get(outcome(run, baseline), "better than")
    return f"{words} the {number(baseline)} of an answer without memory"


def clipping_finding(without: Run, clipped: Run, baseline: float, clip: str, clip_at: float, steps: int) -> str:
    """The header's sentence on a pair of runs that are over, or were stopped."""
    how = f"{CLIPPINGS[clip].label} at {clip_at:g}"
    return _alike(without, clipped, baseline, how, steps) or (
        f"Without clipping: {_end(without, baseline, steps)}. Clipped {how}: {_end(clipped, baseline, steps)}."
    )


def _alike(without: Run, clipped: Run, baseline: float, how: str, steps: int) -> str | None:
    """Both ends in one sentence, where it is the same of both."""
    became, ends = outcome(without, baseline), (without[-1], clipped[-1])
    if became != outcome(clipped, baseline) or (became != "diverged" and min(end.step for end in ends) < steps):
        return None
    whichever, color = f"Clipped {how} or not", OUTCOME_COLORS[became]
    at = [f"{end.divergence.step:,}" if end.divergence else f":{color}[{number(end.test_loss)}]" for end in ends]
    one = at[0] if at[0] == at[1] else ""
    if became == "diverged":
        where = f" at step {one}" if one else f": at step {at[0]} without clipping, at step {at[1]} with it"
        return f"{whichever}, the run :{color}[diverged]{where}."
    losses = one or f"{at[0]} without clipping, {at[1]} with it"
    return f"{whichever}, the test loss is {beside_baseline(without, baseline)}: {losses}."


def _end(run: Run, baseline: float, steps: int) -> str:
    last, became = run[-1], outcome(run, baseline)
    color = OUTCOME_COLORS[became]
    if last.divergence:
        return f":{color}[diverged] at step {last.divergence.step:,}"
    when = "" if last.step >= steps else f", stopped at step {last.step:,}"
    return f"test loss :{color}[{number(last.test_loss)}], {beside_baseline(run, baseline)}{when}"


def clipping(run: Run, baseline: float, clip: str, threshold: float, clipped: bool) -> str:
    """What became of a run with or without clipping; counted are the gradients of this run that made a step."""
    last = run[-1]
    head = f"**{'With' if clipped else 'Without'} clipping**"
    sizes = steps_taken(run, clip)
    finite = sizes[np.isfinite(sizes)]
    what = "entry" if CLIPPINGS[clip].by_entry else "norm"
    largest = f" The largest finite {what} of its gradients is {number(float(finite.max()))}." if finite.size else ""
    cut = " and were cut" if clipped else ""
    share = f" {percent(share_beyond(sizes, threshold))} of its gradients {_beyond(clip, threshold)}{cut}."
    if last.divergence:
        end = _diverged(last)
    else:
        end = f"{_test(last)} after {last.step:,} steps, {beside_baseline(run, baseline)}"
    return f"{head}: {end}.{largest}{share if sizes.size else ''}"


def thinned(each: int) -> str:
    """What is drawn of a trace, where it is not every step."""
    return (
        f"Of every {each} steps the picture shows the lowest, the highest and the one with the largest "
        "gradient; the numbers here count every step."
    )


def steps_taken(run: Run, clip: str) -> Array:
    """Of every gradient of a run that made a step, what is held against the threshold: all but one that diverged."""
    by_entry = CLIPPINGS[clip].by_entry
    sizes = np.concatenate([shot.largest_entries if by_entry else shot.gradient_norms for shot in run])
    return sizes[:-1] if run[-1].divergence else sizes


def share_beyond(sizes: Array, threshold: float) -> float:
    """Share of gradients that are beyond the threshold, or not finite at all."""
    return float((~(sizes <= threshold)).mean()) if sizes.size else 0.0


def no_spikes(sizes: Array, threshold: float, clip: str, optimizer: str) -> str | None:
    """A hint where nothing goes wrong without clipping; ``None`` where something does."""
    if share_beyond(sizes, threshold):
        return None
    label = OPTIMIZERS[optimizer].label
    return (
        f"No gradient of this run {_beyond(clip, threshold)}: there is nothing to clip. A spectral radius "
        f"above 1, a larger learning rate or a lower threshold changes that (the optimizer is {label})."
    )


def threshold(sizes: Array, limit: float, clip: str, diverged_at: int | None) -> str:
    """What a threshold would do to the run without clipping: ``sizes`` of all of its gradients that made a step."""
    finite = sizes[np.isfinite(sizes)]
    if not finite.size:
        return "No step of the run without clipping had a finite gradient. Move the slider."
    end = "" if diverged_at is None else f" (it diverged at step {diverged_at:,})"
    return (
        f"Of the gradients of the run without clipping, steps 0 to {len(sizes) - 1:,}{end}, "
        f"{percent(share_beyond(sizes, limit))} {_beyond(clip, limit)}. A run that is clipped goes another way and "
        f"meets other gradients.{_rule_of_thumb(finite, clip)} Move the slider."
    )


# Where the mean norm is more than so many times the median, a few spikes make it.
SPIKES = 10.0


def _rule_of_thumb(finite: Array, clip: str) -> str:
    if CLIPPINGS[clip].by_entry:
        return f" Half of the largest entries are below {number(float(np.median(finite)))}."
    with np.errstate(all="ignore"):
        mean, median = float(finite.mean()), float(np.median(finite))
    if not mean <= SPIKES * median:
        return f" Half of the norms are below {number(median)}; a few spikes make their mean {number(mean)}, no guide."
    return (
        f" The mean norm is {number(mean)} (half are below {number(median)}): Pascanu et al. (2013) "
        f"saw runs converge with thresholds from half to ten times the mean, here {number(mean / 2)} to "
        f"{number(10 * mean)}."
    )
