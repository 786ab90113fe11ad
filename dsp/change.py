"""Change of the spectrum over short spans: speech moves, hums and filled pauses hardly do."""

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

CEILING_DB = 40.0
"""Bands that stand higher above the noise count as this high."""

Floats = NDArray[np.float32]


@kernel
def movement(
    bands_db: Floats,
    smooth: NDArray[np.float64],
    history: NDArray[np.float64],
    at: int,
) -> float:
    """How much the spectrum has changed.

    Parameters
    ----------
    bands_db : float32, shape (bands,)
    smooth : float64, shape (bands,)
        State: smoothed power of each band.
    history : float64, shape (lag, bands)
        State: smoothed levels in dB; row ``at`` is the oldest and is overwritten.

    Returns
    -------
    change_db : float
        Mean absolute change of the bands near the loudest, then or now.
    """
    top = -200.0
    for b in range(bands_db.size):
        smooth[b] += SMOOTH * (10.0 ** (0.1 * bands_db[b]) - smooth[b])
        top = max(top, 10.0 * math.log10(smooth[b] + 1e-12), history[at, b])
    change, near = 0.0, 0
    for b in range(bands_db.size):
        level = 10.0 * math.log10(smooth[b] + 1e-12)
        before = history[at, b]
        if max(level, before) > top - WITHIN_DB:
            change += abs(level - before)
            near += 1
        history[at, b] = level
    change_db: float = change / near
    return change_db


class SpectralChange:
    """Compares the mel bands of a hop with those some hops before."""

    def __init__(self, lag_hops: int) -> None:
        self._smooth = np.zeros(BANDS)
        self._history = np.zeros((lag_hops, BANDS))
        self.reset()

    def reset(self) -> None:
        """Forget everything heard."""
        self._smooth.fill(0.0)
        self._history.fill(-120.0)
        self._hops = 0
        self.change_db = 0.0
        """Mean absolute change of the loud bands, dB."""

    def process(self, bands_db: Floats) -> None:
        """Take a hop's mel bands in."""
        at = self._hops % len(self._history)
        self.change_db = movement(bands_db, self._smooth, self._history, at)
        self._hops += 1


@kernel
def stir(
    above_db: NDArray[np.float64],
    smooth: NDArray[np.float64],
    history: NDArray[np.float64],
    at: int,
    lags: NDArray[np.int64],
    out: NDArray[np.float64],
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

    def process(self, above_db: NDArray[np.float64]) -> None:
        """Take a hop in: level of each band above its noise, dB."""
        at = self._hops % len(self._history)
        stir(above_db, self._smooth, self._history, at, self._lags, self.change_db)
        self._hops += 1
