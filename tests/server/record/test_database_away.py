"""A PostgreSQL server that goes away or answers nothing while somebody speaks, and when the server stops."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from engine.media.voices.synthesis import SpeechSynthesizer
from engine.protocol import events as ev
from engine.protocol import messages
from engine.server.record import service as service_module
from engine.server.record.service import STILL_WAITS
from tests.harness.calls import Page, running, until
from tests.harness.postgres import PostgresServer
from tests.harness.record import FIGURES, allow, ask, finished
from tests.harness.server_process import served


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    server = PostgresServer()
    yield server
    server.close()


@pytest.fixture
def store(postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return postgres.new_schema()


@pytest.mark.usefixtures("record_away")
async def test_a_session_goes_on_while_its_database_restarts_and_its_take_is_written(
    postgres: PostgresServer, store: str, voice: SpeechSynthesizer
) -> None:
    speech = voice.synthesize("The meeting went well and we agreed on the next steps.")
    async with running(record="me", store=store) as server:
        await allow(server, FIGURES)
        page = Page()
        await page.call(server.address)
        await page.speak(speech)
        await asyncio.to_thread(postgres.stop)
        try:
            await page.speak(speech[:16_000])
            await page.next(ev.Reading)
            page.channel.send(messages.encode(messages.End()))
            summary = await page.next(messages.Summary)
            assert "does not answer" in (await page.next(messages.TakeNotKept)).why
            assert (await page.next(messages.Ended)).reason == "asked"
            assert "does not answer" in (await ask(server, "GET", "record")).json()["problem"]
        finally:
            await asyncio.to_thread(postgres.start)
        await finished(server, summary.duration_s)
        await until(lambda: not server.hub.record.problem)


async def test_nobody_waits_for_a_database_that_answers_nothing(
    postgres: PostgresServer, store: str, voice: SpeechSynthesizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    speech = voice.synthesize("The meeting went well and we agreed on the next steps.")
    async with running(record="me", store=store) as server:
        await allow(server, FIGURES)
        page = Page()
        await page.call(server.address)
        await page.speak(speech)
        monkeypatch.setattr(service_module, "CONSENT_S", 0.5)
        monkeypatch.setattr(service_module, "WRITTEN_S", 0.5)
        with postgres.frozen():
            asked = [asyncio.create_task(ask(server, "GET", "record/takes")) for _ in range(6)]
            page.channel.send(messages.encode(messages.End()))
            summary = await page.next(messages.Summary)
            assert (await page.next(messages.TakeNotKept)).why == STILL_WAITS
            assert (await page.next(messages.Ended)).reason == "asked"
        await asyncio.gather(*asked, return_exceptions=True)
        await finished(server, summary.duration_s)


def test_a_server_stops_though_its_database_answers_nothing(postgres: PostgresServer, store: str) -> None:
    with served("--record", "me", "--store", store) as process:
        kept = {**FIGURES, "past": False}
        httpx.put(f"{process.address}record/kept", json=kept, trust_env=False, timeout=60).raise_for_status()
        with postgres.frozen():
            with pytest.raises(httpx.ReadTimeout):
                httpx.get(f"{process.address}record/takes", trust_env=False, timeout=1.0)
            process.ps.terminate()
            process.ps.wait(timeout=60)
        assert "Traceback" not in process.log
