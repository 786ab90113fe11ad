"""How late one microphone hears the other one's speaker: where the same sound comes in both.

A voice leaks through the air of a room, or by a loudspeaker and a network: some time late, a good deal
softer, coloured, and drawn out by echoes. Still it is the same waveform, so the two channels'
cross-correlation is large about that lag; where each has a voice of its own it is nowhere. Whitened
(generalised cross-correlation with phase transform, Knapp and Carter 1976) it is so whatever the voice, and
a fraction of a second of it is enough. How large it would be by chance follows from where both have their
energy. A lag under 0 can't be: then the channels themselves stand apart.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .frame import HOP
from .sample_history import DECIMATION, LENGTH

EARLY_HOPS, LATE_HOPS = 15, 45
"""Lags that are looked at."""

LAGS = EARLY_HOPS + LATE_HOPS + 1

HOP_SAMPLES = HOP // DECIMATION
"""Samples in a hop of :mod:`dsp.sample_history`."""

EARLY_SAMPLES = EARLY_HOPS * HOP_SAMPLES + HOP_SAMPLES // 2
"""Samples before the first lag of none at all."""

FFT_SIZE = LENGTH + (LATE_HOPS + 5) * HOP_SAMPLES
"""Length of the transform: no lag that is looked at wraps around, and 2, 3 and 5 are its only factors."""

LOW_HZ, HIGH_HZ = 200.0, 3600.0
"""Between hum and the filter's edge."""

SURE_RATIO, LIKELY_RATIO = 4.2, 2.0
"""The correlation's energy over two hops of lag must be so many times what chance gives; from the second on
it is looked again soon. In six hours of voices of their own one of 360 ways reached 4.0, and seven 2.0."""

DECAY = 0.8
"""What was found before counts so much a look."""

PRIOR_SEARCHES = 0.25
"""So many looks in which all was chance go before the first."""

SEARCH_HOPS, LONGEST_WAIT_HOPS = 10, 500
"""Looks are so far apart at first, then twice as far each time, and at the most."""

RECHECK_HOPS = LENGTH // HOP_SAMPLES
"""Where a look finds another lag than the one that is known, the next must find it, too: in other sound."""

Floats = NDArray[np.float32]
Complexes = NDArray[np.complexfloating[Any, Any]]

_HZ = np.fft.rfftfreq(FFT_SIZE, 1.0 / (100 * HOP_SAMPLES))
_IN_BAND = ((_HZ >= LOW_HZ) & (_HZ <= HIGH_HZ)).astype(np.float32)


class CrossCorrelation(NamedTuple):
    """How alike two sounds are, sample by sample of lag from half a hop before the earliest on."""

    squared: Floats
    """Their whitened cross-correlation, squared: shape (LAGS, STEP), a hop of lag in a row."""

    chance: Floats
    """What a row would add up to if they had nothing in common: shape (LAGS,)."""

    def peak(self) -> tuple[int, float]:
        """Lag in samples at which the two are most alike, and how many times as much as by chance."""
        energy, chance = self.squared.sum(axis=1), self.chance
        floor = 1e-3 * float(chance.sum()) + 1e-12
        times = (energy[:-1] + energy[1:]) / (chance[:-1] + chance[1:] + floor)
        row = int(np.argmax(times))
        row += int(energy[row + 1] > energy[row])
        return row * HOP_SAMPLES + int(np.argmax(self.squared[row])) - EARLY_SAMPLES, float(times.max())

    def accumulate(self, before: CrossCorrelation) -> CrossCorrelation:
        """Both together; what was before counts less."""
        return CrossCorrelation(DECAY * before.squared + self.squared, DECAY * before.chance + self.chance)


def whitened_spectrum(sound: Floats) -> Complexes:
    """Spectrum of a sound, of magnitude 1 in the band of voices and 0 beside it."""
    spectrum = np.fft.rfft(sound, FFT_SIZE)
    flat: Complexes = spectrum * (_IN_BAND / np.maximum(np.abs(spectrum), np.float32(1e-12)))
    return flat


def hop_energies(spectrum: Complexes) -> Floats:
    """Energy of a sound hop by hop."""
    energy: Floats = np.square(np.fft.irfft(spectrum, FFT_SIZE)).reshape(-1, HOP_SAMPLES).sum(axis=1)
    return energy


def cross_correlate(speaker: Floats, other: Floats) -> CrossCorrelation:
    """Compare two sounds at the lags that are looked at.

    Parameters
    ----------
    speaker, other : float32, shape (n,), n <= LENGTH
    """
    one, two = whitened_spectrum(speaker), whitened_spectrum(other)
    squared = np.square(np.fft.irfft(np.conj(one) * two, FFT_SIZE))
    rows = np.concatenate([squared[-EARLY_SAMPLES:], squared[: LAGS * HOP_SAMPLES - EARLY_SAMPLES]]).reshape(
        LAGS, HOP_SAMPLES
    )
    # Of two sounds that have nothing in common the square of the correlation at a lag is, on average, the
    # sum over the products of their squares at that lag: so it is large where both are loud, not everywhere.
    mine, theirs = np.fft.rfft(hop_energies(one)), np.fft.rfft(hop_energies(two))
    together = np.fft.irfft(np.conj(mine) * theirs, FFT_SIZE // HOP_SAMPLES)
    chance = np.maximum(np.concatenate([together[-EARLY_HOPS:], together[: LATE_HOPS + 1]]), 0.0)
    return CrossCorrelation(rows, chance.astype(np.float32))


def gain_db(speaker: Floats, other: Floats, lag: int) -> float:
    """How loud a speaker is in the other channel, at least: the part of it that is just as theirs so late."""
    length = max(0, speaker.size - abs(lag))
    spoken, heard = speaker[max(0, -lag) :][:length], other[max(0, lag) :][:length]
    gain = abs(float(np.dot(spoken, heard))) / (float(np.dot(spoken, spoken)) + 1e-12)
    return 20.0 * math.log10(gain + 1e-6)


class LeakagePath:
    """The way of one's voice into the other channel."""

    def __init__(self) -> None:
        self.lag_hops: int | None = None
        """How late it comes; None where it isn't known to."""
        self.gain_db = -math.inf
        """How loud, at least."""
        self._alike: CrossCorrelation | None = None
        self._next = self._wait_hops = SEARCH_HOPS
        self._doubted = False
        """Whether another lag was found last."""

    def search_due(self, hop: int) -> bool:
        """Whether to look after hop number ``hop``."""
        return hop >= self._next

    def search(self, hop: int, speaker: Floats, other: Floats) -> bool:
        """Look for the lag in what was heard last, and say whether anything was learned.

        Parameters
        ----------
        hop : number of the newest.
        speaker, other : float32, shape (n,), n <= LENGTH
            Of the channel whose speaker has talked, and of the other one, which was softer.
        """
        alike = cross_correlate(speaker, other)
        lag, times = alike.peak()
        lag_hops = round(lag / HOP_SAMPLES)
        doubted = self._doubted
        self._doubted = (
            times >= SURE_RATIO and self.lag_hops is not None and abs(lag_hops - self.lag_hops) > 1
        )
        if self._alike is None or self._doubted != doubted:
            self._alike = CrossCorrelation(np.zeros_like(alike.squared), PRIOR_SEARCHES * alike.chance)
        self._alike = alike.accumulate(self._alike)
        found, sure = self._alike.peak()
        found_hops = round(found / HOP_SAMPLES)
        self._wait_hops = min(LONGEST_WAIT_HOPS, self._far_hops(sure))
        self._next = hop + self._wait_hops
        if sure < SURE_RATIO or (self._doubted and not doubted):
            return False
        if self.lag_hops is None or abs(found_hops - self.lag_hops) > 1:
            self.lag_hops, self._doubted = found_hops, False
        if times >= SURE_RATIO:
            self.gain_db = gain_db(speaker, other, lag)
        return True

    def _far_hops(self, sure: float) -> int:
        """How far away the next look is."""
        if self._doubted:
            return RECHECK_HOPS
        return (
            LONGEST_WAIT_HOPS
            if sure >= SURE_RATIO
            else SEARCH_HOPS
            if sure >= LIKELY_RATIO
            else 2 * self._wait_hops
        )

    def shift(self, hops: int) -> None:
        """Know that the other channel stands so many hops earlier from now on."""
        if self.lag_hops is not None:
            self.lag_hops -= hops
        self._alike, self._doubted = None, False
