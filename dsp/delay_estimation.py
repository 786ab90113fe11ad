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

STEP = HOP // DECIMATION
"""Samples in a hop of :mod:`dsp.sample_history`."""

EARLY = EARLY_HOPS * STEP + STEP // 2
"""Samples before the first lag of none at all."""

SIZE = LENGTH + (LATE_HOPS + 5) * STEP
"""Length of the transform: no lag that is looked at wraps around, and 2, 3 and 5 are its only factors."""

LOW_HZ, HIGH_HZ = 200.0, 3600.0
"""Between hum and the filter's edge."""

SURE, LIKELY = 4.2, 2.0
"""The correlation's energy over two hops of lag must be so many times what chance gives; from the second on
it is looked again soon. In six hours of voices of their own one of 360 ways reached 4.0, and seven 2.0."""

KEEP = 0.8
"""What was found before counts so much a look."""

DOUBT = 0.25
"""So many looks in which all was chance go before the first."""

LOOK_HOPS, SELDOM_HOPS = 10, 500
"""Looks are so far apart at first, then twice as far each time, and at the most."""

AGAIN_HOPS = LENGTH // STEP
"""Where a look finds another lag than the one that is known, the next must find it, too: in other sound."""

Floats = NDArray[np.float32]
Complexes = NDArray[np.complexfloating[Any, Any]]

_HZ = np.fft.rfftfreq(SIZE, 1.0 / (100 * STEP))
_BAND = ((_HZ >= LOW_HZ) & (_HZ <= HIGH_HZ)).astype(np.float32)


class Likeness(NamedTuple):
    """How alike two sounds are, sample by sample of lag from half a hop before the earliest on."""

    squared: Floats
    """Their whitened cross-correlation, squared: shape (LAGS, STEP), a hop of lag in a row."""

    chance: Floats
    """What a row would add up to if they had nothing in common: shape (LAGS,)."""

    def best(self) -> tuple[int, float]:
        """Lag in samples at which the two are most alike, and how many times as much as by chance."""
        energy, chance = self.squared.sum(axis=1), self.chance
        floor = 1e-3 * float(chance.sum()) + 1e-12
        times = (energy[:-1] + energy[1:]) / (chance[:-1] + chance[1:] + floor)
        row = int(np.argmax(times))
        row += int(energy[row + 1] > energy[row])
        return row * STEP + int(np.argmax(self.squared[row])) - EARLY, float(times.max())

    def after(self, before: Likeness) -> Likeness:
        """Both together; what was before counts less."""
        return Likeness(KEEP * before.squared + self.squared, KEEP * before.chance + self.chance)


def whitened(sound: Floats) -> Complexes:
    """Spectrum of a sound, of magnitude 1 in the band of voices and 0 beside it."""
    spectrum = np.fft.rfft(sound, SIZE)
    flat: Complexes = spectrum * (_BAND / np.maximum(np.abs(spectrum), np.float32(1e-12)))
    return flat


def envelope(spectrum: Complexes) -> Floats:
    """Energy of a sound hop by hop."""
    energy: Floats = np.square(np.fft.irfft(spectrum, SIZE)).reshape(-1, STEP).sum(axis=1)
    return energy


def likeness(speaker: Floats, other: Floats) -> Likeness:
    """Compare two sounds at the lags that are looked at.

    Parameters
    ----------
    speaker, other : float32, shape (n,), n <= LENGTH
    """
    one, two = whitened(speaker), whitened(other)
    squared = np.square(np.fft.irfft(np.conj(one) * two, SIZE))
    rows = np.concatenate([squared[-EARLY:], squared[: LAGS * STEP - EARLY]]).reshape(LAGS, STEP)
    # Of two sounds that have nothing in common the square of the correlation at a lag is, on average, the
    # sum over the products of their squares at that lag: so it is large where both are loud, not everywhere.
    mine, theirs = np.fft.rfft(envelope(one)), np.fft.rfft(envelope(two))
    together = np.fft.irfft(np.conj(mine) * theirs, SIZE // STEP)
    chance = np.maximum(np.concatenate([together[-EARLY_HOPS:], together[: LATE_HOPS + 1]]), 0.0)
    return Likeness(rows, chance.astype(np.float32))


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
        self._alike: Likeness | None = None
        self._next = self._wait_hops = LOOK_HOPS
        self._doubted = False
        """Whether another lag was found last."""

    def due(self, hop: int) -> bool:
        """Whether to look after hop number ``hop``."""
        return hop >= self._next

    def look(self, hop: int, speaker: Floats, other: Floats) -> bool:
        """Look for the lag in what was heard last, and say whether anything was learned.

        Parameters
        ----------
        hop : number of the newest.
        speaker, other : float32, shape (n,), n <= LENGTH
            Of the channel whose speaker has talked, and of the other one, which was softer.
        """
        alike = likeness(speaker, other)
        lag, times = alike.best()
        lag_hops = round(lag / STEP)
        doubted = self._doubted
        self._doubted = times >= SURE and self.lag_hops is not None and abs(lag_hops - self.lag_hops) > 1
        if self._alike is None or self._doubted != doubted:
            self._alike = Likeness(np.zeros_like(alike.squared), DOUBT * alike.chance)
        self._alike = alike.after(self._alike)
        found, sure = self._alike.best()
        found_hops = round(found / STEP)
        self._wait_hops = min(SELDOM_HOPS, self._far_hops(sure))
        self._next = hop + self._wait_hops
        if sure < SURE or (self._doubted and not doubted):
            return False
        if self.lag_hops is None or abs(found_hops - self.lag_hops) > 1:
            self.lag_hops, self._doubted = found_hops, False
        if times >= SURE:
            self.gain_db = gain_db(speaker, other, lag)
        return True

    def _far_hops(self, sure: float) -> int:
        """How far away the next look is."""
        if self._doubted:
            return AGAIN_HOPS
        return SELDOM_HOPS if sure >= SURE else LOOK_HOPS if sure >= LIKELY else 2 * self._wait_hops

    def move(self, hops: int) -> None:
        """Know that the other channel stands so many hops earlier from now on."""
        if self.lag_hops is not None:
            self.lag_hops -= hops
        self._alike, self._doubted = None, False
