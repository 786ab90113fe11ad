"""Syllable nuclei: peaks of loudness in the bands of vowels, parted by dips."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

FIRST_BAND, LAST_BAND = 5, 22
DIP_DB = 2.0


class Syllables:
    """Finds syllable nuclei as they are confirmed, some 50 ms after their peak."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Wait for the next rise."""
        self._smooth = -120.0
        self._peak = -120.0
        self._dip = -120.0
        self._ago = 0

    def process(self, bands_db: Floats, speech: float) -> int:
        """Take a hop's bands; how many hops ago a nucleus was, if one is confirmed now, else 0."""
        loud = float(bands_db[FIRST_BAND:LAST_BAND].mean())
        self._smooth += 0.5 * (loud - self._smooth)
        self._ago += 1
        if self._smooth > self._peak:
            self._peak, self._ago = self._smooth, 0
        if self._ago and self._smooth < self._peak - DIP_DB:
            found = self._peak > self._dip + DIP_DB and speech > 0.4
            ago = self._ago + 2
            self._dip = self._peak = self._smooth
            self._ago = 0
            return ago if found else 0
        if self._smooth < self._dip:
            self._dip = self._peak = self._smooth
            self._ago = 0
        return 0
