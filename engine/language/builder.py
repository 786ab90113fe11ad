"""The transcript of a speaker, built from the events of a session.

Memory: the words of a take are kept, :data:`MOST_WORDS` at most, and beside them two numbers for each pause,
filled pause and longer loss. The transcript depends on what the events say and on their order, not on how
words are cut into events.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, insort

from engine.protocol import events as ev
from engine.protocol.measures import ChannelMeasures
from engine.protocol.review import UnknownSpan
from engine.protocol.words import Word

from .fusion import (
    HeardPause,
    Span,
    drop_inventions,
    fuse,
    length_s,
    merged,
    unknown_spans,
    without,
    word_pace,
)
from .transcript import Transcript

MOST_WORDS = 60_000
"""Words that are kept: six hours of talk. The oldest go first, and are unknown then."""

LEAST_LOSS_S = 0.15
"""Lost audio shorter than a syllable leaves no word unknown."""

LONGEST_PAUSE_S = 1.0
"""How much of a pause counts for the pace, as in ``ChannelMeasures.pace_wpm``."""

SURE = 0.5
"""Confidence from which a filled pause of the ears counts: the profiles' ``nudges.least_confidence``."""


class TranscriptBuilder:
    """Builds the transcript of one channel.

    Parameters
    ----------
    channel : whose words; events of the other channel are passed over.
    least_confidence : from which a filled pause counts that only the ears heard.
    most_words : how many are kept.
    """

    def __init__(
        self, channel: int = 0, *, least_confidence: float = SURE, most_words: int = MOST_WORDS
    ) -> None:
        self.channel = channel
        self.source = ""
        """What heard the words; empty before any came."""
        self._least = least_confidence
        self._most = most_words
        self._words: list[Word] = []
        self._speech = _Spans()
        self._speaking_since_s: float | None = None
        self._pauses = _Spans()
        """Pauses in the speaker's own turn."""
        self._lost = _Spans()
        self._heard = (array("d"), array("d"), array("d"))
        self._missed: list[UnknownSpan] = []
        self._forgotten_s = 0.0
        self._now_s = 0.0

    def observe(self, event: ev.AnyEvent) -> None:
        """Take an event, in the order of the log."""
        if event.channel != self.channel:
            return
        self._now_s = max(self._now_s, event.at_s)
        match event:
            case ev.Words():
                self.source = event.source
                self._add(event.words)
            case ev.WordsCorrected():
                self.source = event.source
                self._correct(event)
            case ev.WordsMissed():
                self._missed.append(UnknownSpan(start_s=event.start_s, end_s=event.end_s, why=event.why))
                self._join_missed()
            case ev.FilledPause():
                for values, value in zip(
                    self._heard, (event.start_s, event.end_s, event.confidence), strict=True
                ):
                    values.append(value)
            case ev.PauseEnded():
                self._pauses.add(event.start_s - event.silence_s, event.start_s)
                self._begin(event.start_s)
            case ev.SpeechStarted():
                self._begin(event.start_s)
            case ev.PauseStarted() | ev.MuteStarted():
                self._end(event.start_s)
            case ev.AudioLost() if event.end_s - event.start_s >= LEAST_LOSS_S:
                self._lost.add(event.start_s, event.end_s)

    def transcript(self, measures: ChannelMeasures | None = None) -> Transcript:
        """Return the transcript so far.

        Parameters
        ----------
        measures : of this speaker over the session, for the pace by syllables.
        """
        running = [] if self._speaking_since_s is None else [Span(self._speaking_since_s, self._now_s)]
        speech, lost = merged([*self._speech.spans(), *running]), merged(self._lost.spans())
        words = drop_inventions(self._words, merged([*speech, *lost]))
        heard = sorted(HeardPause(*values) for values in zip(*self._heard, strict=True))
        fused = fuse(words, [one for one in heard if one.start_s >= self._forgotten_s], self._least)
        unknown = unknown_spans(self._unknown(), lost)
        gone = merged([Span(one.start_s, one.end_s) for one in unknown])
        known = without(speech, gone)
        pauses_s = sum(
            min(LONGEST_PAUSE_S, pause.end_s - pause.start_s) for pause in without(self._pauses.spans(), gone)
        )
        spoken_s = length_s(speech)
        pace = word_pace(
            fused.words,
            length_s(known) + pauses_s,
            length_s(known) / spoken_s if spoken_s else 0.0,
            measures,
        )
        return Transcript(
            fused.words, unknown, source=self.source, filled_pauses=fused.filled_pauses, pace=pace
        )

    # --- inside ----------------------------------------------------------------

    def _add(self, words: list[Word]) -> None:
        for word in words:
            insort(self._words, word, key=_start)
        more = len(self._words) - self._most
        if more > 0:
            self._forgotten_s = self._words[more].start_s
            del self._words[:more]

    def _correct(self, event: ev.WordsCorrected) -> None:
        """Put words in the place of those whose middle lies in the span; nothing there was missed then."""
        low = bisect_left(self._words, event.start_s - _LONGEST_WORD_S, key=_start)
        high = bisect_left(self._words, event.end_s, key=_start)
        kept = [
            word
            for word in self._words[low:high]
            if not event.start_s <= (word.start_s + word.end_s) / 2 <= event.end_s
        ]
        self._words[low:high] = kept
        span = [Span(event.start_s, event.end_s)]
        self._missed = [
            UnknownSpan(start_s=left.start_s, end_s=left.end_s, why=one.why)
            for one in self._missed
            for left in without([Span(one.start_s, one.end_s)], span)
        ]
        self._add(event.words)

    def _join_missed(self) -> None:
        """Make one of the last two missed spans where they touch: hours without a recogniser take no room."""
        if len(self._missed) < 2:
            return
        before, last = self._missed[-2:]
        if before.why == last.why and before.start_s <= last.start_s <= before.end_s:
            end_s = max(before.end_s, last.end_s)
            self._missed[-2:] = [UnknownSpan(start_s=before.start_s, end_s=end_s, why=last.why)]

    def _unknown(self) -> list[UnknownSpan]:
        if not self._forgotten_s:
            return self._missed
        return [*self._missed, UnknownSpan(start_s=0.0, end_s=self._forgotten_s, why="busy")]

    def _begin(self, start_s: float) -> None:
        if self._speaking_since_s is not None:  # audio was lost in between, or the other side had the floor
            self._end(self._lost.last_start_s(self._speaking_since_s, start_s))
        self._speaking_since_s = start_s

    def _end(self, end_s: float) -> None:
        if self._speaking_since_s is not None:
            self._speech.add(self._speaking_since_s, end_s)
            self._speaking_since_s = None


_LONGEST_WORD_S = 5.0
"""No word is longer."""


def _start(word: Word) -> float:
    return word.start_s


class _Spans:
    """Spans in order of their adding, two numbers each."""

    def __init__(self) -> None:
        self._starts, self._ends = array("d"), array("d")

    def add(self, start_s: float, end_s: float) -> None:
        if end_s > start_s:
            self._starts.append(start_s)
            self._ends.append(end_s)

    def spans(self) -> list[Span]:
        return [Span(*span) for span in zip(self._starts, self._ends, strict=True)]

    def last_start_s(self, after_s: float, before_s: float) -> float:
        """Start of the last span if it lies within a stretch of time; else that stretch's end."""
        start_s = self._starts[-1] if self._starts else before_s
        return start_s if after_s <= start_s < before_s else before_s
