"""Change of the spectrum over a short span: speech moves, hums and filled pauses hardly do."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .kernel import kernel
from .spectrum import BANDS

WITHIN_DB = 27.0
"""Bands this far below the loudest, and further, don't count."""

SMOOTH = 0.4
"""Weight of the newest hop in the smoothed powers that are compared, some 20 ms."""

Floats = NDArray[np.float32]


@kernel
def movement(
    bands_db: Floats,
    smooth: NDArray[np.float64],
    history: NDArray[np.float64],
    at: int,
    out: NDArray[np.float64],
) -> None:
    """How much the spectrum has changed, and how wide it is.

    Parameters
    ----------
    bands_db : float32, shape (bands,)
    smooth : float64, shape (bands,)
        State: smoothed power of each band.
    history : float64, shape (lag, bands)
        State: smoothed levels in dB; row ``at`` is the oldest and is overwritten.
    out : float64, shape (2,)
        Overwritten: mean absolute change in dB of the bands near the loudest, then or
        now; number of bands near the loudest now.
    """
    top = -200.0
    for b in range(bands_db.size):
        smooth[b] += SMOOTH * (10.0 ** (0.1 * bands_db[b]) - smooth[b])
        top = max(top, 10.0 * math.log10(smooth[b] + 1e-12), history[at, b])
    change, near, wide = 0.0, 0, 0
    for b in range(bands_db.size):
        level = 10.0 * math.log10(smooth[b] + 1e-12)
        before = history[at, b]
        if max(level, before) > top - WITHIN_DB:
            change += abs(level - before)
            near += 1
        if level > top - WITHIN_DB:
            wide += 1
        history[at, b] = level
    out[0] = change / near
    out[1] = wide


class SpectralChange:
    """Compares the mel bands of a hop with those some hops before."""

    def __init__(self, lag_hops: int) -> None:
        self._smooth = np.zeros(BANDS)
        self._history = np.zeros((lag_hops, BANDS))
        self._out = np.zeros(2)
        self.reset()

    def reset(self) -> None:
        """Forget everything heard."""
        self._smooth.fill(0.0)
        self._history.fill(-120.0)
        self._hops = 0
        self.change_db = 0.0
        """Mean absolute change of the loud bands, dB."""
        self.breadth = 0.0
        """Number of bands near the loudest, 1..``BANDS``."""

    @property
    def full(self) -> bool:
        """Whether enough was heard since the last reset to compare with."""
        return self._hops > len(self._history)

    def process(self, bands_db: Floats) -> None:
        """Take a hop's mel bands in."""
        movement(bands_db, self._smooth, self._history, self._hops % len(self._history), self._out)
        self._hops += 1
        self.change_db, self.breadth = float(self._out[0]), float(self._out[1])
