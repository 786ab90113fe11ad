"""Pace: syllables a second as words a minute, with what makes that uncertain, and which rates are none."""

from __future__ import annotations

import math
from typing import NamedTuple

from .windows import SPREAD, Rates
from .word_length import Ratio

FASTEST_WPM = 250.0
"""Words a minute that nobody exceeds for seconds on end: more of them are a sign of sounds that were no
syllables."""

SLOWEST_SPS = 1.5
"""Syllables a second, pauses left out, below which what is heard is no talk: a hum, a held note, a whisper of
which the syllables were missed. Slow readers reach 2.5."""


class PaceReading(NamedTuple):
    """Pace over some time; null where too little was spoken, or what was counted can't be speech."""

    wpm: float | None = None
    error_wpm: float | None = None
    """Standard error: of the tempo, and of the length of words in syllables."""

    usual_wpm: float | None = None
    confidence: float = 0.0
    articulation_sps: float | None = None


def possible(speech_sps: float, articulation_sps: float, ratio: Ratio) -> bool:
    """Whether somebody may speak at so many syllables a second, pauses in and pauses left out."""
    fastest_sps = FASTEST_WPM / 60.0 * ratio.value * (1.0 + ratio.error)
    return articulation_sps >= SLOWEST_SPS and speech_sps <= fastest_sps


def recent_pace(
    rates: Rates, usual_sps: float | None, ratio: Ratio, window_s: float, trust: float
) -> PaceReading:
    """Return the pace over a window.

    Parameters
    ----------
    rates : over the window.
    usual_sps : the speaker's own speech rate before it, in syllables a second.
    ratio : syllables a word.
    trust : confidence in all measures, 0..1.
    """
    if rates.spoken_s < min(2.5, window_s / 2):
        return PaceReading()
    if not possible(rates.speech_sps, rates.articulation_sps, ratio):
        return PaceReading()
    wpm = 60.0 / ratio.value
    return PaceReading(
        wpm=wpm * rates.speech_sps,
        error_wpm=wpm * math.hypot(rates.error_sps, ratio.error * rates.speech_sps),
        usual_wpm=None if usual_sps is None else wpm * usual_sps,
        confidence=min(1.0, rates.counted_s / (0.75 * window_s)) * trust,
        articulation_sps=rates.articulation_sps,
    )


def session_pace(syllables: int, speech_s: float, counted_s: float, ratio: Ratio) -> PaceReading:
    """Return the pace over a session, in which anything was spoken, without a confidence.

    Parameters
    ----------
    syllables : in the session.
    speech_s, counted_s : speech, and speech with the pauses that count.
    ratio : syllables a word.
    """
    speech_sps, articulation_sps = syllables / counted_s, syllables / speech_s
    if not possible(speech_sps, articulation_sps, ratio):
        return PaceReading()
    wpm = 60.0 / ratio.value
    error_sps = math.sqrt(SPREAD * syllables) / counted_s
    return PaceReading(
        wpm=wpm * speech_sps,
        error_wpm=wpm * math.hypot(error_sps, ratio.error * speech_sps),
        articulation_sps=articulation_sps,
    )
