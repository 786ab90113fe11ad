"""Odd HTTP requests and odd sequences of WebSocket frames, the same from the same seed.

Each is bytes for a connection of its own; frames follow a handshake that has to be sent before them.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from random import Random

Make = Callable[[Random], bytes]

PATHS = [
    b"/",
    b"/whip",
    b"/whip/",
    b"/whip/none/none",
    b"/rooms",
    b"/rooms/none/seats",
    b"/rooms/none/observers",
    b"/rooms/none/live",
    b"/sessions/none/live",
    b"/config.json",
    b"/drills",
    b"/healthz",
    b"/readyz",
    b"/metrics",
    b"/main.js",
    b"*",
    b"//",
    b"/..//..%2f..%2fetc/passwd",
    b"/%00",
    b"/main.js%00",
    b"/%ff%fe%fd",
    b"/%ed%a0%80",
    b"/%",
    b"/%zz?%zz",
    b"/whip?profile=%00&cues_off=,,,%ff",
    b"/" + b"a/" * 2000,
    b"/" + b"%2e" * 2000,
    b"http://[::1/",
    b"http://elsewhere.test/whip",
    b"elsewhere.test:443",
    b"/rooms/\xff/seats",
    b"",
]

METHODS = [b"GET", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"HEAD", b"TRACE", b"CONNECT"]
METHODS += [b"get", b"PRI", b"M" * 300, b"", b"G\x00T", b"\x16\x03\x01"]

VERSIONS = [
    b"HTTP/1.1",
    b"HTTP/1.1",
    b"HTTP/1.1",
    b"HTTP/1.0",
    b"HTTP/0.9",
    b"HTTP/2.0",
    b"HTTP/1.1 ",
    b"",
    b"X",
]

HEADERS = [
    b"Content-Type: application/sdp",
    b"Content-Type: application/trickle-ice-sdpfrag",
    b"Content-Type: \xff\xfe",
    b"Content-Length: 0",
    b"Content-Length: 5",
    b"Content-Length: 70000",
    b"Content-Length: -1",
    b"Content-Length: 5, 5",
    b"Content-Length: 99999999999999999999999",
    b"Content-Length: 0x10",
    b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: gzip, chunked",
    b"Transfer-Encoding: \x00",
    b"Connection: close",
    b"Connection: upgrade",
    b"Connection: ,,,keep-alive",
    b"Upgrade: websocket",
    b"Upgrade: h2c",
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    b"Sec-WebSocket-Key: nonsense",
    b"Sec-WebSocket-Version: 13",
    b"Sec-WebSocket-Version: 99",
    b"Sec-WebSocket-Protocol: a, b, c",
    b"Sec-WebSocket-Protocol: " + b",".join([b"a"] * 2000),
    b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=99",
    b"Sec-WebSocket-Extensions: ;;=,",
    b"Expect: 100-continue",
    b"Expect: nothing",
    b"Range: bytes=0-",
    b"Range: bytes=9-1,0-0,-1",
    b"Range: " + b",".join(b"%d-%d" % (at, at) for at in range(500)),
    b"If-None-Match: \xff",
    b"If-Modified-Since: never",
    b"If-Match: *",
    b"Origin: null",
    b"Origin: http://[",
    b"Origin: http://127.0.0.1:99999999",
    b"Access-Control-Request-Method: POST",
    b"Host: ",
    b"Host: [",
    b"Host: a b",
    b"Host: 127.0.0.1:port",
    b"X-Forwarded-For: ,,\xff, 1.2.3.4.5",
    b"X-Forwarded-Proto: javascript",
    b"Sottovoce-Resume: \xff\xfe",
    b"Sottovoce-Seat: 00000000." + b"a" * 500,
    b"Cookie: " + b"a=b; " * 500,
    b"A:" + b" " * 5000,
    b"no colon",
    b" folded: line",
    b"A\x00: b",
    b"A: b\x00c",
    b": no name",
]

BODIES: list[Make] = [
    lambda _: b"",
    lambda _: b"hello",
    lambda _: b"v=0\r\n",
    lambda _: b'{"mode": "interview", "role": "interviewer"}',
    lambda random: b"[" * random.randrange(3000),
    lambda random: random.randbytes(random.randrange(3000)),
    lambda random: b"v" * random.randrange(60_000, 80_000),
    lambda random: (
        b"".join(b"%x\r\n%s\r\n" % (n, b"v" * n) for n in range(1, random.randrange(2, 300))) + b"0\r\n\r\n"
    ),
    lambda random: b"1\r\nv\r\n" * random.randrange(5000),
    lambda _: b"ffffffffffffffffff\r\n",
    lambda _: b"5;" + b"x=y;" * 2000 + b"\r\nhello\r\n0\r\n\r\n",
    lambda _: b"0\r\n" + b"Trailer: x\r\n" * 1000 + b"\r\n",
    lambda _: b"-1\r\n\r\n",
]


def requests(seed: int, count: int) -> Iterator[bytes]:
    """Requests to send as they are, each on a connection of its own; many are cut off or go on too long."""
    for number in range(count):
        random = Random(f"{seed} {number}")
        parts = [_request(random) for _ in range(random.choice((1, 1, 1, 2, 5)))]  # pipelined
        data = bytearray(b"".join(parts))
        if random.random() < 0.3:
            for _ in range(random.randrange(1, 8)):
                data[random.randrange(len(data))] = random.randrange(256)
        if random.random() < 0.3:
            del data[random.randrange(len(data)) :]
        yield bytes(data)


def _request(random: Random) -> bytes:
    line = b" ".join((random.choice(METHODS), random.choice(PATHS), random.choice(VERSIONS)))
    headers = random.sample(HEADERS, random.randrange(8))
    if random.random() < 0.8:
        headers.insert(0, b"Host: 127.0.0.1")
    if random.random() < 0.05:
        headers += [b"H%d: v" % n for n in range(random.randrange(50, 900))]
    end = random.choice((b"\r\n", b"\r\n", b"\r\n", b"\n"))
    return end.join([line, *headers, b"", b""]) + random.choice(BODIES)(random)


def handshake(path: str, host: str) -> bytes:
    """A WebSocket's handshake (RFC 6455, section 4.1)."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    ).encode()


TEXTS = [
    b"",
    b"{}",
    b"null",
    b"[[[[",
    b"\xff\xfe",
    b'{"type": "ping", "id": 1}',
    b'{"type": "ping", "id": 1e400}',
    b'{"type": "enter", "seat": "none"}',
    b'{"type": "enter", "seat": "\\ud800"}',
    b'{"type": "set_cue", "cue": "pace", "on": true}',
    b'{"type": "prepare_drill", "drill": "../../x"}',
    b'{"type": "end"}',
    b'{"type": ' + b"[" * 5000,
    b'{"type": "ping", "id": ' + b"9" * 5000 + b"}",
]


def frames(seed: int, count: int) -> Iterator[bytes]:
    """Sequences of frames to send after a handshake: allowed ones, others, cut off and far too many."""
    for number in range(count):
        random = Random(f"{seed} {number} frames")
        data = b"".join(_frame(random) for _ in range(random.choice((1, 3, 10, 60))))
        if random.random() < 0.1:
            data += random.choice((b"\x00\x80aaaa", b"\x89\x80aaaa", b"\x81\x82aaaa\x1a\x1c")) * 3000
        if random.random() < 0.3:
            data = data[: random.randrange(len(data) + 1)]
        if random.random() < 0.2:
            data += random.randbytes(random.randrange(1, 200))
        yield data


def _frame(random: Random) -> bytes:
    """One frame (RFC 6455, section 5.2), whose every field may be wrong."""
    kind = random.choice((0, 1, 1, 1, 1, 2, 8, 9, 10, random.randrange(16)))
    final = 0x80 if random.random() < 0.8 else 0
    reserved = random.choice((0, 0, 0, 0, 0, 0x40, 0x20, 0x10))
    data = random.choice((random.choice(TEXTS), random.randbytes(random.randrange(200))))
    if kind == 8 and random.random() < 0.7:
        data = struct.pack("!H", random.choice((1000, 1001, 1005, 1006, 2999, 4000, 0))) + data[:100]
    length = len(data)
    if random.random() < 0.05:
        length = random.choice((0, 126, 65_536, 2**31, 2**63 - 1, 2**64 - 1))
    masked = 0x80 if random.random() < 0.95 else 0
    if length < 126 and random.random() < 0.95:
        size = bytes([masked | length])
    elif length < 65_536:
        size = bytes([masked | 126]) + struct.pack("!H", length)
    else:
        size = bytes([masked | 127]) + struct.pack("!Q", length)
    key = random.randbytes(4) if masked else b""
    body = bytes(byte ^ key[at % 4] for at, byte in enumerate(data)) if masked else data
    return bytes([final | reserved | kind]) + size + key + body
