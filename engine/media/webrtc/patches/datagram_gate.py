"""What may come in by a socket of ICE, and from whom: everything by UDP passes here first.

Anyone can send to the port. STUN authenticates itself (RFC 8445, section 7); all else, DTLS and
SRTP, is taken only from an address with which a connectivity check has succeeded, one way or the
other, and only if it fits a packet. aioice looks at neither, so a datagram from anywhere would reach
OpenSSL and libsrtp, where one forged record fails a handshake, and one of 1,600 bytes is an error
that ends the connection.
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
"""Longest datagram that is read, one that is longer is cut. asyncio would make room for 256 KiB."""

MAX_PACKET_BYTES = 1500
"""Longest datagram that is taken: WebRTC's fit an Ethernet frame, and libsrtp's buffer has this size."""

MAX_STUN_BYTES = 548
"""Longest STUN message that is parsed (RFC 8489, section 6.1); ICE's have some 100 bytes."""

COOKIE = stun.COOKIE.to_bytes(4, "big")

MAX_WAITING = 256
"""Datagrams that may wait for aiortc's task."""

MAX_ADDRESSES = 64
"""Addresses of a far end that are remembered, the latest: each change of its network is another one."""

MAX_REMOTE_CANDIDATES = 100
"""Addresses from which checks are answered, in all (RFC 8445, section 5.1.2.2 names the number)."""

log = logging.getLogger(__name__)
_limited_log = LogLimiter(log)

Address = tuple[str, int]


def install_datagram_gates() -> None:
    """Put a :class:`DatagramGate` before each socket that aioice opens from now on.

    Malformed STUN becomes the error that aioice expects of it, from a TURN server too.
    """
    if aioice.ice.StunProtocol is not DatagramGate:
        aioice.ice.StunProtocol = DatagramGate  # type: ignore[misc]
        stun.parse_message = _parsed


def _parsed(data: bytes, parse: Callable[[bytes], stun.Message] = stun.parse_message) -> stun.Message:
    try:
        return parse(data)
    except struct.error as error:
        raise ValueError(f"STUN attribute of a wrong length ({error})") from error


class DatagramGate(aioice.ice.StunProtocol):
    """Stands in for aioice's ``StunProtocol``, for sockets and relays alike."""

    def __init__(self, receiver: aioice.ice.Connection) -> None:
        super().__init__(receiver)
        self.early: Callable[[bytes], bool] | None = None
        """Takes an SRTP packet at once; false when it must go aiortc's own way."""
        self.present: Callable[[], bool] | None = None
        """Whether authenticated media has come of late."""
        self._known: dict[Address, None] = {}
        """Addresses that a check has succeeded with, the latest last."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin with a socket, or a relay, which has no such bound."""
        super().connection_made(transport)
        if hasattr(transport, "max_size"):
            transport.max_size = MAX_READ_BYTES

    def datagram_received(self, data: bytes | str, addr: tuple[Any, ...]) -> None:
        """Take a datagram, anything at all, from an address: what may not come in is dropped."""
        assert isinstance(data, bytes)
        size = len(data)
        address = addr[:2]
        if not 0 < size <= MAX_PACKET_BYTES:
            _limited_log.tell("a datagram of %d bytes was dropped", size)
        elif data[0] < 4:  # STUN (RFC 7983)
            self._checked(data, address)
        elif address not in self._known:
            _limited_log.tell("a datagram was dropped: it came from an address without a connectivity check")
        elif 127 < data[0] < 192 and self.early is not None and self.early(data):
            pass
        elif self.receiver._queue.qsize() < MAX_WAITING:
            self.receiver.data_received(data, self.local_candidate.component)

    def _checked(self, data: bytes, address: Address) -> None:
        """Take a STUN message; one that is malformed has no effect."""
        if len(data) > MAX_STUN_BYTES or data[4:8] != COOKIE:
            _limited_log.tell("a datagram of %d bytes was dropped: it is no STUN of ICE", len(data))
            return
        try:
            message = stun.parse_message(data)  # what is none would be handed on as data
            if (
                message.message_class == stun.Class.REQUEST
                and address not in self._known
                and len(self.receiver._remote_candidates) >= MAX_REMOTE_CANDIDATES
            ):
                raise ValueError("the far end has too many addresses")
            super().datagram_received(data, address)
        except Exception as error:  # values, missing keys: whatever aioice's code runs into
            _limited_log.tell("a STUN message was dropped: %s: %s", type(error).__name__, error)

    def send_stun(self, message: stun.Message, addr: Address) -> None:
        """Send a message; whoever is answered a check has passed it.

        aioice answers so only to a request with the right MESSAGE-INTEGRITY (RFC 8445, section 7.3).
        DTLS may follow at once, before the check in the other direction has succeeded.
        """
        if (message.message_class, message.message_method) == (stun.Class.RESPONSE, stun.Method.BINDING):
            self._know(addr)
        super().send_stun(message, addr)

    async def request(
        self,
        request: stun.Message,
        addr: Address,
        integrity_key: bytes | None = None,
        retransmissions: int | None = None,
    ) -> tuple[stun.Message, Address]:
        """Send a request and wait for its answer; an authenticated one lets its address in.

        Requests that are sent once only are for consent (RFC 7675). Some publishers, ffmpeg's WHIP among
        them, stop answering those, and aioice would close the connection after half a minute: who sends
        media that decrypts is there, whatever they don't answer.
        """
        try:
            answer, by = await super().request(request, addr, integrity_key, retransmissions)
        except stun.TransactionError:
            if retransmissions == 0 and self.present is not None and self.present():
                return request, addr
            raise
        if integrity_key is not None and by == addr:
            self._know(addr)
        return answer, by

    def _know(self, address: Address) -> None:
        self._known.pop(address, None)
        self._known[address] = None
        while len(self._known) > MAX_ADDRESSES:
            del self._known[next(iter(self._known))]
