"""The gate before each socket: what strangers send has no effect, what a far end sends ends no other call."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any

import aioice.ice
import pytest
from aioice import stun
from aiortc import RTCSessionDescription

from engine.media.webrtc.offer import Offer
from engine.media.webrtc.patches import datagram_gate as gate
from engine.media.webrtc.patches import log_limit as seldom
from engine.media.webrtc.patches import rtp_receiver as early
from engine.media.webrtc.patches.datagram_gate import DatagramGate
from engine.media.webrtc.peer import Peer
from tests.harness.calls import Page, until
from tests.harness.ears import Ears
from tests.harness.fuzz.datagrams import datagrams

from .test_rtp_receiver import Call, calling

HELLO = bytes.fromhex("16feff0000000000000000002c010000200000000000000020") + bytes(32)
"""A DTLS record that pretends to be a handshake's."""

TOO_LONG = b"\x80\xc8" + bytes(1598)
"""SRTCP by its first bytes, longer than libsrtp's buffer."""


@pytest.fixture
async def faults() -> AsyncIterator[list[dict[str, Any]]]:
    """What the event loop was told that failed in a callback: a traceback each."""
    found: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, fault: found.append(fault))
    yield found
    loop.set_exception_handler(None)


@pytest.fixture(autouse=True)
def _untold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test be told as if nothing had been before."""
    monkeypatch.setattr(gate, "_limited_log", seldom.LogLimiter(gate.log))


def ice_of(connection: Any) -> Any:
    """A connection's aioice part."""
    return connection.getTransceivers()[0].receiver.transport.transport._connection


def gates(peer: Peer) -> list[DatagramGate]:
    """What stands before the sockets of a peer."""
    protocols: list[DatagramGate] = ice_of(peer._connection)._protocols
    assert all(isinstance(protocol, DatagramGate) for protocol in protocols)
    return protocols


class Stranger:
    """A socket of somebody else on this machine, who sends to every address of a peer."""

    def __init__(self, peer: Peer) -> None:
        self._to = [protocol.transport.get_extra_info("sockname") for protocol in gates(peer)]
        self._sockets = {}
        for address in self._to:
            family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
            self._sockets[address] = socket.socket(family, socket.SOCK_DGRAM)

    def send(self, data: bytes) -> None:
        for address in self._to:
            with contextlib.suppress(OSError):  # an address of this machine that can't be reached from it
                self._sockets[address].sendto(data, address)

    def close(self) -> None:
        for one in self._sockets.values():
            one.close()


async def from_peer(call: Call, data: bytes) -> None:
    """Send a datagram from the page's own address."""
    await call.sender.transport.transport._send(data)


@pytest.mark.parametrize(
    "data",
    [TOO_LONG, b"\x80\x60" + bytes(2500), HELLO, b"", b"\x00", bytes(20), b"\x80", b"\x15\xfe\xfd"],
)
async def test_one_datagram_of_a_stranger_ends_nothing(data: bytes, faults: list[dict[str, Any]]) -> None:
    async with calling() as call:
        call.talk()
        await call.heard()
        stranger = Stranger(call.peer)
        for _ in range(5):
            stranger.send(data)
            await call.heard(2)
        stranger.close()
        assert (call.ears.gone, faults) == (0, [])


@pytest.mark.parametrize("data", [TOO_LONG, b"\x80\x60" + bytes(2500), b"\x80", b"\xb0\xc8\x00\x00" * 3])
async def test_one_datagram_of_the_far_end_ends_nothing(data: bytes, faults: list[dict[str, Any]]) -> None:
    async with calling() as call:
        call.talk()
        await call.heard()
        await from_peer(call, data)
        await call.heard(20)
        assert (call.ears.gone, faults) == (0, [])


async def test_forged_handshake_before_the_real_one_is_not_looked_at(faults: list[dict[str, Any]]) -> None:
    page, ears = Page(), Ears()
    peer = await Peer.answer(Offer.read(await page.offer()), ears)
    stranger = Stranger(peer)
    for _ in range(3):
        stranger.send(HELLO)
        await asyncio.sleep(0)
    await page.connection.setRemoteDescription(RTCSessionDescription(peer.sdp, "answer"))
    page.audio.close()
    while not ears.packets:
        stranger.send(HELLO)
        await asyncio.sleep(0.005)
        assert peer._connection.connectionState not in ("failed", "closed")
    stranger.close()
    assert (ears.gone, faults) == (0, [])
    await page.connection.close()
    await peer.close()


def malformed() -> list[bytes]:
    """STUN that isn't right: lengths, attributes, methods."""

    def message(kind: int, attributes: bytes) -> bytes:
        length = len(attributes).to_bytes(2, "big")
        return kind.to_bytes(2, "big") + length + gate.COOKIE + bytes(12) + attributes

    return [
        message(1, bytes.fromhex("00240001ff000000")),  # PRIORITY of one byte
        message(1, bytes.fromhex("80280002ffff0000")),  # FINGERPRINT of two
        message(1, bytes.fromhex("000600022aff0000")),  # USERNAME that is no UTF-8
        message(1, bytes.fromhex("000c0001ff000000")),  # CHANNEL-NUMBER of one byte
        message(1, bytes.fromhex("00090002ff000000")),  # ERROR-CODE of two
        message(5, b""),  # no such method
        message(1, b"")[:-1],
    ]


async def test_malformed_stun_gives_one_line_and_no_effect(
    faults: list[dict[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    async with calling() as call:
        call.talk()
        await call.heard()
        stranger = Stranger(call.peer)
        for data in malformed():
            for _ in range(10):
                stranger.send(data)
            await from_peer(call, data)
            await call.heard(1)
        stranger.close()
        await call.heard(3)
        assert (call.ears.gone, faults) == (0, [])
        assert ice_of(call.peer._connection)._queue.empty()
    lines = [record for record in caplog.records if record.name == gate.log.name]
    assert len(lines) == 1
    assert "STUN message was dropped" in lines[0].getMessage()
    assert "Traceback" not in caplog.text


async def test_check_that_passes_but_lacks_its_priority_has_no_effect(faults: list[dict[str, Any]]) -> None:
    """It is the far end's own: the integrity is right."""
    async with calling() as call:
        call.talk()
        await call.heard()
        ice, stranger = ice_of(call.peer._connection), Stranger(call.peer)
        request = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
        request.attributes["USERNAME"] = f"{ice.local_username}:{ice.remote_username}"
        request.add_message_integrity(ice.local_password.encode())
        stranger.send(bytes(request))
        await call.heard(5)
        stranger.close()
        assert (call.ears.gone, faults) == (0, [])


async def test_what_nobody_reads_is_bounded() -> None:
    page, ears = Page(), Ears()
    peer = await Peer.answer(Offer.read(await page.offer()), ears)
    rng = random.Random(3)
    first = gates(peer)[0]
    first._remember_address(("127.0.0.1", 9))
    for _ in range(8 * gate.MAX_WAITING):
        first.datagram_received(bytes([rng.randrange(4, 256)]) + rng.randbytes(50), ("127.0.0.1", 9))
    assert ice_of(peer._connection)._queue.qsize() == gate.MAX_WAITING
    await page.connection.setRemoteDescription(RTCSessionDescription(peer.sdp, "answer"))
    page.audio.close()
    await until(lambda: len(ears.packets) > 3)
    await page.connection.close()
    await peer.close()


async def test_address_of_ipv6_is_known_whatever_its_scope() -> None:
    """asyncio gives four parts of it, aioice's checks go by two."""
    page = Page()
    peer = await Peer.answer(Offer.read(await page.offer()), Ears())
    first, waiting = gates(peer)[0], ice_of(peer._connection)._queue.qsize
    first.datagram_received(HELLO, ("fd00::1", 9, 0, 0))
    assert waiting() == 0
    first._remember_address(("fd00::1", 9))
    first.datagram_received(HELLO, ("fd00::1", 9, 0, 0))
    first.datagram_received(HELLO, ("fd00::1", 10, 0, 0))
    assert waiting() == 1
    await page.connection.close()
    await peer.close()


async def test_addresses_of_a_far_end_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever knows the password checks from ever new addresses; the one in use stays."""
    async with calling() as call:
        call.talk()
        await call.heard()
        ice, protocol = ice_of(call.peer._connection), gates(call.peer)[0]
        monkeypatch.setattr(protocol.transport, "sendto", lambda data, address: None)
        before = len(ice._remote_candidates)
        for port in range(1, 1000):
            request = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
            request.attributes["USERNAME"] = f"{ice.local_username}:{ice.remote_username}"
            request.attributes["PRIORITY"] = 1
            request.add_message_integrity(ice.local_password.encode())
            protocol.datagram_received(bytes(request), ("127.0.0.9", port))
        assert before < len(ice._remote_candidates) == gate.MAX_REMOTE_CANDIDATES
        assert len(protocol._known) <= gate.MAX_ADDRESSES
        monkeypatch.undo()


@pytest.fixture
def short_consent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Consent that is asked for often: without an answer or media a connection would end after 1.5 s."""
    monkeypatch.setattr(aioice.ice, "CONSENT_INTERVAL", 0.1)
    monkeypatch.setattr(aioice.ice, "CONSENT_FAILURES", 2)
    monkeypatch.setattr(stun, "RETRY_RTO", 0.1)


@pytest.mark.usefixtures("short_consent")
async def test_who_answers_no_consent_is_there_as_long_as_media_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(early, "PRESENCE_S", 60.0)  # media may be held up for as long by a busy machine
    async with calling() as call:
        call.talk()
        await call.heard()
        unanswered = 0

        def deaf(stock: Callable[..., None]) -> Callable[..., None]:
            def request_received(*what: Any) -> None:
                nonlocal unanswered
                unanswered += 1

            return request_received

        page = ice_of(call.page.connection)
        page.request_received = deaf(page.request_received)
        await until(lambda: unanswered >= 6)
        await call.heard(5)
        assert call.ears.gone == 0
        assert call.peer._connection.connectionState == "connected"
        # And one that sends nothing either is not there any more.
        monkeypatch.setattr(early, "PRESENCE_S", 0.5)
        call.page.connection.getSenders()[0].replaceTrack(None)
        await until(lambda: call.ears.gone > 0)


async def test_datagrams_of_every_kind_from_strangers_delay_and_end_nothing(
    faults: list[dict[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    """Before, during and after the handshake."""
    page, ears = Page(), Ears()
    peer = await Peer.answer(Offer.read(await page.offer()), ears)
    stranger = Stranger(peer)

    async def throw(seed: int, count: int) -> None:
        for data in datagrams(seed, count):
            stranger.send(data)
            await asyncio.sleep(0)  # so that the kernel has room for all of them: one is read a turn

    await throw(1, 300)
    during = asyncio.create_task(throw(2, 1000))
    await page.connection.setRemoteDescription(RTCSessionDescription(peer.sdp, "answer"))
    page.audio.close()
    await until(lambda: bool(ears.packets))
    await during
    await throw(3, 700)
    before = len(ears.packets)
    await until(lambda: len(ears.packets) > before + 10)
    sequence = [packet.sequence_number for packet, _ in ears.packets]
    assert [(number - sequence[0]) & 0xFFFF for number in sequence] == list(range(len(sequence)))
    assert (ears.gone, faults) == (0, [])
    assert peer._connection.connectionState == "connected"
    assert len([record for record in caplog.records if record.name == gate.log.name]) <= 5
    assert "Traceback" not in caplog.text
    stranger.close()
    await page.connection.close()
    await peer.close()


async def test_datagrams_of_every_kind_from_the_far_end_end_nothing(
    faults: list[dict[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    """Its audio goes on beside them: whoever can write its address may have sent them."""
    async with calling() as call:
        call.talk()
        await call.heard()
        for number, data in enumerate(datagrams(13, 2000)):
            await from_peer(call, data)
            if number % 50 == 0:
                await call.heard(1)
        await call.heard(10)
        assert (call.ears.gone, faults) == (0, [])
    assert "Traceback" not in caplog.text


def test_what_happens_often_is_told_seldom(caplog: pytest.LogCaptureFixture) -> None:
    now_s = 100.0
    notes = seldom.LogLimiter(gate.log, clock=lambda: now_s)
    for _ in range(500):
        notes.log("a datagram of %d bytes was dropped", 1600)
    notes.log("another thing")
    now_s += seldom.INTERVAL_S
    notes.log("a datagram of %d bytes was dropped", 9)
    assert [record.getMessage() for record in caplog.records] == [
        "a datagram of 1600 bytes was dropped",
        "another thing",
        "a datagram of 9 bytes was dropped (and 499 more since the last such line)",
    ]
