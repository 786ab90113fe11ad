"""Decode RTP payloads to 16 kHz mono float32: one decoder a stream."""

from __future__ import annotations

import logging
from typing import Protocol

import numpy as np
from av import FFmpegError, Packet
from av.audio.codeccontext import AudioCodecContext

from engine.media.resample import Resampler, Samples

from .opus import OpusDecoder, libopus, packet_ticks

TICKS_HZ = 48_000
"""Unit of time stamps: the RTP clock of Opus (RFC 7587), a whole multiple of the other codecs' clocks."""

G711_HZ = 8000

log = logging.getLogger(__name__)


class Decoder(Protocol):
    """Decoder of a stream; :class:`engine.media.rtp.opus.OpusDecoder` documents each method."""

    def ticks(self, payload: bytes) -> int:
        """Return the length of a packet in :data:`TICKS_HZ`; 0 when damaged."""

    def decode(self, payload: bytes) -> Samples | None:
        """Return the samples known with the next packet; None when damaged."""

    def fec_samples(self, payload: bytes) -> int:
        """Return how many samples before a packet its FEC holds; mostly 0."""

    def decode_fec(self, payload: bytes) -> Samples:
        """Return those samples; none when the copy is damaged."""

    def conceal(self, samples: int) -> Samples:
        """Return samples in place of missing audio; may be fewer than asked for."""

    def flush(self) -> Samples:
        """Return the samples still held; call before a gap, and at the end."""


class AvDecoder:
    """Decoder through PyAV and the resampler of recordings.

    For G.711, and for Opus where there is no libopus. Without FEC.
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
        """Return the length of a packet in :data:`TICKS_HZ`."""
        return packet_ticks(payload) if self._is_opus else len(payload) * (TICKS_HZ // G711_HZ)

    def decode(self, payload: bytes) -> Samples | None:
        """Return the samples known with the next packet; the resampler's filter delays them by 1 to 2 ms."""
        try:
            frames = self._context.decode(Packet(payload)) if payload else []
        except FFmpegError:
            return None
        return np.concatenate([self._resampler.feed(frame) for frame in frames]) if frames else None

    def fec_samples(self, payload: bytes) -> int:
        """Return 0: PyAV cannot decode FEC."""
        return 0

    def decode_fec(self, payload: bytes) -> Samples:
        """Return no samples."""
        return np.empty(0, np.float32)

    def conceal(self, samples: int) -> Samples:
        """Return digital silence."""
        return np.zeros(samples, np.float32)

    def flush(self) -> Samples:
        """Return the samples still held by the resampler."""
        return self._resampler.flush()


def clock_hz(codec: str) -> int | None:
    """Return the RTP clock of a codec by its SDP name, in any case; None when it cannot be decoded."""
    return {"opus": TICKS_HZ, "pcmu": G711_HZ, "pcma": G711_HZ}.get(codec.lower())


def make_decoder(codec: str) -> Decoder:
    """Return a new decoder for a codec that has a :func:`clock_hz`."""
    name = codec.lower()
    if name != "opus":
        return AvDecoder(name)
    if libopus() is None:
        log.warning("no libopus found: PyAV decodes, at a higher cost and without FEC")
        return AvDecoder(name)
    return OpusDecoder()
