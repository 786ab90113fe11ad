"""Record of a speaker during a drill: speech, syllables, pitch and level, hop by hop."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left

import numpy as np

from dsp.ears import PITCH_DELAY_HOPS
from dsp.frame import HOP_S, Frame
from engine.protocol.drill_results import Manner

BREATH_S = 0.6
"""Shortest silence that counts as having stopped; a shorter one is a breath. Not measured."""

EARLY_S = 0.5
"""An overlap up to this is no attempt to take the floor: most at a change of speakers are shorter."""

LEAST_SPEECH_S = 2.0
"""Speech that a pace needs."""

LEAST_VOICED_S = 1.0
"""Voiced time that pitch and its range need."""

LOST_S = 0.3
"""Length of a loss after which it is unknown whether the speaker talks."""

EDGE_S = 0.05
"""A syllable so near to the edges of speech is in it."""


class Record:
    """Keeps a speaker's frames, and measures how they spoke in any stretch of time since the start.

    Parameters
    ----------
    start_s : stream time of the first frame to come.
    talking_since_s : since when they talk already, if they do.
    """

    def __init__(self, start_s: float = 0.0, talking_since_s: float | None = None) -> None:
        self.start_s = self.now_s = start_s
        self._f0_hz, self._level_dbfs = array("f"), array("f")
        self._speech: list[tuple[float, float]] = []
        self._since_s = talking_since_s
        self.nuclei_s: list[float] = []
        """Times of syllables, rising."""
        self.fillers_s: list[float] = []
        """Beginnings of filled pauses, rising."""
        self.listening: list[tuple[float, float]] = []
        """Stretches in which the other side had the floor: silence there is no pause."""

    def add_frame(self, frame: Frame, now_s: float) -> None:
        """Add the next hop's frame; ``now_s`` is its end."""
        self.now_s = now_s
        self._f0_hz.append(frame.f0_hz if frame.known else 0.0)
        self._level_dbfs.append(frame.level_dbfs if frame.known and frame.talking else math.nan)
        talking = frame.talking and frame.known
        if talking != (self._since_s is not None) and (frame.known or self._lost_s() > LOST_S):
            self._turn(now_s - frame.edge_ago_hops * HOP_S)
        if frame.nucleus_ago_hops:
            self.nuclei_s.append(now_s - frame.nucleus_ago_hops * HOP_S)
        if frame.filler_start_ago_hops:
            self.fillers_s.append(now_s - frame.filler_start_ago_hops * HOP_S)

    # --- when they spoke -----------------------------------------------------

    def speech(self, start_s: float = -math.inf, end_s: float = math.inf) -> list[tuple[float, float]]:
        """Stretches of speech in a stretch of time, cut to it; sounds without a syllable are none.

        The last one, if it goes on, ends now.
        """
        found = []
        for begin, end in [*self._speech, *self._running()]:
            if end > start_s and begin < end_s and self._syllables(begin, end):
                found.append((max(begin, start_s), min(end, end_s)))
        return found

    def talking_at(self, at_s: float) -> bool:
        """Whether they were talking at a time: in speech, or in a breath within it."""
        last = next((end for begin, end in reversed(self.speech()) if begin <= at_s), None)
        return last is not None and at_s - last < BREATH_S / 2

    def stopped(self, start_s: float, end_s: float) -> float | None:
        """When they first stopped in a stretch of time: a silence of :data:`BREATH_S` began there.

        None when they didn't; a silence too short to tell yet counts as none.
        """
        before = [end for begin, end in self.speech() if begin <= start_s]
        latest_s = max(before, default=start_s)
        for begin, end in [*self.speech(start_s), (self.now_s, self.now_s)]:
            if latest_s >= end_s:
                return None
            if begin - max(latest_s, start_s) >= BREATH_S and begin - latest_s >= BREATH_S:
                return max(latest_s, start_s)
            latest_s = max(latest_s, end)
        return None

    def spoke(self, after_s: float) -> float | None:
        """When speech first began, or went on, after a time; None when it hasn't yet."""
        return next((begin for begin, _ in self.speech() if begin >= after_s), None)

    def longest_silence(self, start_s: float, end_s: float) -> float:
        """Longest silence that began in a stretch of time, up to when they spoke again."""
        longest_s, latest_s = 0.0, start_s
        for begin, end in [*self.speech(start_s), (self.now_s, self.now_s)]:
            if latest_s >= end_s:
                break
            longest_s = max(longest_s, begin - latest_s)
            latest_s = max(latest_s, end)
        return longest_s

    @property
    def silent_s(self) -> float:
        """How long they have been silent now; 0 while they talk."""
        if self._since_s is not None:
            return 0.0
        return self.now_s - (self._speech[-1][1] if self._speech else self.start_s)

    @property
    def phrase_s(self) -> float:
        """How long they have talked now without a pause; 0 while silent."""
        return 0.0 if self._since_s is None else self.now_s - self._since_s

    def spoken_s(self, start_s: float, end_s: float = math.inf) -> float:
        """Speech in a stretch of time, in seconds."""
        return sum(end - begin for begin, end in self.speech(start_s, end_s))

    # --- how they spoke ------------------------------------------------------

    def manner(self, start_s: float, end_s: float, syllables_per_word: float) -> Manner:
        """How they spoke in a stretch of time."""
        spoken_s = self.spoken_s(start_s, end_s)
        fillers = [at_s for at_s in self.fillers_s if start_s <= at_s < end_s]
        syllables = bisect_left(self.nuclei_s, end_s) - bisect_left(self.nuclei_s, start_s)
        own_s = (
            end_s
            - start_s
            - sum(max(0.0, min(end, end_s) - max(begin, start_s)) for begin, end in self.listening)
        )
        semitones = self._semitones(start_s, end_s)
        voiced = semitones.size * HOP_S >= LEAST_VOICED_S
        levels = np.asarray(self._level_dbfs[self._hop(start_s) : self._hop(end_s)])
        levels = levels[~np.isnan(levels)]
        sure = spoken_s >= LEAST_SPEECH_S
        power = np.mean(10.0 ** (levels / 10.0)) if levels.size else 0.0
        return Manner(
            speech_s=spoken_s,
            pace_wpm=60.0 * syllables / spoken_s / syllables_per_word if sure else None,
            f0_hz=float(np.exp2(np.median(semitones) / 12.0)) if voiced else None,
            f0_sd_st=_spread(semitones) if voiced else None,
            level_dbfs=float(10.0 * np.log10(power)) if sure and power else None,
            fillers=len(fillers),
            pauses=max(0.0, 1.0 - spoken_s / own_s) if own_s >= LEAST_SPEECH_S and spoken_s else None,
        )

    def onsets_st(self, start_s: float, end_s: float, length_s: float) -> list[float]:
        """Median F0, in semitones above 1 Hz, of the first moments of each stretch of speech."""
        found = []
        for begin, _ in self.speech(start_s, end_s):
            semitones = self._semitones(begin, min(begin + length_s, end_s))
            if semitones.size * HOP_S >= length_s / 4:
                found.append(float(np.median(semitones)))
        return found

    # --- inside ----------------------------------------------------------------

    def _turn(self, at_s: float) -> None:
        if self._since_s is None:
            self._since_s = max(at_s, self._speech[-1][1] if self._speech else self.start_s)
        else:
            self._speech.append((self._since_s, max(at_s, self._since_s)))
            self._since_s = None

    def _lost_s(self) -> float:
        """Length of the loss that goes on now."""
        lost = 0
        for level in reversed(self._level_dbfs):
            if not math.isnan(level) or lost * HOP_S > LOST_S:
                break
            lost += 1
        return lost * HOP_S

    def _running(self) -> list[tuple[float, float]]:
        return [] if self._since_s is None else [(self._since_s, self.now_s)]

    def _syllables(self, start_s: float, end_s: float) -> int:
        first = bisect_left(self.nuclei_s, start_s - EDGE_S)
        return bisect_left(self.nuclei_s, end_s + EDGE_S) - first

    def _hop(self, at_s: float) -> int:
        return min(max(0, round((at_s - self.start_s) / HOP_S)), len(self._f0_hz))

    def _semitones(self, start_s: float, end_s: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        delay_s = PITCH_DELAY_HOPS * HOP_S
        f0_hz = np.asarray(self._f0_hz[self._hop(start_s + delay_s) : self._hop(end_s + delay_s)], np.float64)
        semitones: np.ndarray[tuple[int], np.dtype[np.float64]] = 12.0 * np.log2(f0_hz[f0_hz > 0.0])
        return semitones


def _spread(semitones: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    """Standard deviation without octave slips: of what lies within an octave of the median."""
    near = semitones[np.abs(semitones - np.median(semitones)) <= 12.0]
    return float(near.std())
