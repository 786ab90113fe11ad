"""Feature frame: all that ``dsp/`` reports of one 10 ms hop."""

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
    """Features known once a hop of 160 samples has been processed.

    Estimators that need context answer for an earlier moment. How much earlier is a constant of
    the estimator (``PITCH_DELAY_HOPS``, ``CREAK_DELAY_HOPS`` in ``dsp.ears``) or, for detections
    that date back, an ``_ago_hops`` field: whole hops back from the end of this hop.
    """

    known: bool
    """False when any sample of the hop was lost: every other field then holds its last or a neutral value."""

    level_dbfs: float
    """RMS of the hop above some 40 Hz, dB re full scale (1.0); at least −120, in digital silence."""

    noise_dbfs: float
    """Noise floor, dB re full scale."""

    clipped: float
    """Share of samples at or above 0.99 of full scale, 0..1."""

    momentary_lufs: float
    """Loudness of the last 0.4 s, K-weighted (ITU-R BS.1770-4, EBU Tech 3341); at least −120."""

    short_term_lufs: float
    """Loudness of the last 3 s, over those of its hops that were received."""

    snr_db: float
    """Signal-to-noise ratio: speech level (half of its weight in the last second of speech) over the noise.

    The noise within the speech is subtracted; −20 to 80. It is held through pauses; 0 before any speech."""

    speech: float
    """Probability that this hop is speech, 0..1."""

    talking: bool
    """Whether the speaker is talking: closures inside words don't end it, 0.25 s of silence does."""

    edge_ago_hops: int
    """When ``talking`` changed with this frame: hops since the speech began or ended; else 0."""

    f0_hz: float
    """F0 of the hop ``PITCH_DELAY_HOPS`` before this one, 60..500 Hz; 0 is unvoiced."""

    voicing: float
    """Probability of voicing at the moment of ``f0_hz``, 0..1."""

    nucleus_ago_hops: int
    """Hops since the middle of a syllable nucleus that was confirmed with this frame; 0 when none was."""

    filler_start_ago_hops: int
    """Hops since the start of a filled pause that was confirmed with this frame; 0 when none was."""

    filler_end_ago_hops: int
    """Hops since its end; 0 when none was confirmed."""

    filler_confidence: float
    """Confidence in that filled pause, 0..1; 0 when none was confirmed. Under 0.5 it is a guess."""

    creak: float
    """Probability of creaky voice in the hop ``CREAK_DELAY_HOPS`` before this one, 0..1."""

    ending_st: float
    """When ``talking`` became false with this frame: change of F0 over the phrase's last 0.4 s, semitones.

    NaN at any other time, and when too little of the end was voiced."""

    ending_confidence: float
    """Confidence in ``ending_st``, 0..1; 0 when that is NaN."""

    ending_hz: float
    """F0 at the end of that change; NaN when it is."""

    trailing_db: float
    """When ``talking`` became false with this frame: how far the loudness of the phrase's last 0.4 s fell
    below the phrase's median, less the natural fall (``dsp.trailing_off``), dB; may be negative.

    NaN at any other time, and when the phrase was too short or its end was lost."""

    trailing_confidence: float
    """Confidence in ``trailing_db``, 0..1; 0 when that is NaN."""


FRAME = np.dtype(
    [(name, {bool: "?", int: "i8", float: "f8"}[kind]) for name, kind in get_type_hints(Frame).items()],
    align=True,
)
"""Record type of a frame, which kernels pass on: ``Frame._make(record.item())`` is the frame."""

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
    ending_hz=math.nan,
    trailing_db=math.nan,
    trailing_confidence=0.0,
)
"""Frame of a lost hop before any other."""
