"""When a speaker spoke lately, by the core's facts: what a recogniser heard elsewhere wasn't theirs.

A microphone picks up the other side of a call too, and what a drill plays. The core hears that as silence;
a recogniser hears words.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from msgspec.structs import replace

from engine.protocol import events as ev
from engine.protocol.words import Word

from .fusion import MARGIN_S, Span, drop_inventions, merged, without

MOST_SPANS = 512
"""Stretches of speech that are remembered: half an hour of lively talk, and more than any words come late."""

SETTLED_S = 0.1
"""Stream time after a word's end at which the core's facts say whether it was spoken."""


SpokenFact = ev.Words | ev.WordsCorrected | ev.WordsMissed


class SpeechGate:
    """Remembers when one speaker spoke, was lost or muted.

    Attributes
    ----------
    since_s : when the speech began that goes on; None in silence.
    """

    def __init__(self) -> None:
        self.since_s: float | None = None
        self._speech: deque[Span] = deque(maxlen=MOST_SPANS)
        self._lost: deque[Span] = deque(maxlen=MOST_SPANS)
        self._muted: deque[Span] = deque(maxlen=MOST_SPANS)
        self._muted_since_s: float | None = None

    def observe(self, event: ev.AnyEvent) -> None:
        """Take an event of the speaker, in order."""
        match event:
            case ev.SpeechStarted() | ev.PauseEnded():
                self._end(event.start_s)
                self.since_s = event.start_s
            case ev.PauseStarted():
                self._end(event.start_s)
            case ev.MuteStarted():
                self._end(event.start_s)
                self._muted_since_s = event.start_s
            case ev.MuteEnded():
                self._muted_since_s = None
                self._muted.append(Span(event.start_s, event.end_s))
            case ev.AudioLost():
                self._lost.append(Span(event.start_s, event.end_s))

    def spoken(self, words: Sequence[Word], now_s: float) -> list[Word]:
        """Return the words that touch speech, or audio that was lost."""
        return drop_inventions(words, merged([*self._spans(now_s), *self._lost]))

    def checked(self, fact: SpokenFact, now_s: float) -> list[SpokenFact]:
        """Return what is left of words that were heard or missed: what touches speech, or lost audio."""
        if isinstance(fact, ev.WordsMissed):
            spans = self.missed(fact.start_s, fact.end_s, now_s)
            return [replace(fact, start_s=span.start_s, end_s=span.end_s) for span in spans]
        words = self.spoken(fact.words, now_s)
        if len(words) == len(fact.words):
            return [fact]
        if isinstance(
            fact, ev.WordsCorrected
        ):  # none are left in the place of what was spoken: no correction
            return [replace(fact, words=words)] if words else []
        return [replace(fact, words=words, start_s=words[0].start_s, end_s=_end_s(words))] if words else []

    def missed(self, start_s: float, end_s: float, now_s: float) -> list[Span]:
        """Return the parts of a span in which words may have been missed: the mute is left out.

        A span from the first speech in it on, as nothing was missed before; none where there was no speech.
        """
        muted = [*self._muted]
        if self._muted_since_s is not None:
            muted.append(Span(self._muted_since_s, max(self._muted_since_s, now_s)))
        speech = [
            one
            for one in merged([*self._spans(now_s), *self._lost])
            if one.start_s < end_s and one.end_s > start_s - MARGIN_S
        ]
        if self._speech and self._speech[0].start_s > start_s and len(self._speech) == MOST_SPANS:
            first_s = start_s  # longer ago than is remembered
        elif speech:
            first_s = max(start_s, speech[0].start_s)
        else:
            return []
        return without([Span(first_s, end_s)], merged(muted))

    def _spans(self, now_s: float) -> list[Span]:
        running = [] if self.since_s is None else [Span(self.since_s, max(self.since_s, now_s))]
        return [*self._speech, *running]

    def _end(self, end_s: float) -> None:
        if self.since_s is not None and end_s > self.since_s:
            self._speech.append(Span(self.since_s, end_s))
        self.since_s = None


def _end_s(words: Sequence[Word]) -> float:
    return max(word.end_s for word in words)
