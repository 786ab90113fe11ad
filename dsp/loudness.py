"""Loudness above the noise: how far the spectrum of a hop stands out of the floor of each band."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .kernel import kernel
from .level import NoiseFloor
from .spectrum import BANDS

FIRST_BAND, LAST_BAND = 3, 28
"""Bands that count: 0.2 to 5.6 kHz, without hum below and the hiss above."""

BIAS_DB, MOST_DB = 3.0, 60.0
"""Noise strays this far above its floor; a band that stands out further counts no more."""

LEAST_DB = -60.0
"""The loudest band before anything was heard, at least."""

RANGE_DB, FADE_DB = 54.0, 0.03
"""What is this far below the loudest band heard lately is silence, however quiet the room: breath and
rustle. The loudest fades by so many dB a hop."""

FILL_HOPS = 3
"""The first hops fall into a spectrum that is not yet full and would pass for a low floor."""

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


@kernel
def powers(bands_db: Floats, least_db: float, out: Doubles) -> None:
    """Levels of bands in dB back to powers, those below ``least_db`` raised to it."""
    for b in range(out.size):
        out[b] = 10.0 ** (0.1 * max(least_db, bands_db[b]))


@kernel
def excess(power: Doubles, floor: Doubles, first: int, out_db: Doubles) -> float:
    """Levels of bands above their floors and the bias, within 0..``MOST_DB``.

    Parameters
    ----------
    power, floor : float64, shape (bands,)
    first : int
        The band that ``out_db[0]`` speaks of.
    out_db : float64, shape (n,)
        Overwritten.

    Returns
    -------
    mean_db : float
        Mean of ``out_db``.
    """
    total = 0.0
    for k in range(out_db.size):
        above_db = 10.0 * np.log10(power[first + k] / floor[first + k]) - BIAS_DB
        out_db[k] = min(MOST_DB, max(0.0, above_db))
        total += out_db[k]
    mean_db: float = total / out_db.size
    return mean_db


class Loudness:
    """Follows the noise of every band and says how far the sound stands above it."""

    def __init__(self) -> None:
        self._power = np.zeros(BANDS)
        self._floor = NoiseFloor(BANDS)
        self.bands_above_db = np.zeros(LAST_BAND - FIRST_BAND)
        """Level of each band that counts above its noise, dB, 0..``MOST_DB``; overwritten by each hop."""
        self.reset()

    def reset(self) -> None:
        """Forget the noise."""
        self._floor.reset()
        self._hops = 0
        self._loudest_db = LEAST_DB
        self.bands_above_db.fill(0.0)
        self.above_db = 0.0
        """Mean of them."""

    def process(self, bands_db: Floats) -> None:
        """Take a hop's mel bands in."""
        self._hops += 1
        if self._hops <= FILL_HOPS:
            return
        self._loudest_db = max(self._loudest_db - FADE_DB, float(bands_db.max()))
        powers(bands_db, self._loudest_db - RANGE_DB, self._power)
        self._floor.process(self._power)
        self.above_db = excess(self._power, self._floor.power, FIRST_BAND, self.bands_above_db)
