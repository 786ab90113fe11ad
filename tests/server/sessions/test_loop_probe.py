"""How late a server knows itself to be: as late as its speakers are heard, and its visitors answered."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import AsyncIterator
from typing import Self

import httpx
import pytest

from engine.server import loop as serving_loop
from engine.server.http.app import create_app
from engine.server.http.metrics import HubMetrics
from engine.server.hub import Hub
from engine.server.sessions.loop_probe import MAX_WAITING, PROBE_S, LoopProbe
from engine.server.sessions.pending_requests import PendingRequests
from tests.harness.calls import unhurried, until

TURN_S = 0.06
"""What one turn of the loop takes while somebody holds it up: three packets of a speaker."""

TURNS = 50
"""Turns of the loop: in each one packet is read, while three or more arrive."""


def gauge(hub: Hub, name: str) -> float:
    """Value of one of the metrics."""
    [metric] = [metric for metric in HubMetrics(hub).collect() if metric.name == f"sottovoce_{name}"]
    return metric.samples[0].value


class Speaker:
    """Sends a packet with the time at which it was due, 50 times a second."""

    def __init__(self, to: tuple[str, int]) -> None:
        self._to = to
        self._mouth = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._due_s = time.monotonic() + PROBE_S

    def catch_up(self) -> None:
        """Send all that is due by now: whoever speaks isn't held up by the loop, nor by a busy machine."""
        while self._due_s <= time.monotonic():
            self._mouth.sendto(struct.pack("d", self._due_s), self._to)
            self._due_s += PROBE_S

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._mouth.close()


def test_the_delay_that_is_told_is_what_a_speaker_feels() -> None:
    """Every turn of the loop takes long, none very long: what is sent meanwhile piles up."""
    felt_s: list[float] = []

    class Ear(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, address: object) -> None:
            felt_s.append(time.monotonic() - struct.unpack("d", data)[0])

    async def held_up() -> tuple[float, float, float]:
        loop = asyncio.get_running_loop()
        ear, _ = await loop.create_datagram_endpoint(Ear, local_addr=("127.0.0.1", 0))
        hub = Hub(unhurried())
        hub.warm_up()
        async with hub:
            with Speaker(ear.get_extra_info("sockname")) as speaker:
                for _ in range(TURNS):
                    time.sleep(TURN_S)  # noqa: ASYNC251 - the loop is held up on purpose
                    speaker.catch_up()
                    await asyncio.sleep(0)
                    told_s, oldest_s = gauge(hub, "delay_seconds"), gauge(hub, "oldest_packet_seconds")
                last_s = felt_s[-1]  # before the hub closes, in turns that take nothing and catch up
        ear.close()
        return last_s, told_s, oldest_s

    with asyncio.Runner(loop_factory=serving_loop.make) as runner:
        last_s, told_s, oldest_s = runner.run(held_up())
    assert last_s > 10 * TURN_S, "the speaker is heard ever later"
    assert told_s == pytest.approx(last_s, rel=0.5)
    assert oldest_s == pytest.approx(last_s, rel=0.5)


async def test_one_block_of_the_loop_counts_for_all_of_its_time() -> None:
    now_s, blocked_s = 100.0, 1.0
    waits_s: list[float] = []
    probe = LoopProbe(lambda: now_s, waits_s.append)
    probe.open()
    now_s += PROBE_S
    await until(lambda: len(waits_s) == 1)
    now_s += blocked_s  # for the loop this is one turn
    due = round(blocked_s / PROBE_S)
    await until(lambda: len(waits_s) > due)
    probe.close()
    assert waits_s[0] == pytest.approx(0.0, abs=1e-9)
    late = waits_s[1:]
    assert len(late) == due
    assert max(late) == pytest.approx(blocked_s, abs=2 * PROBE_S)
    assert sum(late) / len(late) == pytest.approx(blocked_s / 2, rel=0.2)


async def test_a_machine_that_slept_is_not_counted_for_hours() -> None:
    now_s = 100.0
    waits_s: list[float] = []
    probe = LoopProbe(lambda: now_s, waits_s.append)
    probe.open()
    now_s += 10_000.0
    await until(lambda: len(waits_s) == MAX_WAITING)
    assert not probe.ages_s()
    now_s += PROBE_S
    await until(lambda: len(waits_s) == MAX_WAITING + 1)
    probe.close()
    assert waits_s[-1] == pytest.approx(0.0, abs=1e-9)


async def test_a_request_counts_from_when_it_is_here_until_it_is_answered() -> None:
    now_s = 5.0
    hub = Hub(unhurried(), clock=lambda: now_s)
    ages_s: list[float] = []

    async def body() -> AsyncIterator[bytes]:
        nonlocal now_s
        yield b"{"
        now_s += 7.0  # the client's own time
        ages_s.append(hub.pending_requests.oldest_s)
        yield b"}"

    def make(*_: object) -> None:
        nonlocal now_s
        now_s += 3.0
        ages_s.append(hub.pending_requests.oldest_s)
        raise ZeroDivisionError

    hub.rooms.make = make  # type: ignore[method-assign, assignment]
    async with hub:
        hub.warm_up()
        transport = httpx.ASGITransport(create_app(hub), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://engine.test") as client:
            answer = await client.post("/rooms", content=body())
    assert answer.status_code == 500
    assert ages_s == [0.0, 3.0]
    assert hub.pending_requests.oldest_s == 0.0


def test_the_oldest_of_several_requests_counts() -> None:
    now_s = 10.0
    pending = PendingRequests(lambda: now_s)
    for name in ("a", "b", "a"):
        pending.begin(name)
        now_s += 1.0
    assert pending.oldest_s == 3.0
    pending.end("a")
    assert pending.oldest_s == 2.0
    pending.end("b")
    pending.end("b")
    assert pending.oldest_s == 0.0
