"""The packaged voice with an F0 that is known exactly: its network's contour, changed at will."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from hibari import Hibari
from hibari import dsp as vocoder
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.signal import resample_poly

from .sounds import Samples

CONTOUR_HZ, VOICED_HZ = 80.0, 40.0

Floats = NDArray[np.float64]


class Spoken(NamedTuple):
    samples: Samples
    times_s: Floats
    f0_hz: Floats
    """0 where unvoiced."""


@cache
def network(text: str) -> tuple[Any, ...]:
    voice = Hibari()
    phonemes = voice.phonemize(text)[0]
    outputs = voice.sess.run(
        None, {"ids": np.asarray([voice.ids(phonemes)], np.int64), "speed": np.asarray([1.0], np.float32)}
    )
    return tuple(output[0] for output in outputs)


def speak(text: str, change: Callable[[Floats], Floats]) -> Spoken:
    """One sentence; ``change`` takes the F0 of the voiced values in Hz and gives others.

    The harmonics get a smooth envelope and no phase of their own: the network's would
    carry the periods of the F0 it had in mind.
    """
    lh, theta, ln, lr, phi, f0_hz = network(text)
    voiced = f0_hz >= VOICED_HZ
    weight = gaussian_filter1d(voiced.astype(np.float64), 1.2)
    smooth = gaussian_filter1d(np.where(voiced, f0_hz, 0.0), 1.2) / np.maximum(weight, 1e-3)
    contour: Floats = np.zeros(f0_hz.size)
    contour[voiced] = change(smooth[voiced])
    quiet = np.where(voiced, -30.0, lr).astype(np.float32)
    envelope = gaussian_filter1d(lh, 5, axis=0, mode="nearest").astype(np.float32)
    x = vocoder.synth(
        envelope, 0 * theta, ln, quiet, phi, contour.astype(np.float32), np.random.default_rng(0)
    )
    x = resample_poly(x, 2, 3)
    times_s: Floats = (np.arange(contour.size, dtype=np.float64) + 0.5) / CONTOUR_HZ
    return Spoken((0.5 * x / np.abs(x).max()).astype(np.float32), times_s, contour)
