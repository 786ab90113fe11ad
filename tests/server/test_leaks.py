"""Sessions that were opened and closed leave nothing behind."""

from __future__ import annotations

import asyncio
import gc
import threading

import httpx
import psutil
from aiortc import RTCPeerConnection

from engine.server.hub import Hub
from engine.server.live import LiveSession
from engine.session import Session

from .calls import Page, Server, noise, running, until

AT_ONCE = 10
"""Sessions open at a time."""


async def one(server: Server, number: int) -> None:
    """A call that ends in one of the ways in which calls end."""
    page = Page()
    await page.call(server.address)
    page.audio.put(noise(0.2))
    async with (
        server.watch(page.session) as watcher,
        httpx.AsyncClient(trust_env=False, verify=False) as client,
    ):
        await watcher.recv()
        match number % 5:
            case 0:
                page.channel.send('{"type": "end"}')
            case 1:
                await client.delete(f"{server.address}whip/{page.session}")
            case 2:
                again = Page()
                await again.call(server.address, token=page.token)
                await client.delete(f"{server.address}whip/{page.session}")
                await again.connection.close()
            case 3:
                await page.connection.close()
                await client.delete(f"{server.address}whip/{page.session}")
            case _:
                await page.vanish()
                await client.delete(f"{server.address}whip/{page.session}")
        async for _ in watcher:
            pass
    await page.connection.close()


async def open_and_close(server: Server, count: int) -> None:
    places = asyncio.Semaphore(AT_ONCE)

    async def placed(number: int) -> None:
        async with places:
            await one(server, number)

    await asyncio.gather(*(placed(number) for number in range(count)))
    await until(lambda: not server.hub.sessions)


def left(hub: Hub) -> tuple[int, int, int, int]:
    """Tasks, threads, files and sockets, and sessions that there are."""
    return (
        len(asyncio.all_tasks()),
        threading.active_count(),
        psutil.Process().num_fds(),
        len(hub._sessions),
    )


async def test_two_hundred_sessions_leave_nothing_behind() -> None:
    process = psutil.Process()
    async with running(max_sessions=AT_ONCE) as server:
        # The first ones fill caches and the allocator's pools: they are the measure for the others.
        await open_and_close(server, 80)
        gc.collect()
        await asyncio.sleep(1)
        before, memory = left(server.hub), process.memory_info().rss
        await open_and_close(server, 200)
        await until(lambda: all(now <= then for now, then in zip(left(server.hub), before, strict=True)))
        await asyncio.sleep(1)
        gc.collect()
        grown = process.memory_info().rss - memory
        alive = [
            thing
            for thing in gc.get_objects()
            if isinstance(thing, (LiveSession, RTCPeerConnection, Session))
        ]
    assert not alive
    # A session that stayed would hold well over 100 kB: 200 of them more than 20 MB.
    assert grown < 12e6
