"""Several workers with one record: takes of all, one consent, and what a worker that is killed leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from engine.media.resample import Samples
from engine.media.voices.synthesis import SpeechSynthesizer
from engine.protocol import messages
from engine.protocol.kept import Kept
from engine.server.placement.placement import worker_of
from engine.store.record import Record
from tests.harness.calls import SDP, Page, until
from tests.harness.record import EVERYTHING, FIGURES
from tests.harness.server_workers import Workers, several

NOTHING = dict.fromkeys(FIGURES, False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "record"


@pytest.fixture
def server(folder: Path) -> Iterator[Workers]:
    Record.open(folder).close()
    with several("--record", "me", "--store", str(folder)) as server:
        yield server


@pytest.fixture
def record(folder: Path, server: Workers) -> Iterator[Record]:
    """The record of the server, opened beside it."""
    record = Record.open(folder)
    yield record
    record.close()


async def allow(server: Workers, kept: dict[str, bool]) -> None:
    """Say what may be kept, to whichever worker is quicker."""
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.put(f"{server.address}record/kept", json={**kept, "past": False})
    assert answer.status_code == 204


async def called(server: Workers) -> Page:
    """Somebody who has begun a session, on the worker with the fewest."""
    page = Page()
    page.response = await _begun(server, await page.offer())
    await page.accept()
    return page


async def _begun(server: Workers, offer: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as client:
        answer = await client.post(f"{server.address}whip", content=offer, headers=SDP)
    assert answer.status_code == 201
    return answer


async def end(page: Page) -> messages.TakeKept | messages.TakeNotKept | messages.Ended:
    """What is said of the take at a session's end; the last message where nothing is."""
    page.channel.send(messages.encode(messages.End()))
    return await page.next((messages.TakeKept, messages.TakeNotKept, messages.Ended))  # type: ignore[arg-type]


async def test_takes_of_all_workers_are_in_one_record_with_one_consent(
    server: Workers, record: Record, voice: SpeechSynthesizer
) -> None:
    speech: Samples = voice.synthesize("The meeting went well and we agreed on it.")
    await allow(server, EVERYTHING)
    pages = [await called(server), await called(server)]
    assert worker_of(pages[0].session) != worker_of(pages[1].session)
    await asyncio.gather(*(page.speak(speech) for page in pages))
    await allow(server, FIGURES)  # one of the workers hears of it, the other one has to look
    said = [await end(page) for page in pages]
    assert [one.kept for one in said if isinstance(one, messages.TakeKept)] == [Kept(figures=True)] * 2
    kept = list(record.all("me"))
    assert {take.id for take in kept} == {one.take for one in said if isinstance(one, messages.TakeKept)}
    assert [take.sound for take in kept] == [None, None]
    pages = [await called(server), await called(server)]
    await asyncio.gather(*(page.speak(speech) for page in pages))
    await allow(server, NOTHING)
    assert [type(await end(page)) for page in pages] == [messages.Ended] * 2
    await until(lambda: len(record.takes("me")) == 2)  # what was measured so far is taken back


async def test_a_worker_that_is_killed_leaves_what_was_measured_so_far(
    server: Workers, record: Record, voice: SpeechSynthesizer
) -> None:
    speech: Samples = voice.synthesize("The meeting went well and we agreed on it.")
    await allow(server, EVERYTHING)
    finished, page = await called(server), await called(server)
    await finished.speak(speech)
    kept = await end(finished)
    assert isinstance(kept, messages.TakeKept)
    speaking = asyncio.create_task(page.speak(speech))
    await until(lambda: len(record.takes("me")) == 2)
    await speaking
    (before,) = [entry for entry in record.takes("me") if entry.id != kept.take]
    server.kill(page.session)
    left = {entry.id: entry for entry in record.takes("me")}
    assert set(left) == {kept.take, before.id}
    assert left[before.id].duration_s >= before.duration_s > 0
    assert record.take("me", before.id).measures is not None
    assert record.sound("me", kept.take).startswith(b"OggS")
    assert record.check().problems == []
    await page.vanish()
