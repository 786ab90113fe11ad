"""How loud a speaker is: now, over the session, and how sure that is."""

from __future__ import annotations

import math

from dsp.frame import Frame

from .windows import hops

RATE = 1.0 - 0.5 ** (1.0 / hops(1.0))
"""Share of the newest hop in the running loudness: its half-life is a second of speech."""

ENOUGH_HOPS = hops(3.0)
"""Speech after which the running loudness is that of a speaker and not of a word."""

BASELINE_HOPS = hops(10.0)
"""Speech that a speaker's own loudness needs before anything is compared with it."""

LEAST_SNR_DB, CLEAR_SNR_DB = 3.0, 12.0
"""Speech that stands out of the noise by less than the first is a guess, by the second is none."""


def clearness(snr_db: float) -> float:
    """How far speech can be trusted that stands so much above the noise, 0..1."""
    return min(1.0, max(0.0, (snr_db - LEAST_SNR_DB) / (CLEAR_SNR_DB - LEAST_SNR_DB)))


class SpeechLevel:
    """Level and loudness of one channel's speech; hops without speech change neither.

    Loudness is the mean of the momentary loudness (K-weighted, 0.4 s) over hops of speech.
    """

    def __init__(self) -> None:
        self._speech_hops = 0
        self._rms_now = self._rms_sum = 0.0
        self._weighted_now = self._weighted_sum = 0.0
        self.snr_db = 0.0
        """Speech above the noise; 0 before any speech."""
        self.noise_dbfs = -120.0
        """Noise floor, dB re full scale; −120 before any audio."""

    def step(self, frame: Frame, speaking: bool) -> None:
        """Take a hop that was heard."""
        self.noise_dbfs, self.snr_db = frame.noise_dbfs, frame.snr_db
        if not speaking or frame.speech < 0.5:
            return
        self._speech_hops += 1
        rate = max(RATE, 1.0 / self._speech_hops)
        rms, weighted = 10.0 ** (frame.level_dbfs / 10), 10.0 ** (frame.momentary_lufs / 10)
        self._rms_sum += rms
        self._rms_now += rate * (rms - self._rms_now)
        self._weighted_sum += weighted
        self._weighted_now += rate * (weighted - self._weighted_now)

    def level_dbfs(self) -> float | None:
        """Level over the last seconds of speech, dB re full scale."""
        return _db(self._rms_now) if self._speech_hops else None

    def mean_dbfs(self) -> float | None:
        """Level over all speech so far."""
        return _db(self._rms_sum / self._speech_hops) if self._speech_hops else None

    def loudness_lufs(self) -> float | None:
        """Loudness over the last seconds of speech."""
        return _db(self._weighted_now) if self._speech_hops else None

    def mean_lufs(self) -> float | None:
        """Loudness of all speech so far."""
        return _db(self._weighted_sum / self._speech_hops) if self._speech_hops else None

    def change_db(self) -> float | None:
        """Loudness now against the speaker's own so far."""
        if self._speech_hops < BASELINE_HOPS:
            return None
        return _db(self._weighted_now) - _db(self._weighted_sum / self._speech_hops)

    def confidence(self) -> float:
        """How sure level and loudness are, 0..1: how much speech was heard, how far above the noise."""
        return min(1.0, self._speech_hops / ENOUGH_HOPS) * clearness(self.snr_db)


def _db(power: float) -> float:
    return 10.0 * math.log10(power + 1e-12)
