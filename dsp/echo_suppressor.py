"""Acoustic echo suppressor: keeps what is played to a speaker from counting as their speech.

The echo's delay and gain are unknown, loudspeaker and room colour it, and a browser's own cancellation may
have left pieces of it. So nothing is subtracted. From what was played an upper bound of the echo is
estimated in each band (``dsp.echo_estimate``), and bands at or below it are attenuated to the noise of the
room; what stands out is the speaker, who is heard through it (after Faller & Chen 2005, "Suppressing
acoustic echo in a spectral envelope space", and AECM of WebRTC). The gain of a band of power *P* with
expected echo *E* and noise *N* is

    g² = max(present · max(0, 1 - E / P), min(1, N / P), -40 dB)

*present* rises from 0 to 1 with the mean excess over echo and noise. A minimum-phase filter applies the
gains without delay. The figures in rooms are in ``docs/ears.md``; how sensitive they are to the constants
was not measured.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .component import Component, State
from .echo_estimate import LAGS, MEAN_RATE, MIN_PLAYED_DB, expect_echo, find_delay, learn_gain, learn_noise
from .frame import HOP
from .kernel import kernel
from .minimum_phase import CEPSTRUM_TABLES, TAPS, filter_newest, minimum_phase_taps
from .spectrum import BANDS, TABLES, WINDOW, Spectrum, update_spectrum

TAIL_HOPS = 100
"""Hops after the last sound played in which an echo may still come; afterwards the suppressor is bypassed."""

SILENT = 1e-5
"""Samples played below this are silence, −100 dBFS."""

IDLE_STRIDE_HOPS = 8
"""While nothing is played, the noise is updated in every 8th hop only."""

FADE = 64
"""Samples at the start of a hop over which its filter is crossfaded from the last one."""

FIRST_GAIN_DB = -10.0
"""Assumed quantile of the echo's gain before anything is known."""

BELOW_DB = 9.5
"""Distance of the quantile of the echo's gain below the gain itself, in rooms."""

LEARNED_HOPS = 100
"""Hops in which a band must have been played for its gain to be known."""

MARGIN_DB = 12.0
"""Margin of the upper bound of an echo over the quantile of its gain."""

NOISE_BIAS_DB, NOISE_MARGIN = 2.0, 2.0
"""Distance of the mean noise above its quantile; factor of the noise over which excess is counted."""

MAX_OVER_DB = 12.0
"""Largest excess of a band that is counted."""

PRESENT_DB, PRESENT_RATE = 1.0, 0.5
"""Someone talks where bands exceed echo and noise by this on average; weight of a new hop in that mean."""

MAX_ATTENUATION_DB = 40.0
"""Largest attenuation."""

Floats = NDArray[np.float32]


@kernel
def append_hop(hop: Floats, samples: Floats) -> None:
    """Append a hop to samples."""
    kept = samples.size - hop.size
    for i in range(kept):
        samples[i] = samples[i + hop.size]
    for i in range(hop.size):
        samples[kept + i] = hop[i]


@kernel
def compute_gains(state: State) -> None:
    """Gains of the bands, into ``state.gains`` as natural logarithms of magnitudes."""
    score = 0.0
    for b in range(BANDS):
        limit_db = state.gain_db[b] + MARGIN_DB
        echo = state.sent[b] * 10.0 ** (0.1 * limit_db)
        noise = 10.0 ** (0.1 * (state.noise_db[b] + NOISE_BIAS_DB))
        state.limit[b] = echo
        state.noise[b] = noise
        over_db = state.mic.bands_db[b] - 10.0 * math.log10(echo + NOISE_MARGIN * noise)
        if b >= 2:
            score += min(MAX_OVER_DB, max(0.0, over_db))
    score /= BANDS - 2
    state.present_db += PRESENT_RATE * (score - state.present_db)
    present = min(1.0, max(0.0, state.present_db / PRESENT_DB - 0.5))
    for b in range(BANDS):
        power = state.mic.bands[b]
        echo = state.limit[b]
        least = min(1.0, state.noise[b] / power)
        if echo < 0.25 * state.noise[b]:
            state.gains[b] = 0.0
            continue
        gain = present * max(0.0, 1.0 - echo / power)
        gain = max(gain, least, 10.0 ** (-0.1 * MAX_ATTENUATION_DB))
        state.gains[b] = 0.5 * math.log(gain)


@kernel
def suppress_echo(mic: Floats, played: Floats, tables: State, cepstrum_tables: State, state: State) -> bool:
    """Process a hop; return whether ``state.out`` replaces the microphone's hop."""
    loudest = np.float32(0.0)
    for i in range(played.size):
        loudest = max(loudest, abs(played[i]))
    state.hops += 1
    if loudest > SILENT:
        state.quiet_hops = 0
    else:
        state.quiet_hops += 1
    if state.quiet_hops > TAIL_HOPS:
        if state.hops % IDLE_STRIDE_HOPS == 0:
            update_spectrum(mic, tables, state.mic)
            learn_noise(state.mic.bands_db, state)
        else:
            append_hop(mic, state.mic.samples)
        return False
    if state.quiet_hops == 0 and not state.on:
        restart(state)
    state.on = state.quiet_hops < TAIL_HOPS
    update_spectrum(mic, tables, state.mic)
    update_spectrum(played, tables, state.played)
    state.at = (state.at + 1) % LAGS
    row_sum = row_square = np.float32(0.0)
    for b in range(BANDS):
        state.past[state.at, b] = state.played.bands[b]
        level = min(40.0, max(0.0, state.played.bands_db[b] - MIN_PLAYED_DB))
        state.played_mean[b] += MEAN_RATE * (level - state.played_mean[b])
        x = level - state.played_mean[b]
        state.past_above[state.at, b] = x
        row_sum += x
        row_square += x * x
    state.row_sum[state.at] = row_sum
    state.row_square[state.at] = row_square
    state.heard_hops += 1.0
    find_delay(state)
    expect_echo(state)
    if state.lag >= 0:
        learn_gain(state)
    compute_gains(state)
    minimum_phase_taps(state.gains, cepstrum_tables.cepstra, state.cepstrum, state.new_taps)
    if not state.on:  # crossfade to the unfiltered sound, as the next hop is bypassed
        for k in range(TAPS):
            state.new_taps[k] = np.float32(k == 0)
    x = state.mic.samples[WINDOW - HOP - TAPS + 1 :]
    filter_newest(x, state.new_taps, state.out)
    filter_newest(x[: x.size - HOP + FADE], state.old_taps, state.fading)
    for i in range(FADE):
        weight = np.float32(i + 1) / np.float32(FADE + 1)
        state.out[i] = weight * state.out[i] + (np.float32(1.0) - weight) * state.fading[i]
    for k in range(TAPS):
        state.old_taps[k] = state.new_taps[k]
    return True


@kernel
def restart(state: State) -> None:
    """Forget what was played before a pause."""
    for i in range(WINDOW):
        state.played.samples[i] = 0.0
    for lag in range(LAGS):
        state.row_sum[lag] = state.row_square[lag] = 0.0
        for b in range(BANDS):
            state.past[lag, b] = 0.0
            state.past_above[lag, b] = 0.0
    for b in range(BANDS):
        state.sent[b] = 1e-12
    for k in range(TAPS):
        state.old_taps[k] = np.float32(k == 0)
    state.present_db = 0.0


class EchoSuppressor(Component):
    """Suppresses the echo of what is played, and lets the speaker through beside it."""

    STATE = np.dtype(
        [
            ("mic", Spectrum.STATE),
            ("played", Spectrum.STATE),
            ("past", "f4", (LAGS, BANDS)),
            ("past_above", "f4", (LAGS, BANDS)),
            ("row_sum", "f4", LAGS),
            ("row_square", "f4", LAGS),
            ("sum_x", "f8", LAGS),
            ("sum_xx", "f8", LAGS),
            ("sum_xy", "f8", LAGS),
            ("rho", "f8", LAGS),
            ("sum_y", "f8"),
            ("sum_yy", "f8"),
            ("count", "f8"),
            ("heard_hops", "f8"),
            ("above", "f4", BANDS),
            ("mic_mean", "f4", BANDS),
            ("played_mean", "f4", BANDS),
            ("noise_db", "f8", BANDS),
            ("noise_looks", "f8"),
            ("gain_db", "f8", BANDS),
            ("learned", "f8", BANDS),
            ("sent", "f8", BANDS),
            ("limit", "f8", BANDS),
            ("noise", "f8", BANDS),
            ("gains", "f4", BANDS),
            ("cepstrum", "f4", TAPS),
            ("new_taps", "f4", TAPS),
            ("old_taps", "f4", TAPS),
            ("fading", "f4", FADE),
            ("out", "f4", HOP),
            ("present_db", "f8"),
            ("hops", "i8"),
            ("quiet_hops", "i8"),
            ("at", "i8"),
            ("lag", "i8"),
            ("on", "?"),
        ],
        align=True,
    )

    def reset(self) -> None:
        """Forget everything heard and played."""
        self.zero_state()
        self.state["quiet_hops"] = TAIL_HOPS
        self.state["gain_db"] = FIRST_GAIN_DB
        self.state["noise_db"] = -70.0
        self.state["lag"] = -1

    @property
    def echo_db(self) -> float:
        """Level of the echo against what was played, dB; NaN while unknown."""
        known = self.state["learned"] >= LEARNED_HOPS
        if self.state["lag"] < 0 or known.sum() < BANDS // 4:
            return math.nan
        return float(BELOW_DB + 10.0 * np.log10(np.mean(10.0 ** (0.1 * self.state["gain_db"][known]))))

    def process(self, mic: Floats, played: Floats) -> Floats:
        """Process 160 samples of the microphone, and those that were played meanwhile.

        Returns
        -------
        float32, shape (160,)
            The microphone without the echo of what was played; ``mic`` itself where nothing was.
        """
        if suppress_echo(mic, played, TABLES[0], CEPSTRUM_TABLES[0], self.state):
            out: Floats = self.state["out"].copy()
            return out
        return mic
