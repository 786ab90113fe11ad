"""Clients that don't read, or send too much, and a server that has too much to do: nobody else suffers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from random import Random
from typing import NamedTuple

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from engine.media.voices.synthesis import SpeechSynthesizer
from engine.protocol import events as ev
from engine.protocol import messages
from engine.server.limits.message_allowance import BURST, MESSAGES_PER_S, MessageAllowance
from engine.server.sessions.connection import FAREWELL_CHARS_PER_S
from engine.server.sessions.live_session import LiveSession
from engine.server.sessions.outbox import MOST, Outbox
from engine.server.sessions.shedding import Shed
from tests.harness.calls import PATIENCE_S, Page, Server, next_any, next_message, noise, running, until

LONG = messages.Error(code="bad_message", message=Random(1).randbytes(8000).hex())
"""Long, and hardly to be compressed."""


class Call(NamedTuple):
    """A page in a session, and the server's side of it."""

    server: Server
    page: Page
    session: LiveSession


@pytest.fixture
async def call() -> AsyncIterator[Call]:
    """A page that has called, and may take its time to say anything."""
    async with running() as server:
        page = Page()
        await page.call(server.address)
        session = server.hub.find(page.session)
        assert session is not None
        yield Call(server, page, session)
        await page.connection.close()


def ping(number: int) -> str:
    """What a client sends."""
    return f'{{"type": "ping", "id": {number}}}'


async def code_of(closed: ClientConnection) -> int:
    """Why a WebSocket was closed (RFC 6455, section 7.4)."""
    with pytest.raises(ConnectionClosed) as error:
        await closed.recv()
    assert error.value.rcvd is not None
    return error.value.rcvd.code


async def fill(session: LiveSession, reader: Outbox) -> None:
    """Send long messages to everyone until this reader is dropped; those who read keep up."""
    async with asyncio.timeout(PATIENCE_S):
        while reader.dropped is None:
            session.readers.send(LONG)
            assert len(reader) <= MOST
            await asyncio.sleep(0.002)


def deafen(page: Page) -> None:
    """Let a page acknowledge nothing from here on."""

    async def deaf(data: bytes) -> None:
        pass

    page.connection.sctp._handle_data = deaf  # type: ignore[union-attr, method-assign]


async def test_a_watcher_that_reads_nothing_is_dropped_and_nobody_else(call: Call) -> None:
    server, page, session = call
    async with server.watch(page.session, max_queue=1) as deaf, server.watch(page.session) as reader:
        await next_message(deaf, "hello")
        heard = asyncio.create_task(next_message(reader, "pong"))
        _, deaf_outbox, reader_outbox = session.readers
        await fill(session, deaf_outbox)
        await reader.send(ping(5))
        assert (await heard)["id"] == 5
        assert reader_outbox.dropped is None
        assert (await next_message(deaf, "ended"))["reason"] == "slow"
        assert await code_of(deaf) == 1013
        await until(lambda: server.hub.counts.readers_dropped["slow"] == 1)
        assert server.hub.counts.messages_shed >= MOST


async def test_a_page_that_acknowledges_nothing_holds_up_no_end(call: Call) -> None:
    """With all that can wait for it, at the slowest network that is waited for, it took two minutes."""
    _, page, session = call
    assert session.connection is not None
    outbox = session.connection.outbox
    deafen(page)
    while len(outbox) < MOST - 10:
        session.readers.send(LONG)
        await asyncio.sleep(0)
    assert outbox.chars > 40 * FAREWELL_CHARS_PER_S
    async with asyncio.timeout(40):
        session.end("shutdown")
        await session.closed()


async def test_a_page_that_acknowledges_nothing_is_dropped_and_may_come_back(call: Call) -> None:
    server, page, session = call
    assert session.connection is not None
    deafen(page)
    speaking = asyncio.create_task(page.speak(noise(60.0)))
    await fill(session, session.connection.outbox)
    await until(lambda: session.connection is None)
    assert session._left == "slow"
    again = Page()
    assert (await again.call(server.address, token=page.token)).session == page.session
    speaking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await speaking
    await again.connection.close()


async def test_a_watcher_that_floods_is_told_and_then_dropped_and_nobody_else(call: Call) -> None:
    server, page, _ = call
    async with server.watch(page.session) as flood:
        for number in range(int(BURST) + 100):
            await flood.send(ping(number))
        assert (await next_message(flood, "error"))["code"] == "too_many"
        with contextlib.suppress(ConnectionClosed):
            for number in range(700):  # fewer than what is too much for the connection itself
                await flood.send(ping(number))
        assert (await next_message(flood, "ended"))["reason"] == "flooding"
        assert await code_of(flood) == 1008
    page.channel.send(ping(7))
    assert (await page.next(messages.Pong)).id == 7


async def test_a_page_that_floods_is_told_and_then_dropped_and_nobody_else(call: Call) -> None:
    server, page, _ = call
    flood = Page()
    await flood.call(server.address)
    for number in range(int(BURST) + 100):
        flood.channel.send(ping(number))
    assert (await flood.next(messages.Error)).code == "too_many"
    for number in range(1000):
        flood.channel.send(ping(number))
    assert (await flood.next(messages.Ended)).reason == "flooding"
    page.channel.send(ping(7))
    assert (await page.next(messages.Pong)).id == 7
    await flood.connection.close()


def test_an_allowance_fills_up_again() -> None:
    allowance = MessageAllowance()
    assert allowance.spend(10, 100.0) == BURST - 1
    assert allowance.spend(5000, 100.0) == BURST - 6, "long ones count as several"
    while allowance.spend(10, 100.0) >= 0:
        pass
    assert allowance.spend(10, 101.0) == pytest.approx(MESSAGES_PER_S - 2)
    assert allowance.spend(10, 1000.0) == BURST - 1


async def said(page: Page, voice: SpeechSynthesizer) -> set[type]:
    """Kinds of messages that a page gets while it speaks."""
    while not page.messages.empty():
        page.messages.get_nowait()
    await page.speak(
        voice.synthesize("We met. We agreed on the next steps for the whole team, and then we left.")
    )
    return {type(page.messages.get_nowait()) for _ in range(page.messages.qsize())}


async def test_under_overload_traces_go_first_and_everyone_is_told(
    call: Call, voice: SpeechSynthesizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = {Shed.TRACES: "drawn", Shed.READINGS: "once a second", Shed.FACTS: "no facts"}
    server, page, session = call
    # The server's own judgement would take the level back.
    monkeypatch.setattr(server.hub.load, "look", lambda *_, **__: None)
    async with server.watch(page.session) as watcher:
        for level, text in words.items():
            server.hub.load.level = level
            error = await page.next(messages.Error)
            assert error.code == "overloaded"
            assert text in error.message
            kinds = await said(page, voice)
            assert ev.Trace not in kinds
            assert {ev.Reading, ev.PauseStarted} <= kinds, "the speaker gets the facts at every level"
        await watcher.send(ping(1))
        seen = [await next_any(watcher)]
        while seen[-1]["type"] != "pong":
            seen.append(await next_any(watcher))
    last = max(place for place, message in enumerate(seen) if message["type"] == "error")
    kinds_watched = {message["type"] for message in seen[last + 1 :]}
    assert {"reading", "pong"} <= kinds_watched <= {"reading", "pong", "nudge", "nudge_cleared"}
    readings = [message["at_s"] for message in seen[last + 1 :] if message["type"] == "reading"]
    assert {round(at_s * 4) % 4 for at_s in readings} == {0}
    assert session.counts.messages_shed > 0
