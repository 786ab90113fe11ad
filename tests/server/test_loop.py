"""The loop that serves: a few sockets a turn, all of them in the end, and everything else in between."""

from __future__ import annotations

import asyncio
import selectors
import socket
import time
from collections.abc import Iterator

import pytest

from engine.server import serve
from engine.server.loop import MAX_EVENTS, FairSelector, make
from engine.server.settings import Settings

SOCKETS = 3 * MAX_EVENTS


@pytest.fixture
def pairs() -> Iterator[list[tuple[socket.socket, socket.socket]]]:
    made = [socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(SOCKETS)]
    yield made
    for pair in made:
        for end in pair:
            end.close()


def test_no_socket_is_told_of_twice_before_all_were_told_of_once(
    pairs: list[tuple[socket.socket, socket.socket]],
) -> None:
    with FairSelector() as selector:
        for number, (end, other) in enumerate(pairs):
            selector.register(end, selectors.EVENT_READ, number)
            other.send(b"more than one turn's worth")
        for _ in range(2):
            turns = [selector.select(0) for _ in range(SOCKETS // MAX_EVENTS)]
            assert [len(turn) for turn in turns] == [MAX_EVENTS] * (SOCKETS // MAX_EVENTS)
            assert sorted(key.data for turn in turns for key, _ in turn) == list(range(SOCKETS))


def test_reading_and_writing_are_told_apart(pairs: list[tuple[socket.socket, socket.socket]]) -> None:
    (end, other), *_ = pairs
    both = selectors.EVENT_READ | selectors.EVENT_WRITE
    with FairSelector() as selector:
        selector.register(end, both)
        assert [events for _, events in selector.select(0)] == [selectors.EVENT_WRITE]
        other.send(b"x")
        assert [events for _, events in selector.select(None)] == [both]
        selector.modify(end, selectors.EVENT_READ)
        assert [events for _, events in selector.select(1)] == [selectors.EVENT_READ]
        end.recv(9)
        began_s = time.monotonic()
        assert selector.select(0.03) == []
        assert time.monotonic() - began_s >= 0.03
        selector.modify(end, selectors.EVENT_WRITE)
        other.close()  # an error or a hang-up wakes whoever waits, for whatever it is
        assert [events for _, events in selector.select(1)] == [selectors.EVENT_WRITE]


def test_what_takes_several_turns_does_not_wait_for_every_socket_in_each(
    pairs: list[tuple[socket.socket, socket.socket]],
) -> None:
    read: list[int] = []
    seen: list[int] = []

    async def several_turns() -> None:
        for _ in range(3):
            await asyncio.sleep(0)
            seen.append(len(read))

    async def main() -> None:
        loop = asyncio.get_running_loop()
        done = loop.create_future()

        def take(number: int) -> None:
            pairs[number][0].recv(99)
            read.append(number)
            if len(read) == SOCKETS:
                done.set_result(None)

        for number, (end, other) in enumerate(pairs):
            loop.add_reader(end, take, number)
            other.send(b"x")
        await asyncio.gather(several_turns(), done)
        for end, _ in pairs:
            loop.remove_reader(end)

    with asyncio.Runner(loop_factory=make) as runner:
        runner.run(main())
    assert sorted(read) == list(range(SOCKETS))
    assert all(count <= turns * MAX_EVENTS for turns, count in enumerate(seen, start=1))


def test_the_command_serves_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    selectors_seen: list[object] = []

    async def served(self: object, sockets: list[socket.socket]) -> None:
        selectors_seen.append(asyncio.get_running_loop()._selector)  # type: ignore[attr-defined]
        for bound in sockets:
            bound.close()

    monkeypatch.setattr(serve._SessionServer, "serve", served)
    monkeypatch.setattr(serve, "_freeze_heap", lambda: None)
    serve.run(Settings(port=0))
    assert [type(selector) for selector in selectors_seen] == [FairSelector]
