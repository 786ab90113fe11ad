"""HTTP endpoints of the record: what may be kept, and the takes of the person who asks.

Whoever is nobody for :class:`engine.server.record.identity.Identity` gets 403 for all but ``GET /record``.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import AsyncIterator
from typing import IO, BinaryIO, cast

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from engine.errors import SottovoceError
from engine.protocol.kept import Kept
from engine.protocol.take import Imported, TakeChange, TakeEntry, encode_take
from engine.server.hub import Hub
from engine.server.record.service import CONSENT_S
from engine.store.record import Record

from .bodies import read_body
from .problems import Problem
from .record_requests import (
    NOBODY_ELSES,
    PIECE,
    as_json,
    called,
    decoded,
    etag_of,
    hub_of,
    into_file,
    json_response,
    names_tag,
    number_of,
    owner,
    paper_of,
    problem_of,
    sender,
    tagged,
)

MEMORY_BYTES = 4 << 20
"""Of an import or export, what is held in memory; the rest is in a temporary file that has no name."""

LONG_S = 900.0
"""How long an import or export may take."""

PAGE, MOST_ENTRIES = 50, 200
"""Takes in one answer, unless another number is asked for, and at most."""


class RecordState(Struct, frozen=True, kw_only=True):
    """Answer to ``GET /record``."""

    possible: bool
    """Whether takes of who asks can be kept here."""

    why: str
    """Why not, as a sentence; empty where they can."""

    kept: Kept | None
    """What they allow; null when they were never asked."""

    problem: str
    """What is wrong with the record now, as a sentence; empty while nothing is."""


class WantedKept(Kept, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of ``PUT /record/kept``."""

    past: bool = False
    """Whether takes that are there lose what isn't allowed any more."""


class TakePage(Struct, frozen=True, kw_only=True):
    """Answer to ``GET /record/takes``."""

    takes: list[TakeEntry]
    more: bool
    """Whether there are older ones."""


async def state(request: Request) -> Response:
    """Return whether takes can be kept, what may be, and what is wrong."""
    hub = hub_of(request)
    person = hub.record.identity.person(request)
    if person is None:
        why = hub.record.identity.why_nobody()
        return tagged(request, as_json(RecordState(possible=False, why=why, kept=None, problem="")))
    problem = ""
    try:
        kept = await hub.record.kept(person, CONSENT_S)
    except SottovoceError as error:
        kept, problem = hub.record.known(person), str(error)
    answer = RecordState(possible=True, why="", kept=kept, problem=hub.record.problem or problem)
    return tagged(request, as_json(answer))


async def put_kept(request: Request) -> Response:
    """Note what may be kept from here on, and where ``past`` of what is there."""
    hub, person = owner(request)
    wanted = decoded(await read_body(request), WantedKept)
    kept = Kept(figures=wanted.figures, words=wanted.words, sound=wanted.sound)
    try:
        await hub.record.allow(person, kept, past=wanted.past)
    except SottovoceError as error:
        raise problem_of(error) from error
    return Response(status_code=204, headers=NOBODY_ELSES)


async def forget(request: Request) -> Response:
    """Delete all takes and what was allowed: nothing of the person is left."""
    hub, person = owner(request)
    await called(hub, lambda record: record.forget(person))
    hub.record.forgotten(person)
    hub.training.forgotten(person)
    return Response(status_code=204, headers=NOBODY_ELSES)


async def entries(request: Request) -> Response:
    """Return the list of takes, newest first; ``before`` and ``limit`` page it."""
    hub, person = owner(request)
    before, limit = request.query_params.get("before"), number_of(request, "limit", MOST_ENTRIES) or PAGE
    found = await called(hub, lambda record: record.takes(person, limit=limit + 1, before=before))
    return tagged(request, as_json(TakePage(takes=found[:limit], more=len(found) > limit)))


async def take(request: Request) -> Response:
    """Return a take as its JSON document."""
    return tagged(request, await _document(request))


async def export_take(request: Request) -> Response:
    """Return the same as a file to save."""
    name = f'attachment; filename="take-{request.path_params["id"][:16]}.json"'
    return tagged(request, await _document(request), {"content-disposition": name})


async def change(request: Request) -> Response:
    """Change title, tags, note, question or story; 412 when ``If-Match`` names another state of the take."""
    hub, person = owner(request)
    take_id, wanted = request.path_params["id"], decoded(await read_body(request), TakeChange)
    match = request.headers.get("if-match")

    def work(record: Record) -> bytes:
        if match is not None and not names_tag(match, etag_of(encode_take(record.take(person, take_id)))):
            raise Problem(412, "this take has been changed meanwhile; get it again")
        return encode_take(record.change(person, take_id, wanted))

    changed = await called(hub, work)
    headers = {**NOBODY_ELSES, "etag": etag_of(changed)}
    return Response(changed, headers=headers, media_type="application/json")


async def delete(request: Request) -> Response:
    """Delete a take and its sound, at once."""
    hub, person = owner(request)
    await called(hub, lambda record: record.delete(person, request.path_params["id"]))
    return Response(status_code=204, headers=NOBODY_ELSES)


async def sound(request: Request) -> Response:
    """Return the recording of a take, Opus in Ogg, whole or one range of it (RFC 9110, section 14)."""
    hub, person = owner(request)
    found = await called(hub, lambda record: record.sound(person, request.path_params["id"]))
    headers = {**NOBODY_ELSES, "etag": etag_of(found), "accept-ranges": "bytes"}
    if names_tag(request.headers.get("if-none-match", ""), headers["etag"]):
        return Response(status_code=304, headers=headers)
    asked = request.headers.get("range")
    current = request.headers.get("if-range", headers["etag"]) == headers["etag"]
    span = _range(asked, len(found)) if asked is not None and current else None
    if span is None:
        return Response(found, headers=headers, media_type="audio/ogg")
    if not span:
        raise Problem(416, "the recording has no such bytes", {"content-range": f"bytes */{len(found)}"})
    headers["content-range"] = f"bytes {span.start}-{span.stop - 1}/{len(found)}"
    return Response(found[span.start : span.stop], 206, headers, media_type="audio/ogg")


async def export(request: Request) -> Response:
    """Return everything that is kept, as a zip; with ``?reports=html`` a printable report of each take."""
    hub, person = owner(request)
    with_reports, paper = _with_reports(request), paper_of(request)

    def work(record: Record) -> IO[bytes]:
        file = tempfile.SpooledTemporaryFile(MEMORY_BYTES)  # noqa: SIM115 - the response closes it
        try:
            with contextlib.ExitStack() as stack:
                report = None
                if with_reports:
                    every = hub.record.reports.every_take(hub.profiles.get, hub.record.now(), "html", paper)
                    report = stack.enter_context(every)
                record.export(person, cast(BinaryIO, file), report)
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return file

    file = await called(hub, work, LONG_S)
    headers = {**NOBODY_ELSES, "content-disposition": 'attachment; filename="sottovoce-record.zip"'}
    return StreamingResponse(_pieces(hub, file), headers=headers, media_type="application/zip")


async def import_(request: Request) -> Response:
    """Take in what was exported, or a summary that the page has saved; returns what came of it."""
    hub, person = sender(request)
    with tempfile.SpooledTemporaryFile(MEMORY_BYTES) as file:
        await into_file(request, hub, cast(IO[bytes], file))

        def work(record: Record) -> Imported:
            file.seek(0)
            return record.import_(person, cast(BinaryIO, file))

        return json_response(await called(hub, work, LONG_S))


ROUTES = [
    Route("/record", state),
    Route("/record", forget, methods=["DELETE"]),
    Route("/record/kept", put_kept, methods=["PUT"]),
    Route("/record/takes", entries),
    Route("/record/takes/{id}", take),
    Route("/record/takes/{id}", change, methods=["PATCH"]),
    Route("/record/takes/{id}", delete, methods=["DELETE"]),
    Route("/record/takes/{id}/sound", sound),
    Route("/record/takes/{id}/export", export_take),
    Route("/record/export", export),
    Route("/record/import", import_, methods=["POST"]),
]


# --- inside --------------------------------------------------------------------------


async def _document(request: Request) -> bytes:
    hub, person = owner(request)
    return await called(hub, lambda record: encode_take(record.take(person, request.path_params["id"])))


def _with_reports(request: Request) -> bool:
    asked = request.query_params.get("reports")
    if asked not in (None, "html"):
        raise Problem(400, "reports must be html: a PDF of a take comes from /record/takes/{id}/report.pdf")
    return asked is not None


def _range(asked: str, size: int) -> range | None:
    """Return the bytes of a ``Range`` header; empty where there are none, None where it is ignored."""
    unit, _, spans = asked.partition("=")
    first, dash, last = spans.strip().partition("-")
    if (
        unit.strip() != "bytes"
        or not dash
        or not all(n.isascii() and n.isdigit() for n in (first or "0", last or "0"))
    ):
        return None
    if not first:
        return range(max(0, size - int(last)), size) if last else None
    return range(int(first), min(size, int(last) + 1 if last else size))


async def _pieces(hub: Hub, file: IO[bytes]) -> AsyncIterator[bytes]:
    try:
        while piece := await hub.record.beside(lambda: file.read(PIECE)):
            yield piece
    finally:
        file.close()
