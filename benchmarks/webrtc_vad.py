"""WebRTC's voice activity detector as a peer, behind the yardstick's contracts.

In its strictest mode, on frames of 10 ms. The terminal client uses it before anything is sent; here it
is scored as if it were the ears.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import webrtcvad

from dsp.frame import HOP, HOP_S, RATE_HZ

from .estimators import Audio, Spans, Track

STRICTEST = 3

LEAST_PAUSE_S = 0.25
"""The shortest silence that counts as a pause."""


def vad(x: Audio) -> Track:
    """1 where the detector says speech, else 0, at the end of the audio it rests on."""
    detector = webrtcvad.Vad(STRICTEST)
    pcm = np.clip(np.round(x * 32768.0), -32768, 32767).astype("<i2")
    count = x.size // HOP
    answers = [detector.is_speech(pcm[k * HOP : (k + 1) * HOP].tobytes(), RATE_HZ) for k in range(count)]
    return np.arange(1, count + 1, dtype=np.float64) * HOP_S, np.array(answers, np.float64)


def pauses(x: Audio) -> Spans:
    """Stretches between two of speech, nothing smoothed."""
    times_s, speech = vad(x)
    spoken = np.flatnonzero(speech)
    gaps = [(float(times_s[last]), float(times_s[first]) - HOP_S) for last, first in pairwise(spoken)]
    return [(start_s, end_s) for start_s, end_s in gaps if end_s - start_s >= LEAST_PAUSE_S]
