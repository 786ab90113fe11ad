"""Who speaks on two channels: two people, one on both, or one beside a channel without a voice.

Bit equality tells nothing: a lossy codec makes two channels of one microphone differ, by −76 dB (Opus) or
−29 dB (AAC), and two microphones before one speaker differ more. What tells is the level of one channel
against the other while someone speaks. One voice has the same difference all the time, however it was
panned, delayed, inverted or leaked; of two people each is louder in their own channel. And a channel is a
person only where the ears hear speech: hiss, hum and music are nobody.
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

Samples = NDArray[np.float32]
Floats = NDArray[np.float64]
Taken = Literal["two_speakers", "one_voice", "first_only", "second_only", "no_speech"]

MIN_SPEECH_S, MIN_SPEECH_SHARE = 1.0, 0.005
"""Speech that makes a person, and that tells two apart: this long, and this share of all of it."""

CLEAR_DB = 10.0
"""Speech this far above its channel's noise counts: below, the noise's own difference would tell."""

TWO_SPEAKERS_DB = 14.0
"""Levels of the channels against each other differ by this between two people. Before two microphones in an
echoing room, or where a speaker turns their head, they differ by up to 12 dB; where each of two people is
louder by 8 dB in their own channel, by 16 dB."""

SMOOTH_HOPS = 15
"""Levels are compared over 0.15 s, in which echoes and small delays even out."""

MAX_DELAY_HOPS = 60
"""Longest delay of one channel against the other that is looked for, 0.6 s."""

MIN_CORRELATION = 0.5
"""Correlation of the waveforms from which both are mixed: below, they may cancel each other."""

CHECK_EVERY_S = 10.0
"""Two people are looked for this often: the rest need not be read once they are found."""


class ChannelSpeakers:
    """Hears two channels and says who speaks on them."""

    def __init__(self) -> None:
        self._ears = (Ears(), Ears())
        self._levels = (array("f"), array("f"))
        self._clear = (bytearray(), bytearray())
        self._rest = np.zeros((2, 0), np.float32)
        self._aa = self._bb = self._ab = 0.0
        self._looked = 0

    def feed(self, left: Samples, right: Samples) -> bool:
        """Take the next samples of both, 16 kHz; true once it is certain that two people speak."""
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
        """How the two channels are to be taken, by what was heard so far."""
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
        """Whether the waveforms are so alike that nothing is lost in their mix."""
        return self._ab > MIN_CORRELATION * math.sqrt(self._aa * self._bb)

    @property
    def louder(self) -> int:
        """The channel in which speech is louder."""
        return int(self._bb > self._aa)


def smoothed(level_db: Floats) -> Floats:
    """Levels of hops, in dB, as running means of their power."""
    power = np.convolve(10.0 ** (level_db / 10.0), np.full(SMOOTH_HOPS, 1.0 / SMOOTH_HOPS), "same")
    return np.asarray(10.0 * np.log10(np.maximum(power, 1e-12)))


def delay(first: Floats, second: Floats) -> int:
    """Hops by which the second channel's level is most like the first one's that long before."""
    a, b = first - first.mean(), second - second.mean()
    size = 1 << (a.size + MAX_DELAY_HOPS).bit_length()
    alike = np.fft.irfft(np.conj(np.fft.rfft(a, size)) * np.fft.rfft(b, size), size)
    around = np.concatenate([alike[-MAX_DELAY_HOPS:], alike[: MAX_DELAY_HOPS + 1]])
    return int(np.argmax(around)) - MAX_DELAY_HOPS


def spread(
    first: Floats, second: Floats, left: NDArray[np.bool_], right: NDArray[np.bool_], late: int, least: int
) -> float:
    """How far apart the channels' levels against each other lie, in dB, at their extremes.

    Parameters
    ----------
    first, second : levels of each hop, in dB.
    left, right : whether each channel has clear speech in it.
    late : hops by which the second channel comes late.
    least : hops that an extreme is the mean of.
    """
    a, b = slice(max(0, -late), first.size - max(0, late)), slice(max(0, late), first.size - max(0, -late))
    over_db = first[a] - second[b]
    mine, theirs = np.sort(over_db[left[a]]), np.sort(over_db[right[b]])
    if min(mine.size, theirs.size) < least:
        return 0.0
    return float(mine[-least:].mean() - theirs[:least].mean())
