"""Logs of real runs, damaged in the ways in which files are: seeded, so that each can be made again."""

import random
import re
from collections.abc import Callable
from pathlib import Path

from vanish.logs.read import LARGEST_FILE, decoded

FIXTURES = Path(__file__).parent / "fixtures"

Files = dict[str, str]


def originals() -> dict[str, Files]:
    """Every fixture by its name: its files' names and texts."""
    paths = [path for folder in (FIXTURES, FIXTURES / "made") for path in sorted(folder.iterdir())]
    kinds = [path for path in paths if path.name not in ("made", "truth.json")]
    return {
        path.name: {
            file.name: decoded(file.read_bytes()) for file in (sorted(path.iterdir()) if path.is_dir() else [path])
        }
        for path in kinds
    }


STRANGE = (
    *(
        "1e400",
        "-1e308",
        "9" * 400,
        "1e-400",
        "0." + "0" * 300 + "1",
        "1_0",
        "0x1p-3",
        "٣٫٤",
        "½",
        "1.2.3",
        "--",
        "NaN(1)",
    ),
    *("\u202eabc", "🔥layer🔥", "слой.вес", "层.weight", "a\u0301.weight", "\ud800", "\ufeff", "\x1b[31m", "\u2028"),
    *("<script>alert(1)</script>", "$\\\\frac{1}{0}$", "=cmd|'/c calc'!A0", "[x](javascript:1)", "{{7*7}}", "%s%n"),
    *(
        '"',
        "'",
        "[",
        "{",
        "\\",
        "\0",
        ",",
        ";",
        "\t",
        "|",
        "\r",
        "__proto__",
        "weight" * 300,
        "layers." * 200 + "weight",
    ),
    *(
        "null",
        "true",
        "[[[[]]]]",
        '{"a": {"b": {}}}',
        "inf",
        "-inf",
        "nan",
        "tensor(nan)",
        "None",
        "step 99999999999999999",
    ),
)


def _cut(text: str, rng: random.Random) -> str:
    return text[: rng.randrange(len(text) + 1)]


def _headless(text: str, rng: random.Random) -> str:
    return text[rng.randrange(len(text) + 1) :]


def _hole(text: str, rng: random.Random) -> str:
    start = rng.randrange(len(text) + 1)
    return text[:start] + text[start + rng.randrange(1, 200) :]


def _doubled(text: str, rng: random.Random) -> str:
    start = rng.randrange(len(text) + 1)
    part = text[start : start + rng.randrange(1, 2000)]
    return text[:start] + part * rng.randrange(2, 6) + text[start:]


def _swapped(text: str, rng: random.Random) -> str:
    letters = list(text)
    for _ in range(rng.randrange(1, 40)):
        a, b = (rng.randrange(len(letters)) for _ in range(2))
        letters[a], letters[b] = letters[b], letters[a]
    return "".join(letters)


def _bytes(text: str, rng: random.Random) -> str:
    data = bytearray(text.encode("utf-8", "surrogatepass"))
    for _ in range(rng.randrange(1, 60)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    return decoded(bytes(data))


def _lines(text: str, rng: random.Random) -> str:
    lines = text.split("\n")
    rng.shuffle(lines)
    return "\n".join(lines)


def _delimiters(text: str, rng: random.Random) -> str:
    return text.replace(rng.choice(",;:|\t "), rng.choice((";", "\t", "|", ":", " ", "  ", "", "~", ",,")))


def _columns(text: str, rng: random.Random) -> str:
    place = rng.randrange(8)
    rows = [line.split(",") for line in text.split("\n")]
    return "\n".join(",".join(row[:place] + row[place + 1 :]) for row in rows)


def _some_rows_short(text: str, rng: random.Random) -> str:
    return "\n".join(line[: rng.randrange(len(line) + 1)] if rng.random() < 0.2 else line for line in text.split("\n"))


def _headers(text: str, rng: random.Random) -> str:
    words = ("step", "epoch", "layer", "weight", "value", "name", "grad", "loss", "", "time", "run - x", "min", "shape")
    first, newline, rest = text.partition("\n")
    parts = re.split(r"(\W)", first)
    for _ in range(rng.randrange(1, 6)):
        parts[rng.randrange(len(parts))] = rng.choice(words)
    return "".join(parts) + newline + rest


def _numbers(text: str, rng: random.Random) -> str:
    return re.sub(r"\d+\.\d+", lambda number: rng.choice(STRANGE) if rng.random() < 0.1 else number[0], text)


def _strange(text: str, rng: random.Random) -> str:
    for _ in range(rng.randrange(1, 20)):
        place = rng.randrange(len(text) + 1)
        text = text[:place] + rng.choice(STRANGE) + text[place:]
    return text


def _line_ends(text: str, rng: random.Random) -> str:
    return re.sub("\n", lambda _: rng.choice(("\n", "\r\n", "\r", "\n\n", "\n\r", "\u2028")), text)


def _nested(text: str, rng: random.Random) -> str:
    depth = rng.choice((5, 100, 3000))
    left, right = rng.choice((("[", "]"), ('{"a":', "}"), ("(", ")"), ('"', '"')))
    return left * depth + text + right * rng.choice((depth, 0))


def _long_line(text: str, rng: random.Random) -> str:
    unit = rng.choice(
        ("a", "1", "a.", "1,", '"', "a=[1,", "0.1 ", "step ", "\x1b[", "(", "layer 1 ", "x" * 119 + " ", " ")
    )
    line = unit * (1_000_000 // len(unit))
    place = rng.randrange(len(text) + 1)
    return rng.choice((line + text, text[:place] + line + text[place:], text.replace("\n", unit), text + line))


def _quotes(text: str, rng: random.Random) -> str:
    place = rng.randrange(len(text) + 1)
    return text[:place] + rng.choice(('"', "'", '"""', "\\")) + text[place:]


def _repeated(text: str, rng: random.Random) -> str:
    return text * rng.randrange(2, 4)


MUTATIONS: tuple[Callable[[str, random.Random], str], ...] = (
    *(_cut, _headless, _hole, _doubled, _swapped, _bytes, _lines, _delimiters, _columns, _some_rows_short, _headers),
    *(_numbers, _strange, _line_ends, _nested, _long_line, _quotes, _repeated),
)


def mutated(seed: int, kinds: dict[str, Files]) -> tuple[str, Files]:
    """What was done to which fixture, and its files."""
    rng = random.Random(seed)
    kind = rng.choice(sorted(kinds))
    files = dict(kinds[kind])
    done = []
    for _ in range(rng.choice((1, 1, 2))):
        name = rng.choice(sorted(files))
        change = rng.choice(MUTATIONS)
        files[name] = change(files[name], rng)[: LARGEST_FILE // 2] or " "
        done.append(change.__name__.strip("_"))
    return f"seed {seed}: {kind} {' '.join(done)}", files
