"""Many claims are tested by ``crossed``: it has to meet every combination, and to name the one that fails."""

import pytest
from networks import crossed

CHOICES = {"letter": "ab", "digit": [1, 2]}
EVERY = [("a", 1), ("a", 2), ("b", 1), ("b", 2)]


def run(outcome):
    """Cases met by a test that ends with ``outcome(case)``."""
    met = []

    @crossed(**CHOICES)
    def test(letter, digit):
        met.append((letter, digit))
        outcome((letter, digit))

    return test, met


def test_every_combination_is_met():
    test, met = run(lambda case: None)
    test()
    assert met == EVERY


@pytest.mark.parametrize("case", EVERY)
@pytest.mark.parametrize("fail", [lambda: pytest.fail("no"), lambda: 1 / 0], ids=["fails", "raises"])
def test_the_combination_that_fails_is_named(case, fail):
    test, met = run(lambda other: fail() if other == case else None)
    with pytest.raises((ZeroDivisionError, pytest.fail.Exception)) as caught:
        test()
    assert caught.value.__notes__ == [f"with {dict(zip(CHOICES, case, strict=True))}"]
    assert met[-1] == case


@pytest.mark.parametrize("case", EVERY)
def test_one_that_is_skipped_stops_none_of_the_others(case):
    test, met = run(lambda other: pytest.skip("not here") if other == case else None)
    test()
    assert met == EVERY


def test_where_all_are_skipped_the_test_is():
    test, met = run(lambda case: pytest.skip("nowhere"))
    with pytest.raises(pytest.skip.Exception, match="nowhere"):
        test()
    assert met == EVERY
