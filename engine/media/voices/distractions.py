"""Render distractions: noises of a room, synthesised; or read a user's own recordings.

Knocks, taps and keys are modal synthesis: a short burst of noise excites a few damped resonances, whose
frequencies and decay times make it wood, plastic or a table top (van den Doel & Pai 1998, "The sounds of
physical shapes"). Bells are frequency modulation of two sines (Chowning 1973). Murmur is several pulse
trains through formants that change at a syllable rate: voices without words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from dsp.frame import RATE_HZ
from engine.errors import AudioFileError, UsageError
from engine.media.files.recording import Recording
from engine.media.resample import Samples
from engine.protocol.terms import Sound

from .normalisation import DISTRACTION_LUFS, loudness_normalized

MAX_RECORDING_S = 60.0
"""Longest part of a user's recording that is used."""

EDGE_S = 0.005
"""Length of the fade at the start and end of a sound."""

Floats = NDArray[np.float64]
Modes = tuple[tuple[float, float, float], ...]
"""Frequency in Hz, decay time to −60 dB in s, and amplitude of each resonance."""

TABLE: Modes = ((180, 0.09, 1.0), (320, 0.06, 0.6), (910, 0.03, 0.35), (2100, 0.015, 0.2))
DOOR: Modes = ((95, 0.22, 1.0), (210, 0.16, 0.8), (390, 0.10, 0.5), (780, 0.06, 0.3), (1500, 0.03, 0.15))
KEY: Modes = ((1900, 0.012, 0.7), (3300, 0.008, 1.0), (5200, 0.006, 0.6), (260, 0.03, 0.5))


def desk_tapping(rng: np.random.Generator, seconds: float) -> Floats:
    """Render fingers drumming on a table: runs of four taps, the last the loudest."""
    out = _empty(seconds)
    at_s = 0.05
    while at_s < seconds - 0.1:
        for tap in range(4):
            _add(out, at_s + 0.11 * tap + rng.normal(0, 0.006), (0.6 + 0.13 * tap) * _hit(rng, TABLE, 0.3))
        at_s += 0.44 + rng.uniform(0.15, 0.5)
    return out


def keyboard(rng: np.random.Generator, seconds: float) -> Floats:
    """Render typing: each key goes down and, softer, comes up; words, and pauses between them."""
    out = _empty(seconds)
    at_s = 0.03
    while at_s < seconds - 0.15:
        for _ in range(rng.integers(3, 9)):
            tuned = float(rng.uniform(0.85, 1.2))
            loud = rng.uniform(0.5, 1.0)
            _add(out, at_s, loud * _hit(rng, KEY, 0.08, tuned))
            _add(out, at_s + rng.uniform(0.06, 0.1), 0.35 * loud * _hit(rng, KEY, 0.08, 1.15 * tuned))
            at_s += rng.uniform(0.09, 0.2)
        at_s += rng.uniform(0.15, 0.6)
    return out


def phone_ring(rng: np.random.Generator, seconds: float) -> Floats:
    """Render a mobile phone: a melody of six notes, repeated for 2 s, then 1 s of silence."""
    out = _empty(seconds)
    scale = 523.25 * 2 ** (np.array([0, 2, 4, 7, 9, 12, 14]) / 12)
    melody = rng.choice(scale, 6)
    at_s = 0.02
    while at_s < seconds:
        for note in range(12):
            _add(out, at_s + note / 6, _bell(float(melody[note % 6]), 0.35, 2.0, 1.5))
        at_s += 3.0
    return out


def door_knock(rng: np.random.Generator, seconds: float) -> Floats:
    """Render three or four knocks at a door, every few seconds."""
    out = _empty(seconds)
    at_s = 0.05
    while at_s < seconds - 0.3:
        for knock in range(rng.integers(3, 5)):
            _add(out, at_s + 0.24 * knock + rng.normal(0, 0.01), rng.uniform(0.8, 1.0) * _hit(rng, DOOR, 0.5))
        at_s += rng.uniform(2.0, 2.8)
    return out


def notification(rng: np.random.Generator, seconds: float) -> Floats:
    """Render two soft bells, the second a fourth or a fifth above."""
    out = _empty(seconds)
    low = 880.0 * 2 ** (rng.integers(-3, 4) / 12)
    at_s = 0.01
    while at_s < seconds - 0.3:
        _add(out, at_s, _bell(low, 0.6, 3.5, 0.8))
        _add(out, at_s + 0.14, _bell(low * 2 ** (rng.choice([5, 7]) / 12), 0.8, 3.5, 0.8))
        at_s += rng.uniform(2.5, 4.0)
    return out


def chair(rng: np.random.Generator, seconds: float) -> Floats:
    """Render a chair being pushed back: its legs stick and slip on the floor, and squeak."""
    count = _empty(seconds).size
    at_s = np.arange(count) / RATE_HZ
    rate_hz = 55.0 + 35.0 * np.sin(2 * np.pi * rng.uniform(0.6, 1.1) * at_s + rng.uniform(0, 6))
    phase = np.cumsum(rate_hz * (1 + 0.15 * rng.standard_normal(count))) / RATE_HZ
    slips = np.flatnonzero(np.diff(np.floor(phase)) > 0)
    out = np.zeros(count)
    out[slips] = rng.uniform(0.5, 1.0, slips.size)
    grain = _hit(rng, ((240, 0.05, 1.0), (610, 0.04, 0.7), (1250, 0.03, 0.5), (2700, 0.02, 0.25)), 0.1)
    out = np.convolve(out, grain)[:count]
    squeak = np.sin(2 * np.pi * np.cumsum(820.0 + 6.0 * rate_hz) / RATE_HZ)
    push = np.clip(np.sin(2 * np.pi * 0.9 * at_s + rng.uniform(0, 1)), 0.0, 1.0) ** 0.7
    return (out / max(1e-9, float(np.abs(out).max())) + 0.12 * squeak * push) * (0.15 + push)


def murmur(rng: np.random.Generator, seconds: float) -> Floats:
    """Render six people talking at the other end of the room: voices without words."""
    count = _empty(seconds).size
    out = np.zeros(count)
    for f0_hz in rng.uniform(90, 240, 6):
        out += _babbler(rng, count, float(f0_hz))
    return _smoothed(out, 3)


SOUNDS: Mapping[Sound, Callable[[np.random.Generator, float], Floats]] = MappingProxyType(
    {
        "desk_tapping": desk_tapping,
        "keyboard": keyboard,
        "phone_ring": phone_ring,
        "door_knock": door_knock,
        "notification": notification,
        "chair": chair,
        "murmur": murmur,
    }
)
"""Each takes a generator and a length in s, and returns samples at 16 kHz of any loudness."""


def render_distraction(name: Sound, seconds: float, seed: int) -> Samples:
    """Render a distraction: float32, 16 kHz, at its loudness; the same for equal name, length and seed."""
    made = SOUNDS[name](np.random.default_rng(seed), seconds)
    edge = round(EDGE_S * RATE_HZ)
    ramp = np.linspace(0.0, 1.0, edge)
    made[:edge] *= ramp
    made[-edge:] *= ramp[::-1]
    return loudness_normalized(made.astype(np.float32), DISTRACTION_LUFS)


def load_recordings(folder: str | Path) -> tuple[dict[str, Samples], list[str]]:
    """Read a user's own recordings, by file name.

    One with the name of a distraction replaces it. Hidden files and subfolders are left out.

    Returns
    -------
    recordings : float32, 16 kHz, at the loudness of distractions, ``LONGEST_S`` at the most.
    warnings : a sentence for each file that cannot be used.

    Raises
    ------
    UsageError
        There is no such folder.
    """
    place = Path(folder)
    if not place.is_dir():
        raise UsageError(f"{place}: no such folder; it should hold recordings, such as phone_ring.wav")
    found, warnings = {}, []
    for path in sorted(place.iterdir()):
        if path.name.startswith(".") or not path.is_file():
            continue
        try:
            samples = _read(path)
        except AudioFileError as error:
            warnings.append(f"left out: {error}")
            continue
        if np.abs(samples).max() < 1e-4:
            warnings.append(f"left out: {path}: it is silent")
        elif path.stem in found:
            warnings.append(f"left out: {path}: there is another recording of that name")
        else:
            found[path.stem] = loudness_normalized(samples, DISTRACTION_LUFS)
    return found, warnings


# --- inside --------------------------------------------------------------------


def _read(path: Path) -> Samples:
    parts: list[Samples] = []
    left = round(MAX_RECORDING_S * RATE_HZ)
    for block in Recording(path, "mix").blocks():
        if not isinstance(block, int):
            parts.append(block[0][:left])
            left -= parts[-1].size
        if left <= 0:
            break
    return np.concatenate([np.zeros(0, np.float32), *parts])


def _empty(seconds: float) -> Floats:
    return np.zeros(round(seconds * RATE_HZ))


def _add(out: Floats, at_s: float, part: Floats) -> None:
    """Add a part at a time; what reaches beyond the end is cut off."""
    first = max(0, round(at_s * RATE_HZ))
    room = max(0, out.size - first)
    out[first : first + part.size] += part[:room]


def _hit(rng: np.random.Generator, modes: Modes, length_s: float, tuned: float = 1.0) -> Floats:
    """Return a hit on a resonant body: a burst of noise and the decaying modes."""
    at_s = np.arange(round(length_s * RATE_HZ)) / RATE_HZ
    out = np.zeros(at_s.size)
    for hz, decay_s, loud in modes:
        turned = 2 * np.pi * hz * tuned * float(rng.uniform(0.97, 1.03)) * at_s
        out += loud * np.exp(-6.91 * at_s / decay_s) * np.sin(turned + rng.uniform(0, 0.5))
    burst = 0.5 * rng.standard_normal(at_s.size) * np.exp(-at_s / 0.0015)
    hit: Floats = (out + burst) * (1 - np.exp(-at_s / 0.0004))
    return hit


def _bell(hz: float, length_s: float, ratio: float, index: float) -> Floats:
    at_s = np.arange(round(length_s * RATE_HZ)) / RATE_HZ
    fades = np.exp(-5.0 * at_s / length_s) * (1 - np.exp(-at_s / 0.003))
    bends = index * np.exp(-8.0 * at_s / length_s) * np.sin(2 * np.pi * hz * ratio * at_s)
    rung: Floats = fades * np.sin(2 * np.pi * hz * at_s + bends) * np.clip((length_s - at_s) / 0.02, 0.0, 1.0)
    return rung


def _babbler(rng: np.random.Generator, count: int, f0_hz: float) -> Floats:
    """Return a voice without words: pulses through two formants, which change with every syllable."""
    grain = RATE_HZ // 5
    out = np.zeros(count + grain)
    at, phase = int(rng.integers(0, grain)), 0.0
    while at < count:
        length = int(rng.uniform(0.12, 0.26) * RATE_HZ)
        if rng.random() < 0.15:  # breath pause
            at += int(rng.uniform(0.2, 0.6) * RATE_HZ)
            continue
        hz = f0_hz * 2 ** (rng.normal(0, 2.0) / 12) * np.linspace(1.04, 0.96, length)
        turns = phase + np.cumsum(hz) / RATE_HZ
        phase = float(turns[-1])
        pulses = np.flatnonzero(np.diff(np.floor(turns)) > 0)
        source = np.zeros(length)
        source[pulses] = 1.0
        first, second = rng.uniform(300, 750), rng.uniform(900, 2200)
        rings = _hit(rng, ((first, 0.02, 1.0), (second, 0.012, 0.5)), 0.03)
        syllable = np.convolve(source, rings)[:length] * np.hanning(length)
        out[at : at + length] += syllable[: out.size - at]
        at += length
    return out[:count]


def _smoothed(samples: Floats, width: int) -> Floats:
    """Return samples low-passed, as sound from the other end of a room."""
    bell = np.hanning(2 * width + 1)
    return np.convolve(samples, bell / bell.sum(), "same")
