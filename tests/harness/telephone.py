"""What a telephone lets through."""

from __future__ import annotations

import numpy as np
from scipy.signal import butter, sosfilt

from dsp.frame import RATE_HZ
from engine.media.resample import Samples


def telephone(samples: Samples) -> Samples:
    """Return the band of a telephone, 300 to 3400 Hz, of sound at 16 kHz."""
    bands = butter(4, (300, 3400), "bandpass", fs=RATE_HZ, output="sos")
    return np.asarray(sosfilt(bands, samples), np.float32)
