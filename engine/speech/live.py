"""Live recognition: a growing buffer, decoded again and again, whose agreed words are final.

Words are final when two decodes in a row agree on them (LocalAgreement-2; Macháček, Dabre & Bojar 2023,
"Turning Whisper into real-time transcription system"), or when a pause ends the phrase. Our own ears say
when somebody talks: nothing is decoded without speech. All depends on the samples alone.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

from dsp.ears import SHORT_LOSS_HOPS
from dsp.frame import HOP, HOP_S
from engine.language.transcript import bare
from engine.media.resample import Samples
from engine.protocol.words import Word

from .alignment import first_vectors, word_spans
from .hearing import Hearing
from .moonshine import STEP_S, Decoded, Moonshine, Spelled
from .recogniser import Abilities, Final, Missed, Mode, Partial, Result
from .word_frequency import zipf

EVERY_HOPS = 50
"""Time between two decodes of a phrase, live."""

PAUSE_HOPS = 45
"""Silence that ends a phrase."""

BEFORE_HOPS, AFTER_HOPS = 20, 25
"""Sound before the beginning and after the end of talk that is decoded with it."""

LONGEST_HOPS = {"live": 800, "phrase": 800, "afterwards": 1500}
"""Sound decoded at once, by mode; a longer phrase is cut."""

SETTLED_HOPS = 100
"""Words that end this long before a cut are final without a second decode."""

CONTEXT_WORDS = 2
"""Final words that stay in the sound after a cut, so that the model continues a sentence."""

LEAST_LIKELY, LEAST_LIKELY_YET = -0.6, -0.8
"""Mean log probability of new tokens from which they count: of a whole phrase, and in the middle of one."""

LOOP_PAIRS, LOOP_SHARE = 5, 0.6
"""Of at least this many pairs of neighbouring words this share must differ: else the model loops."""


class LiveRecogniser:
    """Hears one speaker by a network that it shares with others."""

    def __init__(self, model: Moonshine, mode: Mode) -> None:
        self._model = model
        self._mode: Mode = mode
        self._longest = LONGEST_HOPS[mode]
        self._hearing = Hearing(self._longest + 400)
        self._rest = np.zeros(0, np.float32)
        self._rest_lost = 0
        self._start: int | None = None
        self._free = 0  # hop before which everything is done
        self._fixed: list[int] = []
        self._emitted = 0
        self._before: list[int] = []
        self._next_hop = 0
        self._closing: Decoded | None = None
        self._last_end_s = 0.0
        self._results: list[Result] = []

    @property
    def abilities(self) -> Abilities:
        """What it can do."""
        return Abilities(self._model.name, self._model.languages, ("live", "phrase", "afterwards"), True)

    def process(self, samples: Samples) -> list[Result]:
        """Hear the next samples: float32, shape (n,), mono, 16 kHz, full scale ±1; any ``n``."""
        self._rest = np.concatenate([self._rest, np.asarray(samples, np.float32)])
        return self._take()

    def process_lost(self, samples: int) -> list[Result]:
        """Note that the next samples never arrived: a hop that misses one of them is lost."""
        if samples > 0:
            fits = max(0, min(samples, HOP - self._rest.size))
            self._rest_lost = max(self._rest_lost, 1)
            self._rest = np.concatenate([self._rest, np.zeros(fits, np.float32)])
            samples -= fits
            self._take()
            for _ in range(samples // HOP):
                self._lose()
            if samples % HOP:
                self._rest, self._rest_lost = np.zeros(samples % HOP, np.float32), 1
        return self._collect()

    def finish(self) -> list[Result]:
        """Hear that no more samples come; return all that is left."""
        self._end_of_loss()
        if self._start is not None:
            last = self._hearing.hop if self._hearing.talking else self._hearing.talk_ended + AFTER_HOPS
            self._close(min(self._hearing.hop, last))
        return self._collect()

    def _collect(self) -> list[Result]:
        results, self._results = self._results, []
        return results

    def _take(self) -> list[Result]:
        whole = self._rest.size // HOP
        for k in range(whole):
            hop = self._rest[k * HOP : (k + 1) * HOP]
            if self._rest_lost:
                self._rest_lost = 0
                self._lose()
            else:
                self._end_of_loss()
                self._hearing.process(hop)
                self._step()
        self._rest = self._rest[whole * HOP :].copy()
        return self._collect()

    def _lose(self) -> None:
        hearing = self._hearing
        hearing.process_lost()
        if hearing.lost == SHORT_LOSS_HOPS + 1 and self._start is not None:
            self._close(hearing.hop - hearing.lost)

    def _end_of_loss(self) -> None:
        hearing = self._hearing
        if hearing.lost:
            start = hearing.hop - hearing.lost
            self._results.append(Missed(start * HOP_S, hearing.hop * HOP_S, "lost"))
            if hearing.lost > SHORT_LOSS_HOPS:
                self._free = hearing.hop
            hearing.lost = 0

    # --- phrases -------------------------------------------------------------------------

    def _step(self) -> None:
        """Do what is due after a hop."""
        hearing, now = self._hearing, self._hearing.hop
        if self._start is None:
            if hearing.talking:
                self._begin(max(self._free, hearing.talk_began - BEFORE_HOPS))
            return
        if not hearing.talking:
            end = min(now, hearing.talk_ended + AFTER_HOPS)
            if now - hearing.talk_ended >= PAUSE_HOPS:
                self._close(end)
            elif self._closing is None and self._mode == "live":
                self._closing = self._decode(end)
                self._agree(self._closing, now)
            return
        self._closing = None
        if now - self._start >= self._longest:
            self._cut(now)
        elif self._mode == "live" and now >= self._next_hop:
            self._agree(self._decode(now), now)
            self._next_hop = now + EVERY_HOPS

    def _begin(self, start: int) -> None:
        self._start = start
        self._fixed, self._emitted, self._before, self._closing = [], 0, [], None
        self._next_hop = start + BEFORE_HOPS + EVERY_HOPS

    def _decode(self, end: int) -> Decoded:
        assert self._start is not None
        return self._model.decode(self._hearing.samples(self._start, end), self._fixed)

    def _new_likelihood(self, decoded: Decoded) -> float:
        logs = decoded.log_probabilities[len(self._fixed) :]
        return float(np.mean(logs)) if logs else 0.0

    def _agree(self, decoded: Decoded, end: int) -> None:
        """Let words be final on which the last two decodes agree; show the others."""
        words = self._model.words(decoded.tokens)
        same = _common(self._before, decoded.tokens)
        self._before = decoded.tokens
        if self._new_likelihood(decoded) < LEAST_LIKELY_YET or _loops(words):
            return
        agreed = [word for word in words if word.stop <= same and word.stop < len(decoded.tokens)]
        self._emit(decoded, words, len(agreed), end)
        self._fixed = decoded.tokens[: agreed[-1].stop] if agreed else self._fixed
        rest = words[len(agreed) :]
        if rest:
            start_s = self._last_end_s
            self._results.append(Partial(" ".join(word.text for word in rest), start_s))

    def _close(self, end: int) -> None:
        """End the phrase."""
        assert self._start is not None
        decoded = self._closing or self._decode(end)
        words = self._model.words(decoded.tokens)
        kept = len(self._model.words(self._fixed))
        if self._new_likelihood(decoded) >= LEAST_LIKELY and not _loops(words):
            kept = len(words)
        self._emit(decoded, words, kept, end)
        self._free, self._start, self._closing = end, None, None

    def _cut(self, now: int) -> None:
        """Begin anew in the middle of a phrase, where words that are final end and speech is least sure."""
        assert self._start is not None
        decoded = self._decode(now)
        self._agree(decoded, now)
        words = self._model.words(decoded.tokens)
        spans = self._spans(decoded, words, now)
        settled = (now - SETTLED_HOPS) * HOP_S
        if self._new_likelihood(decoded) >= LEAST_LIKELY_YET and not _loops(words):
            final = max([self._emitted, *(k + 1 for k, span in enumerate(spans) if span[1] < settled)])
            self._emit(decoded, words, final, now)
            self._fixed = decoded.tokens[: words[final - 1].stop] if final else []
        at = self._emitted - CONTEXT_WORDS
        half = (self._start + self._longest // 3) * HOP_S
        places = [k for k in range(1, at + 1) if k < len(spans) and spans[k][0] > half]
        if not places:
            # Nothing is final that far: what was said here stays unknown to the model.
            self._restart(now - SETTLED_HOPS, [])
            return
        best = max(places, key=lambda k: (spans[k][0] - spans[k - 1][1], k))
        hop = round((spans[best - 1][1] + spans[best][0]) / 2 / HOP_S)
        self._restart(hop, decoded.tokens[words[best].first : words[self._emitted - 1].stop])

    def _restart(self, start: int, fixed: list[int]) -> None:
        self._begin(start)
        self._fixed = fixed
        self._emitted = len(self._model.words(fixed))
        self._next_hop = self._hearing.hop + EVERY_HOPS

    # --- words ---------------------------------------------------------------------------

    def _spans(self, decoded: Decoded, words: Sequence[Spelled], end: int) -> list[tuple[float, float]]:
        """Start and end of each word in stream time."""
        assert self._start is not None
        if not words:
            return []
        vectors = first_vectors(decoded.attention)
        speech = self._hearing.speech(self._start, end)
        starts_s = [float(vectors[word.first]) * STEP_S for word in words]
        base_s = self._start * HOP_S
        return [
            (base_s + start_s, base_s + end_s)
            for start_s, end_s in word_spans(starts_s, speech.size * HOP_S, speech, HOP_S)
        ]

    def _emit(self, decoded: Decoded, words: Sequence[Spelled], final: int, end: int) -> None:
        """Give out the words up to ``final`` that weren't yet."""
        if final <= self._emitted:
            return
        spans = self._spans(decoded, words, end)
        found: list[Word] = []
        for word, span in list(zip(words, spans, strict=True))[self._emitted : final]:
            start_s = max(span[0], self._last_end_s)
            end_s = max(span[1], start_s + HOP_S)
            self._last_end_s = end_s
            if not bare(word.text):
                continue
            logs = decoded.log_probabilities[word.first : word.stop]
            found.append(
                Word(
                    text=word.text,
                    start_s=round(start_s, 3),
                    end_s=round(end_s, 3),
                    confidence=round(math.exp(sum(logs) / len(logs)), 3),
                    zipf=zipf(word.text),
                )
            )
        self._emitted = final
        if found:
            self._results.append(Final(found, round(self._hearing.hop * HOP_S, 3)))


def _common(a: Sequence[int], b: Sequence[int]) -> int:
    """Length of the beginning that is the same."""
    return next((k for k, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _loops(words: Sequence[Spelled]) -> bool:
    """Whether the same is said over and over."""
    pairs = list(itertools.pairwise(bare(word.text) for word in words))
    return len(pairs) >= LOOP_PAIRS and len(set(pairs)) < LOOP_SHARE * len(pairs)
