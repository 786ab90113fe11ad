"""Days and times on a command line."""

from __future__ import annotations

import argparse
from datetime import date, datetime

YEARS = range(2000, 3000)
"""Plans and comparisons reckon weeks before and after a day: far from the ends of what a date can be."""


def day(text: str) -> date:
    """Return a day, for argparse.

    Raises
    ------
    argparse.ArgumentTypeError
        It is none.
    """
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: a day looks like 2026-03-31") from error
    _check_year(text, found)
    return found


def moment(text: str) -> datetime:
    """Return a time of a day with its zone, the system's where none is given; for argparse.

    Raises
    ------
    argparse.ArgumentTypeError
        It is none.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: a time looks like 2026-03-31T10:00") from error
    _check_year(text, found)
    return found if found.tzinfo is not None else found.astimezone()


def _check_year(text: str, found: date) -> None:
    if found.year not in YEARS:
        raise argparse.ArgumentTypeError(f"{text!r}: its year must be from {YEARS[0]} to {YEARS[-1]}")
