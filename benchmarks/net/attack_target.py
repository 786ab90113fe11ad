"""The server that is attacked, and the connections an attacker opens to it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx
from aiortc import RTCConfiguration, RTCDataChannel, RTCPeerConnection, RTCSessionDescription


class Target(NamedTuple):
    """The attacked server, and counts of what was done to it."""

    address: str
    endpoints: Sequence[tuple[str, int]]
    """UDP addresses and ports of running sessions."""

    seconds: float
    done: Counter[str]

    @property
    def host(self) -> tuple[str, int]:
        """Host and TCP port."""
        parts = urlsplit(self.address)
        return parts.hostname or "127.0.0.1", parts.port or 80

    @property
    def authority(self) -> bytes:
        """Value of the ``Host`` header."""
        return urlsplit(self.address).netloc.encode()


def client(**options: object) -> httpx.AsyncClient:
    """HTTP client that ignores proxies."""
    return httpx.AsyncClient(timeout=20, trust_env=False, **options)  # type: ignore[arg-type]


async def offered(target: Target) -> tuple[RTCPeerConnection, RTCDataChannel, httpx.Response]:
    """Post an offer as a page does; return the peer, its data channel and the server's answer."""
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    channel = peer.createDataChannel("coach")
    peer.addTransceiver("audio", direction="sendonly")
    await peer.setLocalDescription(await peer.createOffer())
    async with client() as http:
        answer = await http.post(
            f"{target.address}whip",
            content=peer.localDescription.sdp,
            headers={"content-type": "application/sdp"},
        )
    answer.raise_for_status()
    return peer, channel, answer


async def connected(target: Target) -> RTCPeerConnection:
    """Connect as a page does."""
    peer, channel, answer = await offered(target)
    opened = asyncio.Event()
    channel.on("open", opened.set)
    await peer.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
    async with asyncio.timeout(20):
        await opened.wait()
    return peer


async def websocket(target: Target, path: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a WebSocket by hand (RFC 6455, section 4.1), so that no library limits what is sent on it."""
    reader, writer = await asyncio.open_connection(*target.host)
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: {target.authority.decode()}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    await reader.readuntil(b"\r\n\r\n")
    return reader, writer


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True) -> bytes:
    """Frame of a client, masked with zeros (RFC 6455, section 5.2); payloads of up to 125 bytes."""
    return bytes(((0x80 if fin else 0) | opcode, 0x80 | len(payload))) + bytes(4) + payload


async def room(target: Target) -> str:
    """Open a room, as anybody may; ask a busy server again."""
    async with client() as http, asyncio.timeout(20):
        while not (made := await http.post(f"{target.address}rooms", json={})).is_success:  # noqa: ASYNC110
            await asyncio.sleep(1)
    return str(made.json()["room"])
