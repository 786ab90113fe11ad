"""Effects of rooms, microphones and lines on speech."""

from __future__ import annotations

import av
import numpy as np
import scipy.signal as ss
from numpy.typing import NDArray

from dsp.frame import HOP, RATE_HZ

from .noises import Rng
from .recording import Audio, Recording, restored

LOUD_PERCENTILE = 90
"""Percentile of a sound's hops that is the level of its loud parts."""

T60_S = ((0.08, 0.5), (0.3, 1.0))
"""Reverberation times of small rooms, and of all rooms."""

DIRECT_S = 0.002
"""Gap between the direct sound and the first reflection."""

Span = tuple[float, float]


def between(rng: Rng, *spans: Span) -> float:
    """Draw a number from one of the spans, each equally likely."""
    return float(rng.uniform(*spans[rng.integers(len(spans))]))


def gain(db: float) -> np.float32:
    """Amplitude factor of a gain in dB."""
    return np.float32(10.0 ** (db / 20.0))


def loudness(x: Audio) -> float:
    """RMS amplitude of the loud parts."""
    hops = x[: x.size // HOP * HOP].reshape(-1, HOP)
    return float(np.percentile(np.sqrt((hops**2).mean(axis=1)), LOUD_PERCENTILE)) + 1e-6


def levelled(x: NDArray[np.floating]) -> Audio:
    """Scale to an RMS of 1."""
    return np.asarray(x / (np.sqrt(np.mean(x**2)) + 1e-9), np.float32)


def at_rate(recording: Recording, rate: float) -> tuple[Audio, NDArray[np.bool_], NDArray[np.float64]]:
    """Whole hops of a recording resampled to a rate, tempo and pitch alike; its labels; nuclei, if known."""
    x, on = restored(recording.samples), recording.speech
    nuclei_s = np.zeros(0) if recording.nuclei_s is None else recording.nuclei_s
    rate = round(rate, 2)
    if rate < 1.0:
        x = np.interp(np.arange(int(x.size / rate)) * rate, np.arange(x.size), x).astype(np.float32)
    elif rate > 1.0:
        x = ss.resample_poly(x, 100, round(100 * rate)).astype(np.float32)
    hops = x.size // HOP
    was = np.minimum(((np.arange(hops) + 0.5) * rate).astype(int), on.size - 1)
    return x[: hops * HOP], on[was], nuclei_s / rate


def in_room(rng: Rng, x: Audio) -> Audio:
    """Add reverberation: decaying sparse noise after the direct sound."""
    n = int(RATE_HZ * between(rng, *T60_S))
    tail = rng.standard_normal(n) * 10.0 ** (-3.0 * np.arange(n) / n) * rng.uniform(0.1, 0.8) * 0.1
    tail *= rng.random(n) < rng.uniform(0.1, 1)
    tail[: int(RATE_HZ * DIRECT_S)] = 0.0
    tail[0] = 1.0
    return np.asarray(ss.fftconvolve(x, tail.astype(np.float32))[: x.size], np.float32)


def through_microphone(rng: Rng, x: Audio) -> Audio:
    """Tilt the spectrum; some through a telephone's band, some without lows or highs."""
    y = ss.lfilter([1, -rng.uniform(-0.5, 0.6)], [1], x)
    if rng.random() < 0.15:
        edges = [rng.uniform(80, 350), rng.uniform(3300, 3800)]
        y = ss.lfilter(*ss.butter(3, edges, "band", fs=RATE_HZ), y)
    elif rng.random() < 0.3:
        y = ss.lfilter(*ss.butter(1, rng.uniform(50, 200), "high", fs=RATE_HZ), y)
    if rng.random() < 0.15:
        y = ss.lfilter(*ss.butter(3, rng.uniform(4000, 7500), fs=RATE_HZ), y)
    return np.asarray(y, np.float32)


def pumped(rng: Rng, x: Audio) -> Audio:
    """Let an automatic gain control follow the level: it falls at once and comes back slowly."""
    release = 0.01 / rng.uniform(0.2, 3.0)
    most, share = gain(rng.uniform(6.0, 24.0)), rng.uniform(0.4, 1.0)
    hops = np.sqrt((x[: x.size // HOP * HOP].reshape(-1, HOP) ** 2).mean(axis=1)) + 1e-6
    level, factors = float(hops[:10].max()), np.empty(hops.size)
    target = float(np.percentile(hops, LOUD_PERCENTILE))
    for k, hop in enumerate(hops):
        level += (hop - level) * (0.5 if hop > level else release)
        factors[k] = min(float(most), (target / level) ** share)
    at = (np.arange(hops.size) + 0.5) * HOP
    return np.asarray(x * np.interp(np.arange(x.size), at, factors), np.float32)


def through_opus(rng: Rng, x: Audio) -> Audio:
    """Encode and decode by Opus, at a low bit rate, as calls do."""
    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate, encoder.format, encoder.layout = RATE_HZ, "s16", "mono"
    encoder.bit_rate = int(rng.choice([8_000, 12_000, 16_000, 24_000, 32_000]))
    encoder.options = {"application": "voip", "frame_duration": "20"}
    decoder = av.CodecContext.create("libopus", "r")
    assert isinstance(decoder, av.AudioCodecContext)
    encoder.open()
    decoder.extradata = encoder.extradata
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE_HZ)
    whole = av.AudioFrame.from_ndarray(
        np.clip(x * 32767, -32768, 32767).astype(np.int16)[None], format="s16", layout="mono"
    )
    whole.sample_rate, whole.pts = RATE_HZ, 0
    fifo, pieces = av.AudioFifo(), []
    fifo.write(whole)
    frames = [*fifo.read_many(RATE_HZ // 50), None]
    for frame in frames:
        for packet in encoder.encode(frame):
            for heard in decoder.decode(packet):
                pieces += [piece.to_ndarray()[0] for piece in resampler.resample(heard)]
    y = np.concatenate(pieces)[: x.size]
    return np.asarray(np.pad(y, (0, x.size - y.size)), np.float32)


def narrowed(rng: Rng, x: Audio) -> Audio:
    """Limit to the band of an 8 kHz line: nothing above about 3.7 kHz."""
    return np.asarray(
        ss.sosfilt(ss.butter(8, rng.uniform(3400, 4000), fs=RATE_HZ, output="sos"), x), np.float32
    )
