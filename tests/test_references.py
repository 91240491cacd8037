import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from vanish.measure.remedies import REMEDIES
from vanish.references import REFERENCES, Reference, bibliography, cite

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()

NAME, WITH_INITIAL = r"[A-Z][\w’-]*[a-zA-Z]", r"[A-Z]\. [A-Z][\w’-]*[a-zA-Z]"
CITATION = re.compile(
    rf"(?:(?P<many>{NAME}) et al\."
    rf"|(?P<all>{NAME}(?:, {NAME})* (?:&|and) {NAME}|{WITH_INITIAL} (?:&|and) {WITH_INITIAL})"
    rf"|(?P<one>{NAME}))"
    r" \(?(?P<year>(?:19|20)\d\d)\b"
)


def texts(path: Path) -> Iterator[str]:
    """What a person reads in a file: its strings, joined as Python joins them, and its runs of comments."""
    source = path.read_text()
    if path.suffix == ".md":
        yield source
        return
    if not re.search(r"(?:19|20)\d\d", source):  # no work without its year
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
    if not re.search(r"#.*(?:19|20)\d\d", source):
        return
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    yield " ".join(token.string.lstrip("# ") for token in tokens if token.type == tokenize.COMMENT)


def cited(text: str) -> set[str]:
    """Every citation in ``text``, as a key of the table or as the words that fit none of its entries."""
    keys = set()
    for match in CITATION.finditer(re.sub(r"\s+", " ", text)):
        names = [re.sub(r"^[A-Z]\. ", "", name) for name in re.split(r", | & | and ", match["all"] or "") if name]
        first = names[0] if names else (match["many"] or match["one"])
        # A second work of the same first author and year has a letter more.
        candidates = {key for key in REFERENCES if re.fullmatch(rf"{first.lower()}{match['year']}[a-z]?", key)}
        surnames = {key: REFERENCES[key].surnames for key in candidates}
        as_named = {
            key
            for key in candidates
            if (len(surnames[key]) > 2 if match["many"] else surnames[key] == (names or [first]))
        }
        keys.add(min(as_named) if as_named else match[0])
    return keys


@pytest.fixture(scope="module")
def citations() -> dict[str, set[str]]:
    """What each file cites, in prose or by a key of the table."""
    patterns = ("streamlit_app.py", "vanish/**/*.py", "vanish/**/*.md", "tests/**/*.py", "README.md")
    paths = {path for pattern in patterns for path in ROOT.glob(pattern)}
    written = {path: list(texts(path)) for path in paths - {Path(__file__), ROOT / "vanish/references.py"}}
    return {
        str(path.relative_to(ROOT)): {key for text in words for key in cited(text)} | REFERENCES.keys() & set(words)
        for path, words in written.items()
    }


@pytest.mark.parametrize("key", REFERENCES)
def test_a_key_is_the_first_surname_and_the_year(key):
    entry = REFERENCES[key]
    assert key.rstrip("bcd") == f"{entry.authors.split(',')[0].lower()}{entry.year}"
    assert entry.line.endswith(f"{entry.venue}.")
    assert not re.search(r"[?.][.]", entry.line)
    assert entry.short in (cite([key]),)


def test_authors_are_named_as_sentences_do():
    alone, two, many = (Reference("; ".join(["Cho, K."] * n), 2014, "t", "v") for n in (1, 2, 3))
    assert [entry.short for entry in (alone, two, many)] == ["Cho (2014)", "Cho and Cho (2014)", "Cho et al. (2014)"]
    assert alone.line == "Cho, K. (2014). t. v."
    assert two.line == "Cho, K. and Cho, K. (2014). t. v."
    assert Reference("Cho, K.", 2014, "what?", "v").line == "Cho, K. (2014). what? v."


def test_the_table_is_in_order():
    assert list(REFERENCES) == sorted(REFERENCES)


@pytest.mark.parametrize("name", REMEDIES)
def test_every_remedy_names_its_sources(name):
    assert REMEDIES[name].sources
    assert set(REMEDIES[name].sources) <= REFERENCES.keys()


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("as in Saxe et al. 2014; Mishkin & Matas\n    (2016)", {"saxe2014", "mishkin2016"}),
        ("Pascanu, Mikolov & Bengio (2013, section 2.1)", {"pascanu2013"}),
        ("E. Alpaydin & C. Kaynak (1998)", {"alpaydin1998"}),
        ("He, Zhang, Ren and Sun (2015) and Hinton 2012", {"he2015", "hinton2012"}),
        ("Bachlechner 2020", {"Bachlechner 2020"}),
        ("Pascanu & Bengio (2013)", {"Pascanu & Bengio (2013"}),
        ("Glorot et al. 2010", {"Glorot et al. 2010"}),
        ("Zhang & Sennrich 2019; Zhang, Dauphin & Ma (2019)", {"zhang2019", "zhang2019b"}),
    ],
)
def test_a_citation_is_held_against_year_and_authors(text, keys):
    assert cited(text) == keys


@pytest.mark.slow
def test_every_work_that_is_cited_is_in_the_table(citations):
    assert not {path: keys - REFERENCES.keys() for path, keys in citations.items() if keys - REFERENCES.keys()}


@pytest.mark.slow
def test_every_work_in_the_table_is_cited(citations):
    in_code = [keys for path, keys in citations.items() if path.endswith(".py")]
    assert set().union(*in_code) >= REFERENCES.keys()


def test_the_readme_lists_the_whole_table():
    section = README.split("## Sources\n\n")[1].split("\n\n")[0]
    assert section == bibliography(), "write vanish.references.bibliography() into the README's section on sources"
