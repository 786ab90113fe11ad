"""Whether another's view is named."""

from __future__ import annotations

import itertools

import pytest

from engine.language.other_view import find_other_views
from engine.language.transcript import Transcript

NAMED = [
    "I understand that you are worried about the budget but this pays for itself",
    "you're right that it is slower at first and I would still do it",
    "from her point of view the change came out of nowhere",
    "that's a fair point and I would want the same",
    "I asked him what he was afraid of and he told me",
    "they were afraid that nobody would need them any more",
    "some people would say that nobody is harmed by it",
    "if I were you I would want proof before I believe it",
]

OWN = [
    "I think we should do it because it is the right thing to do",
    "we shipped the new page and people used it from the first day",
    "they moved the meeting to Monday and we had the numbers by then",
    "you can see on the second page how it went down over the year",
]


@pytest.mark.parametrize("text", NAMED)
def test_what_the_other_thinks_wants_or_fears_is_named(text: str) -> None:
    (found, *_) = find_other_views(Transcript.of_text(f"so this was in spring {text}").words)
    assert 0 <= found.start < found.end <= len(text.split()) + 5
    assert found.confidence >= 0.5


@pytest.mark.parametrize("text", OWN)
def test_ones_own_view_and_what_happened_is_none(text: str) -> None:
    assert find_other_views(Transcript.of_text(text).words) == []


def test_each_is_found_once_with_words_that_follow() -> None:
    words = Transcript.of_text("I see why you worry and that's a fair point about the release in May").words
    found = find_other_views(words)
    assert found[0].start == 0
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
    assert find_other_views([]) == []
