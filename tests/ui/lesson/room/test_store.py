import threading
from collections import Counter

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from vanish.ui.lesson.room import codes, store
from vanish.ui.lesson.room.store import Rooms, Said

QUESTIONS = {"short": {"a": ("yes", "no"), "b": tuple(f"1e{n}" for n in range(-9, 1))}}
TOKENS = [f"{n:016x}" for n in range(5)]


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def rooms(clock):
    return Rooms(QUESTIONS, clock)


@pytest.fixture
def room(rooms):
    return rooms.open("short")


def test_a_person_is_counted_once_and_may_think_again_until_the_truth_is_shown(rooms, room):
    code, lead = room
    assert rooms.answer(code, TOKENS[0], "a", "yes") is Said.COUNTED
    assert rooms.answer(code, TOKENS[0], "a", "no") is Said.COUNTED
    assert rooms.answer(code, TOKENS[1], "a", "no") is Said.COUNTED
    assert rooms.tally(code, "a").counts == {"yes": 0, "no": 2}
    assert rooms.go(code, lead, 2, ["a"])
    assert rooms.answer(code, TOKENS[0], "a", "yes") is Said.SHOWN
    assert rooms.answer(code, TOKENS[2], "a", "yes") is Said.SHOWN
    assert rooms.answer(code, TOKENS[0], "a", "no", final=True) is Said.COUNTED
    assert rooms.tally(code, "a").counts == {"yes": 0, "no": 2}
    assert rooms.answer(code, TOKENS[0], "b", "1e-3") is Said.COUNTED
    assert rooms.look(code) == store.Room(code, "short", 2, 3, frozenset("a"), again=False)


def test_who_has_seen_the_truth_says_nothing_else(rooms, room):
    code, _ = room
    assert rooms.answer(code, TOKENS[0], "a", "yes", final=True) is Said.COUNTED
    assert rooms.answer(code, TOKENS[0], "a", "no") is Said.FINAL
    assert rooms.answer(code, TOKENS[0], "a", "yes") is Said.COUNTED
    assert rooms.tally(code, "a").counts == {"yes": 1, "no": 0}


def test_only_the_secret_leads(rooms, room):
    code, lead = room
    others = ["", codes.new_secret(), lead[:-1], lead + "0", "é"]
    for wrong in others:
        assert not rooms.leads(code, wrong)
        assert not rooms.go(code, wrong, 2, ["a"])
        assert not rooms.again(code, wrong, "short")
        rooms.close(code, wrong)
    assert rooms.look(code) == store.Room(code, "short", 1, 0, frozenset(), again=False)
    assert rooms.leads(code, lead)
    rooms.close(code, lead)
    assert rooms.look(code) is None


def test_a_server_that_knows_nothing_opens_the_room_again_by_its_secret_alone(room):
    code, lead = room
    fresh = Rooms(QUESTIONS)
    assert not fresh.again(code, codes.new_secret(), "short")
    assert not fresh.again(code, lead, "nothing")
    assert fresh.look(code) is None
    assert fresh.again(code, lead, "short")
    assert fresh.go(code, lead, 2, ["a"])
    # The guess was made before: it comes back, and stays as it was.
    assert fresh.answer(code, TOKENS[0], "a", "yes", final=True) is Said.COUNTED
    assert fresh.answer(code, TOKENS[1], "a", "no") is Said.COUNTED
    assert fresh.answer(code, TOKENS[1], "a", "yes") is Said.SHOWN
    assert fresh.tally(code, "a").answered == 2
    assert fresh.look(code).again


def test_what_is_no_answer_is_refused(rooms, room):
    code, _ = room
    for question, text in (
        ("a", "1e-3"),
        ("a", ""),
        ("c", "yes"),
        ("", "yes"),
        ("b", "nan"),
        ("a", ["yes"]),
        (None, "yes"),
        ("a", 1),
    ):
        assert rooms.answer(code, TOKENS[0], question, text) is Said.UNKNOWN
    assert rooms.answer("oak-000", TOKENS[0], "a", "yes") is Said.GONE
    assert rooms.look(code).people == 0
    assert rooms.tally("oak-000", "a").answered == rooms.tally(code, "c").answered == 0


def test_of_ten_thousand_answers_a_person_has_a_few_counted_and_the_last_of_them_stands(rooms, room, clock):
    code, _ = room
    said = [rooms.answer(code, TOKENS[0], "a", ("yes", "no")[n % 2]) for n in range(10_000)]
    assert said == [Said.COUNTED] * store.AT_ONCE + [Said.OFTEN, Said.COUNTED] * ((10_000 - store.AT_ONCE) // 2)
    assert rooms.tally(code, "a").counts == {"yes": 0, "no": 1}
    # Somebody else is not held up, and they themselves no longer than a moment.
    assert rooms.answer(code, TOKENS[1], "a", "no") is Said.COUNTED
    clock.now += 1 / store.A_SECOND
    assert rooms.answer(code, TOKENS[0], "a", "yes") is Said.COUNTED
    assert rooms.tally(code, "a").counts == {"yes": 1, "no": 1}


def test_a_room_has_so_many_places(rooms, room):
    code, _ = room
    for n in range(store.MOST_PEOPLE):
        assert rooms.join(code, f"{n:016x}")
    assert not rooms.join(code, "f" * 16)
    assert rooms.answer(code, "f" * 16, "a", "yes") is Said.FULL
    assert rooms.answer(code, f"{7:016x}", "a", "yes") is Said.COUNTED
    assert rooms.look(code).people == store.MOST_PEOPLE


def test_places_that_somebody_has_filled_with_forged_tokens_are_free_again_and_who_looks_keeps_theirs(
    rooms, room, clock
):
    code, lead = room
    silent, said, looks = (f"{n:016x}" for n in range(3))
    forged = [f"{n:016x}" for n in range(3, store.MOST_PEOPLE)]
    for token in (silent, said, looks, *forged):
        assert rooms.join(code, token)
    rooms.answer(code, said, "a", "yes")
    rooms.answer(code, said, "b", "1e-3")
    rooms.go(code, lead, 2, ["a"])
    clock.now += store.AWAY_SILENT - 1
    assert rooms.join(code, looks)
    assert not rooms.join(code, "late")
    clock.now += 1
    # A class of sixty comes in at once, and nobody has to give way to them who looks, or has said anything.
    pupils = [f"pupil {n}" for n in range(60)]
    assert all(rooms.join(code, pupil) for pupil in pupils)
    assert rooms.look(code).people == store.MOST_PEOPLE
    assert rooms.answer(code, said, "b", "1e-4") is Said.COUNTED
    assert rooms.tally(code, "b").counts["1e-3"] == 0
    assert [rooms.join(code, f"more of them {n}") for n in range(len(forged))].count(True) == len(forged) - 60 + 1
    assert rooms.tally(code, "b").counts["1e-4"] == 1


@pytest.mark.parametrize("again", [False, True])
def test_who_has_been_away_for_long_leaves_a_full_room_and_is_not_counted_twice(clock, again):
    rooms = Rooms(QUESTIONS, clock)
    code, lead = rooms.open("short")
    if again:
        rooms = Rooms(QUESTIONS, clock)
        assert rooms.again(code, lead, "short")
    for question, text in (("a", "yes"), ("b", "1e-3")):
        assert rooms.answer(code, TOKENS[0], question, text, final=True) is Said.COUNTED
    rooms.go(code, lead, 2, ["a"])
    clock.now += store.AWAY
    for n in range(1, store.MOST_PEOPLE):
        assert rooms.join(code, f"{n:016x}")
    assert rooms.tally(code, "a").answered == rooms.tally(code, "b").answered == 1
    assert rooms.join(code, "late")
    assert rooms.tally(code, "a").answered == (not again)
    assert rooms.tally(code, "b").answered == 0
    # There is no place for them now; where there is one again, they are counted once.
    assert rooms.answer(code, TOKENS[0], "b", "1e-3") is Said.FULL
    clock.now += store.AWAY_SILENT
    for question, text in (("a", "yes"), ("b", "1e-3")):
        rooms.answer(code, TOKENS[0], question, text, final=True)
    assert rooms.tally(code, "a").answered == rooms.tally(code, "b").answered == 1


def test_there_are_so_many_rooms_and_an_unused_one_gives_way(rooms, clock, monkeypatch):
    monkeypatch.setattr(codes, "ROUNDS", 1)
    opened = [rooms.open("short") for _ in range(store.MOST_ROOMS)]
    assert len({code for code, _ in opened}) == store.MOST_ROOMS
    assert rooms.open("short") is None
    clock.now += store.IDLE
    for code, lead in opened[1:]:
        assert rooms.go(code, lead, 2, [])
    assert rooms.open("short")
    assert [rooms.look(code) is None for code, _ in opened] == [True] + [False] * (store.MOST_ROOMS - 1)
    assert rooms.open("short") is None


def test_after_half_a_day_nothing_is_left(rooms, room, clock):
    code, lead = room
    rooms.answer(code, TOKENS[0], "a", "yes")
    clock.now = store.LASTS - 1
    assert rooms.look(code)
    clock.now += 1
    assert rooms.look("oak-000") is None
    assert not rooms._rooms
    assert rooms.answer(code, TOKENS[0], "a", "yes") is Said.GONE
    assert not rooms.leads(code, lead)


def test_sixty_at_once_are_all_counted(rooms, room):
    code, _ = room

    def person(number):
        for text in ("yes", "no", "yes"):
            rooms.answer(code, f"{number:016x}", "a", text)
        rooms.answer(code, f"{number:016x}", "b", f"1e{-(number % 10)}")

    people = [threading.Thread(target=person, args=(n,)) for n in range(60)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert rooms.tally(code, "a").counts == {"yes": 60, "no": 0}
    assert set(rooms.tally(code, "b").counts.values()) == {6}


def test_codes_are_short_and_a_seat_tells_nothing():
    secret = codes.new_secret()
    assert codes.code_of(secret) == codes.code_of(secret)
    assert len(set(codes.WORDS)) == len(codes.WORDS)
    assert all(3 <= len(word) <= 5 and word.isalpha() and word.islower() for word in codes.WORDS)
    assert codes.seat("oak-423", b"x" * 16) != codes.seat("oak-424", b"x" * 16)
    assert len(codes.seat("oak-423", b"")) == len(codes.new_seat()) == 16


class AnyOrder(RuleBasedStateMachine):
    """Whatever order things come in, the tally is what a list of everybody's last valid word would be."""

    @initialize()
    def begin(self):
        self.clock = Clock()
        self.rooms = Rooms(QUESTIONS, self.clock)
        self.code, self.lead = self.rooms.open("short")
        self.said, self.final, self.shown = {}, set(), set()

    @rule(
        token=st.sampled_from(TOKENS),
        question=st.sampled_from(["a", "b", "c"]),
        text=st.sampled_from(["yes", "no", "1e-3", "1e0", ""]),
        final=st.booleans(),
    )
    def answer(self, token, question, text, final):
        self.clock.now += 1
        mine = (token, question)
        became = self.rooms.answer(self.code, token, question, text, final)
        if text not in QUESTIONS["short"].get(question, ()):
            assert became is Said.UNKNOWN
        elif self.said.get(mine) == text:
            assert became is Said.COUNTED
            self.final |= {mine} if final else set()
        elif mine in self.final:
            assert became is Said.FINAL
        elif question in self.shown:
            assert became is Said.SHOWN
        else:
            assert became is Said.COUNTED
            self.said[mine] = text
            self.final |= {mine} if final else set()

    @rule(question=st.sampled_from(["a", "b", "c"]), led=st.booleans())
    def show(self, question, led):
        assert self.rooms.go(self.code, self.lead if led else "0" * 32, 1, [question]) is led
        self.shown |= {question} if led else set()

    @invariant()
    def counted(self):
        for question in ("a", "b"):
            expected = Counter(text for (_, asked), text in self.said.items() if asked == question)
            counts = self.rooms.tally(self.code, question).counts
            assert {text: n for text, n in counts.items() if n} == expected
            assert tuple(counts) == QUESTIONS["short"][question]


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(settings.get_profile("fast"), stateful_step_count=20)
