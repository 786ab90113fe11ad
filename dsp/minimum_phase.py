"""Minimum-phase FIR filters from the gains of mel bands.

Such a filter has the least delay of all with its magnitude response. Its complex cepstrum is causal:
``c[0] = m[0]`` and ``c[n] = 2 m[n]`` for n > 0, *m* the cepstrum of the magnitude alone (Oppenheim & Schafer,
"Discrete-Time Signal Processing", chapter on the complex cepstrum).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .component import State
from .frame import RATE_HZ
from .kernel import kernel
from .spectrum import BANDS, mel_centres

TAPS = 64
"""Length of the filters."""

Floats = NDArray[np.float32]


def cepstrum_tables() -> State:
    """Table that all filters share: the cepstrum, times n, of a gain in each band, by a cosine transform."""
    shared = np.zeros(1, np.dtype([("cepstra", "f4", (TAPS, BANDS))], align=True))
    points = 512
    hz = (np.arange(points) + 0.5) * RATE_HZ / 2 / points
    centres = mel_centres()[1:-1]
    between = np.stack([np.interp(hz, centres, unit) for unit in np.eye(BANDS)])
    n = np.arange(TAPS)
    cosine = np.cos(np.pi * n[:, None] * (np.arange(points) + 0.5) / points) / points
    cepstra = cosine @ between.T
    # The cepstrum of a minimum phase is twice that of the magnitude; the recursion in
    # ``minimum_phase_taps`` needs it times n.
    cepstra[1:] *= 2.0 * n[1:, None]
    shared["cepstra"] = cepstra
    return shared


CEPSTRUM_TABLES = cepstrum_tables()


@kernel
def minimum_phase_taps(gains: Floats, cepstra: Floats, cepstrum: Floats, out: Floats) -> None:
    """Impulse response of the minimum-phase filter with these gains in its bands.

    The recursion from the causal cepstrum *c* is ``h[0] = exp(c[0])``,
    ``h[n] = Σ (k / n) c[k] h[n-k]`` over k = 1..n (Oppenheim & Schafer).

    Parameters
    ----------
    gains : float32, shape (BANDS,)
        Natural logarithm of the magnitude in each band.
    cepstra : float32, shape (n, BANDS)
        Of :func:`cepstrum_tables`.
    cepstrum : float32, shape (n,)
        Work space.
    out : float32, shape (n,)
        Overwritten.
    """
    for n in range(out.size):
        total = np.float32(0.0)
        for b in range(gains.size):
            total += cepstra[n, b] * gains[b]
        cepstrum[n] = total
    out[0] = math.exp(cepstrum[0])
    for n in range(1, out.size):
        total = np.float32(0.0)
        for k in range(1, n + 1):
            total += cepstrum[k] * out[n - k]
        out[n] = total / np.float32(n)


@kernel
def filter_newest(x: Floats, response: Floats, out: Floats) -> None:
    """Filter the newest ``out.size`` samples of ``x`` with an impulse response."""
    first = x.size - out.size
    for i in range(out.size):
        out[i] = np.float32(0.0)
    for k in range(response.size):
        tap, start = response[k], first - k
        for i in range(out.size):
            out[i] += tap * x[start + i]
