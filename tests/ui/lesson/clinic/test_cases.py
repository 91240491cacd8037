import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ui.sentences import check_words, sentences

import vanish
from vanish.choices.datasets import DATASETS
from vanish.choices.number_formats import NUMBER_FORMATS
from vanish.references import REFERENCES
from vanish.ui.kit import answers as kit_answers
from vanish.ui.kit.measured import inputs_of
from vanish.ui.lesson.clinic import examination, symptoms, words
from vanish.ui.lesson.clinic.cases import CASES, CAUSES
from vanish.ui.lesson.clinic.symptoms import EXAMINATIONS, SYMPTOMS
from vanish.ui.lesson.results import quietly
from vanish.ui.lesson.steps import CLINIC, STEPS
from vanish.ui.shell.settings import CONTROLS, LESSON_KEYS, Settings, from_values

BY_ENGINE = [
    pytest.param(name, marks=pytest.mark.slow) if case.chapter == "train" else name for name, case in CASES.items()
]


def sheets(name):
    return [examination.sheet(CASES[name], quietly, cured) for cured in (False, True)]


@pytest.mark.parametrize("name", BY_ENGINE)
def test_what_ails_a_network_is_there_and_nothing_else_and_gone_after_the_cure(name):
    case, (before, after) = CASES[name], sheets(name)
    cause = CAUSES[case.cause]
    assert cause.is_there(before[cause.shows])
    assert not cause.is_there(after[cause.shows])
    # The complaint has something unusual to it, and of all that is told nothing is unusual afterwards.
    assert any(not SYMPTOMS[one].is_usual(before[one]) for one in case.symptoms)
    assert [one for one in examination.shown(case) if not SYMPTOMS[one].is_usual(after[one])] == []
    assert f"{words.said(cause.symptom, before[cause.shows])}; usual is" in words.evidence(cause, before[cause.shows])
    for choice in set(case.choices) - {case.cause}:
        other = CAUSES[choice]
        value = before[other.shows]
        # A number that exists, on the right side of the limit that the sentence names.
        assert value >= other.symptom.low if other.below else value <= other.symptom.high
        said = words.refuted(other, value)
        assert said.endswith(f"It is {words.said(other.symptom, value)}.")
        assert ("below" in said) == other.below


@pytest.mark.parametrize("name", CASES)
def test_a_case_sets_what_controls_take_and_gives_nothing_away(name):
    case = CASES[name]
    for controls in (case.sick, case.cured):
        now, corrections = from_values(controls)
        assert corrections == []
        assert controls.keys() <= CONTROLS.keys() - {"preset", *LESSON_KEYS}
        assert {key: getattr(now, key) for key in controls} == controls
    assert all(case.sick.get(key) != value for key, value in case.cure.items())
    assert case.cause in case.choices
    assert len({CAUSES[choice].label for choice in case.choices}) == len(case.choices) == 4
    assert set(case.sources) <= REFERENCES.keys()
    told = f"{case.title} {case.complaint}".lower()
    assert CAUSES[case.cause].label.lower() not in told
    assert CAUSES[case.cause].shows not in case.symptoms or name == "all_alike"
    assert kit_answers.answers(f"{name}.{case.cause}") == {name: case.cause}
    assert len(case.complaint.split()) <= 30
    assert len(case.moral.split()) <= 25


def test_there_are_twelve_cases_of_as_many_causes_and_no_question_shares_a_name_with_one():
    assert len({case.cause for case in CASES.values()}) == len(CASES) == 12
    assert set(CLINIC) == set(CASES)
    assert not set(CASES) & set(STEPS)
    assert {choice for case in CASES.values() for choice in case.choices} == set(CAUSES)
    # The right answer has no place of its own.
    assert {case.choices.index(case.cause) for case in CASES.values()} == {0, 1, 2, 3}


def test_a_chapters_examination_finds_every_symptom_that_its_cases_ask_for():
    for name in ("faint", "echo"):
        case = CASES[name]
        found = EXAMINATIONS[case.chapter](Settings(**case.sick), quietly)
        assert found.keys() <= SYMPTOMS.keys()
        alike = [one for one in CASES.values() if one.chapter == case.chapter]
        asked = {s for one in alike for s in (*one.symptoms, *(CAUSES[choice].shows for choice in one.choices))}
        assert asked <= found.keys()


# What is measured, asked in another way.
def test_the_sheet_of_layers_is_the_engines():
    now = Settings(**CASES["holes"].sick)
    found, (spec,), signal = symptoms.layers(now, quietly), now.specs, now.signal
    inputs = inputs_of(spec, signal)
    drawn = vanish.initialize(spec, signal.seed)
    hidden = drawn.weights[:-1]
    assert found["inputs"] == pytest.approx(np.sqrt((inputs**2).mean()))
    assert found["strength"] == pytest.approx(np.median([np.sqrt((w**2).sum(axis=1).mean()) for w in hidden]))
    assert found["lean"] == pytest.approx(np.median([w.mean() / np.sqrt((w**2).mean()) for w in hidden]))
    assert found["narrow"] == min(len(w) for w in hidden)
    first = inputs @ drawn.weights[0].T
    assert found["arrives"] == pytest.approx(first.std())
    # Rounded only at the end: most of what is lost when every step is rounded.
    gradients = vanish.backprop(spec, drawn, inputs, np.full((len(inputs), 1), 1 / len(inputs))).weights
    entries = np.concatenate([g.ravel() for g in gradients])
    smallest = NUMBER_FORMATS["float8_e4m3"].smallest_subnormal
    assert found["lost"] == pytest.approx((np.abs(entries) <= smallest / 2).mean(), abs=0.15)
    assert found["nothing"] == found["lost"]


def test_the_slope_of_a_sigmoid_is_at_most_a_quarter_and_dead_units_have_none():
    assert examination.sheet(CASES["faint"], quietly)["slope"] <= 0.25
    still = examination.sheet(CASES["still"], quietly)
    assert (still["dead"], still["zero"], still["nothing"]) == (1.0, 11.0, 1.0)


def test_the_largest_eigenvalue_is_the_matrixs_own():
    (spec,) = Settings(**CASES["echo"].sick).recurrent_specs
    matrix = vanish.sequence.initialize_recurrent(spec, 42).weight_hh
    found = examination.sheet(CASES["echo"], quietly)["radius"]
    assert found == pytest.approx(np.abs(np.linalg.eigvals(matrix)).max())


def test_neighbors_of_clean_spirals_agree_and_of_noisy_ones_do_not():
    clean, noisy = (DATASETS["spirals"].make(noise, 0, 1.5) for noise in (0.0, 0.5))
    assert symptoms.nearest_right(clean) == 1
    some = noisy.test_inputs[:20]
    distances = np.linalg.norm(some[:, None] - noisy.train_inputs[None], axis=2)
    by_hand = noisy.train_targets[distances.argmin(axis=1)] == noisy.test_targets[:20]
    assert abs(symptoms.nearest_right(noisy) - by_hand.mean()) < 0.3
    assert symptoms.nearest_right(noisy) < 0.65


@pytest.mark.parametrize("cause", CAUSES.values(), ids=CAUSES)
def test_what_is_no_number_is_unusual_and_no_sign_of_anything(cause):
    assert not cause.symptom.is_usual(np.nan)
    assert not cause.is_there(np.nan)
    limit = cause.symptom.low if cause.below else cause.symptom.high
    assert not cause.is_there(limit)
    assert cause.is_there(limit - 1e-6 if cause.below else limit + 1e-6)


@pytest.mark.parametrize("name", sentences(words))
@given(data=st.data())
def test_sentences_of_the_clinic_are_words_whatever_was_measured(name, data):
    drawn = {
        "symptom": st.sampled_from(list(SYMPTOMS.values())),
        "cause": st.sampled_from(list(CAUSES.values())),
        "before": st.integers(0, 5) if name == "recovered" else st.floats(),
        "after": st.integers(0, 5) if name == "recovered" else st.floats(),
    }
    check_words(getattr(words, name), data, **drawn)


@given(st.sampled_from(list(CAUSES.values())), st.floats())
def test_a_sentence_against_a_cause_never_denies_what_is_there(cause, value):
    assert ("there is something in it" in words.refuted(cause, value)) == cause.is_there(value)
    assert ("no sign of it" in words.evidence(cause, value)) != cause.is_there(value)
