"""What the ears know after each hop: the one thing that leaves ``dsp/``."""

from __future__ import annotations

import math
from typing import NamedTuple, get_type_hints

import numpy as np

RATE_HZ = 16_000
"""Sampling rate of everything in ``dsp/``."""

HOP = 160
"""Samples in a hop, 10 ms."""

HOP_S = HOP / RATE_HZ
"""Length of a hop in seconds."""


class Frame(NamedTuple):
    """Features known once a hop of 160 samples has been heard.

    Estimators that need context answer for an earlier moment; how much earlier is a
    constant of the estimator (``PITCH_DELAY_HOPS``, ``CREAK_DELAY_HOPS`` in
    ``dsp.ears``) or, for things found now that happened before, an ``_ago_hops``
    field: whole hops back from the end of this hop.
    """

    known: bool
    """False when any sample of the hop was lost: everything else is then the last known or neutral."""

    level_dbfs: float
    """RMS of the hop above some 40 Hz in dB re full scale (1.0); −120 at least, in digital silence."""

    noise_dbfs: float
    """Noise floor in the same units."""

    clipped: float
    """Share of samples at or above 0.99 of full scale, 0..1."""

    momentary_lufs: float
    """Loudness of the last 0.4 s, K-weighted (ITU-R BS.1770-4, EBU Tech 3341); −120 at least."""

    short_term_lufs: float
    """Loudness of the last 3 s, or of what was heard of them."""

    snr_db: float
    """Signal-to-noise ratio: level of the speech (half of it from its last second) above the noise floor.

    The noise in the speech is left out; −20 to 80. It holds through pauses. 0 before any speech.
    """

    speech: float
    """Probability that the hop is speech, 0..1."""

    talking: bool
    """Decision at the grain of pauses: closures inside words don't end it, 0.25 s of silence does."""

    edge_ago_hops: int
    """When ``talking`` changed with this frame: how long ago the speech really began or ended; else 0."""

    f0_hz: float
    """F0 ``PITCH_DELAY_HOPS`` before this hop, 60..500 Hz; 0 is unvoiced."""

    voicing: float
    """Probability of voicing, for the same moment as ``f0_hz``, 0..1."""

    nucleus_ago_hops: int
    """A syllable nucleus was confirmed with this frame, this long ago; 0 when none was."""

    filler_start_ago_hops: int
    """What may be a filled pause is over and judged with this frame: when it began; 0 when nothing is."""

    filler_end_ago_hops: int
    """Likewise, when it ended."""

    filler_confidence: float
    """Confidence that it was one, 0..1; 0 when none was. Under 0.5 it is a guess."""

    creak: float
    """Probability of creaky voice ``CREAK_DELAY_HOPS`` before this hop, 0..1."""

    ending_st: float
    """When ``talking`` went off with this frame: change of F0 over the phrase's last 0.4 s, semitones.

    NaN at any other time, and when too little of the end was voiced to tell.
    """

    ending_confidence: float
    """Confidence in ``ending_st``, 0..1; 0 when that is NaN."""

    trailing_db: float
    """When ``talking`` went off with this frame: how far the loudness of the phrase's last 0.4 s fell
    below the phrase's median, beyond what is natural (``dsp.trailing_off``), dB; negative when less.

    NaN at any other time, and when the phrase was too short or its end was lost.
    """

    trailing_confidence: float
    """Confidence in ``trailing_db``, 0..1; 0 when that is NaN."""


FRAME = np.dtype(
    [(name, {bool: "?", int: "i8", float: "f8"}[kind]) for name, kind in get_type_hints(Frame).items()],
    align=True,
)
"""A frame as the record that kernels hand to each other: ``Frame._make(record.item())`` is the frame."""

UNKNOWN_FRAME = Frame(
    known=False,
    level_dbfs=-120.0,
    noise_dbfs=-120.0,
    clipped=0.0,
    momentary_lufs=-120.0,
    short_term_lufs=-120.0,
    snr_db=0.0,
    speech=0.5,
    talking=False,
    edge_ago_hops=0,
    f0_hz=0.0,
    voicing=0.0,
    nucleus_ago_hops=0,
    filler_start_ago_hops=0,
    filler_end_ago_hops=0,
    filler_confidence=0.0,
    creak=0.0,
    ending_st=math.nan,
    ending_confidence=0.0,
    trailing_db=math.nan,
    trailing_confidence=0.0,
)
"""Frame of a hop of which nothing is known."""
