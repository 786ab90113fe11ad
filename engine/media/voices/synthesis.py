"""Synthesise speech in this process, with control of tempo and F0 contour.

``hibari-tts`` has its weights in the package. Its network returns the F0 contour beside the spectra
(80 values a second), so the contour can be changed before synthesis: flat for a monotone, raised at the
end for an unsure statement, lowered for a firm one.
"""

from __future__ import annotations

from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from dsp.frame import RATE_HZ
from engine.media.resample import Resampler, Samples

CONTOUR_HZ = 80.0
"""Rate of the F0 contour."""

VOICED_HZ = 40.0
"""The contour is below this where the sound is unvoiced."""

HARMONICS_NEPERS, NOISE_NEPERS = 0.7, 2.0
"""Gain of the harmonics and cut of the noise at the end of a phrase whose end is raised or lowered."""

RISE_S = 0.35
"""Voiced time over which a final rise or fall is spread."""


class SpeechSynthesizer:
    """Speech synthesiser with one packaged voice: 16 kHz mono float32, the same for equal text and seed."""

    def __init__(self) -> None:
        from hibari import Hibari  # not needed by a server, which renders in a child process

        self._tts: Any = Hibari()

    def phonemes(self, text: str) -> list[str]:
        """Return the phonemes of each sentence (IPA, diphthongs as capitals)."""
        return list(self._tts.phonemize(text))

    def synthesize(
        self,
        text: str,
        *,
        speed: float = 1.0,
        liveliness: float = 1.0,
        rise_st: float = 0.0,
        shift_st: float = 0.0,
        seed: int = 0,
    ) -> Samples:
        """Synthesise a text.

        Parameters
        ----------
        text : English sentences; ``[word](/phonemes/)`` gives the phonemes of a word.
        speed : 0.5 to 2.0.
        liveliness : factor on the movement of F0 in semitones about its median; 0 is a monotone.
        rise_st : F0 at the very end, in semitones above the beginning of the last voiced sound; negative is
            a fall below it.
        shift_st : shift of the whole contour in semitones.
        seed : of the noise component.

        Returns
        -------
        float32, shape (n,), 16 kHz, peak at most 1.
        """
        rng = np.random.default_rng(seed)
        parts = [
            self._sentence(phonemes, speed, liveliness, rise_st, shift_st, rng)
            for phonemes in self.phonemes(text)
        ]
        return np.concatenate([np.zeros(0, np.float32), *parts])

    def _sentence(
        self,
        phonemes: str,
        speed: float,
        liveliness: float,
        rise_st: float,
        shift_st: float,
        rng: np.random.Generator,
    ) -> Samples:
        from hibari import dsp as vocoder

        feed = {
            "ids": np.asarray([self._tts.ids(phonemes)], np.int64),
            "speed": np.asarray([speed], np.float32),
        }
        *spectra, f0_hz = (output[0] for output in self._tts.sess.run(None, feed))
        if rise_st:
            strengthen_ending(spectra, f0_hz)
        f0_hz = shape_f0(f0_hz, liveliness, rise_st, shift_st)
        return to_16_khz(vocoder.synth(*spectra, f0_hz, rng), self._tts.sample_rate)


def shape_f0(
    f0_hz: NDArray[np.float32], liveliness: float, rise_st: float, shift_st: float
) -> NDArray[np.float32]:
    """Return an F0 contour scaled about its median, moved at its end, and shifted; unvoiced values stay."""
    voiced = np.flatnonzero(f0_hz >= VOICED_HZ)
    if not voiced.size:
        return f0_hz
    semitones = 12 * np.log2(f0_hz[voiced])
    centre = float(np.median(semitones))
    semitones = centre + liveliness * (semitones - centre) + shift_st
    if rise_st:
        last = np.clip(1 - (voiced[-1] - voiced) / (RISE_S * CONTOUR_HZ), 0, 1)
        start = float(semitones[last > 0][0])
        semitones = np.where(last > 0, start + rise_st * last, semitones)
    changed = f0_hz.copy()
    changed[voiced] = np.exp2(semitones / 12)
    return changed


def strengthen_ending(spectra: list[NDArray[np.float32]], f0_hz: NDArray[np.float32]) -> None:
    """Reduce breath and creak in the last voiced sound, in place.

    ``spectra`` are the network's: log magnitude of the harmonics first, of the noise third
    and of the free-phase part fourth, each of shape (bins, frames). The network ends its
    sentences in creak, which no speaker does who ends on a rise, and in which no fall can be heard.
    """
    voiced = np.flatnonzero(f0_hz >= VOICED_HZ)
    if voiced.size:
        last = voiced[voiced > voiced[-1] - RISE_S * CONTOUR_HZ]
        spectra[0][:, last] += HARMONICS_NEPERS
        for noise in (spectra[2], spectra[3]):
            noise[:, last] -= NOISE_NEPERS


def to_16_khz(samples: Samples, rate_hz: int) -> Samples:
    """Resample mono samples to 16 kHz."""
    frame = av.AudioFrame.from_ndarray(
        np.ascontiguousarray(samples[None], np.float32), format="flt", layout="mono"
    )
    frame.sample_rate = rate_hz
    resampler = Resampler()
    return np.concatenate([resampler.feed(frame), resampler.flush()])


def silence(seconds: float) -> Samples:
    """Return room tone at −80 dBFS: a real microphone is never digitally silent."""
    noise = np.random.default_rng(1).standard_normal(round(seconds * RATE_HZ))
    return (1e-4 * noise).astype(np.float32)
