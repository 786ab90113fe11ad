"""What the far ends of WebRTC bring with them: names, RSA certificates, machines without a network."""

from __future__ import annotations

import asyncio
import datetime
import re
import socket
import struct
from typing import Any

import numpy as np
import pytest
from aiortc import RTCCertificate, RTCConfiguration, RTCPeerConnection
from aiortc.rtcrtpreceiver import RemoteStreamTrack
from aiortc.rtcsctptransport import WEBRTC_BINARY, WEBRTC_DCEP, WEBRTC_STRING
from av import AudioFrame
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from engine.media.webrtc import patches
from engine.protocol import messages
from tests.harness.calls import Page, noise, running, until


async def heard(page: Page, change: Any = str) -> None:
    """Call, speak, and see that it arrives."""
    async with running() as server:
        await page.call(server.address, change=change)
        session = server.hub.find(page.session)
        assert session is not None
        await page.speak(noise(0.4))
        await until(lambda: session.core.now > 0)
        await page.connection.close()


async def test_far_end_that_gives_only_names_for_its_addresses() -> None:
    def hidden(offer: str) -> str:
        assert "a=end-of-candidates" in offer
        return re.sub(r"(a=candidate:\S+ 1 udp \d+) \S+", r"\1 4b3a7b3e-0000.local", offer)

    await heard(Page(), hidden)


async def test_far_end_with_an_rsa_certificate() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rsa")])
    now = datetime.datetime.now(tz=datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    certificates = connection._RTCPeerConnection__certificates  # type: ignore[attr-defined]
    certificates[0] = RTCCertificate(key=key, cert=certificate)  # type: ignore[arg-type]
    await heard(Page(connection))


async def test_machine_with_nothing_but_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ifaddr.get_adapters", list)
    patches.include_loopback()
    page = Page()
    candidates = [line for line in (await page.offer()).splitlines() if line.startswith("a=candidate")]
    assert candidates
    assert all(" 127.0.0.1 " in line for line in candidates)
    await page.connection.close()
    await heard(Page())


async def test_pending_tasks_are_held_and_their_errors_kept_off_the_screen(
    caplog: pytest.LogCaptureFixture,
) -> None:
    loop = asyncio.get_running_loop()
    patches.hold_tasks(loop)
    gate: asyncio.Future[None] = loop.create_future()

    async def pending() -> None:
        await gate

    asyncio.ensure_future(pending())  # noqa: RUF006
    await asyncio.sleep(0)
    assert any("pending" in repr(task) for task in patches.guards._held)
    gate.set_result(None)
    await until(lambda: not any("pending" in repr(task) for task in patches.guards._held))


async def test_nothing_that_arrives_ends_a_connection() -> None:
    """Anyone can send to the port; the far end can send bytes as text, and open a channel twice."""
    async with running() as server:
        page = Page()
        await page.call(server.address)
        session = server.hub.find(page.session)
        assert session is not None
        assert page.response is not None
        host, port = re.findall(r"a=candidate:\S+ 1 udp \d+ (\d+\.\d+\.\d+\.\d+) (\d+)", page.response.text)[
            0
        ]
        rng = np.random.default_rng(5)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as anyone:
            for length in [0, 0, 1, 2, 3, *rng.integers(0, 1500, 200)]:
                anyone.sendto(rng.bytes(int(length)), (host, int(port)))
            for first in (20, 22, 63, 128, 144, 191, 255):
                anyone.sendto(bytes([first]) + rng.bytes(40), (host, int(port)))
        sctp, stream = page.connection.sctp, page.channel.id
        assert sctp is not None
        assert stream is not None
        await sctp._send(stream, WEBRTC_STRING, b"\xff\xfe no text")
        assert (await page.next(messages.Error)).code == "bad_message"
        label = b"coach"
        opening = struct.pack("!BBHLHH", 3, 0, 0, 0, len(label), 0) + label
        await sctp._send(stream, WEBRTC_DCEP, opening)
        await sctp._send(stream + 2, WEBRTC_DCEP, opening[:-2] + b"\xff\xff")
        await sctp._send(stream + 4, WEBRTC_DCEP, b"\x03\x00")
        await sctp._send(stream + 6, WEBRTC_BINARY, rng.bytes(100))
        page.channel.send('{"type": "ping", "id": 3}')
        assert (await page.next(messages.Pong)).id == 3
        await page.speak(noise(0.3))
        assert session.connection is not None
        await page.connection.close()


async def test_frames_that_nobody_takes_are_dropped_not_kept() -> None:
    track = RemoteStreamTrack("audio")
    for number in range(60):
        frame = AudioFrame.from_ndarray(np.zeros((1, 960), np.int16), format="s16", layout="mono")
        frame.pts = number
        track._queue.put_nowait(frame)
    assert patches.drop_backlog(track, 100) == 0
    assert patches.drop_backlog(track, 50) == 59
    last = await track.recv()
    assert last.pts == 59
    track.stop()
