"""Networks as they are: a quarter of all datagrams lost, and nothing but a TURN relay in between."""

from __future__ import annotations

import asyncio
import random
import re
import shutil
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiortc import (
    RTCConfiguration,
    RTCDataChannel,
    RTCIceServer,
    RTCIceTransportPolicy,
    RTCPeerConnection,
    RTCSessionDescription,
)

from engine.media.webrtc.offer import Offer
from engine.media.webrtc.peer import Peer
from tests.harness.calls import Page, until
from tests.harness.ears import Ears

HANDSHAKE_S = 300.0
"""OpenSSL's timer begins at 1 s and doubles, so unlucky handshakes take their time; browsers' are quicker."""


class Greeted(Ears):
    """An owner that also notes its data channel."""

    channel: RTCDataChannel | None = None

    def opened(self, channel: RTCDataChannel) -> None:
        self.channel = channel


def lose(connection: RTCPeerConnection, share: float, rng: random.Random) -> None:
    """Lose a share of what a connection sends, from now on."""
    ice = connection.getTransceivers()[0].receiver.transport.transport._connection
    for protocol in ice._protocols:
        transport: Any = protocol.transport

        def sendto(data: bytes, address: Any, send: Callable[..., None] = transport.sendto) -> None:
            if rng.random() >= share:
                send(data, address)

        transport.sendto = sendto


async def connected(page: Page, peer: Peer, ears: Greeted, answer: str) -> None:
    """Finish the handshake; returns when audio and the data channel are there, and hangs up."""
    await page.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    page.audio.close()
    try:
        await until(lambda: len(ears.packets) > 10 and ears.channel is not None, HANDSHAKE_S)
    finally:
        await page.connection.close()
        await peer.close()


async def test_handshakes_succeed_when_a_quarter_of_the_datagrams_is_lost_both_ways() -> None:
    async def one(seed: int) -> None:
        page, ears = Page(), Greeted()
        peer = await Peer.answer(Offer.read(await page.offer()), ears)
        rng = random.Random(seed)
        lose(peer._connection, 0.25, rng)
        lose(page.connection, 0.25, rng)
        await connected(page, peer, ears, peer.sdp)

    await asyncio.gather(*(one(seed) for seed in range(6)))


@asynccontextmanager
async def relay() -> AsyncIterator[RTCIceServer]:
    """A TURN server, coturn, on this machine."""
    program = shutil.which("turnserver")
    assert program, "coturn is missing: tools/setup dev installs it"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    options = (
        f"-n -p {port} -L 127.0.0.1 -r local -u talker:secret --lt-cred-mech --no-tls --no-dtls --no-cli "
        "--allow-loopback-peers --min-port 50000 --max-port 50999 --log-file stdout --simple-log --pidfile="
    )
    process = await asyncio.create_subprocess_exec(
        program, *options.split(), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    assert process.stdout is not None
    said = asyncio.create_task(process.stdout.read())
    try:
        url = f"turn:127.0.0.1:{port}?transport=udp"
        yield RTCIceServer(urls=url, username="talker", credential="secret")
    finally:
        process.terminate()
        await process.wait()
        await said


@pytest.mark.peers
async def test_page_that_only_has_a_relay() -> None:
    async with relay() as server:
        configuration = RTCConfiguration(iceServers=[server], iceTransportPolicy=RTCIceTransportPolicy.RELAY)
        page, ears = Page(RTCPeerConnection(configuration)), Greeted()
        offer = await page.offer()
        candidates = re.findall(r"a=candidate:.* typ (\w+)", offer)
        assert set(candidates) == {"relay"}
        peer = await Peer.answer(Offer.read(offer), ears)
        await connected(page, peer, ears, peer.sdp)


@pytest.mark.peers
async def test_server_that_is_reached_through_its_relay_alone() -> None:
    async with relay() as server:
        page, ears = Page(), Greeted()
        peer = await Peer.answer(Offer.read(await page.offer()), ears, [server])
        relayed = re.sub(r"a=candidate:.* typ host\r\n", "", peer.sdp)
        assert " typ relay" in relayed
        # Checks go out from the server's other addresses too; lost, they leave the relay alone.
        ice: Any = peer._connection.getTransceivers()[0].receiver.transport.transport._connection
        for protocol in ice._protocols:
            if protocol.local_candidate.type == "host":
                protocol.transport.sendto = lambda data, address: None
        await connected(page, peer, ears, relayed)
