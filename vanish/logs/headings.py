"""What a column's heading, a key or a file's name says: a step, a parameter, a size, or something else."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from vanish.logs.remembered import remembered
from vanish.logs.sizes import size_in

Role = Literal[
    "step", "epoch", "time", "name", "kind", "shape", "entries", "scale", "size", "parameter", "total", "other"
]

STEP = re.compile(
    r"_?(?:\w+/)?(?:global[_ ]?)?(?:steps?|iter(?:ation)?s?|it|batch(?:[_ ]?(?:idx|number|index))?|updates?)", re.I
)
EPOCH = re.compile(r"(?:\w+/)?epoch(?:s|e|en)?", re.I)
TIME = re.compile(r"wall[_ ]time|_?timestamp|_?runtime|relative time.*|date(?:time)?|time", re.I)
NAME = re.compile(r"(?:layer|param(?:eter)?|module|tensor|variable)(?:[_ ]?name)?|name|tag|metric|key", re.I)
KIND = re.compile(r"kind|type|param[_ ]?type", re.I)
SHAPE = re.compile(r"(?:\w+[_ ])?shape", re.I)
ENTRIES = re.compile(r"num[_ ]?el(?:ements)?|entries|numel|n_?params?|size|count", re.I)
SCALE = re.compile(r"(?:\w+/)?(?:loss|grad|amp)[_ ]?scaler?(?:[_ ]?(?:value|factor))?", re.I)
VALUE = re.compile(r"values?|grad(?:ient)?s?|g", re.I)

LIGHTNING = re.compile(r"(?:.*/)?grad_(inf|\d{1,4}(?:\.\d{1,4})?)_norm[/_](.+)", re.I)
TOTAL = re.compile(
    r"(?:.*/)?grad_(?:inf|[\d.]+)_norm(?:_?total)?(?:_step|_epoch)?"
    r"|(?:.*[/_ ])?total[_ ]?(?:grad[_ ]?)?norm|.*/grad_norm",
    re.I,
)
MARK = re.compile(r"(?<![a-z])(?:d?grads?|gradients?|grad[_ ]?norms?|d[lw]/d\w)(?![a-z])", re.I)
TRAILING = re.compile(
    r"[._/ |:]{1,8}(?:grads?|gradients?)?[._/ |:]?"
    r"(?:grads?|gradients?|\w*norm|rms|mean_?abs|abs_?mean|std|max_?abs|abs_?max|l2|mean|max|min)$",
    re.I,
)
OTHER = re.compile(
    r"loss|acc(?:uracy)?\b|^lr\b|learning|perplexity|\berror|\bf1\b|throughput|memory|seconds|momentum|decay|"
    r"temperature|samples|tokens|seed|\btotal|_total|gpu|cpu|^unnamed|^index$|^val|^test|^eval",
    re.I,
)
FILE_HEAD = re.compile(
    r"^(?:\w+_)??grad(?:ient)?s?(?:[_ ]?(?:l2|2\.0)?[_ ]?(?:norms?|l2|rms|mean_abs|abs_mean|max_abs|max|std))?[_. /-]",
    re.I,
)
FILE_TAIL = re.compile(r"[._-](?:grads?|gradients?|grad_(?:norm|rms|mean_abs|max_abs|std)|stats?)$", re.I)
COUNTED = re.compile(r"(.{0,100}(?:[^\d.]|(?<!\d)\.))(\d{1,4})")
PARAMETER = re.compile(r"(?:weight|bias|kernel|gamma|beta)(?:[:_]\w+)?$", re.I)


# What follows in a longer heading is not looked at.
LONGEST = 300


@dataclass(frozen=True)
class Heading:
    """A heading's role; of a parameter or a size also its name and the size's, and the run it belongs to."""

    role: Role
    name: str = ""
    size: str = "unknown"
    run: str = ""
    marked: bool = False


def layer_stems(texts: Iterable[str]) -> set[str]:
    """What layers called ``l1``, ``l2``, ``l3`` have before their numbers, where the first two alone would be norms."""
    found = {match[1] for text in texts if (match := COUNTED.fullmatch(text.strip())) and int(match[2]) not in (1, 2)}
    return {stem for stem in found if read_heading(f"{stem}1").role == "size"}


def read_headings(texts: Collection[str], stems: Collection[str] = ()) -> list[Heading]:
    """What headings that stand together say; ``stems``: what layers are known to have before their numbers."""
    stems = stems or layer_stems(texts)
    return [counted_layer(text, stems) or read_heading(text) for text in texts]


def counted_layer(text: str, stems: Collection[str]) -> Heading | None:
    """A layer that is called by one of these stems and its number, or ``None``."""
    match = COUNTED.fullmatch(text.strip()) if stems else None
    if not match or match[1] not in stems:
        return None
    run, _, name = match[0].rpartition(" - ")
    return Heading("parameter", name, size_in(match[1].strip(" _-./")) or "unknown", run, bool(MARK.search(name)))


@remembered
def read_heading(text: str) -> Heading:
    """What a heading says.  ``marked``: it speaks of gradients by itself, as ``grad_2.0_norm/fc1.weight`` does."""
    run, dash, rest = text[:LONGEST].strip().strip("\"'").rpartition(" - ")
    rest, run = (rest, run) if dash else (rest or text[:LONGEST], "")
    rest = rest.strip()
    if rest.endswith(("__MIN", "__MAX")):
        return Heading("other", run=run)
    for role, pattern in _ROLES:
        if pattern.fullmatch(rest):
            return Heading(role, run=run)
    if TOTAL.fullmatch(rest):
        return Heading("total", run=run)
    lightning = LIGHTNING.fullmatch(rest)
    if lightning:
        order, name = lightning[1].lower(), re.sub(r"_(?:step|epoch)$", "", lightning[2])
        size = "max_abs" if order == "inf" else {1.0: "norm_1", 2.0: "norm"}.get(float(order), "unknown")
        return Heading("parameter", name, size, run, True)
    return _marked(rest, run) or _plain(rest, run)


def parameter_of_file(file: str) -> str:
    """The parameter that a file's name speaks of: ``run-x-tag-gradients_fc1.weight.csv`` of ``fc1.weight``."""
    stem = re.sub(r"\.(?:csv|tsv|txt|json|jsonl|log|dat)$", "", PurePath(file.replace("\\", "/")).name, flags=re.I)
    stem = re.sub(r" \(\d+\)$", "", stem.rpartition("-tag-")[2])
    return FILE_TAIL.sub("", FILE_HEAD.sub("", stem)) or "parameter"


def run_of_file(file: str) -> str:
    """The run that a file's name or folder speaks of: ``run-exp1-tag-fc1.weight.csv``, ``exp1/fc1.weight.csv``."""
    path = PurePath(file.replace("\\", "/"))
    run, tag, _ = path.name.removeprefix("run-").partition("-tag-")
    return run if tag else path.parent.name


def size_of_file(file: str) -> str | None:
    """The size that a file's name speaks of beside the parameter: ``run-x-tag-grad_norm_fc1.weight.csv``."""
    stem = PurePath(file.replace("\\", "/")).name.rpartition("-tag-")[2]
    ends = (FILE_HEAD.search(stem), FILE_TAIL.search(stem.rpartition(".")[0]))
    return next((size for end in ends if end and (size := size_in(end[0].strip("._-/ ")))), None)


_ROLES: tuple[tuple[Role, re.Pattern[str]], ...] = (
    ("epoch", EPOCH),
    ("step", STEP),
    ("time", TIME),
    ("name", NAME),
    ("kind", KIND),
    ("shape", SHAPE),
    ("entries", ENTRIES),
    ("scale", SCALE),
)


def _marked(text: str, run: str) -> Heading | None:
    """A heading with a part that speaks of gradients, before or after the parameter's name."""
    parts = text.split("/")
    for place, part in enumerate(parts):
        if MARK.search(part) and not PARAMETER.search(part) and place + 1 < len(parts):
            name = "/".join(parts[place + 1 :])
            tail = TRAILING.search(name)
            size = size_in(part) or (size_in(tail[0]) if tail else None) or "unknown"
            return Heading("parameter", name[: tail.start()] if tail else name, size, run, True)
    tail = TRAILING.search(text)
    if tail and MARK.search(tail[0]):
        return Heading("parameter", text[: tail.start()], size_in(tail[0]) or "unknown", run, True)
    return None


def _plain(text: str, run: str) -> Heading:
    bare = re.sub(r"[^a-z0-9.]+", "_", text.lower()).strip("_")
    size = size_in(text)
    tail = TRAILING.search(text)
    if tail and tail[0][0] in "./ |:" and PARAMETER.search(text[: tail.start()]):
        return Heading("parameter", text[: tail.start()], size_in(tail[0]) or "unknown", run)
    if VALUE.fullmatch(text) or (size and not re.search(r"weight|bias|layer|conv|fc|\d{2,}", bare) and len(bare) < 24):
        return Heading("size", size=size or "unknown", run=run, marked=bool(MARK.search(text)))
    if OTHER.search(text) and not PARAMETER.search(text):
        return Heading("other", run=run)
    return Heading("parameter", text, "unknown", run)
