"""Echo guard: what is played to the speaker and comes back by their microphone is taken for nobody's talk.

The echo is late by an unknown time, soft by an unknown gain, and coloured by loudspeaker and room; a
browser's own cancellation may have left pieces of it. So nothing is subtracted: from what was played it is
estimated how loud each band of the echo is at most, and bands that are no louder are turned down to the
noise of the room. What stands out is the speaker, who is heard through it (an echo suppressor; after
Faller and Chen 2005, "Suppressing acoustic echo in a spectral envelope space", and AECM of WebRTC).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .component import Component, State
from .frame import HOP, HOP_S, RATE_HZ
from .kernel import kernel
from .spectrum import BANDS, TABLES, WINDOW, Spectrum, mel_centres
from .spectrum import update_spectrum as look

LAGS = 56
"""Hops of what was played that are remembered: echoes are sought 0 to 520 ms late."""

TAIL_HOPS = 100
"""So long after the last sound played there may be an echo; then the guard does nothing."""

SILENT = 1e-5
"""Samples played below this are silence, −100 dBFS."""

IDLE_STRIDE_HOPS = 8
"""While nothing is played the noise is looked at in every so manieth hop only."""

TAPS = 64
"""Length of the filter."""

FADE = 64
"""Samples at the beginning of a hop in which its filter takes over from the last one."""

FIRST_GAIN_DB = -10.0
"""The echo is taken to be so soft before anything is known."""

Floats = NDArray[np.float32]

MIN_PLAYED_DB = -65.0
"""Bands played below this tell nothing about the echo."""

EARLY_HOPS, LATE_HOPS = 2, 3
"""The delay may be so much shorter or longer than was found, and the room is heard after it."""

REVERB_DECAY = 10.0**-0.15
"""An echo dies away by at least so much a hop, 1.5 dB."""

QUANTILE = 0.15
"""The echo's gain is such that this share of the ratios of microphone to played are below it."""

BELOW_DB = 9.5
"""The quantile of an echo's gain lies so far below the gain itself, in rooms."""

LEARNED_HOPS = 100
"""Hops in which a band must have played for its gain to be known."""

FIRST_STEP_DB, STEP_DB, STEP_HOPS = 4.0, 0.4, 6.0

MARGIN_DB = 12.0
"""An echo is taken to be up to this far above its gain's quantile."""

NOISE_QUANTILE, NOISE_STEP_DB, NOISE_BIAS_DB = 0.2, 1.0, 2.0
NOISE_FIRST_STEP_DB, DIGITAL_SILENCE_DB = 20.0, -105.0
NOISE_MARGIN = 2.0

MAX_OVER_DB = 12.0
PRESENT_DB, PRESENT_RATE = 1.0, 0.5
"""Someone talks where bands stand out of echo and noise by this, on average."""

DECAY_PER_HOP = 0.993
"""Share of the sums of the correlation that is kept from hop to hop: they rest on the last second or so."""

MIN_CORRELATION, MIN_EVIDENCE_HOPS, MIN_LEAD = 0.15, 25.0, 0.05

MAX_ATTENUATION_DB = 40.0

MEAN_RATE = 0.1


def cepstrum_tables() -> State:
    """What all guards share: how the logarithm of a filter's gains becomes its cepstrum."""
    shared = np.zeros(1, np.dtype([("cepstra", "f4", (TAPS, BANDS))], align=True))
    points = 512
    hz = (np.arange(points) + 0.5) * RATE_HZ / 2 / points
    centres = mel_centres()[1:-1]
    between = np.stack([np.interp(hz, centres, unit) for unit in np.eye(BANDS)])
    n = np.arange(TAPS)
    cosine = np.cos(np.pi * n[:, None] * (np.arange(points) + 0.5) / points) / points
    cepstra = cosine @ between.T
    # The cepstrum of a minimum phase is twice that of the magnitude; the recursion in
    # ``minimum_phase_taps`` needs it times n.
    cepstra[1:] *= 2.0 * n[1:, None]
    shared["cepstra"] = cepstra
    return shared


CEPSTRUM_TABLES = cepstrum_tables()


@kernel
def minimum_phase_taps(gains: Floats, cepstra: Floats, cepstrum: Floats, out: Floats) -> None:
    """Impulse response of the minimum phase that has these gains in its bands.

    Its cepstrum is causal, so its taps follow one from the other (Oppenheim and Schafer, Discrete-Time
    Signal Processing, "complex cepstrum", recursion for minimum phase).

    Parameters
    ----------
    gains : float32, shape (BANDS,)
        Natural logarithm of the magnitude in each band.
    cepstra : float32, shape (n, BANDS)
    cepstrum : float32, shape (n,)
        Work space.
    out : float32, shape (n,)
        Overwritten.
    """
    for n in range(out.size):
        total = np.float32(0.0)
        for b in range(gains.size):
            total += cepstra[n, b] * gains[b]
        cepstrum[n] = total
    out[0] = math.exp(cepstrum[0])
    for n in range(1, out.size):
        total = np.float32(0.0)
        for k in range(1, n + 1):
            total += cepstrum[k] * out[n - k]
        out[n] = total / np.float32(n)


@kernel
def filter_newest(x: Floats, response: Floats, out: Floats) -> None:
    """Filter the newest ``out.size`` samples of ``x`` with an impulse response."""
    first = x.size - out.size
    for i in range(out.size):
        out[i] = np.float32(0.0)
    for k in range(response.size):
        tap, start = response[k], first - k
        for i in range(out.size):
            out[i] += tap * x[start + i]


@kernel
def append_hop(hop: Floats, samples: Floats) -> None:
    """Move a hop in at the end."""
    kept = samples.size - hop.size
    for i in range(kept):
        samples[i] = samples[i + hop.size]
    for i in range(hop.size):
        samples[kept + i] = hop[i]


@kernel
def learn_noise(bands_db: Floats, state: State) -> None:
    """Follow a low quantile of each band; digital silence is no noise of a room."""
    total_db = 0.0
    for b in range(BANDS):
        total_db += bands_db[b]
    if total_db < BANDS * DIGITAL_SILENCE_DB:
        return
    step_db = max(NOISE_STEP_DB, NOISE_FIRST_STEP_DB / (1.0 + state.noise_looks))
    state.noise_looks += 1.0
    for b in range(BANDS):
        below_db = state.noise_db[b] - bands_db[b]
        if state.noise_looks == 1.0:
            state.noise_db[b] = bands_db[b]
        elif below_db > 0.0:
            state.noise_db[b] -= min(4.0 * step_db * (1.0 - NOISE_QUANTILE), below_db)
        else:
            state.noise_db[b] += min(step_db * NOISE_QUANTILE, -below_db)


@kernel
def find_delay(state: State) -> None:
    """Correlate the microphone's bands with those played up to ``LAGS`` hops before, and find the delay."""
    above = state.above
    y_sum = y_square = np.float32(0.0)
    for b in range(BANDS):
        level = min(40.0, max(0.0, state.mic.bands_db[b] - state.noise_db[b] - 3.0))
        state.mic_mean[b] += MEAN_RATE * (level - state.mic_mean[b])
        y = level - state.mic_mean[b]
        above[b] = y
        y_sum += y
        y_square += y * y
    state.sum_y = DECAY_PER_HOP * state.sum_y + y_sum
    state.sum_yy = DECAY_PER_HOP * state.sum_yy + y_square
    state.count = DECAY_PER_HOP * state.count + BANDS
    best, most = -1, -1.0
    evidence = 0.0
    for lag in range(LAGS):
        row = (state.at - lag) % LAGS
        xy = np.float32(0.0)
        for b in range(BANDS):
            xy += above[b] * state.past_above[row, b]
        state.sum_xy[lag] = DECAY_PER_HOP * state.sum_xy[lag] + xy
        state.sum_x[lag] = DECAY_PER_HOP * state.sum_x[lag] + state.row_sum[row]
        state.sum_xx[lag] = DECAY_PER_HOP * state.sum_xx[lag] + state.row_square[row]
        n = state.count
        xx = state.sum_xx[lag] - state.sum_x[lag] ** 2 / n
        yy = state.sum_yy - state.sum_y**2 / n
        cov = state.sum_xy[lag] - state.sum_x[lag] * state.sum_y / n
        rho = cov / math.sqrt(xx * yy) if xx > 1.0 and yy > 1.0 else 0.0
        state.rho[lag] = rho
        if rho > most:
            best, most = lag, rho
    evidence = state.heard_hops
    if best < 0 or evidence < MIN_EVIDENCE_HOPS or most < MIN_CORRELATION:
        return
    second = -1.0
    for lag in range(LAGS):
        if abs(lag - best) > 6:
            second = max(second, state.rho[lag])
    if most - second < MIN_LEAD:
        return
    if state.lag < 0 or (best != state.lag and most > state.rho[state.lag] + 0.02):
        state.lag = best


@kernel
def expect_echo(state: State) -> None:
    """What the echo's bands are at most, if its gain were 1, into ``state.sent``."""
    first, last = 0, LAGS - 1
    if state.lag >= 0:
        first, last = max(0, state.lag - EARLY_HOPS), min(LAGS - 1, state.lag + LATE_HOPS)
    for b in range(BANDS):
        state.sent[b] *= REVERB_DECAY
    for lag in range(first, last + 1):
        row = (state.at - lag) % LAGS
        for b in range(BANDS):
            state.sent[b] = max(state.sent[b], state.past[row, b])


@kernel
def learn_gain(state: State) -> None:
    """Follow a low quantile of the ratio of microphone to played in each band."""
    bands_db = state.mic.bands_db
    for b in range(BANDS):
        sent_db = 10.0 * math.log10(state.sent[b])
        if sent_db < MIN_PLAYED_DB:
            continue
        ratio_db = bands_db[b] - sent_db
        step_db = max(STEP_DB, FIRST_STEP_DB / (1.0 + state.learned[b] / STEP_HOPS))
        if ratio_db < state.gain_db[b]:
            state.gain_db[b] -= min(step_db * (1.0 - QUANTILE), state.gain_db[b] - ratio_db)
        elif bands_db[b] > state.noise_db[b] + 6.0:
            state.gain_db[b] += step_db * QUANTILE
        else:
            continue
        state.learned[b] += 1.0


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
    """``EchoSuppressor.hop``: whether ``state.out`` is to be taken for the microphone's hop."""
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
            look(mic, tables, state.mic)
            learn_noise(state.mic.bands_db, state)
        else:
            append_hop(mic, state.mic.samples)
        return False
    if state.quiet_hops == 0 and not state.on:
        restart(state)
    state.on = state.quiet_hops < TAIL_HOPS
    look(mic, tables, state.mic)
    look(played, tables, state.played)
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
    if not state.on:  # back to what is heard, as after this hop nothing is done any more
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
    """Forget what was played long ago."""
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
    """Keeps what is played to a speaker from being heard as theirs, and lets them be heard beside it."""

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
        """How loud the echo is against what was played, dB; NaN while that isn't known."""
        known = self.state["learned"] >= LEARNED_HOPS
        if self.state["lag"] < 0 or known.sum() < BANDS // 4:
            return math.nan
        return float(BELOW_DB + 10.0 * np.log10(np.mean(10.0 ** (0.1 * self.state["gain_db"][known]))))

    @property
    def delay_ms(self) -> float:
        """How late the echo is; NaN while that isn't known."""
        lag = int(self.state["lag"])
        return 1000 * HOP_S * lag if lag >= 0 else math.nan

    def process(self, mic: Floats, played: Floats) -> Floats:
        """Take 160 samples of the microphone, and those that were sent to the speaker meanwhile.

        Returns
        -------
        float32, shape (160,)
            The microphone without the echo of what was played; ``mic`` itself where nothing was.
        """
        if suppress_echo(mic, played, TABLES[0], CEPSTRUM_TABLES[0], self.state):
            out: Floats = self.state["out"].copy()
            return out
        return mic
