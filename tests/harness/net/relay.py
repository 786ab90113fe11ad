"""A UDP relay between a speaker and the server that treats audio badly, the same way for the same seed.

Both sides' SDP is rewritten so that each knows only the relay. STUN, DTLS, SCTP and RTCP
pass unharmed: what is measured is what becomes of audio, not of a handshake.
"""

from __future__ import annotations

import asyncio
import functools
import random
import re
import socket
import time
from array import array
from collections.abc import Callable
from typing import NamedTuple, cast

CANDIDATE = re.compile(r"a=candidate:(\S+) (\d+) udp (\d+) (\S+) (\d+) typ host.*", re.IGNORECASE)

PLACED_BACK_S = 0.03
"""How long a packet is held that others overtake: one and a half packets of 20 ms."""

Address = tuple[str, int]


class Weather(NamedTuple):
    """What a network does to each packet, as probabilities 0..1 and seconds."""

    loss: float = 0.0
    burst: float = 0.0
    """That a burst of losses begins (Gilbert 1960)."""

    burst_packets: float = 4.0
    """Mean length of a burst."""

    jitter_s: float = 0.0
    """Each packet is held for a time between 0 and this, uniformly, and may be overtaken."""

    reordered: float = 0.0
    """Held for :data:`PLACED_BACK_S`."""

    duplicated: float = 0.0


class Fates:
    """What becomes of one packet after the other."""

    def __init__(self, weather: Weather, seed: int) -> None:
        self._weather = weather
        self._random = random.Random(seed)
        self._in_burst = False

    def next(self) -> tuple[float, ...]:
        """Seconds after which each copy is sent on; empty when it is lost."""
        weather, rng = self._weather, self._random
        if self._in_burst:
            self._in_burst = rng.random() >= 1 / weather.burst_packets
        else:
            self._in_burst = rng.random() < weather.burst
        # All are drawn every time, so that one kind of trouble doesn't shift another's.
        lost = rng.random() < weather.loss or self._in_burst
        held_s = rng.random() * weather.jitter_s
        held_s += PLACED_BACK_S * (rng.random() < weather.reordered)
        twice = rng.random() < weather.duplicated
        if lost:
            return ()
        return (held_s, held_s) if twice else (held_s,)


class Relay:
    """The way of one speaker, once :meth:`open` has made its two sockets.

    Attributes
    ----------
    arrived_s : monotonic time at which each packet, by its number, was sent on for the first
        time; NaN when it never was.
    lost : numbers of the packets that it has dropped.
    """

    def __init__(self, weather: Weather, seed: int) -> None:
        self._fates = Fates(weather, seed)
        self._speaker: Address | None = None
        self._server: Address | None = None
        self._facing_speaker = _Side(self._from_speaker)
        self._facing_server = _Side(self._from_server)
        self.active = False
        """Whether audio is treated at all."""

        self.arrived_s = array("d")
        self.lost: list[int] = []

    async def open(self) -> None:
        """Bind to this machine's own address, where both sides can reach it."""
        loop = asyncio.get_running_loop()
        for side in (self._facing_speaker, self._facing_server):
            await loop.create_datagram_endpoint(functools.partial(_itself, side), local_addr=("0.0.0.0", 0))

    def close(self) -> None:
        """Close the sockets."""
        self._facing_speaker.close()
        self._facing_server.close()

    def through(self, kind: str, sdp: str) -> str:
        """SDP that leads here: of an "offer" for the server, of an "answer" for the speaker."""
        found = [
            match
            for line in sdp.splitlines()
            if (match := CANDIDATE.match(line)) is not None and ":" not in match[4]
        ]
        if not found:
            raise ValueError("no IPv4 candidate in the SDP: the relay cannot stand between")
        address = found[0][4], int(found[0][5])
        if kind == "offer":
            self._speaker, side = address, self._facing_server
        else:
            self._server, side = address, self._facing_speaker
        line = f"a=candidate:1 1 udp {found[0][3]} {address[0]} {side.port} typ host"
        kept = [
            line if old == found[0][0] else old
            for old in sdp.splitlines()
            if old == found[0][0] or not old.startswith("a=candidate:")
        ]
        return "\r\n".join(kept) + "\r\n"

    # --- inside ----------------------------------------------------------------

    def _from_speaker(self, data: bytes, source: Address) -> None:
        self._speaker = source
        if not _is_rtp(data):
            self._on(data)
            return
        number = self._number(data)
        for held_s in self._fates_of(number):
            if held_s <= 0:
                self._pass(data, number)
            else:
                asyncio.get_running_loop().call_later(held_s, self._pass, data, number)

    def _from_server(self, data: bytes, source: Address) -> None:
        self._server = source
        if self._speaker is not None:
            self._facing_speaker.send(data, self._speaker)

    def _fates_of(self, number: int) -> tuple[float, ...]:
        if not self.active:
            return (0.0,)
        fates = self._fates.next()
        if not fates:
            self.lost.append(number)
        return fates

    def _number(self, data: bytes) -> int:
        """Number of a packet since the first, from its 16 bits of sequence number."""
        count = len(self.arrived_s)
        number = count + ((int.from_bytes(data[2:4], "big") - count + 0x8000) & 0xFFFF) - 0x8000
        while len(self.arrived_s) <= number:
            self.arrived_s.append(float("nan"))
        return number

    def _pass(self, data: bytes, number: int) -> None:
        if self.arrived_s[number] != self.arrived_s[number]:
            self.arrived_s[number] = time.monotonic()
        self._on(data)

    def _on(self, data: bytes) -> None:
        if self._server is not None:
            self._facing_server.send(data, self._server)


class _Side(asyncio.DatagramProtocol):
    """One socket: gives what comes in, and sends."""

    def __init__(self, take: Callable[[bytes, Address], None]) -> None:
        self._take = take
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._take(data, addr)

    @property
    def port(self) -> int:
        assert self._transport is not None
        return int(self._transport.get_extra_info("sockname")[1])

    def send(self, data: bytes, to: Address) -> None:
        if self._transport is not None:
            self._transport.sendto(data, to)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
            self._transport = None


def _itself(side: _Side) -> _Side:
    """Make no protocol: it is there already."""
    return side


def _is_rtp(data: bytes) -> bool:
    """Whether a datagram is audio: neither STUN nor DTLS (RFC 7983) nor RTCP (RFC 5761)."""
    return len(data) >= 12 and 128 <= data[0] < 192 and not 64 <= data[1] & 0x7F < 96
