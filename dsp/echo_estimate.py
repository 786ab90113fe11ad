"""Estimates of the echo of what is played: its delay, its gain in each band, and the noise of the room.

* Delay: the lag of the highest correlation ``ρ(τ)`` between the band levels of the microphone and those
  played τ hops before, each less its running mean, over the last second or so.
* Gain: a low quantile of the ratio of microphone to played in each band, which the speaker's own words
  hardly move. Quantiles are tracked by steps: down by ``s (1 - q)``, up by ``s q``.
* Noise: a low quantile of the level of each band.

How sensitive the echo suppressor's figures (``docs/ears.md``) are to the constants was not measured.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .component import State
from .kernel import kernel
from .spectrum import BANDS

LAGS = 56
"""Hops of playback that are remembered: delays up to 550 ms are searched."""

MIN_PLAYED_DB = -65.0
"""Bands played at a lower level give no information on the echo."""

EARLY_HOPS, LATE_HOPS = 2, 3
"""The delay may be shorter than found by the first, and longer by the second for the room's reflections."""

REVERB_DECAY = 10.0**-0.15
"""An echo decays by at least 1.5 dB a hop."""

QUANTILE = 0.15
"""Quantile of the ratios of microphone to played that is tracked."""

FIRST_STEP_DB, STEP_DB, STEP_HOPS = 4.0, 0.4, 6.0
"""Step of that quantile: at first, at least, and the number of hops in which it halves."""

NOISE_QUANTILE, NOISE_STEP_DB = 0.2, 1.0
"""Quantile of the noise, and its least step."""

NOISE_FIRST_STEP_DB, DIGITAL_SILENCE_DB = 20.0, -105.0
"""First step of the noise quantile; mean level below which a hop is digital silence, not noise."""

DECAY_PER_HOP = 0.993
"""Decay of the sums of the correlation: they rest on the last 1.4 s or so."""

MIN_CORRELATION, MIN_EVIDENCE_HOPS, MIN_LEAD = 0.15, 25.0, 0.05
"""A delay is accepted from this correlation on, after this many hops with playback, and where no lag
further than six hops away correlates within the third value of it."""

MEAN_RATE = 0.1
"""Weight of a new hop in the running mean of a band's level."""

Floats = NDArray[np.float32]


@kernel
def learn_noise(bands_db: Floats, state: State) -> None:
    """Track a low quantile of each band; digital silence is not the noise of a room."""
    total_db = 0.0
    for b in range(BANDS):
        total_db += bands_db[b]
    if total_db < BANDS * DIGITAL_SILENCE_DB:
        return
    step_db = max(NOISE_STEP_DB, NOISE_FIRST_STEP_DB / (1.0 + state.noise_looks))
    state.noise_looks += 1.0
    for b in range(BANDS):
        below_db = state.noise_db[b] - bands_db[b]
        if state.noise_looks == 1.0:
            state.noise_db[b] = bands_db[b]
        elif below_db > 0.0:
            state.noise_db[b] -= min(4.0 * step_db * (1.0 - NOISE_QUANTILE), below_db)
        else:
            state.noise_db[b] += min(step_db * NOISE_QUANTILE, -below_db)


@kernel
def find_delay(state: State) -> None:
    """Correlate the microphone's bands with those played up to ``LAGS`` hops before, and update the delay."""
    above = state.above
    y_sum = y_square = np.float32(0.0)
    for b in range(BANDS):
        level = min(40.0, max(0.0, state.mic.bands_db[b] - state.noise_db[b] - 3.0))
        state.mic_mean[b] += MEAN_RATE * (level - state.mic_mean[b])
        y = level - state.mic_mean[b]
        above[b] = y
        y_sum += y
        y_square += y * y
    state.sum_y = DECAY_PER_HOP * state.sum_y + y_sum
    state.sum_yy = DECAY_PER_HOP * state.sum_yy + y_square
    state.count = DECAY_PER_HOP * state.count + BANDS
    best, most = -1, -1.0
    for lag in range(LAGS):
        row = (state.at - lag) % LAGS
        xy = np.float32(0.0)
        for b in range(BANDS):
            xy += above[b] * state.past_above[row, b]
        state.sum_xy[lag] = DECAY_PER_HOP * state.sum_xy[lag] + xy
        state.sum_x[lag] = DECAY_PER_HOP * state.sum_x[lag] + state.row_sum[row]
        state.sum_xx[lag] = DECAY_PER_HOP * state.sum_xx[lag] + state.row_square[row]
        n = state.count
        xx = state.sum_xx[lag] - state.sum_x[lag] ** 2 / n
        yy = state.sum_yy - state.sum_y**2 / n
        cov = state.sum_xy[lag] - state.sum_x[lag] * state.sum_y / n
        rho = cov / math.sqrt(xx * yy) if xx > 1.0 and yy > 1.0 else 0.0
        state.rho[lag] = rho
        if rho > most:
            best, most = lag, rho
    if best < 0 or state.heard_hops < MIN_EVIDENCE_HOPS or most < MIN_CORRELATION:
        return
    second = -1.0
    for lag in range(LAGS):
        if abs(lag - best) > 6:
            second = max(second, state.rho[lag])
    if most - second < MIN_LEAD:
        return
    if state.lag < 0 or (best != state.lag and most > state.rho[state.lag] + 0.02):
        state.lag = best


@kernel
def expect_echo(state: State) -> None:
    """Upper bound of the echo's bands at a gain of 1, into ``state.sent``."""
    first, last = 0, LAGS - 1
    if state.lag >= 0:
        first, last = max(0, state.lag - EARLY_HOPS), min(LAGS - 1, state.lag + LATE_HOPS)
    for b in range(BANDS):
        state.sent[b] *= REVERB_DECAY
    for lag in range(first, last + 1):
        row = (state.at - lag) % LAGS
        for b in range(BANDS):
            state.sent[b] = max(state.sent[b], state.past[row, b])


@kernel
def learn_gain(state: State) -> None:
    """Track a low quantile of the ratio of microphone to played in each band."""
    bands_db = state.mic.bands_db
    for b in range(BANDS):
        sent_db = 10.0 * math.log10(state.sent[b])
        if sent_db < MIN_PLAYED_DB:
            continue
        ratio_db = bands_db[b] - sent_db
        step_db = max(STEP_DB, FIRST_STEP_DB / (1.0 + state.learned[b] / STEP_HOPS))
        if ratio_db < state.gain_db[b]:
            state.gain_db[b] -= min(step_db * (1.0 - QUANTILE), state.gain_db[b] - ratio_db)
        elif bands_db[b] > state.noise_db[b] + 6.0:
            state.gain_db[b] += step_db * QUANTILE
        else:
            continue
        state.learned[b] += 1.0
