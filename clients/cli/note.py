"""``sottovoce note``: two minutes of notes after a call or an interview, and a look back at one."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.errors import NoSuchTake, RecordError, UsageError

from .kept_record import add_record_options, open_record, opened

if TYPE_CHECKING:
    from engine.programme.look_back import LookBack
    from engine.protocol.note import Note
    from engine.store.record import Record

OCCASIONS = ("interview", "screen", "call", "talk", "mock")
WENT = ("well", "mixed", "badly")

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
    add.set_defaults(run=run_add)

    change = _action(actions, "change", "change a note", "Change a note; what isn't given stays.")
    _id(change)
    _fields(change, required=False)
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
        "--went", required=required, choices=WENT, metavar="HOW", help="how it went: well, mixed or badly"
    )
    parser.add_argument(
        "--occasion",
        choices=OCCASIONS,
        metavar="WHAT",
        help="interview (by default), screen, call, talk or mock",
    )
    parser.add_argument("--title", metavar="TEXT", help="with whom, or what for")
    parser.add_argument("--at", type=_time, metavar="TIME", help="when, as 2026-03-31T10:00; now by default")
    parser.add_argument("--interview", metavar="NAME", help="kind of interview, as in `programme interviews`")
    parser.add_argument("--well", metavar="TEXT", help="what went well")
    parser.add_argument("--badly", metavar="TEXT", help="what didn't")
    parser.add_argument("--question", action="append", metavar="TEXT", help="a question that came")
    parser.add_argument("--story", action="append", metavar="STORY", help="id of a story that you told")
    parser.add_argument("--next", metavar="TEXT", help="one thing for next time")
    parser.add_argument("--take", metavar="TAKE", help="id of the take of it, if Sottovoce listened")


def _time(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text}: a time looks like 2026-03-31T10:00") from error
    return at if at.tzinfo is not None else at.astimezone()


def run_add(args: argparse.Namespace) -> int:
    if sys.stdin.isatty() and not any(getattr(args, name) for name in TEXTS):
        for name, question in TEXTS.items():
            setattr(args, name, input(question).strip())
    said = {"at": datetime.now().astimezone(), "occasion": "interview"} | _said(args)
    record = open_record(args.store, None)
    try:
        notes = _notes(record, args.person)
        day = f"{said['at']:%Y-%m-%d}"
        names = (day if number == 1 else f"{day}-{number}" for number in range(1, len(notes) + 2))
        id = next(name for name in names if name not in notes)
        _put(record, args.person, id, said)
    finally:
        record.close()
    print(f"Noted: {id}.")
    return 0


def run_change(args: argparse.Namespace) -> int:
    import msgspec

    with _needed(args) as record:
        old = _note(record, args)
        _put(record, args.person, args.note, msgspec.structs.asdict(old) | _said(args))
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

    with _needed(args) as record:
        note = _note(record, args)
        looked = _look_back(record, args.person, note)
    print("\n".join(note_detail(args.note, note, looked)))
    return 0


def run_remove(args: argparse.Namespace) -> int:
    with _needed(args) as record:
        if not record.documents.delete(args.person, "note", args.note):
            raise _no_note(args.note)
    print(f"Deleted: {args.note}. Its take stays.")
    return 0


# --- inside --------------------------------------------------------------------------


@contextmanager
def _needed(args: argparse.Namespace) -> Iterator[Record]:
    """Open the record, which has to be there."""
    with opened(args.store) as record:
        if record is None:
            raise RecordError("there is no record yet, so there is no note: sottovoce note add begins one")
        yield record


def _said(args: argparse.Namespace) -> dict[str, Any]:
    """Return what the options say, by the field of a note."""
    options = {"question": "questions", "story": "stories", "next": "next_time"}
    names = ("went", "occasion", "title", "at", "interview", "well", "badly", "take", *options)
    given = {options.get(name, name): getattr(args, name) for name in names}
    return {name: value for name, value in given.items() if value is not None}


def _notes(record: Record, person: str) -> dict[str, Note]:
    from engine.protocol.note import Note

    return record.documents.all(person, "note", Note)


def _note(record: Record, args: argparse.Namespace) -> Note:
    from engine.protocol.note import Note

    found = record.documents.get(args.person, "note", args.note, Note)
    if found is None:
        raise _no_note(args.note)
    return found


def _put(record: Record, person: str, id: str, said: dict[str, Any]) -> None:
    import msgspec

    from engine.programme.interviews import check_note
    from engine.protocol.note import Note
    from engine.protocol.story import Story
    from engine.shipped import programmes

    try:
        note: Note = msgspec.convert(said, Note)
    except msgspec.ValidationError as error:
        raise UsageError(f"this note can't be kept: {error}") from error
    check_note(note, programmes.load())
    for story in note.stories:
        if record.documents.get(person, "story", story, Story) is None:
            raise UsageError(f"--story {story}: no such story; `sottovoce story list` has them")
    if note.take:
        record.take(person, note.take)
    record.documents.put(person, "note", id, note)


def _look_back(record: Record, person: str, note: Note) -> LookBack | None:
    from engine.programme.look_back import look_back
    from engine.shipped import programmes

    if not note.take:
        return None
    try:
        take = record.take(person, note.take)
    except NoSuchTake:
        return None
    return look_back(programmes.load(), take, list(record.all(person, review=False)))


def _no_note(id: str) -> UsageError:
    return UsageError(f"{id}: no such note; `sottovoce note list` has them")
