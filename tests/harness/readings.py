"""Readings made by hand."""

from __future__ import annotations

from typing import Any

from engine.protocol import events as ev

NEUTRAL: dict[str, Any] = {
    "talking": True,
    "level_dbfs": -26.0,
    "noise_dbfs": -65.0,
    "loudness_lufs": -25.0,
    "snr_db": 39.0,
    "level_confidence": 1.0,
    "pace_wpm": 150.0,
    "pace_confidence": 1.0,
    "articulation_sps": 4.5,
    "pace_error_wpm": 12.0,
    "pace_usual_wpm": 150.0,
    "f0_median_hz": 120.0,
    "f0_sd_st": 2.8,
    "f0_error_st": 0.2,
    "f0_confidence": 1.0,
    "creak_share": 0.02,
    "creak_confidence": 1.0,
    "fillers_per_min": 0.0,
    "fillers_confidence": 1.0,
    "level_change_db": 0.0,
    "stretch_s": 5.0,
    "since_check_in_s": None,
    "unbroken_s": 2.0,
    "silence_s": 0.0,
    "speech_s": 60.0,
    "talk_share": None,
}


def reading(at_s: float, channel: int = 0, **changed: Any) -> ev.Reading:
    """A reading of someone who does all well, but for what is changed."""
    return ev.Reading(seq=round(at_s * 4), at_s=at_s, channel=channel, **{**NEUTRAL, **changed})
