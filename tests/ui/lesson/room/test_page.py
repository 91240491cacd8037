"""Who leads a room and who takes part, on pages of one server."""

from urllib.parse import parse_qs, urlencode

import pytest
from ui.app import checked, click, copied, move, page, settings

from vanish.ui.lesson import results
from vanish.ui.lesson.results import Outcome
from vanish.ui.lesson.room import codes, door, store, words
from vanish.ui.lesson.room.store import Said
from vanish.ui.lesson.steps import STEPS
from vanish.ui.shell.settings import ROOM_KEYS

DECAY, RANK = STEPS["decay"], STEPS["rank"]
TRUTH = Outcome(DECAY, "", results.result(DECAY)).verdict


@pytest.fixture(autouse=True)
def rooms(monkeypatch):
    """A server that has just been started, and one that was started anew when it is called."""

    def fresh():
        monkeypatch.setattr(door.ROOMS, "_rooms", {})
        return door.ROOMS

    return fresh


def said(app):
    return "\n".join(words.value for words in app.markdown)


def buttons(app):
    return {button.key for button in app.button}


def leader(**link):
    return click(page(lesson="short", **link), "room_open")


def guesses(app, step, text):
    """The page after its reader has guessed, and sent it."""
    move(app, f"guess_{step.name}", text)
    return click(app, "room_send")


def again(app, **other):
    """What the present address opens in the same browser."""
    link = dict(app.query_params) | other
    kept = app.session_state.get(door.SEAT)
    with pytest.MonkeyPatch.context() as same:
        same.setattr(codes, "new_seat", lambda: kept)
        return page(**link)


@pytest.mark.slow
def test_whoever_opens_the_rooms_link_is_where_the_room_is_and_leads_nothing():
    led = leader(step="2")
    code, lead = led.query_params["room"], led.query_params["lead"]
    assert code in said(led)
    assert f"http://host/?room={code}" in [block.value for block in led.code]
    app = page(room=code)
    assert settings(app).lesson == "short"
    assert settings(app).step == 2
    assert RANK.question in said(app)
    assert "0 of 1" not in said(app)
    assert "nobody has answered yet" in said(app)
    assert lead not in str(app.query_params) + str(copied(app)) + said(app)
    assert "room_close" in buttons(led)
    assert "room_close" not in buttons(app)
    assert not {key for key, _ in copied(app)} & set(ROOM_KEYS)
    assert lead not in "".join(block.value for block in [*app.code, *led.code])


@pytest.mark.slow
def test_a_guess_is_sent_changed_and_shown_when_the_room_is(rooms):
    led = leader()
    code = led.query_params["room"]
    app = guesses(page(room=code), DECAY, "1e-3")
    assert door.ROOMS.tally(code, "decay").counts["1e-3"] == 1
    assert words.sent(DECAY.answer.texts["1e-3"]) in said(app)
    assert TRUTH.split(":")[1] not in said(app)
    assert not app.title
    guesses(app, DECAY, "1e-6")
    assert door.ROOMS.tally(code, "decay").counts["1e-6"] == door.ROOMS.tally(code, "decay").answered == 1
    checked(led.run())
    assert "1 of 1 has answered" in said(led)
    click(led, "lesson_no_guess")
    checked(app.run())
    assert Outcome(DECAY, "1e-6", results.result(DECAY)).verdict in said(app)
    assert "sent" not in app.query_params
    assert "decay.1e-6" in app.query_params["guesses"]
    click(led, "lesson_next")
    checked(app.run())
    assert "is at question 2 of 5" in said(app)
    assert [toast.value for toast in app.toast] == ["The room is at question 2 of 5."]
    checked(app.run())
    assert not app.toast
    click(app, "room_follow")
    assert RANK.question in said(app)
    # It is too late for who has not guessed, who loses nothing else.
    late = guesses(page(room=code, lesson="short"), DECAY, "1e-4")
    assert Outcome(DECAY, "1e-4", results.result(DECAY)).verdict in said(late)
    assert words.not_counted(Said.SHOWN) in said(late)
    assert door.ROOMS.tally(code, "decay").answered == 1


def test_the_projector_shows_the_guesses_as_they_come_and_the_truth_on_top(drawn):
    led = click(page(lesson="short", present="1"), "room_open")
    code = led.query_params["room"]
    assert f"`host/?room={code}`" in said(led)
    assert "Open this on your phone" in said(led)
    for number, text in enumerate(("1e-3", "1e-6", "1e-6")):
        door.ROOMS.answer(code, f"{number:016x}", "decay", text)
    drawn.clear()
    checked(led.run())
    assert "3 of 3 have answered" in said(led)
    _, data, spoken = drawn["room_guesses"]
    assert "measured" not in spoken.lower()
    assert data["data"]["place"].tolist() == [0, 1, 0]
    drawn.clear()
    click(led, "present_next")
    _, data, spoken = drawn["room_guesses"]
    assert data["truth"]["value"].tolist() == [results.result(DECAY).truth]
    assert "Measured: " in spoken
    assert "presented" in drawn
    # Hidden again or not: what was seen was seen.
    drawn.clear()
    click(led, "present_hide")
    assert door.ROOMS.look(code).shown == {"decay"}


def test_the_end_has_the_rooms_own_score_on_the_page_and_to_take_home():
    led = click(page(lesson="short", present="1", step="5"), "room_open")
    code, lead = led.query_params["room"], led.query_params["lead"]
    results.result(DECAY)
    for number, text in enumerate(("1e-3", "1e-6", "1e-6")):
        door.ROOMS.answer(code, f"{number:016x}", "decay", text)
    door.ROOMS.go(code, lead, 1, ["decay"])
    at_the_end = page(room=code, lead=lead, lesson="short", step="6", guesses="decay.")
    assert "2 of 3 right or near (67 %)" in said(at_the_end)
    assert "without guessing" not in said(at_the_end)
    assert [button.label for button in at_the_end.get("download_button")] == ["Download as a page", "The room as CSV"]
    projected = page(room=code, lead=lead, present="1", lesson="short", step="6", guesses="decay.")
    assert f"1. **67 %** {DECAY.moral}" in said(projected)


def test_who_is_ahead_is_counted_and_may_look_by_themselves():
    led = leader()
    code = led.query_params["room"]
    app = guesses(page(room=code, lesson="short", step="2"), RANK, "tanh")
    assert "is at question 1 of 5" in said(app)
    click(app, "room_show")
    assert Outcome(RANK, "tanh", results.result(RANK)).verdict in said(app)
    assert door.ROOMS.answer(code, app.query_params["seat"], "rank", "sigmoid") is Said.FINAL
    assert door.ROOMS.tally(code, "rank").counts["tanh"] == 1


def test_a_reload_keeps_the_one_vote_and_somebody_elses_address_brings_none():
    code = leader().query_params["room"]
    app = guesses(page(room=code), DECAY, "1e-3")
    once_more = again(app)
    assert words.sent(DECAY.answer.texts["1e-3"]) in said(once_more)
    assert once_more.select_slider[0].value == "1e-3"
    guesses(once_more, DECAY, "1e-4")
    assert door.ROOMS.tally(code, "decay").answered == 1
    other = page(**dict(once_more.query_params))
    assert "were made in another browser" in other.warning[0].value
    assert words.sent(DECAY.answer.texts["1e-4"]) not in said(other)
    assert door.ROOMS.tally(code, "decay").answered == 1
    assert other.query_params["seat"] != once_more.query_params["seat"]


def test_who_comes_into_a_full_room_is_told_and_is_in_it_once_there_is_a_place(monkeypatch):
    monkeypatch.setattr(store, "MOST_PEOPLE", 1)
    code = leader().query_params["room"]
    assert door.ROOMS.join(code, "0" * 16)
    app = guesses(page(room=code), DECAY, "1e-3")
    assert words.not_counted(Said.FULL) in said(app)
    assert door.ROOMS.tally(code, "decay").answered == 0
    monkeypatch.setattr(store, "AWAY_SILENT", 1e-9)
    checked(app.run())
    assert words.not_counted(Said.FULL) not in said(app)
    assert door.ROOMS.tally(code, "decay").counts["1e-3"] == 1


def test_a_server_that_was_started_anew_gets_the_guesses_back(rooms):
    led = leader()
    code = led.query_params["room"]
    app = guesses(page(room=code), DECAY, "1e-3")
    click(led, "lesson_no_guess")
    click(led, "lesson_next")
    checked(app.run())
    guesses(click(app, "room_follow"), RANK, "tanh")
    rooms()
    lost = again(app)
    assert words.GONE in said(lost)
    assert RANK.question in said(lost)
    led = again(led)
    assert door.ROOMS.look(code).again
    checked(lost.run())
    assert words.GONE not in said(lost)
    assert door.ROOMS.tally(code, "decay").counts["1e-3"] == door.ROOMS.tally(code, "decay").answered == 1
    assert door.ROOMS.tally(code, "rank").counts["tanh"] == 1


def test_another_secret_leads_nothing_and_is_not_shown():
    code = leader().query_params["room"]
    wrong = codes.new_secret()
    app = page(room=code, lead=wrong)
    assert "here you take part as everybody does" in app.warning[0].value
    assert wrong not in app.warning[0].value + said(app) + str(app.query_params)
    assert "room_close" not in buttons(app)
    app = page(room=code, lead=f"{wrong}x")
    assert wrong not in app.warning[0].value + said(app) + str(app.query_params)


def test_a_code_that_nobody_has_opened_is_said_and_the_page_opens_all_the_same():
    app = page(room="oak-100")
    assert "the page got `oak-100`" in app.warning[0].value
    assert not app.query_params
    assert app.title
    app = page(room="no room at all")
    assert "**room** takes a code such as oak-423" in app.warning[0].value
    code = leader().query_params["room"]
    assert page(room=code.upper().replace("-", " ")).query_params["room"] == code


def test_a_closed_room_lets_everybody_go_on_alone():
    led = leader()
    app = guesses(page(room=led.query_params["room"]), DECAY, "1e-3")
    click(led, "room_close")
    assert not set(led.query_params) & set(ROOM_KEYS)
    checked(app.run())
    assert words.GONE in said(app)
    click(app, "room_leave")
    assert Outcome(DECAY, "1e-3", results.result(DECAY)).verdict in said(app)
    assert not set(app.query_params) & set(ROOM_KEYS)


def test_a_browser_is_known_by_what_streamlit_has_given_it():
    # One token of 16 bytes under two masks.
    first, second = "2|00000000|000102030405060708090a0b0c0d0e0f|1", "2|01010101|010003020504070609080b0a0d0c0f0e|9"
    assert door.browser(first) == door.browser(second) == bytes(range(16))
    for none in ("", "x", "1|00|00|1", "2||00|1", "2|zz|00|1", "2|00"):
        assert not door.browser(none)


def test_a_link_with_a_seat_and_no_room_has_neither():
    app = page(**parse_qs(urlencode({"seat": "0" * 16, "lead": "0" * 32, "sent": "decay.1e-3"})))
    assert not app.query_params
