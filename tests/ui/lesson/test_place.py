import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import vanish
from vanish import kata, underflow_layers
from vanish.numerics.lcg import ensemble_seeds
from vanish.references import REFERENCES
from vanish.ui.kit import answers as kit_answers
from vanish.ui.kit import measured, numbers
from vanish.ui.lesson import chart, measures, place, results
from vanish.ui.lesson.answers import GOOD, SHOWN, LogGuess, Options, Result, ShareGuess
from vanish.ui.lesson.results import Outcome
from vanish.ui.lesson.steps import LESSONS, STEPS
from vanish.ui.shell.presets import PRESETS
from vanish.ui.shell.settings import CHAPTER_LABELS, CONTROLS, DEFAULTS, LESSON_KEYS, LESSON_NAMES, from_values

KINDS = {step.answer for step in STEPS.values() if not isinstance(step.answer, Options)}
TRUTHS = st.floats(1e-300, 1e300) | st.sampled_from([0.0, math.inf, math.nan, 1.0])


def outcome(name, text):
    return Outcome(STEPS[name], text, results.result(STEPS[name]))


@pytest.mark.parametrize("name", STEPS)
def test_a_step_sets_controls_that_exist_to_what_they_take(name):
    step = STEPS[name]
    result, corrections = from_values(step.controls)
    assert corrections == []
    assert step.controls.keys() <= CONTROLS.keys() - {"preset", *LESSON_KEYS}
    assert not step.is_away(result)
    assert kit_answers.answers(f"{name}.{next(iter(step.answer.texts))}")
    assert set(step.sources) <= REFERENCES.keys()
    assert step.sources


@pytest.mark.parametrize("name", STEPS)
def test_a_step_names_every_control_that_another_step_or_a_preset_may_have_moved(name):
    # Otherwise a step would show something else to who has looked around before.
    step = STEPS[name]
    moved = {"depth", "width", "activations", "initializer", "weight_scale", "seed", "n_seeds"}
    recurrent = PRESETS["rnn_vanish"].settings.keys()
    assert (recurrent if step.chapter == "time" else moved) <= step.settings.keys()
    if step.chapter == "why":
        assert {"slope_sigmoid", "slope_tanh", "slope_relu"} <= step.settings.keys()


def test_the_lessons_are_as_long_as_they_say():
    assert tuple(LESSONS) == LESSON_NAMES
    assert 4 <= len(LESSONS["short"].steps) <= 6
    assert 12 <= len(LESSONS["workshop"].steps) <= CONTROLS["step"].high - 1
    assert {step.chapter for step in LESSONS["workshop"].steps} == set(CHAPTER_LABELS)


@pytest.mark.slow
@pytest.mark.parametrize("name", STEPS)
def test_words_are_short_enough_to_be_read_at_once(name):
    step = STEPS[name]
    assert len(step.question.split()) <= 42
    assert len(step.goal.split()) <= 15
    assert len(step.moral.split()) <= 25
    # A number with its power of ten is one word.
    assert len(re.split(r"[ \n]+", results.result(step).why)) <= 50


# What the engine says to each question, asked in another way.
def _ratio(activation, **changes):
    sizes = vanish.gradient_flow(vanish.NetworkSpec(activation=activation, **changes), 42).mean_abs.to_numpy()
    return sizes[0] / sizes[-1]


def _torch_ratio():
    spec = vanish.NetworkSpec(depth=20, width=64, activation="leaky_relu", initializer="torch_default")
    sizes = vanish.gradient_flow(spec, 42, batch_size=64).mean_abs.to_numpy()
    return sizes[0] / sizes[-1]


def _luck():
    seeds = ensemble_seeds(42, 100)
    ratios = []
    for activation in ("tanh", "leaky_relu"):
        table = vanish.gradient_flow(vanish.NetworkSpec(activation=activation), seeds)
        sizes = table.mean_abs.to_numpy().reshape(100, -1)
        ratios.append(sizes[:, 0] / sizes[:, -1])
    return float((ratios[0] > ratios[1]).mean())


def _float16():
    rows = underflow_layers(kata.gradient_magnitudes("sigmoid")).set_index("format")
    lost = rows[rows.below_subnormal.notna()].index
    return next(name for name in ("float16", "bfloat16", "float32") if name in lost)


TRUTH = {
    "decay": lambda: 0.25**10,
    "nearly_one": lambda: 0.9**50,
    "rank": lambda: "tanh",
    "he": lambda: _ratio("leaky_relu", initializer="he_uniform") / _ratio("leaky_relu"),
    "luck": _luck,
    "torch_default": _torch_ratio,
    "number_format": _float16,
    "steps": lambda: 4.0**9,
    "catching_up": lambda: "he",
    "least_remedy": lambda: "initialization",
    "gates": lambda: "lstm",
    "edge": lambda: "2",
}


@pytest.mark.parametrize("name", TRUTH)
def test_the_answer_is_the_engines(name):
    truth, expected = results.result(STEPS[name]).truth, TRUTH[name]()
    assert truth == expected if isinstance(expected, str) else truth == pytest.approx(expected, rel=1e-9)


@pytest.mark.slow
def test_deep_sigmoid_networks_do_not_read_and_relu_with_he_does():
    assert results.result(STEPS["accuracy"]).truth < 0.2
    result = results.result(STEPS["what_helps"])
    assert result.truth == "relu_he"
    assert result.rows["relu_he"] > 0.9
    assert max(result.rows["patience"], result.rows["rate"]) < 0.2


def test_what_helps_the_slowest_layer_is_what_brings_the_signal_back():
    # The slowest layer's step over its weights' length, by the engine's own gradients.
    def slowest(rate, **changes):
        spec = vanish.NetworkSpec(**{"activation": "leaky_relu"} | changes)
        drawn = vanish.initialize(spec, 42)
        gradients = vanish.backprop(spec, drawn, (0.5, -0.3, 0.8, -0.1)).weights
        return min(rate * np.linalg.norm(g) / np.linalg.norm(w) for g, w in zip(gradients, drawn.weights, strict=True))

    expected = {
        "rate": slowest(0.1),
        "he": slowest(0.01, initializer="he_uniform"),
        "tanh": slowest(0.01, activation="tanh"),
    }
    assert results.result(STEPS["catching_up"]).rows == pytest.approx(expected, rel=1e-9)
    assert expected["rate"] == pytest.approx(10 * slowest(0.01))
    why = results.result(STEPS["catching_up"]).why
    assert "biases moved 26,943 times" in why
    assert "its weights 9.6 times: the signal had faded both ways" in why


def test_an_update_gate_is_half_open_before_training():
    shown = STEPS["gates"].as_set
    (spec,) = [spec for spec in shown.recurrent_specs if spec.cell == "gru"]
    parameters = vanish.sequence.initialize_recurrent(spec, shown.seed)
    # PyTorch's order of the rows: reset, update, new.
    rows = slice(spec.hidden, 2 * spec.hidden)
    generator, state, opened = np.random.default_rng(0), np.zeros(spec.hidden), []
    for _ in range(100):
        sent = shown.input_scale * generator.standard_normal(spec.n_inputs)
        gates = [
            weights @ given + bias
            for weights, given, bias in (
                (
                    parameters.weight_ih,
                    sent,
                    parameters.bias_ih,
                ),
                (parameters.weight_hh, state, parameters.bias_hh),
            )
        ]
        reset, update = (1 / (1 + np.exp(-(gates[0] + gates[1])[part])) for part in (slice(0, spec.hidden), rows))
        new = np.tanh(gates[0][2 * spec.hidden :] + reset * gates[1][2 * spec.hidden :])
        state = (1 - update) * new + update * state
        opened.append(update)
    assert 0.4 < np.mean(opened) < 0.6
    assert "about half open" in results.result(STEPS["gates"]).why


def test_batch_norm_explodes_as_yang_et_al_say():
    shown = STEPS["batch_norm"].as_set
    result = results.result(STEPS["batch_norm"]).truth
    assert result > 100
    theory = measured.theory(shown.specs, shown.signal).sizes["relu"]
    assert 0.1 < result / (theory[0] / theory[-1]) < 10


@pytest.mark.slow
@pytest.mark.parametrize("name", STEPS)
def test_the_right_answer_is_good_and_the_ends_say_how_far_off_they_are(name):
    step, result = STEPS[name], results.result(STEPS[name])
    texts = step.answer.texts
    nearest = min(texts, key=lambda text: step.answer.miss(text, result))
    assert step.answer.miss(nearest, result) <= GOOD
    assert not all(step.answer.miss(text, result) <= GOOD for text in texts)
    for text in texts:
        one = outcome(name, text)
        assert one.good == (one.miss <= GOOD)
        said = one.verdict
        assert numbers.number(float("nan")) not in said
        if isinstance(step.answer, Options):
            assert said.startswith("Right: ") == one.good
        else:
            assert ("too" in said) != ("Spot on" in said)
            assert "Close" not in said or one.good
    assert outcome(name, SHOWN).verdict == f"The answer: {step.answer.truth(result)}."


@pytest.mark.slow
@pytest.mark.parametrize("name", STEPS)
def test_what_is_drawn_has_every_number_and_the_readers_guess(name):
    step, result = STEPS[name], results.result(STEPS[name])
    for text in step.answer.texts:
        shown = chart.rows(outcome(name, text))
        number = step.answer.number(text)
        assert [row.value for row in shown if not row.words.startswith("Your guess")] == list(result.rows.values())
        assert [row.value for row in shown if row.words.startswith("Your guess")] == (
            [] if number is None else [number]
        )
        assert len([row for row in shown if row.kind == "measured"]) == 1
        if isinstance(step.answer, Options):
            assert ("← you" in " ".join(row.words for row in shown)) == (text in result.rows)
    assert not any(row.kind == "guess" for row in chart.rows(outcome(name, SHOWN)))


@given(st.sampled_from(sorted(KINDS, key=str)), st.data(), TRUTHS)
def test_a_guess_is_held_against_any_number_that_may_have_been_measured(answer, data_, truth):
    text = data_.draw(st.sampled_from(list(answer.texts)))
    result = Result(truth, {"It": truth}, "It", "Why.", isinstance(answer, ShareGuess))
    miss = answer.miss(text, result)
    assert miss >= 0
    assert math.isfinite(miss) == (math.isfinite(truth) and (truth > 0 or isinstance(answer, ShareGuess)))
    assert answer.verdict(text, result)
    assert answer.truth(result)


@given(st.integers(-12, 11), st.integers(1, 9))
def test_a_slider_goes_from_end_to_end_in_steps_of_one_two_five(low, span):
    answer = LogGuess(low, low + span)
    values = [float(text) for text in answer.texts]
    assert values == sorted(values)
    assert (values[0], values[-1]) == (float(f"1e{low}"), float(f"1e{low + span}"))
    ratios = np.diff(np.log10(values))
    assert (ratios < math.log10(2.6)).all()
    assert len(set(answer.texts.values())) == len(values)


def test_a_place_is_within_its_lesson():
    short = LESSONS["short"]
    assert place.place(None, 3, "", 0) is None
    assert place.place(None, 3, "", 1).lesson == LESSONS["workshop"]
    where = place.place("short", 2, "decay.1e-6", 0)
    assert (where.step, where.answered, where.hides) == (short.steps[1], None, True)
    assert place.place("short", 1, "decay.", 0).hides is False
    end = place.place("short", 40, "", 0)
    assert (end.step, end.number, end.hides) == (None, len(short.steps) + 1, False)


def test_answers_to_no_question_are_left_out_and_named():
    known, unknown = place.known_answers("decay.1e-6~rank.evil~nobody.1~decay2.~he.")
    assert known == {"decay": "1e-6", "he": SHOWN}
    assert unknown == ["rank.evil", "nobody.1", "decay2."]
    right, (line,) = place.put_right({"guesses": "decay.1e-6~nobody.1"})
    assert right == {"guesses": "decay.1e-6"}
    assert "`nobody.1`" in line


@pytest.mark.parametrize(("link", "last"), [({"lesson": "short"}, 6), ({"present": 1}, len(STEPS) + 1)])
def test_a_step_beyond_the_end_is_the_take_aways(link, last):
    right, (line,) = place.put_right({**link, "step": 40})
    assert right["step"] == last
    assert f"**{last}**" in line
    assert place.put_right({**link, "step": last}) == ({**link, "step": last}, [])


ANY_ANSWERS = st.dictionaries(
    st.from_regex(r"[a-z][a-z0-9_]{0,24}", fullmatch=True), st.from_regex(r"[a-z0-9_.+-]{0,24}", fullmatch=True)
)


@given(ANY_ANSWERS)
def test_answers_come_back_from_their_text(answers):
    assert kit_answers.answers(kit_answers.answers_text(answers)) == answers


@given(st.text() | st.text(alphabet="ab1.~_-", max_size=80))
def test_any_text_is_read_or_refused_and_what_is_kept_can_be_kept_again(text):
    control = CONTROLS["guesses"]
    try:
        kept, whole = control.parse([text])
    except ValueError:
        return
    assert control.check(kept) == kept
    assert whole == (kept == text)
    assert len(kit_answers.answers(kept)) <= control.at_most
    known, unknown = place.known_answers(kept)
    assert set(known) <= STEPS.keys()
    assert len(known) + len(unknown) == len(kit_answers.answers(kept))


def test_a_flood_of_answers_is_cut():
    control = CONTROLS["guesses"]
    flood = "~".join(f"q{n}.{'1' * 24}" for n in range(100_000))
    kept, whole = control.parse([flood])
    assert not whole
    assert len(kept) <= 52 * control.at_most
    with pytest.raises(ValueError, match=r"^$"):
        control.check(flood)


def test_what_is_known_is_not_asked_again(monkeypatch):
    step = STEPS["decay"]
    first = results.result(step)
    monkeypatch.setattr(measures, "ideal", None)
    assert results.result(step) is first
    assert DEFAULTS["guesses"] == ""
