"""Who is let in when the server is busy, and what it says of itself."""

from __future__ import annotations

import asyncio
import math
import time

import httpx
import pytest

from engine.core.playback_echo import Echo
from engine.media.resample import Samples
from engine.protocol import messages
from engine.server.http.app import create_app
from engine.server.hub import Hub
from engine.server.sessions.loop_probe import PROBE_S
from engine.server.settings import Settings
from tests.harness.calls import SDP, Page, browser, noise, running, unhurried, until


async def asked(address: str, path: str) -> httpx.Response:
    async with browser() as client:
        return await client.get(address + path)


async def offered(address: str) -> httpx.Response:
    page = Page()
    try:
        async with browser() as client:
            return await client.post(f"{address}whip", content=await page.offer(), headers=SDP)
    finally:
        await page.connection.close()


async def test_a_busy_server_refuses_says_so_and_recovers() -> None:
    async with running(max_delay_s=0.05) as server:
        page = Page()
        await page.call(server.address)
        await until(lambda: server.hub.refusal() is None)
        speaking = asyncio.create_task(page.speak(noise(60.0)))
        busy = True

        async def burn() -> None:
            while busy:
                time.sleep(0.3)  # noqa: ASYNC251 - the loop is held up on purpose
                await asyncio.sleep(PROBE_S)

        burner = asyncio.create_task(burn())
        await until(lambda: server.hub.load.level >= 2)
        refused = await offered(server.address)
        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) > 0
        problem = refused.json()
        assert problem["reason"] == "overloaded"
        assert "too busy" in problem["detail"]
        assert "try again" in problem["detail"]
        assert (await asked(server.address, "readyz")).json()["reason"] == "overloaded"
        assert (await asked(server.address, "healthz")).status_code == 200
        assert server.hub.counts.refused["overloaded"] == 1
        assert (await page.next(messages.Error)).code == "overloaded"
        # Whoever was let in before may come back all the same.
        again = Page()
        assert (await again.call(server.address, token=page.token)).session == page.session
        busy = False
        await burner
        await until(lambda: server.hub.load.level == 0 and server.hub.refusal() is None)
        assert (await asked(server.address, "readyz")).status_code == 200
        assert (await offered(server.address)).status_code == 201
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)
        await asyncio.gather(page.connection.close(), again.connection.close())


async def test_readiness_says_what_keeps_sessions_out() -> None:
    hub = Hub(unhurried(max_sessions=1))
    transport = httpx.ASGITransport(create_app(hub), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://engine.test") as client:
        async with hub:
            starting = await client.get("/readyz")
            assert (starting.status_code, starting.json()["reason"]) == (503, "warming_up")
            hub.warm_up()
            ready = await client.get("/readyz")
            assert (ready.status_code, ready.json()) == (
                200,
                {"status": "ready", "sessions": 0, "shedding_level": 0},
            )
            page = Page()
            await client.post("/whip", content=await page.offer(), headers=SDP)
            await page.connection.close()
            full = await client.get("/readyz")
            assert (full.status_code, full.json()["reason"]) == (503, "full")
            assert int(full.headers["retry-after"]) > 0
            assert full.headers["content-type"] == "application/problem+json"
        going = await client.get("/readyz")
        assert (going.status_code, going.json()["reason"]) == (503, "draining")
        alive = await client.get("/healthz")
        assert (alive.status_code, alive.json()) == (200, {"status": "ok"})


async def test_an_offer_is_refused_when_one_more_would_take_too_much() -> None:
    async with running(max_cpu=0.001) as server:
        first = Page()
        await first.call(server.address)
        refused = await offered(server.address)
        assert (refused.status_code, refused.json()["reason"]) == (503, "overloaded")
        assert "--max-cpu" in refused.json()["detail"]
        await first.connection.close()


async def test_a_session_is_heard_from_its_first_packet() -> None:
    async with running() as server:
        page = Page()
        await page.call(server.address)
        (session,) = server.hub.sessions
        assert session.heard_since_s == math.inf
        await page.speak(noise(0.2))
        await until(lambda: session.stream.received > 1)
        first_s = session.heard_since_s
        assert session.connection is not None
        assert first_s < (session.connection.audio_s or 0.0), "it stays what it was at the first"
        await page.connection.close()


def test_a_server_has_loaded_what_a_drill_needs_before_it_says_that_it_is_warm(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Loading it, or compiling it, when the first drill begins would hold up every call."""
    used: list[Echo] = []
    hop = Echo.hop

    def noted(echo: Echo, mic: Samples | None, played: Samples) -> Samples | None:
        used.append(echo)
        return hop(echo, mic, played)

    monkeypatch.setattr(Echo, "hop", noted)
    Hub(Settings()).warm_up()
    assert used
