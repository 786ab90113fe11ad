"""Opus in Ogg (RFC 7845): packets are put into a file as they are, samples are encoded first."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from fractions import Fraction

import av
import numpy as np
from av.audio.stream import AudioStream

from dsp.frame import RATE_HZ
from engine.media.resample import Samples
from engine.media.rtp.codecs import TICKS_HZ
from engine.media.rtp.opus import OpusEncoder, packet_ticks

SILENCE = b"\xf8\xff\xfe"
"""A packet of 20 ms of digital silence (CELT, mono)."""

SILENCE_TICKS = 960

BLOCK = RATE_HZ // 50
"""Samples of a packet that is encoded: 20 ms."""

MAX_CONCEALED_TICKS = 4800
"""Longest gap, 100 ms, that the player's decoder conceals; a longer one is silent."""


def mux_packets(packets: Iterable[bytes]) -> bytes:
    """Return an Ogg Opus file of packets that follow each other, none of them encoded again."""
    file = io.BytesIO()
    with av.open(file, "w", format="ogg", container_options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("libopus", rate=TICKS_HZ, layout="mono")
        assert isinstance(stream, AudioStream)
        at = 0
        for payload in packets:
            packet = av.Packet(payload)
            packet.stream = stream
            packet.time_base = Fraction(1, TICKS_HZ)
            packet.pts = packet.dts = at
            packet.duration = packet_ticks(payload)
            at += packet.duration
            container.mux(packet)
    return file.getvalue()


class StreamEncoder:
    """Encodes samples as they come, and holds only their packets."""

    def __init__(self) -> None:
        self._encoder = OpusEncoder()
        self._rest: Samples = np.empty(0, np.float32)
        self._packets: list[bytes] = []

    def feed(self, part: Samples | int) -> None:
        """Encode samples, float32, shape (n,), 16 kHz; or so many of silence."""
        if isinstance(part, int):
            for left in range(part, 0, -RATE_HZ):
                self.feed(np.zeros(min(left, RATE_HZ), np.float32))
            return
        joined = np.concatenate([self._rest, part])
        whole = joined.size // BLOCK * BLOCK
        self._packets += [self._encoder.encode(joined[at : at + BLOCK]) for at in range(0, whole, BLOCK)]
        self._rest = joined[whole:]

    def finish(self) -> bytes:
        """Return the Ogg Opus file; the last packet is filled with silence."""
        if self._rest.size:
            self.feed(np.zeros(BLOCK - self._rest.size, np.float32))
        return mux_packets(self._packets)


def encode_samples(samples: Samples) -> Iterator[bytes]:
    """Yield the Opus packets of samples: float32, shape (n,), 16 kHz; the last one is filled with silence."""
    encoder = OpusEncoder()
    for start in range(0, samples.size, BLOCK):
        block = samples[start : start + BLOCK]
        yield encoder.encode(np.pad(block, (0, BLOCK - block.size)) if block.size < BLOCK else block)


def fill_gap(ticks: int, before: bytes | None) -> Iterator[bytes]:
    """Yield packets for a gap of at most ``ticks`` (48 kHz): empty frames for a short one, else silence.

    Parameters
    ----------
    before : packet before the gap, whose coding an empty frame goes on with (RFC 7845, section 4.1).
    """
    filler = SILENCE if before is None or ticks > MAX_CONCEALED_TICKS else bytes([before[0] & 0xFC])
    length = packet_ticks(filler)
    for _ in range(ticks // length):
        yield filler
