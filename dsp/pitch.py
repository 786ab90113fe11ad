"""F0 and voicing: candidates by normalised cross-correlation, chosen by a short Viterbi search.

The path search is that of RAPT (Talkin 1995, "A robust algorithm for pitch tracking") with one hop of
look-ahead. A path gains the strength of the candidates that it visits, and an unvoiced hop the
threshold of voicing; it loses by changes of F0 and of voicing:

    G[t, s] = gain(t, s) + max over p of (G[t-1, p] - loss(p, s))
    loss = SWITCH                         between voiced and unvoiced
    loss = JUMP min(3, |log2(f_s / f_p)|) between two candidates

The threshold depends on the voice, on the level and on the room. What the constants from
``JUMP`` on were tuned on isn't recorded, and how sensitive the figures are to each was not measured.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .component import Component, State
from .correlation import correlate, find_candidates
from .decimate import DECIMATION, TAPS, Decimator
from .frame import HOP, RATE_HZ
from .kernel import kernel
from .level_mixture import HUM, LOUD, MIN_DB, PRIOR_HOPS, QUIET, QUIET_HOPS, STARTED, update_mixture

LONGEST_WEIGHT = 2.0
"""Weight of the longest window in noise; 0 in a quiet room. The other windows always have weight 1."""

NOISY_DB, QUIET_DB = 18.0, 28.0
"""Distance of loud from quiet moments up to which a room is noisy, and from which it is quiet."""

HISTORY = 280
"""Samples kept at 4 kHz, 70 ms."""

CANDIDATES = 6

LOOKAHEAD_HOPS = 1
"""Hops after the described one that may change its result."""

DELAY_HOPS = 3
"""The result describes the middle of the hop this many before the newest."""

HARMONICITY_DELAY_HOPS = DELAY_HOPS - LOOKAHEAD_HOPS
"""The correlation is computed this many hops back."""

CENTRE = HISTORY - round((HARMONICITY_DELAY_HOPS * HOP + HOP // 2 - TAPS // 2) / DECIMATION)
"""Moment of the correlation, as an index into the history."""

LOWEST_HZ, HIGHEST_HZ = 60.0, 500.0
"""Default range of F0."""

MAX_LAGS = 80
"""Exceeds the longest period of any range, in samples at 4 kHz."""

LEVEL_HALF = 30
"""The level is taken over this many samples at 4 kHz to both sides, 15 ms in all."""

FULL_HOPS = 6
"""Levels are learned once the history is full."""

# Terms of the path's gain, in units of correlation.
JUMP = 0.6
"""Loss per octave of change of F0; at most three octaves count."""

SWITCH = 0.25
"""Loss for a change of voicing."""

UNVOICED = 0.74
"""Gain of an unvoiced hop, which is the correlation that a voiced one must exceed, in a quiet room."""

HUM_ALLOWANCE, MAX_HUM = 0.45, 0.4
"""Reduction of that threshold per unit of the background's harmonicity, which counts up to ``MAX_HUM``: noise
lowers the correlation of voices too."""

HIGHER_VOICE, MIDDLE_HZ = 0.10, 150.0
"""Increase of the threshold per octave, at most one, that the voice's usual F0 lies above ``MIDDLE_HZ``:
the many periods in a window agree better than the few of a low voice."""

RISE_DB, FALL_DB, STEEP = 10.0, 17.0, 0.045
"""Increase of the threshold per dB of a steeper rise or fall within 20 ms: before a rise the voice to
come correlates, after a fall the vocal tract rings on after a single pulse."""

STEP = 40
"""Half of these 20 ms, in samples at 4 kHz."""

FAINT_DB, FAINT = 12.0, 0.035
"""Increase of the threshold per dB by which the level lies more than ``FAINT_DB`` below the loud moments."""

NEAR_DB, NEAR = 14.0, 0.043
"""Increase of the threshold per dB by which the level lies less than ``NEAR_DB`` above a harmonic
background (``HARMONIC_HUM``)."""

HUM_FIRM = 10.0
"""Quiet hops after which the background's harmonicity counts in full."""

HARMONIC_HUM = (0.4, 0.6)
"""Harmonicity of the background from which ``NEAR`` begins to count, and from which it counts in full: other
voices, music."""

HABIT, HABIT_FREE = 0.18, 0.5
"""Loss of a candidate per octave by which its F0 is further than ``HABIT_FREE`` octaves from the usual F0."""

HABIT_HOPS = 300.0
"""Voiced hops over which the usual F0 is averaged."""

HABIT_FIRM = 40.0
"""Voiced hops over which the loss ``HABIT`` grows to its full size."""

LOUDER_DB = 15.0
"""A sound this much louder than the hops behind the usual F0 is another voice, which resets it."""

SLOPE = 9.0
"""Log odds of voicing per unit of correlation over the threshold."""

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]


@kernel
def level_about(x: Floats, centre: int) -> float:
    """Level about a moment, dB."""
    power = 0.0
    for i in range(centre - LEVEL_HALF, centre + LEVEL_HALF):
        power += x[i] * x[i]
    decibels: float = max(MIN_DB, 10.0 * math.log10(power / (2 * LEVEL_HALF) + 1e-12))
    return decibels


@kernel
def noisiness(levels: Doubles) -> float:
    """How noisy the room is, 0..1, by the distance of the two components of levels."""
    if levels[STARTED] == 0.0:
        return 1.0
    gap_db = levels[LOUD] - levels[QUIET]
    share: float = max(0.0, min(1.0, (QUIET_DB - gap_db) / (QUIET_DB - NOISY_DB)))
    return share


@kernel
def voicing_threshold(level_db: float, rise_db: float, levels: Doubles, habit: Doubles) -> float:
    """Correlation that a moment of this level needs to be voiced, given the room and the voice.

    Parameters
    ----------
    level_db, rise_db : float
        Level of the moment, and its change from 10 ms before to 10 ms after.
    levels : float64, shape (6,)
        State of ``update_mixture``.
    habit : float64, shape (3,)
        State of ``update_habit``.
    """
    hum = levels[HUM] * min(1.0, (levels[QUIET_HOPS] - PRIOR_HOPS) / HUM_FIRM)
    need: float = UNVOICED - HUM_ALLOWANCE * min(MAX_HUM, hum)
    need += STEEP * (max(0.0, rise_db - RISE_DB) + max(0.0, -rise_db - FALL_DB))
    if habit[1] > 0.0:
        higher = max(-1.0, min(1.0, habit[0] - math.log2(MIDDLE_HZ)))
        need += HIGHER_VOICE * higher * min(1.0, habit[1] / HABIT_FIRM)
    need += FAINT * max(0.0, levels[LOUD] - FAINT_DB - level_db)
    low, high = HARMONIC_HUM
    harmonic = max(0.0, min(1.0, (hum - low) / (high - low)))
    need += NEAR * harmonic * max(0.0, levels[QUIET] + NEAR_DB - level_db)
    return need


@kernel
def discount_unusual(log_f0: Doubles, strength: Doubles, habit: Doubles) -> None:
    """Reduce the strength of candidates far from the voice's usual F0.

    ``habit``: float64, shape (3,): mean log2 F0, the number of hops behind it, their mean level in dB.
    """
    weight = HABIT * min(1.0, habit[1] / HABIT_FIRM)
    for k in range(log_f0.size):
        if log_f0[k] > 0.0:
            strength[k] -= weight * max(0.0, abs(log_f0[k] - habit[0]) - HABIT_FREE)


@kernel
def update_habit(log_f0: float, level_db: float, habit: Doubles) -> None:
    """Average the F0 and the level of a voiced hop into the usual ones."""
    habit[1] = min(HABIT_HOPS, habit[1] + 1.0)
    habit[0] += (log_f0 - habit[0]) / habit[1]
    habit[2] += (level_db - habit[2]) / habit[1]


@kernel
def viterbi_step(
    log_f0: Doubles, strength: Doubles, unvoiced: float, gain: Doubles, back: Ints, past: Doubles
) -> float:
    """Advance the Viterbi search by a hop; state 0 is unvoiced, state k + 1 is candidate k.

    Parameters
    ----------
    log_f0, strength : float64, shape (k,)
        Candidates of the new hop; F0 as log2 of Hz, 0 where there is none.
    unvoiced : float
        Gain of the unvoiced state.
    gain : float64, shape (2, k + 1)
        Row 0 the gains so far, row 1 work space.
    back : int64, shape (depth, k + 1)
        Best predecessors, newest row last.
    past : float64, shape (depth, k + 1)
        F0 of the states, newest row last.

    Returns
    -------
    log_f0 : float
        Of the best path, ``depth - 1`` hops ago; 0 is unvoiced.
    """
    depth, states = back.shape
    for d in range(depth - 1):
        for s in range(states):
            back[d, s] = back[d + 1, s]
            past[d, s] = past[d + 1, s]
    best_state = 0
    for s in range(states):
        here = 0.0 if s == 0 else log_f0[s - 1]
        best, origin = -1e30, 0
        for p in range(states):
            before = past[depth - 2, p]
            loss = 0.0
            if (before > 0.0) != (here > 0.0):
                loss = SWITCH
            elif here > 0.0:
                loss = JUMP * min(3.0, abs(here - before))
            if gain[0, p] - loss > best:
                best, origin = gain[0, p] - loss, p
        back[depth - 1, s] = origin
        past[depth - 1, s] = here
        gain[1, s] = best + (unvoiced if s == 0 else strength[s - 1])
        if s > 0 and here == 0.0:
            gain[1, s] = -1e30
        if gain[1, s] > gain[1, best_state]:
            best_state = s
    for s in range(states):
        gain[0, s] = gain[1, s] - gain[1, best_state]
    for d in range(depth - 1, 0, -1):
        best_state = back[d, best_state]
    answer: float = past[0, best_state]
    return answer


@kernel
def track_pitch(sound: Floats, state: State) -> None:
    """Process a hop that ``sound`` at 4 kHz already holds: ``PitchTracker.process``."""
    x = sound[sound.size - HISTORY :]
    levels, habit = state.levels, state.habit
    log_f0, strength = state.log_f0, state.strength
    first, last = state.first, state.last
    state.hops += 1
    state.voicing = 1.0 / (1.0 + math.exp(-state.odds))
    correlate(x, CENTRE, first, last, LONGEST_WEIGHT * noisiness(levels), state.energy, state.r)
    find_candidates(state.r[: last + 1], first, last, log_f0, strength)
    strongest = strength[0]
    level_db = level_about(x, CENTRE)
    rise_db = 0.0
    if state.hops >= FULL_HOPS:
        update_mixture(level_db, strongest, levels)
        rise_db = level_about(x, CENTRE + STEP) - level_about(x, CENTRE - STEP)
    if level_db > habit[2] + LOUDER_DB:
        habit[1] = 0.0
    discount_unusual(log_f0, strength, habit)
    unvoiced = voicing_threshold(level_db, rise_db, levels, habit)
    found = viterbi_step(log_f0, strength, unvoiced, state.gain, state.back, state.past)
    state.f0_hz = 2.0**found if found > 0.0 else 0.0
    state.harmonicity = max(0.0, min(1.0, strongest))
    state.odds = SLOPE * (strongest - unvoiced)
    if found > 0.0:
        update_habit(found, level_db, habit)
    state.usual_hz = 2.0 ** habit[0] if habit[1] >= HABIT_FIRM else 0.0


class PitchTracker(Component):
    """F0 and probability of voicing, hop by hop.

    Parameters
    ----------
    fmin_hz, fmax_hz : float
        Lowest and highest F0 that is answered; 55 <= fmin_hz < fmax_hz <= 550.
    state : record
        A new one unless given.
    sound : Decimator
        A new one unless given; a given one is fed by its owner.

    Attributes
    ----------
    harmonicity : strongest correlation in the pitch range, 0..1, whatever the level.
    usual_hz : usual F0 of the voice: geometric mean over three voiced seconds; 0 at first.

    Raises
    ------
    ValueError
        The range is empty or exceeds that.
    """

    DELAY_HOPS = DELAY_HOPS
    """``process`` describes the middle of the hop this many before the newest."""

    HARMONICITY_DELAY_HOPS = HARMONICITY_DELAY_HOPS
    """``harmonicity`` describes the middle of the hop this many before the newest."""

    STATE = np.dtype(
        [
            ("first", "i8"),
            ("last", "i8"),
            ("hops", "i8"),
            ("odds", "f8"),
            ("f0_hz", "f8"),
            ("voicing", "f8"),
            ("harmonicity", "f8"),
            ("usual_hz", "f8"),
            ("levels", "f8", STARTED + 1),
            ("habit", "f8", 3),
            ("log_f0", "f8", CANDIDATES),
            ("strength", "f8", CANDIDATES),
            ("gain", "f8", (2, CANDIDATES + 1)),
            ("back", "i8", (LOOKAHEAD_HOPS + 1, CANDIDATES + 1)),
            ("past", "f8", (LOOKAHEAD_HOPS + 1, CANDIDATES + 1)),
            ("energy", "f8", HISTORY + 1),
            ("r", "f4", MAX_LAGS),
        ],
        align=True,
    )

    def __init__(
        self,
        fmin_hz: float = LOWEST_HZ,
        fmax_hz: float = HIGHEST_HZ,
        state: State | None = None,
        sound: Decimator | None = None,
    ) -> None:
        if not 55.0 <= fmin_hz < fmax_hz <= 550.0:
            raise ValueError(
                f"F0 can be sought between 55 and 550 Hz, lower bound first; got {fmin_hz:g} to {fmax_hz:g}"
            )
        self.sound = sound or Decimator()
        super().__init__(state)
        rate_hz = RATE_HZ / DECIMATION
        self.state["first"] = int(rate_hz / fmax_hz) - 1
        self.state["last"] = math.ceil(rate_hz / fmin_hz) + 1

    def reset(self) -> None:
        """Forget everything."""
        self.state["levels"] = self.state["habit"] = 0.0
        self.state["usual_hz"] = 0.0
        self.forget_sound()

    def forget_sound(self) -> None:
        """Forget the sound, but keep the levels of speaker and background: samples were lost."""
        self.sound.reset()
        for name in ("gain", "back", "past", "hops", "harmonicity"):
            self.state[name] = 0
        self.state["odds"] = -SLOPE

    def process(self, hop: Floats) -> tuple[float, float]:
        """Process 160 samples: float32, full scale ±1.

        Returns
        -------
        f0_hz, voicing : float
            For the middle of the hop ``DELAY_HOPS`` ago: F0, 0 when unvoiced, and the
            probability of voicing, 0..1.
        """
        self.sound.process(hop)
        track_pitch(self.sound.x, self.state)
        return float(self.f0_hz), float(self.voicing)
