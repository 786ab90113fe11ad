"""Level, loudness, clipping, noise floor and signal-to-noise ratio of each hop.

* level: ``L = 10 log10(mean y²)`` dBFS, *y* the samples after the high-pass of the K-weighting
* loudness: ``-0.691 + 10 log10(mean z²)`` LUFS, *z* the K-weighted samples, over 0.4 s and 3 s
  (ITU-R BS.1770-4, EBU Tech 3341)
* noise floor: the minimum of the smoothed power over 2.4 s (minimum statistics; Martin 2001, "Noise
  power spectral density estimation based on optimal smoothing and minimum statistics")
* SNR: ``10 log10(S / N - 1)``, *S* the power of speech hops, *N* that of the noise floor

What the constants of the noise floor were tuned on isn't recorded, and how sensitive the figures are to
each was not measured.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .component import Component, State
from .frame import HOP, HOP_S
from .k_weighting import HIGH_PASS, OFFSET_DB, SHELF
from .kernel import kernel

MIN_DBFS = -120.0
"""Level and loudness of digital silence."""

CLIP_AT = 0.99
"""Magnitude from which a sample counts as clipped; 16-bit full scale is 0.99997."""

SUB_HOPS, SUBS = 30, 8
"""The noise floor is the minimum of the last eight windows of 0.3 s: longer than any one speech sound is
held, short enough to follow a fan that is switched on."""

RISE, FALL = 0.3, 0.6
"""Weight of the newest hop in the smoothed power: a time constant of some 30 ms when it rises, half of that
when it falls, so that it reaches the short gaps between words."""

BIAS_DB = 1.0
"""Bias compensation: the minimum of a smoothed power lies below its mean (Martin 2001, section III)."""

P_B0, _, _, P_A1, P_A2 = HIGH_PASS
S_B0, S_B1, S_B2, S_A1, S_A2 = SHELF

QUIET_DBFS = -90.0
"""Lowest noise floor that is reported: below that of any microphone."""

MOMENTARY_HOPS, SHORT_TERM_HOPS = round(0.4 / HOP_S), round(3.0 / HOP_S)
"""Windows of momentary and short-term loudness (EBU Tech 3341)."""

HISTORY_HOPS = 1024
"""Hops whose K-weighted power is kept: the short-term window, and the last 10 s of a phrase."""

SPEECH_RATE = 1.0 - 0.5 ** (1.0 / 100.0)
"""Weight of the newest speech hop in the speech level: its half-life is 1 s of speech."""

MIN_SNR_DB, MAX_SNR_DB = -20.0, 80.0
"""Range of the signal-to-noise ratio."""

NEGLIGIBLE = 1e-30
"""Filter states below this are set to 0, as denormal numbers are slow to add."""

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

SMOOTH, NOW, LOWEST, FIRST_SUB = range(4)
"""Rows of the noise floor's state: smoothed power, minimum of the running window, minimum of all windows
(the answer); the minima of earlier windows follow."""

PASS_1, PASS_2, SHELF_1, SHELF_2 = range(4)
"""Entries of the level state: the delay lines of both filters;"""

MOMENTARY, MOMENTARY_HEARD, SHORT_TERM, SHORT_TERM_HEARD, AT = range(4, 9)
"""sum of powers in each loudness window and the number of its hops that were received; hops so far, with lost
ones;"""

POWER, SPEECH, SPEECH_HOPS = range(9, 12)
"""power of the last hop, of the speech, and the number of hops that rests on."""


@kernel
def track_minimum(power: Doubles, hops: int, state: Doubles) -> None:
    """Track the minimum of smoothed powers over the running window and those before it (Martin 2001).

    Parameters
    ----------
    power : float64, shape (n,)
        Power of this hop in each channel or band.
    hops : int
        Number of hops before this one.
    state : float64, shape (3 + SUBS, n)
        All infinite at first. Changed; row ``LOWEST`` is the answer.
    """
    oldest = FIRST_SUB + hops // SUB_HOPS % SUBS
    for b in range(power.size):
        if hops == 0:
            state[SMOOTH, b] = power[b]
        elif hops % SUB_HOPS == 0:
            state[oldest, b] = state[NOW, b]
            state[NOW, b] = np.inf
        state[SMOOTH, b] += (RISE if power[b] > state[SMOOTH, b] else FALL) * (power[b] - state[SMOOTH, b])
        state[NOW, b] = min(state[NOW, b], state[SMOOTH, b])
        least = state[NOW, b]
        for s in range(FIRST_SUB, state.shape[0]):
            least = min(least, state[s, b])
        state[LOWEST, b] = least


@kernel
def is_audio(hop: Floats, most: float) -> bool:
    """Whether all samples are numbers of at most this magnitude."""
    count = 0
    for i in range(hop.size):
        count += abs(hop[i]) <= most
    return count == hop.size


@kernel
def decibels(power: float) -> float:
    """Power in dB, at least ``MIN_DBFS``."""
    return max(MIN_DBFS, 10.0 * math.log10(power + 1e-12))


@kernel
def append_power(power: float, state: Doubles, powers: Doubles) -> None:
    """Advance the loudness windows by a hop of this K-weighted power; a negative one was lost."""
    size, at = powers.size, int(state[AT])
    state[AT] += 1.0
    if at % size == 0:  # running sums drift by rounding: recompute them once per ring
        for first, length in ((MOMENTARY, MOMENTARY_HOPS), (SHORT_TERM, SHORT_TERM_HOPS)):
            state[first] = state[first + 1] = 0.0
            for k in range(size - length, size):
                if powers[k] >= 0.0:
                    state[first] += powers[k]
                    state[first + 1] += 1.0
    for first, length in ((MOMENTARY, MOMENTARY_HOPS), (SHORT_TERM, SHORT_TERM_HOPS)):
        gone = powers[(at - length) % size]
        if gone >= 0.0:
            state[first] -= gone
            state[first + 1] -= 1.0
        if power >= 0.0:
            state[first] += power
            state[first + 1] += 1.0
    powers[at % size] = power


@kernel
def measure_hop(
    hop: Floats, speech: float, heard: int, state: Doubles, powers: Doubles, floor: Doubles
) -> tuple[float, float, float, float, float, float]:
    """Run a hop through filters, loudness windows and noise floor.

    Parameters
    ----------
    hop : float32, shape (160,)
    speech : float
        Probability that the previous hop was speech.
    heard : int
        Number of hops received before this one; 0 starts the filters at rest.
    state : float64, shape (12,)
        Changed.
    powers : float64, shape (n,)
        K-weighted mean square of the last ``n`` hops, a ring; changed. Negative where lost.
    floor : float64, shape (3 + SUBS, 1)
        State of the noise floor; changed.

    Returns
    -------
    level_dbfs, noise_dbfs : after the high-pass.
    clipped : share of clipped samples.
    momentary_lufs, short_term_lufs : over the received hops of each window.
    snr_db : speech level, up to the previous hop, over the noise; 0 before any speech.
    """
    u1, u2, w1, w2 = state[PASS_1], state[PASS_2], state[SHELF_1], state[SHELF_2]
    if heard == 0:
        u1 = u2 = float(hop[0]) / (1.0 + P_A1 + P_A2)
    total, weighted, clipped = 0.0, 0.0, 0
    for i in range(hop.size):
        x = float(hop[i])
        clipped += abs(x) >= CLIP_AT
        u = (x - P_A2 * u2) - P_A1 * u1
        y = P_B0 * ((u + u2) - 2.0 * u1)
        u2, u1 = u1, u
        total += y * y
        w = (y - S_A2 * w2) - S_A1 * w1
        z = S_B0 * w + S_B1 * w1 + S_B2 * w2
        w2, w1 = w1, w
        weighted += z * z
    if abs(u1) + abs(u2) + abs(w1) + abs(w2) < NEGLIGIBLE:
        u1 = u2 = w1 = w2 = 0.0
    state[PASS_1], state[PASS_2], state[SHELF_1], state[SHELF_2] = u1, u2, w1, w2
    append_power(weighted / hop.size, state, powers)
    if speech >= 0.5:
        state[SPEECH_HOPS] += 1.0
        state[SPEECH] += max(SPEECH_RATE, 1.0 / state[SPEECH_HOPS]) * (state[POWER] - state[SPEECH])
    state[POWER] = total / hop.size
    track_minimum(state[POWER : POWER + 1], heard, floor)
    noise_dbfs = decibels(floor[LOWEST, 0]) + BIAS_DB
    snr_db = 0.0
    if state[SPEECH_HOPS] > 0.0:
        above = state[SPEECH] / 10.0 ** (0.1 * noise_dbfs) - 1.0
        snr_db = min(MAX_SNR_DB, max(MIN_SNR_DB, decibels(max(0.0, above))))
    return (
        decibels(state[POWER]),
        max(QUIET_DBFS, noise_dbfs),
        clipped / hop.size,
        max(MIN_DBFS, decibels(state[MOMENTARY] / state[MOMENTARY_HEARD]) + OFFSET_DB),
        max(MIN_DBFS, decibels(state[SHORT_TERM] / state[SHORT_TERM_HEARD]) + OFFSET_DB),
        snr_db,
    )


@kernel
def append_lost(state: Doubles, powers: Doubles) -> None:
    """Advance the loudness windows by a lost hop."""
    append_power(-1.0, state, powers)


@kernel
def bridge_noise_floor(state: State) -> None:
    """Advance the windows of the noise floor by a hop of a short loss, at the power of the last one."""
    if state.heard > 0:
        track_minimum(state.floor[SMOOTH], state.heard, state.floor)
        state.heard += 1


@kernel
def update_level(hop: Floats, speech_before: float, state: State) -> None:
    """Process a hop: ``LevelMeter.process``."""
    (
        state.level_dbfs,
        state.noise_dbfs,
        state.clipped,
        state.momentary_lufs,
        state.short_term_lufs,
        state.snr_db,
    ) = measure_hop(hop, speech_before, state.heard, state.sums, state.powers, state.floor)
    state.heard += 1
    state.hops += 1


class LevelMeter(Component):
    """Level, loudness, clipping and noise floor, hop by hop; a DC offset of the signal is filtered out.

    Loudness is that of ITU-R BS.1770-4 and EBU Tech 3341 for one channel, over the received hops of
    each window. The tests hold it to the standard's 997 Hz case within 0.07 dB, and to ffmpeg's
    ``ebur128`` on speech within 0.15 dB.

    Attributes
    ----------
    level_dbfs : RMS of the last hop above some 40 Hz, dB re full scale.
    noise_dbfs : noise floor in the same units.
    clipped : share of clipped samples in the last hop, 0..1.
    momentary_lufs, short_term_lufs : loudness of the last 0.4 s and of the last 3 s.
    snr_db : speech level over the noise, the noise within the speech subtracted; 0 before any speech.
    powers : K-weighted mean square of the last hops, a ring; negative where lost or not yet received.
    hops : so far, with lost ones: the newest is at ``powers[(hops - 1) % HISTORY_HOPS]``.
    """

    STATE = np.dtype(
        [
            ("sums", "f8", SPEECH_HOPS + 1),
            ("floor", "f8", (FIRST_SUB + SUBS, 1)),
            ("heard", "i8"),
            ("hops", "i8"),
            ("level_dbfs", "f8"),
            ("noise_dbfs", "f8"),
            ("clipped", "f8"),
            ("momentary_lufs", "f8"),
            ("short_term_lufs", "f8"),
            ("snr_db", "f8"),
            ("powers", "f8", HISTORY_HOPS),
        ],
        align=True,
    )

    def reset(self) -> None:
        """Forget everything."""
        state = self.state
        for name in ("sums", "heard", "hops", "clipped", "snr_db"):
            state[name] = 0
        state["floor"] = np.inf
        state["powers"] = -1.0
        state["noise_dbfs"] = QUIET_DBFS
        state["level_dbfs"] = state["momentary_lufs"] = state["short_term_lufs"] = MIN_DBFS

    def forget_noise(self) -> None:
        """Restart the noise floor with the next hop."""
        self.state["floor"] = np.inf
        self.state["heard"] = 0

    def process(self, hop: Floats, speech_before: float = 0.0) -> None:
        """Process 160 samples; ``speech_before`` is the probability that the previous hop was speech."""
        assert hop.size == HOP
        update_level(hop, speech_before, self.state)

    def bridge(self) -> None:
        """Advance the noise floor's windows by a hop of a short loss, so that it remembers equally long."""
        bridge_noise_floor(self.state)

    def process_lost(self) -> None:
        """Advance by a hop of which samples never arrived."""
        append_lost(self.state["sums"], self.state["powers"])
        self.state["hops"] += 1
