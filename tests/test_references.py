import pytest

from vanish.measure.remedies import REMEDIES
from vanish.references import REFERENCES, Reference, cite


@pytest.mark.parametrize("key", REFERENCES)
def test_a_key_is_the_first_surname_and_the_year(key):
    entry = REFERENCES[key]
    assert key == f"{entry.authors.split(',')[0].lower()}{entry.year}"
    assert entry.line.endswith(f"{entry.venue}.")
    assert entry.short in (cite([key]),)


def test_authors_are_named_as_sentences_do():
    alone, two, many = (Reference("; ".join(["Cho, K."] * n), 2014, "t", "v") for n in (1, 2, 3))
    assert [entry.short for entry in (alone, two, many)] == ["Cho (2014)", "Cho and Cho (2014)", "Cho et al. (2014)"]
    assert alone.line == "Cho, K. (2014). t. v."
    assert two.line == "Cho, K. and Cho, K. (2014). t. v."


def test_the_table_is_in_order():
    assert list(REFERENCES) == sorted(REFERENCES)


@pytest.mark.parametrize("name", REMEDIES)
def test_every_remedy_says_who_found_it(name):
    assert REMEDIES[name].sources
    assert set(REMEDIES[name].sources) <= REFERENCES.keys()
