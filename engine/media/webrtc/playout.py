"""What the far end hears: sounds mixed, and sent as they are due.

:class:`Mixer` only computes; :class:`PlayoutTrack` is its way into a connection. While there is
nothing to say no packet is sent and nothing runs.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import Packet

from dsp.frame import RATE_HZ
from engine.media.resample import Samples
from engine.media.rtp.opus import OpusEncoder

SoundKind = Literal["voice", "distraction"]

BLOCK = 320
"""Samples in a packet, 20 ms."""

EDGE = 40
"""Samples, 2.5 ms, over which a sound comes in and goes out: none begins or ends with a click."""

FADE = 160
"""Samples, 10 ms, over which a sound that is stopped goes out, or changes its gain."""

CLIP_KNEE = 10.0 ** (-3.0 / 20.0)
"""Up to −3 dBFS a mix is left as it is; what is above is bent, and stays below full scale."""

CLOCK_HZ = 48_000
"""The RTP clock of Opus at any rate (RFC 7587, section 4.1)."""

BLOCK_TICKS = BLOCK * CLOCK_HZ // RATE_HZ
"""A packet on that clock."""

TAIL_BLOCKS = 2
"""Packets of silence after the last sound: the encoder holds 2.5 ms back, and a far end that fills
the gap after the last packet fills it with what it heard at the end."""

LATE_S = 0.1
"""An event loop held up longer leaves time out; up to that the packets catch up."""


@dataclass(slots=True)
class _PlayingSound:
    """A sound on its way: what comes next, its gain now, and the gain it moves to."""

    samples: Samples
    kind: SoundKind
    own: float
    gain: float
    target: float
    step: float = 0.0
    at: int = 0

    def move(self, target: float) -> None:
        """Change the gain over :data:`FADE`."""
        self.target, self.step = target, (target - self.gain) / FADE

    def next(self, n: int) -> Samples:
        """Its next samples, n of them or what is left."""
        part = self.samples[self.at : self.at + n]
        self.at += len(part)
        if self.gain == self.target:
            return part * np.float32(self.gain)
        gains = self.gain + self.step * np.arange(1, len(part) + 1)
        gains = np.minimum(gains, self.target) if self.step > 0 else np.maximum(gains, self.target)
        self.gain = float(gains[-1])
        faded: Samples = (part * gains).astype(np.float32)
        return faded

    @property
    def over(self) -> bool:
        """Whether nothing of it will be heard any more: played to its end, or stopped."""
        return self.at >= len(self.samples) or (self.gain == 0.0 == self.target)


class Mixer:
    """Sounds one over another, in blocks of any length. No clock, no I/O."""

    def __init__(self) -> None:
        self._sounds: dict[int, _PlayingSound] = {}
        self._gains: dict[SoundKind, float] = {"voice": 1.0, "distraction": 1.0}
        self._count = 0
        self.wake: Callable[[], None] | None = None
        """Called when something starts."""

    def play(self, samples: Samples, *, gain_db: float = 0.0, kind: SoundKind = "voice") -> int:
        """Start a sound, float32 mono 16 kHz, shape (n,), with the next block; gives its number."""
        sound = np.array(samples, np.float32)
        edge = min(EDGE, len(sound) // 2)
        ramp = (0.5 - 0.5 * np.cos(np.pi * (np.arange(edge) + 0.5) / EDGE)).astype(np.float32)
        sound[:edge] *= ramp
        sound[len(sound) - edge :] *= ramp[::-1]
        own = 10.0 ** (gain_db / 20.0)
        gain = own * self._gains[kind]
        self._count += 1
        if len(sound):
            self._sounds[self._count] = _PlayingSound(sound, kind, own, gain, gain)
            if self.wake is not None:
                self.wake()
        return self._count

    def stop(self, number: int | None = None) -> None:
        """Let a sound, or all of them, go out over 10 ms. One that is over already, or never was: nothing."""
        for which, sound in list(self._sounds.items()):
            if number in (None, which) and sound.own:
                sound.move(0.0)
                sound.own = 0.0
                if not sound.at:
                    del self._sounds[which]

    def lower(self, kind: SoundKind, db: float) -> None:
        """Set the gain of all sounds of a kind, those to come too; 0 dB is as they are, −inf mute."""
        self._gains[kind] = 10.0 ** (db / 20.0) if db > -math.inf else 0.0
        for sound in self._sounds.values():
            if sound.kind == kind and sound.own:
                # A muted sound runs on unheard, so that it can be brought back.
                sound.move(sound.own * max(self._gains[kind], 1e-9))

    def playing(self) -> frozenset[int]:
        """Numbers of the sounds that are not over."""
        return frozenset(self._sounds)

    def take(self, n: int = BLOCK) -> Samples | None:
        """Next n samples, float32, every one within ±1; None when there is nothing to say."""
        if not self._sounds:
            return None
        out: Samples = np.zeros(n, np.float32)
        for which, sound in list(self._sounds.items()):
            part = sound.next(n)
            out[: len(part)] += part
            if sound.over:
                del self._sounds[which]
        return soft_clipped(out)


def soft_clipped(samples: Samples) -> Samples:
    """Return samples with those above :data:`CLIP_KNEE` bent smoothly to stay below full scale."""
    loud = np.abs(samples) > CLIP_KNEE
    if not loud.any():
        return samples
    out = samples.copy()
    above = (np.abs(samples[loud]) - CLIP_KNEE) / (1.0 - CLIP_KNEE)
    out[loud] = np.sign(samples[loud]) * (CLIP_KNEE + (1.0 - CLIP_KNEE) * np.tanh(above))
    return out


class PlayoutTrack(MediaStreamTrack):
    """A mixer as a track of Opus packets, which aiortc sends as they are.

    Its time stamps are those of a monotonic clock, over silences too: nothing drifts. A sound that
    starts in a silence is sent at once, otherwise with the next packet. Of several tracks with one
    mixer, the one that was connected last sends.

    Parameters
    ----------
    mixer : gives the samples.
    sent : told of each block that is sent: float32, shape (320,), and the monotonic time that its
        first sample has by its time stamp.
    clock, sleep : monotonic seconds, and how to wait for them.

    Raises
    ------
    OSError
        There is no libopus.
    """

    kind = "audio"

    def __init__(
        self,
        mixer: Mixer,
        sent: Callable[[Samples, float], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        super().__init__()
        self._mixer = mixer
        self._sent = sent
        self._clock = clock
        self._sleep = sleep
        self._encoder = OpusEncoder()
        self._started = asyncio.Event()
        self._origin_s: float | None = None
        self._pts = 0
        self._tail = 0

    async def recv(self) -> Packet[Any]:
        """Next packet, when it is due; waits as long as there is nothing to say."""
        if self._origin_s is None:
            self._origin_s = self._clock()
            self._mixer.wake = self._started.set
        while True:
            if self.readyState != "live":
                raise MediaStreamError
            if self._tail:
                await self._due()
            self._started.clear()
            block = self._mixer.take() if self._mixer.wake == self._started.set else None
            if block is not None:
                if not self._tail:
                    self._begin()
                self._tail = TAIL_BLOCKS + 1
                return self._packet(block)
            if self._tail > 1:
                self._tail -= 1
                return self._packet(np.zeros(BLOCK, np.float32))
            self._tail = 0
            await self._started.wait()

    def stop(self) -> None:
        """End the track; a reader that waits is told."""
        super().stop()
        self._started.set()

    # --- inside ----------------------------------------------------------------

    def _now(self) -> int:
        return round((self._clock() - (self._origin_s or 0.0)) * CLOCK_HZ)

    def _begin(self) -> None:
        """Go on after a silence: at this moment, and with nothing of what was before."""
        self._pts = max(self._pts, self._now())
        self._encoder.reset()

    async def _due(self) -> None:
        """Wait for the time of the next packet; leave out time that nothing can make good."""
        ahead_s = (self._pts - self._now()) / CLOCK_HZ
        if ahead_s > 0:
            await self._sleep(ahead_s)
        elif ahead_s < -LATE_S:
            self._pts = self._now()

    def _packet(self, block: Samples) -> Packet[Any]:
        if self._sent is not None:
            self._sent(block, (self._origin_s or 0.0) + self._pts / CLOCK_HZ)
        packet: Packet[Any] = Packet(self._encoder.encode(block))
        packet.pts, packet.time_base = self._pts, Fraction(1, CLOCK_HZ)
        self._pts += BLOCK_TICKS
        return packet
