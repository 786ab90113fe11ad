"""HTTP endpoints of the analogy bank: what a person wrote down, rated and used again."""

from __future__ import annotations

from msgspec.structs import asdict
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.protocol.practice import Analogy, WantedAnalogy
from engine.store.record import Record

from .bodies import read_body
from .problems import Problem
from .record_requests import (
    NOBODY_ELSES,
    as_json,
    called,
    decoded,
    delete_document,
    json_response,
    owner,
    tagged,
)

KIND = "analogy"

MOST = 500
"""Analogies of a person."""


class KeptAnalogy(Analogy, frozen=True, kw_only=True):
    """One of the answer to ``GET /record/analogies``."""

    id: str


async def analogies(request: Request) -> Response:
    """Return all analogies, the best rated first, then the newest."""
    hub, person = owner(request)
    found = await called(hub, lambda record: record.documents.all(person, KIND, Analogy))
    kept = [KeptAnalogy(id=id, **asdict(body)) for id, body in found.items()]
    kept.sort(key=lambda one: (-(one.rating or 0), -one.made_at.timestamp(), one.id))
    return tagged(request, as_json(kept))


async def put(request: Request) -> Response:
    """Write an analogy down, or change it."""
    hub, person = owner(request)
    id: str = request.path_params["id"]
    wanted = decoded(await read_body(request), WantedAnalogy)
    if not wanted.thing.strip() or not wanted.like.strip():
        raise Problem(400, "an analogy needs what it explains (thing) and what that is like (like)")
    now = hub.record.now()

    def write(record: Record) -> Analogy:
        there = record.documents.get(person, KIND, id, Analogy)
        if there is None and len(record.documents.all(person, KIND, Analogy)) >= MOST:
            raise Problem(409, f"there are {MOST} analogies: delete one first", NOBODY_ELSES, "full")
        body = Analogy(**asdict(wanted), made_at=now if there is None else there.made_at)
        record.documents.put(person, KIND, id, body)
        return body

    return json_response(KeptAnalogy(id=id, **asdict(await called(hub, write))))


async def delete(request: Request) -> Response:
    """Delete an analogy, for good."""
    return await delete_document(request, KIND)


ROUTES = [
    Route("/record/analogies", analogies),
    Route("/record/analogies/{id}", put, methods=["PUT"]),
    Route("/record/analogies/{id}", delete, methods=["DELETE"]),
]
