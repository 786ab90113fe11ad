"""Mix sounds for the far end and send them as Opus packets in real time.

:class:`Mixer` only computes; :class:`PlayoutTrack` sends its output on a connection. In silence no packet
is sent and no task wakes.
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
"""Samples, 2.5 ms, of the fade at the start and end of each sound, against clicks."""

FADE = 160
"""Samples, 10 ms, over which a sound is stopped or its gain changes."""

CLIP_KNEE = 10.0 ** (-3.0 / 20.0)
"""Soft clipping begins at −3 dBFS; samples below are unchanged."""

CLOCK_HZ = 48_000
"""RTP clock of Opus at any sampling rate (RFC 7587, section 4.1)."""

BLOCK_TICKS = BLOCK * CLOCK_HZ // RATE_HZ
"""Length of a packet on that clock."""

TAIL_BLOCKS = 2
"""Packets of silence after the last sound: the encoder delays by 2.5 ms, and a far end conceals the gap
after the last packet with what that ended with."""

LATE_S = 0.1
"""After a longer stall of the event loop the time is skipped; after a shorter one packets catch up."""


@dataclass(slots=True)
class _PlayingSound:
    """A sound being played: position, current gain, and the gain it fades to."""

    samples: Samples
    kind: SoundKind
    own: float
    gain: float
    target: float
    step: float = 0.0
    at: int = 0

    def fade_to(self, target: float) -> None:
        """Change the gain over :data:`FADE`."""
        self.target, self.step = target, (target - self.gain) / FADE

    def next_samples(self, n: int) -> Samples:
        """Return the next n samples, or what is left."""
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
    def finished(self) -> bool:
        """Whether it is played to its end, or stopped and faded out."""
        return self.at >= len(self.samples) or (self.gain == 0.0 == self.target)


class Mixer:
    """Mixer of sounds, in blocks of any length. No clock, no I/O."""

    def __init__(self) -> None:
        self._sounds: dict[int, _PlayingSound] = {}
        self._gains: dict[SoundKind, float] = {"voice": 1.0, "distraction": 1.0}
        self._count = 0
        self.wake: Callable[[], None] | None = None
        """Called when a sound starts."""

    def play(self, samples: Samples, *, gain_db: float = 0.0, kind: SoundKind = "voice") -> int:
        """Start a sound, float32 mono 16 kHz, shape (n,), with the next block; return its number."""
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
        """Fade out a sound, or all of them, over 10 ms; a number that isn't playing is ignored."""
        for which, sound in list(self._sounds.items()):
            if number in (None, which) and sound.own:
                sound.fade_to(0.0)
                sound.own = 0.0
                if not sound.at:
                    del self._sounds[which]

    def set_gain(self, kind: SoundKind, db: float) -> None:
        """Set the gain of all sounds of a kind, future ones too: 0 dB is unchanged, −inf muted."""
        self._gains[kind] = 10.0 ** (db / 20.0) if db > -math.inf else 0.0
        for sound in self._sounds.values():
            if sound.kind == kind and sound.own:
                # A muted sound plays on unheard, so that it can be unmuted.
                sound.fade_to(sound.own * max(self._gains[kind], 1e-9))

    def playing(self) -> frozenset[int]:
        """Return the numbers of the sounds being played."""
        return frozenset(self._sounds)

    def next_block(self, n: int = BLOCK) -> Samples | None:
        """Return the next n samples, float32, within ±1; None when nothing plays."""
        if not self._sounds:
            return None
        out: Samples = np.zeros(n, np.float32)
        for which, sound in list(self._sounds.items()):
            part = sound.next_samples(n)
            out[: len(part)] += part
            if sound.finished:
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
    """Audio track of a mixer's output in Opus packets, which aiortc sends unchanged.

    Time stamps follow a monotonic clock, over silences too, so that nothing drifts. A sound that
    starts in silence is sent at once, otherwise with the next packet. Of several tracks with one
    mixer the last one connected sends.

    Parameters
    ----------
    mixer : source of the samples.
    sent : called with each block sent: float32, shape (320,), and the monotonic time of its first
        sample by its time stamp.
    clock, sleep : monotonic seconds, and an awaitable delay.

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
        """Return the next packet when it is due; wait in silence."""
        if self._origin_s is None:
            self._origin_s = self._clock()
            self._mixer.wake = self._started.set
        while True:
            if self.readyState != "live":
                raise MediaStreamError
            if self._tail:
                await self._wait_until_due()
            self._started.clear()
            block = self._mixer.next_block() if self._mixer.wake == self._started.set else None
            if block is not None:
                if not self._tail:
                    self._resume()
                self._tail = TAIL_BLOCKS + 1
                return self._packet(block)
            if self._tail > 1:
                self._tail -= 1
                return self._packet(np.zeros(BLOCK, np.float32))
            self._tail = 0
            await self._started.wait()

    def stop(self) -> None:
        """End the track, and wake a waiting reader."""
        super().stop()
        self._started.set()

    # --- inside ----------------------------------------------------------------

    def _now(self) -> int:
        return round((self._clock() - (self._origin_s or 0.0)) * CLOCK_HZ)

    def _resume(self) -> None:
        """Resume after a silence: at the current time, with a fresh encoder state."""
        self._pts = max(self._pts, self._now())
        self._encoder.reset()

    async def _wait_until_due(self) -> None:
        """Wait until the next packet is due; skip time after a long stall."""
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
