"""Limits on WebSockets: floods, pongs and messages that are too long."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from tests.harness.calls import Page, Server, running

from .test_doors import Stream, closed, ended, opened

# --- WebSockets -------------------------------------------------------------------


UPGRADE = (
    b" HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
)


@contextlib.asynccontextmanager
async def watching(**settings: object) -> AsyncIterator[tuple[Server, Stream]]:
    """A WebSocket of a session, by hand."""
    async with running(**settings) as server:
        page = Page()
        await page.call(server.address)
        stream = await opened(
            server.address,
            f"GET /sessions/{page.session}/live".encode()
            + UPGRADE
            + b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
        )
        head = await stream[0].readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 ")
        assert b"deflate" not in head, "70 bytes would become 64 KiB"
        yield server, stream
        closed(stream)
        await page.connection.close()


def frame(kind: Opcode, data: bytes = b"", *, final: bool = True) -> bytes:
    return Frame(kind, data, final).serialize(mask=True)


@pytest.mark.parametrize(
    "flood",
    [
        frame(Opcode.TEXT, b"{", final=False) + 20_000 * frame(Opcode.CONT, final=False),
        20_000 * frame(Opcode.PING),
        20_000 * frame(Opcode.TEXT, b"{}"),
        2_000 * frame(Opcode.TEXT, b"v" * 60_000),
    ],
    ids=["continuations", "pings", "texts", "long"],
)
async def test_a_flood_of_frames_is_cut_off(flood: bytes) -> None:
    async with watching() as (server, (reader, writer)):
        receiving = asyncio.create_task(ended(reader))
        with contextlib.suppress(ConnectionError):
            for start in range(0, len(flood), 65_536):
                writer.write(flood[start : start + 65_536])
                await writer.drain()
        received = await receiving
        assert server.hub.sessions[0].connection is not None, "nobody else suffers"
        assert b"\x03\xf0more than" in received or not received.endswith(b"}"), "1008, unless it was lost"


async def test_pongs_that_nobody_reads_do_not_pile_up() -> None:
    async with watching() as (server, (_, writer)):
        [connection] = [one for one in server.hub.gate._slots if one in server.hub.gate._kept]
        transport = connection.drop.__self__  # type: ignore[attr-defined]
        ping = frame(Opcode.PING, b"x" * 125)
        most = 0
        for _ in range(3000):  # slower than what is too much
            writer.write(ping * 2)
            await asyncio.sleep(0.001)
            most = max(most, transport.get_write_buffer_size())
        assert most < 200_000


async def test_a_message_that_is_too_long_is_refused() -> None:
    async with running() as server:
        page = Page()
        await page.call(server.address)
        async with server.watch(page.session) as watcher:
            with contextlib.suppress(ConnectionClosed):
                await watcher.send("v" * 70_000)
            await watcher.wait_closed()
            assert watcher.close_code == 1009
        await page.connection.close()
