"""Filter all datagrams that arrive at an ICE socket, by sender and size.

Anyone can send to the port. STUN authenticates itself (RFC 8445, section 7); DTLS and SRTP are accepted
only from an address with which a connectivity check has succeeded in either direction, and only up to the
size of a packet. aioice checks neither: a datagram from anywhere would reach OpenSSL and libsrtp, where one
forged record fails a handshake, and one of 1,600 bytes is an error that ends the connection.
"""

from __future__ import annotations

import asyncio
import logging
import struct
from collections.abc import Callable
from typing import Any

import aioice.ice
from aioice import stun

from .log_limit import LogLimiter

MAX_READ_BYTES = 2048
"""Longest read; a longer datagram is cut. asyncio would allocate 256 KiB."""

MAX_PACKET_BYTES = 1500
"""Longest datagram accepted: WebRTC's fit an Ethernet frame, and libsrtp's buffer has this size."""

MAX_STUN_BYTES = 548
"""Longest STUN message parsed (RFC 8489, section 6.1); those of ICE have about 100 bytes."""

COOKIE = stun.COOKIE.to_bytes(4, "big")

MAX_WAITING = 256
"""Most datagrams that wait for aiortc's task."""

MAX_ADDRESSES = 64
"""Addresses of a far end remembered, the latest; each change of its network adds one."""

MAX_REMOTE_CANDIDATES = 100
"""Most addresses whose checks are answered (the number of RFC 8445, section 5.1.2.2)."""

log = logging.getLogger(__name__)
_limited_log = LogLimiter(log)

Address = tuple[str, int]


def install_datagram_gates() -> None:
    """Put a :class:`DatagramGate` before each socket that aioice opens from now on.

    Malformed STUN raises the error that aioice expects, from a TURN server too.
    """
    if aioice.ice.StunProtocol is not DatagramGate:
        aioice.ice.StunProtocol = DatagramGate  # type: ignore[misc]
        stun.parse_message = _parse_stun


def _parse_stun(data: bytes, parse: Callable[[bytes], stun.Message] = stun.parse_message) -> stun.Message:
    try:
        return parse(data)
    except struct.error as error:
        raise ValueError(f"STUN attribute of a wrong length ({error})") from error


class DatagramGate(aioice.ice.StunProtocol):
    """Replacement of aioice's ``StunProtocol``, for sockets and relays alike."""

    def __init__(self, receiver: aioice.ice.Connection) -> None:
        super().__init__(receiver)
        self.take_srtp: Callable[[bytes], bool] | None = None
        """Takes an SRTP packet directly; returns false when it must go through aiortc."""
        self.media_present: Callable[[], bool] | None = None
        """Returns whether authenticated media came recently."""
        self._known: dict[Address, None] = {}
        """Addresses with a successful connectivity check, the latest last."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin with a socket, or with a relay, which has no such bound."""
        super().connection_made(transport)
        if hasattr(transport, "max_size"):
            transport.max_size = MAX_READ_BYTES

    def datagram_received(self, data: bytes | str, addr: tuple[Any, ...]) -> None:
        """Filter a datagram: pass it on, or drop it."""
        assert isinstance(data, bytes)
        size = len(data)
        address = addr[:2]
        if not 0 < size <= MAX_PACKET_BYTES:
            _limited_log.log("a datagram of %d bytes was dropped", size)
        elif data[0] < 4:  # STUN (RFC 7983)
            self._receive_stun(data, address)
        elif address not in self._known:
            _limited_log.log("a datagram was dropped: it came from an address without a connectivity check")
        elif 127 < data[0] < 192 and self.take_srtp is not None and self.take_srtp(data):
            pass
        elif self.receiver._queue.qsize() < MAX_WAITING:
            self.receiver.data_received(data, self.local_candidate.component)

    def _receive_stun(self, data: bytes, address: Address) -> None:
        """Process a STUN message; a malformed one has no effect."""
        if len(data) > MAX_STUN_BYTES or data[4:8] != COOKIE:
            _limited_log.log("a datagram of %d bytes was dropped: it is not ICE's STUN", len(data))
            return
        try:
            message = stun.parse_message(data)  # aioice would pass malformed STUN on as data
            if (
                message.message_class == stun.Class.REQUEST
                and address not in self._known
                and len(self.receiver._remote_candidates) >= MAX_REMOTE_CANDIDATES
            ):
                raise ValueError("the far end has too many addresses")
            super().datagram_received(data, address)
        except Exception as error:  # whatever aioice raises: ValueError, KeyError
            _limited_log.log("a STUN message was dropped: %s: %s", type(error).__name__, error)

    def send_stun(self, message: stun.Message, addr: Address) -> None:
        """Send a message; a success response to a check admits its address.

        aioice sends it only for a request with the right MESSAGE-INTEGRITY (RFC 8445, section 7.3).
        DTLS may follow at once, before the check in the other direction has succeeded.
        """
        if (message.message_class, message.message_method) == (stun.Class.RESPONSE, stun.Method.BINDING):
            self._remember_address(addr)
        super().send_stun(message, addr)

    async def request(
        self,
        request: stun.Message,
        addr: Address,
        integrity_key: bytes | None = None,
        retransmissions: int | None = None,
    ) -> tuple[stun.Message, Address]:
        """Send a request and wait for the response; an authenticated one admits its address.

        Requests without retransmission are consent checks (RFC 7675). Some publishers, ffmpeg's WHIP
        among them, stop answering those, and aioice would close the connection after half a minute:
        media that decrypts counts as consent.
        """
        try:
            answer, by = await super().request(request, addr, integrity_key, retransmissions)
        except stun.TransactionError:
            if retransmissions == 0 and self.media_present is not None and self.media_present():
                return request, addr
            raise
        if integrity_key is not None and by == addr:
            self._remember_address(addr)
        return answer, by

    def _remember_address(self, address: Address) -> None:
        self._known.pop(address, None)
        self._known[address] = None
        while len(self._known) > MAX_ADDRESSES:
            del self._known[next(iter(self._known))]
