"""``sottovoce note``: two minutes of notes after a call or an interview, and a look back at one."""

from __future__ import annotations

import argparse
import sys
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.errors import NoSuchTake, UsageError

from .dates import moment
from .kept_record import add_record_options, made, needed, opened
from .listed import listed
from .programme_asked import add_programme_option, programme_of

if TYPE_CHECKING:
    from engine.programme.look_back import LookBack
    from engine.programme.script import Programme
    from engine.protocol.note import Note
    from engine.store.record import Record

OCCASIONS = ("interview", "screen", "call", "talk", "mock")
WENT = ("well", "mixed", "badly")
"""Both as in :mod:`engine.protocol.note`, too much for help."""

NO_RECORD = "there is no record yet, so there is no note: sottovoce note add begins one"

TEXTS = {
    "well": "What went well? ",
    "badly": "What didn't? ",
    "next": "One thing for next time: ",
}
"""What is asked where nothing of it was given and somebody is there to ask."""


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "note",
        help="note how a call or an interview went, and look back at one",
        description="Two minutes after the real thing: what went well, what didn't, what was asked, "
        "one thing for next time. Tied to a take, it shows what recurs in the takes before.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)

    add = _action(actions, "add", "write a note", "Write a note; on a terminal it asks what isn't given.")
    _fields(add, required=True)
    add_programme_option(add)
    add.set_defaults(run=run_add)

    change = _action(
        actions, "change", "change a note", "Change a note. What isn't given stays, '' clears it."
    )
    _id(change)
    _fields(change, required=False)
    add_programme_option(change)
    change.set_defaults(run=run_change)

    listing = _action(actions, "list", "list the notes, newest first", "List the notes, newest first.")
    listing.add_argument("--json", action="store_true", help="print one JSON object by id, for programs")
    listing.set_defaults(run=run_list)

    show = _action(
        actions,
        "show",
        "show a note, and look back at its take",
        "Show a note; if a take is tied to it, what was noticed there, and in which takes before.",
    )
    _id(show)
    add_programme_option(show)
    show.set_defaults(run=run_show)

    remove = _action(actions, "remove", "delete a note; its take stays", "Delete a note; its take stays.")
    _id(remove)
    remove.set_defaults(run=run_remove)


def _action(actions: Any, name: str, help: str, description: str) -> Any:
    parser = actions.add_parser(name, help=help, description=description)
    add_record_options(parser, sound=False)
    return parser


def _id(parser: Any) -> None:
    parser.add_argument("note", metavar="NOTE", help="id of a note, from `sottovoce note list`")


def _fields(parser: Any, *, required: bool) -> None:
    parser.add_argument(
        "--went", required=required, choices=WENT, metavar="HOW", help=f"how it went: {listed(WENT)}"
    )
    parser.add_argument(
        "--occasion",
        choices=OCCASIONS,
        metavar="WHAT",
        help=f"{listed(OCCASIONS)}; {OCCASIONS[0]} by default",
    )
    parser.add_argument("--title", metavar="TEXT", help="with whom, or what for")
    parser.add_argument("--at", type=moment, metavar="TIME", help="when, as 2026-03-31T10:00; now by default")
    parser.add_argument("--interview", metavar="NAME", help="kind of interview, as in `programme interviews`")
    parser.add_argument("--well", metavar="TEXT", help="what went well")
    parser.add_argument("--badly", metavar="TEXT", help="what didn't")
    parser.add_argument("--question", action="append", metavar="TEXT", help="a question that came")
    parser.add_argument("--story", action="append", metavar="STORY", help="id of a story that you told")
    parser.add_argument("--next", metavar="TEXT", help="one thing for next time")
    parser.add_argument("--take", metavar="TAKE", help="id of the take of it, if Sottovoce listened")


def run_add(args: argparse.Namespace) -> int:
    said = {"at": datetime.now().astimezone(), "occasion": OCCASIONS[0]} | _said(args)
    programme = programme_of(args)
    with made(args.store) as record:
        notes = _notes(record, args.person)
        day = f"{said['at']:%Y-%m-%d}"
        names = (day if number == 1 else f"{day}-{number}" for number in range(1, len(notes) + 2))
        id = next(name for name in names if name not in notes)
        note = _checked(record, args.person, said, programme, None)
        if sys.stdin.isatty() and not any(getattr(args, name) for name in TEXTS):
            _ask(args)
            note = _checked(record, args.person, said | _said(args), programme, None)
        record.documents.put(args.person, "note", id, note)
    print(f"Noted: {id}.")
    return 0


def run_change(args: argparse.Namespace) -> int:
    import msgspec

    programme = programme_of(args)
    with _needed(args) as record:
        old = _note(record, args)
        said = msgspec.structs.asdict(old) | _said(args)
        note = _checked(record, args.person, said, programme, old)
        record.documents.put(args.person, "note", args.note, note)
    print(f"Changed: {args.note}.")
    return 0


def run_list(args: argparse.Namespace) -> int:
    import msgspec

    from .story_text import note_lines

    with opened(args.store) as record:
        notes = {} if record is None else _notes(record, args.person)
    if args.json:
        print(msgspec.json.encode(notes).decode())
    else:
        print("\n".join(note_lines(notes) or ["No notes yet. Write one: sottovoce note add --went mixed"]))
    return 0


def run_show(args: argparse.Namespace) -> int:
    from .story_text import note_detail

    programme = programme_of(args)
    with _needed(args) as record:
        note = _note(record, args)
        looked = _look_back(record, args.person, note, programme)
    print("\n".join(note_detail(args.note, note, looked)))
    return 0


def run_remove(args: argparse.Namespace) -> int:
    with _needed(args) as record:
        if not record.documents.delete(args.person, "note", args.note):
            raise _no_note(args.note)
    print(f"Deleted: {args.note}. Its take stays.")
    return 0


# --- inside --------------------------------------------------------------------------


def _needed(args: argparse.Namespace) -> AbstractContextManager[Record]:
    return needed(args.store, without=NO_RECORD)


def _said(args: argparse.Namespace) -> dict[str, Any]:
    """Return what the options say, by the field of a note; of lists, an empty one says that there is none."""
    options = {"question": "questions", "story": "stories", "next": "next_time"}
    names = ("went", "occasion", "title", "at", "interview", "well", "badly", "take", *options)
    given = {options.get(name, name): getattr(args, name) for name in names}
    said = {name: value for name, value in given.items() if value is not None}
    return {
        name: [one for one in value if one] if isinstance(value, list) else value
        for name, value in said.items()
    }


def _notes(record: Record, person: str) -> dict[str, Note]:
    from engine.protocol.note import Note

    return record.documents.all(person, "note", Note)


def _note(record: Record, args: argparse.Namespace) -> Note:
    from engine.protocol.note import Note

    found = record.documents.get(args.person, "note", args.note, Note)
    if found is None:
        raise _no_note(args.note)
    return found


def _ask(args: argparse.Namespace) -> None:
    """Ask for the texts of a note, until the input ends."""
    try:
        for name, question in TEXTS.items():
            setattr(args, name, input(question).strip())
    except EOFError:
        print()


def _checked(
    record: Record, person: str, said: dict[str, Any], programme: Programme, old: Note | None
) -> Note:
    """Return a note that may be kept; what an old one had already may be gone meanwhile."""
    import msgspec

    from engine.programme.interviews import check_note
    from engine.protocol.note import Note
    from engine.protocol.story import Story

    try:
        note: Note = msgspec.convert(said, Note)
    except msgspec.ValidationError as error:
        raise UsageError(f"this note can't be kept: {error}") from error
    check_note(note, programme, old)
    for story in note.stories:
        if story in (old.stories if old is not None else ()):
            continue
        if record.documents.get(person, "story", story, Story) is None:
            raise UsageError(f"--story {story}: no such story; `sottovoce story list` has them")
    if note.take and (old is None or note.take != old.take):
        record.take(person, note.take)
    return note


def _look_back(record: Record, person: str, note: Note, programme: Programme) -> LookBack | None:
    from engine.programme.look_back import look_back

    if not note.take:
        return None
    try:
        take = record.take(person, note.take)
    except NoSuchTake:
        return None
    return look_back(programme, take, list(record.all(person, review=False)))


def _no_note(id: str) -> UsageError:
    return UsageError(f"{id}: no such note; `sottovoce note list` has them")
