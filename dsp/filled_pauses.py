"""Filled pauses ("uh", "um") by acoustics alone: steady stretches of voice.

A hesitating speaker holds the vocal tract and the larynx: for a quarter of a second or more the spectrum
hardly changes and F0 stays level, neither of which lasts in a word (Goto, Itou & Hayamizu 1999, "A
real-time filled pause detection system for spontaneous speech recognition"). This module finds such
stretches; ``dsp.filled_pause_odds`` weighs whether one is a filled pause, against the speaker's last ten
seconds of voice, as microphones and rooms colour it and slow speakers move less. A hum alone ("mm") is none:
it mostly says yes. Nor is one of many held notes: that is singing.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .component import Component, State
from .filled_pause_odds import (
    AROUND_HOPS,
    CHANGE_MEAN,
    F0_MEAN,
    HELD,
    HELD_THEN,
    HIGH_MEAN,
    IMPOSSIBLE,
    LEARNED,
    LEVEL,
    LOW_MEAN,
    LOW_OVER,
    ODDS,
    OVER_HIGH,
    PEAK,
    PRIOR_ODDS,
    QUIET,
    RING_HOPS,
    ROWS,
    SEMITONES,
    SPEECH,
    STILL,
    THEN,
    VOICED,
    VOICED_THEN,
    context_odds,
    melody_odds,
    singing_odds,
    timbre_odds,
)
from .kernel import kernel
from .pitch import PitchTracker
from .spectrum import BANDS, SPECTRUM_DELAY_HOPS, mel_centres

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Integers = NDArray[np.int64]

LAG_HOPS = 4
"""The spectrum is compared with that of this many hops ago."""


def bands_between(low_hz: float, high_hz: float) -> tuple[int, int]:
    """First and one past the last mel band with its centre in a range."""
    first, stop = np.searchsorted(mel_centres()[1:-1], (low_hz, high_hz))
    return int(first), int(stop)


FIRST, STOP = bands_between(200.0, 4500.0)
"""Compared bands: below them lie single harmonics, which move with F0; above them is breath."""

DEPTH_DB = 35.0
"""Bands are clipped this far below the strongest one."""

STILL_DB = 4.3
"""RMS change of the spectrum, without its level, up to which a hop is steady."""

MOVE_ST, MOVE_HOPS = 0.6, 6
"""Change of F0 within this time up to which a hop is steady; a faster glide is intonation."""

GAP_HOPS, CLOSING_HOPS = 5, 8
"""Longest unsteady gap within a stretch; the second where the lips close for the *m* of "um"."""

MOUTH_DB = 6.0
"""The mouth closes when the low bands gain this on the middle ones; it opens, which ends the stretch,
when they lose as much."""

SHORTEST_HOPS, LONGEST_HOPS = 10, 150
"""A shorter stretch is a syllable; a longer one is a sung or hummed tone."""

QUIET_DB, PEAK_FALL_DB, ABOVE_NOISE_DB = 30.0, 0.005, 6.0
"""Silence: this far below the loudest hop, whose level decays at this rate, or less than this above the
noise."""

SPEECH_HOPS = 100
"""There must be speech within this long before the stretch, or in it: voice activity fades on held sounds."""

MIN_CONFIDENCE = 0.3
"""Lower confidence isn't reported."""

LOW, MIDDLE, HIGH = bands_between(150.0, 450.0), bands_between(600.0, 1500.0), bands_between(1800.0, 3000.0)
"""Bands of the contrasts: a central vowel has its first two formants in the middle one."""

PRIOR = (8.0, 9.0, 5.0)
"""Initial usual contrasts and change in dB of a speaker, with the weight ``PRIOR_HOPS``."""

PRIOR_HOPS, LEARN_HOPS, KNOWN_HOPS = 100.0, 1000.0, 50.0
"""Weight of the prior; voiced hops over which usual values are averaged; those after which the usual F0
is known."""

HELD_KEEP = 0.998
"""Decay per voiced hop of the share of steady voice: over 5 s of voice."""

DELAY_HOPS = PitchTracker.DELAY_HOPS
"""The judged hop lies this far behind the newest."""

SPECTRA = 8
"""Spectra kept."""

# Entries of the integer state.
NEWEST, STARTED, LAST, STIR, SPOKE, WAITING, WAITING_START, WAITING_STOP, FOUND_START, FOUND_STOP = range(10)


@kernel
def spectral_change_db(new: Floats, old: Floats) -> float:
    """RMS difference of two spectra in dB over the compared bands, without their level."""
    top_new, top_old = new[FIRST], old[FIRST]
    for k in range(FIRST + 1, STOP):
        top_new, top_old = max(top_new, new[k]), max(top_old, old[k])
    low_new, low_old = top_new - np.float32(DEPTH_DB), top_old - np.float32(DEPTH_DB)
    shift = squares = np.float32(0.0)
    for k in range(FIRST, STOP):
        d = max(new[k], low_new) - max(old[k], low_old)
        shift += d
        squares += d * d
    count = STOP - FIRST
    return math.sqrt(max(0.0, float(squares) / count - (float(shift) / count) ** 2))


@kernel
def mean_level(bands_db: Floats, edges: tuple[int, int]) -> float:
    """Mean level of a range of bands."""
    total = np.float32(0.0)
    for k in range(edges[0], edges[1]):
        total += bands_db[k]
    return float(total) / (edges[1] - edges[0])


@kernel
def score_candidate(rings: Doubles, known: Doubles, state: Integers) -> float:
    """Confidence in the waiting stretch; its ends become those of the detection."""
    start, stop = state[WAITING_START], state[WAITING_STOP]
    state[FOUND_START], state[FOUND_STOP], state[WAITING] = start, stop, 0
    odds = PRIOR_ODDS + known[ODDS] + context_odds(rings, start, stop, state[NEWEST] - DELAY_HOPS)
    return 1.0 / (1.0 + math.exp(-odds))


@kernel
def end_stretch(rings: Doubles, known: Doubles, state: Integers) -> float:
    """End the stretch, which then waits for the silence after it; return the confidence in an earlier one."""
    start, stop = state[STARTED], state[LAST] + 1
    state[STARTED] = -1
    if not SHORTEST_HOPS <= stop - start <= LONGEST_HOPS or state[SPOKE] < start - SPEECH_HOPS:
        return 0.0
    odds = melody_odds(rings, start, stop, known[THEN + F0_MEAN])
    if odds <= IMPOSSIBLE:
        return 0.0
    confidence = score_candidate(rings, known, state) if state[WAITING] else 0.0
    known[ODDS] = odds + timbre_odds(rings, known, start, stop) + singing_odds(known)
    state[WAITING_START], state[WAITING_STOP], state[WAITING] = start, stop, 1
    return confidence


@kernel
def learn_usual(low_over: float, over_high: float, still: float, semitones: float, known: Doubles) -> None:
    """Move the speaker's usual values towards those of a voiced hop."""
    n = min(LEARN_HOPS, known[LEARNED] + 1.0)
    rate = 1.0 / min(LEARN_HOPS, PRIOR_HOPS + n)
    known[LEARNED] = n
    known[LOW_MEAN] += rate * (low_over - known[LOW_MEAN])
    known[HIGH_MEAN] += rate * (over_high - known[HIGH_MEAN])
    known[CHANGE_MEAN] += rate * (still - known[CHANGE_MEAN])
    known[F0_MEAN] += (semitones - known[F0_MEAN]) / n


@kernel
def track_stretch(
    f0_hz: float,
    bands_db: Floats,
    level_dbfs: float,
    noise_dbfs: float,
    speech: float,
    spectra: Floats,
    rings: Doubles,
    known: Doubles,
    state: Integers,
) -> float:
    """Process a hop's features; return the confidence in a filled pause that is now certain, else 0.

    Parameters
    ----------
    f0_hz, bands_db, level_dbfs, noise_dbfs, speech : of ``FilledPauseDetector.process``.
    spectra : float32, shape (SPECTRA, bands)
        The newest spectra. Changed.
    rings : float64, shape (ROWS, RING_HOPS)
        Values per hop; work space. Changed.
    known, state : float64, int64
        Usual values, and integer state. Changed. The ends of a detection are in ``state[FOUND_START]`` and
        ``state[FOUND_STOP]``.
    """
    newest = state[NEWEST] + 1
    t = newest - DELAY_HOPS
    state[NEWEST] = newest
    spectra[newest % SPECTRA] = bands_db
    rings[LEVEL, newest % RING_HOPS], rings[SPEECH, newest % RING_HOPS] = level_dbfs, speech
    if t < RING_HOPS + LAG_HOPS:
        return 0.0
    now, at = spectra[(t + SPECTRUM_DELAY_HOPS) % SPECTRA], t % RING_HOPS
    level = rings[LEVEL, at]
    known[PEAK] = max(level, known[PEAK] - PEAK_FALL_DB)
    voiced = f0_hz > 0.0
    loud = level > max(known[PEAK] - QUIET_DB, noise_dbfs + ABOVE_NOISE_DB)
    talks = rings[SPEECH, at] >= 0.5
    still = spectral_change_db(now, spectra[(t + SPECTRUM_DELAY_HOPS - LAG_HOPS) % SPECTRA])
    central = mean_level(now, MIDDLE)
    low_over, over_high = mean_level(now, LOW) - central, central - mean_level(now, HIGH)
    semitones = 12.0 * math.log2(f0_hz / 60.0) if voiced else -1.0
    before = rings[SEMITONES, (t - MOVE_HOPS) % RING_HOPS]
    rings[STILL, at], rings[SEMITONES, at] = still, semitones
    rings[LOW_OVER, at], rings[OVER_HIGH, at] = low_over, over_high
    rings[QUIET, at] = 1.0 if not loud or not (voiced or talks) else 0.0
    if talks:
        state[SPOKE] = t
    calm = loud and still < STILL_DB
    if voiced and before >= 0.0 and abs(semitones - before) > MOVE_ST:
        calm = False

    confidence = 0.0
    if state[STARTED] >= 0:
        closed_db = low_over - rings[LOW_OVER, state[LAST] % RING_HOPS]
        if calm and (state[STIR] <= 1 or closed_db > -MOUTH_DB):
            state[LAST], state[STIR] = t, 0
        else:
            state[STIR] += 1 if loud else 2
            if calm or state[STIR] > (CLOSING_HOPS if closed_db > MOUTH_DB else GAP_HOPS):
                confidence = end_stretch(rings, known, state)
    if voiced and loud:
        known[VOICED] = HELD_KEEP * known[VOICED] + 1.0
        known[HELD] = HELD_KEEP * known[HELD] + calm
    if state[STARTED] < 0 and calm and voiced:
        known[HELD_THEN], known[VOICED_THEN] = known[HELD], known[VOICED]
        state[STARTED], state[LAST], state[STIR] = t - LAG_HOPS + 1, t, 0
        for k in range(F0_MEAN + 1):
            known[THEN + k] = known[k]
        if known[LEARNED] < KNOWN_HOPS:
            known[THEN + F0_MEAN] = -1.0
    if voiced and loud and talks:
        learn_usual(low_over, over_high, still, semitones, known)
    if state[WAITING] and t - state[WAITING_STOP] >= AROUND_HOPS:
        confidence = score_candidate(rings, known, state)
    return confidence


@kernel
def detect_filled_pause(
    f0_hz: float, bands_db: Floats, level_dbfs: float, noise_dbfs: float, speech: float, state: State
) -> float:
    """Process a hop: ``FilledPauseDetector.process``."""
    places = state.places
    confidence = track_stretch(
        f0_hz, bands_db, level_dbfs, noise_dbfs, speech, state.spectra, state.rings, state.known, places
    )
    if confidence < MIN_CONFIDENCE:
        return 0.0
    end = places[NEWEST] + 1
    state.start_ago_hops = end - places[FOUND_START]
    state.end_ago_hops = end - places[FOUND_STOP]
    return confidence


class FilledPauseDetector(Component):
    """Finds filled pauses, at most 0.3 s after their end; precision before recall.

    Attributes
    ----------
    start_ago_hops, end_ago_hops : ends of the last detection, in hops before the end of the hop in which
        ``process`` reported it.
    """

    STATE = np.dtype(
        [
            ("known", "f8", VOICED_THEN + 1),
            ("places", "i8", FOUND_STOP + 1),
            ("start_ago_hops", "i8"),
            ("end_ago_hops", "i8"),
            ("spectra", "f4", (SPECTRA, BANDS)),
            ("rings", "f8", (ROWS, RING_HOPS)),
        ],
        align=True,
    )

    def reset(self) -> None:
        """Forget everything."""
        known = self.state["known"]
        known.fill(0.0)
        known[: len(PRIOR)] = PRIOR
        known[PEAK] = -120.0
        self.forget_sound()

    def forget_sound(self) -> None:
        """Forget the sound, but keep the speaker's usual values: samples were lost."""
        for name in ("rings", "places", "start_ago_hops", "end_ago_hops"):
            self.state[name] = 0
        self.state["rings"][SEMITONES] = -1.0
        self.state["places"][NEWEST] = RING_HOPS - 1
        self.state["places"][STARTED] = -1

    def process(
        self, f0_hz: float, bands_db: Floats, level_dbfs: float, noise_dbfs: float, speech: float
    ) -> float:
        """Process a hop's features.

        Parameters
        ----------
        f0_hz : of ``dsp.pitch``, for ``PitchTracker.DELAY_HOPS`` ago; 0 is unvoiced.
        bands_db : float32, shape (32,), of ``dsp.spectrum``.
        level_dbfs, noise_dbfs, speech : level, noise floor and probability of speech of this hop.

        Returns
        -------
        float
            Confidence in a filled pause that has ended and is now judged, ``MIN_CONFIDENCE``..1, its
            ends in ``start_ago_hops`` and ``end_ago_hops``; 0 when there is none.
        """
        return detect_filled_pause(f0_hz, bands_db, level_dbfs, noise_dbfs, speech, self.state)
