"""What was played to the speaker, in stream time: their microphone may hear it again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dsp.frame import HOP, RATE_HZ

KEPT_S = 4
"""So much is kept: what is played may run ahead of what is heard by less."""

JOINED_S = 0.1
"""Blocks that are told within this of where the last one ended follow it without a gap."""

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
