"""F0 and voicing: normalised cross-correlation for candidates, a short path search to choose."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .frame import HOP, RATE_HZ
from .kernel import kernel

DECIMATION = 4
"""Candidates are sought at 4 kHz."""

TAPS = 41
"""Length of the low-pass before it; its delay, 20 samples, is taken out of the time stamps."""

CORNER_HZ = 1400.0

WINDOW = 100
"""Samples at 4 kHz that are correlated, 25 ms."""

CANDIDATES = 6

LOOKAHEAD_HOPS = 1
"""Hops of the path that may still change its end."""

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

# Costs of the path, in units of correlation. Voiced candidates gain their correlation.
UNVOICED = 0.45
OCTAVE = 0.02
JUMP = 0.35
SWITCH = 0.14

# Level: floor and peak follow it, the one upwards, the other downwards, this fast a hop.
FLOOR_RISE_DB = 0.05
PEAK_FALL_DB = 0.03
BELOW_PEAK_DB = 18.0
BELOW_PEAK = 0.25
ABOVE_FLOOR_DB = 8.0
ABOVE_FLOOR = 0.25


@kernel
def condition(hop: Floats, taps: Floats, memory: Doubles, raw: Floats, low: Floats, out: Floats) -> None:
    """Shift a hop into the histories: without DC, low-passed, and that decimated.

    Parameters
    ----------
    hop : float32, shape (160,)
    taps : float32, shape (t,)
        Symmetric low-pass.
    memory : float64, shape (2,)
        Last input and output of the DC filter.
    raw : float32, shape (t - 1 + 160,)
        Newest samples without DC.
    low : float32, shape (n,)
        Newest low-passed samples, ``(t - 1) / 2`` samples late.
    out : float32, shape (m,)
        Every fourth of them.
    """
    t = taps.size
    for i in range(t - 1):
        raw[i] = raw[i + HOP]
    last, y = memory[0], memory[1]
    for i in range(HOP):
        y = hop[i] - last + 0.985 * y
        last = hop[i]
        raw[t - 1 + i] = y
    memory[0], memory[1] = last, y
    n, m = low.size, out.size
    for i in range(n - HOP):
        low[i] = low[i + HOP]
    for i in range(HOP):
        total = np.float32(0.0)
        for k in range(t):
            total += taps[k] * raw[i + k]
        low[n - HOP + i] = total
    step = HOP // DECIMATION
    for i in range(m - step):
        out[i] = out[i + step]
    for i in range(step):
        out[m - step + i] = low[n - HOP + DECIMATION * i]


@kernel
def correlate(x: Floats, centre: int, window: int, first: int, last: int, out: Floats) -> None:
    """Normalised cross-correlation of two windows that lie evenly about a moment.

    The window of lag L starts ``(window + L) / 2`` before the moment, its copy L later
    (Talkin 1995, with the pair centred as in Medan, Yair & Chazan 1991).

    Parameters
    ----------
    x : float32, shape (n,)
    centre, window, first, last : int, samples
        Moment, length correlated, and the lags ``first <= L <= last``.
    out : float32, shape (last + 1,)
        Entries from ``first`` on are overwritten, -1..1.
    """
    for lag in range(first, last + 1):
        a = centre - (window + lag) // 2
        b = a + lag
        ab = np.float32(0.0)
        aa = np.float32(0.0)
        bb = np.float32(0.0)
        for i in range(window):
            ab += x[a + i] * x[b + i]
            aa += x[a + i] * x[a + i]
            bb += x[b + i] * x[b + i]
        out[lag] = ab / math.sqrt(aa * bb + 1e-12)


@kernel
def candidates(r: Floats, first: int, last: int, f0_hz: Doubles, strength: Doubles) -> None:
    """Strongest local maxima of a correlation, strongest first; strength 0 where there are no more."""
    count = f0_hz.size
    for k in range(count):
        strength[k] = 0.0
        f0_hz[k] = 0.0
    for lag in range(first + 1, last):
        left, peak, right = r[lag - 1], r[lag], r[lag + 1]
        if peak < 0.2 or peak <= left or peak < right:
            continue
        bend = left - 2.0 * peak + right
        shift = 0.5 * (left - right) / bend
        height = peak - 0.25 * (left - right) * shift
        hz = RATE_HZ / DECIMATION / (lag + shift)
        value = height + OCTAVE * math.log2(hz / 60.0)
        k = count
        while k > 0 and value > strength[k - 1]:
            k -= 1
            if k < count - 1:
                strength[k + 1] = strength[k]
                f0_hz[k + 1] = f0_hz[k]
        if k < count:
            strength[k] = value
            f0_hz[k] = hz


@kernel
def extend(
    f0_hz: Doubles,
    strength: Doubles,
    unvoiced: float,
    cost: Doubles,
    back: NDArray[np.int64],
    past_hz: Doubles,
) -> None:
    """One step of the path search (Viterbi); state 0 is unvoiced, state k + 1 candidate k.

    Parameters
    ----------
    f0_hz, strength : float64, shape (k,)
        Candidates of the new hop.
    unvoiced : float
        Gain of calling it unvoiced.
    cost : float64, shape (2, k + 1)
        Row 0 the gains so far, row 1 work space.
    back : int64, shape (depth, k + 1)
        Best predecessors, newest row last.
    past_hz : float64, shape (depth, k + 1)
        F0 of the states, newest row last.
    """
    depth, states = back.shape
    for d in range(depth - 1):
        for s in range(states):
            back[d, s] = back[d + 1, s]
            past_hz[d, s] = past_hz[d + 1, s]
    best_all = -1e30
    for s in range(states):
        hz = 0.0 if s == 0 else f0_hz[s - 1]
        gain = unvoiced if s == 0 else strength[s - 1]
        if s > 0 and hz == 0.0:
            gain = -10.0
        best, origin = -1e30, 0
        for p in range(states):
            before = past_hz[depth - 2, p]
            move = 0.0
            if (before > 0.0) != (hz > 0.0):
                move = SWITCH
            elif hz > 0.0:
                move = min(JUMP * 3, JUMP * abs(math.log2(hz / before)))
            value = cost[0, p] - move
            if value > best:
                best, origin = value, p
        cost[1, s] = best + gain
        back[depth - 1, s] = origin
        past_hz[depth - 1, s] = hz
        best_all = max(best_all, cost[1, s])
    for s in range(states):
        cost[0, s] = cost[1, s] - best_all


@kernel
def weigh(x: Floats, centre: int, half: int, levels: Doubles) -> float:
    """Gain of calling a moment unvoiced, from its level between noise floor and peak.

    Parameters
    ----------
    x : float32, shape (n,)
    centre, half : int, samples
        The level is taken over ``centre - half <= i < centre + half``.
    levels : float64, shape (3,)
        State, dB: level, floor and peak so far. A floor of 0 means none yet.

    Returns
    -------
    unvoiced : float
        In units of correlation; the quieter the more.
    """
    power = 1e-10
    for i in range(centre - half, centre + half):
        power += x[i] * x[i] / (2 * half)
    level = 10.0 * math.log10(power)
    floor, peak = levels[1], levels[2]
    floor = min(floor + FLOOR_RISE_DB, level)
    peak = max(peak - PEAK_FALL_DB, level)
    levels[0], levels[1], levels[2] = level, floor, peak
    below = max(0.0, peak - BELOW_PEAK_DB - level) / 10.0
    near = max(0.0, ABOVE_FLOOR_DB - (level - floor)) / 10.0
    gain: float = UNVOICED + BELOW_PEAK * below + ABOVE_FLOOR * near
    return gain


def low_pass() -> Floats:
    """Windowed-sinc low-pass of unit gain, shape ``(TAPS,)``."""
    t = np.arange(TAPS) - TAPS // 2
    h = np.sinc(2 * CORNER_HZ / RATE_HZ * t) * np.hamming(TAPS)
    taps: Floats = (h / h.sum()).astype(np.float32)
    return taps


class PitchTracker:
    """F0 and voicing, hop by hop."""

    DELAY_HOPS = 3
    """``process`` answers for the middle of the hop this many before the newest."""

    def __init__(self, fmin_hz: float = 60.0, fmax_hz: float = 500.0) -> None:
        rate_hz = RATE_HZ / DECIMATION
        self._first = int(rate_hz / fmax_hz) - 1
        self._last = math.ceil(rate_hz / fmin_hz) + 1
        self._taps = low_pass()
        self._raw = np.zeros(TAPS - 1 + HOP, np.float32)
        self._memory = np.zeros(2)
        self._x = np.zeros(280, np.float32)
        self._low = np.zeros(1120, np.float32)
        self._r = np.zeros(self._last + 1, np.float32)
        self._f0_hz, self._strength = np.zeros(CANDIDATES), np.zeros(CANDIDATES)
        self._cost = np.zeros((2, CANDIDATES + 1))
        self._back = np.zeros((LOOKAHEAD_HOPS + 2, CANDIDATES + 1), np.int64)
        self._past_hz = np.zeros((LOOKAHEAD_HOPS + 2, CANDIDATES + 1))
        self._harmonicity = np.zeros(LOOKAHEAD_HOPS + 1)
        self._levels = np.zeros(3)
        late_samples = (self.DELAY_HOPS - LOOKAHEAD_HOPS) * HOP + HOP // 2 - TAPS // 2
        self._centre = self._x.size - round(late_samples / DECIMATION)
        self.harmonicity = 0.0
        self.reset()

    def reset(self) -> None:
        """Forget everything heard."""
        for state in (
            self._raw,
            self._memory,
            self._x,
            self._low,
            self._cost,
            self._past_hz,
            self._harmonicity,
        ):
            state.fill(0.0)
        self._back.fill(0)
        self._levels[:] = (-100.0, 0.0, -60.0)
        self.harmonicity = 0.0
        """Strongest correlation, 0..1, ``DELAY_HOPS - LOOKAHEAD_HOPS`` before the newest hop."""

    def process(self, hop: Floats) -> tuple[float, float]:
        """Take 160 samples in: float32, full scale ±1.

        Returns
        -------
        f0_hz, voicing : float
            For the middle of the hop ``DELAY_HOPS`` ago: F0, 0 when unvoiced, and the
            probability of voicing, 0..1.
        """
        condition(hop, self._taps, self._memory, self._raw, self._low, self._x)
        correlate(self._x, self._centre, WINDOW, self._first, self._last, self._r)
        candidates(self._r, self._first, self._last, self._f0_hz, self._strength)
        unvoiced = weigh(self._x, self._centre, 30, self._levels)
        extend(self._f0_hz, self._strength, unvoiced, self._cost, self._back, self._past_hz)
        state = int(self._cost[0].argmax())
        for d in range(LOOKAHEAD_HOPS):
            state = int(self._back[-1 - d, state])
        f0_hz = float(self._past_hz[-1 - LOOKAHEAD_HOPS, state])
        self._harmonicity[:-1] = self._harmonicity[1:]
        self.harmonicity = min(1.0, max(0.0, float(self._strength[0])))
        self._harmonicity[-1] = self.harmonicity
        voicing = float(self._harmonicity[0])
        return f0_hz, voicing
