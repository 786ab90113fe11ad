"""Filled pauses ("uh", "um") by ear alone: a voice that stands still.

A speaker who thinks holds the vocal tract and the larynx where they are: for a quarter
of a second or more the spectrum hardly changes and F0 runs level, neither of which
lasts in a word (Goto, Itou & Hayamizu 1999, *A real-time filled pause detection system
for spontaneous speech recognition*). What is found so must then look like a filler: a
central vowel, and set off by a silence unless it is long.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .frame import HOP_S
from .kernel import kernel
from .pitch import PitchTracker
from .spectrum import BANDS, SPECTRUM_DELAY_HOPS, mel_centres

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Integers = NDArray[np.int64]

LAG_HOPS = 4
"""The spectrum is compared with itself this long ago."""

TOP_HZ = 4500.0
"""Bands above don't count: breath moves there."""

DEPTH_DB = 35.0
"""What lies this far under the strongest band doesn't count."""

STILL_DB = 4.3
"""RMS change of the spectrum, its level taken out, up to which a hop stands still."""

MOVE_ST, MOVE_HOPS = 0.7, 6
"""F0 may move by this in that time; a faster glide is intonation."""

GAP_HOPS = 6
"""A stir of this length doesn't end the stretch: the lips close for the *m* of "um"."""

SHORTEST_HOPS, LONGEST_HOPS = 24, 130
LONG_HOPS = 38
"""A stretch of this length is a filler though no silence sets it off."""

MEDIAN_STILL_DB, MEDIAN_STILL_LONG_DB = 3.2, 3.0
"""Median change over the stretch, at most; the second when no silence sets it off."""

SLOPE_ST_PER_S, WOBBLE_ST = 7.0, 0.3
"""Slope of F0 and residual about it, at most."""

QUIET_DB, PEAK_FALL_DB, ABOVE_NOISE_DB = 30.0, 0.005, 6.0
"""Silence lies this far under the loudest hop, which fades this fast, or not this far above the noise."""

NEAR_HOPS = 6
"""A silence that ends this close before the stretch sets it off."""

AFTER_HOPS, WAIT_HOPS = 6, 12
"""Silence after the stretch that sets it off, and how long to wait for it."""

LOW_HZ, MIDDLE_HZ, HIGH_HZ = (150.0, 450.0), (600.0, 1500.0), (1800.0, 3000.0)
LOW_OVER_MIDDLE_DB, MIDDLE_OVER_HIGH_DB = 14.0, 3.0
"""A central vowel has its first two formants in the middle; those of *ee* and *oo* lie elsewhere."""

SPEECH_SHARE = 0.5
"""Share of its hops that must be speech by the voice activity."""

RING = 256

# Places in the state of whole numbers.
NOW, STARTED, LAST, STIR, SET_OFF, LAST_QUIET, QUIET_RUN, HEARD, FOUND_START, FOUND_END, FOUND = range(11)

NOTHING, IF_SET_OFF, SURELY = range(3)


@kernel
def change_db(new: Floats, old: Floats, count: int) -> float:
    """RMS difference of two spectra in dB over their first ``count`` bands, without their level."""
    top_new, top_old = new[0], old[0]
    for k in range(1, count):
        top_new, top_old = max(top_new, new[k]), max(top_old, old[k])
    shift = 0.0
    for k in range(count):
        shift += (max(new[k], top_new - DEPTH_DB) - max(old[k], top_old - DEPTH_DB)) / count
    total = 0.0
    for k in range(count):
        d = max(new[k], top_new - DEPTH_DB) - max(old[k], top_old - DEPTH_DB) - shift
        total += d * d
    return math.sqrt(total / count)


@kernel
def contrast(bands_db: Floats, edges: Integers, out: Floats) -> None:
    """Level of the low bands over the middle ones, and of the middle ones over the high ones.

    Parameters
    ----------
    bands_db : float32, shape (bands,)
    edges : int64, shape (3, 2)
        First and one past the last band of each range.
    out : float32, shape (2,)
        Overwritten, dB.
    """
    middle = bands_db[edges[1, 0] : edges[1, 1]].mean()
    out[0] = bands_db[edges[0, 0] : edges[0, 1]].mean() - middle
    out[1] = middle - bands_db[edges[2, 0] : edges[2, 1]].mean()


@kernel
def line(semitones: Doubles, start: int, stop: int, out: Doubles) -> int:
    """Straight line through the voiced hops of a stretch of the ring; gives how many there are.

    Parameters
    ----------
    semitones : float64, shape (RING,)
        Negative where unvoiced.
    out : float64, shape (2,)
        Overwritten: slope in semitones a hop, standard deviation about the line.
    """
    n = 0
    sx = sy = sxx = sxy = syy = 0.0
    for t in range(start, stop):
        y = semitones[t % RING]
        if y >= 0:
            x = float(t - start)
            n += 1
            sx += x
            sy += y
            sxx += x * x
            sxy += x * y
            syy += y * y
    if n >= 3:
        spread = sxx - sx * sx / n
        out[0] = (sxy - sx * sy / n) / spread
        out[1] = math.sqrt(max(0.0, (syy - sy * sy / n - out[0] * out[0] * spread) / n))
    return n


@kernel
def median(values: Floats, start: int, stop: int, scratch: Floats) -> float:
    """Median of a stretch of the ring."""
    n = stop - start
    for i in range(n):
        v = values[(start + i) % RING]
        j = i
        while j > 0 and scratch[j - 1] > v:
            scratch[j] = scratch[j - 1]
            j -= 1
        scratch[j] = v
    return float(scratch[n // 2])


@kernel
def judge(
    start: int,
    stop: int,
    heard: int,
    still: Floats,
    semitones: Doubles,
    vowel: Floats,
    scratch: Floats,
    fit: Doubles,
) -> int:
    """``NOTHING``, a filler ``IF_SET_OFF`` by silence, or ``SURELY`` one: what a still stretch is."""
    length = stop - start
    if length < SHORTEST_HOPS or length > LONGEST_HOPS or heard < SPEECH_SHARE * length:
        return NOTHING
    voiced = line(semitones, start, stop, fit)
    if voiced < 0.8 * length or abs(fit[0]) > SLOPE_ST_PER_S * HOP_S:
        return NOTHING
    if fit[1] > WOBBLE_ST:
        return NOTHING
    first, half = start + 3, start + length // 2
    low = high = 0.0
    for t in range(first, half):
        low += vowel[t % RING, 0] / (half - first)
        high += vowel[t % RING, 1] / (half - first)
    if low > LOW_OVER_MIDDLE_DB or high < MIDDLE_OVER_HIGH_DB:
        return NOTHING
    moved = median(still, first, stop, scratch)
    if moved > MEDIAN_STILL_DB:
        return NOTHING
    return SURELY if length >= LONG_HOPS and moved < MEDIAN_STILL_LONG_DB else IF_SET_OFF


@kernel
def follow(
    voiced: bool,
    loud: bool,
    speech: float,
    still: Floats,
    semitones: Doubles,
    vowel: Floats,
    state: Integers,
    scratch: Floats,
    fit: Doubles,
) -> bool:
    """Take the hop whose values stand in the rings at ``state[NOW]``; True when a filler is certain.

    Its ends then stand in ``state[FOUND_START]`` and ``state[FOUND_END]``.
    """
    t = state[NOW]
    state[NOW] = t + 1
    state[QUIET_RUN] = 0 if loud else state[QUIET_RUN] + 1
    if not loud:
        state[LAST_QUIET] = t
    certain = False
    if state[FOUND] != NOTHING:
        waited = t - state[FOUND_END] > WAIT_HOPS
        certain = state[QUIET_RUN] >= AFTER_HOPS or (waited and state[FOUND] == SURELY)
        if certain or waited:
            state[FOUND] = NOTHING
    before = semitones[(t - MOVE_HOPS) % RING]
    calm = voiced and loud and still[t % RING] < STILL_DB
    if calm and before >= 0 and abs(semitones[t % RING] - before) > MOVE_ST:
        calm = False
    if state[STARTED] < 0:
        if calm:
            state[STARTED], state[LAST], state[STIR], state[HEARD] = t - 3, t, 0, 3
            state[SET_OFF] = t - 3 - state[LAST_QUIET] <= NEAR_HOPS
    elif calm:
        state[LAST], state[STIR] = t, 0
    else:
        state[STIR] += 1 if voiced and loud else 2
        if state[STIR] > GAP_HOPS or t - state[STARTED] > LONGEST_HOPS + GAP_HOPS:
            start, stop = state[STARTED], state[LAST] + 1
            state[STARTED] = -1
            verdict = judge(start, stop, state[HEARD], still, semitones, vowel, scratch, fit)
            if verdict != NOTHING and not certain:
                state[FOUND_START], state[FOUND_END] = start, stop
                state[FOUND] = SURELY if state[SET_OFF] else verdict
    if state[STARTED] >= 0 and speech >= 0.5:
        state[HEARD] += 1
    return certain


class Fillers:
    """Finds filled pauses, some 0.15 s after they have ended; precision before recall."""

    DELAY_HOPS = PitchTracker.DELAY_HOPS
    """The newest hop that is judged lies this far back."""

    def __init__(self) -> None:
        centres = mel_centres()[1:-1]
        ranges = (LOW_HZ, MIDDLE_HZ, HIGH_HZ)
        self._edges: Integers = np.searchsorted(centres, np.array(ranges)).astype(np.int64)
        self._count = int(np.searchsorted(centres, TOP_HZ))
        self._spectra: Floats = np.zeros((16, BANDS), np.float32)
        self._levels = [-120.0] * 16
        self._speech = [0.0] * 16
        self._still: Floats = np.zeros(RING, np.float32)
        self._semitones: Doubles = np.zeros(RING)
        self._vowel: Floats = np.zeros((RING, 2), np.float32)
        self._state: Integers = np.zeros(16, np.int64)
        self._scratch: Floats = np.zeros(RING, np.float32)
        self._fit: Doubles = np.zeros(2)
        self._peak_dbfs = -120.0
        self.start_ago_hops = self.end_ago_hops = 0
        """Ends of the filled pause that ``process`` has just found, in hops before the hop's end."""
        self.reset()

    def reset(self) -> None:
        """Forget the sound; how loud the speaker is stays known."""
        self._hop = 0
        self._still.fill(99.0)
        self._semitones.fill(-1.0)
        self._state.fill(0)
        self._state[NOW] = RING
        self._state[STARTED] = self._state[LAST_QUIET] = -1

    def process(
        self, f0_hz: float, bands_db: Floats, level_dbfs: float, noise_dbfs: float, speech: float
    ) -> bool:
        """Take a hop's features as they come out of their estimators.

        Parameters
        ----------
        f0_hz : of ``dsp.pitch``, for ``DELAY_HOPS`` ago; 0 is unvoiced.
        bands_db : float32, shape (32,), of ``dsp.spectrum``.
        level_dbfs, noise_dbfs, speech : level, noise floor and probability of speech of this hop.

        Returns
        -------
        bool
            Whether a filled pause is now certain; its ends are in ``start_ago_hops`` and
            ``end_ago_hops``.
        """
        hop, late = self._hop, self._hop - self.DELAY_HOPS
        self._hop = hop + 1
        self._spectra[hop % 16] = bands_db
        self._levels[hop % 16] = level_dbfs
        self._speech[hop % 16] = speech
        if late < LAG_HOPS:
            return False
        level = self._levels[late % 16]
        self._peak_dbfs = max(level, self._peak_dbfs - PEAK_FALL_DB)
        spectrum = self._spectra[(late + SPECTRUM_DELAY_HOPS) % 16]
        at = int(self._state[NOW])
        self._still[at % RING] = change_db(
            spectrum, self._spectra[(late + SPECTRUM_DELAY_HOPS - LAG_HOPS) % 16], self._count
        )
        self._semitones[at % RING] = 12.0 * math.log2(f0_hz / 60.0) if f0_hz > 0.0 else -1.0
        contrast(spectrum, self._edges, self._vowel[at % RING])
        found: bool = follow(
            f0_hz > 0.0,
            level > max(self._peak_dbfs - QUIET_DB, noise_dbfs + ABOVE_NOISE_DB),
            self._speech[late % 16],
            self._still,
            self._semitones,
            self._vowel,
            self._state,
            self._scratch,
            self._fit,
        )
        if found:
            self.start_ago_hops = at + 1 + self.DELAY_HOPS - int(self._state[FOUND_START])
            self.end_ago_hops = at + 1 + self.DELAY_HOPS - int(self._state[FOUND_END])
        return found
