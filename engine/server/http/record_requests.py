"""What all endpoints below ``/record`` share: who asks, the record beside the loop, JSON with entity tags."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from typing import IO, TypeVar, cast, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from engine.errors import (
    NoSuchRound,
    NoSuchTake,
    RecordError,
    RecordUnavailable,
    ReportError,
    ReportsBusy,
    ReportTooLong,
    SottovoceError,
    UsageError,
)
from engine.reports.requests import Paper
from engine.server.hub import Hub
from engine.server.record.service import CALL_S
from engine.store.record import Record

from .bodies import CLOSE, MAX_FILE_BYTES
from .origin import ports_of, same_origin
from .problems import Problem

NOBODY_ELSES = {"cross-origin-resource-policy": "same-origin", "cache-control": "private, no-cache"}
"""No page of another site may show what is here, and nobody keeps it unasked."""

PIECE = 256 << 10
"""Bytes of a file that are written or read at once."""

Result = TypeVar("Result")


def hub_of(request: Request) -> Hub:
    """Return the hub, for a request that comes from no page of another site."""
    hub: Hub = request.app.state.hub
    same_origin(request, ports_of(hub.placement.addresses))
    return hub


def owner(request: Request) -> tuple[Hub, str]:
    """Return the hub and the person who asks.

    Raises
    ------
    Problem
        403 for nobody, and for a page of another site.
    """
    hub = hub_of(request)
    person = hub.record.identity.person(request)
    if person is None:
        raise Problem(403, hub.record.identity.why_nobody(), NOBODY_ELSES, "nobody")
    return hub, person


def sender(request: Request) -> tuple[Hub, str]:
    """Return the same for a request whose body is a file, which is not read where it is refused."""
    try:
        return owner(request)
    except Problem as problem:
        problem.headers = {**problem.headers, **CLOSE}
        raise


async def called(hub: Hub, work: Callable[[Record], Result], within_s: float = CALL_S) -> Result:
    """Return what ``work`` returns for the record; what goes wrong is a :class:`Problem`."""
    try:
        return await hub.record.call(work, within_s)
    except SottovoceError as error:
        raise problem_of(error) from error


def problem_of(error: SottovoceError) -> Problem:
    """Return the response to what went wrong with the record."""
    match error:
        case NoSuchTake():
            return Problem(404, str(error), reason="take")
        case NoSuchRound():
            return Problem(404, str(error), reason="round")
        case RecordUnavailable() | RecordError():
            return Problem(503, str(error), {"retry-after": "5"}, "record")
        case ReportsBusy():
            return Problem(503, str(error), {"retry-after": "10"}, "busy")
        case ReportTooLong():
            return Problem(422, str(error), reason="long")
        case ReportError():
            return Problem(501, str(error), reason="report")
        case UsageError():
            return Problem(400, str(error))
        case _:
            return Problem(500, str(error))


async def into_file(request: Request, hub: Hub, file: IO[bytes]) -> int:
    """Write the body of a request to a file, beside the loop, and return its length.

    Raises
    ------
    Problem
        413 when it is too long.
    """
    size, held = 0, bytearray()
    async for part in request.stream():
        size += len(part)
        held += part
        if size > MAX_FILE_BYTES:
            raise Problem(413, f"a file may have {MAX_FILE_BYTES >> 20} MB", CLOSE)
        if len(held) >= PIECE:
            await hub.record.beside(functools.partial(file.write, bytes(held)))
            held.clear()
    await hub.record.beside(functools.partial(file.write, bytes(held)))
    return size


def zone_of(request: Request) -> ZoneInfo:
    """Return the time zone that a request names, as ``?zone=Europe/Berlin``.

    Raises
    ------
    Problem
        400 for none.
    """
    asked = request.query_params.get("zone", "")
    try:
        return ZoneInfo(asked)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Problem(
            400, f"zone={asked[:64]}: say your time zone by its name, such as Europe/Berlin"
        ) from error


def paper_of(request: Request) -> Paper:
    """Return the paper that a request asks for.

    Raises
    ------
    Problem
        400 for one that isn't known.
    """
    asked = request.query_params.get("paper", "a4")
    if asked not in get_args(Paper):
        raise Problem(400, f"paper must be one of {', '.join(get_args(Paper))}")
    return cast(Paper, asked)


def number_of(request: Request, name: str, most: int) -> int | None:
    """Return a number from 1 to ``most`` that a request gives by its query; None where it gives none.

    Raises
    ------
    Problem
        400 for anything else.
    """
    asked = request.query_params.get(name)
    if asked is None:
        return None
    if not (asked.isascii() and asked.isdigit() and 1 <= int(asked[:9]) <= most):
        raise Problem(400, f"{name} must be a number from 1 to {most}")
    return int(asked)


async def delete_document(request: Request, kind: str) -> Response:
    """Delete the document of a kind that a request names by its ``id``, for good; 404 where there is none."""
    hub, person = owner(request)
    id = request.path_params["id"]
    if not await called(hub, lambda record: record.documents.delete(person, kind, id)):
        raise no_such(kind)
    return Response(status_code=204, headers=NOBODY_ELSES)


def no_such(kind: str) -> Problem:
    """Return the response where there is no document of an id."""
    return Problem(404, f"there is no such {kind}", reason=kind)


def decoded(body: bytes, kind: type[Result]) -> Result:
    """Return a body as a struct, or refuse it with what is wrong."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Problem(400, f"not understood: {error}") from error


def as_json(answer: object) -> bytes:
    """Return an answer as JSON."""
    return msgspec.json.encode(answer)


def json_response(answer: object, status: int = 200) -> Response:
    """Return an answer as JSON, without an entity tag."""
    return Response(as_json(answer), status, NOBODY_ELSES, media_type="application/json")


def etag_of(body: bytes) -> str:
    """Return the entity tag of a body (RFC 9110, section 8.8.3)."""
    return f'"{hashlib.sha256(body).hexdigest()[:24]}"'


def names_tag(tags: str, tag: str) -> bool:
    """Return whether ``If-Match`` or ``If-None-Match`` names an entity tag."""
    return tags.strip() == "*" or tag in [one.strip().removeprefix("W/") for one in tags.split(",")]


def tagged(request: Request, body: bytes, more: dict[str, str] | None = None) -> Response:
    """Return JSON with its entity tag; 304 where the sender has it already."""
    headers = {**NOBODY_ELSES, **(more or {}), "etag": etag_of(body)}
    if names_tag(request.headers.get("if-none-match", ""), headers["etag"]):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")
