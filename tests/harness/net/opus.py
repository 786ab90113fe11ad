"""The practice answer as Opus packets, encoded once for all speakers."""

from __future__ import annotations

import functools

import av
import numpy as np

from dsp.frame import RATE_HZ
from engine.media.resample import Samples
from engine.media.voices.practice_answer import render_answer
from engine.media.voices.synthesis import SpeechSynthesizer

PACKET = 320
"""Samples of 16 kHz in a packet, 20 ms."""

STAMPS = 960
"""What a packet adds to its RTP time stamp: Opus counts at 48 kHz whatever it carries (RFC 7587)."""

PACKET_S = PACKET / RATE_HZ

BIT_RATE = 32_000

EXPECTED_LOSS = 10
"""Per cent; what makes libopus put in-band FEC into its packets."""


@functools.cache
def practice_packets() -> tuple[bytes, ...]:
    """65 s of the packaged voice, wideband SILK of 32 kbit/s with in-band FEC."""
    return encoded(render_answer(SpeechSynthesizer())[0])


def encoded(samples: Samples) -> tuple[bytes, ...]:
    """Packets of 20 ms from 16 kHz mono float32; what is short of a packet is left out."""
    codec = av.CodecContext.create("libopus", "w")
    assert isinstance(codec, av.AudioCodecContext)
    codec.sample_rate, codec.format, codec.bit_rate = RATE_HZ, av.AudioFormat("s16"), BIT_RATE
    codec.layout = av.AudioLayout("mono")
    codec.options = {
        "application": "voip",
        "fec": "1",
        "packet_loss": str(EXPECTED_LOSS),
        "frame_duration": "20",
    }
    packets: list[bytes] = []
    for start in range(0, len(samples) - PACKET + 1, PACKET):
        values = (np.clip(samples[start : start + PACKET], -1, 1) * 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(values[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE_HZ, start
        packets += [bytes(packet) for packet in codec.encode(frame)]
    return tuple(packets)
