"""Change of the spectrum over short spans: speech moves, hums and rotors hardly do."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .kernel import kernel

SMOOTH = 0.4
"""Weight of the newest hop in the smoothed levels that are compared, some 20 ms."""

CEILING_DB = 40.0
"""Bands that stand higher above the noise count as this high."""

Doubles = NDArray[np.float64]


@kernel
def stir(
    above_db: Doubles,
    smooth: Doubles,
    history: Doubles,
    at: int,
    lags: NDArray[np.int64],
    out: Doubles,
) -> None:
    """How much what stands above the noise has moved, over several lags.

    Parameters
    ----------
    above_db : float64, shape (bands,)
        Level of each band above its noise, 0 or more.
    smooth : float64, shape (bands,)
        State: the same, smoothed.
    history : float64, shape (hops, bands)
        State: ``smooth`` of the last hops; row ``at`` is the oldest and is overwritten.
    lags : int64, shape (n,)
        Hops, at most those of the history.
    out : float64, shape (n,)
        Overwritten: for each lag the mean absolute change of all bands in dB.
    """
    hops, bands = history.shape
    out[:] = 0.0
    for b in range(bands):
        smooth[b] += SMOOTH * (min(CEILING_DB, above_db[b]) - smooth[b])
        for k in range(lags.size):
            out[k] += abs(smooth[b] - history[(at - lags[k]) % hops, b]) / bands
    for b in range(bands):
        history[at, b] = smooth[b]


class Stir:
    """Follows how what stands above the noise moves: in noise too, as the noise itself is left out."""

    def __init__(self, bands: int, lags_hops: tuple[int, ...]) -> None:
        self._lags = np.array(lags_hops)
        self._smooth = np.zeros(bands)
        self._history = np.zeros((max(lags_hops), bands))
        self.change_db = np.zeros(len(lags_hops))
        """Mean absolute change of the bands over each lag, dB; overwritten by each hop."""
        self.reset()

    def reset(self) -> None:
        """Forget everything heard."""
        self._smooth.fill(0.0)
        self._history.fill(0.0)
        self.change_db.fill(0.0)
        self._hops = 0

    def process(self, above_db: Doubles) -> None:
        """Take a hop in: level of each band above its noise, dB."""
        at = self._hops % len(self._history)
        stir(above_db, self._smooth, self._history, at, self._lags, self.change_db)
        self._hops += 1
