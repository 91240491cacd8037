"""What CI says of an audit: a failure is a named weakness, and what was not audited is not called so."""

import runpy
from pathlib import Path

AUDIT = runpy.run_path(str(Path(__file__).parents[1] / ".ci" / "audit.py"))
SOUND = {"name": "numpy", "version": "2.3.0", "vulns": []}
WEAK = {"name": "jinja2", "version": "2.0", "vulns": [{"id": "CVE-2024-1"}, {"id": "CVE-2024-2"}]}
UNKNOWN = {"name": "pandas", "skip_reason": "Dependency not found on PyPI and could not be audited"}


def test_a_named_weakness_is_a_failure():
    assert AUDIT["verdict"]([SOUND, UNKNOWN, WEAK]) == (
        "known weaknesses:\njinja2 2.0: CVE-2024-1, CVE-2024-2",
        True,
    )


def test_what_was_looked_up_is_counted():
    assert AUDIT["verdict"]([SOUND, UNKNOWN]) == ("audited: 1 of 2 packages have no known weakness", False)


def test_where_nothing_was_looked_up_nothing_was_audited():
    for found in ([], [UNKNOWN, UNKNOWN]):
        words, failed = AUDIT["verdict"](found)
        assert words.startswith("not audited")
        assert not failed


def test_without_the_tool_nothing_was_audited():
    assert AUDIT["report"]("/nowhere/pip-audit") == ""
