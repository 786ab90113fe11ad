"""Decimation to 4 kHz, for the estimators of pitch and creak: DC removal, low-pass, every fourth sample."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .component import Component, State
from .frame import HOP, RATE_HZ
from .kernel import kernel

DECIMATION = 4
"""From 16 kHz to 4 kHz."""

TAPS = 41
"""Length of the low-pass; its delay of 20 samples is accounted for in the estimators' delays."""

CORNER_HZ = 1200.0
"""Corner of the low-pass: above the first formant there is more noise than voice, and no alias may remain."""

DC_POLE = 0.985
"""Pole of the DC filter ``y[n] = x[n] - x[n-1] + DC_POLE y[n-1]``, a high-pass at 38 Hz."""

HISTORY = 608
"""Samples kept at 4 kHz, 152 ms."""

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


@kernel
def shift_and_decimate(hop: Floats, taps: Floats, memory: Doubles, raw: Floats, out: Floats) -> None:
    """Append a hop to the history: without DC, low-passed, every fourth sample.

    Parameters
    ----------
    hop : float32, shape (160,)
    taps : float32, shape (t,)
        Symmetric low-pass.
    memory : float64, shape (2,)
        Last input and output of the DC filter. Changed.
    raw : float32, shape (t - 1 + 160,)
        Newest samples without DC. Changed.
    out : float32, shape (n,)
        Newest samples at 4 kHz, ``(t - 1) / 2`` samples at 16 kHz late. Changed.
    """
    t, n, step = taps.size, out.size, HOP // DECIMATION
    for i in range(t - 1):
        raw[i] = raw[i + HOP]
    last: float = memory[0]
    y: float = memory[1]
    for i in range(HOP):
        now = float(hop[i])
        y = now - last + DC_POLE * y
        last = now
        raw[t - 1 + i] = y
    memory[0], memory[1] = last, y
    for i in range(n - step):
        out[i] = out[i + step]
    for i in range(step):
        start = DECIMATION * (i + 1) - 1
        total = np.float32(0.0)
        for k in range(t):
            total += taps[k] * raw[start + k]
        out[n - step + i] = total


def low_pass() -> Floats:
    """Windowed-sinc low-pass of unit gain, shape ``(TAPS,)``."""
    t = np.arange(TAPS) - TAPS // 2
    h = np.sinc(2 * CORNER_HZ / RATE_HZ * t) * np.hamming(TAPS)
    taps: Floats = (h / h.sum()).astype(np.float32)
    return taps


LOW_PASS = low_pass()


@kernel
def decimate_hop(hop: Floats, taps: Floats, state: State) -> None:
    """Process a hop: ``Decimator.process``."""
    shift_and_decimate(hop, taps, state.memory, state.raw, state.x)


class Decimator(Component):
    """The sound at 4 kHz.

    Attributes
    ----------
    x : float32, shape (HISTORY,)
        Newest samples, ``TAPS // 2`` samples at 16 kHz late.
    """

    STATE = np.dtype([("memory", "f8", 2), ("raw", "f4", TAPS - 1 + HOP), ("x", "f4", HISTORY)], align=True)

    def reset(self) -> None:
        """Forget all samples."""
        for name in ("memory", "raw", "x"):
            self.state[name] = 0.0

    def process(self, hop: Floats) -> None:
        """Append 160 samples."""
        decimate_hop(hop, LOW_PASS, self.state)
