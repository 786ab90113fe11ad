"""The server's end of a WebRTC connection: audio and messages in, messages out."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import secrets
import time
from collections.abc import Callable, Mapping
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
from aiortc.sdp import SessionDescription, candidate_from_sdp
from av import AudioFrame

from engine.errors import BadOffer

from . import inner

CHANNEL = "coach"
"""Label of the data channel that carries the messages."""

ANSWER_S = 10.0
"""Longest time for finding an answer; a STUN or TURN server that is silent uses it up."""

BACKLOG_FRAMES = 50
"""Frames that may wait for the ears, one second, before they are dropped."""

FIX = "offer one audio track, sendonly, in Opus, as browsers, ffmpeg and OBS do"

log = logging.getLogger(__name__)


class Owner(Protocol):
    """Whom a peer tells what happens on it. None of these may raise."""

    def packet(self, data: bytes, arrived_s: float) -> None:
        """Take a decrypted RTP packet that came in at that monotonic time."""

    def receptions(self) -> Mapping[int, inner.Reception]:
        """Give the statistics of the packets taken, by SSRC."""

    def audio(self, frame: AudioFrame, arrived_s: float) -> None:
        """Take a frame that aiortc decoded, where it gives no packets; its packet came in at that time."""

    def overloaded(self, dropped: int) -> None:
        """Learn that so many frames were dropped because nobody took them in time."""

    def opened(self, channel: RTCDataChannel) -> None:
        """Take the data channel, now open."""

    def message(self, raw: str | bytes) -> None:
        """Take what came on the data channel."""

    def lost(self) -> None:
        """Learn that the far end has gone."""


class Peer:
    """One connection, from an offer until :meth:`close`. Made by :meth:`answer`."""

    def __init__(
        self, owner: Owner, ice_servers: list[RTCIceServer], clock: Callable[[], float], *, bundled: bool
    ) -> None:
        inner.keep_tasks(asyncio.get_running_loop())
        inner.include_loopback()
        inner.set_gates()
        # Without a list of its own aiortc would ask a public STUN server.
        policy = RTCBundlePolicy.MAX_BUNDLE if bundled else RTCBundlePolicy.BALANCED
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=ice_servers, bundlePolicy=policy))
        self._owner = owner
        self._clock = clock
        self._receiving: asyncio.Task[None] | None = None
        self._closed = False
        self._mid = ""
        self.sdp = ""
        """The answer."""
        self.codecs: Mapping[int, RTCRtpCodecParameters] = {}
        """What the packets may hold, by payload type."""
        self.tag = f'"{secrets.token_urlsafe(9)}"'
        """Names this ICE session (RFC 9725, section 4.3.1): a strong entity tag."""
        self.hears = False
        """Whether it hears what ``playout`` gives."""
        self.ice_user = ""
        """The far end's ``ice-ufrag``."""
        self._connection.on("datachannel", self._on_channel)
        self._connection.on("connectionstatechange", self._on_state)

    @classmethod
    async def answer(
        cls,
        offer: str,
        owner: Owner,
        ice_servers: list[RTCIceServer] | None = None,
        clock: Callable[[], float] = time.monotonic,
        playout: Callable[[], MediaStreamTrack | None] | None = None,
    ) -> Peer:
        """Answer an SDP offer.

        A far end that would hear something too (its audio is ``sendrecv``, in Opus) gets the track that
        ``playout`` makes, if it makes one. Any other one only sends.

        Raises
        ------
        BadOffer
            It is no SDP (``parsed`` is false), or cannot be served.
        """
        text, parsed = prepared(offer)
        peer = cls(owner, ice_servers or [], clock, bundled=_is_bundled(parsed))
        try:
            async with asyncio.timeout(ANSWER_S):
                await peer._negotiate(text, parsed, playout)
        except BaseException as error:
            await peer.close()
            if isinstance(error, Exception):
                # aiortc says no by whatever its code ran into: assertions, keys, values.
                log.info("offer refused: %r", error)
                raise BadOffer(
                    f"this offer cannot be answered ({_said(error)}); {FIX}", parsed=True
                ) from error
            raise
        return peer

    async def add_candidates(self, fragment: str) -> None:
        """Add the candidates of a trickle fragment (RFC 8840, section 9).

        Those that cannot be used (names such as ``.local``, TCP) are left out, and so is
        the end of candidates: the far end is also found from its own checks.

        Raises
        ------
        BadOffer
            A candidate that is none.
        """
        for line in fragment.splitlines():
            if not line.startswith("a=candidate:") or not _usable(line):
                continue
            try:
                candidate = candidate_from_sdp(line.removeprefix("a=candidate:"))
                candidate.sdpMid = self._mid
                await self._connection.addIceCandidate(candidate)
            except Exception as error:
                raise BadOffer(f"{line!r} is not a candidate ({_said(error)})", parsed=False) from error

    async def close(self) -> None:
        """End the connection and everything that belongs to it."""
        if self._closed:
            return
        self._closed = True
        if self._receiving is not None:
            self._receiving.cancel()
            await asyncio.gather(self._receiving, return_exceptions=True)
        await self._connection.close()

    # --- inside ----------------------------------------------------------------

    async def _negotiate(
        self, text: str, parsed: SessionDescription, playout: Callable[[], MediaStreamTrack | None] | None
    ) -> None:
        connection = self._connection
        speaker = next(m for m in parsed.media if m.kind == "audio" and m.direction in SENDING)
        heard = speaker.rtp.muxId
        first = parsed.media[0]  # all others are bundled with it
        self._mid, self.ice_user = first.rtp.muxId, (first.ice and first.ice.usernameFragment) or ""
        await connection.setRemoteDescription(RTCSessionDescription(text, "offer"))
        inner.harden(connection)
        early: inner.EarlyPath | None = None
        for transceiver in connection.getTransceivers():
            if transceiver.mid != heard:
                transceiver.direction = "inactive"
                continue
            codec = _heard_codec(transceiver._codecs)
            transceiver._codecs, self.codecs = [codec], {codec.payloadType or 0: codec}
            early = self._listen(transceiver)
            wanted = speaker.direction == "sendrecv" and codec.mimeType == "audio/opus"
            track = playout() if playout is not None and wanted else None
            if track is not None:
                transceiver.sender.replaceTrack(track)
                transceiver.direction = "sendrecv"
                self.hears = True
        await connection.setLocalDescription(await connection.createAnswer())
        if early is not None:
            early.open()
        self.sdp = connection.localDescription.sdp

    def _listen(self, transceiver: RTCRtpTransceiver) -> inner.EarlyPath | None:
        reason = inner.unfit(transceiver)
        if reason is None:
            return inner.EarlyPath(transceiver, self._owner, self._gone, self._clock)
        warn_once(reason)
        receiver = transceiver.receiver
        tap = inner.ArrivalTap(receiver, self._clock)
        self._receiving = asyncio.create_task(self._receive(receiver.track, tap), name="receive")
        return None

    async def _receive(self, track: MediaStreamTrack, tap: inner.ArrivalTap) -> None:
        try:
            while True:
                frame = await track.recv()
                if not isinstance(frame, AudioFrame):
                    raise TypeError(f"an audio track gave {type(frame).__name__}")
                arrived_s = tap.arrived_s(frame)
                self._owner.audio(frame, self._clock() if arrived_s is None else arrived_s)
                dropped = inner.drop_backlog(track, BACKLOG_FRAMES)
                if dropped:
                    self._owner.overloaded(dropped)
        except MediaStreamError:
            self._gone()

    def _on_channel(self, channel: RTCDataChannel) -> None:
        if channel.label != CHANNEL:
            channel.close()
            return
        channel.on("message", self._owner.message)
        self._owner.opened(channel)

    def _on_state(self) -> None:
        if self._connection.connectionState in ("failed", "closed"):
            self._gone()

    def _gone(self) -> None:
        if not self._closed:
            self._owner.lost()


SENDING = ("sendrecv", "sendonly")

OPUS = {"minptime": 10, "useinbandfec": 1}
"""What the answer asks of the sender's Opus (RFC 7587, section 6.1): redundancy, once it hears of loss."""


@cache
def warn_once(reason: str) -> None:
    """Say that calls are served the stock way of aiortc, which is slower."""
    log.warning("audio takes the slow way through aiortc, 80 ms and more: %s", reason)


def _heard_codec(codecs: list[RTCRtpCodecParameters]) -> RTCRtpCodecParameters:
    """The one codec that is answered: Opus, or a telephone's where there is no Opus."""
    for wanted in ("audio/opus", "audio/pcmu", "audio/pcma"):
        for codec in codecs:
            if codec.mimeType.lower() == wanted:
                if wanted == "audio/opus":
                    codec.parameters = dict(OPUS)
                return codec
    raise ValueError("it has neither Opus nor PCMU or PCMA")


def _is_bundled(parsed: SessionDescription) -> bool:
    bundled = [mid for group in parsed.group if group.semantic == "BUNDLE" for mid in group.items]
    return {media.rtp.muxId for media in parsed.media} == set(bundled)


def prepared(offer: str) -> tuple[str, SessionDescription]:
    """Offer as aiortc can use it, checked.

    * Candidates that are names (``.local``), and the end of candidates: left out. When
      every candidate is an unknown name and the list is said to be complete, ICE would
      never start; without both the far end is found from its own checks.
    * ``setup:actpass`` becomes ``active``, so that the answer is the DTLS server: as a
      client aiortc offers only ECDSA suites, and a far end with an RSA certificate fails.

    Raises
    ------
    BadOffer
        Not SDP, or nothing in it that could be heard.
    """
    lines = [line for line in offer.splitlines() if line]
    kept = [
        "a=setup:active" if line == "a=setup:actpass" else line
        for line in lines
        if line != "a=end-of-candidates" and (not line.startswith("a=candidate:") or _usable(line))
    ]
    text = "\r\n".join(kept) + "\r\n"
    try:
        if not lines or lines[0] != "v=0":
            raise ValueError("the first line is not v=0")
        parsed = SessionDescription.parse(text)
    except Exception as error:  # aiortc's parser raises whatever its code ran into
        raise BadOffer(f"this is not an SDP offer ({_said(error)}); {FIX}", parsed=False) from error
    _check(parsed)
    return text, parsed


def _check(parsed: SessionDescription) -> None:
    audio = [media for media in parsed.media if media.kind == "audio"]
    if not audio:
        raise BadOffer(f"the offer has no audio; {FIX}", parsed=True)
    if not any(media.direction in SENDING for media in audio):
        raise BadOffer(f"the offer sends no audio (it is {audio[0].direction}); {FIX}", parsed=True)
    if len(parsed.media) > 8:
        raise BadOffer(f"the offer has {len(parsed.media)} sections; {FIX}", parsed=True)
    mids = [media.rtp.muxId for media in parsed.media]
    bundled = [mid for group in parsed.group if group.semantic == "BUNDLE" for mid in group.items]
    if len(set(mids)) < len(mids) or not set(bundled) <= set(mids) or mids[0] not in (bundled or mids):
        raise BadOffer(
            f"the sections' mids ({mids}) and the BUNDLE group ({bundled}) don't fit; {FIX}", parsed=True
        )
    for media in parsed.media:
        if media.ice is None or not media.ice.usernameFragment or not media.ice.password:
            raise BadOffer(f"the offer has no ice-ufrag or ice-pwd; {FIX}", parsed=True)
        if media.dtls is None or not media.dtls.fingerprints:
            raise BadOffer(f"the offer has no DTLS fingerprint or setup; {FIX}", parsed=True)


def _usable(line: str) -> bool:
    """Whether a candidate line names a UDP address. Lines too short to tell are kept, to be refused."""
    parts = line.split()
    if len(parts) < 8:
        return True
    try:
        ipaddress.ip_address(parts[4])
    except ValueError:
        return False
    return parts[2].lower() == "udp"


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__
