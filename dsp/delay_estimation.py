"""Delay of one channel's speaker in the other channel, by generalised cross-correlation (GCC-PHAT).

A voice leaks through the air of a room, or through a loudspeaker and a network: delayed, attenuated,
coloured and reverberated. It stays the same waveform, so the channels' cross-correlation is large about
that lag; of two independent voices it is large nowhere. With the phase transform (Knapp & Carter 1976,
"The generalized correlation method for estimation of time delay") it doesn't depend on the voice, and a
fraction of a second is enough:

    R(τ) = IFFT( conj(X) Y / (|X| |Y|) ),   within 200 to 3600 Hz

A lag is accepted where the energy of R over two hops of lag is ``SURE_RATIO`` times that expected of
independent sounds, ``Σ x²(t) y²(t + τ)``. A negative lag is impossible: the channels themselves are then
misaligned.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .frame import HOP
from .sample_history import DECIMATION, LENGTH

EARLY_HOPS, LATE_HOPS = 15, 45
"""Range of lags."""

LAGS = EARLY_HOPS + LATE_HOPS + 1

HOP_SAMPLES = HOP // DECIMATION
"""Samples per hop of :mod:`dsp.sample_history`."""

EARLY_SAMPLES = EARLY_HOPS * HOP_SAMPLES + HOP_SAMPLES // 2
"""Samples of negative lag."""

FFT_SIZE = LENGTH + (LATE_HOPS + 5) * HOP_SAMPLES
"""Length of the transform: no lag in range wraps around, and its only prime factors are 2, 3 and 5."""

LOW_HZ, HIGH_HZ = 200.0, 3600.0
"""Band of the correlation: between hum and the edge of the decimation filter."""

SURE_RATIO, LIKELY_RATIO = 4.2, 2.0
"""Ratio of the correlation's energy to that of chance from which a lag is accepted, and from which the
next search comes soon. In six hours of independent voices, of 360 paths one reached 4.0 and seven
reached 2.0."""

DECAY = 0.8
"""Weight of earlier searches per search."""

PRIOR_SEARCHES = 0.25
"""Weight of a prior of pure chance, in searches."""

SEARCH_HOPS, LONGEST_WAIT_HOPS = 10, 500
"""Hops between searches: at first, doubling up to ``LONGEST_WAIT_HOPS``."""

RECHECK_HOPS = LENGTH // HOP_SAMPLES
"""Where a search finds another lag than the known one, the next must confirm it, in other sound."""

Floats = NDArray[np.float32]
Complexes = NDArray[np.complexfloating[Any, Any]]

_HZ = np.fft.rfftfreq(FFT_SIZE, 1.0 / (100 * HOP_SAMPLES))
_IN_BAND = ((_HZ >= LOW_HZ) & (_HZ <= HIGH_HZ)).astype(np.float32)


class CrossCorrelation(NamedTuple):
    """Whitened cross-correlation of two sounds, per sample of lag, from half a hop before the earliest on."""

    squared: Floats
    """Its square: shape (LAGS, HOP_SAMPLES), one hop of lag per row."""

    chance: Floats
    """Expected sum of each row for independent sounds: shape (LAGS,)."""

    def peak(self) -> tuple[int, float]:
        """Lag in samples of the largest energy relative to chance, and that ratio."""
        energy, chance = self.squared.sum(axis=1), self.chance
        floor = 1e-3 * float(chance.sum()) + 1e-12
        times = (energy[:-1] + energy[1:]) / (chance[:-1] + chance[1:] + floor)
        row = int(np.argmax(times))
        row += int(energy[row + 1] > energy[row])
        return row * HOP_SAMPLES + int(np.argmax(self.squared[row])) - EARLY_SAMPLES, float(times.max())

    def accumulate(self, before: CrossCorrelation) -> CrossCorrelation:
        """Sum with an earlier correlation, which is weighted by ``DECAY``."""
        return CrossCorrelation(DECAY * before.squared + self.squared, DECAY * before.chance + self.chance)


def whitened_spectrum(sound: Floats) -> Complexes:
    """Spectrum of a sound with magnitude 1 within the band and 0 elsewhere."""
    spectrum = np.fft.rfft(sound, FFT_SIZE)
    flat: Complexes = spectrum * (_IN_BAND / np.maximum(np.abs(spectrum), np.float32(1e-12)))
    return flat


def hop_energies(spectrum: Complexes) -> Floats:
    """Energy of a sound per hop."""
    energy: Floats = np.square(np.fft.irfft(spectrum, FFT_SIZE)).reshape(-1, HOP_SAMPLES).sum(axis=1)
    return energy


def cross_correlate(speaker: Floats, other: Floats) -> CrossCorrelation:
    """Correlate two sounds at all lags in range.

    Parameters
    ----------
    speaker, other : float32, shape (n,), n <= LENGTH
    """
    one, two = whitened_spectrum(speaker), whitened_spectrum(other)
    squared = np.square(np.fft.irfft(np.conj(one) * two, FFT_SIZE))
    rows = np.concatenate([squared[-EARLY_SAMPLES:], squared[: LAGS * HOP_SAMPLES - EARLY_SAMPLES]]).reshape(
        LAGS, HOP_SAMPLES
    )
    # For independent sounds the expected squared correlation at a lag is the sum of the products of their
    # squares at that lag: large where both are loud, not everywhere.
    mine, theirs = np.fft.rfft(hop_energies(one)), np.fft.rfft(hop_energies(two))
    together = np.fft.irfft(np.conj(mine) * theirs, FFT_SIZE // HOP_SAMPLES)
    chance = np.maximum(np.concatenate([together[-EARLY_HOPS:], together[: LATE_HOPS + 1]]), 0.0)
    return CrossCorrelation(rows, chance.astype(np.float32))


def gain_db(speaker: Floats, other: Floats, lag: int) -> float:
    """Lower bound of a speaker's level in the other channel: the projection at this lag, in dB.

    ``20 log10(|<x, y>| / <x, x>)``.
    """
    length = max(0, speaker.size - abs(lag))
    spoken, heard = speaker[max(0, -lag) :][:length], other[max(0, lag) :][:length]
    gain = abs(float(np.dot(spoken, heard))) / (float(np.dot(spoken, spoken)) + 1e-12)
    return 20.0 * math.log10(gain + 1e-6)


class LeakagePath:
    """Acoustic path of one speaker into the other channel: its lag and gain."""

    def __init__(self) -> None:
        self.lag_hops: int | None = None
        """How late it comes; None where it isn't known to."""
        self.gain_db = -math.inf
        """How loud, at least."""
        self._correlation: CrossCorrelation | None = None
        self._next = self._wait_hops = SEARCH_HOPS
        self._contested = False
        """Whether another lag was found last."""

    def search_due(self, hop: int) -> bool:
        """Whether a search is due after hop number ``hop``."""
        return hop >= self._next

    def search(self, hop: int, speaker: Floats, other: Floats) -> bool:
        """Search for the lag in the newest sound; return whether lag or gain were updated.

        Parameters
        ----------
        hop : number of the newest hop.
        speaker, other : float32, shape (n,), n <= LENGTH
            Sound of the channel whose speaker has led, and of the other one.
        """
        correlation = cross_correlate(speaker, other)
        lag, times = correlation.peak()
        lag_hops = round(lag / HOP_SAMPLES)
        contested = self._contested
        self._contested = (
            times >= SURE_RATIO and self.lag_hops is not None and abs(lag_hops - self.lag_hops) > 1
        )
        if self._correlation is None or self._contested != contested:
            self._correlation = CrossCorrelation(
                np.zeros_like(correlation.squared), PRIOR_SEARCHES * correlation.chance
            )
        self._correlation = correlation.accumulate(self._correlation)
        found, sure = self._correlation.peak()
        found_hops = round(found / HOP_SAMPLES)
        self._wait_hops = min(LONGEST_WAIT_HOPS, self._next_wait_hops(sure))
        self._next = hop + self._wait_hops
        if sure < SURE_RATIO or (self._contested and not contested):
            return False
        if self.lag_hops is None or abs(found_hops - self.lag_hops) > 1:
            self.lag_hops, self._contested = found_hops, False
        if times >= SURE_RATIO:
            self.gain_db = gain_db(speaker, other, lag)
        return True

    def _next_wait_hops(self, sure: float) -> int:
        """Hops until the next search."""
        if self._contested:
            return RECHECK_HOPS
        return (
            LONGEST_WAIT_HOPS
            if sure >= SURE_RATIO
            else SEARCH_HOPS
            if sure >= LIKELY_RATIO
            else 2 * self._wait_hops
        )

    def shift(self, hops: int) -> None:
        """Follow a correction of the time line: the other channel is moved ``hops`` earlier."""
        if self.lag_hops is not None:
            self.lag_hops -= hops
        self._correlation, self._contested = None, False
