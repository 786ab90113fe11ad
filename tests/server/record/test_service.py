"""The record beside the loop: slow, away, full, shared with other processes; no session waits for it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from clients.cli.main import main
from engine.errors import RecordError, RecordUnavailable
from engine.media.files.ogg_opus import SILENCE
from engine.media.voices.synthesis import SpeechSynthesizer
from engine.protocol import messages
from engine.protocol.kept import Kept
from engine.protocol.take import Take
from engine.server.record import service as service_module
from engine.server.record.service import NOT_ASKED, NOTHING_LEFT, RecordService
from engine.server.record.sound_capture import Chunk, recording
from engine.server.settings import Settings
from engine.store.growing import Growing
from engine.store.record import Record
from tests.harness.calls import Page, Server, running, until
from tests.harness.record import FIGURES, allow, ask, every_byte, finished

AWAY = "The disk is full."
FIGURES_ONLY = Kept(figures=True)
PACKETS = [Chunk("opus", SILENCE, (number + 1) * 320) for number in range(100)]


class Failing(Record):
    """A record whose disk is full now and then."""

    away = False

    def put(
        self, person: str, take: Take, sound: bytes | None = None, growing: Growing | None = None
    ) -> None:
        if self.away:
            raise RecordUnavailable(AWAY)
        super().put(person, take, sound, growing)

    def kept(self, person: str) -> Kept | None:
        if self.away:
            raise RecordUnavailable(AWAY)
        return super().kept(person)


def made(number: int) -> Take:
    begun = datetime(2026, 11, 30, 9, number, tzinfo=UTC)
    return Take(
        id=f"take-{number}", kind="talk", begun_at=begun, duration_s=2.0, profile="conversation", kept=Kept()
    )


@asynccontextmanager
async def opened(
    folder: Path, kind: type[Record] = Record
) -> AsyncIterator[tuple[RecordService, list[Record]]]:
    """A service, and the record that it has opened."""
    records: list[Record] = []

    def open_it() -> Record:
        records.append(kind.open(folder))
        return records[-1]

    service = RecordService(Settings(record="me"), opened=open_it)
    try:
        yield service, records
    finally:
        await service.close()


async def test_only_what_is_allowed_is_handed_on(tmp_path: Path) -> None:
    async with opened(tmp_path) as (service, records):
        assert await service.keep("me", made(0), PACKETS) is None, "never asked"
        await service.allow("me", Kept(sound=True), past=False)
        assert await service.keep("me", made(1), []) == messages.TakeNotKept(why=NOTHING_LEFT)
        told = await service.keep("me", made(2), PACKETS)
        assert told == messages.TakeKept(take="take-2", kept=Kept(sound=True))
        await service.allow("me", FIGURES_ONLY, past=False)
        assert await service.keep("me", made(3), PACKETS) == messages.TakeKept(
            take="take-3", kept=FIGURES_ONLY
        )
        assert [(take.id, take.sound is not None) for take in records[0].all("me")] == [
            ("take-2", True),
            ("take-3", False),
        ]


@pytest.mark.usefixtures("record_away")
async def test_a_take_waits_for_a_disk_and_is_written_with_what_is_allowed_then(tmp_path: Path) -> None:
    async with opened(tmp_path, Failing) as (service, records):
        await service.allow("me", Kept(figures=True, sound=True), past=False)
        record = records[0]
        assert isinstance(record, Failing)
        record.away = True
        told = await service.keep("me", made(0), PACKETS)
        assert isinstance(told, messages.TakeNotKept)
        assert AWAY in told.why
        assert AWAY in service.problem
        await asyncio.to_thread(record.set_kept, "me", FIGURES_ONLY, datetime.now(UTC))  # by another process
        record.away = False
        await until(lambda: not service.problem)
        (kept,) = record.all("me")
        assert (kept.kept, kept.sound) == (FIGURES_ONLY, None)


@pytest.mark.usefixtures("record_away")
async def test_what_is_forgotten_while_it_waits_is_not_written(tmp_path: Path) -> None:
    async with opened(tmp_path, Failing) as (service, records):
        await service.allow("me", FIGURES_ONLY, past=False)
        record = records[0]
        assert isinstance(record, Failing)
        record.away = True
        assert isinstance(await service.keep("me", made(0), []), messages.TakeNotKept)
        record.forget("me")
        record.away = False
        await until(lambda: not service.problem)
        assert list(record.all("me")) == []


async def test_a_record_that_never_answers_holds_up_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_module, "CONSENT_S", 0.2)
    asked, stuck = threading.Event(), threading.Event()

    class Stuck(Record):
        def kept(self, person: str) -> Kept | None:
            asked.set()
            stuck.wait(60)
            return super().kept(person)

    async with opened(tmp_path, Stuck) as (service, _):
        keeping = asyncio.create_task(service.keep("me", made(0), PACKETS))
        await until(asked.is_set)  # the loop goes on meanwhile
        assert await keeping == messages.TakeNotKept(why=NOT_ASKED)
        stuck.set()


async def test_what_is_taken_back_holds_at_once_even_if_it_cannot_be_written(tmp_path: Path) -> None:
    async with opened(tmp_path) as (service, records):
        await service.allow("me", Kept(figures=True, words=True), past=False)
        records[0].close()
        service._record = None

        def refuse() -> Record:
            raise RecordUnavailable(AWAY)

        service._open = refuse
        with pytest.raises(RecordUnavailable):
            await service.allow("me", Kept(words=True, sound=True), past=False)
        assert service.known("me") == Kept(words=True)


async def test_several_processes_have_one_record(tmp_path: Path) -> None:
    async with opened(tmp_path) as (one, _), opened(tmp_path) as (other, records):
        await one.allow("me", FIGURES_ONLY, past=False)
        told = await asyncio.gather(
            *(service.keep("me", made(number), []) for number, service in enumerate([one, other] * 10))
        )
        assert {type(answer) for answer in told} == {messages.TakeKept}
        assert len(list(records[0].all("me"))) == 20
        await one.allow("me", Kept(), past=False)
        assert await other.keep("me", made(30), []) is None


@pytest.mark.usefixtures("record_away")
async def test_a_session_goes_on_when_the_disk_is_full(tmp_path: Path, voice: SpeechSynthesizer) -> None:
    speech = voice.synthesize("The meeting went well and we agreed on it.")
    async with running(record="me", store=str(tmp_path)) as server:
        await allow(server, FIGURES)
        record = server.hub.record._record
        assert record is not None
        with pytest.MonkeyPatch.context() as patch:
            real, failing = record.put, [True]

            def put(person: str, take: Take, sound: bytes | None, growing: Growing | None) -> None:
                if failing[0]:
                    raise RecordUnavailable(AWAY)
                real(person, take, sound, growing)

            patch.setattr(record, "put", put)
            page = Page()
            await page.call(server.address)
            await page.speak(speech)
            page.channel.send(messages.encode(messages.End()))
            summary = await page.next(messages.Summary)
            assert summary.measures[0].speech_s > 1
            assert AWAY in (await page.next(messages.TakeNotKept)).why
            assert (await page.next(messages.Ended)).reason == "asked"
            assert AWAY in (await state(server))["problem"]
            failing[0] = False
            await finished(server, summary.duration_s)
            await until(lambda: not server.hub.record.problem)
            assert not (await state(server))["problem"]


async def state(server: Server) -> dict[str, str]:
    answer: dict[str, str] = (await ask(server, "GET", "record")).json()
    return answer


async def test_a_record_that_cannot_be_opened_at_the_start_keeps_nobody_from_practising(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "record"
    blocked.write_text("no folder")
    async with running(record="me", store=str(blocked)) as server:
        assert "the record can't be opened" in caplog.text
        assert (await state(server))["problem"]
        await Page().call(server.address)
        blocked.unlink()
        assert (await ask(server, "PUT", "record/kept", json=FIGURES)).status_code == 204
        assert (await state(server))["problem"] == ""


async def test_sound_that_is_encrypted_needs_its_key_before_anybody_speaks(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(bytes(32))
    folder = str(tmp_path / "record")
    record = Record.open(folder, key=bytes(32))
    record.put("me", msgspec.structs.replace(made(0), kept=Kept(sound=True)), recording(PACKETS))
    record.close()
    without = RecordService(Settings(record="me", store=folder))
    without.warm_up()
    assert "--record-key FILE" in without.problem
    with pytest.raises(RecordError, match="give its key"):
        await without.kept("me")
    await without.close()
    service = RecordService(Settings(record="me", store=folder, record_key=str(key)))
    await service.allow("me", Kept(sound=True), past=False)
    assert isinstance(await service.keep("me", made(1), PACKETS), messages.TakeKept)
    await service.close()
    everything = every_byte(tmp_path)
    assert everything.count(b"SOTTOVOCE-SOUND-1") == 2
    assert b"OpusHead" not in everything


def test_a_key_that_is_none_is_said_before_a_server_begins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--port", "0", "--record-key", str(tmp_path / "none")]) == 2
    assert "can't be read" in capsys.readouterr().err
