"""Hostile clients, each bounded in time and in what it sends; only for servers on this machine.

    python -m benchmarks.net.attacks NAME ADDRESS [--ports 1,2,…] [--seconds S]

Prints one JSON object: how often each action was done, and the server's answers.
:mod:`benchmarks.hostile` runs it in a process of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import ssl
import sys
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx
from aiortc import RTCConfiguration, RTCPeerConnection
from aiortc.rtcsctptransport import DataChunk

from tests.harness.net.loopback import only_loopback

from .attack_target import Target, client, connected, frame, offered, room, websocket
from .datagram_attacks import long_datagrams, stun

Attack = Callable[["Target"], Coroutine[Any, Any, None]]

FRAGMENTS = 30_000
"""SCTP fragments sent."""

SLOW_CONNECTIONS = 4_000
"""Connections that are kept open."""

ROOMS = 1_000
"""Rooms asked for."""

DEAD_OFFERS = 45
"""Offers whose connection never follows."""

CONSENTS = 60
"""Requests to observe a room."""

CHUNKED_BYTES = 400_000_000
"""Longest body sent."""

CANDIDATES_BYTES = 64_000
"""Length of a fragment of candidates: the longest that is allowed."""


async def fragments(target: Target) -> None:
    """Send one-byte fragments of an endless message (RFC 9260, section 6.9) as a connected peer."""
    peer = await connected(target)
    sctp = peer.sctp
    assert sctp is not None
    tsn = sctp._local_tsn
    ended_s = time.monotonic() + target.seconds
    for number in range(FRAGMENTS):
        chunk = DataChunk(flags=2 if number == 0 else 0)
        chunk.tsn = (tsn + number) & 0xFFFFFFFF
        chunk.stream_id, chunk.stream_seq, chunk.protocol, chunk.user_data = 0, 60_000, 51, b"x"
        try:
            await sctp._send_chunk(chunk)
        except ConnectionError:
            target.done["closed by the server"] += 1
            break
        target.done["fragments"] += 1
        if number % 100 == 0:
            await asyncio.sleep(0.002)
        if time.monotonic() > ended_s:
            break
    await peer.close()


async def candidates(target: Target) -> None:
    """PATCH as many candidates as fit into the longest fragment."""
    peer, _, answer = await offered(target)
    location = str(httpx.URL(target.address).join(answer.headers["location"]))
    async with client() as http:
        headers = {"content-type": "application/trickle-ice-sdpfrag", "if-match": answer.headers["etag"]}
        ended_s = time.monotonic() + target.seconds
        for number in range(200):
            lines: list[str] = []
            while sum(map(len, lines)) + 2 * len(lines) < CANDIDATES_BYTES:
                at = number * 5_000 + len(lines)
                address = f"127.{at >> 16 & 255}.{at >> 8 & 255}.{at & 255}"
                lines.append(f"a=candidate:{at} 1 udp 2130706431 {address} 9 typ host")
            told = await http.patch(location, content="\r\n".join(lines), headers=headers)
            target.done[str(told.status_code)] += 1
            if time.monotonic() > ended_s:
                break
    await peer.close()


async def slow_connections(target: Target) -> None:
    """Open connections that send nothing, or one header line a second, up to the system's limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    writers: list[asyncio.StreamWriter] = []
    ended_s = time.monotonic() + target.seconds
    for number in range(min(SLOW_CONNECTIONS, hard - 100)):
        try:
            async with asyncio.timeout(2):
                _, writer = await asyncio.open_connection(*target.host)
        except (OSError, TimeoutError) as error:
            target.done[type(error).__name__] += 1
            if time.monotonic() > ended_s:
                break
            continue
        writers.append(writer)
        target.done["connections"] += 1
        if number % 2:
            writer.write(b"GET / HTTP/1.1\r\nHost: " + target.authority + b"\r\n")
        if time.monotonic() > ended_s:
            break
    while time.monotonic() < ended_s:
        for number, writer in enumerate(writers):
            if number % 2 and not writer.is_closing():
                writer.write(b"X-Slow: 1\r\n")
        await asyncio.sleep(1)
    target.done["closed by the server"] = sum(writer.is_closing() for writer in writers)
    for writer in writers:
        writer.transport.abort()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def endless_bodies(target: Target) -> None:
    """Send endless chunked bodies (RFC 9112, section 7.1) to every route that reads one."""
    ended_s = time.monotonic() + target.seconds
    part = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    for path in (b"POST /rooms", b"POST /whip", b"DELETE /whip/x", b"POST /rooms/x/seats", b"GET /"):
        reader, writer = await asyncio.open_connection(*target.host)
        writer.write(path + b" HTTP/1.1\r\nHost: " + target.authority + b"\r\n")
        writer.write(b"Content-Type: application/sdp\r\nTransfer-Encoding: chunked\r\n\r\n")
        sent = 0
        try:
            while sent < CHUNKED_BYTES and time.monotonic() < ended_s:
                writer.write(part)
                sent += len(part)
                async with asyncio.timeout(2):
                    await writer.drain()
        except (OSError, TimeoutError) as error:
            target.done[type(error).__name__] += 1
        target.done["bytes"] += sent
        try:
            async with asyncio.timeout(1):
                target.done[(await reader.readline()).decode("latin-1").strip() or "closed"] += 1
        except (OSError, TimeoutError) as error:
            target.done[type(error).__name__] += 1
        writer.transport.abort()


async def frames(target: Target) -> None:
    """Send empty continuation frames, then pings whose pongs are never read, 2.5 MB a second each."""
    path = f"{urlsplit(target.address).path}rooms/{await room(target)}/live"
    pieces = (
        ("continuations", frame(1, b"{", fin=False), frame(0, fin=False) * 4_000),
        ("pings", b"", frame(9, b"x" * 119) * 200),
    )
    for name, opening, piece in pieces:
        _, writer = await websocket(target, path)
        writer.write(opening)
        began_s, sent = time.monotonic(), 0
        try:
            while (passed_s := time.monotonic() - began_s) < target.seconds / 2:
                writer.write(piece)
                sent += len(piece)
                async with asyncio.timeout(2):
                    await writer.drain()
                await asyncio.sleep(max(0.0, sent / 2.5e6 - passed_s))
        except (OSError, TimeoutError) as error:
            target.done[f"{name}: {type(error).__name__}"] += 1
        target.done[f"{name}: bytes"] += sent
        writer.transport.abort()


async def quotas(target: Target) -> None:
    """Ask for rooms, offers that never connect, tokens and consents, as fast as possible."""
    name = await room(target)
    async with client() as http:
        for _ in range(ROOMS):
            told = await http.post(f"{target.address}rooms", json={})
            target.done[f"rooms {told.status_code}"] += 1
        for number in range(DEAD_OFFERS):
            peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
            peer.createDataChannel("coach")
            peer.addTransceiver("audio", direction="sendonly")
            await peer.setLocalDescription(await peer.createOffer())
            headers = {"content-type": "application/sdp"}
            sdp = peer.localDescription.sdp
            told = await http.post(f"{target.address}whip", content=sdp, headers=headers)
            target.done[f"offers {told.status_code}"] += 1
            headers["sottovoce-resume"] = f"guess.{number}"
            told = await http.post(f"{target.address}whip", content=sdp, headers=headers)
            target.done[f"tokens {told.status_code}"] += 1
            await peer.close()
        for _ in range(CONSENTS):
            told = await http.post(f"{target.address}rooms/{name}/observers")
            target.done[f"observers {told.status_code}"] += 1


async def aborted(target: Target) -> None:
    """Break off POSTs, and close the sockets of rooms before they enter."""
    path = f"{urlsplit(target.address).path}rooms/{await room(target)}/live"
    ended_s = time.monotonic() + target.seconds
    while time.monotonic() < ended_s:
        _, writer = await asyncio.open_connection(*target.host)
        writer.write(
            b"POST /whip HTTP/1.1\r\nHost: " + target.authority + b"\r\nContent-Type: application/sdp\r\n"
            b"Content-Length: 5000\r\n\r\nv=0"
        )
        await writer.drain()
        writer.transport.abort()
        target.done["posts"] += 1
        try:
            async with asyncio.timeout(2):
                _, writer = await websocket(target, path)
            writer.transport.abort()
            target.done["sockets"] += 1
        except (OSError, EOFError, TimeoutError) as error:
            target.done[type(error).__name__] += 1
        await asyncio.sleep(0.005)


ATTACKS: dict[str, Attack] = {
    "long datagrams, forged DTLS": long_datagrams,
    "SCTP fragments": fragments,
    "candidates": candidates,
    "slow connections": slow_connections,
    "endless bodies": endless_bodies,
    "WebSocket frames": frames,
    "rooms, offers, tokens": quotas,
    "malformed STUN": stun,
    "aborted requests": aborted,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one attack from the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.net.attacks")
    parser.add_argument("name", choices=ATTACKS)
    parser.add_argument("address")
    parser.add_argument("--ports", default="", help="UDP ports on 127.0.0.1, comma-separated")
    parser.add_argument("--seconds", type=float, default=5.0)
    asked = parser.parse_args(argv)
    host = urlsplit(asked.address).hostname or ""
    if host not in ("127.0.0.1", "localhost", "::1"):
        parser.error(f"{host} is not this machine: only a server on 127.0.0.1 is attacked")
    only_loopback()
    endpoints = [("127.0.0.1", int(port)) for port in asked.ports.split(",") if port]
    target = Target(asked.address, endpoints, asked.seconds, Counter())
    try:
        asyncio.run(ATTACKS[asked.name](target))
    except (OSError, EOFError, TimeoutError, ssl.SSLError, httpx.HTTPError, ValueError) as error:
        target.done[f"ended by {type(error).__name__}: {error}"[:120]] += 1  # how the server refuses
    print(json.dumps(dict(target.done)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
