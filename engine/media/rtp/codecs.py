"""What a packet's payload says, as 16 kHz mono float32: one decoder a stream."""

from __future__ import annotations

import logging
from typing import Protocol

import numpy as np
from av import FFmpegError, Packet
from av.audio.codeccontext import AudioCodecContext

from engine.media.resample import Resampler, Samples

from .opus import OpusDecoder, libopus, packet_ticks

TICKS_HZ = 48_000
"""Unit of time stamps here: Opus' RTP clock (RFC 7587), a whole multiple of the other codecs'."""

G711_HZ = 8000

log = logging.getLogger(__name__)


class Decoder(Protocol):
    """A stream's decoder; :class:`engine.media.rtp.opus.OpusDecoder` says what each method does."""

    def ticks(self, payload: bytes) -> int:
        """Length of a packet in :data:`TICKS_HZ`; 0 when it is damaged."""

    def decode(self, payload: bytes) -> Samples | None:
        """Samples known with the next packet; None when it is damaged."""

    def copied(self, payload: bytes) -> int:
        """Samples of the audio before a packet that it carries as a copy; mostly 0."""

    def recover(self, payload: bytes) -> Samples:
        """Those samples; none when the copy is damaged."""

    def conceal(self, samples: int) -> Samples:
        """Samples for audio that wasn't sent; may be fewer than asked for."""

    def flush(self) -> Samples:
        """Samples still held; before a gap, and at the end."""


class AvDecoder:
    """Decodes through PyAV and the resampler of recordings.

    For G.711, and for Opus where there is no libopus. Nothing lost can be recovered.
    """

    def __init__(self, codec: str) -> None:
        self._is_opus = codec == "opus"
        av_name = {"opus": "opus", "pcmu": "pcm_mulaw", "pcma": "pcm_alaw"}[codec]
        context = AudioCodecContext.create(av_name, "r")
        assert isinstance(context, AudioCodecContext)
        context.layout = "stereo" if self._is_opus else "mono"
        context.sample_rate = TICKS_HZ if self._is_opus else G711_HZ
        self._context = context
        self._resampler = Resampler()

    def ticks(self, payload: bytes) -> int:
        """Length of a packet in :data:`TICKS_HZ`."""
        return packet_ticks(payload) if self._is_opus else len(payload) * (TICKS_HZ // G711_HZ)

    def decode(self, payload: bytes) -> Samples | None:
        """Samples known with the next packet: the resampler's filter lets them out 1 to 2 ms later."""
        try:
            frames = self._context.decode(Packet(payload)) if payload else []
        except FFmpegError:
            return None
        return np.concatenate([self._resampler.feed(frame) for frame in frames]) if frames else None

    def copied(self, payload: bytes) -> int:
        """None: PyAV has no way to ask for the copy."""
        return 0

    def recover(self, payload: bytes) -> Samples:
        """Nothing."""
        return np.empty(0, np.float32)

    def conceal(self, samples: int) -> Samples:
        """Digital silence."""
        return np.zeros(samples, np.float32)

    def flush(self) -> Samples:
        """Samples still held by the resampler."""
        return self._resampler.flush()


def clock_hz(codec: str) -> int | None:
    """RTP clock of a codec by its name in SDP, in any case; None when nothing here decodes it."""
    return {"opus": TICKS_HZ, "pcmu": G711_HZ, "pcma": G711_HZ}.get(codec.lower())


def make_decoder(codec: str) -> Decoder:
    """A new decoder for a codec that has a :func:`clock_hz`."""
    name = codec.lower()
    if name != "opus":
        return AvDecoder(name)
    if libopus() is None:
        log.warning("no libopus found: PyAV decodes, at a higher cost and without FEC")
        return AvDecoder(name)
    return OpusDecoder()
