"""Sessions that were opened and closed leave nothing behind."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import threading
import time
import weakref

import psutil
from aiortc import RTCDataChannel, RTCPeerConnection

from engine.core.session import Session
from engine.media.webrtc.peer import Peer
from engine.server.hub import Hub
from engine.server.sessions.collection import COLLECTED_SESSIONS
from engine.server.sessions.live_session import LiveSession
from tests.harness.calls import Page, Server, browser, noise, running, until

AT_ONCE = 10
"""Sessions open at a time."""

POOL_THREADS = 32
"""Most threads that asyncio's own pool may have."""


KINDS = (LiveSession, Session, Peer, RTCPeerConnection, RTCDataChannel)
"""Things of which none may be alive in the end."""


async def one(server: Server, number: int) -> None:
    """A call that ends in one of the ways in which calls end."""
    page = Page()
    await page.call(server.address)
    page.audio.add(noise(0.2))
    async with (
        server.watch(page.session) as watcher,
        browser() as client,
    ):
        await watcher.recv()
        match number % 5:
            case 0:
                page.channel.send('{"type": "end"}')
            case 1:
                await client.delete(page.location)
            case 2:
                again = Page()
                await again.call(server.address, token=page.token)
                await client.delete(page.location)
                await again.connection.close()
            case 3:
                await page.connection.close()
                await client.delete(page.location)
            case _:
                await page.vanish()
                await client.delete(page.location)
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


def alive() -> list[object]:
    """What is left of any call."""
    gc.collect()
    return [thing for thing in gc.get_objects() if isinstance(thing, KINDS)]


async def test_two_hundred_sessions_leave_nothing_behind() -> None:
    process = psutil.Process()
    async with running(max_sessions=AT_ONCE, quota=0.0) as server:
        # The loop's pool of threads grows with use up to its bound: bring it there first.
        await asyncio.gather(*(asyncio.to_thread(time.sleep, 0.05) for _ in range(POOL_THREADS)))
        memory: list[int] = []
        idle = len(asyncio.all_tasks())
        # The first ones fill caches and the allocator's pools: they are the measure for the others.
        for count in (60, 100, 100):
            await open_and_close(server, count)
            await until(lambda: len(asyncio.all_tasks()) <= idle)
            gc.collect()
            memory.append(process.memory_info().rss)
            if len(memory) == 1:
                before = left(server.hub)
        with contextlib.suppress(TimeoutError):  # the assertion below says what is left
            await until(lambda: all(now <= then for now, then in zip(left(server.hub), before, strict=True)))
        after = left(server.hub)
        assert all(now <= then for now, then in zip(after, before, strict=True)), (before, after)
        with contextlib.suppress(TimeoutError):
            await until(lambda: not alive())
        assert not alive()
    # An open call holds 600 kB, both ends counted. Pools grow ever more slowly; a leak would not.
    assert min(memory[2] - memory[1], memory[1] - memory[0]) < 6e6


async def test_what_sessions_leave_is_collected_a_few_at_a_time() -> None:
    async with running(max_sessions=AT_ONCE, quota=0.0) as server:
        gc.disable()
        try:
            kept: list[weakref.ref[LiveSession]] = []
            for _ in range(2 * COLLECTED_SESSIONS):
                page = Page()
                await page.call(server.address)
                kept += [weakref.ref(session) for session in server.hub.sessions]
                page.channel.send('{"type": "end"}')
                await until(lambda: not server.hub.sessions)
                await page.connection.close()
            await until(lambda: not any(session() for session in kept[:COLLECTED_SESSIONS]))
        finally:
            gc.enable()
    assert len(kept) == 2 * COLLECTED_SESSIONS
