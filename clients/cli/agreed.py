"""The question before something is deleted for good."""

from __future__ import annotations

import sys

from engine.errors import UsageError


def agreed(what: str) -> bool:
    """Ask a person; without one nothing is agreed to.

    Raises
    ------
    UsageError
        Nobody can be asked.
    """
    if not sys.stdin.isatty():
        raise UsageError("this deletes for good: say --yes where nobody can be asked")
    try:
        return input(f"{what}? Type yes: ").strip().lower() == "yes"
    except EOFError:
        print()
        return False
