"""Packets of one speaker, as a browser sends them, for tests."""

from __future__ import annotations

import functools
import struct
from collections.abc import Iterable
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
from av import AudioFrame
from av.audio.codeccontext import AudioCodecContext

from engine.core.session import Session
from engine.media.resample import Samples
from engine.media.rtp.stream import RtpStream
from engine.media.voices.synthesis import SpeechSynthesizer
from engine.protocol import events as ev
from engine.shipped.profiles import load

OPUS = 111
TICKS = 960
"""20 ms at 48 kHz."""

PACKET = 320
"""Samples in them at 16 kHz."""

CODECS: dict[int, Any] = {
    OPUS: SimpleNamespace(name="opus"),
    0: SimpleNamespace(name="PCMU"),
    8: SimpleNamespace(name="PCMA"),
}


def rtp(
    sequence: int,
    stamp: int,
    payload: bytes,
    *,
    ssrc: int = 7,
    kind: int = OPUS,
) -> bytes:
    """A packet; sequence number and stamp may be beyond what their fields hold."""
    return struct.pack("!BBHII", 0x80, kind, sequence & 0xFFFF, stamp & 0xFFFFFFFF, ssrc) + payload


def tone(seconds: float, hz: float = 220.0, rate_hz: int = 48_000, level: float = 0.2) -> Samples:
    """A voice-like sound of many harmonics that swells four times a second."""
    at_s = np.arange(round(seconds * rate_hz)) / rate_hz
    sound = sum((np.sin(2 * np.pi * k * hz * at_s) / k for k in range(1, 12)), np.zeros_like(at_s))
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * 4 * at_s)
    return (level * swell * sound).astype(np.float32)


def encoded(samples: Samples, *, frame_ms: int = 20, **options: str) -> list[bytes]:
    """Opus packets of 48 kHz samples, shape (n,) or (2, n), by libopus through PyAV."""
    context = AudioCodecContext.create("libopus", "w")
    assert isinstance(context, AudioCodecContext)
    planes = np.atleast_2d(samples)
    layout = "mono" if len(planes) == 1 else "stereo"
    context.sample_rate, context.layout, context.format = 48_000, layout, "flt"
    context.bit_rate = 32_000
    context.time_base = Fraction(1, 48_000)
    context.options = {"application": "voip", "frame_duration": str(frame_ms), **options}
    context.open()
    size = context.frame_size
    packets: list[bytes] = []
    for start in range(0, planes.shape[1] - size + 1, size):
        block = np.ascontiguousarray(planes[:, start : start + size].T).reshape(1, -1)
        part = AudioFrame.from_ndarray(block, format="flt", layout=layout)
        part.sample_rate, part.pts, part.time_base = 48_000, start, Fraction(1, 48_000)
        packets += [bytes(packet) for packet in context.encode(part)]
    return packets


@functools.cache
def spoken(count: int = 100, fec: bool = False) -> list[bytes]:
    """20 ms packets of a sound; of a voice, with copies of the packets before them, if ``fec``."""
    if not fec:
        return encoded(tone(count * 0.02 + 0.04))[:count]
    voice = SpeechSynthesizer().synthesize(
        "We led the move of our billing system to the cloud, and it went well."
    )
    at = np.arange(3 * voice.size) / 3
    upsampled = np.interp(at, np.arange(voice.size), voice).astype(np.float32)
    return encoded(upsampled, fec="1", packet_loss="20")[:count]


class Line:
    """A stream into a session, and what came out at its end."""

    def __init__(self) -> None:
        self.session = Session(load("conversation"))
        self.stream = RtpStream(self.session, 0, CODECS)
        self.events: list[ev.AnyEvent] = []
        self._heard: list[Samples] = []
        self._timeline: list[Samples] = []
        hear, missing = self.session.hear, self.session.missing

        def heard(channel: int, samples: Samples, at: int | None = None) -> None:
            self._heard.append(samples.copy())
            self._timeline.append(self._heard[-1])
            hear(channel, samples, at)

        def lost(channel: int, start: int, stop: int) -> None:
            self._timeline.append(np.zeros(stop - start, np.float32))
            missing(channel, start, stop)

        self.session.hear = heard  # type: ignore[method-assign]
        self.session.missing = lost  # type: ignore[method-assign]

    def packet(self, data: bytes, arrived_s: float) -> None:
        """Take a packet, and before it what has waited long enough."""
        due_s = self.stream.due_s
        if due_s is not None and due_s <= arrived_s:
            self.stream.expire(due_s)
        self.stream.packet(data, arrived_s)
        self.events += self.session.poll()

    def run(self, payloads: Iterable[bytes], first: int = 0, began_s: float = 100.0, **more: int) -> None:
        """Packets in order, 20 ms each, from packet number ``first``."""
        for number, payload in enumerate(payloads, first):
            self.packet(rtp(number, number * TICKS, payload, **more), began_s + number * 0.02)

    def close(self) -> int:
        """Samples that were heard or lost, in all."""
        self.stream.flush()
        self.session.finish()
        self.events += self.session.poll()
        return self.position

    @property
    def position(self) -> int:
        """Samples that were heard or lost so far."""
        return self.session._listeners[0].position

    @property
    def samples(self) -> Samples:
        """All that was heard."""
        return np.concatenate(self._heard)

    @property
    def timeline(self) -> Samples:
        """Likewise, with zeros for what is missing."""
        return np.concatenate(self._timeline)

    @property
    def lost(self) -> list[tuple[float, float]]:
        """Spans of lost audio, in seconds."""
        return [(e.start_s, e.end_s) for e in self.events if isinstance(e, ev.AudioLost)]
