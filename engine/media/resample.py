"""Resample any audio to 16 kHz mono float32, for live calls and recordings alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from av import AudioFrame, AudioResampler
from numpy.typing import NDArray

from dsp.frame import RATE_HZ

Samples = NDArray[np.float32]

DELAY_S = 0.0025
"""Longest delay of the filter: 16 samples of the slower rate, so 1 ms from 48 kHz and 2 ms from 8 kHz."""


class Resampler:
    """Resampler of PyAV's frames to 16 kHz mono float32.

    The samples are the same however the input is cut into frames, bit for bit. The
    first sample of the output stands for the first of the input: the filter's delay
    holds samples back, it doesn't shift them. Channels are mixed with weights that sum
    to at most 1, so that a voice on both sides of a stereo track keeps its level
    (libswresample's own choice for floats is 0.71 a side, 3 dB too loud).

    Frames may change rate, layout or format on the way; what the old filter held is
    returned first.
    """

    def __init__(self) -> None:
        self._resampler: AudioResampler | None = None
        self._kind: tuple[int, str, str] | None = None

    def feed(self, frame: AudioFrame) -> Samples:
        """Return the samples known with a frame: float32, shape (n,), full scale ±1; n may be 0.

        The caller owns the array.
        """
        kind = (frame.sample_rate, frame.layout.name, frame.format.name)
        if frame.samples == 0:
            return _joined([])
        held = [] if kind == self._kind else [self.flush()]
        if self._resampler is None:
            options = {"rematrix_maxval": "1"}
            self._resampler = AudioResampler(format="flt", layout="mono", rate=RATE_HZ, options=options)
            self._kind = kind
        return _joined(held + _samples(self._resampler.resample(frame)))

    def flush(self) -> Samples:
        """Return the samples still held, at the end or before a gap; the next frame starts anew."""
        resampler, self._resampler, self._kind = self._resampler, None, None
        return _joined(_samples(resampler.resample(None)) if resampler is not None else [])


def _samples(frames: Sequence[AudioFrame | None]) -> list[Samples]:
    # PyAV passes frames that need no change through, and so the None that flushes.
    return [frame.to_ndarray()[0] for frame in frames if frame is not None]


def _joined(blocks: list[Samples]) -> Samples:
    return np.concatenate([np.empty(0, np.float32), *blocks], dtype=np.float32)
