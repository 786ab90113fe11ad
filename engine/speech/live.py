"""Live recognition: a growing buffer, decoded again and again, whose agreed words are final.

Words are final when two decodes in a row agree on them (LocalAgreement-2; Macháček, Dabre & Bojar 2023,
"Turning Whisper into real-time transcription system"), or when a pause ends the phrase. Our own ears say
when somebody talks: nothing is decoded without speech. All depends on the samples alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from dsp.frame import HOP_S
from engine.language.transcript import bare
from engine.protocol.words import Word

from .alignment import first_vectors, word_spans
from .by_hops import BEFORE_HOPS, PAUSE_HOPS, ByHops, enough_speech, loops
from .moonshine import STEP_S, Decoded, Moonshine, Sound, Spelled
from .recogniser import Abilities, Final, Mode, Partial
from .word_frequency import zipf

EVERY_HOPS = 60
"""Time between two decodes of a phrase, live."""

FORGET_HOPS = 150
"""Silence after which the sound before it is no context any more."""

CONTEXT_HOPS = 300
"""Sound of final words that stays before a new phrase, so that the model continues a sentence."""

LONGEST_HOPS: dict[Mode, int] = {"live": 800, "phrase": 800, "afterwards": 2600}
"""Sound decoded at once, by mode; a longer phrase is cut."""

ENOUGH_HOPS: dict[Mode, int] = {"live": 0, "phrase": 0, "afterwards": 1400}
"""Sound that is gathered before a pause ends it: the more the model hears, the fewer its errors."""

BEAMS: dict[Mode, int] = {"live": 3, "phrase": 1, "afterwards": 4}
"""Beginnings followed at once where a phrase ends or is cut; by phrase there is no time for more."""

SETTLED_HOPS = 100
"""Words that end this long before a cut are final without a second decode."""

CONTEXT_WORDS = 2
"""Final words that at least stay before a cut."""

LEAST_LIKELY, LEAST_LIKELY_YET, LEAST_LIKELY_LONG = -0.6, -0.8, -1.0
"""Mean log probability of new tokens from which they count: of a whole phrase, in the middle of one, and with
much certain speech: people speak in noise, but noises don't speak for a second."""

DOUBTFUL, DOUBT_HOPS = 0.6, 120
"""A word of lower probability waits this long after its end, or for the pause: what follows may mend it."""

LONG_HOPS = (50, 100)
"""Certain speech up to which it may be a noise, and from which it is none; the limit moves in between."""


class LiveRecogniser(ByHops):
    """Hears one speaker by a network that it shares with others."""

    def __init__(self, model: Moonshine, mode: Mode) -> None:
        super().__init__(LONGEST_HOPS[mode] + 400)
        self._model = model
        self._mode: Mode = mode
        self._longest = LONGEST_HOPS[mode]
        self._start: int | None = None  # hop with which the sound begins that is decoded
        self._fixed: list[int] = []  # tokens of the final words in it
        self._placed: list[tuple[float, float]] = []  # and when those were said
        self._before: list[int] = []
        self._heard: tuple[tuple[int, int], Sound] | None = None  # the sound decoded last, and its hops
        self._next_hop = 0
        self._pausing = False  # whether the pause that there is was decoded
        self._settled = False
        self._last_end_s = 0.0

    @property
    def abilities(self) -> Abilities:
        """What it can do."""
        return Abilities(self._model.name, self._model.languages, ("live", "phrase", "afterwards"), True)

    def end_at(self, end: int) -> None:
        """End the phrase."""
        if self._start is not None:
            self._settle(min(end, self.talk_end()))
            self._leave(min(end, self.talk_end()))
            self._start = None

    def step(self) -> None:
        """Do what is due after a hop."""
        hearing, now = self.hearing, self.hearing.hop
        if self._start is None:
            if hearing.talking:
                self._begin(max(self.free, hearing.talk_began - BEFORE_HOPS))
        elif not hearing.talking:
            self._wait(now - hearing.talk_ended)
        else:
            self._pausing = False
            if self._settled:
                self._resume()
            if now - self._start >= self._longest:
                self._cut(now)
            elif self._mode == "live" and now >= self._next_hop:
                self._agree(self._decode(now), now)
                self._next_hop = now + EVERY_HOPS

    def _wait(self, silence: int) -> None:
        """Do what is due after so many hops of silence."""
        assert self._start is not None
        if not self._settled:
            if self._mode == "live" and not self._pausing:
                self._pausing = True
                self._agree(self._decode(self.talk_end()), self.talk_end())
            enough = self.hearing.talk_ended - self._start >= ENOUGH_HOPS[self._mode]
            if (silence >= PAUSE_HOPS and enough) or silence >= FORGET_HOPS:
                self._settle(self.talk_end())
        if silence >= FORGET_HOPS:
            self._leave(self.talk_end())
            self.free, self._start = self.talk_end(), None

    def _begin(self, start: int) -> None:
        self._start, self._fixed, self._placed, self._before = start, [], [], []
        self._pausing = self._settled = False
        self._next_hop = self.hearing.hop + EVERY_HOPS

    def _decode(self, end: int, beams: int = 1) -> Decoded:
        assert self._start is not None
        draft = self._before[len(self._fixed) :]
        return self._model.decode(self._sound(end), self._fixed, draft, beams)

    def _sound(self, end: int) -> Sound:
        """Hear the phrase up to a hop; where a pause ends it, the sound is that of its last decode."""
        assert self._start is not None
        span = (self._start, end)
        if self._heard is None or self._heard[0] != span:
            self._heard = (span, self._model.hear(self.hearing.samples(*span)))
        return self._heard[1]

    def _agree(self, decoded: Decoded, end: int) -> None:
        """Let words be final on which the last two decodes agree; show the others."""
        words = self._model.words(decoded.tokens)
        same = _common(self._before, decoded.tokens)
        self._before = decoded.tokens
        if not self._plausible(decoded, words, LEAST_LIKELY_YET, end):
            return
        agreed = [word for word in words if word.stop <= same and word.stop < len(decoded.tokens)]
        self._emit(decoded, words, self._certain(decoded, words, len(agreed), end), end)
        rest = words[len(self._placed) :]
        if rest:
            self.results.append(Partial(" ".join(word.text for word in rest), self._last_end_s))

    def _certain(self, decoded: Decoded, words: Sequence[Spelled], agreed: int, end: int) -> int:
        """How many of the words agreed on are final: up to the first doubtful one that was just said."""
        if agreed <= len(self._placed):
            return agreed
        spans = self._spans(decoded, words, end)
        for k in range(len(self._placed), agreed):
            doubtful = _probability(decoded, words[k]) < DOUBTFUL
            if doubtful and spans[k][1] > (end - DOUBT_HOPS) * HOP_S:
                return k
        return agreed

    def _settle(self, end: int) -> None:
        """End the phrase, unless a pause did: its words are final."""
        if self._settled:
            return
        decoded = self._decode(end, BEAMS[self._mode])
        words = self._model.words(decoded.tokens)
        if self._plausible(decoded, words, LEAST_LIKELY, end):
            self._emit(decoded, words, len(words), end)
        self.free, self._settled, self._before, self._heard = end, True, [], None

    def _resume(self) -> None:
        """Continue after a pause, with some of what was said before it as context."""
        assert self._start is not None
        self._settled = False
        self._next_hop = self.hearing.hop + EVERY_HOPS
        earliest = (self.free - CONTEXT_HOPS) * HOP_S
        if self._start * HOP_S < earliest:
            self._shorten(earliest)

    def _cut(self, now: int) -> None:
        """Make room in the middle of a phrase: the first words are final, and go."""
        assert self._start is not None
        decoded = self._decode(now, BEAMS[self._mode])
        words = self._model.words(decoded.tokens)
        self._agree(decoded, now)
        if self._plausible(decoded, words, LEAST_LIKELY_YET, now):
            settled_s = (now - SETTLED_HOPS) * HOP_S
            ends_s = [end_s for _, end_s in self._spans(decoded, words, now)]
            self._emit(decoded, words, sum(end_s < settled_s for end_s in ends_s), now)
        self._shorten((self._start + self._longest // 3) * HOP_S)

    def _shorten(self, earliest_s: float) -> None:
        """Begin the sound anew between two final words, at the longest gap of those late enough."""
        places = [
            k for k in range(1, len(self._placed) - CONTEXT_WORDS + 1) if self._placed[k][0] >= earliest_s
        ]
        if not places:  # nothing is final that far: the model won't hear what comes before
            start = max(round(earliest_s / HOP_S), self.hearing.hop - SETTLED_HOPS)
            self._leave(start)
            self._begin(start)
            return
        best = max(places, key=lambda k: (self._placed[k][0] - self._placed[k - 1][1], -k))
        placed = self._placed[best:]
        fixed = self._fixed[self._model.words(self._fixed)[best].first :]
        self._begin(round((self._placed[best - 1][1] + placed[0][0]) / 2 / HOP_S))
        self._fixed, self._placed = fixed, placed

    def _leave(self, stop: int) -> None:
        """Let go of the sound before a hop: what was said in it and not written is unknown from now on."""
        self.miss(self._since(), max(self._since(), stop))

    def _since(self) -> int:
        """Hop from which on nothing was written of the sound that is decoded."""
        assert self._start is not None
        return max(self._start, round(self._placed[-1][1] / HOP_S)) if self._placed else self._start

    # --- words ---------------------------------------------------------------------------

    def _spans(self, decoded: Decoded, words: Sequence[Spelled], end: int) -> list[tuple[float, float]]:
        """Start and end of each word in stream time."""
        assert self._start is not None
        if not words:
            return []
        vectors = first_vectors(decoded.attention)
        speech = self.hearing.speech(self._start, end)
        starts_s = [float(vectors[word.first]) * STEP_S for word in words]
        base_s = self._start * HOP_S
        return [
            (base_s + start_s, base_s + end_s)
            for start_s, end_s in word_spans(starts_s, speech.size * HOP_S, speech, HOP_S)
        ]

    def _plausible(self, decoded: Decoded, words: Sequence[Spelled], least: float, end: int) -> bool:
        """Whether the model is sure enough of what is new, and the ears that it was said."""
        logs = decoded.log_probabilities[len(self._fixed) :]
        certain = self.certain_hops(self._since(), end)
        texts = [word.text for word in words]
        new = texts[len(self._placed) :]
        if not enough_speech(len(new), certain) or not self.sure_of_speech(new, self._since(), end):
            return False
        long = float(np.interp(certain, LONG_HOPS, (0.0, 1.0)))
        enough = min(least, (1.0 - long) * least + long * LEAST_LIKELY_LONG)
        return float(np.mean(logs)) >= enough and not loops(texts)

    def _emit(self, decoded: Decoded, words: Sequence[Spelled], final: int, end: int) -> None:
        """Give out the words up to ``final`` that weren't yet."""
        known = len(self._placed)
        if final <= known:
            return
        spans = self._spans(decoded, words, end)
        found: list[Word] = []
        for word, span in list(zip(words, spans, strict=True))[known:final]:
            start_s = max(span[0], self._last_end_s)
            end_s = max(span[1], start_s + HOP_S)
            self._last_end_s = end_s
            self._placed.append((start_s, end_s))
            if not bare(word.text):
                continue
            found.append(
                Word(
                    text=word.text,
                    start_s=round(start_s, 3),
                    end_s=round(end_s, 3),
                    confidence=round(_probability(decoded, word), 3),
                    zipf=zipf(word.text),
                )
            )
        self._fixed = decoded.tokens[: words[final - 1].stop]
        if found:
            self.results.append(Final(found, round(self.hearing.hop * HOP_S, 3)))


def _probability(decoded: Decoded, word: Spelled) -> float:
    """Geometric mean of the probabilities of a word's tokens."""
    logs = decoded.log_probabilities[word.first : word.stop]
    return math.exp(sum(logs) / len(logs))


def _common(a: Sequence[int], b: Sequence[int]) -> int:
    """Length of the beginning that is the same."""
    return next((k for k, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
