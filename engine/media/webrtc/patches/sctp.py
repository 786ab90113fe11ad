"""Check a far end's SCTP packets (RFC 9260) before aiortc gets them: well formed, and within bounds.

aiortc keeps every fragment, gap and stream, and walks all of them for each packet; a parameter of length 0
or a SACK of wide gaps keeps it busy for good. So each packet is checked here first. Packets that are
malformed or don't fit the association's state are dropped, as the RFC says; a far end that exceeds a bound
or floods is cut off, and its owner is told why.
"""

from __future__ import annotations

import logging
import struct
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from aiortc.rtcsctptransport import WEBRTC_BINARY, WEBRTC_STRING, RTCSctpCapabilities

from .log_limit import LogLimiter

MAX_MESSAGE_BYTES = 16_384
"""Longest message that a far end may send (RFC 8841, section 6), announced in the answer."""

MAX_WAITING_BYTES = 65_536
"""Most bytes of fragments of incomplete messages: the announced receiver window."""

MAX_FRAGMENTS = 256
"""Most fragments of incomplete messages; browsers cut the longest message into 14."""

MAX_TSN_AHEAD = 4_096
"""How far a transmission sequence number may be ahead of the first one missing."""

MAX_STREAMS = 64
MAX_CHANNELS = 8

CHUNKS_PER_S = 500.0
"""Steady rate, without acknowledgements of the chunks sent to it. A page sends two or three."""

CHUNKS_BURST = 4_000.0

DATA, INIT, INIT_ACK, SACK, HEARTBEAT, HEARTBEAT_ACK, ABORT, SHUTDOWN = range(8)
ERROR, COOKIE_ECHO, RECONFIG, FORWARD_TSN = 9, 10, 130, 192

MIN_VALUE_BYTES = {DATA: 13, INIT: 16, INIT_ACK: 16, SACK: 12, SHUTDOWN: 4, FORWARD_TSN: 4}
"""Shortest value of a chunk in bytes, by type."""

PARAMETERS_AT = {INIT: 16, INIT_ACK: 16, HEARTBEAT: 0, HEARTBEAT_ACK: 0, ABORT: 0, ERROR: 0, RECONFIG: 0}
"""Offset of the parameters in a chunk's value, by type."""

RESETS = {13: 12, 16: 8, 17: 8}
"""Parameters of RE-CONFIG that are processed (RFC 6525), and the shortest length of their values."""

IN_ASSOCIATION = frozenset((DATA, SACK, SHUTDOWN, RECONFIG, FORWARD_TSN))

log = logging.getLogger(__name__)
_limited_log = LogLimiter(log)


class Chunk(NamedTuple):
    """A chunk of a packet: its type and its value."""

    type: int
    value: bytes


class SctpViolation(Exception):
    """A far end exceeded a bound; the text says which."""


def parse_chunks(packet: bytes) -> Iterator[Chunk]:
    """Yield the chunks of a packet (RFC 9260, section 3).

    Raises
    ------
    ValueError
        It is malformed.
    """
    at = 12
    if len(packet) < at + 4:
        raise ValueError("no chunk")
    while at <= len(packet) - 4:
        kind, _, length = struct.unpack_from("!BBH", packet, at)
        if length < 4 or at + length > len(packet):
            raise ValueError("length of a chunk")
        value = packet[at + 4 : at + length]
        if len(value) < MIN_VALUE_BYTES.get(kind, 0):
            raise ValueError("a chunk that is too short")
        if kind in PARAMETERS_AT:
            _check_parameters(value[PARAMETERS_AT[kind] :], RESETS if kind == RECONFIG else {})
        elif kind == FORWARD_TSN and len(value) % 4:
            raise ValueError("streams of FORWARD-TSN")
        elif kind == SACK and 12 + 4 * sum(struct.unpack_from("!HH", value, 8)) > len(value):
            raise ValueError("gaps of SACK")
        yield Chunk(kind, value)
        at += length + -length % 4


def _check_parameters(values: bytes, shortest: dict[int, int]) -> None:
    at = 0
    while at <= len(values) - 4:
        kind, length = struct.unpack_from("!HH", values, at)
        if length < 4 + shortest.get(kind, 0) or at + length > len(values) or (kind == 13 and length % 2):
            raise ValueError("length of a parameter")
        at += length + -length % 4


class SctpGuard:
    """Guard of the packets and messages of an ``RTCSctpTransport``; set up before it starts.

    Attributes
    ----------
    chunks_examined : number of chunks examined: what a far end has cost.
    broken : why the far end was cut off; None while it isn't.
    """

    def __init__(self, sctp: Any, broken: Callable[[str], None], clock: Callable[[], float]) -> None:
        self.chunks_examined = 0
        self.broken: str | None = None
        self._sctp = sctp
        self._on_violation = broken
        self._clock = clock
        self._left = CHUNKS_BURST
        self._at_s = clock()
        self._sent_tsn: int = sctp._local_tsn
        self._was_open = False
        self._aiortc_packet = sctp._handle_data
        self._aiortc_message = sctp._data_channel_receive
        sctp._handle_data = self._receive_packet
        sctp._data_channel_receive = self._receive_message
        sctp._advertised_rwnd = MAX_WAITING_BYTES
        sctp.getCapabilities = lambda: RTCSctpCapabilities(maxMessageSize=MAX_MESSAGE_BYTES)

    async def _receive_packet(self, packet: bytes) -> None:
        if self.broken is not None:
            return
        try:
            if self._is_allowed(packet):
                await self._aiortc_packet(packet)
                self._check_bounds()
        except ConnectionError:
            raise
        except SctpViolation as error:
            self._cut_off(str(error))
        except Exception as error:  # whatever aiortc raises for unexpected input
            log.info("a far end's packet failed in SCTP: %r", error)
            self._cut_off("what was sent breaks the rules of SCTP")

    def _cut_off(self, why: str) -> None:
        self.broken = why
        log.info("a far end is cut off: %s", why)
        self._on_violation(why)

    # --- before aiortc ------------------------------------------------------------------

    def _is_allowed(self, packet: bytes) -> bool:
        """Return whether a packet may be passed to aiortc."""
        try:
            found = list(parse_chunks(packet))
        except ValueError as error:
            self._spend(1)
            log.debug("an SCTP packet was dropped: %s", error)
            return False
        self._spend(len(found))
        return self._fits_state(found) and all(self._is_plausible(chunk) for chunk in found)

    def _spend(self, count: int) -> None:
        now_s, sent_tsn = self._clock(), self._sctp._local_tsn
        owed = (sent_tsn - self._sent_tsn) % 2**32  # it acknowledges what was sent to it
        earned = owed + (now_s - self._at_s) * CHUNKS_PER_S
        self._left = min(CHUNKS_BURST, self._left + earned) - count
        self._at_s, self._sent_tsn = now_s, sent_tsn
        self.chunks_examined += count
        if self._left < 0:
            raise SctpViolation(f"more than {CHUNKS_PER_S:g} SCTP chunks a second were sent")

    def _fits_state(self, found: list[Chunk]) -> bool:
        """Return whether chunks fit the association's state (RFC 9260, section 4)."""
        sctp, kinds = self._sctp, {chunk.type for chunk in found}
        state = sctp._association_state
        self._was_open = self._was_open or state is sctp.State.ESTABLISHED
        if state is sctp.State.CLOSED and self._was_open:
            return False
        if INIT in kinds and (len(found) > 1 or state is sctp.State.ESTABLISHED):
            return False
        if not kinds & IN_ASSOCIATION:
            return True
        agreed = sctp._last_received_tsn is not None and state is not sctp.State.CLOSED
        return agreed and (state is not sctp.State.COOKIE_WAIT or COOKIE_ECHO in kinds)

    def _is_plausible(self, chunk: Chunk) -> bool:
        """Return whether the numbers of a chunk are plausible."""
        match chunk.type:
            case 0 | 192:
                [tsn] = struct.unpack_from("!L", chunk.value)
                ahead = (tsn - self._sctp._last_received_tsn) % 2**32
                full = chunk.type == DATA and ahead > 1 and self._waiting()[0] >= MAX_FRAGMENTS
                # A number behind has been received; aiortc acknowledges it again.
                return ahead >= 2**31 or (ahead <= MAX_TSN_AHEAD and not full)
            case 3:
                tsn, _, gaps, _ = struct.unpack_from("!LLHH", chunk.value)
                sent = (self._sctp._local_tsn - 1 - tsn) % 2**32
                bounds = [struct.unpack_from("!HH", chunk.value, 12 + 4 * gap) for gap in range(gaps)]
                # A late SACK may report less than is known, but never what wasn't sent.
                return sent < 2**31 and _rising(bounds, sent)
        return True

    # --- after aiortc -------------------------------------------------------------------

    def _waiting(self) -> tuple[int, int]:
        """Return the number of fragments of incomplete messages, and their bytes."""
        parts = [chunk for stream in self._sctp._inbound_streams.values() for chunk in stream.reassembly]
        return len(parts), sum(len(chunk.user_data) for chunk in parts)

    def _check_bounds(self) -> None:
        fragments, size = self._waiting()
        if fragments > MAX_FRAGMENTS or size > MAX_WAITING_BYTES:
            raise SctpViolation(
                f"more than {MAX_FRAGMENTS} fragments or {MAX_WAITING_BYTES} bytes of unfinished messages; "
                f"a message may have {MAX_MESSAGE_BYTES} bytes"
            )
        if len(self._sctp._inbound_streams) > MAX_STREAMS:
            raise SctpViolation(f"more than {MAX_STREAMS} streams were used")
        if len(self._sctp._data_channels) > MAX_CHANNELS:
            raise SctpViolation(f"more than {MAX_CHANNELS} data channels were opened; one is enough")

    async def _receive_message(self, stream: int, protocol: int, data: bytes) -> None:
        """Pass a message to aiortc, text that isn't UTF-8 as bytes; ignore what it cannot process."""
        if protocol == WEBRTC_STRING and not _is_text(data):
            protocol = WEBRTC_BINARY
        try:
            await self._aiortc_message(stream, protocol, data)
        except (AssertionError, ValueError, struct.error) as error:
            log.info("ignored on stream %d: %r", stream, error)


def _rising(bounds: list[tuple[Any, ...]], most: int) -> bool:
    """Return whether gaps are in ascending order up to a number (RFC 9260, section 3.3.4)."""
    last = 0
    for first, end in bounds:
        if not last < first <= end <= most:
            return False
        last = end
    return True


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
