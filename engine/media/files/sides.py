"""Decide who speaks on two channels: two people, one on both, or one beside a channel without speech.

Bit equality is no criterion: a lossy codec makes two channels of one microphone differ, by −76 dB (Opus) or
−29 dB (AAC), and two microphones before one speaker differ more. The criterion is the level difference of
the channels during speech. One voice has a constant difference, however it was panned, delayed, inverted or
leaked; of two people each is louder in their own channel. A channel counts as a person only where speech is
detected in it: hiss, hum and music don't count.
"""

from __future__ import annotations

import math
from array import array
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dsp.accumulator import FULL_SCALE_LIMIT
from dsp.ears import Ears
from dsp.frame import HOP, HOP_S
from dsp.level_meter import is_audio
from engine.media.resample import Samples

Floats = NDArray[np.float64]
Taken = Literal["two_speakers", "one_voice", "first_only", "second_only", "no_speech"]

MIN_SPEECH_S, MIN_SPEECH_SHARE = 1.0, 0.005
"""Least speech in a channel to count as a person: seconds, and share of all speech."""

CLEAR_DB = 10.0
"""Speech counts when it is this far above its channel's noise, so that noise doesn't set the difference."""

TWO_SPEAKERS_DB = 14.0
"""Spread of the level difference from which two people speak. One speaker before two microphones in an
echoing room, or turning their head, gives up to 12 dB; two people, each louder by 8 dB in their own channel,
give 16 dB."""

SMOOTH_HOPS = 15
"""Levels are averaged over 0.15 s, which evens out echoes and small delays."""

MAX_DELAY_HOPS = 60
"""Longest delay searched between the channels, 0.6 s."""

MIN_CORRELATION = 0.5
"""Least correlation of the waveforms for mixing them; below it they may cancel each other."""

CHECK_EVERY_S = 10.0
"""How often the decision is tried; the rest of the file isn't read once two people are found."""


class ChannelSpeakers:
    """Decides who speaks on two channels."""

    def __init__(self) -> None:
        self._ears = (Ears(), Ears())
        self._levels = (array("f"), array("f"))
        self._clear = (bytearray(), bytearray())
        self._rest = np.zeros((2, 0), np.float32)
        self._aa = self._bb = self._ab = 0.0
        self._looked = 0

    def feed(self, left: Samples, right: Samples) -> bool:
        """Take the next samples of both, 16 kHz; return true once it is certain that two people speak."""
        both = np.concatenate([self._rest, np.stack([left, right])], axis=1)
        whole = both.shape[1] // HOP * HOP
        self._rest = both[:, whole:].copy()
        for start in range(0, whole, HOP):
            self._hop(both[:, start : start + HOP])
        if len(self._levels[0]) < self._looked + CHECK_EVERY_S / HOP_S:
            return False
        self._looked = len(self._levels[0])
        return self.taken() == "two_speakers"

    def _hop(self, both: Samples) -> None:
        clear = []
        for hop, ears, levels in zip(both, self._ears, self._levels, strict=True):
            hop = np.ascontiguousarray(hop)
            frame = ears.process(hop) if is_audio(hop, FULL_SCALE_LIMIT) else ears.process_lost()
            levels.append(frame.level_dbfs if frame.known else -120.0)
            clear_dbfs = frame.noise_dbfs + CLEAR_DB
            clear.append(frame.known and frame.speech >= 0.5 and frame.level_dbfs > clear_dbfs)
        for said, kept in zip(clear, self._clear, strict=True):
            kept.append(said)
        if any(clear):
            a, b = both.astype(np.float64)
            self._aa += float(a @ a)
            self._bb += float(b @ b)
            self._ab += float(a @ b)

    def taken(self) -> Taken:
        """Return the decision by the audio so far."""
        left, right = (np.frombuffer(kept, np.uint8).astype(bool) for kept in self._clear)
        least = max(round(MIN_SPEECH_S / HOP_S), round(MIN_SPEECH_SHARE * int((left | right).sum())))
        speaks = (int(left.sum()) >= least, int(right.sum()) >= least)
        if not any(speaks):
            return "no_speech"
        if not all(speaks):
            return "first_only" if speaks[0] else "second_only"
        first, second = (smoothed(np.asarray(levels, np.float64)) for levels in self._levels)
        spread_db = min(spread(first, second, left, right, late, least) for late in {0, delay(first, second)})
        return "two_speakers" if spread_db >= TWO_SPEAKERS_DB else "one_voice"

    @property
    def in_phase(self) -> bool:
        """Whether the waveforms are alike enough to be mixed."""
        return self._ab > MIN_CORRELATION * math.sqrt(self._aa * self._bb)

    @property
    def louder(self) -> int:
        """The channel in which speech is louder."""
        return int(self._bb > self._aa)


def smoothed(level_db: Floats) -> Floats:
    """Return levels of hops, in dB, averaged over :data:`SMOOTH_HOPS` in power."""
    power = np.convolve(10.0 ** (level_db / 10.0), np.full(SMOOTH_HOPS, 1.0 / SMOOTH_HOPS), "same")
    return np.asarray(10.0 * np.log10(np.maximum(power, 1e-12)))


def delay(first: Floats, second: Floats) -> int:
    """Return the delay of the second channel in hops, by cross-correlation of the levels."""
    a, b = first - first.mean(), second - second.mean()
    size = 1 << (a.size + MAX_DELAY_HOPS).bit_length()
    alike = np.fft.irfft(np.conj(np.fft.rfft(a, size)) * np.fft.rfft(b, size), size)
    around = np.concatenate([alike[-MAX_DELAY_HOPS:], alike[: MAX_DELAY_HOPS + 1]])
    return int(np.argmax(around)) - MAX_DELAY_HOPS


def spread(
    first: Floats, second: Floats, left: NDArray[np.bool_], right: NDArray[np.bool_], late: int, least: int
) -> float:
    """Return the range of the level difference between the channels, in dB.

    Parameters
    ----------
    first, second : levels of each hop, in dB.
    left, right : whether each channel has clear speech in it.
    late : delay of the second channel in hops.
    least : hops over which an extreme is averaged.
    """
    a, b = slice(max(0, -late), first.size - max(0, late)), slice(max(0, late), first.size - max(0, -late))
    over_db = first[a] - second[b]
    mine, theirs = np.sort(over_db[left[a]]), np.sort(over_db[right[b]])
    if min(mine.size, theirs.size) < least:
        return 0.0
    return float(mine[-least:].mean() - theirs[:least].mean())
