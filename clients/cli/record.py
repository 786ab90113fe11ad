"""``sottovoce record``: look at the takes that are kept, copy them, and delete them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from engine.errors import UsageError

from .agreed import agreed
from .kept_record import add_record_options, made, needed, opened
from .new_file import new_file
from .printed import FORMS, add_file_options, add_paper_option

if TYPE_CHECKING:
    from engine.store.record import Record

ALL = 2**31 - 1
"""More takes than a record has."""


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "record",
        help="look at the takes that are kept; export, import, back up, delete them",
        description="A record holds what you allowed to be kept of your takes: figures, words, sound. "
        "Nothing is in it until you allow it.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)

    listing = _action(actions, "list", "list the takes, newest first", "List the takes, newest first.")
    listing.add_argument("--json", action="store_true", help="print one JSON array, for programs")
    listing.add_argument("--limit", type=_least_one, metavar="N", help="only the newest N")
    listing.set_defaults(run=run_list)

    show = _action(actions, "show", "show a take", "Show a take: figures, findings, and words if kept.")
    show.add_argument("take", metavar="TAKE", help="id of a take, from `sottovoce record list`")
    show.add_argument("--json", action="store_true", help="print its document, for programs")
    show.add_argument("--sound", metavar="FILE", help="write its sound to FILE (Opus in Ogg)")
    show.set_defaults(run=run_show)

    report = _action(
        actions,
        "report",
        "write a printable report of a take",
        "Write a printable report of a take, on two pages where it is short: one thing to try next, what "
        "went well, the answer with its marks, measures against target and your usual, nudges along time. "
        "What was not kept is not in it.",
    )
    report.add_argument("take", metavar="TAKE", help="id of a take, from `sottovoce record list`")
    add_file_options(report)
    report.set_defaults(run=run_report)

    export = _action(
        actions,
        "export",
        "write all takes to a ZIP file",
        "Write all takes to a ZIP file: a JSON document each, the sound, a table (CSV), the schema, and "
        "what is kept beside takes. `sottovoce record import` reads it, on any machine.",
    )
    export.add_argument("file", metavar="FILE", help="file to write, not there yet; - for standard output")
    export.add_argument(
        "--reports", choices=FORMS, help="add a printable report of each take, in folder reports"
    )
    add_paper_option(export)
    export.set_defaults(run=run_export)

    import_ = _action(
        actions,
        "import",
        "add the takes of a file",
        "Add the takes of an export, of one take's JSON, or of a file that the page's Save wrote. A take "
        "that is there already stays as it is.",
    )
    import_.add_argument("file", metavar="FILE", help="file to read")
    import_.set_defaults(run=run_import)

    forget = _action(
        actions,
        "forget",
        "delete takes, or all that is kept, for good",
        "Delete all that is kept of you, or only the takes that you name: at once, sound too, down to the "
        "bytes of the files. Exports and backups of your own stay.",
    )
    forget.add_argument("takes", metavar="TAKE", nargs="*", help="id of a take to delete; without: all")
    forget.add_argument("--yes", action="store_true", help="don't ask")
    forget.set_defaults(run=run_forget)

    path = _action(actions, "path", "say where the record is", "Say where the record and its sound are.")
    path.set_defaults(run=run_path)

    check = _action(
        actions,
        "check",
        "verify the database, every take, document and sound file",
        "Verify the database, every take, document and sound file. Exit code 2 when something is wrong.",
    )
    check.set_defaults(run=run_check)

    backup = _action(
        actions,
        "backup",
        "copy the record to a folder, also while a server uses it",
        "Copy the record to a folder, also while a server uses it. The copy is a record: "
        "`sottovoce record list --store FOLDER` reads it.",
    )
    backup.add_argument("folder", metavar="FOLDER", help="folder that is empty, or not there yet")
    backup.set_defaults(run=run_backup)


def _action(actions: Any, name: str, help: str, description: str) -> Any:
    parser = actions.add_parser(name, help=help, description=description)
    add_record_options(parser)
    return parser


def _least_one(text: str) -> int:
    if not (text.isascii() and text.isdigit() and text.strip("0")):
        raise argparse.ArgumentTypeError(f"{text!r}: must be a whole number, 1 or more")
    return int(text)


def run_list(args: argparse.Namespace) -> int:
    import msgspec

    from .record_text import entry_lines

    entries = []
    with opened(args.store, args.record_key) as record:
        if record is not None:
            entries = record.takes(args.person, limit=min(args.limit or ALL, ALL))
    if args.json:
        print(msgspec.json.encode(entries).decode())
    else:
        print("\n".join(entry_lines(entries) or ["No takes are kept."]))
    return 0


def run_show(args: argparse.Namespace) -> int:
    from engine.protocol.take import encode_take

    from .record_text import take_lines

    with _needed(args) as record:
        take = record.take(args.person, args.take)
        if args.sound is not None:
            sound = record.sound(args.person, args.take)
            with new_file(args.sound) as file:
                file.write(sound)
        elif args.json:
            print(encode_take(take).decode())
        else:
            print("\n".join(take_lines(take)))
    return 0


def run_report(args: argparse.Namespace) -> int:
    from datetime import datetime

    from engine.reports.building import take_report
    from engine.reports.measures import MOST_USUAL
    from engine.store.earlier import takes_before

    from .printed import profile_of, write_reports

    with _needed(args) as record:
        take = record.take(args.person, args.take)
        before = takes_before(record, args.person, take, MOST_USUAL)
    profile, now = profile_of(take.profile), datetime.now().astimezone()
    return write_reports(
        args, lambda form: take_report(take, before, profile, now, form=form, paper=args.paper)
    )


def run_export(args: argparse.Namespace) -> int:
    from .printed import reports_of_all

    with _needed(args) as record, reports_of_all(args.reports, args.paper) as report:
        if args.file == "-":
            record.export(args.person, sys.stdout.buffer, report)
        else:
            with new_file(args.file) as file:
                record.export(args.person, file, report)
    return 0


def run_import(args: argparse.Namespace) -> int:
    with _old_file(args.file) as file, made(args.store, args.record_key) as record:
        found = record.import_(args.person, file)
    for problem in found.problems:
        print(problem, file=sys.stderr)
    there = f", {found.there} were there already" if found.there else ""
    print(f"{_count(found.takes, 'take')} imported, {found.sounds} of them with sound{there}.")
    if found.documents:
        print(f"{_count(found.documents, 'document')} beside takes imported.")
    return 2 if found.problems and not (found.takes or found.there or found.documents) else 0


def run_forget(args: argparse.Namespace) -> int:
    with _needed(args) as record:
        if args.takes:
            for id in args.takes:
                record.take(args.person, id)  # all of them are there, or none is deleted
            what = _count(len(args.takes), "take")
        else:
            takes = _count(len(record.takes(args.person, limit=ALL)), "take")
            what = f"{takes} and all else that is kept"
        if not args.yes and not agreed(f"Delete {what}, for good"):
            print("Nothing was deleted.")
            return 0
        if args.takes:
            for id in dict.fromkeys(args.takes):
                record.delete(args.person, id)
        else:
            record.forget(args.person)
    print(f"Deleted: {what}.")
    return 0


def run_path(args: argparse.Namespace) -> int:
    from engine.store.database import FILE
    from engine.store.folders import folder_of

    folder = folder_of(args.store)
    if folder is not None:
        print(folder / FILE)
        print(folder / "sound")
        return 0
    with _needed(args) as record:
        print(record.where)
        print(record.sound_folder)
    return 0


def run_check(args: argparse.Namespace) -> int:
    with _needed(args) as record:
        found = record.check()
    for problem in found.problems:
        print(problem)
    wrong = f" Problems: {len(found.problems)}." if found.problems else " All in order."
    print(f"{_count(found.takes, 'take')}, {found.sounds} with sound.{wrong}")
    return 2 if found.problems else 0


def run_backup(args: argparse.Namespace) -> int:
    with _needed(args) as record:
        takes = record.backup(Path(args.folder))
    print(f"{_count(takes, 'take')} copied to {args.folder}.")
    return 0


def _needed(args: argparse.Namespace) -> AbstractContextManager[Record]:
    return needed(args.store, args.record_key, without="no takes are kept: there is no record yet")


@contextmanager
def _old_file(name: str) -> Iterator[BinaryIO]:
    """Open a file to read."""
    try:
        with open(name, "rb") as file:
            yield file
    except OSError as error:
        raise UsageError(f"{name} can't be read: {error.strerror}") from error


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
