"""Level and loudness of one speaker's speech: recent, over the session, and their confidence.

Recent values are exponential averages over speech hops, ``m += max(RATE, 1/n) (x - m)``.
"""

from __future__ import annotations

import math

import numpy as np

from .component import Component, State
from .frame import HOP_S
from .input_faults import MUTED_DBFS
from .kernel import kernel

RATE = 1.0 - 0.5**HOP_S
"""Weight of the newest speech hop: the half-life is 1 s of speech."""

ENOUGH_HOPS = round(3.0 / HOP_S)
"""Speech after which the recent loudness describes a speaker and not a word."""

BASELINE_HOPS = round(10.0 / HOP_S)
"""Speech needed before the recent loudness is compared with the speaker's own."""

MIN_SNR_DB, CLEAR_SNR_DB = 3.0, 12.0
"""The confidence rises from 0 at the first signal-to-noise ratio to 1 at the second."""


@kernel
def snr_confidence(snr_db: float) -> float:
    """Confidence in speech at this signal-to-noise ratio, 0..1."""
    return min(1.0, max(0.0, (snr_db - MIN_SNR_DB) / (CLEAR_SNR_DB - MIN_SNR_DB)))


@kernel
def update_speech_level(frame: State, speaking: bool, state: State) -> None:
    """Add the frame of a received hop; one without speech changes neither level nor loudness."""
    if frame.level_dbfs >= MUTED_DBFS:  # digital silence is not the noise of a room
        state.noise_dbfs, state.snr_db = frame.noise_dbfs, frame.snr_db
    if not speaking or frame.speech < 0.5:
        return
    state.speech_hops += 1
    rate = max(RATE, 1.0 / state.speech_hops)
    rms, weighted = 10.0 ** (0.1 * frame.level_dbfs), 10.0 ** (0.1 * frame.momentary_lufs)
    state.rms_sum += rms
    state.rms_now += rate * (rms - state.rms_now)
    state.weighted_sum += weighted
    state.weighted_now += rate * (weighted - state.weighted_now)


@kernel
def decibels(power: float) -> float:
    """Power in dB."""
    return 10.0 * math.log10(power + 1e-12)


@kernel
def current_level(state: State) -> tuple[float, float, float, float]:
    """Recent level and loudness.

    Returns
    -------
    level_dbfs, loudness_lufs : over the last seconds of speech; NaN before any.
    change_db : loudness against the speaker's own so far; NaN while unknown.
    confidence : 0..1, by the amount of speech and its signal-to-noise ratio.
    """
    if state.speech_hops == 0:
        return math.nan, math.nan, math.nan, 0.0
    loudness_lufs, change_db = decibels(state.weighted_now), math.nan
    if state.speech_hops >= BASELINE_HOPS:
        change_db = loudness_lufs - decibels(state.weighted_sum / state.speech_hops)
    sure = min(1.0, state.speech_hops / ENOUGH_HOPS) * snr_confidence(state.snr_db)
    return decibels(state.rms_now), loudness_lufs, change_db, sure


class SpeechLevel(Component):
    """Level and loudness of one channel's speech; hops without speech change neither.

    Loudness is the mean of the momentary loudness (K-weighted, 0.4 s) over speech hops.

    Attributes
    ----------
    snr_db : speech over the noise; 0 before any speech.
    noise_dbfs : noise floor, dB re full scale; −120 before any audio.
    """

    STATE = np.dtype(
        [
            ("speech_hops", "i8"),
            ("rms_now", "f8"),
            ("rms_sum", "f8"),
            ("weighted_now", "f8"),
            ("weighted_sum", "f8"),
            ("snr_db", "f8"),
            ("noise_dbfs", "f8"),
        ],
        align=True,
    )

    def reset(self) -> None:
        """Forget everything."""
        self.zero_state()
        self.state["noise_dbfs"] = -120.0

    def mean_dbfs(self) -> float | None:
        """Mean level of all speech so far; None before any."""
        return self._mean_db(self.rms_sum)

    def mean_lufs(self) -> float | None:
        """Mean loudness of all speech so far; None before any."""
        return self._mean_db(self.weighted_sum)

    def _mean_db(self, total: float) -> float | None:
        return decibels(total / self.speech_hops) if self.speech_hops else None
