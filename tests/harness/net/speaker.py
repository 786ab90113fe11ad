"""One speaker of the crowd: a real WebRTC connection that sends ready-made Opus packets.

Signalling, ICE, DTLS and SRTP are aiortc's own. Encoding and aiortc's sender are left
out, and a packet is protected and sent in one call, so that hundreds of speakers fit on
a core and each packet's time stamp is taken right before it is handed to the kernel.
"""

from __future__ import annotations

import asyncio
import struct
import time
from array import array
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from urllib.parse import urljoin

import httpx
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from .opus import STAMPS
from .relay import Relay

OPEN_S = 90.0
"""Longest time from an offer to the open data channel."""

HEADER = struct.Struct("!BBHII")


class Message(NamedTuple):
    """A message as it came, decoded later."""

    at_s: float
    """Monotonic."""

    raw: str


class Refused(Exception):
    """The server would not take another session."""


class Speaker:
    """A session of the server's. Its first packet has RTP time stamp and sequence number 0.

    Attributes
    ----------
    port : the server's UDP port for it, once connected.
    sent_s : monotonic time at which each packet was sent, by its number.
    messages : all that came on the data channel.
    answered_s : time from the offer's post to its answer.
    """

    def __init__(self, packets: Sequence[bytes], first: int = 0, relay: Relay | None = None) -> None:
        self._packets = packets
        self._first = first
        self.relay = relay
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._channel = self._connection.createDataChannel("coach")
        self._send: Callable[[bytes], None] = _nowhere
        self._protect: Callable[[bytes], bytes] = bytes
        self._ssrc = 0
        self._payload_type = 96
        self._opened = asyncio.Event()
        self._location = ""
        self.session = ""
        self.port = 0
        self.sent_s = array("d")
        self.messages: list[Message] = []
        self.answered_s = 0.0
        self.began_s = 0.0
        self._channel.on("open", self._opened.set)
        self._channel.on("message", lambda raw: self.messages.append(Message(time.monotonic(), raw)))

    async def call(self, http: httpx.AsyncClient, address: str, seat: str | None = None) -> None:
        """Connect, in the seat of a room if given.

        Returns when the data channel is open, and with it the way of the audio.

        Raises
        ------
        Refused
            503.
        """
        self.began_s = time.monotonic()
        peer = self._connection
        transceiver = peer.addTransceiver("audio", direction="sendonly")
        sender = transceiver.sender
        sender.send = _nothing  # type: ignore[method-assign, assignment]
        self._ssrc = sender._ssrc
        await peer.setLocalDescription(await peer.createOffer())
        offer = peer.localDescription.sdp
        if self.relay is not None:
            offer = self.relay.through("offer", offer)
        posted_s = time.monotonic()
        headers = {"content-type": "application/sdp"} | ({"sottovoce-seat": seat} if seat else {})
        response = await http.post(f"{address}whip", content=offer, headers=headers)
        self.answered_s = time.monotonic() - posted_s
        if response.status_code == 503:
            await peer.close()
            raise Refused(response.text)
        response.raise_for_status()
        self.session = response.headers["sottovoce-session"]
        self._location = urljoin(str(response.url), response.headers["location"])
        answer = response.text if self.relay is None else self.relay.through("answer", response.text)
        await peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        async with asyncio.timeout(OPEN_S):
            await self._opened.wait()
        self._payload_type = next(
            codec.payloadType
            for codec in transceiver._codecs
            if codec.mimeType.lower() == "audio/opus" and codec.payloadType is not None
        )
        dtls = sender.transport
        pair = next(iter(dtls.transport._connection._nominated.values()))
        self.port = pair.remote_addr[1]
        address_of_server, datagrams = pair.remote_addr, pair.protocol.transport
        self._send = lambda data: datagrams.sendto(data, address_of_server)
        self._protect = dtls._tx_srtp.protect

    def speak(self) -> None:
        """Send the next packet, now."""
        number = len(self.sent_s)
        payload = self._packets[(self._first + number) % len(self._packets)]
        header = HEADER.pack(
            0x80,
            self._payload_type,
            number & 0xFFFF,
            number * STAMPS & 0xFFFFFFFF,
            self._ssrc,
        )
        self.sent_s.append(time.monotonic())
        self._send(self._protect(header + payload))

    def ping(self, number: int) -> None:
        """Say that the page is still there."""
        if self._channel.readyState == "open":
            self._channel.send(f'{{"type":"ping","id":{number}}}')

    def end(self) -> None:
        """End the session as the page's button does."""
        if self._channel.readyState == "open":
            self._channel.send('{"type":"end"}')

    async def leave(self, http: httpx.AsyncClient) -> None:
        """End the session by WHIP, and close the connection."""
        await http.delete(self._location)
        await self.close()

    async def close(self) -> None:
        """Go without a word to the server's application."""
        self._send = _nowhere
        await self._connection.close()


async def _nothing(*_: Any) -> None:
    """Stand in for aiortc's sender: no task of its own, no reports."""


def _nowhere(data: bytes) -> None:
    """Send nothing: not connected."""
