"""HTTP endpoints of signature stories, of notes after the real thing, and of kinds of interview."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.errors import SottovoceError
from engine.programme.interviews import Readiness, check_note, readiness
from engine.programme.look_back import LookBack, look_back
from engine.programme.records import GapTable
from engine.programme.standing import Standing
from engine.programme.stories import Choice, Stories, check_story, stories
from engine.protocol.note import Note
from engine.protocol.story import Story, WantedStory, made
from engine.protocol.take import Take, TakeEntry, entry_of
from engine.store.record import Record
from engine.store.stories import told

from .bodies import read_body
from .problems import Problem
from .record_requests import (
    NOBODY_ELSES,
    as_json,
    called,
    decoded,
    delete_document,
    no_such,
    owner,
    problem_of,
    tagged,
    zone_of,
)


class KeptNote(Struct, frozen=True, kw_only=True):
    """A note with what it names."""

    id: str
    note: Note
    take: TakeEntry | None
    """Null where none is tied to it, or that one is deleted."""


class Notes(Struct, frozen=True, kw_only=True):
    """Answer to ``GET /record/notes``."""

    notes: list[KeptNote]
    """The newest first."""

    interviews: list[Choice]
    """Kinds of interview that a note may be of."""

    stories: list[Choice]
    """The person's signature stories."""


class LookedBack(Struct, frozen=True, kw_only=True):
    """Answer to ``GET /record/notes/{id}``."""

    id: str
    note: Note
    take: TakeEntry | None
    look_back: LookBack | None
    """Null where no take is tied to it, or that one is deleted."""


class Interviews(Struct, frozen=True, kw_only=True):
    """Answer to ``GET /record/interviews``."""

    interviews: list[Readiness]


async def all_stories(request: Request) -> Response:
    """Return the signature stories, what is missing in their takes, and the questions that they answer."""
    hub, person = owner(request)
    programme = hub.training.programme

    def work(record: Record) -> Stories:
        return stories(programme, *told(record, person), hub.training.questions, asks=hub.training.asks)

    return tagged(request, as_json(await called(hub, work)))


async def put_story(request: Request) -> Response:
    """Write a story: 201 for a new one; 412 with ``If-None-Match: *`` where there is one of that id."""
    hub, person = owner(request)
    id = request.path_params["id"]
    wanted, now = decoded(await read_body(request), WantedStory), hub.record.now()

    def work(record: Record) -> bool:
        there = record.documents.all(person, "story", Story)
        old = there.pop(id, None)
        _refuse_there(request, old, "story")
        texts = {one.text for one in hub.training.questions}
        titles = [one.title for one in there.values()]
        check_story(wanted, hub.training.programme, texts, titles, old)
        record.documents.put(person, "story", id, made(wanted, now if old is None else old.made_at))
        return old is None

    return Response(status_code=201 if await called(hub, work) else 204, headers=NOBODY_ELSES)


async def delete_story(request: Request) -> Response:
    """Delete a story; its takes stay."""
    return await delete_document(request, "story")


async def all_notes(request: Request) -> Response:
    """Return the notes after calls and interviews, newest first, with what a new one may name."""
    hub, person = owner(request)

    def work(record: Record) -> Notes:
        notes = record.documents.all(person, "note", Note)
        there = record.documents.all(person, "story", Story)
        tied = record.entries(person, {note.take for note in notes.values() if note.take})
        takes = {entry.id: entry for entry in tied}
        newest = sorted(notes.items(), key=lambda one: (one[1].at, one[0]), reverse=True)
        return Notes(
            notes=[KeptNote(id=id, note=note, take=takes.get(note.take or "")) for id, note in newest],
            interviews=[Choice(name=one.name, title=one.title) for one in hub.training.programme.interview],
            stories=[Choice(name=id, title=story.title) for id, story in there.items()],
        )

    return tagged(request, as_json(await called(hub, work)))


async def note(request: Request) -> Response:
    """Return a note, with a look back: which findings of its take recur in those before, and how often."""
    hub, person = owner(request)
    id = request.path_params["id"]

    def work(record: Record) -> LookedBack:
        found = record.documents.get(person, "note", id, Note)
        if found is None:
            raise no_such("note")
        takes = list(record.all(person, review=False)) if found.take else []
        its = next((one for one in takes if one.id == found.take), None)
        if its is None:
            return LookedBack(id=id, note=found, take=None, look_back=None)
        looked = look_back(hub.training.programme, its, takes)
        return LookedBack(id=id, note=found, take=entry_of(its), look_back=looked)

    return tagged(request, as_json(await called(hub, work)))


async def put_note(request: Request) -> Response:
    """Write a note: 201 for a new one; 412 with ``If-None-Match: *`` where there is one of that id."""
    hub, person = owner(request)
    id, wanted = request.path_params["id"], decoded(await read_body(request), Note)

    def work(record: Record) -> bool:
        old = record.documents.get(person, "note", id, Note)
        _refuse_there(request, old, "note")
        check_note(wanted, hub.training.programme, old)
        record.documents.put(person, "note", id, wanted)
        return old is None

    return Response(status_code=201 if await called(hub, work) else 204, headers=NOBODY_ELSES)


async def delete_note(request: Request) -> Response:
    """Delete a note; its take stays."""
    return await delete_document(request, "note")


async def interviews(request: Request) -> Response:
    """Return each kind of interview: what the gap table says for its skills, and what was practised."""
    hub, person = owner(request)
    programme = hub.training.programme

    def stand(standing: Standing) -> tuple[GapTable, Sequence[Take]]:
        return standing.gaps(), standing.takes

    try:
        table, takes = await hub.training.answer(person, zone_of(request), stand)
    except SottovoceError as error:
        raise problem_of(error) from error

    def work(record: Record) -> Interviews:
        there = record.documents.all(person, "story", Story)
        notes = record.documents.all(person, "note", Note)
        kinds = readiness(programme, table, takes, hub.training.questions, there, notes)
        return Interviews(interviews=kinds)

    return tagged(request, as_json(await called(hub, work)))


ROUTES = [
    Route("/record/stories", all_stories),
    Route("/record/stories/{id}", put_story, methods=["PUT"]),
    Route("/record/stories/{id}", delete_story, methods=["DELETE"]),
    Route("/record/notes", all_notes),
    Route("/record/notes/{id}", note),
    Route("/record/notes/{id}", put_note, methods=["PUT"]),
    Route("/record/notes/{id}", delete_note, methods=["DELETE"]),
    Route("/record/interviews", interviews),
]


# --- inside --------------------------------------------------------------------------


def _refuse_there(request: Request, old: Struct | None, kind: str) -> None:
    if old is not None and request.headers.get("if-none-match", "").strip() == "*":
        raise Problem(412, f"there is a {kind} of this id already")
