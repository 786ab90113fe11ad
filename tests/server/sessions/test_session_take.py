"""The take of a session that goes on: written so far, deleted in its middle, and of a session that fails."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from dsp.frame import RATE_HZ
from engine.media.resample import Samples
from engine.media.voices.synthesis import SpeechSynthesizer
from engine.protocol import messages
from engine.protocol.kept import Kept
from engine.server.record.service import DELETED, RecordService
from engine.server.record.training import Training
from engine.server.sessions.live_core import SoloCore
from engine.server.sessions.live_session import LiveSession
from engine.server.sessions.session_take import NO_SUMMARY, SO_FAR_S, Keeping
from engine.server.settings import Settings
from engine.shipped import programmes
from engine.shipped.profiles import load
from engine.store.record import Record

FIGURES_ONLY = Kept(figures=True)


@pytest.fixture(scope="module")
def speech(voice: SpeechSynthesizer) -> Samples:
    return voice.synthesize("The meeting went well and we agreed on the next steps.")[: 5 * RATE_HZ // 2]


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[RecordService]:
    service = RecordService(Settings(record="me", store=str(tmp_path)))
    service.warm_up()
    await service.allow("me", FIGURES_ONLY, past=False)
    yield service
    await service.close()


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    """The same record as another process has it."""
    record = Record.open(tmp_path)
    yield record
    record.close()


class Spoken:
    """A session that nobody is connected to, and what its speaker is told of the take."""

    def __init__(self, service: RecordService, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_s = 0.0
        self.said: list[messages.ToClient] = []
        self.service = service
        keeping = Keeping(Training(service, programmes.load()), "me")
        settings = Settings(resume_s=1e9)
        self.live = LiveSession(
            SoloCore(load("conversation")), settings, lambda: self.now_s, worker="a", keeping=keeping
        )
        monkeypatch.setattr(self.live, "tell_speaker", self.said.append)

    async def go_on(self, speech: Samples) -> None:
        """Speak; the figures so far are written then."""
        self.live.core.hear(0, speech)
        self.now_s += SO_FAR_S
        self.live.tick()
        assert self.service._writer is not None
        await self.service.beside(self._written)

    def _written(self) -> None:
        assert self.service._writer is not None
        assert self.service._writer.wait(60)

    async def end(self) -> list[messages.ToClient]:
        """What is said of the take at the end."""
        self.live.end("asked")
        await self.live.closed()
        return self.said


@pytest.fixture
async def session(service: RecordService, monkeypatch: pytest.MonkeyPatch) -> Spoken:
    return Spoken(service, monkeypatch)


async def test_a_take_that_is_deleted_while_it_goes_on_stays_away(
    session: Spoken, record: Record, speech: Samples
) -> None:
    await session.go_on(speech)
    (entry,) = record.takes("me")
    record.delete("me", entry.id)
    await session.go_on(speech)
    await session.go_on(speech)
    assert record.takes("me") == []
    assert await session.end() == [messages.TakeNotKept(why=DELETED)]
    assert record.takes("me") == []


async def test_a_take_that_is_deleted_just_before_its_end_stays_away(
    session: Spoken, record: Record, speech: Samples
) -> None:
    await session.go_on(speech)
    record.delete("me", record.takes("me")[0].id)
    assert await session.end() == [messages.TakeNotKept(why=DELETED)]
    assert record.takes("me") == []


async def test_a_take_that_was_taken_back_comes_again_where_figures_are_allowed_again(
    session: Spoken, record: Record, speech: Samples
) -> None:
    await session.go_on(speech)
    await session.service.allow("me", Kept(), past=False)
    await session.go_on(speech)
    assert record.takes("me") == []
    await session.service.allow("me", FIGURES_ONLY, past=False)
    (told,) = await session.end()
    assert isinstance(told, messages.TakeKept)
    assert [entry.id for entry in record.takes("me")] == [told.take]


async def test_what_was_measured_so_far_is_taken_back_at_the_end(
    session: Spoken, record: Record, speech: Samples
) -> None:
    await session.go_on(speech)
    assert len(record.takes("me")) == 1
    await session.service.allow("me", Kept(), past=False)
    assert await session.end() == []
    await session.service.beside(session._written)
    assert record.takes("me") == []


async def test_of_a_session_that_fails_what_was_measured_so_far_is_kept_and_it_is_said(
    session: Spoken, record: Record, speech: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    await session.go_on(speech)
    (so_far,) = record.takes("me")

    def fail() -> None:
        raise RuntimeError("it broke")

    monkeypatch.setattr(session.live.core, "finish", fail)
    assert await session.end() == [messages.TakeKept(take=so_far.id, kept=FIGURES_ONLY)]
    assert record.takes("me") == [so_far]
    assert session.service.going_on == set()


async def test_of_a_session_that_fails_before_anything_was_written_there_is_nothing(
    session: Spoken, record: Record, speech: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise RuntimeError("it broke")

    session.live.core.hear(0, speech)
    monkeypatch.setattr(session.live.core, "finish", fail)
    assert await session.end() == [messages.TakeNotKept(why=NO_SUMMARY)]
    assert record.takes("me") == []
