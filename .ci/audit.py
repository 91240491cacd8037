"""Known weaknesses of what is installed, by ``pip-audit``: only a named one is a failure.

    .venv/bin/pip freeze | .venv/bin/python .ci/audit.py path/to/pip-audit

Where no index of advisories can be reached nothing was audited, and that is said.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

# Seconds, for all of it and for one answer of the index.
WITHIN, ANSWER = 40, 5
NOT = "not audited: no index of advisories reached"


def verdict(dependencies: Sequence[Mapping[str, Any]]) -> tuple[str, bool]:
    """What ``pip-audit`` found, in words, and whether a weakness was named."""
    named = [
        f"{one['name']} {one['version']}: {', '.join(vulnerability['id'] for vulnerability in one['vulns'])}"
        for one in dependencies
        if one.get("vulns")
    ]
    if named:
        return "\n".join(["known weaknesses:", *named]), True
    audited = [one for one in dependencies if "skip_reason" not in one]
    if not audited:
        return NOT, False
    return f"audited: {len(audited)} of {len(dependencies)} packages have no known weakness", False


def report(command: str) -> str:
    """What ``pip-audit`` prints of the packages on standard input, empty where it does not answer."""
    options = ["--no-deps", "--disable-pip", "--format=json", "--progress-spinner=off", f"--timeout={ANSWER}"]
    try:
        return subprocess.run(
            [command, *options, "-r", "/dev/stdin"], capture_output=True, text=True, timeout=WITHIN
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""


if __name__ == "__main__":
    printed = report(sys.argv[1])
    words, failed = verdict(json.loads(printed)["dependencies"]) if printed.startswith("{") else (NOT, False)
    print(words)
    sys.exit(failed)
