"""HTTP endpoints of printable reports: of a take, and of the programme; ``?paper=letter`` for Letter."""

from __future__ import annotations

from typing import cast, get_args

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.errors import SottovoceError
from engine.protocol.feedback import OwnRating
from engine.reports.building import programme_report, take_report, with_ratings, with_stories
from engine.reports.measures import MOST_USUAL
from engine.reports.requests import MEDIA_TYPES, Form, ProgrammeReport, TakeReport
from engine.reports.style import content_security_policy
from engine.server.hub import Hub
from engine.store.earlier import takes_before
from engine.store.record import Record
from engine.store.stories import told

from .problems import Problem
from .record_requests import NOBODY_ELSES, called, owner, paper_of, problem_of, zone_of


async def of_take(request: Request) -> Response:
    """Return the report of a take, as HTML or PDF."""
    hub, person = owner(request)
    form, paper = _form(request), paper_of(request)
    id, now = request.path_params["id"], hub.record.now()

    def work(record: Record) -> TakeReport:
        take = record.take(person, id)
        before = takes_before(record, person, take, MOST_USUAL)
        return take_report(take, before, hub.profiles.get(take.profile), now, form=form, paper=paper)

    return await _made(hub, await called(hub, work), f"take-{id[:16]}")


async def of_programme(request: Request) -> Response:
    """Return the report of the programme, as HTML or PDF."""
    hub, person = owner(request)
    form, paper, zone = _form(request), paper_of(request), zone_of(request)
    made_at = hub.record.now().astimezone(zone)
    programme = hub.training.programme
    training = hub.training
    try:
        report = await training.answer(
            person,
            zone,
            lambda standing: programme_report(standing, programme, zone, made_at, form=form, paper=paper),
        )
    except SottovoceError as error:
        raise problem_of(error) from error

    def work(record: Record) -> ProgrammeReport:
        whole = with_stories(report, programme, *told(record, person), training.asks)
        own = record.documents.all(person, "rating", OwnRating)
        return with_ratings(whole, programme, own, record.feedback.rounds(person, made_at).values())

    return await _made(hub, await called(hub, work), "programme")


ROUTES = [
    Route("/record/takes/{id}/report.{form}", of_take),
    Route("/record/programme/report.{form}", of_programme),
]


def _form(request: Request) -> Form:
    asked = request.path_params["form"]
    if asked not in get_args(Form):
        raise Problem(404, "a report ends in .html or .pdf")
    return cast(Form, asked)


async def _made(hub: Hub, report: TakeReport | ProgrammeReport, name: str) -> Response:
    try:
        made = await hub.record.reports.make(report)
    except SottovoceError as error:
        raise problem_of(error) from error
    how = "inline" if report.form == "html" else "attachment"
    headers = {**NOBODY_ELSES, "content-disposition": f'{how}; filename="{name}.{report.form}"'}
    if report.form == "html":
        headers["content-security-policy"] = (
            f"{content_security_policy(report.paper)}; frame-ancestors 'none'"
        )
    return Response(made, headers=headers, media_type=MEDIA_TYPES[report.form])
