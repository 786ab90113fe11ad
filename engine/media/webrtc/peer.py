"""Server's end of a WebRTC connection: audio and messages in, audio and messages out."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Protocol

from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCDataChannel,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpCodecParameters,
    RTCRtpTransceiver,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame

from engine.errors import NoAnswer

from . import patches
from .answer import complete_answer
from .offer import Offer
from .sdp import parse_candidates
from .transport import MAX_CANDIDATES

DATA_CHANNEL = "coach"
"""Label of the data channel that carries the messages."""

ANSWER_S = 10.0
"""Longest time to make an answer; a silent STUN or TURN server uses all of it."""

MAX_BACKLOG_FRAMES = 50
"""Decoded frames that may wait, one second, before they are dropped."""

log = logging.getLogger(__name__)


class PeerOwner(Protocol):
    """Receiver of a peer's packets, messages and state changes. No method may raise."""

    def packet(self, data: bytes, arrived_s: float) -> None:
        """Take a decrypted RTP packet and its monotonic arrival time."""

    def receptions(self) -> Mapping[int, patches.ReportedStats]:
        """Return the statistics of the packets taken, by SSRC."""

    def audio(self, frame: AudioFrame, arrived_s: float) -> None:
        """Take a frame decoded by aiortc, in fallback mode, and its packet's arrival time."""

    def overloaded(self, dropped: int) -> None:
        """Note that frames were dropped because they weren't taken in time."""

    def opened(self, channel: RTCDataChannel) -> None:
        """Take the data channel, which is open."""

    def message(self, raw: str | bytes) -> None:
        """Take a message from the data channel."""

    def broke_rules(self, why: str) -> None:
        """Note that the far end's messages are ignored from now on, and why."""

    def lost(self) -> None:
        """Note that the far end has gone."""


class Peer:
    """A connection, from its offer until :meth:`close`. Made by :meth:`answer`."""

    def __init__(
        self, owner: PeerOwner, ice_servers: list[RTCIceServer], clock: Callable[[], float], *, bundled: bool
    ) -> None:
        patches.hold_tasks(asyncio.get_running_loop())
        patches.include_loopback()
        patches.install_datagram_gates()
        # Without a list aiortc would use a public STUN server.
        policy = RTCBundlePolicy.MAX_BUNDLE if bundled else RTCBundlePolicy.BALANCED
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=ice_servers, bundlePolicy=policy))
        self._owner = owner
        self._clock = clock
        self._receiving: asyncio.Task[None] | None = None
        self._closed = False
        self._mid = ""
        self._candidates: set[tuple[str, int]] = set()
        self.sdp = ""
        """The SDP answer."""
        self.codecs: Mapping[int, RTCRtpCodecParameters] = {}
        """Codecs of the packets, by payload type."""
        self.tag = f'"{secrets.token_urlsafe(9)}"'
        """Strong entity tag of this ICE session (RFC 9725, section 4.3.1)."""
        self.hears = False
        """Whether the far end receives the audio of ``playout``."""
        self.ice_user = ""
        """The far end's ``ice-ufrag``."""
        self._connection.on("datachannel", self._on_channel)
        self._connection.on("connectionstatechange", self._on_state)

    @classmethod
    async def answer(
        cls,
        offer: Offer,
        owner: PeerOwner,
        ice_servers: list[RTCIceServer] | None = None,
        clock: Callable[[], float] = time.monotonic,
        playout: Callable[[], MediaStreamTrack | None] | None = None,
    ) -> Peer:
        """Answer an offer.

        A far end that receives audio too (``sendrecv``, in Opus) gets the track that ``playout`` makes,
        if it makes one. Any other far end only sends.

        Raises
        ------
        NoAnswer
            It took longer than :data:`ANSWER_S`: a STUN or TURN server is silent.
        """
        peer = cls(owner, ice_servers or [], clock, bundled=offer.is_bundled)
        try:
            async with asyncio.timeout(ANSWER_S):
                await peer._negotiate(offer, playout)
        except BaseException as error:
            await peer.close()
            if isinstance(error, TimeoutError):
                raise NoAnswer(
                    f"no answer was found within {ANSWER_S:g} s: a STUN or TURN server that this server was "
                    "started with doesn't answer; try again later, or start it with another one"
                ) from error
            raise
        return peer

    async def add_candidates(self, lines: Iterable[str]) -> None:
        """Add candidates found after the offer (RFC 8840), given as ``a=candidate`` lines.

        Unusable ones and the end of candidates are ignored: the far end is also found from its own checks.
        At most :data:`engine.media.webrtc.transport.MAX_CANDIDATES` are kept.

        Raises
        ------
        BadOffer
            A candidate is malformed.
        """
        for candidate in parse_candidates([line.removeprefix("a=candidate:") for line in lines]):
            address = (candidate.ip, candidate.port)
            if address in self._candidates or len(self._candidates) >= MAX_CANDIDATES:
                continue
            self._candidates.add(address)
            candidate.sdpMid = self._mid
            await self._connection.addIceCandidate(candidate)

    async def answers(self) -> bool:
        """Return whether the far end answers a consent check."""
        return not self._closed and await patches.has_consent(self._connection)

    async def close(self) -> None:
        """Close the connection and everything that belongs to it."""
        if self._closed:
            return
        self._closed = True
        if self._receiving is not None:
            self._receiving.cancel()
            await asyncio.gather(self._receiving, return_exceptions=True)
        await self._connection.close()

    # --- inside ----------------------------------------------------------------

    async def _negotiate(self, offer: Offer, playout: Callable[[], MediaStreamTrack | None] | None) -> None:
        connection = self._connection
        self._mid, self.ice_user = offer.primary, offer.transport.user
        self._candidates = {(known.ip, known.port) for known in offer.transport.candidates}
        await connection.setRemoteDescription(RTCSessionDescription(offer.text, "offer"))
        patches.harden(connection, self._broke_rules, self._clock)
        [transceiver] = connection.getTransceivers()
        [codec] = transceiver._codecs
        # aiortc has dynamic payload types from 96 on only; those from 35 on are free (RFC 5761, section 4).
        codec.payloadType = offer.payload_type
        if codec.mimeType == "audio/opus":
            codec.parameters = dict(OPUS_PARAMETERS)
            track = playout() if playout is not None and offer.plays else None
            if track is not None:
                transceiver.sender.replaceTrack(track)
                transceiver.direction = "sendrecv"
                self.hears = True
        self.codecs = {offer.payload_type: codec}
        direct = self._listen(transceiver)
        await connection.setLocalDescription(await connection.createAnswer())
        if direct is not None:
            direct.open()
        self.sdp = complete_answer(offer, connection.localDescription.sdp)

    def _listen(self, transceiver: RTCRtpTransceiver) -> patches.DirectRtpReceiver | None:
        reason = patches.unsupported_reason(transceiver)
        if reason is None:
            return patches.DirectRtpReceiver(transceiver, self._owner, self._gone, self._clock)
        warn_of_fallback(reason)
        receiver = transceiver.receiver
        tap = patches.ArrivalTimes(receiver, self._clock)
        self._receiving = asyncio.create_task(self._receive(receiver.track, tap), name="receive")
        return None

    async def _receive(self, track: MediaStreamTrack, tap: patches.ArrivalTimes) -> None:
        try:
            while True:
                frame = await track.recv()
                if not isinstance(frame, AudioFrame):
                    raise TypeError(f"an audio track gave {type(frame).__name__}")
                arrived_s = tap.arrived_s(frame)
                self._owner.audio(frame, self._clock() if arrived_s is None else arrived_s)
                dropped = patches.drop_backlog(track, MAX_BACKLOG_FRAMES)
                if dropped:
                    self._owner.overloaded(dropped)
        except MediaStreamError:
            self._gone()

    def _on_channel(self, channel: RTCDataChannel) -> None:
        if channel.label != DATA_CHANNEL:
            channel.close()
            return
        channel.on("message", self._owner.message)
        self._owner.opened(channel)

    def _on_state(self) -> None:
        if self._connection.connectionState in ("failed", "closed"):
            self._gone()

    def _broke_rules(self, why: str) -> None:
        if not self._closed:
            self._owner.broke_rules(why)

    def _gone(self) -> None:
        if not self._closed:
            self._owner.lost()


OPUS_PARAMETERS = {"minptime": 10, "useinbandfec": 1}
"""Opus parameters in the answer (RFC 7587, section 6.1): in-band FEC, used once the sender sees loss."""


@cache
def warn_of_fallback(reason: str) -> None:
    """Log that calls use aiortc's own receive path, which is slower."""
    log.warning("audio goes through aiortc's own receiver, which adds 80 ms and more: %s", reason)
