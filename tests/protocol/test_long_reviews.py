"""Long reviews: in several messages that any data channel takes, and whole again at the other end."""

from __future__ import annotations

import pytest

from engine.language.transcript import Transcript
from engine.protocol import messages
from engine.protocol.long_reviews import MOST_WORDS, ReviewJoiner, split
from tests.harness.loudness_recogniser import review

BROWSER_BYTES = 65_536


@pytest.mark.parametrize("words", [0, 1, MOST_WORDS, MOST_WORDS + 1, 2 * MOST_WORDS, 3 * MOST_WORDS + 7])
def test_a_review_comes_back_whole(words: int) -> None:
    made = review(Transcript.of_text(f"understanding{n}" for n in range(words)), "What?", None)
    whole = messages.Review(channel=0, review=made)
    sent = list(split(whole))
    assert len(sent) == max(1, -(-words // MOST_WORDS))
    texts = [messages.encode(message) for message in sent]
    assert max(map(len, texts)) < BROWSER_BYTES
    joiner = ReviewJoiner()
    received = messages.decode_batch(messages.batch(texts))
    joined = [joiner.join(one) for one in received if isinstance(one, messages.ReviewWords | messages.Review)]
    assert joined == [None] * (len(sent) - 1) + [whole]


def test_another_review_begins_without_the_words_of_the_last_one() -> None:
    joiner = ReviewJoiner()
    for words in (MOST_WORDS + 5, 3):
        made = review(Transcript.of_text("word " * words), "", None)
        *_, last = map(joiner.join, split(messages.Review(channel=0, review=made)))
        assert last is not None
        assert len(last.review.words) == words
