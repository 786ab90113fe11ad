"""``sottovoce story``: signature stories, what their takes lack, and the questions that they answer."""

from __future__ import annotations

import argparse
import re
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, get_args

from engine.errors import UsageError
from engine.protocol.terms import Framework

from .kept_record import add_record_options, made, needed, opened
from .listed import listed
from .programme_asked import add_programme_option, programme_of

if TYPE_CHECKING:
    from engine.programme.script import Programme
    from engine.programme.stories import Stories
    from engine.protocol.story import Story, WantedStory
    from engine.store.record import Record

FRAMEWORKS: tuple[Framework, ...] = get_args(Framework)

NO_RECORD = "there is no record yet, so there is no story: sottovoce story add begins one"

FIELDS = ("title", "skill", "framework", "outline", "best", "answers")
"""What a person says of a story."""


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "story",
        help="keep two or three signature stories: which take is best, what is missing, what they answer",
        description="A signature story is one that you tell more than once: with the skill that it shows, "
        "how it is built, its takes and the questions that it answers. Two or three are enough.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)

    listing = _action(actions, "list", "list your stories", "List your stories and what is missing in each.")
    add_programme_option(listing)
    listing.add_argument("--json", action="store_true", help="print one JSON array, for programs")
    listing.set_defaults(run=run_list)

    show = _action(actions, "show", "show a story take by take", "Show a story with each of its takes.")
    _id(show)
    add_programme_option(show)
    show.add_argument("--json", action="store_true", help="print one JSON object, for programs")
    show.set_defaults(run=run_show)

    add = _action(actions, "add", "add a story", "Add a story. It prints the story's id.")
    add.add_argument("title", metavar="TITLE", help="its title")
    _fields(add, required=True)
    add_programme_option(add)
    add.set_defaults(run=run_add)

    change = _action(actions, "change", "change a story", "Change a story; what isn't given stays.")
    _id(change)
    change.add_argument("--title", metavar="TITLE", help="its title")
    _fields(change, required=False)
    add_programme_option(change)
    change.add_argument(
        "--not-answer",
        action="append",
        default=[],
        metavar="N",
        help="a question that it doesn't answer any more: its number, or its text",
    )
    change.add_argument(
        "--best", metavar="TAKE", help="the take that you call the best; '' leaves it to Sottovoce"
    )
    change.set_defaults(run=run_change)

    link = _action(actions, "link", "say which takes tell a story", "Say which takes tell a story.")
    _id(link)
    _some_takes(link)
    link.set_defaults(run=run_link)

    unlink = _action(actions, "unlink", "take takes from their story", "Say that takes tell no story.")
    _some_takes(unlink)
    unlink.set_defaults(run=run_unlink)

    remove = _action(actions, "remove", "delete a story; its takes stay", "Delete a story; its takes stay.")
    _id(remove)
    remove.set_defaults(run=run_remove)

    questions = _action(
        actions,
        "questions",
        "list the questions that may come, and the stories that answer them",
        "List the questions that may come, by number, with the stories of yours that answer each.",
    )
    add_programme_option(questions)
    questions.add_argument("--open", action="store_true", help="only those that no story answers")
    questions.set_defaults(run=run_questions)


def _action(actions: Any, name: str, help: str, description: str) -> Any:
    parser = actions.add_parser(name, help=help, description=description)
    add_record_options(parser, sound=False)
    return parser


def _id(parser: Any) -> None:
    parser.add_argument("story", metavar="STORY", help="id of a story, from `sottovoce story list`")


def _some_takes(parser: Any) -> None:
    parser.add_argument("takes", metavar="TAKE", nargs="+", help="id of a take, from `sottovoce record list`")


def _fields(parser: Any, *, required: bool) -> None:
    parser.add_argument("--skill", required=required, metavar="NAME", help="skill of the programme it shows")
    parser.add_argument(
        "--framework",
        required=required,
        choices=FRAMEWORKS,
        metavar="NAME",
        help=f"how it is built: {listed(FRAMEWORKS)}",
    )
    parser.add_argument("--outline", metavar="TEXT", help="what to remember of it, a few words")
    parser.add_argument(
        "--answer",
        action="append",
        default=[],
        metavar="N",
        help="a question that it answers: its number in `sottovoce story questions`, or its text",
    )


def run_list(args: argparse.Namespace) -> int:
    import msgspec

    from .story_text import story_lines

    found = _stories(args)
    if args.json:
        print(msgspec.json.encode(found.stories).decode())
    elif found.stories:
        print("\n".join(story_lines(found)))
    else:
        print("No stories yet. Add one: sottovoce story add TITLE --skill NAME --framework STAR")
    return 0


def run_show(args: argparse.Namespace) -> int:
    import msgspec

    from .story_text import detail_lines

    found = next((one for one in _stories(args).stories if one.id == args.story), None)
    if found is None:
        raise _no_story(args.story)
    print(msgspec.json.encode(found).decode() if args.json else "\n".join(detail_lines(found)))
    return 0


def run_add(args: argparse.Namespace) -> int:
    programme = programme_of(args)
    bank = _bank(programme)
    answers = list(dict.fromkeys(_question(bank, one) for one in args.answer))
    said = {"title": args.title, "skill": args.skill, "framework": args.framework}
    said |= {"outline": args.outline or "", "answers": answers}
    with made(args.store) as record:
        told = _told(record, args.person)
        id = _fresh_id(args.title, _known_ids(record, args.person, told))
        _put(record, args.person, id, said, programme, told, None)
    print(f"Added: {id}. Tell it on the page, or say which takes tell it: sottovoce story link {id} TAKE")
    return 0


def run_change(args: argparse.Namespace) -> int:
    programme = programme_of(args)
    bank = _bank(programme)
    with _needed(args) as record:
        told = _told(record, args.person)
        old = told.pop(args.story, None)
        if old is None:
            raise _no_story(args.story)
        said = {name: getattr(old, name) for name in FIELDS}
        said |= {name: value for name in FIELDS[:-1] if (value := getattr(args, name)) is not None}
        dropped = {one if one in old.answers else _question(bank, one) for one in args.not_answer}
        answers = [*old.answers, *(_question(bank, one) for one in args.answer)]
        said["answers"] = [one for one in dict.fromkeys(answers) if one not in dropped]
        if args.best and record.take(args.person, args.best).story != args.story:
            raise UsageError(
                f"the take {args.best} doesn't tell this story: sottovoce story link {args.story} {args.best}"
            )
        _put(record, args.person, args.story, said, programme, told, old)
    print(f"Changed: {args.story}.")
    return 0


def run_link(args: argparse.Namespace) -> int:
    with _needed(args) as record:
        if args.story not in _told(record, args.person):
            raise _no_story(args.story)
        _tell(record, args.person, args.takes, args.story)
    print(f"Linked to {args.story}: {', '.join(args.takes)}.")
    return 0


def run_unlink(args: argparse.Namespace) -> int:
    with _needed(args) as record:
        _tell(record, args.person, args.takes, None)
    print(f"Linked to no story: {', '.join(args.takes)}.")
    return 0


def run_remove(args: argparse.Namespace) -> int:
    with _needed(args) as record:
        if not record.documents.delete(args.person, "story", args.story):
            raise _no_story(args.story)
    print(f"Deleted: {args.story}. Its takes stay.")
    return 0


def run_questions(args: argparse.Namespace) -> int:
    from .story_text import question_lines

    print("\n".join(question_lines(_stories(args), only_open=args.open)))
    return 0


# --- inside --------------------------------------------------------------------------


def _needed(args: argparse.Namespace) -> AbstractContextManager[Record]:
    return needed(args.store, without=NO_RECORD)


def _stories(args: argparse.Namespace) -> Stories:
    from engine.programme.interviews import questions_of
    from engine.programme.stories import stories
    from engine.shipped import programmes
    from engine.store.stories import told

    programme = programme_of(args)
    with opened(args.store) as record:
        found = ({}, []) if record is None else told(record, args.person)
    bank = questions_of(programme, programmes.questions())
    return stories(programme, *found, bank, asks=programmes.asks())


def _bank(programme: Programme) -> list[str]:
    """Return the texts of the questions that may come, in the order of their numbers."""
    from engine.programme.interviews import questions_of
    from engine.shipped.programmes import questions

    return [one.text for one in questions_of(programme, questions())]


def _question(bank: Sequence[str], named: str) -> str:
    """Return the text of a question that is named by its number or its text."""
    numbered = {f"{number}": text for number, text in enumerate(bank, 1)}
    text = numbered.get(named, named)
    if text not in bank:
        raise UsageError(f"{named}: no question; `sottovoce story questions` numbers them, 1 to {len(bank)}")
    return text


def _told(record: Record, person: str) -> dict[str, Story]:
    from engine.protocol.story import Story

    return record.documents.all(person, "story", Story)


def _put(
    record: Record,
    person: str,
    id: str,
    said: dict[str, Any],
    programme: Programme,
    others: dict[str, Story],
    old: Story | None,
) -> None:
    import msgspec

    from engine.programme.stories import check_story
    from engine.protocol.story import WantedStory
    from engine.protocol.story import made as as_kept

    try:
        wanted: WantedStory = msgspec.convert(said, WantedStory)
    except msgspec.ValidationError as error:
        raise UsageError(f"this story can't be kept: {error}") from error
    check_story(wanted, programme, _bank(programme), [one.title for one in others.values()], old)
    at = datetime.now(UTC) if old is None else old.made_at
    record.documents.put(person, "story", id, as_kept(wanted, at))


def _tell(record: Record, person: str, takes: list[str], story: str | None) -> None:
    from engine.protocol.take import TakeChange

    for id in takes:
        record.take(person, id)  # all of them are there, or none is changed
    for id in takes:
        record.change(person, id, TakeChange(story=story))


def _known_ids(record: Record, person: str, told: dict[str, Story]) -> set[str]:
    """Return the ids of stories, those too that are deleted and that a take or a note still names."""
    from engine.protocol.note import Note

    of_takes = {take.story for take in record.takes(person, limit=2**31 - 1) if take.story is not None}
    notes = record.documents.all(person, "note", Note).values()
    return of_takes.union(told, *(note.stories for note in notes))


def _fresh_id(title: str, taken: Collection[str]) -> str:
    """Return an id that nothing names yet, made from a title."""
    base = "-".join(re.findall(r"[a-z0-9]+", title.lower()))[:40].strip("-") or "story"
    names = (base if number == 1 else f"{base}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def _no_story(id: str) -> UsageError:
    return UsageError(f"{id}: no such story; `sottovoce story list` has them")
