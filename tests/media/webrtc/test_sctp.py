"""Far ends whose SCTP is odd, hostile or without end: bounded work, and only they are cut off."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest

from engine.media.webrtc.patches import sctp as guarded
from engine.protocol import messages
from engine.server.sessions.live_session import LiveSession
from tests.harness.calls import Page, Server, running, until
from tests.harness.fuzz.sctp import (  # fmt: skip
    BEGINNING,
    COOKIE_ECHO,
    DCEP,
    END,
    ERROR,
    FORWARD_TSN,
    HEARTBEAT,
    INIT,
    RECONFIG,
    UNORDERED,
    Packet,
    Raw,
    data,
    forgiving,
    opening,
    parameter,
    sack,
    send,
)


class Call:
    """A page whose SCTP a test has in its hand, and one that does nothing bad."""

    def __init__(self, server: Server, page: Page, other: Page) -> None:
        session = server.hub.find(page.session)
        assert session is not None
        self.server, self.page, self.other, self.session = server, page, other, session
        forgiving(self.sctp)

    @property
    def sctp(self) -> Any:
        """The page's association."""
        return self.page.connection.sctp

    async def answers(self, page: Page) -> bool:
        """Whether the server answers a page's ping."""
        page.channel.send('{"type": "ping", "id": 7}')
        return (await page.next(messages.Pong)).id == 7


@pytest.fixture
async def call() -> AsyncIterator[Call]:
    """Two pages that have called."""
    async with running() as server:
        page, other = Page(), Page()
        await page.call(server.address)
        await other.call(server.address)
        yield Call(server, page, other)
        await page.connection.close()
        await other.connection.close()


def guard_of(session: LiveSession) -> guarded.SctpGuard:
    """What stands before the server's side of a page's SCTP."""
    assert session.connection is not None
    assert session.connection.peer is not None
    sctp: Any = session.connection.peer._connection.sctp
    guard = sctp._handle_data.__self__
    assert isinstance(guard, guarded.SctpGuard)
    return guard


TRIES = 4
"""How often what is too much is sent."""


async def cut_off(call: Call, packets: list[Packet], guard: guarded.SctpGuard, said: str) -> None:
    """Send what is too much, and see who is told what."""
    ended, now_s = None, guard._at_s
    guard._clock = lambda: now_s  # all within a second, however long a busy machine takes
    for _ in range(TRIES):
        with suppress(ConnectionError):  # it may be cut off before all is sent
            await send(call.sctp, packets)
        with suppress(TimeoutError):
            ended = await call.page.next(messages.Ended, 10.0)
            break
    assert ended is not None
    assert ended.reason == "flooding"
    assert said in ended.message
    assert guard.broken is not None
    await until(lambda: call.server.hub.counts.readers_dropped["flooding"] == 1)
    assert await call.answers(call.other)


async def test_fragments_of_a_message_that_never_ends(call: Call) -> None:
    """Thirty thousand of one byte, each of which aiortc would look for among all before it."""
    guard, before = guard_of(call.session), guard_of(call.session).chunks_examined
    packets = [[data(first + n, flags=0) for n in range(58)] for first in range(0, 30_000, 58)]
    packets[0][0] = data(0, flags=BEGINNING)
    await cut_off(call, packets, guard, "unfinished messages")
    assert guard.chunks_examined - before < guarded.MAX_FRAGMENTS + 58 + 20
    assert guard._waiting()[0] <= guarded.MAX_FRAGMENTS + 58


def in_packets(chunks: list[Raw], count: int) -> list[Packet]:
    """Chunks, so many in a packet."""
    return [chunks[at : at + count] for at in range(0, len(chunks), count)]


TOO_MUCH: dict[str, tuple[list[Packet], str]] = {
    "fragments of no order": (
        in_packets([data(n, flags=UNORDERED, stream=n % 8) for n in range(600)], 50),
        "unfinished messages",
    ),
    "messages that wait for one before them": (
        in_packets([data(n, flags=BEGINNING | END, seq=5 + n) for n in range(600)], 50),
        "unfinished messages",
    ),
    "bytes of a message": (
        in_packets([data(n, b"z" * 1100, flags=BEGINNING if n == 0 else 0) for n in range(100)], 1),
        "16384 bytes",
    ),
    "streams": (
        in_packets([data(n, flags=BEGINNING, stream=n + 10) for n in range(120)], 10),
        "64 streams",
    ),
    "streams of FORWARD-TSN": (
        [[Raw(FORWARD_TSN, struct.pack("!L", 1) + b"".join(struct.pack("!HH", n, 1) for n in range(200)))]],
        "64 streams",
    ),
    "channels": (
        [
            [data(n, opening(b"coach"), flags=BEGINNING | END, stream=11 + 2 * n, protocol=DCEP)]
            for n in range(12)
        ],
        "8 data channels",
    ),
    "heartbeats": (in_packets([Raw(HEARTBEAT, parameter(1))] * 9000, 100), "chunks a second"),
    "cookies": (in_packets([Raw(COOKIE_ECHO, b"c" * 24)] * 9000, 40), "chunks a second"),
}


@pytest.mark.parametrize("case", TOO_MUCH)
async def test_too_much(call: Call, case: str) -> None:
    packets, said = TOO_MUCH[case]
    await cut_off(call, packets, guard_of(call.session), said)


NO_PLACE: dict[str, list[Packet]] = {
    "parameters without length": [
        [Raw(kind, parameter(1, length=0) + b"\0" * 8)] for kind in (HEARTBEAT, ERROR, RECONFIG, 5)
    ],
    "parameters of INIT without length": [[Raw(INIT, b"\0" * 16 + parameter(1, length=0))]],
    "wide gaps": [[sack(0, [(1, 65535)] * 250)]] * 40,
    "gaps that aren't there": [[sack(0, [], told=65535)]],
    "gaps that go back": [[sack(1, [(1, 1), (1, 1)])], [sack(1, [(1, 0)])], [sack(1, [(0, 0)])]],
    "what was never sent": [[sack(-(2**20), [])]],
    "a number far ahead": [[data(2**20, flags=BEGINNING)], [Raw(FORWARD_TSN, struct.pack("!L", 2**30))]],
    "streams cut short": [[Raw(FORWARD_TSN, struct.pack("!LH", 0, 1))], [Raw(FORWARD_TSN, b"\0")]],
    "resets cut short": [
        [Raw(RECONFIG, parameter(13, b"\0" * 5))], [Raw(RECONFIG, parameter(13, b"\0" * 13))],
        [Raw(RECONFIG, parameter(16, b"\0"))], [Raw(RECONFIG, parameter(17, b"\0" * 4))],
    ],
    "INIT in an association": [[Raw(INIT, struct.pack("!LLHHL", 1, 65536, 9, 9, 99))]] * 50,
    "INIT among others": [[Raw(INIT, struct.pack("!LLHHL", 1, 65536, 9, 9, 99)), Raw(HEARTBEAT)]],
    "data without content": [[data(0, b"", flags=BEGINNING | END)]],
    "lengths that lie": [[Raw(HEARTBEAT, b"\0" * 8, length=length)] for length in (0, 3, 60000)],
}  # fmt: skip


@pytest.mark.parametrize("case", NO_PLACE)
async def test_what_has_no_place_is_dropped(call: Call, case: str) -> None:
    guard = guard_of(call.session)
    await send(call.sctp, NO_PLACE[case])
    assert await call.answers(call.page)
    assert guard.broken is None


async def test_window_and_longest_message_are_told(call: Call) -> None:
    assert call.page.response is not None
    assert f"a=max-message-size:{guarded.MAX_MESSAGE_BYTES}\r\n" in call.page.response.text
    guard = guard_of(call.session)
    assert await call.answers(call.page)
    assert guard._sctp._advertised_rwnd == guarded.MAX_WAITING_BYTES


async def test_long_messages_and_lost_packets_are_as_ever(call: Call) -> None:
    """The longest message arrives, also when its fragments come out of order and twice."""
    guard = guard_of(call.session)
    stream = call.page.channel.id
    assert stream is not None
    seq = call.sctp._outbound_stream_seq.get(stream, 0)
    last = guarded.MAX_MESSAGE_BYTES // 1024 - 1
    chunks = [
        data(n, b"m" * 1024, flags=BEGINNING * (n == 0) | END * (n == last), seq=seq, stream=stream)
        for n in range(last + 1)
    ]
    call.sctp._outbound_stream_seq[stream] = seq + 1
    await send(call.sctp, [[one] for one in [*chunks[::-1], *chunks]], advance=True)
    assert (await call.page.next(messages.Error)).code == "too_long"
    assert await call.answers(call.page)
    assert guard.broken is None
