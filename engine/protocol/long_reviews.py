"""Long reviews in several messages: a browser takes no message over 256 KiB on a data channel."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from .messages import Review, ReviewWords
from .words import Word

MOST_WORDS = 400
"""Words of one message: 36 KB, three minutes of talk."""


def split(review: Review) -> Iterator[ReviewWords | Review]:
    """Yield the messages of a review: first words before it, :data:`MOST_WORDS` in each, then the rest."""
    words = review.review.words
    last = max(0, len(words) - 1) // MOST_WORDS * MOST_WORDS
    for start in range(0, last, MOST_WORDS):
        yield ReviewWords(channel=review.channel, words=words[start : start + MOST_WORDS])
    yield replace(review, review=replace(review.review, words=words[last:])) if last else review


class ReviewJoiner:
    """Makes one review of the messages of :func:`split`."""

    def __init__(self) -> None:
        self._words: list[Word] = []

    def join(self, message: ReviewWords | Review) -> Review | None:
        """Take the next message; return the review once it is whole."""
        if isinstance(message, ReviewWords):
            self._words += message.words
            return None
        words, self._words = self._words, []
        return replace(message, review=replace(message.review, words=[*words, *message.review.words]))
