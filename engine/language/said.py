"""The words of one speaker while they speak: those of the last minutes, and how far they are known.

What cues and drills listen to. :mod:`engine.language.builder` makes the transcript of a whole take.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from engine.protocol.events import AnyEvent, Evidence, Word, Words, WordsCorrected, WordsMissed

KEPT_S = 600.0
"""Words of this time are kept, an answer of ten minutes."""

CONTEXT_S = 12.0
"""What comes after a word may change what it is found as for so long."""

BORDER_S = 3.0
"""Words so near to where a search begins lack what came before them: their old findings stay."""

MOST_WORDS = 3000
"""And so many, whatever times a recogniser gives them."""


class Said:
    """Words of one speaker, in order of time, and how far they are known.

    Parameters
    ----------
    channel : whose words; of any where None, for who gets one speaker's events alone.

    Attributes
    ----------
    words : those of the last :data:`KEPT_S`.
    known_s : stream time up to which words are known; 0 before any came.
    seq : place of the newest event of words in the order.
    count : rises with each event of words.
    """

    def __init__(self, channel: int | None = None) -> None:
        self.channel = channel
        self.words: list[Word] = []
        self.known_s = 0.0
        self.seq = 0
        self.count = 0
        self._missed: list[tuple[float, float]] = []

    def observe(self, event: AnyEvent) -> bool:
        """Take an event; return whether it changed what is known of the speaker's words."""
        if not isinstance(event, Words | WordsCorrected | WordsMissed):
            return False
        if self.channel is not None and event.channel != self.channel:
            return False
        if isinstance(event, WordsMissed):
            self._missed.append((event.start_s, event.end_s))
        else:
            if isinstance(event, WordsCorrected):
                span = event.start_s, event.end_s
                self.words = [one for one in self.words if not span[0] <= _middle_s(one) <= span[1]]
                self._missed = [one for one in self._missed if one[0] < span[0] or one[1] > span[1]]
            self.words = sorted([*self.words, *event.words], key=_start_s)[-MOST_WORDS:]
        self.known_s = max(self.known_s, event.end_s)
        self.seq, self.count = event.seq, self.count + 1
        self._forget(self.known_s - KEPT_S)
        return True

    def since(self, start_s: float) -> Sequence[Word]:
        """Return the words that begin at a time or later."""
        return self.words[bisect_left(self.words, start_s, key=_start_s) :]

    def newest(self, searched_s: float, least_s: float) -> tuple[Sequence[Word], float]:
        """Return the words to search again, and from when on what is found in them replaces what was.

        Parameters
        ----------
        searched_s : up to when the words were searched before.
        least_s : time before which nothing matters any more.
        """
        since_s = searched_s - CONTEXT_S
        if since_s <= least_s:
            return self.since(least_s), least_s
        return self.since(since_s), since_s + BORDER_S

    def missed(self, start_s: float) -> bool:
        """Whether any words since a time were missed: then what wasn't heard may have been said."""
        return any(end_s > start_s for _, end_s in self._missed)

    @property
    def missed_until_s(self) -> float:
        """End of the newest span whose words were missed; 0 where none were."""
        return max((end_s for _, end_s in self._missed), default=0.0)

    def evidence(
        self, value: float, unit: str, threshold: float, start_s: float, words: Sequence[Word]
    ) -> Evidence:
        """Return evidence from the newest words; its confidence is the mean of theirs."""
        sure = sum(word.confidence for word in words) / len(words) if words else 0.0
        return Evidence(
            measure="words",
            value=round(value, 4),
            unit=unit,
            threshold=threshold,
            window_s=(round(max(0.0, start_s), 4), self.known_s),
            confidence=round(min(1.0, sure), 4),
            seq=self.seq,
        )

    def _forget(self, before_s: float) -> None:
        if self.words and self.words[0].start_s < before_s:
            self.words = list(self.since(before_s))
        if self._missed and self._missed[0][1] < before_s:
            self._missed = [one for one in self._missed if one[1] >= before_s]


def _start_s(word: Word) -> float:
    return word.start_s


def _middle_s(word: Word) -> float:
    return (word.start_s + word.end_s) / 2
