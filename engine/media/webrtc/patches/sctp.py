"""SCTP of a far end (RFC 9260) before aiortc takes it: well formed, within bounds, and never without end.

aiortc keeps every fragment, gap and stream that comes, and goes through all of them for each that follows;
a parameter of length 0 or a SACK of wide gaps keeps it busy for good. So each packet is looked through here
first. What is malformed or has no place in the association's state is dropped, as the RFC says; a far end
that goes beyond what is kept for it, or sends on and on, is heard no more, and its owner is told why.
"""

from __future__ import annotations

import logging
import struct
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from aiortc.rtcsctptransport import WEBRTC_BINARY, WEBRTC_STRING, RTCSctpCapabilities

from .log_limit import LogLimiter

MAX_MESSAGE_BYTES = 16_384
"""Longest message that a far end may send (RFC 8841, section 6), told in the answer."""

MAX_WAITING_BYTES = 65_536
"""Of fragments that wait for the rest of their message: the receiver window that is told."""

MAX_FRAGMENTS = 256
"""That wait likewise: a message of the greatest length has 14 as browsers cut it."""

MAX_TSN_AHEAD = 4_096
"""Transmission sequence numbers that a far end may be ahead of the first that is missing."""

MAX_STREAMS = 64
MAX_CHANNELS = 8

CHUNKS_PER_S = 500.0
"""Steady rate, beside an acknowledgement for each chunk that it is sent. A page sends two or three."""

CHUNKS_BURST = 4_000.0

DATA, INIT, INIT_ACK, SACK, HEARTBEAT, HEARTBEAT_ACK, ABORT, SHUTDOWN = range(8)
ERROR, COOKIE_ECHO, RECONFIG, FORWARD_TSN = 9, 10, 130, 192

MIN_VALUE_BYTES = {DATA: 13, INIT: 16, INIT_ACK: 16, SACK: 12, SHUTDOWN: 4, FORWARD_TSN: 4}
"""Bytes that the value of a chunk has at least."""

PARAMETERS_AT = {INIT: 16, INIT_ACK: 16, HEARTBEAT: 0, HEARTBEAT_ACK: 0, ABORT: 0, ERROR: 0, RECONFIG: 0}
"""Where the parameters of a chunk begin in its value."""

RESETS = {13: 12, 16: 8, 17: 8}
"""Parameters of RE-CONFIG that are heeded (RFC 6525), and how long their values are at least."""

IN_ASSOCIATION = frozenset((DATA, SACK, SHUTDOWN, RECONFIG, FORWARD_TSN))

log = logging.getLogger(__name__)
_limited_log = LogLimiter(log)


class Chunk(NamedTuple):
    """A chunk of a packet: its type and its value."""

    type: int
    value: bytes


class SctpViolation(Exception):
    """What a far end does that nothing can be kept for; the text says what."""


def parse_chunks(packet: bytes) -> Iterator[Chunk]:
    """Chunks of a packet (RFC 9260, section 3).

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
    """Stands before the packets and the messages of an ``RTCSctpTransport``, from before it starts.

    Attributes
    ----------
    looked_at : chunks that were gone through, for whoever measures what a far end costs.
    broken : why it is heard no more; None as long as it is.
    """

    def __init__(self, sctp: Any, broken: Callable[[str], None], clock: Callable[[], float]) -> None:
        self.looked_at = 0
        self.broken: str | None = None
        self._sctp = sctp
        self._tell = broken
        self._clock = clock
        self._left = CHUNKS_BURST
        self._at_s = clock()
        self._sent_tsn: int = sctp._local_tsn
        self._was_open = False
        self._take = sctp._handle_data
        self._message = sctp._data_channel_receive
        sctp._handle_data = self._packet
        sctp._data_channel_receive = self._checked
        sctp._advertised_rwnd = MAX_WAITING_BYTES
        sctp.getCapabilities = lambda: RTCSctpCapabilities(maxMessageSize=MAX_MESSAGE_BYTES)

    async def _packet(self, packet: bytes) -> None:
        if self.broken is not None:
            return
        try:
            if self._passed(packet):
                await self._take(packet)
                self._measure()
        except ConnectionError:
            raise
        except SctpViolation as error:
            self._end(str(error))
        except Exception as error:  # aiortc's own words for what it did not expect
            log.info("what a far end sent broke SCTP: %r", error)
            self._end("what was sent breaks the rules of SCTP")

    def _end(self, why: str) -> None:
        self.broken = why
        log.info("a far end is heard no more: %s", why)
        self._tell(why)

    # --- before ------------------------------------------------------------------

    def _passed(self, packet: bytes) -> bool:
        """Whether aiortc may have a packet."""
        try:
            found = list(parse_chunks(packet))
        except ValueError as error:
            self._pay(1)
            log.debug("an SCTP packet was dropped: %s", error)
            return False
        self._pay(len(found))
        return self._has_place(found) and all(self._is_plausible(chunk) for chunk in found)

    def _pay(self, count: int) -> None:
        now_s, sent_tsn = self._clock(), self._sctp._local_tsn
        owed = (sent_tsn - self._sent_tsn) % 2**32  # acknowledgements of what it was sent
        earned = owed + (now_s - self._at_s) * CHUNKS_PER_S
        self._left = min(CHUNKS_BURST, self._left + earned) - count
        self._at_s, self._sent_tsn = now_s, sent_tsn
        self.looked_at += count
        if self._left < 0:
            raise SctpViolation(f"more than {CHUNKS_PER_S:g} SCTP chunks a second were sent")

    def _has_place(self, found: list[Chunk]) -> bool:
        """Whether chunks may come now (RFC 9260, section 4)."""
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
        """Whether the numbers of a chunk can be."""
        match chunk.type:
            case 0 | 192:
                [tsn] = struct.unpack_from("!L", chunk.value)
                ahead = (tsn - self._sctp._last_received_tsn) % 2**32
                full = chunk.type == DATA and ahead > 1 and self._waiting()[0] >= MAX_FRAGMENTS
                # What is behind has come before; aiortc acknowledges it again.
                return ahead >= 2**31 or (ahead <= MAX_TSN_AHEAD and not full)
            case 3:
                tsn, _, gaps, _ = struct.unpack_from("!LLHH", chunk.value)
                sent = (self._sctp._local_tsn - 1 - tsn) % 2**32
                bounds = [struct.unpack_from("!HH", chunk.value, 12 + 4 * gap) for gap in range(gaps)]
                # One that came late may tell of less than is known by now, never of what was not sent.
                return sent < 2**31 and _rising(bounds, sent)
        return True

    # --- after -------------------------------------------------------------------

    def _waiting(self) -> tuple[int, int]:
        """Fragments that wait for the rest of their message, and their bytes."""
        parts = [chunk for stream in self._sctp._inbound_streams.values() for chunk in stream.reassembly]
        return len(parts), sum(len(chunk.user_data) for chunk in parts)

    def _measure(self) -> None:
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

    async def _checked(self, stream: int, protocol: int, data: bytes) -> None:
        """Hand on a message that aiortc can take: text that isn't UTF-8 as bytes, no channel opened twice."""
        if protocol == WEBRTC_STRING and not _is_text(data):
            protocol = WEBRTC_BINARY
        try:
            await self._message(stream, protocol, data)
        except (AssertionError, ValueError, struct.error) as error:
            log.info("ignored on stream %d: %r", stream, error)


def _rising(bounds: list[tuple[Any, ...]], most: int) -> bool:
    """Whether gaps follow each other up to a number (RFC 9260, section 3.3.4)."""
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
