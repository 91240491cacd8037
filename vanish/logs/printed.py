"""Lines that a training script printed, between whatever else it printed."""

import re
from collections.abc import Collection

from vanish.logs.cells import Cell, read_cell
from vanish.logs.headings import OTHER, counted_layer, layer_stems, read_heading
from vanish.logs.readings import Readings
from vanish.logs.remembered import remembered
from vanish.logs.sizes import SIZES, size_in
from vanish.logs.steps import Repeats
from vanish.logs.tables import shape_in

ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")

# Longer lines are no print-out; what stands in them is found in the first part or not at all.
LONGEST_LINE = 20_000
LONGEST_LABEL = 200

# In 5 MB there are no more lines with a name and a number in them, unless somebody made them for that.
MOST_LINES = 400_000

# Names of layers come again with every step: the first of them say how they are counted.
MOST_LOOKED_AT = 200_000

TELLING = re.compile(r"\d|nan|inf|none", re.I)

SHAPE = re.compile(
    r"\s*(?:shape\s*[=:]?\s*)?(?:torch\.Size\(\[[\d, ]{0,80}\]\)|[(\[]\d{1,9}(?:\s*,\s*\d{1,9}){1,5}[)\]])"
)
TOKEN = re.compile(
    r"""['"](?P<quoted>[^'"]{1,120})['"]
      | (?P<value>(?:tensor|np\.float\d+)\([^)]{1,80}\)
          | (?<![\w.])[-+]?(?:nan|inf|infinity|none)(?![\w.])
          | (?<![\w.])[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?(?![\w.]{0,40}[A-Za-z_]))
      | (?P<name>(?:layer|block|stage)\s{1,8}\d+ | (?:\d+\.){0,8}[A-Za-z_][\w\-]*(?:\[\d+\])?(?:[./:][\w\-\[\]]+)*)""",
    re.VERBOSE | re.IGNORECASE,
)
STEP = re.compile(
    r"(?<![\w.])(epoch|global[ _]?step|step|iter(?:ation)?|batch)(?![a-z])[\s:=#\[(]{0,4}(\d{1,12})", re.I
)
NUMBERED = re.compile(r"(?<![\w.])\w{0,60}[a-z_](?:0|[3-9]|\d{2,4})(?!\w)", re.I)
NO_NAME = re.compile(r"(?:it/s|s/it|torch|np|cuda|cpu|tensor|device|dtype|grad_fn|e|x)(?:[.:].*)?", re.I)
SKIPPED = re.compile(r"ratio|saturated|%|percent|shape|param|weight norm|data", re.I)


def read_printed(file: str, text: str, readings: Readings) -> None:
    """Fill ``readings`` from printed lines: a parameter's name, perhaps what was measured, a number."""
    steps = Steps()
    bare: dict[str, int] = {}
    titled = "unknown"
    lines = re.split(r"[\n\r]", ANSI.sub("", text))
    telling = [line[:LONGEST_LINE] if TELLING.search(line, 0, LONGEST_LINE) else _title(line) for line in lines]
    many = len(telling) - telling.count("")
    if many > MOST_LINES:
        readings.problem(file, None, None, f"{many} lines with numbers", f"up to {MOST_LINES}")
        telling = telling[:MOST_LINES]
    stems = layer_stems({match[0] for match in NUMBERED.finditer(text, 0, MOST_LOOKED_AT)})
    for line in telling:
        if not line:
            bare = {}
            continue
        if line in SIZES:
            titled, bare = line, {}
            continue
        steps.look_at(line)
        if "saturated" in line:
            continue
        pairs = _pairs(line, stems)
        if not any(name in ("weight", "bias") for name, *_ in pairs):
            bare = {}
        for name, size, cell, shape in pairs:
            if name in ("weight", "bias"):
                # A table of all weights without their names: they are counted.
                bare[name] = bare.get(name, 0) + (size == pairs[0][1])
                name = f"{name} {bare[name]}"
            size = titled if size == "unknown" else size
            readings.add(steps.of(name, size), name, size, cell)
            if shape:
                readings.know_shape(name, shape)
    if len(readings):
        readings.sources.append("printed lines")


def _pairs(line: str, stems: Collection[str]) -> list[tuple[str, str, Cell, tuple[int, ...]]]:
    """Names with their numbers, ``(name, size, number, shape)``; ``stems`` as of ``layer_stems``."""
    pairs = []
    name, size, label_from, labelled = "", "unknown", 0, False
    shape: tuple[int, ...] = ()
    place = 0
    while match := TOKEN.search(line, place):
        place = match.end()
        if match["value"] is None:
            candidate = match["quoted"] or match["name"]
            counted = counted_layer(candidate, stems)
            if len(candidate) > LONGEST_LABEL or not (counted or _is_parameter(candidate)):
                continue
            heading = counted or read_heading(candidate)
            before = _label(_between(line, label_from, match.start()))[1] if not name else None
            name, size = heading.name or candidate, heading.size
            name = " ".join(name.split()) if " " in name else name
            size = before or size if size == "unknown" else size
            label_from, labelled = place, False
            after = SHAPE.match(line, place)
            shape = shape_in(after[0]) if after else ()
            place = label_from = after.end() if after else place
        elif name:
            label = _between(line, label_from, match.start())
            label_from = place
            cell = read_cell(match["value"])
            skipped, words = _label(label)
            if cell is None or skipped:
                continue
            if line[place : place + 1] == "%" or (labelled and not words):
                continue
            labelled = True
            pairs.append((name, words or size, cell, shape))
    return pairs


def _title(line: str) -> str:
    """The size that a line without a number speaks of, as a heading of those below does; empty if there is none."""
    return (size_in(line) or "") if len(line) <= LONGEST_LABEL and "grad" in line.lower() else ""


def _between(line: str, start: int, end: int) -> str:
    """A label, or the end of it."""
    return line[max(start, end - LONGEST_LABEL) : end]


@remembered
def _label(text: str) -> tuple[bool, str | None]:
    """What stands before a number: whether it says that the number is no gradient's size, and which size it says."""
    words = size_in(text)
    return bool(SKIPPED.search(text) or (OTHER.search(text) and not words)), words


@remembered
def _is_parameter(text: str) -> bool:
    """Whether a word is a parameter's name: with a dot or a slash, a number, or weight or bias in it."""
    if NO_NAME.fullmatch(text) or re.search(r"[%<>]", text) or STEP.fullmatch(text):
        return False
    if re.fullmatch(r"(?:layer|block|stage)\s+\d+", text, re.I):
        return True
    heading = read_heading(text)
    if heading.role != "parameter":
        return False
    return bool(re.search(r"[./].*[A-Za-z]|[A-Za-z].*[./]|[A-Za-z_\]]\d|weight|bias|kernel|embed", text))


class Steps:
    """Each line's step: a step's or an epoch's number begins one, else a parameter that comes again."""

    def __init__(self) -> None:
        self._mark: tuple[tuple[str, str], ...] = ()
        self._number: float | None = None
        self._used: set[float] = set()
        self._repeats = Repeats()
        self._offset = 0.0

    def look_at(self, line: str) -> None:
        """Take a step's number from a line, if there is one."""
        marks = tuple((word.lower(), digits) for word, digits in STEP.findall(line[:500]))
        if not marks or marks == self._mark:
            return
        self._mark = marks
        numbers = dict(marks)
        finer = next(
            (numbers[word] for word in ("global_step", "global step", "step", "iteration", "iter") if word in numbers),
            None,
        )
        number = float(finer or numbers.get("epoch") or numbers.get("batch") or 0)
        while number in self._used:
            number = max(self._used) + 1
        self._used.add(number)
        self._number = number
        self._repeats = Repeats()

    def of(self, name: str, size: str) -> float:
        """The step of a number."""
        repeat = self._repeats.step(name, size)
        if self._number is None:
            return repeat
        if repeat:
            # More than one step under one mark.
            self._number = max(self._used) + 1
            self._used.add(self._number)
            self._repeats = Repeats()
            self._repeats.step(name, size)
        return self._number


def is_overflow_report(text: str) -> bool:
    """Whether a text is the report of Hugging Face's ``DebugUnderflowOverflow``."""
    return "Detected inf/nan during" in text or re.search(r"abs min\s+abs max\s+metadata", text) is not None


BATCH = re.compile(r"batch[ _]number=(\d{1,15})")
FRAME = re.compile(r"^\s{6,}(\S{1,200})\s+\S+\s*$")
ENTRY = re.compile(r"^\s*(\S{1,30})\s+(\S{1,30})\s+(output|weight|input|bias)\S*")


def read_overflow_report(file: str, text: str, readings: Readings) -> None:
    """Largest absolute output of each module on the way forward, in the order in which they ran."""
    readings.forward = True
    readings.sources.append("report of DebugUnderflowOverflow (outputs on the way forward)")
    name, step = "", 0.0
    seen: set[str] = set()
    for number, line in enumerate(text.split("\n"), 1):
        batch = BATCH.search(line[:200])
        if batch:
            step, seen = float(batch[1]), set()
        frame = FRAME.match(line)
        if frame:
            name = frame[1]
            continue
        entry = ENTRY.match(line)
        if not entry or entry[3] != "output" or name in seen or not name:
            continue
        cell = read_cell(entry[2])
        if cell is None:
            readings.problem(file, number, "abs max", entry[2], "a number")
        else:
            seen.add(name)
            readings.add(step, name, "max_abs", cell)
