"""Creaky voice: separate glottal pulses, too slow or too uneven for a pitch.

After Ishi, Sakakibara, Ishiguro & Hagita (2008), "A method for automatic detection of vocal fry":
peaks of the very short-term power whose waveforms resemble each other, where no modal pitch is
found. The log odds of a moment in a chain of *n* long gaps of mean depth *d* dB between pulses of mean
similarity *s*, with a share *m* of modal hops about it:

    PER_GAP (min(n, 4) - ENOUGH_GAPS) + PER_DB (d - DEEP_DB) + PER_LIKENESS (s - SIMILARITY) - PER_MODAL m

What the constants were tuned on isn't recorded, and how sensitive the
figures are to each was not measured.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .component import Component, State
from .decimate import DECIMATION, HISTORY, TAPS, Decimator
from .frame import HOP, RATE_HZ
from .kernel import kernel
from .pitch import PitchTracker

STEP = 8
"""Samples at 4 kHz between values of the power contour, 2 ms; each value covers 4 ms (Ishi et al. 2008)."""

HISTORY_STEPS = HISTORY // STEP - 1
"""Values of the contour that are kept, 150 ms."""

MAX_PULSES = 40
"""Size of the list of pulses."""

RISE_DB = 6.0
"""The contour falls by this on either side of a pulse before it gets higher."""

BELOW_DB = 30.0
"""A peak weaker than the strongest one around by more than this is an echo or noise."""

ABOVE_FLOOR_DB = 12.0
"""A pulse stands this far above the noise floor."""

LONGEST_STEPS = 30.0
"""Longest gap inside creak: pulses slower than 17 Hz are separate."""

SIMILARITY = 0.68
"""Correlation of the waveforms of two pulses of one voice that is neutral evidence."""

PER_GAP, ENOUGH_GAPS = 1.0, 1.5
"""Log odds per long gap, and the number of them that is neutral."""
PER_DB, DEEP_DB = 0.35, 15.0
"""Log odds per dB of fall of the power within gaps, up to ``DEEP_DB``, as reverberation fills them."""
PER_LIKENESS = 6.0
"""Log odds per unit of similarity of neighbouring pulses."""
PER_MODAL = 8.0
"""Log odds against creak per share of hops with a modal pitch."""

MODAL_HZ, MODAL_SHARE = 75.0, 0.55
"""F0 above both this and this share of the usual F0 is modal: 85 Hz is a low voice's pitch and a high
voice's creak."""

MOSTLY_MODAL = 0.6
"""From this share of modal hops on, pulses aren't looked for."""

NO_CREAK_ODDS = -6.0
"""Log odds without such gaps."""

OVERHANG_STEPS = 12.0
"""A chain of pulses extends this far beyond its first and last pulse, 24 ms: nearly half a gap."""

HALF_PULSE = 16
"""Samples at 4 kHz compared on either side of a pulse's peak, 4 ms."""

SHIFT = 6
"""Largest shift at which two pulses are compared, 1.5 ms: their peaks are known to 2 ms."""

DELAY_HOPS = 7
"""The judged hop lies this far behind the newest: pulses after it are needed too."""

MODAL_HOPS = DELAY_HOPS - PitchTracker.DELAY_HOPS
"""A modal pitch counts up to this distance from the moment."""

MIDDLE = HISTORY_STEPS - (DELAY_HOPS * HOP + HOP // 2 - TAPS // 2) / (DECIMATION * STEP)
"""The judged moment, in steps of the contour."""

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]


@kernel
def append_power_contour(x: Floats, db: Doubles) -> None:
    """Append the power of 4 ms windows, 2 ms apart, that a hop has completed.

    Parameters
    ----------
    x : float32, shape (STEP * (n + 1),)
        Newest samples at 4 kHz.
    db : float64, shape (n,)
        Power in dB, at least −120. Changed.
    """
    new = HOP // DECIMATION // STEP
    for k in range(db.size - new):
        db[k] = db[k + new]
    for k in range(db.size - new, db.size):
        power = 0.0
        for i in range(k * STEP, k * STEP + 2 * STEP):
            power += x[i] * x[i]
        db[k] = 10.0 * math.log10(power / (2 * STEP) + 1e-12)


@kernel
def find_pulses(db: Doubles, floor_db: float, out: Ints) -> int:
    """Find the peaks of the power contour; return their number and write their steps to ``out``.

    A peak counts if the contour falls by ``RISE_DB`` on both sides before it gets higher,
    and if it is neither near the floor nor far below the highest.
    """
    top = -200.0
    for k in range(db.size):
        top = max(top, db[k])
    least = max(floor_db + ABOVE_FLOOR_DB, top - BELOW_DB)
    count = 0
    for k in range(1, db.size - 1):
        if db[k] < least or db[k] <= db[k - 1] or db[k] < db[k + 1] or count == out.size:
            continue
        falls = 0
        for way in (-1, 1):
            i = k + way
            while 0 <= i < db.size and db[i] <= db[k]:
                if db[k] - db[i] >= RISE_DB:
                    falls += 1
                    break
                i += way
        if falls == 2:
            out[count] = k
            count += 1
    return count


@kernel
def similarity(x: Floats, a: int, b: int) -> float:
    """Highest correlation of the waveforms about two moments, over small shifts; samples at 4 kHz.

    −1 where they lie too near the ends of ``x`` to be compared.
    """
    low, high = min(a, b - SHIFT) - HALF_PULSE, max(a, b + SHIFT) + HALF_PULSE
    if low < 0 or high > x.size:
        return -1.0
    best = 0.0
    aa = np.float32(1e-12)
    for i in range(a - HALF_PULSE, a + HALF_PULSE):
        aa += x[i] * x[i]
    for shift in range(-SHIFT, SHIFT + 1):
        ab, bb = np.float32(0.0), np.float32(1e-12)
        for i in range(-HALF_PULSE, HALF_PULSE):
            ab += x[a + i] * x[b + i + shift]
            bb += x[b + i + shift] * x[b + i + shift]
        best = max(best, float(ab) / math.sqrt(float(aa) * float(bb)))
    return best


@kernel
def chain_log_odds(
    x: Floats, db: Doubles, at: Ints, count: int, middle: float, slow_steps: float, modal: float
) -> float:
    """Log odds that a moment is creaky, from the chain of pulses that contains it.

    Parameters
    ----------
    x : float32, shape (n,)
        Samples at 4 kHz.
    db : float64, shape (s,)
        Their power contour.
    at : int64, shape (m,), steps
        Pulses, the first ``count`` of them.
    middle : float, steps
        The moment.
    slow_steps : float
        Shortest gap that is too long for a modal voice.
    modal : float
        Share of the hops about the moment that have a modal pitch, 0..1.
    """
    if count < 2:
        return NO_CREAK_ODDS
    near = 0
    for k in range(count):
        if abs(at[k] + 1 - middle) < abs(at[near] + 1 - middle):
            near = k
    first = last = near
    while first > 0 and at[first] - at[first - 1] <= LONGEST_STEPS:
        first -= 1
    while last + 1 < count and at[last + 1] - at[last] <= LONGEST_STEPS:
        last += 1
    if middle < at[first] + 1 - OVERHANG_STEPS or middle > at[last] + 1 + OVERHANG_STEPS:
        return NO_CREAK_ODDS
    long = compared = likeness = depth_db = 0.0
    for k in range(first, last):
        if at[k + 1] - at[k] < slow_steps:
            continue
        lowest = db[at[k]]
        for i in range(at[k], at[k + 1]):
            lowest = min(lowest, db[i])
        long += 1.0
        depth_db += min(DEEP_DB, min(db[at[k]], db[at[k + 1]]) - lowest)
        like = similarity(x, STEP * (at[k] + 1), STEP * (at[k + 1] + 1))
        if like >= 0.0:
            compared += 1.0
            likeness += like
    if compared == 0.0:
        return NO_CREAK_ODDS
    odds: float = (
        PER_GAP * (min(long, 4.0) - ENOUGH_GAPS)
        + PER_DB * (depth_db / long - DEEP_DB)
        + PER_LIKENESS * (likeness / compared - SIMILARITY)
        - PER_MODAL * modal
    )
    return max(NO_CREAK_ODDS, odds)


@kernel
def hop_log_odds(
    x: Floats, db: Doubles, at: Ints, voiced: Ints, noise_dbfs: float, f0_hz: float, usual_hz: float
) -> float:
    """Log odds of creak ``DELAY_HOPS`` ago, once ``x`` holds the hop's samples.

    Parameters
    ----------
    x, db, at : of ``chain_log_odds``; the contour is brought up to date.
    voiced : int64, shape (2 * MODAL_HOPS + 2,)
        Ring of flags for the newest hops with a modal pitch, and its write index. Changed.
    noise_dbfs, f0_hz, usual_hz : of ``CreakDetector.process``.
    """
    append_power_contour(x, db)
    modal_hz = max(MODAL_HZ, MODAL_SHARE * usual_hz)
    size = voiced.size - 1
    voiced[voiced[size]] = f0_hz > modal_hz
    voiced[size] = (voiced[size] + 1) % size
    modal = 0
    for k in range(size):
        modal += voiced[k]
    if modal > MOSTLY_MODAL * size:
        return NO_CREAK_ODDS
    slow_steps = RATE_HZ / (DECIMATION * STEP * modal_hz)
    return chain_log_odds(x, db, at, find_pulses(db, noise_dbfs, at), MIDDLE, slow_steps, modal / size)


@kernel
def detect_creak(sound: Floats, noise_dbfs: float, f0_hz: float, usual_hz: float, state: State) -> float:
    """Process a hop that ``sound`` at 4 kHz already holds: ``CreakDetector.process``."""
    odds = hop_log_odds(sound, state.db, state.at, state.voiced, noise_dbfs, f0_hz, usual_hz)
    return 1.0 / (1.0 + math.exp(-odds))


class CreakDetector(Component):
    """Probability of creaky voice, hop by hop.

    Parameters
    ----------
    state : record
        A new one unless given.
    sound : Decimator
        A new one unless given; a given one is fed by its owner.
    """

    DELAY_HOPS = DELAY_HOPS
    """``process`` describes the middle of the hop this many before the newest."""

    STATE = np.dtype(
        [
            ("db", "f8", HISTORY_STEPS),
            ("at", "i8", MAX_PULSES),
            ("voiced", "i8", 2 * MODAL_HOPS + 2),
        ],
        align=True,
    )

    def __init__(self, state: State | None = None, sound: Decimator | None = None) -> None:
        self.sound = sound or Decimator()
        super().__init__(state)

    def reset(self) -> None:
        """Forget everything."""
        self.sound.reset()
        self.state["db"] = -120.0
        self.state["voiced"] = 0

    def process(self, hop: Floats, noise_dbfs: float, f0_hz: float, usual_hz: float) -> float:
        """Process 160 samples: float32, full scale ±1.

        ``noise_dbfs`` is the noise floor; ``f0_hz`` and ``usual_hz`` are the results of
        ``PitchTracker`` for the same hop.

        Returns
        -------
        creak : float
            Probability that the middle of the hop ``DELAY_HOPS`` ago is creaky, 0..1.
        """
        self.sound.process(hop)
        return detect_creak(self.sound.x, noise_dbfs, f0_hz, usual_hz, self.state)
