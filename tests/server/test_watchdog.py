"""One session or room that fails costs the others nothing, and health tells what has stopped."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from operator import attrgetter
from typing import Any

import httpx
import pytest

from engine.protocol import messages
from engine.server.hub import TICK_S, Hub
from engine.server.placement.single_process import SingleProcess
from engine.server.rooms.room import Room
from engine.server.serve import serving
from engine.server.sessions.heartbeat import LATE_S
from engine.server.sessions.live_session import LiveSession
from engine.server.sessions.load import LoadMonitor
from engine.server.sessions.loop_probe import PROBE_S
from engine.server.sessions.outbox import Outbox
from tests.harness.calls import (
    PATIENCE_S,
    Page,
    Server,
    browser,
    give_up_soon,
    next_any,
    noise,
    running,
    unhurried,
    until,
)
from tests.harness.rooms import made, post, seated, stands


def broken(*_: Any, **__: Any) -> None:
    raise RuntimeError("broken on purpose")


async def health(server: Server) -> httpx.Response:
    async with browser() as client:
        return await client.get(f"{server.address}healthz")


@pytest.mark.parametrize("method", ["tick", "add_to_totals", "readers.shed"])
async def test_a_session_that_fails_in_the_tick_ends_alone(
    method: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with running() as server:
        culprit, other = Page(), Page()
        for page in (culprit, other):
            await page.call(server.address)
        session = server.hub.find(culprit.session)
        *owner, name = method.split(".")
        monkeypatch.setattr(attrgetter(*owner)(session) if owner else session, name, broken)
        ended = await culprit.next(messages.Ended)
        assert (ended.reason, ended.can_resume) == ("failed", False)
        if method != "add_to_totals":  # its totals are what fails
            await until(lambda: len(server.hub._sessions) == 1)
        assert "broken on purpose" in caplog.text
        # The watchdog goes on: it notices that nobody speaks in the other one.
        give_up_soon(server, other, connect_s=0.2)
        ended = await other.next(messages.Ended)
        assert ended.reason == "stalled"
        assert (await health(server)).status_code == 200
        for page in (culprit, other):
            await page.connection.close()


async def test_a_room_that_fails_ends_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running() as server:
        culprit, host = await made(server)
        other, _ = await made(server)
        rooms = [server.hub.rooms.find(room) for room in (culprit, other)]
        async with seated(server, culprit, host) as socket:
            await stands(socket, you=0)
            monkeypatch.setattr(rooms[0], "tick", broken)
            assert (await stands(socket, over="failed"))["you"] == 0
        for one in rooms:
            monkeypatch.setattr(one, "_away_s", 0.2)
        await until(lambda: len(server.hub.rooms) == 0)  # the tick went on to the other, to which nobody came
        for room, why in ((culprit, "failed"), (other, "host_left")):
            late = await post(server, f"rooms/{room}/seats")
            assert (late.status_code, late.json()["reason"]) == (410, why)
        assert (await health(server)).status_code == 200


@pytest.mark.parametrize(
    ("kind", "method"), [(LoadMonitor, "look"), (LoadMonitor, "add_wait"), (SingleProcess, "announce")]
)
async def test_health_fails_when_what_must_run_does_not(
    kind: type, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = 0.0
    hub = Hub(unhurried(), clock=lambda: now_s)
    async with serving(hub) as address:
        server = Server(address, hub)
        now_s += LATE_S / 2
        await until(lambda: bool(hub.heartbeats._beats) and min(hub.heartbeats._beats.values()) == now_s)
        monkeypatch.setattr(kind, method, broken)
        page = Page()
        await page.call(address)  # sessions begin all the same
        now_s += 1.5 * LATE_S
        await until(lambda: max(hub.heartbeats._beats.values()) == now_s)
        ailing = await health(server)
        assert (ailing.status_code, ailing.json()["reason"]) == (503, "stuck")
        monkeypatch.undo()
        now_s += PROBE_S  # another packet of the probe is due
        await until(lambda: hub.heartbeats.late is None)
        assert (await health(server)).status_code == 200
        await page.connection.close()


async def test_health_fails_when_the_watchdog_is_gone() -> None:
    now_s = 0.0
    hub = Hub(unhurried(), clock=lambda: now_s)
    async with serving(hub) as address:
        assert hub._watchdog is not None
        hub._watchdog.cancel()
        now_s += 2 * LATE_S
        ailing = await health(Server(address, hub))
        assert ailing.status_code == 503
        assert "watchdog" in ailing.json()["detail"]


async def test_after_the_process_was_held_up_nobody_is_judged_before_what_came_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[str] = []
    monkeypatch.setattr(Hub, "_tick", lambda self: done.append("judged"))
    async with Hub(unhurried()):
        await until(lambda: bool(done))
        done.clear()
        time.sleep(3 * TICK_S)  # noqa: ASYNC251 - the loop is held up on purpose
        for _ in range(10):  # turns of the loop, in each of which a packet is read
            await asyncio.sleep(0)
        done.append("read")
        await until(lambda: "judged" in done)
        assert done[0] == "read"


async def test_a_page_is_told_when_its_data_channel_fails(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Without its writer it would hear nothing any more, for as long as it speaks."""
    async with running() as server:
        page = Page()
        await page.call(server.address)
        speaking = asyncio.create_task(page.speak(noise(60)))
        [session] = server.hub.sessions
        await until(lambda: session.stream.received > 1)
        monkeypatch.setattr(Outbox, "_batch", broken)
        await until(lambda: session.connection is None)
        assert "a data channel failed" in caplog.text
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)
        await page.connection.close()


async def test_a_fault_in_a_room_is_logged_and_closes_that_socket_only(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with running() as server:
        room, host = await made(server)
        async with seated(server, room, host) as socket:
            await stands(socket, you=0)
            monkeypatch.setattr(Room, "receive", broken)
            await socket.send(json.dumps({"type": "ping", "id": 1}))
            await socket.wait_closed()
        assert "broken on purpose" in caplog.text
        monkeypatch.undo()
        async with seated(server, room, host) as socket:
            assert (await next_any(socket))["type"] == "room"


@pytest.mark.parametrize("end", [Hub.close, Hub.drain])
async def test_a_session_that_cannot_end_keeps_no_server_from_ending(
    end: Callable[[Hub], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(drain_s=0.1) as server:
        page = Page()
        await page.call(server.address)
        monkeypatch.setattr(LiveSession, "end", broken)
        async with asyncio.timeout(PATIENCE_S):
            await end(server.hub)
        monkeypatch.undo()
        await page.connection.close()
