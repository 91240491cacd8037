import re
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from ui.app import checked, click, copied, finding, move, page, settings, shown

from vanish.references import REFERENCES
from vanish.ui.chapters.table import CHAPTERS
from vanish.ui.kit.gate import Gate
from vanish.ui.kit.shared import Store
from vanish.ui.lesson import place, results, takeaways
from vanish.ui.lesson.answers import SHOWN, START
from vanish.ui.lesson.results import Outcome
from vanish.ui.lesson.steps import LESSONS, STEPS
from vanish.ui.shell.settings import CONTROLS, KEPT, LESSON_KEYS

# The clinic's are walked by tests of its own.
GUIDED = [name for name, lesson in LESSONS.items() if not lesson.is_clinic]
EVERY_STEP = [(name, number) for name in GUIDED for number in range(1, len(LESSONS[name].steps) + 1)]


def said(app):
    return "\n".join(words.value for words in app.markdown)


def buttons(app):
    return {button.key for button in app.button}


def guess(app, step, text):
    """The page after the reader has set the widget and asked to be shown."""
    if text == START:
        # Where the slider stands by itself, it is moved to on purpose.
        move(app, f"guess_{step.name}", next(one for one in step.answer.texts if one != START))
    move(app, f"guess_{step.name}", text)
    return click(app, "lesson_show")


def at_step(name, number, **more):
    return page(lesson=name, step=str(number), **more)


def hidden(app):
    return not app.title and not app.metric and not app.get("vega_lite_chart") and not app.dataframe


@pytest.mark.slow
@pytest.mark.parametrize(("name", "number"), EVERY_STEP)
def test_every_step_asks_first_shows_then_leads_on_and_is_found_again_by_its_link(name, number):
    step = LESSONS[name].steps[number - 1]
    app = at_step(name, number)
    assert f"question {number} of {len(LESSONS[name].steps)}" in app.get("progress")[0].text
    assert step.question in said(app)
    assert hidden(app)
    assert step.controls.items() <= vars(settings(app)).items()
    # The first answer that can be given, or the last.
    text = list(step.answer.texts)[-(number % 2)]
    result = results.result(step)
    assert result.why not in said(app)
    guess(app, step, text)
    assert Outcome(step, text, result).verdict in said(app)
    assert result.why in said(app)
    assert all(REFERENCES[key].short in said(app) for key in step.sources)
    assert app.title[0].value == finding(app)
    assert app.header[0].value == CHAPTERS[step.chapter].question
    # The address and the link that is copied, which are mostly the same.
    address = {key: texts if isinstance(texts, list) else [texts] for key, texts in app.query_params.items()}
    links = [address, parse_qs(urlencode(copied(app)), keep_blank_values=True)]
    for link in links[: 1 if links[0] == links[1] else 2]:
        again = page(**link)
        assert not again.warning
        assert settings(again) == settings(app)
        assert Outcome(step, text, result).verdict in said(again)
        assert sorted(copied(again)) == sorted(copied(app))
    click(app, "lesson_next")
    if number < len(LESSONS[name].steps):
        following = LESSONS[name].steps[number]
        assert hidden(app)
        assert following.question in said(app)
        assert following.controls.items() <= vars(settings(app)).items()
        click(app, "lesson_back")
    else:
        assert app.title[0].value == "What to take home"
        click(app, "to_questions")
    assert result.why in said(app)
    assert step.controls.items() <= vars(settings(app)).items()


def test_without_a_lesson_there_is_one_way_in_and_nothing_else():
    app = page()
    assert [button.key for button in app.menu_button] == ["lesson_entry"]
    assert not any(key.startswith("lesson") for key in buttons(app))
    assert not app.get("progress")
    assert not app.query_params
    assert set(shown(app)).isdisjoint(KEPT)


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_begins_at_its_first_question_and_is_left_with_one_click(name):
    app = page()
    app.menu_button(key="lesson_entry").click(name)
    checked(app.run())
    assert settings(app).lesson == name
    assert LESSONS[name].steps[0].question in said(app)
    assert not app.menu_button
    click(app, "lesson_leave")
    assert app.title[0].value == finding(app)
    assert settings(app).lesson is None
    assert not set(app.query_params) & set(LESSON_KEYS)


@pytest.mark.slow
def test_who_comes_back_goes_on_where_there_is_no_answer_yet():
    app = click(guess(page(lesson="short"), STEPS["decay"], "1e-4"), "lesson_leave")
    assert app.query_params["guesses"] == "decay.1e-4"
    app.menu_button(key="lesson_entry").click("workshop")
    checked(app.run())
    assert STEPS["nearly_one"].question in said(app)
    done = "~".join(f"{step.name}." for step in LESSONS["short"].steps)
    app = page(guesses=done)
    app.menu_button(key="lesson_entry").click("short")
    assert checked(app.run()).title[0].value == "What to take home"


def test_no_choice_no_show_and_skipping_leaves_the_question_open():
    app = at_step("short", 2)
    assert app.button(key="lesson_show").disabled
    move(app, "guess_rank", "tanh")
    assert not app.button(key="lesson_show").disabled
    click(app, "lesson_next")
    assert settings(app).guesses == ""
    assert STEPS["he"].question in said(app)


def test_where_a_slider_stands_by_itself_is_no_guess():
    app = at_step("short", 1)
    assert app.button(key="lesson_show").disabled
    move(app, "guess_decay", "1e-4")
    assert not app.button(key="lesson_show").disabled
    # Another question, and back: what stands there now, nobody has said.
    click(click(app, "lesson_next"), "lesson_back")
    assert app.button(key="lesson_show").disabled
    assert settings(click(app, "lesson_no_guess")).guesses == "decay."


def test_who_will_not_guess_is_shown_all_the_same():
    app = click(at_step("short", 2), "lesson_no_guess")
    assert "The answer: tanh." in said(app)
    assert settings(app).guesses == "rank."


def test_what_the_reader_moves_is_another_network_but_no_other_answer():
    step = STEPS["rank"]
    app = guess(at_step("short", 2), step, "leaky_relu")
    assert "lesson_settings" not in buttons(app)
    move(app, "depth", 20)
    assert app.title[0].value == finding(app)
    assert results.result(step).why in said(app)
    click(app, "lesson_settings")
    assert settings(app).depth == 10
    assert "lesson_settings" not in buttons(app)


def test_a_moved_control_tells_nothing_before_the_guess():
    app = move(at_step("short", 2), "depth", 20)
    assert hidden(app)
    app.session_state["chapter"] = CONTROLS["chapter"].called("updates")
    assert hidden(checked(app.run()))
    assert app.header[0].value == CHAPTERS["updates"].question
    assert hidden(page(**parse_qs(urlencode(copied(app)))))


def test_controls_that_would_move_nothing_are_out_of_sight_until_the_guess():
    def out_of_sight(app):
        return any(one.proto.body == "<style>.st-key-row { display: none; }</style>" for one in app.get("html"))

    app = at_step("short", 2)
    assert out_of_sight(app)
    app = click(app, "lesson_no_guess")
    assert not out_of_sight(app)
    assert "depth" in shown(app)


def test_links_without_guesses_and_for_a_group_and_the_page_in_a_frame():
    app = click(at_step("short", 2, guesses="decay.1e-4"), "lesson_no_guess")
    own, without, group = (parse_qs(urlsplit(code.value).query, keep_blank_values=True) for code in app.code[:3])
    assert own["guesses"] == ["decay.1e-4~rank."]
    assert without == {key: texts for key, texts in own.items() if key != "guesses"}
    assert group == {"lesson": ["short"], "step": ["2"]}
    assert hidden(page(**group))
    app.session_state["embed"] = True
    (frame,) = [code.value for code in checked(app.run()).code if "<iframe" in code.value]
    source = dict(Parsed(frame).attributes)["src"]
    assert not parse_qs(urlsplit(source).query).keys() & set(LESSON_KEYS)
    assert parse_qs(urlsplit(source).query)["embed"] == ["true"]
    ended = page(lesson="short", step="6", guesses="decay.1e-4")
    assert "For a group that is to start at this question" not in [caption.value for caption in ended.caption]


def test_reset_and_presets_leave_a_lesson_alone():
    app = guess(at_step("short", 2), STEPS["rank"], "tanh")
    move(app, "preset", "deep_sigmoid")
    assert (settings(app).lesson, settings(app).step, settings(app).depth) == ("short", 2, 50)
    click(app, "reset")
    assert (settings(app).lesson, settings(app).step, settings(app).depth) == ("short", 2, 10)
    assert settings(app).guesses == "rank.tanh"
    left = click(click(app, "lesson_leave"), "reset")
    assert settings(left).guesses == ""


def test_a_pinned_network_has_no_part_in_a_lesson():
    app = click(guess(at_step("short", 2), STEPS["rank"], "tanh"), "pin_this")
    assert not set(parse_qs(settings(app).pin or "")) & set(LESSON_KEYS)
    assert (settings(app).pinned.lesson, settings(app).pinned.guesses) == (None, "")


HOSTILE = {
    "lesson": ["evil", "", "SHORT", "<b>"],
    "step": ["0", "-1", "41", "1e9", "x", "nan"],
    "guesses": ["evil", "rank.tanh~~", "rank.<script>", "~", "rank.tanh~rank.sigmoid", "x" * 9000],
    "present": ["3", "-1", "yes", "inf"],
}


@pytest.mark.slow
@pytest.mark.parametrize(("key", "text"), [(key, text) for key, texts in HOSTILE.items() for text in texts])
@pytest.mark.parametrize("around", [{}, {"lesson": "short", "step": "2"}])
def test_a_hostile_link_is_put_right_with_one_message(key, text, around):
    app = page(**around | {key: text})
    (warning,) = app.warning
    assert re.findall(r"\*\*(\w+)\*\* takes ", warning.value) == [key]
    assert "<script>" not in said(app)
    assert key not in app.query_params or app.query_params[key] != text
    now = settings(app)
    assert CONTROLS[key].check(getattr(now, key)) == getattr(now, key)
    if around and key not in around:
        # Beyond the slides is the leader's page, which has all questions by their names.
        assert (STEPS["rank"].title if now.present == place.SHEET else STEPS["rank"].question) in said(app)


def test_answers_to_questions_that_do_not_exist_are_named_and_left_out():
    app = page(lesson="short", step="2", guesses="rank.tanh~nobody.1~decay.evil")
    (warning,) = app.warning
    assert "nobody.1, decay.evil" in warning.value
    assert app.query_params["guesses"] == "rank.tanh"
    assert "Right: tanh." in said(app)


def test_a_step_beyond_the_end_is_the_take_aways_and_named():
    app = page(lesson="short", step="30")
    assert "**step** takes a whole number from 1 to 6" in app.warning[0].value
    assert app.title[0].value == "What to take home"
    assert app.query_params["step"] == "6"


ANSWERS = {name: next(iter(step.answer.texts)) for name, step in STEPS.items()}
ALL = "~".join(f"{name}.{text}" for name, text in ANSWERS.items())


@pytest.mark.slow
@pytest.mark.parametrize("name", GUIDED)
def test_the_take_aways_hold_the_readers_own_numbers(name):
    steps = LESSONS[name].steps
    app = page(lesson=name, step=str(len(steps) + 1), guesses=ALL)
    words = said(app)
    for step in steps:
        came = Outcome(step, ANSWERS[step.name], results.result(step))
        assert f"**{step.moral}**  \n   {step.lead} {came.verdict}" in words
        assert all(words.count(REFERENCES[key].line) == 1 for key in step.sources)
    assert len(app.get("vega_lite_chart")) == takeaways.MOST_CHARTS
    assert f"of your {len(steps)} guesses" in words
    click(app, "again")
    assert steps[0].question in said(app)
    kept = place.known_answers(settings(app).guesses)[0]
    assert kept.keys() == STEPS.keys() - {step.name for step in steps}


def test_take_aways_without_any_answer_are_no_error_and_lead_back():
    app = page(lesson="workshop", step=str(len(STEPS) + 1))
    assert "No question has been answered yet" in said(app)
    click(app, "lesson_leave")
    assert app.title[0].value == finding(app)


class Parsed(HTMLParser):
    """Tags that were opened and closed, attributes, and the text between."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.attributes, self.text = [], set(), [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes += attributes
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes += attributes

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, text):
        self.text.append(text)


@pytest.mark.slow
def test_the_document_is_whole_and_has_the_readers_numbers_and_loads_nothing():
    outcomes = [Outcome(STEPS[name], text, results.result(STEPS[name])) for name, text in ANSWERS.items()]
    outcomes.append(Outcome(STEPS["he"], SHOWN, results.result(STEPS["he"])))
    written = takeaways.document(outcomes, len(STEPS))
    parsed = Parsed(written)
    assert parsed.open == []
    assert "http" not in written
    assert not parsed.tags & {"script", "link", "img", "iframe"}
    assert not [name for name, _ in parsed.attributes if name in ("src", "href") or name.startswith("on")]
    text = " ".join(" ".join(parsed.text).split())
    for answered in outcomes:
        for words in (
            answered.step.question,
            answered.verdict,
            answered.step.moral,
            answered.result.why.replace("`", ""),
        ):
            assert " ".join(words.split()) in text
        assert all(REFERENCES[key].line in text for key in answered.step.sources)
    assert written.count("<figure") == len(outcomes)


def test_a_document_of_nothing_is_one_too():
    assert Parsed(takeaways.document([], 5)).open == []


def test_presenter_mode_walks_the_workshop_and_shows_before_it_moves_on():
    app = page(present="1")
    for number, step in enumerate(LESSONS["workshop"].steps[:3], 1):
        assert f"# {step.question}" in said(app)
        assert app.button(key="present_back").disabled == (number == 1)
        assert not app.get("vega_lite_chart")
        click(app, "present_next")
        assert len(app.get("vega_lite_chart")) == 1
        assert results.result(step).why in said(app)
        assert app.query_params["present"] == "1"
        click(app, "present_next")
    assert not shown(app)
    again = page(**dict(app.query_params))
    assert said(again) == said(app)
    click(again, "present_back")
    assert results.result(LESSONS["workshop"].steps[2]).why in said(again)


def test_an_answer_on_the_projector_can_be_hidden_again_and_only_that():
    app = page(present="1", step="3", guesses="rank.~decay.1e-4")
    assert len(app.get("vega_lite_chart")) == 1
    click(app, "present_hide")
    assert not app.get("vega_lite_chart")
    assert "present_hide" not in buttons(app)
    assert app.query_params["guesses"] == "decay.1e-4"
    assert results.result(STEPS["rank"]).why in said(click(app, "present_next"))


def test_presenter_mode_is_left_for_the_same_step_of_the_page():
    app = click(page(present="1", step="3"), "present_leave")
    assert STEPS["rank"].question in said(app)
    assert (settings(app).lesson, settings(app).step, settings(app).present) == ("workshop", 3, 0)
    assert not STEPS["rank"].is_away(settings(app))
    assert f"# {STEPS['rank'].question}" in said(click(app, "lesson_present"))


@pytest.mark.parametrize("present", ["1", "2"])
def test_slides_have_their_questions_chapter_whatever_their_link_says(present):
    app = page(present=present, step="9", chapter="train", depth="7")
    assert settings(app).chapter == STEPS["catching_up"].chapter
    assert not STEPS["catching_up"].is_away(settings(app))


def test_presenter_mode_ends_with_what_to_take_home():
    app = page(present="1", lesson="short", step="6")
    assert all(step.moral in said(app) for step in LESSONS["short"].steps)
    assert app.button(key="present_next").disabled
    assert STEPS["accuracy"].question in said(click(app, "present_back"))


@pytest.mark.slow
def test_a_measurement_that_takes_its_time_shows_how_far_it_is(monkeypatch):
    told = []
    step = STEPS["accuracy"]
    monkeypatch.setattr(results, "STORE", Store(1_000_000, Gate(1, {})))
    results.result(step, lambda share, words: told.append((share, words)))
    assert results.is_known(step)
    assert told == sorted(told, key=lambda one: one[0])
    assert all(words.startswith("Training: step") for _, words in told)


@pytest.mark.slow
def test_the_leaders_page_has_every_line_to_say_and_what_has_been_measured(monkeypatch):
    monkeypatch.setattr(results, "STORE", Store(1_000_000, Gate(1, {})))
    results.result(STEPS["rank"])
    app = page(present="2", lesson="short")
    assert app.title[0].value == "Leader's page: 10 minutes, 5 questions"
    assert not app.get("vega_lite_chart")
    told = [line for line in said(app).splitlines() if line.startswith("| ") and "| Question |" not in line]
    assert len(told) == len(LESSONS["short"].steps)
    for line, step in zip(told, LESSONS["short"].steps, strict=True):
        measured = "tanh" if step.name == "rank" else "not measured yet"
        assert line.split(" | ")[1:] == [step.title, measured, f"{step.moral} |"]
    click(app, "leader_measure")
    assert "not measured yet" not in said(app)
    assert "leader_measure" not in buttons(app)
    assert f"# {STEPS['decay'].question}" in said(click(app, "leader_slides"))
    assert app.query_params["present"] == "1"


def test_a_bad_link_is_told_on_the_projector_too():
    (message,) = page(present="1", depth="-3").warning
    assert "**depth**" in message.value
    assert not page(present="1").warning
