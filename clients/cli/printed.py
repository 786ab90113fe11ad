"""Reports as files: which, where, and on which paper."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .new_file import check_new, new_file

if TYPE_CHECKING:
    from engine.profile import Profile
    from engine.reports.every import EveryTake
    from engine.reports.requests import Form, Paper, Request

FORMS = ("html", "pdf")
PAPERS = ("a4", "letter")
"""Both as in :mod:`engine.reports.requests`, too much for help."""


def add_file_options(parser: Any) -> None:
    """Add ``--pdf`` and ``--html``, of which one at least is to be given."""
    parser.add_argument("--pdf", metavar="FILE", help="write the report as PDF, to a file not there yet")
    parser.add_argument("--html", metavar="FILE", help="write it as one HTML file, to a file not there yet")
    parser.set_defaults(no_file=lambda: parser.error("say where to: --pdf FILE or --html FILE"))
    add_paper_option(parser)


def add_paper_option(parser: Any) -> None:
    """Add ``--paper``."""
    parser.add_argument("--paper", choices=PAPERS, default="a4", help="paper of reports (%(default)s)")


def write_reports(args: argparse.Namespace, request: Callable[[Form], Request]) -> int:
    """Write the reports that the options ask for; the exit code.

    Parameters
    ----------
    request : gives the report's request for a form.

    Raises
    ------
    UsageError
        A file can't be written, or no PDF can be made here.
    """
    from engine.reports.process import ReportProcess

    wanted: list[tuple[Form, str | None]] = [("html", args.html), ("pdf", args.pdf)]
    files = [(form, name) for form, name in wanted if name is not None]
    if not files:
        args.no_file()
    for _, name in files:
        check_new(name)
    with ReportProcess() as process:
        for form, name in files:
            made = process.make(request(form))
            with new_file(name) as file:
                file.write(made)
    return 0


@contextmanager
def reports_of_all(form: Form | None, paper: Paper) -> Iterator[EveryTake | None]:
    """Give what makes a report of each take, while it is needed; None where no form is asked for."""
    if form is None:
        yield None
        return
    from datetime import datetime

    from engine.reports.every import EveryTake
    from engine.reports.process import ReportProcess

    with ReportProcess() as process:
        yield EveryTake(process, profile_of, datetime.now().astimezone(), form=form, paper=paper)


def profile_of(name: str) -> Profile | None:
    """Return the profile that a take was practised for; None where there is none of that name any more."""
    from engine.shipped.profiles import load, shipped

    return load(name) if name in shipped() else None
