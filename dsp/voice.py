"""Voice activity: the probability that a hop holds speech."""

from __future__ import annotations

import numpy as np
from earshot import Detector
from numpy.typing import NDArray

from .frame import HOP

FRAME = 256
"""Samples that earshot takes at a time, 16 ms."""

Floats = NDArray[np.float32]


class VoiceActivity:
    """Probability of speech for each hop."""

    def __init__(self) -> None:
        self._detector = Detector()
        self._waiting = np.zeros(FRAME + HOP, np.float32)
        self.reset()

    def reset(self) -> None:
        """Forget everything heard."""
        self._detector.reset()
        self._held = 0
        self.speech = 0.0
        """Probability that the last hop is speech, 0..1."""

    def process(self, hop: Floats, above_floor_db: float) -> None:
        """Take 160 samples in, and the level of the hop above the noise floor in dB."""
        np.clip(hop, -1.0, 1.0, out=self._waiting[self._held : self._held + HOP])
        self._held += HOP
        if self._held >= FRAME:
            self.speech = self._detector.predict_f32(self._waiting[:FRAME])
            self._held -= FRAME
            self._waiting[: self._held] = self._waiting[FRAME : FRAME + self._held]
