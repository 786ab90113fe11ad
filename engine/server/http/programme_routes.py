"""HTTP endpoints of the programme: what the takes of who asks come to, their marks and own targets.

All that speaks of days wants the person's time zone: ``?zone=Europe/Berlin``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.errors import SottovoceError
from engine.programme.reminders import reminders as calendar
from engine.programme.standing import Standing, items_of
from engine.protocol.practice import MarkWhat, OwnTarget, PlanMark
from engine.server.hub import Hub

from .bodies import read_body
from .problems import Problem
from .record_requests import (
    NOBODY_ELSES,
    called,
    decoded,
    number_of,
    owner,
    problem_of,
    tagged,
    zone_of,
)

MOST_WEEKS = 520

AT = "18:00"
"""Time of day of reminders, unless another one is asked for."""


class WantedMark(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of ``PUT /record/programme/marks/{day}/{item}``."""

    what: MarkWhat


class WantedTarget(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of ``PUT /record/programme/targets/{skill}``."""

    figure: float
    """0..10."""


async def today(request: Request) -> Response:
    """Return what to do today, and why."""
    return await _answer(request, Standing.today)


async def tomorrow(request: Request) -> Response:
    """Return what to do tomorrow, as far as it is known now."""
    return await _answer(request, Standing.tomorrow)


async def week(request: Request) -> Response:
    """Return the longer practice of this week."""
    return await _answer(request, Standing.week)


async def gaps(request: Request) -> Response:
    """Return the gap table, each figure with its evidence."""
    return await _answer(request, Standing.gaps)


async def validation(request: Request) -> Response:
    """Return the guided takes compared with those of the beginning."""
    return await _answer(request, Standing.validation)


async def progress(request: Request) -> Response:
    """Return series for charts, and days of practice; of some ``weeks``, one ``skill`` or one ``measure``."""
    weeks, only = number_of(request, "weeks", MOST_WEEKS), _one_series(request)
    return await _answer(request, lambda standing: standing.progress(weeks, only))


async def exercise(request: Request) -> Response:
    """Return how an exercise goes, with the steps of the next run, and how it went so far."""
    hub, _ = owner(request)
    name: str = request.path_params["name"]
    programme = hub.training.programme
    if all(one.name != name for one in programme.exercise):
        names = ", ".join(one.name for one in programme.exercise)
        raise Problem(404, f"no such exercise: {name[:64]}; exercises are {names}", reason="exercise")
    return await _answer(request, lambda standing: standing.exercise(name))


async def mark(request: Request) -> Response:
    """Note an item of a day's plan as done without a take, skipped or swapped."""
    hub, person = owner(request)
    day, item = _day(request), _item(request, hub)
    wanted = decoded(await read_body(request), WantedMark)
    body = PlanMark(day=day, item=item, what=wanted.what)
    await called(hub, lambda record: record.documents.put(person, "mark", body.id, body))
    return Response(status_code=204, headers=NOBODY_ELSES)


async def unmark(request: Request) -> Response:
    """Take such a note back."""
    hub, person = owner(request)
    id = PlanMark.id_of(_day(request), _item(request, hub))
    await called(hub, lambda record: record.documents.delete(person, "mark", id))
    return Response(status_code=204, headers=NOBODY_ELSES)


async def set_target(request: Request) -> Response:
    """Set a target of one's own for a skill, 0 to 10."""
    hub, person = owner(request)
    skill = _skill(request, hub)
    wanted = decoded(await read_body(request), WantedTarget)
    if not 0.0 <= wanted.figure <= 10.0:
        raise Problem(400, f"a target is from 0 to 10, not {wanted.figure:g}")
    body = OwnTarget(figure=wanted.figure)
    await called(hub, lambda record: record.documents.put(person, "target", skill, body))
    return Response(status_code=204, headers=NOBODY_ELSES)


async def drop_target(request: Request) -> Response:
    """Go back to the programme's target for a skill."""
    hub, person = owner(request)
    skill = _skill(request, hub)
    await called(hub, lambda record: record.documents.delete(person, "target", skill))
    return Response(status_code=204, headers=NOBODY_ELSES)


async def reminders(request: Request) -> Response:
    """Return reminders as a calendar file, from today on, at ``?at=18:00``; it holds no figure."""
    hub, _ = owner(request)
    now = hub.record.now()
    asked = request.query_params.get("at", AT)
    try:
        at = time.fromisoformat(asked).replace(tzinfo=None)
    except ValueError as error:
        raise Problem(400, f"at={asked[:32]}: a time looks like {AT}") from error
    text = calendar(hub.training.programme, now.astimezone(zone_of(request)).date(), at, now)
    headers = {**NOBODY_ELSES, "content-disposition": 'attachment; filename="practice.ics"'}
    return Response(text, headers=headers, media_type="text/calendar")


ROUTES = [
    Route("/record/programme/today", today),
    Route("/record/programme/tomorrow", tomorrow),
    Route("/record/programme/week", week),
    Route("/record/programme/gaps", gaps),
    Route("/record/programme/validation", validation),
    Route("/record/programme/progress", progress),
    Route("/record/programme/exercises/{name}", exercise),
    Route("/record/programme/marks/{day}/{item}", mark, methods=["PUT"]),
    Route("/record/programme/marks/{day}/{item}", unmark, methods=["DELETE"]),
    Route("/record/programme/targets/{skill}", set_target, methods=["PUT"]),
    Route("/record/programme/targets/{skill}", drop_target, methods=["DELETE"]),
    Route("/record/programme/reminders.ics", reminders),
]


# --- inside --------------------------------------------------------------------------


async def _answer(request: Request, what: Callable[[Standing], Struct | None]) -> Response:
    hub, person = owner(request)
    zone = zone_of(request)
    try:
        body = await hub.training.answer(person, zone, lambda standing: msgspec.json.encode(what(standing)))
    except SottovoceError as error:
        raise problem_of(error) from error
    return tagged(request, body)


def _one_series(request: Request) -> tuple[str, str] | None:
    for kind in ("skill", "measure"):
        if kind in request.query_params:
            return kind, request.query_params[kind]
    return None


def _day(request: Request) -> date:
    asked = request.path_params["day"]
    try:
        return date.fromisoformat(asked)
    except ValueError as error:
        raise Problem(400, f"{asked[:32]}: a day looks like 2026-03-31") from error


def _item(request: Request, hub: Hub) -> str:
    item: str = request.path_params["item"]
    if item not in items_of(hub.training.programme):
        raise Problem(404, f"no plan has {item[:64]}: items are named like exercise:pep", reason="item")
    return item


def _skill(request: Request, hub: Hub) -> str:
    skill: str = request.path_params["skill"]
    names = [one.name for one in hub.training.programme.skill]
    if skill not in names:
        raise Problem(404, f"no such skill: {skill[:64]}; skills are {', '.join(names)}", reason="skill")
    return skill
