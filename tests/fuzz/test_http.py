"""Odd requests and frames end or delay nobody's session, and leave nothing behind."""

from __future__ import annotations

import asyncio
import contextlib

from tests.harness.calls import PATIENCE_S, Page, browser, next_message, socket_of, until
from tests.harness.fuzz.http import frames, handshake, requests
from tests.harness.server_process import Process, served

SEED = 20
REQUESTS = 120
SEQUENCES = 60
AT_ONCE = 8
ANSWER_S = 0.3
"""How long an answer is waited for: most of these get none, as they are not whole."""


async def sent(server: Process, first: bytes, then: bytes = b"") -> None:
    """Send something on a connection of its own, take what comes, and leave."""
    reader, writer = await asyncio.open_connection(*server.place)
    with contextlib.suppress(ConnectionError, TimeoutError, asyncio.IncompleteReadError):
        writer.write(first)
        if then:
            await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE_S)
            writer.write(then)
        await writer.drain()
        async with asyncio.timeout(ANSWER_S):
            while await reader.read(65_536):
                pass
    writer.close()


async def test_odd_requests_and_frames() -> None:
    with served("--request-s", "2") as server:
        page = Page()
        await page.call(server.address)
        host = f"{server.place[0]}:{server.place[1]}"
        async with browser() as client:
            room = (await client.post(f"{server.address}rooms", json={})).json()["room"]
        paths = (f"/sessions/{page.session}/live", f"/rooms/{room}/live")
        files = server.ps.num_fds()
        places = asyncio.Semaphore(AT_ONCE)

        async def one(first: bytes, then: bytes = b"") -> None:
            async with places:
                await sent(server, first, then)

        async def speak() -> None:
            while True:
                page.channel.send('{"type": "ping", "id": 7}')
                await asyncio.sleep(1)

        speaking = asyncio.create_task(speak())
        async with socket_of(f"http://{host}{paths[0]}") as watcher:
            await asyncio.gather(
                *(one(data) for data in requests(SEED, REQUESTS)),
                *(one(handshake(paths[n % 2], host), data) for n, data in enumerate(frames(SEED, SEQUENCES))),
            )
            await watcher.send('{"type": "ping", "id": 8}')
            assert (await next_message(watcher, "pong"))["id"] == 8
        async with browser() as client:
            assert (await client.get(f"{server.address}healthz")).status_code == 200
        speaking.cancel()
        await page.connection.close()
        await until(lambda: server.connections == 0)
        await until(lambda: server.ps.num_fds() <= files)
        assert "Traceback" not in server.log, server.log
        assert len(server.log.splitlines()) <= 10 * server.intervals, server.log


def test_the_same_comes_of_the_same_seed() -> None:
    assert list(requests(1, 20)) == list(requests(1, 20)) != list(requests(2, 20))
    assert list(frames(1, 20)) == list(frames(1, 20)) != list(frames(2, 20))
