"""Odd SCTP: chunks as no browser sends them, for a far end that is connected."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, NamedTuple

from google_crc32c import value as crc32c

DATA, INIT, INIT_ACK, SACK, HEARTBEAT, HEARTBEAT_ACK, ABORT, SHUTDOWN = range(8)
SHUTDOWN_ACK, ERROR, COOKIE_ECHO, COOKIE_ACK, SHUTDOWN_COMPLETE = 8, 9, 10, 11, 14
RECONFIG, FORWARD_TSN = 130, 192
STRING, DCEP = 51, 50

BEGINNING, END, UNORDERED = 2, 1, 4


class Raw(NamedTuple):
    """A chunk. Sequence numbers in it count from the next one of the association that it is sent on."""

    type: int
    value: bytes = b""
    flags: int = 0
    length: int | None = None
    """What its header says, where that isn't so."""


Packet = list[Raw]


def data(
    tsn: int, content: bytes = b"x", *, flags: int = 0, stream: int = 1, seq: int = 0, protocol: int = STRING
) -> Raw:
    """DATA chunk (RFC 9260, section 3.3.1)."""
    return Raw(DATA, struct.pack("!LHHL", tsn % 2**32, stream, seq, protocol) + content, flags)


def sack(behind: int, gaps: list[tuple[int, int]], *, duplicates: int = 0, told: int | None = None) -> Raw:
    """SACK chunk; ``told`` is the number of gaps that it says it has."""
    head = struct.pack("!LLHH", -behind % 2**32, 65536, len(gaps) if told is None else told, duplicates)
    return Raw(SACK, head + b"".join(struct.pack("!HH", *gap) for gap in gaps))


def opening(label: bytes, *, told: int | None = None) -> bytes:
    """DATA_CHANNEL_OPEN (RFC 8832, section 5.1)."""
    return struct.pack("!BBHLHH", 3, 0, 0, 0, len(label) if told is None else told, 0) + label


def parameter(kind: int, value: bytes = b"", length: int | None = None) -> bytes:
    """Parameter of a chunk, with the length that it says it has."""
    return struct.pack("!HH", kind, len(value) + 4 if length is None else length) + value


def packed(sctp: Any, packet: Packet) -> bytes:
    """Packet for the far end of an association."""
    body = b""
    for chunk in packet:
        value = chunk.value
        base = {DATA: sctp._local_tsn, FORWARD_TSN: sctp._local_tsn, SACK: sctp._last_received_tsn or 0}
        if chunk.type in base and len(value) >= 4:
            [number] = struct.unpack_from("!L", value)
            value = struct.pack("!L", (number + base[chunk.type]) % 2**32) + value[4:]
        length = len(value) + 4 if chunk.length is None else chunk.length
        body += (
            struct.pack("!BBH", chunk.type, chunk.flags, length % 2**16) + value + b"\0" * (-len(value) % 4)
        )
    tag = 0 if packet and packet[0].type == INIT else sctp._remote_verification_tag
    head = struct.pack("!HHL", sctp._local_port, sctp._remote_port, tag)
    return head + struct.pack("<L", crc32c(head + b"\0\0\0\0" + body)) + body


async def send(sctp: Any, packets: list[Packet], *, advance: bool = False) -> None:
    """Send packets on an association; with ``advance`` it goes on after the last number that they used."""
    used = [
        struct.unpack_from("!L", chunk.value)[0]
        for packet in packets
        for chunk in packet
        if chunk.type == DATA
    ]
    for packet in packets:
        await sctp.transport._send_data(packed(sctp, packet))
    if advance and used:
        sctp._local_tsn = (sctp._local_tsn + max(used) + 1) % 2**32


def forgiving(sctp: Any) -> None:
    """Let a page's aiortc not fail on answers to what it doesn't know that it sent."""
    receive, handle = sctp._data_channel_receive, sctp._handle_data

    async def received(*message: Any) -> None:
        with contextlib.suppress(AssertionError):
            await receive(*message)

    async def handled(packet: bytes) -> None:
        with contextlib.suppress(Exception):
            await handle(packet)

    sctp._data_channel_receive, sctp._handle_data = received, handled


def sequences(seed: int) -> list[Packet]:
    """Some packets in a row, of one kind of trouble or of many; the same for the same seed."""
    random = Random(seed)
    kinds: list[Callable[[Random], Iterator[Raw]]] = [
        _fragments, _scattered, _streams, _channels, _gaps, _forward, _resets, _parameters, _control, _noise,
    ]  # fmt: skip
    chosen = random.sample(kinds, random.randint(1, 3))
    chunks = [chunk for kind in chosen for chunk in kind(random)]
    if random.random() < 0.4:
        random.shuffle(chunks)
    packets: list[Packet] = []
    while chunks:
        count = 1 if chunks[0].type == INIT else random.randint(1, 12)
        packets.append(chunks[:count])
        del chunks[:count]
    return packets


def _fragments(random: Random) -> Iterator[Raw]:
    """A message that never ends, or whose end comes first."""
    flags = random.choice((0, UNORDERED))
    for tsn in range(random.randint(1, 120)):
        begins = BEGINNING if tsn == 0 or random.random() < 0.05 else 0
        yield data(tsn, random.randbytes(random.choice((1, 1, 40, 200))), flags=flags | begins)


def _scattered(random: Random) -> Iterator[Raw]:
    for _ in range(random.randint(1, 60)):
        tsn = random.choice(
            (random.randint(0, 300), random.randint(0, 2**32 - 1), 2 * random.randint(0, 100))
        )
        flags, seq = random.randint(0, 7), random.randint(0, 2**16 - 1)
        yield data(tsn, random.randbytes(random.randint(0, 60)), flags=flags, seq=seq)


def _streams(random: Random) -> Iterator[Raw]:
    for tsn in range(random.randint(1, 90)):
        yield data(tsn, b"y", flags=BEGINNING, stream=random.randint(0, 2**16 - 1))


def _channels(random: Random) -> Iterator[Raw]:
    for tsn in range(random.randint(1, 12)):
        label = random.choice((b"coach", b"", random.randbytes(20), b"l" * 900))
        content = opening(label, told=random.choice((None, 0, 65535)))
        if random.random() < 0.3:
            content = content[: random.randint(0, len(content))]
        yield data(tsn, content, flags=BEGINNING | END, stream=3 + 2 * tsn, protocol=DCEP)


def _gaps(random: Random) -> Iterator[Raw]:
    for _ in range(random.randint(1, 20)):
        bounds = [
            (random.randint(0, 2**16 - 1), random.randint(0, 2**16 - 1)) for _ in range(random.randint(0, 30))
        ]
        bounds = random.choice((bounds, [(1, 65535)] * len(bounds)))
        told = random.choice((None, None, 65535))
        yield sack(random.choice((0, 1, random.randint(0, 2**32 - 1))), bounds, told=told)


def _forward(random: Random) -> Iterator[Raw]:
    for _ in range(random.randint(1, 10)):
        to = random.choice((random.randint(0, 50), 2**31 - 1, random.randint(0, 2**32 - 1)))
        streams = random.randbytes(random.choice((0, 4, 3, 800)))
        yield Raw(FORWARD_TSN, struct.pack("!L", to) + streams)


def _resets(random: Random) -> Iterator[Raw]:
    for _ in range(random.randint(1, 12)):
        kind = random.choice((13, 15, 16, 17, 18))
        value = random.randbytes(random.choice((0, 4, 8, 12, 13, 14, 300)))
        yield Raw(RECONFIG, parameter(kind, value, random.choice((None, None, 0, 3, 60000))))


def _parameters(random: Random) -> Iterator[Raw]:
    for _ in range(random.randint(1, 12)):
        values = b"".join(
            parameter(
                random.randint(0, 65535),
                random.randbytes(random.randint(0, 9)),
                random.choice((None, 0, 2, 999)),
            )
            for _ in range(random.randint(1, 4))
        )
        yield Raw(random.choice((HEARTBEAT, HEARTBEAT_ACK, ERROR, RECONFIG, 0x3F, 0xC1)), values)


def _control(random: Random) -> Iterator[Raw]:
    for _ in range(random.randint(1, 12)):
        kind = random.choice(
            (INIT, INIT_ACK, COOKIE_ECHO, COOKIE_ACK, SHUTDOWN_COMPLETE, SHUTDOWN_ACK, ERROR)
        )
        yield Raw(kind, random.randbytes(random.choice((0, 4, 16, 24, 60))))
    if random.random() < 0.2:
        yield random.choice((Raw(ABORT), Raw(SHUTDOWN, struct.pack("!L", random.randint(0, 2**32 - 1)))))


def _noise(random: Random) -> Iterator[Raw]:
    for _ in range(random.randint(1, 20)):
        length = random.choice((None, None, 0, 3, 5, 60000))
        yield Raw(
            random.randint(0, 255), random.randbytes(random.randint(0, 60)), random.randint(0, 255), length
        )
