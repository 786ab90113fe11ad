"""What recognisers share: samples in blocks of any size become hops for our ears; losses are told."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np

from dsp.ears import SHORT_LOSS_HOPS
from dsp.frame import HOP, HOP_S
from engine.language.transcript import bare
from engine.media.resample import Samples

from .hearing import Hearing
from .recogniser import Missed, Result

BEFORE_HOPS, AFTER_HOPS = 20, 25
"""Sound before the beginning and after the end of talk that is decoded with it."""

PAUSE_HOPS = 45
"""Silence that ends a phrase: its words are final."""

CERTAIN = 0.9
"""Probability from which the ears are certain of speech."""

LEAST_HOPS, LEAST_HOPS_A_WORD = 8, 4
"""Hops of certain speech that words need, and a word more. Talk in noise of 5 dB has nine a word and more."""

POSSIBLE, LEAST_SHARE = 0.5, 0.25
"""Of the hops with at least this probability of speech, this share must be certain. In speech it is a third
and more, mostly in noise of 5 dB too; in animals' cries, sneezes and music it is less."""

STOCK, STOCK_SHARE = (
    frozenset(
        ("you", "thank you", "thank you very much", "thank you for watching", "thanks for watching", "bye",
         "uh huh", "mm hmm")
    ),
    0.5,
)  # fmt: skip
"""What recognisers write for noises, as subtitles in their training data had it there, and the share that it
needs (Baranski et al. 2025, "Investigation of Whisper ASR hallucinations induced by non-speech audio")."""

LOOP_PAIRS, LOOP_SHARE = 5, 0.6
"""Of at least this many pairs of neighbouring words this share must differ: else the model loops."""


class ByHops(ABC):
    """A recogniser that works hop by hop, so that the cutting of blocks makes no difference.

    Attributes
    ----------
    hearing : the last seconds, and what our ears say of them.
    free : hop before which everything is done.
    results : what became known and wasn't returned yet.
    """

    def __init__(self, most_hops: int) -> None:
        """``most_hops`` is how far back the sound is kept."""
        self.hearing = Hearing(most_hops)
        self.free = 0
        self.results: list[Result] = []
        self._rest = np.zeros(0, np.float32)
        self._rest_lost = False

    @abstractmethod
    def step(self) -> None:
        """Do what is due after a hop was heard."""

    @abstractmethod
    def end_at(self, end: int) -> None:
        """End what is running, at most at this hop: audio was lost from there on, or no more comes."""

    def process(self, samples: Samples) -> list[Result]:
        """Hear the next samples: float32, shape (n,), mono, 16 kHz, full scale ±1; any ``n``."""
        self._rest = np.concatenate([self._rest, np.asarray(samples, np.float32)])
        self._take_hops()
        return self._collect()

    def process_lost(self, samples: int) -> list[Result]:
        """Note that the next samples never arrived: a hop that misses one of them is lost."""
        if samples > 0:
            fits = min(samples, HOP - self._rest.size)
            self._rest = np.concatenate([self._rest, np.zeros(fits, np.float32)])
            self._rest_lost = True
            self._take_hops()
            for _ in range((samples - fits) // HOP):
                self._lose()
            left = (samples - fits) % HOP
            if left:
                self._rest, self._rest_lost = np.zeros(left, np.float32), True
        return self._collect()

    def finish(self) -> list[Result]:
        """Hear that no more samples come; return all that is left."""
        self._end_of_loss()
        self.end_at(self.hearing.hop)
        return self._collect()

    def talk_end(self) -> int:
        """Hop up to which the newest talk is decoded."""
        hearing = self.hearing
        return hearing.hop if hearing.talking else min(hearing.hop, hearing.talk_ended + AFTER_HOPS)

    def miss(self, start: int, stop: int) -> None:
        """Tell that words of a span are unknown, unless the ears are certain of too little speech for any."""
        if enough_speech(1, self.certain_hops(start, stop)):
            self.results.append(Missed(start * HOP_S, stop * HOP_S, "unclear"))

    def sure_of_speech(self, words: Sequence[str], start: int, end: int) -> bool:
        """Whether a fair part of what may be speech certainly is, and more of it for a stock phrase."""
        possible = int(np.sum(self.hearing.speech(min(start, end), end) >= POSSIBLE))
        text = " ".join(map(bare, words)).replace("-", " ")
        share = STOCK_SHARE if text in STOCK else LEAST_SHARE
        return self.certain_hops(start, end) >= share * possible

    def certain_hops(self, start: int, end: int) -> int:
        """Hops that are certainly speech."""
        return int(np.sum(self.hearing.speech(min(start, end), end) >= CERTAIN))

    def _collect(self) -> list[Result]:
        results, self.results = self.results, []
        return results

    def _take_hops(self) -> None:
        whole = self._rest.size // HOP
        for k in range(whole):
            if self._rest_lost:
                self._rest_lost = False
                self._lose()
            else:
                self._end_of_loss()
                self.hearing.process(self._rest[k * HOP : (k + 1) * HOP])
                self.step()
        self._rest = self._rest[whole * HOP :].copy()

    def _lose(self) -> None:
        self.hearing.process_lost()
        if self.hearing.lost == SHORT_LOSS_HOPS + 1:
            self.end_at(self.hearing.hop - self.hearing.lost)

    def _end_of_loss(self) -> None:
        lost, self.hearing.lost = self.hearing.lost, 0
        if lost:
            end = self.hearing.hop
            self.results.append(Missed((end - lost) * HOP_S, end * HOP_S, "lost"))
            if lost > SHORT_LOSS_HOPS:
                self.free = end


def enough_speech(words: int, certain_hops: int) -> bool:
    """Whether so many new words can be in so much speech: a word in silence is an invention."""
    return certain_hops >= max(LEAST_HOPS, LEAST_HOPS_A_WORD * words)


def loops(words: Sequence[str]) -> bool:
    """Whether the same is said over and over."""
    pairs = list(itertools.pairwise(map(bare, words)))
    return len(pairs) >= LOOP_PAIRS and len(set(pairs)) < LOOP_SHARE * len(pairs)
