"""Recordings for tests, made on the spot."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av import AudioFrame, AudioResampler, AudioStream
from numpy.typing import NDArray

from dsp.frame import RATE_HZ

Samples = NDArray[np.float32]


def write(path: Path, *channels: Samples, rate: int = RATE_HZ, codec: str | None = None) -> Path:
    """Encode channels into the container that the name says; WAV is 32 bit float unless a codec is given."""
    kinds = {
        ".wav": "pcm_f32le",
        ".flac": "flac",
        ".ogg": "libopus",
        ".opus": "libopus",
        ".webm": "libopus",
    }
    kinds |= {".mp3": "libmp3lame", ".m4a": "aac", ".mkv": "pcm_s24le", ".aiff": "pcm_s16be"}
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[len(channels)]
    with av.open(path, "w") as container:
        stream = cast(
            AudioStream, container.add_stream(codec or kinds[path.suffix], rate=rate, layout=layout)
        )
        packed = np.stack(channels, axis=1).reshape(1, -1).astype(np.float32)
        frame = AudioFrame.from_ndarray(packed, format="flt", layout=layout)
        frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), 0
        stream.codec_context.open(strict=False)
        resampler = AudioResampler(
            format=stream.codec_context.format,
            layout=layout,
            rate=rate,
            frame_size=stream.codec_context.frame_size or 4096,
        )
        for made in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(made))
        container.mux(stream.encode(None))
    return path


def tone(hz: float, seconds: float, *, rate: int = RATE_HZ, level: float = 0.2) -> Samples:
    """A sine."""
    at_s = np.arange(round(seconds * rate)) / rate
    return (level * np.sin(2 * np.pi * hz * at_s)).astype(np.float32)


def without_silence(path: Path, samples: Samples, *, most_s: float = 0.38, least_s: float = 0.2) -> Path:
    """Encode as Opus, and leave out packets of silence as a sender with DTX does.

    Silence is sent for ``least_s`` and then once each ``most_s``, as by ``MAX_CONSECUTIVE_DTX`` of libopus.
    """
    block = RATE_HZ // 50
    with av.open(path, "w") as container:
        stream = container.add_stream("libopus", rate=48000, layout="mono")
        quiet_s = left_out_s = 0.0
        for start in range(0, samples.size // block * block, block):
            part = samples[start : start + block]
            wide = np.interp(np.arange(3 * block) / 3, np.arange(block), part).astype(np.float32)
            frame = AudioFrame.from_ndarray(wide[None], format="flt", layout="mono")
            frame.sample_rate, frame.time_base, frame.pts = 48000, Fraction(1, 48000), 3 * start
            quiet_s = quiet_s + 0.02 if np.abs(part).max() < 0.003 else 0.0
            left_out_s = left_out_s + 0.02 if quiet_s > least_s and left_out_s < most_s - 0.01 else 0.0
            for packet in stream.encode(frame):
                if left_out_s == 0.0:
                    container.mux(packet)
        container.mux(stream.encode(None))
    return path
