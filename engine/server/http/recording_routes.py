"""HTTP endpoint for recordings: a sound file that is sent becomes a take, while lines of JSON say how far."""

from __future__ import annotations

import functools
from collections.abc import AsyncGenerator
from contextlib import ExitStack, aclosing
from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from engine.errors import SottovoceError
from engine.protocol.file_names import shown
from engine.protocol.messages import TakeKept
from engine.protocol.recording_upload import (
    RecordingAnswer,
    RecordingEnd,
    RecordingKept,
    RecordingRefused,
)
from engine.server.hub import Hub
from engine.server.record.recordings import SPEAKERS, TakeMade, Wanted, unnamed_file

from .bodies import CLOSE
from .problems import Problem
from .record_requests import NOBODY_ELSES, as_json, into_file, problem_of, sender

NOTHING_ALLOWED = "Nothing may be kept yet: choose what may be, then add the recording."
BUSY = "Another recording is being read; add this one when that is done."
NO_WORDS = "This server recognises no words: add the recording without them."
EMPTY = "The file is empty: choose a recording in WAV, FLAC, Ogg, MP3, M4A or WebM."

LATEST_MS = 4e12
"""Latest time of a file that is believed, in the year 2096."""


class RecordingAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the person says of a recording, as the query of ``POST /record/recordings``."""

    name: Annotated[str, Meta(min_length=1, max_length=255)]
    """Of the file."""

    modified: Annotated[float, Meta(ge=0, le=LATEST_MS)]
    """When the file was changed last, in ms since 1970: the recording ended then."""

    speaker: Literal["0", "1", "all"] | None = None
    """Which one of two they are, or that they speak alone; to be said where there are two."""

    question: Annotated[str, Meta(max_length=500)] = ""
    purpose: Annotated[str, Meta(max_length=100)] = ""
    profile: str | None = None
    words: Literal["0", "1"] = "0"
    """Whether words are recognised."""


async def add(request: Request) -> StreamingResponse:
    """Make a take of a recording, the body, as ``analyze --keep`` does; lines of JSON say how far it is."""
    hub, person = sender(request)
    asked = _asked(request)
    with ExitStack() as held:
        if not held.enter_context(hub.record.recordings.reserved()):
            raise Problem(503, BUSY, {"retry-after": "30", **CLOSE}, "busy")
        wanted = await _wanted(hub, person, asked)
        file = held.enter_context(unnamed_file())
        if not await into_file(request, hub, file):
            raise Problem(400, EMPTY)
        answers = hub.record.recordings.read(wanted, file, functools.partial(_keep, hub, person))
        return _Lines(answers, held.pop_all())


ROUTES = [Route("/record/recordings", add, methods=["POST"])]


# --- inside --------------------------------------------------------------------------


class _Lines(StreamingResponse):
    """Lines of JSON; what they need is held until the last one, or until the client is gone."""

    def __init__(self, answers: AsyncGenerator[RecordingAnswer, None], held: ExitStack) -> None:
        lines = (as_json(answer) + b"\n" async for answer in answers)
        super().__init__(lines, headers=NOBODY_ELSES, media_type="application/x-ndjson")
        self._answers = answers
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._held:
            async with aclosing(self._answers):
                await super().__call__(scope, receive, send)


def _asked(request: Request) -> RecordingAsked:
    try:
        return msgspec.convert(dict(request.query_params), RecordingAsked, strict=False)
    except msgspec.ValidationError as error:
        raise Problem(400, f"not understood: {error}", CLOSE) from error


async def _wanted(hub: Hub, person: str, asked: RecordingAsked) -> Wanted:
    """Return what is to be done.

    Raises
    ------
    Problem
        It can't be, or nothing may be kept.
    """
    profile = hub.default if asked.profile is None else hub.profiles.get(asked.profile)
    if profile is None:
        known = ", ".join(hub.profiles)
        raise Problem(400, f"there is no profile {shown(asked.profile)}; choose one of {known}", CLOSE)
    if asked.words == "1" and not hub.settings.words:
        raise Problem(400, NO_WORDS, CLOSE)
    try:
        kept = await hub.record.kept(person)
    except SottovoceError as error:
        raise problem_of(error) from error
    if kept is None or not kept.anything:
        raise Problem(409, NOTHING_ALLOWED, CLOSE, "kept")
    return Wanted(
        name=shown(asked.name),
        ended=min(datetime.fromtimestamp(asked.modified / 1000, UTC).astimezone(), hub.record.now()),
        kept=kept,
        profile=profile,
        speaker=None if asked.speaker is None else SPEAKERS[asked.speaker],
        question=asked.question.strip(),
        purpose=asked.purpose,
        words=asked.words == "1",
    )


async def _keep(hub: Hub, person: str, made: TakeMade, sound: bytes) -> RecordingEnd:
    """Hand a take on to the record with the score of its exercise, and return what became of it."""
    take = await hub.training.scored(person, made.take, made.captured)
    told = await hub.record.keep(person, take, sound)
    if isinstance(told, TakeKept):
        return RecordingKept(take=told.take, kept=told.kept)
    return RecordingRefused(why=NOTHING_ALLOWED if told is None else told.why)
