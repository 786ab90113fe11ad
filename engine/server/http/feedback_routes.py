"""HTTP endpoints of feedback for its own person: rounds, and the three columns.

Of answers by links nothing is told before their round is over, and then only what all of them say together.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.errors import SottovoceError
from engine.programme.feedback_text import form_text, read_mail
from engine.programme.ratings import RatingTable, RoundView, asked_of, compare, view_of
from engine.programme.standing import Standing
from engine.protocol.feedback import DAYS, FeedbackRound, OwnRating, Rating
from engine.server.hub import Hub
from engine.store.record import Record

from .bodies import read_body
from .problems import Problem
from .record_requests import (
    NOBODY_ELSES,
    as_json,
    called,
    decoded,
    json_response,
    owner,
    problem_of,
    tagged,
    zone_of,
)


class WantedRound(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of ``POST /record/feedback``."""

    asker: str
    """The name by which those who are asked know the person."""

    people: int
    """How many are asked by a link, 2 to 5; 0 where all answer by mail."""

    days: int = DAYS


class WantedDays(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of ``POST /record/feedback/{id}/extend``."""

    days: int = DAYS


class MadeRound(Struct, frozen=True, kw_only=True):
    """Answer to ``POST /record/feedback``."""

    round: RoundView
    links: list[str]
    """Each for one person, relative to the server's address; they aren't told again."""

    text: str
    """What to send where people answer by mail; empty otherwise."""


class Rounds(Struct, frozen=True, kw_only=True):
    """Answer to ``GET /record/feedback``."""

    rounds: list[RoundView]
    """The newest first."""


class WantedRating(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of ``PUT /record/ratings/{name}``."""

    rating: Rating


async def rounds(request: Request) -> Response:
    """Return all rounds of feedback."""
    hub, person = owner(request)
    now = hub.record.now()
    found = await called(hub, lambda record: record.feedback.rounds(person, now))
    views = [view_of(id, one, now) for id, one in found.items()]
    views.sort(key=lambda view: view.made_at, reverse=True)
    return tagged(request, as_json(Rounds(rounds=views)))


async def make(request: Request) -> Response:
    """Begin a round: 201, with its links, which are told this once."""
    hub, person = owner(request)
    wanted, now = decoded(await read_body(request), WantedRound), hub.record.now()
    asked = asked_of(hub.training.programme)
    made = await called(
        hub,
        lambda record: record.feedback.make(
            person, wanted.asker, asked, now, links=wanted.people, days=wanted.days
        ),
    )
    answer = MadeRound(
        round=view_of(made.id, made.round, now),
        links=[f"feedback/{token}" for token in made.tokens],
        text="" if made.tokens else form_text(made.id, made.round),
    )
    return json_response(answer, 201)


async def close(request: Request) -> Response:
    """End a round, and return what its answers say together."""
    return await _changed(request, lambda record, person, id: record.feedback.close(person, id))


async def extend(request: Request) -> Response:
    """Let the links of a round work for so many days from now on."""
    hub, _ = owner(request)
    wanted, now = decoded(await read_body(request), WantedDays), hub.record.now()
    return await _changed(
        request, lambda record, person, id: record.feedback.extend(person, id, now, wanted.days)
    )


async def text(request: Request) -> Response:
    """Return the questions of a round as a text to send by mail."""
    hub, person = owner(request)
    id, now = request.path_params["id"], hub.record.now()
    found = await called(hub, lambda record: record.feedback.rounds(person, now).get(id))
    if found is None:
        raise Problem(404, f"there is no round of feedback {id[:32]}", reason="round")
    return Response(form_text(id, found), headers=NOBODY_ELSES, media_type="text/plain")


async def add_mailed(request: Request) -> Response:
    """Add an answer that came by mail: its text, to the round that it names, or else the newest by mail."""
    hub, person = owner(request)
    given = (await read_body(request)).decode("utf-8", "replace")
    now = hub.record.now()

    def work(record: Record) -> tuple[str, FeedbackRound]:
        id, answer = read_mail(given, record.feedback.rounds(person, now))
        return id, record.feedback.add_mailed(person, id, answer)

    return json_response(view_of(*await called(hub, work), now), 201)


async def delete(request: Request) -> Response:
    """Delete a round and all answers to it, at once."""
    hub, person = owner(request)
    await called(hub, lambda record: record.feedback.delete(person, request.path_params["id"]))
    return Response(status_code=204, headers=NOBODY_ELSES)


async def ratings(request: Request) -> Response:
    """Return the three columns: own ratings, other people's, figures of takes."""
    hub, person = owner(request)
    zone, now = zone_of(request), hub.record.now()
    try:
        gaps = await hub.training.answer(person, zone, Standing.gaps)
    except SottovoceError as error:
        raise problem_of(error) from error

    def work(record: Record) -> RatingTable:
        own = record.documents.all(person, "rating", OwnRating)
        given = record.feedback.rounds(person, now).values()
        return compare(asked_of(hub.training.programme), own, given, gaps)

    return tagged(request, as_json(await called(hub, work)))


async def put_rating(request: Request) -> Response:
    """Rate oneself in one thing, 1 to 10."""
    hub, person = owner(request)
    name, now = _rated_name(request, hub), hub.record.now()
    wanted = decoded(await read_body(request), WantedRating)
    body = OwnRating(rating=wanted.rating, at=now)
    await called(hub, lambda record: record.documents.put(person, "rating", name, body))
    return Response(status_code=204, headers=NOBODY_ELSES)


async def delete_rating(request: Request) -> Response:
    """Delete one's own rating of one thing."""
    hub, person = owner(request)
    name = _rated_name(request, hub)
    await called(hub, lambda record: record.documents.delete(person, "rating", name))
    return Response(status_code=204, headers=NOBODY_ELSES)


ROUTES = [
    Route("/record/feedback", rounds),
    Route("/record/feedback", make, methods=["POST"]),
    Route("/record/feedback/mailed", add_mailed, methods=["POST"]),
    Route("/record/feedback/{id}", delete, methods=["DELETE"]),
    Route("/record/feedback/{id}/close", close, methods=["POST"]),
    Route("/record/feedback/{id}/extend", extend, methods=["POST"]),
    Route("/record/feedback/{id}/text", text),
    Route("/record/ratings", ratings),
    Route("/record/ratings/{name}", put_rating, methods=["PUT"]),
    Route("/record/ratings/{name}", delete_rating, methods=["DELETE"]),
]


# --- inside --------------------------------------------------------------------------


async def _changed(request: Request, work: Callable[[Record, str, str], FeedbackRound]) -> Response:
    """Return the view of a round after what is done with it."""
    hub, person = owner(request)
    id = request.path_params["id"]
    round = await called(hub, lambda record: work(record, person, id))
    return json_response(view_of(id, round, hub.record.now()))


def _rated_name(request: Request, hub: Hub) -> str:
    name: str = request.path_params["name"]
    names = [one.name for one in asked_of(hub.training.programme)]
    if name not in names:
        raise Problem(404, f"nothing of the name {name[:60]} is rated; there are {', '.join(names)}")
    return name
