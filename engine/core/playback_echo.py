"""What was played to the speaker, in stream time, and whether their microphone hears it again."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from dsp import sample_history
from dsp.delay_estimation import EARLY_HOPS, HOP_SAMPLES, SURE_RATIO, cross_correlate
from dsp.echo_suppressor import EchoSuppressor
from dsp.frame import HOP, RATE_HZ

KEPT_S = 4
"""So much is kept: what is played may run ahead of what is heard by less."""

JOINED_S = 0.1
"""Blocks that are told within this of where the last one ended follow it without a gap."""

LOUD = 1e-3
"""A hop played with a sample above this, −60 dBFS, may leave an echo."""

LOOK_HOPS = 100
"""Number of such hops after which the microphone is compared with what was played."""

NEAR_HOPS = 2
"""Two looks that find an echo less far apart than this have found the same one."""

FORGOTTEN_LOOKS = 10
"""Looks without an echo after which there is none: headphones, or a loudspeaker turned down."""

WORTH_DB = -40.0
"""An echo from this on, against what was played, is worth a word about headphones."""

Samples = NDArray[np.float32]


class Played:
    """A ring of samples; silence where nothing was played."""

    def __init__(self) -> None:
        self._ring: Samples = np.zeros(KEPT_S * RATE_HZ, np.float32)
        self._end: int | None = None
        """Index behind the last sample played, None before any."""

    def add(self, samples: Samples, at: int) -> None:
        """Note what is played from sample ``at`` of the stream on: float32, shape (n,), n < 4 s."""
        end = self._end
        if end is not None and abs(at - end) <= JOINED_S * RATE_HZ:
            at = end
        elif end is not None and at < end:
            return
        elif end is not None:
            self._write(
                np.zeros(min(at - end, self._ring.size), np.float32), at - min(at - end, self._ring.size)
            )
        self._write(samples, at)
        self._end = at + samples.size

    def hop(self, at: int) -> Samples:
        """What was played in the hop that begins with sample ``at``: float32, shape (160,)."""
        out: Samples = np.zeros(HOP, np.float32)
        if self._end is not None and at < self._end and at > self._end - self._ring.size:
            count = min(HOP, self._end - at)
            out[:count] = self._ring[np.arange(at, at + count) % self._ring.size]
        return out

    def recently(self, at: int, within_s: float) -> bool:
        """Whether anything was played at ``at`` or up to so long before it."""
        return self._end is not None and at < self._end + within_s * RATE_HZ

    def _write(self, samples: Samples, at: int) -> None:
        self._ring[np.arange(at, at + samples.size) % self._ring.size] = samples


class Echo:
    """Takes what was played out of what the microphone hears, and knows whether there was anything to take.

    Two who talk at once are loud in both, band by band, without anything coming back; so loudness tells
    nothing. An echo is the same waveform a while later: the whitened cross-correlation of the two
    (:mod:`dsp.delay_estimation`) is then several times what chance gives, at one lag. It counts when two
    looks in sound of their own find it at the same lag.
    """

    def __init__(self) -> None:
        self.guard = EchoSuppressor()
        self.found = False
        """Whether the microphone hears what is played."""
        self._mic, self._played = sample_history.SampleHistory(), sample_history.SampleHistory()
        # No echo comes early: what was played is held back, so that the lags looked at are all late ones.
        self._held: deque[Samples] = deque([np.zeros(HOP, np.float32)] * EARLY_HOPS)
        self._loud_hops = 0
        self._lag_hops: int | None = None
        self._misses = 0

    def hop(self, mic: Samples | None, played: Samples) -> Samples | None:
        """Take a hop of the microphone, None where it was lost, and what was played meanwhile.

        Returns
        -------
        float32, shape (160,)
            The microphone without the echo of what was played; None where it was lost.
        """
        if mic is None:
            self._mic.process_lost()
        else:
            sample_history.append_samples(mic, self._mic.state)
        self._held.append(played)
        before = self._held.popleft()
        sample_history.append_samples(before, self._played.state)
        self._loud_hops += bool(np.abs(before).max() > LOUD)
        if self._loud_hops >= LOOK_HOPS:
            self._loud_hops = 0
            self._look()
        return None if mic is None else self.guard.process(mic, played)

    @property
    def worth_a_word(self) -> bool:
        """Whether it is heard loud enough for the speaker to be told."""
        return self.found and self.guard.echo_db > WORTH_DB

    def _look(self) -> None:
        lag, times = cross_correlate(self._played.samples(), self._mic.samples()).peak()
        if times < SURE_RATIO:
            self._misses += 1
            self.found &= self._misses < FORGOTTEN_LOOKS
            return
        lag_hops, self._misses = round(lag / HOP_SAMPLES), 0
        self.found |= self._lag_hops is not None and abs(lag_hops - self._lag_hops) <= NEAR_HOPS
        self._lag_hops = lag_hops
