"""Syllable nuclei: peaks of the loudness above the noise, parted by dips, and voiced.

After de Jong & Wempe (2009), with the bands' own noise taken off first so that it works
in noise too, dips that grow with the speaker's usual loudness, and without looking ahead
further than the dip that ends a peak.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .kernel import kernel

MEMORY_HOPS = 40
"""Hops in which a nucleus must be found, from its start to the dip after it."""

SMOOTH = np.array([0.25, 0.75, 1.0, 0.75, 0.25]) / 3.0
"""Smoothing of the loudness over 50 ms: what is left are syllables, not pitch periods."""

SMOOTH_HOPS = 2
"""Delay of that smoothing."""

DIP_DB = 0.7
"""Rise before and dip after a nucleus that are enough."""

PLATEAU_DB = 1.5
"""The nucleus lies in the middle of what is within this of the peak: vowels peak early."""

PLATEAU_HOPS = 15
"""The plateau reaches no further back than this from the peak."""

VOICED_HOPS = 2
"""Voiced hops that a nucleus has at least, from the start of its plateau to the dip."""

SPEECH = 0.4
"""Probability of speech that it reaches at least, between its peak and the dip."""

USUAL_AT_FIRST_DB, USUAL_RATE, USUAL_SHARE = 10.0, 0.1, 0.25
"""The usual loudness of nuclei before the first, how fast it follows, and the share that each must reach."""

VALLEY, PEAK, PEAK_AGO, USUAL = range(4)
"""Places in the state: lowest since the last peak; highest since, its age in hops (−1: not risen yet)."""

Doubles = NDArray[np.float64]


@kernel
def step(
    above_db: float,
    voiced: float,
    speech: float,
    raw: Doubles,
    weights: Doubles,
    loud: Doubles,
    voicing: Doubles,
    talk: Doubles,
    state: Doubles,
) -> int:
    """Take a hop in; hops from the middle of a nucleus to this hop if one is now complete, else −1.

    Parameters
    ----------
    above_db : float
        Loudness above the noise of this hop.
    voiced, speech : float
        1 or 0 for voiced, and probability of speech, as known now.
    raw : float64, shape (5,)
        State: the last loudnesses.
    weights : float64, shape (5,)
        Of the smoothing.
    loud, voicing, talk : float64, shape (n,)
        State: smoothed loudness, voicing and speech of the last hops, newest last.
    state : float64, shape (4,)
        State: see ``VALLEY`` and those after it.
    """
    for k in range(raw.size - 1):
        raw[k] = raw[k + 1]
    raw[-1] = above_db
    smooth = 0.0
    for k in range(raw.size):
        smooth += weights[k] * raw[k]
    last = loud.size - 1
    for k in range(last):
        loud[k] = loud[k + 1]
        voicing[k] = voicing[k + 1]
        talk[k] = talk[k + 1]
    loud[last], voicing[last], talk[last] = smooth, voiced, speech
    if state[PEAK_AGO] < 0:
        state[VALLEY] = min(state[VALLEY], smooth)
        if smooth <= state[VALLEY] + DIP_DB:
            return -1
        state[PEAK], state[PEAK_AGO] = smooth, 0
        return -1
    state[PEAK_AGO] += 1
    if smooth > state[PEAK]:
        state[PEAK], state[PEAK_AGO] = smooth, 0
    if smooth >= state[PEAK] - DIP_DB:
        return -1
    peak, ago = state[PEAK], int(state[PEAK_AGO])
    state[VALLEY], state[PEAK_AGO] = smooth, -1
    top = last - ago
    if top < 1 or peak <= USUAL_SHARE * state[USUAL]:
        return -1
    start = top
    while start > 0 and loud[start - 1] > peak - PLATEAU_DB and top - start < PLATEAU_HOPS:
        start -= 1
    end = top
    while end < last and loud[end + 1] > peak - PLATEAU_DB:
        end += 1
    voices, most = 0.0, 0.0
    for k in range(start, last + 1):
        voices += voicing[k]
        if k >= top:
            most = max(most, talk[k])
    if voices < VOICED_HOPS or most <= SPEECH:
        return -1
    state[USUAL] += USUAL_RATE * (peak - state[USUAL])
    return last - (start + end) // 2


class Syllables:
    """Finds syllable nuclei once the dip after each is heard, 60 to 150 ms after their middle."""

    def __init__(self) -> None:
        self._raw = np.zeros(SMOOTH.size)
        self._loud, self._voicing, self._talk = (np.zeros(MEMORY_HOPS) for _ in range(3))
        self._state = np.zeros(4)
        self.reset()

    def reset(self) -> None:
        """Forget everything heard."""
        self._state[USUAL] = USUAL_AT_FIRST_DB
        self.forget_sound()

    def forget_sound(self) -> None:
        """Forget the unfinished syllable but not the speaker's usual loudness: nothing spans a gap."""
        for memory in (self._raw, self._loud, self._voicing, self._talk):
            memory.fill(0.0)
        self._state[VALLEY], self._state[PEAK], self._state[PEAK_AGO] = 1e3, 0.0, -1

    def process(self, above_db: float, voiced: bool, speech: float) -> int:
        """Take a hop's loudness above the noise in dB, voicing and probability of speech as known now.

        Returns
        -------
        int
            If a nucleus is complete with this hop: how many hops before its end the
            middle of the nucleus lies, at least 1; else 0.
        """
        ago = step(
            above_db,
            float(voiced),
            speech,
            self._raw,
            SMOOTH,
            self._loud,
            self._voicing,
            self._talk,
            self._state,
        )
        return 0 if ago < 0 else ago + SMOOTH_HOPS
