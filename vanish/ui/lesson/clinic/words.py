"""Sentences of the clinic: what was measured, what it says about a diagnosis, what a cure has changed."""

import math

from vanish.ui.kit import numbers
from vanish.ui.lesson.clinic.cases import Cause
from vanish.ui.lesson.clinic.symptoms import Symptom
from vanish.ui.lesson.words import short


def said(symptom: Symptom, value: float) -> str:
    """What was measured, in its own notation."""
    if symptom.share and math.isfinite(value):
        return numbers.percent(value).replace(".0 %", " %")
    return short(value)


def usual(symptom: Symptom) -> str:
    """The usual range."""
    low, high = said(symptom, symptom.low), said(symptom, symptom.high)
    if symptom.low == -math.inf:
        return high if symptom.high == 0 else f"at most {high}"
    return f"at least {low}" if symptom.high == math.inf else f"{low} to {high}"


def reading(symptom: Symptom, value: float) -> str:
    """One line of the sheet."""
    return f"{symptom.label}: **{said(symptom, value)}** (usual: {usual(symptom)})"


def course(symptom: Symptom, before: float, after: float) -> str:
    """One line of the sheet after the cure."""
    course = f"{said(symptom, before)} before, **{said(symptom, after)}** now"
    return f"{symptom.label}: {course} (usual: {usual(symptom)})"


def inner(label: str) -> str:
    """A cause as words follow on it."""
    return f"{label[0].lower()}{label[1:]}"


def diagnosed(said: str, truth: str, right: bool) -> str:
    """What became of a diagnosis."""
    return f"Right: {inner(truth)}." if right else f"You said: {inner(said)}. It is this: {inner(truth)}."


def evidence(cause: Cause, value: float) -> str:
    """What speaks for a cause."""
    symptom = cause.symptom
    now = f"{symptom.label}: {said(symptom, value)}"
    if not cause.is_there(value):
        return f"{now}. That is no sign of it. {cause.because}"
    return f"{now}; usual is {usual(symptom)}. {cause.because}"


def refuted(cause: Cause, value: float) -> str:
    """What speaks against a cause, if anything does."""
    symptom = cause.symptom
    limit = f"below {said(symptom, symptom.low)}" if cause.below else f"above {said(symptom, symptom.high)}"
    expected = f"“{cause.label}” would show in this number: {inner(symptom.label)}, {limit}."
    if cause.is_there(value):
        return f"{expected} It is {said(symptom, value)}: there is something in it."
    return f"{expected} It is {said(symptom, value)}."


def recovered(before: int, after: int) -> str:
    """What the cure has done, by how many of the numbers were unusual ``before`` it and are ``after`` it."""
    if after:
        return f"{numbers.spelled(after).capitalize()} of these numbers {'is' if after == 1 else 'are'} unusual now."
    if before:
        were = "was" if before == 1 else "were"
        return f"{numbers.spelled(before).capitalize()} of these numbers {were} unusual: none is now."
    return "No number was unusual before the cure, and none is now."
