"""What chapter ``train`` says."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.datasets import DATASETS
from vanish.choices.losses import LOSSES
from vanish.choices.optimizers import OPTIMIZERS
from vanish.measure.diagnosis import Diagnosis, worst
from vanish.network.training import Snapshot
from vanish.numerics.arrays import Array
from vanish.ui.chapters.train.runs import STANDARD_ERRORS, Outcome, dead_layers, learned_slopes, moved, outcome
from vanish.ui.kit import verdicts
from vanish.ui.kit.causes import Cause
from vanish.ui.kit.numbers import joined, number, percent, share_of

OUTCOME_COLORS: Mapping[Outcome, verdicts.Color] = {
    "diverged": "red",
    "has learned": "green",
    "has not learned": "orange",
}


def introduction(dataset: str, batch_size: int, most_racers: int | None) -> str:
    """What there is to learn; ``most_racers`` is how many race where others are left out."""
    left_out = f" The first {most_racers} of the activations race." if most_racers else ""
    explanation = DATASETS[dataset].explanation
    return f"{explanation} The networks of the sidebar learn from batches of {batch_size}.{left_out}"


def label(place: int) -> str:
    """Which of several labels a chart is of, counted from 0."""
    return f"**Label {place + 1}**"


def formula(loss: str, optimizer: str, clipped: bool) -> str:
    """What is trained for, and how."""
    cut = ", after clipping" if clipped else ""
    return (
        f"{LOSSES[loss].explanation} θ stands for all weights and biases, g for their gradient{cut}, η for the "
        f"learning rate. {OPTIMIZERS[optimizer].explanation} The last layer is linear: every output is possible."
    )


def before(diagnoses: Mapping[str, Diagnosis], causes: Mapping[str, Cause]) -> str:
    """What the worst of the networks that will race receives before the first step, and what to do about it."""
    name = worst(diagnoses)
    diagnosis = diagnoses[name]
    if diagnosis.n_layers == 1 and diagnosis.verdict == "healthy":
        return verdicts.finding(diagnoses, causes)
    if name in causes or diagnosis.verdict not in verdicts.JUDGED_BY_ENDS:
        finding = verdicts.finding(diagnoses, causes)
        return f"Before training: {finding[0].lower()}{finding[1:]}"
    color, last = verdicts.VERDICT_COLORS[diagnosis.verdict], diagnosis.n_layers
    share = share_of(diagnosis.ratio, f"layer {last}'s gradient", f":{color}[{{}}]".format)
    return f"Before training, layer 1 of the {ACTIVATIONS[name].label} network gets {share}. Does it learn? Train it."


def signal(diagnosis: Diagnosis, cause: Cause | None) -> str:
    """What comes back of dL/dz, for a card."""
    return f"dL/dz {number(diagnosis.ratio)}: {verdicts.verdict(diagnosis, cause)}"


def before_note(loss: str, n_examples: int, diagnoses: Mapping[str, Diagnosis]) -> str:
    """How that was measured, and what it does not say."""
    lossless = verdicts.against_lossless({ACTIVATIONS[name].label: one for name, one in diagnoses.items()})
    examples = "first example alone" if n_examples == 1 else f"first {n_examples} examples of the run"
    parts = (
        f"First over last layer, measured on the {examples} with the gradient of the {LOSSES[loss].label}. dL/dz is "
        "the signal on its way back (RMS over the layer's units; a bias learns from it alone). Weights learn from "
        "dL/dW, which is dL/dz times what the layer is given (mean size).",
        lossless,
        verdicts.healthy() if any(one.verdict == "healthy" for one in diagnoses.values()) else None,
    )
    return " ".join(filter(None, parts))


def after(runs: Mapping[str, Sequence[Snapshot]], guessing: float, score_label: str) -> str:
    """What became of the networks, in one sentence; each run has one snapshot at least."""
    steps = max(run[-1].step for run in runs.values())
    return f"After {steps:,} {'step' if steps == 1 else 'steps'}, {_fates(runs, guessing, f'test {score_label} ')}."


def _fates(runs: Mapping[str, Sequence[Snapshot]], guessing: float, score_label: str) -> str:
    """What became of one network, with what it scored before; of several, of which that stands in a line below, what
    became of those that fared alike."""
    if len(runs) == 1:
        ((name, run),) = runs.items()
        return _fate(name, run, guessing, score_label)
    alike: dict[Outcome, list[str]] = {}
    for name, run in runs.items():
        alike.setdefault(outcome(run, guessing), []).append(name)
    said = []
    for result, names in alike.items():
        labels, ends = joined([ACTIVATIONS[name].label for name in names]), [runs[name] for name in names]
        if result == "diverged":
            at = joined([f"{run[-1].divergence.step:,}" for run in ends if run[-1].divergence])
            said.append(f"{labels} :red[diverged] at step{'s' if len(names) > 1 else ''} {at}")
            continue
        verb = result if len(names) == 1 else result.replace("has", "have")
        scores = joined([f"{_score(run, result)}{_dead(run, ' with ')}" for run in ends])
        said.append(f"{labels} {verb} ({score_label}{scores})")
        score_label = ""
    return "; ".join(said)


def _fate(name: str, run: Sequence[Snapshot], guessing: float, score_label: str) -> str:
    label, last, result = ACTIVATIONS[name].label, run[-1], outcome(run, guessing)
    if last.divergence:
        return f"{label} :red[diverged] at step {last.divergence.step:,}"
    before = f"{percent(run[0].test_accuracy)} before{_dead(run)}"
    return f"{label} {result} ({score_label}{_score(run, result)}, {before})"


def _score(run: Sequence[Snapshot], result: Outcome) -> str:
    return f":{OUTCOME_COLORS[result]}[{percent(run[-1].test_accuracy)}]"


def _dead(run: Sequence[Snapshot], after: str = "; ") -> str:
    layers = dead_layers(run).layers
    return f"{after}{verdicts.numbered(layers)} dead" if layers else ""


def fate(run: Sequence[Snapshot]) -> str:
    """What a network scores, for a card."""
    return "diverged" if run[-1].divergence else percent(run[-1].test_accuracy)


def fate_beside(run: Sequence[Snapshot]) -> str:
    """What to hold that against, for a card."""
    divergence = run[-1].divergence
    if divergence:
        return f"at step {divergence.step:,}"
    return f"{percent(run[0].test_accuracy)} before training{_dead(run)}"


def after_note(guessing: float, n_test: int) -> str:
    """What "has learned" means."""
    return (
        f"“Has learned” means: on the {n_test:,} test examples, better than the same network before its first step and "
        f"than one answer for all of them ({percent(guessing)}), by more than {STANDARD_ERRORS} standard errors."
    )


NOT_KEPT = "What it makes of the data is drawn from the last step, and the run was stopped before."


def status(step: int, steps: int, losses: Mapping[str, float]) -> str:
    """How far a race is."""
    so_far = ", ".join(f"{ACTIVATIONS[name].label} {number(loss)}" for name, loss in losses.items())
    return f"Step {step:,} of {steps:,}; loss: {so_far}"


def at_the_moment(steps: Mapping[str, int]) -> str:
    """Over the layers of the networks that have raced; a run that diverged is shorter than the others."""
    each = ", ".join(f"{ACTIVATIONS[name].label} {step:,}" for name, step in steps.items())
    at = f"step {next(iter(steps.values())):,}" if len(set(steps.values())) == 1 else f"steps {each}"
    return f"**What each layer received, and did with it**, at {at}"


def training(name: str, run: Sequence[Snapshot], guessing: float, score_label: str) -> str:
    """What became of a network: how well it does, what has died in it, how far its first and last layer have moved."""
    label, first, last = ACTIVATIONS[name].label, run[0], run[-1]
    if last.divergence:
        at = last.divergence
        return (
            f"**{label}** diverged at step {at.step:,}: the first NaN or infinity is in the {at.what} of layer "
            f"{at.layer}. The charts show what was before."
        )
    result = outcome(run, guessing)
    score = f"test {score_label} {percent(last.test_accuracy)}"
    error = f" (standard error {percent(last.test_error)})" if 0 < last.test_error < np.inf else ""
    sentences = [
        f"**{label}** {result}: {score}{error} after {last.step:,} steps; {percent(first.test_accuracy)} before the "
        f"first, {percent(guessing)} by one answer for all.",
        dead_units(run),
        slopes(learned_slopes(first), learned_slopes(last)),
        _movement(moved(run, last)),
    ]
    return " ".join(filter(None, sentences))


def slopes(first: Mapping[int, float], last: Mapping[int, float]) -> str | None:
    """From where to where layers have learned their slope for negative inputs, each by its layer's number."""
    if not last or not all(map(np.isfinite, last.values())):
        return None
    least, most = (pick(last, key=last.__getitem__) for pick in (min, max))
    start = f" (at first {number(first[least])})" if least in first else ""
    if number(last[least]) == number(last[most]):
        where = f"layer {least}" if len(last) == 1 else "every layer"
        return f"The learned slope for negative inputs is {number(last[least])} in {where}{start}."
    return (
        f"The learned slopes for negative inputs lie between {number(last[least])} (layer {least}) and "
        f"{number(last[most])} (layer {most}){start}."
    )


def _movement(lengths: Array) -> str | None:
    if len(lengths) == 1 or not np.isfinite(lengths[[0, -1]]).all():
        return None
    return (
        f"Layer 1's weights have moved by {number(lengths[0])} times their length at the start, layer "
        f"{len(lengths)}'s by {number(lengths[-1])}."
    )


def dead_units(run: Sequence[Snapshot]) -> str | None:
    """Which layers have died, since when and with what consequence; else where the most units are dead."""
    dead, shares = dead_layers(run), run[-1].dead
    if not dead.layers:
        most = int(shares.argmax())
        return (
            f"At most {percent(shares[most])} of a layer's units are dead (layer {most + 1})." if shares[most] else None
        )
    is_are = "is" if len(dead.layers) == 1 else "are"
    said = (
        f"Since step {dead.since:,}, {verdicts.numbered(dead.layers)} {is_are} dead: all units have a slope of exactly "
        "0 for every training example"
    )
    behind = [layer for layer in dead.without_gradient if layer <= dead.layers[-1]]
    beyond = [layer for layer in dead.without_gradient if layer > dead.layers[-1]]
    so = f", so no gradient reaches the weights of {verdicts.numbered(behind)}" if behind else ""
    ahead = (
        f"; those of {verdicts.numbered(beyond)} get none either: layer {dead.layers[-1]} passes on only zeros"
        if beyond
        else ""
    )
    return f"{said}{so}{ahead}."


def contest(n_depths: int, steps: int) -> str:
    """Which networks are trained at all depths."""
    return (
        "Sigmoid networks with the sidebar's settings but without residual connections, against ReLU with He's "
        "initialization, without and with a residual connection around each layer that has as many outputs as "
        f"inputs: {n_depths} depths, {steps:,} steps each."
    )


def trained(n: int, total: int) -> str:
    """How far the training at all depths is."""
    return f"{n} of {total} networks trained"


def deeper(frame: pd.DataFrame) -> list[str]:
    """Does depth help?  ``frame`` has ``name, depth, value, error`` (test score, nan where it diverged)."""
    return [f"**{name}**: {_deeper(table.sort_values('depth'))}" for name, table in frame.groupby("name", sort=False)]


def _deeper(table: pd.DataFrame) -> str:
    deepest, ended = table.iloc[-1], table.dropna(subset="value")
    if not len(ended):
        return f"diverged at {'this depth' if len(table) == 1 else 'every depth'}."
    best = ended.iloc[ended["value"].to_numpy().argmax()]
    said = f"best at depth {best['depth']:.0f} with {percent(best['value'])}"
    diverged = [f"{depth:.0f}" for depth in table["depth"][table["value"].isna()]]
    if diverged:
        said += f"; diverged at depth {', '.join(diverged)}"
    if np.isnan(deepest["value"]) or best["depth"] == deepest["depth"]:
        return f"{said}."
    worse = best["value"] - deepest["value"] > STANDARD_ERRORS * np.hypot(best["error"], deepest["error"])
    verdict = "deeper is worse" if worse else "no worse, within the error of the test set"
    return f"{said}; depth {deepest['depth']:.0f} reaches {percent(deepest['value'])}: {verdict}."
