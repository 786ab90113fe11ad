"""The speaker without a browser: when it cannot connect, when it loses the engine, when its source fails."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import numpy as np
import pytest

from clients.whip.publisher import Publisher, paced
from clients.whip.send_buffer import BLOCK, SendBuffer
from engine.errors import DeviceError, ServerUnreachable
from engine.media.resample import Samples
from engine.protocol import events as ev
from engine.protocol import messages
from tests.harness.calls import all_messages, noise, running, until


async def endless() -> AsyncIterator[Samples]:
    """A microphone in a quiet room."""
    while True:
        await asyncio.sleep(BLOCK / 16_000)
        yield noise(BLOCK / 16_000)


async def refused(address: str, **options: str) -> str:
    with pytest.raises(ServerUnreachable) as error:
        async with Publisher(address, endless(), **options):  # type: ignore[arg-type]
            pass
    return str(error.value)


async def test_nobody_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        assert "sottovoce serve" in await refused(address)
    assert "http://" in await refused("localhost:8765")
    assert "address" in await refused("http://[:::")


async def test_a_server_that_refuses() -> None:
    async with running(max_sessions=1) as server:
        assert "interview" in await refused(server.address, profile="nonsense")
        async with Publisher(server.address, endless()):
            assert "taken" in await refused(server.address)
        await until(lambda: not server.hub.sessions)


async def test_a_server_that_is_no_engine() -> None:
    async def other(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(other, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert "is that an engine?" in await refused(f"http://127.0.0.1:{port}")


async def test_a_lost_connection_is_made_again_in_the_same_session() -> None:
    async with running() as server, Publisher(server.address, endless(), stay=True) as call:
        heard = aiter(call)
        first = await anext(heard)
        assert isinstance(first, messages.Hello)
        session = server.hub.sessions[0]
        await until(lambda: session.core.now > 8_000)
        assert session.connection is not None
        assert session.connection.peer is not None
        await session.connection.peer.close()
        session.detach(session.connection, "left")
        async for message in heard:
            if isinstance(message, messages.Hello):
                assert message.resumed
                assert message.session == first.session
            if isinstance(message, ev.AudioLost):
                break
        assert server.hub.sessions == [session]
        call.finish()
        async for message in heard:
            last = message
        assert isinstance(last, messages.Ended)
        assert last.reason == "asked"


async def test_whoever_is_told_to_wait_comes_back_after_that_time() -> None:
    async with running() as server, Publisher(server.address, endless(), stay=True) as call:
        heard = aiter(call)
        await anext(heard)
        [session] = server.hub.sessions
        await until(lambda: session.core.now > 8_000)
        spent = server.hub.quota._bucket("127.0.0.1", "offers")
        spent.take_token(server.hub._clock())
        spent._left = -2.0
        assert session.connection is not None
        assert session.connection.peer is not None
        await session.connection.peer.close()
        session.detach(session.connection, "left")
        while not isinstance(message := await anext(heard), messages.Hello):
            pass
        assert message.resumed
        assert server.hub.quota.refused["offers"] == 1
        call.finish()
        await all_messages(call)


async def test_an_engine_that_is_gone_for_good_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clients.whip.publisher.RESUME_S", 1.0)

    async def talk() -> None:
        async with running() as server:
            address = server.address
            async with Publisher(address, endless()) as call:
                await until(lambda: server.hub.sessions[0].core.now > 0)
                connection = server.hub.sessions[0].connection
                assert connection is not None
                monkeypatch.setattr(call, "_server", "http://127.0.0.1:9/")
                assert connection.peer is not None
                await connection.peer.close()
                await all_messages(call)

    with pytest.raises(ServerUnreachable, match="no engine answers"):
        await talk()


async def test_a_source_that_fails_is_the_callers_to_know() -> None:
    async def broken() -> AsyncIterator[Samples]:
        yield noise(0.02)
        raise DeviceError("the microphone was pulled out")

    async with running() as server, Publisher(server.address, broken()) as call:
        with pytest.raises(DeviceError, match="pulled out"):
            await all_messages(call)


async def test_paced_is_real_time_and_whole() -> None:
    samples = noise(0.31)
    began_s = asyncio.get_running_loop().time()
    blocks = [block async for block in paced(samples)]
    assert asyncio.get_running_loop().time() - began_s >= 0.3
    np.testing.assert_array_equal(np.concatenate(blocks), samples)


async def test_the_buffer_cuts_as_it_needs_and_ends_in_silence() -> None:
    buffer = SendBuffer()
    samples = noise(0.1)
    for part in np.split(samples, [7, 500, 501, 1100]):
        buffer.add(part)
    buffer.close()
    taken = np.concatenate([await buffer.next_block() for _ in range(7)])
    np.testing.assert_array_equal(taken[:1600], samples)
    assert not taken[1600:].any()
