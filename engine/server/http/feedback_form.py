"""The public form of feedback: all that a stranger may reach of a record, by a link that can't be guessed.

Whoever has a link may answer once. The link is in no log, no cookie is set, and nothing is noted of who
answered or when.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.errors import FeedbackRefused, RecordUnavailable, SottovoceError
from engine.protocol.feedback import EXPLAINING, HIGHEST, LOWEST, MAX_TEXT, Answer, FeedbackRound, tidy
from engine.server.hub import Hub
from engine.store.record import Record

from .bodies import read_body
from .feedback_page import START, STOP, UNSURE, field_of, form_page, said_page
from .origin import ports_of, same_origin
from .problems import Problem

MAX_FORM_BYTES = 16_384
"""Longest body: two texts of which each character takes twelve bytes, and the ratings."""

MAX_FIELDS = 64

FORM = "application/x-www-form-urlencoded"

AT_ONCE, MOST_WAITING = 2, 30
"""Forms that use the record at once, so that its own person doesn't wait; and those that wait to."""

NO_RECORD = "This server keeps no record, so it has no feedback forms."
AWAY = "The answers can’t be reached just now. Nothing is lost: your link still works. Try again in a minute."

Result = TypeVar("Result")


class FeedbackForm:
    """The form of a server."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._places = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    @property
    def routes(self) -> list[Route]:
        """Its routes; everything below ``/feedback`` is answered with a page."""
        return [
            Route("/feedback", self.answer, methods=["GET", "POST"]),
            Route("/feedback/{token:path}", self.answer, methods=["GET", "POST"]),
        ]

    async def answer(self, request: Request) -> Response:
        """Show the form of a link, or take what was filled in."""
        token: str = request.path_params.get("token", "")
        try:
            if self._hub.settings.record is None:
                raise FeedbackRefused(NO_RECORD, "unknown")
            if request.method != "POST":
                return form_page(await self._round(token), {})
            return await self._take(request, token)
        except FeedbackRefused as refused:
            return refusal(refused)
        except Problem as problem:
            return said_page(
                "This can’t be done", _sentence(str(problem)), status=problem.status, headers=problem.headers
            )
        except SottovoceError:
            return unavailable()

    async def _take(self, request: Request, token: str) -> Response:
        _from_the_form(request, ports_of(self._hub.placement.addresses))
        given = _fields(await read_body(request, MAX_FORM_BYTES))
        asked = await self._round(token)
        answer, problem = answer_of(given, asked)
        if problem:
            return form_page(asked, given, problem, 422)
        now = self._hub.record.now()
        try:
            await self._called(lambda record: record.feedback.answer(token, answer, now))
        except RecordUnavailable:
            return form_page(asked, given, AWAY, 503)
        return said_page(
            "Thank you",
            f"Your answer is in. {asked.asker} sees it only together with at least two others, without names "
            "or times.",
            "This link takes no other answer. You can close this page.",
        )

    async def _round(self, token: str) -> FeedbackRound:
        now = self._hub.record.now()
        return await self._called(lambda record: record.feedback.form(token, now))

    async def _called(self, work: Callable[[Record], Result]) -> Result:
        if self._waiting >= MOST_WAITING:
            raise RecordUnavailable(AWAY)
        self._waiting += 1
        try:
            async with self._places:
                return await self._hub.record.call(work)
        finally:
            self._waiting -= 1


def refusal(refused: FeedbackRefused) -> Response:
    """Return the page for a link that takes no answer."""
    title = {
        "used": "This link was used already",
        "over": "This round of feedback is over",
        "expired": "This link has expired",
    }.get(refused.reason, "This link leads nowhere")
    return said_page(title, str(refused), status=404 if refused.reason == "unknown" else 410)


def unavailable() -> Response:
    """Return the page for a record that can't be reached."""
    return said_page("Just a moment", AWAY, status=503, headers={"retry-after": "60"})


def answer_of(given: dict[str, str], asked: FeedbackRound) -> tuple[Answer, str]:
    """Return the answer in a form's fields, and what is wrong with them as a sentence; empty for nothing."""
    ratings = {}
    for place, one in enumerate(asked.asked):
        value = given.get(field_of(place), "")
        if value in ("", UNSURE):
            continue
        if not re.fullmatch(r"[0-9]{1,2}", value) or not LOWEST <= int(value) <= HIGHEST:
            return Answer(), f"{one.title}: choose a number from {LOWEST} to {HIGHEST}."
        ratings[one.name] = int(value)
    texts = {field: tidy(given.get(field, "")) for field in (STOP, START)}
    for field, text in texts.items():
        if len(text) > MAX_TEXT:
            return Answer(), f"What to {field} has {len(text)} characters; it may have {MAX_TEXT}."
    if EXPLAINING not in ratings and any(one.name == EXPLAINING for one in asked.asked):
        return Answer(), "Please answer the first question: choose a number from 1 to 10."
    return Answer(ratings=ratings, stop=texts[STOP], start=texts[START]), ""


# --- inside --------------------------------------------------------------------------


def _from_the_form(request: Request, ports: list[int]) -> None:
    """Refuse what a page of another site sends.

    Under ``Referrer-Policy: no-referrer`` a browser says ``Origin: null`` for this form, as it does for a
    sandboxed frame elsewhere; ``Sec-Fetch-Site``, which it sends to https and localhost, tells them apart.

    Raises
    ------
    Problem
        403; 415 for what isn't a form.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        raise Problem(403, "this form can't be sent from another site; open your link, and answer there")
    if request.headers.get("origin") != "null":
        same_origin(request, ports)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise Problem(415, "this is not the form; open your link, and answer there")


def _fields(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), max_num_fields=MAX_FIELDS, errors="replace")
    except ValueError as error:
        raise Problem(400, "this is not the form; open your link, and answer there") from error
    return dict(pairs)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
