"""What the engine finds in the clinic's networks: asked once for everybody."""

from vanish.ui.kit.shared import STORE
from vanish.ui.lesson.answers import Options, Result
from vanish.ui.lesson.clinic import words
from vanish.ui.lesson.clinic.cases import CAUSES, Case
from vanish.ui.lesson.clinic.symptoms import EXAMINATIONS, SYMPTOMS, Sheet
from vanish.ui.lesson.measures import Report
from vanish.ui.shell.settings import Settings

CURED = "After the cure"


def _key(case: Case, cured: bool) -> tuple[str, str, bool]:
    return ("clinic", case.name, cured)


def is_known(case: Case, cured: bool) -> bool:
    """Whether a network has been examined already."""
    return STORE.holds(_key(case, cured))


def sheet(case: Case, report: Report, cured: bool = False) -> Sheet:
    """All that is measured of a case, before or after its cure."""
    settings = Settings(**(case.cured if cured else case.sick))
    measured: Sheet = STORE.get(_key(case, cured), lambda: EXAMINATIONS[case.chapter](settings, report), long=True)
    return measured


def shown(case: Case) -> tuple[str, ...]:
    """The symptoms that are told once the diagnosis is made: the complaint's, and where the cause shows."""
    return tuple(dict.fromkeys((*case.symptoms, CAUSES[case.cause].shows)))


def result(case: Case, _: Settings, report: Report) -> Result:
    """What came of a case: its cause, and the leading symptom before and after the cure."""
    before, after = sheet(case, report), sheet(case, report, cured=True)
    leading, cause = SYMPTOMS[case.symptoms[0]], CAUSES[case.cause]
    rows = {"Before the cure": before[case.symptoms[0]], CURED: after[case.symptoms[0]]}
    return Result(case.cause, rows, leading.label, words.evidence(cause, before[cause.shows]), leading.share, CURED)


class Diagnoses(Options):
    """One of a few causes: name in the link -> what the button says."""

    def verdict(self, text: str, result: Result) -> str:
        """Right, or what it is instead."""
        return words.diagnosed(self.choices[text], self.truth(result), text == result.truth)


def unusual(case: Case, measured: Sheet) -> int:
    """How many of the symptoms that are told lie outside their usual range."""
    return sum(not SYMPTOMS[name].is_usual(measured[name]) for name in shown(case))
