"""The last seconds of what a recogniser hears: samples, and what our ears say of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dsp.ears import SHORT_LOSS_HOPS, Ears
from dsp.frame import HOP, Frame
from engine.media.resample import Samples


class Hearing:
    """One speaker's sound, hop by hop from the beginning of the stream.

    Attributes
    ----------
    hop : hops heard or lost so far: the number of the next one.
    talking : whether the speaker talks; it ends after 0.25 s of silence.
    talk_began, talk_ended : hop at which the newest talk began, and ended.
    lost : hops lost in a row until now.
    """

    def __init__(self, most_hops: int) -> None:
        """``most_hops`` is how far back one can ask."""
        self._ears = Ears()
        self._most = most_hops
        self._first = 0  # hop of the first one kept
        self._samples = np.zeros(2 * most_hops * HOP, np.float32)
        self._speech = np.zeros(2 * most_hops, np.float32)
        self._nuclei: list[int] = []
        self.hop = 0
        self.talking = False
        self.talk_began = 0
        self.talk_ended = 0
        self.lost = 0

    def process(self, samples: Samples) -> Frame:
        """Hear the next hop, float32, shape (160,)."""
        self.lost = 0
        frame = self._ears.process(samples)
        self._append(samples, frame)
        if frame.nucleus_ago_hops:
            self._nuclei.append(self.hop - frame.nucleus_ago_hops)
        if frame.edge_ago_hops and frame.talking:
            self.talk_began = self.hop - frame.edge_ago_hops
        elif frame.edge_ago_hops:
            self.talk_ended = self.hop - frame.edge_ago_hops
        self.talking = frame.talking
        return frame

    def process_lost(self) -> None:
        """Note a lost hop; a loss longer than the ears bridge ends the talk where it began."""
        self.lost += 1
        self._append(np.zeros(HOP, np.float32), self._ears.process_lost())
        if self.lost == SHORT_LOSS_HOPS + 1 and self.talking:
            self.talk_ended = self.hop - self.lost

    def _append(self, samples: Samples, frame: Frame) -> None:
        at = self.hop - self._first
        if at == self._speech.size:
            keep = self._most
            self._samples[: keep * HOP] = self._samples[-keep * HOP :]
            self._speech[:keep] = self._speech[-keep:]
            self._first += at - keep
            self._nuclei = [nucleus for nucleus in self._nuclei if nucleus >= self._first]
            at = keep
        self._samples[at * HOP : (at + 1) * HOP] = samples
        self._speech[at] = frame.speech if frame.known else 0.0
        self.hop += 1

    def samples(self, start: int, stop: int) -> Samples:
        """Samples of the hops from ``start`` to before ``stop``: a copy."""
        first = max(start, self._first) - self._first
        return self._samples[first * HOP : (stop - self._first) * HOP].copy()

    def speech(self, start: int, stop: int) -> NDArray[np.float32]:
        """Probability of speech in each of the hops."""
        first = max(start, self._first) - self._first
        return self._speech[first : stop - self._first].copy()

    def nuclei(self, start: int, stop: int) -> list[int]:
        """Hops of the middles of syllable nuclei."""
        return [nucleus for nucleus in self._nuclei if start <= nucleus < stop]
