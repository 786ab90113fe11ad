"""Signal-to-noise ratio of each mel band: its level over its own noise floor.

``above_k = clip(10 log10(P_k / N_k) - BIAS_DB, 0, MAX_DB)``, *P* the power of band *k* and *N* its
minimum over the last 2.4 s (``dsp.level_meter.track_minimum``).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .component import Component, State
from .kernel import kernel
from .level_meter import FIRST_SUB, LOWEST, SUBS, track_minimum
from .spectrum import BANDS

FIRST_BAND, LAST_BAND = 3, 28
"""Bands that are used: 0.2 to 5.6 kHz, without hum below and hiss above."""

BIAS_DB, MAX_DB = 3.0, 60.0
"""Offset of noise from its minimum, subtracted; upper limit of a band."""

MIN_POWER = 1e-6
"""Initial power of the loudest band, −60 dB."""

RANGE_POWER, FADE = 10.0**-5.4, 10.0**-0.003
"""Powers more than 54 dB below the loudest recent band count as silence, however quiet the room: breath and
rustle. The loudest decays by 0.03 dB a hop."""

FILL_HOPS = 3
"""First hops, which are left out: the spectrum's window isn't full, and would give too low a floor."""

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


@kernel
def raise_to_range(bands: Floats, loudest: float, out: Doubles) -> float:
    """Copy band powers, raised to ``RANGE_POWER`` below the loudest recent one; return that one.

    Parameters
    ----------
    bands : float32, shape (n,)
    loudest : float
        Loudest power up to the previous hop.
    out : float64, shape (n,)
        Overwritten.
    """
    loudest *= FADE
    for b in range(bands.size):
        loudest = max(loudest, float(bands[b]))
    for b in range(bands.size):
        out[b] = max(loudest * RANGE_POWER, float(bands[b]))
    return loudest


@kernel
def excess_db(power: Doubles, floor: Doubles, first: int, out_db: Doubles) -> float:
    """Levels of bands over their floors and the bias, within 0..``MAX_DB``.

    Parameters
    ----------
    power, floor : float64, shape (bands,)
    first : int
        Band of ``out_db[0]``.
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
        out_db[k] = min(MAX_DB, max(0.0, above_db))
        total += out_db[k]
    mean_db: float = total / out_db.size
    return mean_db


@kernel
def update_band_snr(bands: Floats, state: State) -> None:
    """Process the mel bands of a hop: ``BandSnr.process``."""
    state.hops += 1
    if state.hops <= FILL_HOPS:
        return
    state.loudest = raise_to_range(bands, state.loudest, state.power)
    track_minimum(state.power, state.hops - FILL_HOPS - 1, state.floor)
    state.above_db = excess_db(state.power, state.floor[LOWEST], FIRST_BAND, state.bands_above_db)


class BandSnr(Component):
    """Tracks the noise floor of each band and how far the sound stands above it.

    Attributes
    ----------
    bands_above_db : float64, shape (LAST_BAND - FIRST_BAND,)
        Level of each used band over its noise, dB, 0..``MAX_DB``; overwritten by each hop.
    above_db : mean of them.
    """

    STATE = np.dtype(
        [
            ("power", "f8", BANDS),
            ("floor", "f8", (FIRST_SUB + SUBS, BANDS)),
            ("hops", "i8"),
            ("loudest", "f8"),
            ("bands_above_db", "f8", LAST_BAND - FIRST_BAND),
            ("above_db", "f8"),
        ],
        align=True,
    )

    def reset(self) -> None:
        """Forget the noise."""
        state = self.state
        for name in ("hops", "bands_above_db", "above_db"):
            state[name] = 0
        state["floor"] = np.inf
        state["loudest"] = MIN_POWER

    def bridge(self, bands: Floats) -> None:
        """Advance by a hop of a short loss, as if the last received bands continued."""
        if self.state["hops"] > FILL_HOPS:
            update_band_snr(bands, self.state)

    def process(self, bands: Floats) -> None:
        """Process the powers of a hop's mel bands: float32, shape (BANDS,)."""
        update_band_snr(bands, self.state)
