"""Ogg Opus files in tests: their packets, and their sound."""

from __future__ import annotations

import io

import av
import numpy as np

from dsp.frame import RATE_HZ
from engine.media.resample import Samples


def packets_of(file: bytes) -> list[bytes]:
    """The Opus packets of a file."""
    with av.open(io.BytesIO(file), "r", format="ogg") as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


def sound_of(file: bytes) -> Samples:
    """What is heard in a file, at 16 kHz."""
    with av.open(io.BytesIO(file), "r", format="ogg") as container:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE_HZ)
        frames = [out for frame in container.decode(audio=0) for out in resampler.resample(frame)]
        frames += resampler.resample(None)
        return np.concatenate([frame.to_ndarray()[0] for frame in frames])


def level(samples: Samples) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))
