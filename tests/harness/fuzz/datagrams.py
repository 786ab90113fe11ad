"""Datagrams of every kind that shares a WebRTC port (RFC 7983), right, damaged and made up."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable

MOST_BYTES = 2048

MAGIC_COOKIE = 0x2112A442

Make = Callable[[random.Random], bytes]


def _size(chance: random.Random) -> int:
    """Return a length: mostly short, often at a limit of somebody's buffer, sometimes anything."""
    return chance.choice(
        (
            chance.randrange(0, 40),
            chance.randrange(0, 300),
            chance.choice((1, 12, 13, 1199, 1200, 1280, 1472, 1499, 1500, 1501, 1600, 2047, MOST_BYTES)),
            chance.randrange(0, MOST_BYTES + 1),
        )
    )


def _noise(chance: random.Random) -> bytes:
    return chance.randbytes(_size(chance))


def _stun(chance: random.Random) -> bytes:
    """Return a STUN message (RFC 8489, section 5) whose lengths may lie."""
    attributes = b""
    for _ in range(chance.randrange(0, 6)):
        value = chance.randbytes(chance.randrange(0, 64))
        claimed = chance.choice((len(value), len(value), chance.randrange(0, 65536)))
        kind = chance.choice((1, 6, 8, 9, 0x12, 0x14, 0x15, 0x20, 0x24, 0x25, 0x8028, 0x8029, 0x802A))
        attributes += struct.pack("!HH", kind, claimed) + value + bytes(-len(value) % 4)
    kind = chance.choice((0x0001, 0x0101, 0x0111, 0x0011, chance.randrange(0, 0x4000)))
    length = chance.choice((len(attributes), len(attributes), chance.randrange(0, 65536)))
    cookie = chance.choice((MAGIC_COOKIE, MAGIC_COOKIE, chance.getrandbits(32)))
    return struct.pack("!HHI", kind, length, cookie) + chance.randbytes(12) + attributes


def _dtls(chance: random.Random) -> bytes:
    """Return one or more DTLS records (RFC 6347, section 4.1): alerts, handshakes, anything."""
    out = b""
    for _ in range(chance.randrange(1, 4)):
        kind = chance.choice((20, 21, 22, 23, 24, 25, 63))
        body = chance.choice((b"\x02\x28", b"\x01\x00", chance.randbytes(chance.randrange(0, 300))))
        if kind == 22:
            body = (
                struct.pack("!BBHHBHBH", chance.randrange(0, 25), 0, len(body), 0, 0, 0, 0, len(body)) + body
            )
        claimed = chance.choice((len(body), len(body), chance.randrange(0, 65536)))
        version = chance.choice((0xFEFD, 0xFEFF, chance.getrandbits(16)))
        out += struct.pack(
            "!BHHHIH", kind, version, chance.randrange(0, 3), 0, chance.randrange(0, 9), claimed
        )
        out += body
    return out


def _rtp(chance: random.Random) -> bytes:
    """Return an RTP packet (RFC 3550, section 5.1) with CSRCs, extensions and padding that may lie."""
    flags = 0x80 | chance.choice((0, 0x10, 0x20, 0x30, chance.randrange(0, 64)))
    kind = chance.choice((0, 8, 13, 96, 101, 111, 126, chance.randrange(0, 256)))
    header = struct.pack(
        "!BBHII", flags, kind, chance.getrandbits(16), chance.getrandbits(32), chance.getrandbits(32)
    )
    return header + chance.randbytes(_size(chance))


def _rtcp(chance: random.Random) -> bytes:
    """Return an RTCP compound (RFC 3550, section 6.1) whose lengths and counts may lie."""
    out = b""
    for _ in range(chance.randrange(1, 5)):
        kind = chance.choice((200, 201, 202, 203, 204, 205, 206, 207, chance.randrange(192, 224)))
        body = chance.randbytes(4 * chance.randrange(0, 20))
        words = chance.choice((len(body) // 4, len(body) // 4, chance.randrange(0, 65536)))
        out += struct.pack("!BBH", 0x80 | chance.randrange(0, 64), kind, words) + body
    return out + (b"" if chance.random() < 0.8 else chance.randbytes(_size(chance)))


def _channel_data(chance: random.Random) -> bytes:
    """Return TURN channel data (RFC 8656, section 12.4)."""
    body = chance.randbytes(_size(chance))
    claimed = chance.choice((len(body), chance.randrange(0, 65536))) & 0xFFFF
    return struct.pack("!HH", chance.randrange(0x4000, 0x5000), claimed) + body


def _first_byte(chance: random.Random) -> bytes:
    """Return something that begins with any byte at all."""
    return bytes((chance.randrange(0, 256),)) + chance.randbytes(_size(chance))


KINDS: tuple[Make, ...] = (_noise, _stun, _dtls, _rtp, _rtcp, _channel_data, _first_byte)


def datagrams(seed: int, count: int) -> list[bytes]:
    """Make datagrams of 0 to :data:`MOST_BYTES` bytes, the same ones for a seed."""
    chance = random.Random(seed)
    made = [chance.choice(KINDS)(chance)[:MOST_BYTES] for _ in range(count)]
    made[0] = b""
    return made
