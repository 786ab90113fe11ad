"""Hedges, and we and I."""

from __future__ import annotations

import pytest

from engine.language.hedges import count_hedges, find_hedges
from engine.language.pronouns import find_pronouns
from engine.language.transcript import Transcript
from engine.protocol.words import Word


def words(text: str) -> list[Word]:
    return list(Transcript.of_text(text).words)


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("Maybe it rains, I guess.", 2),
        ("We might perhaps be late.", 2),
        ("I think it's probably fine.", 2),
        ("He kind of agreed.", 1),
        ("That kind of bread is good.", 0),
        ("I think about it a lot.", 0),
        ("That is what I think.", 0),
        ("It rained and we stayed at home.", 0),
    ],
)
def test_hedges_are_counted(text: str, n: int) -> None:
    assert count_hedges(words(text)) == n


def test_hedges_have_their_places() -> None:
    said = words("well I guess he might")
    assert [(h.start, h.end) for h in find_hedges(said)] == [(1, 3), (4, 5)]


def test_we_and_i_are_found_with_contractions() -> None:
    pronouns = find_pronouns(words("I'm sure we'll see our house, and mine. Us? Island wives."))
    assert pronouns.i == (0, 7)
    assert pronouns.we == (2, 4, 8)
    assert pronouns.share_of_i == pytest.approx(0.4)


def test_pronouns_are_counted_within_a_span() -> None:
    said = words("I went and we came and I left")
    assert find_pronouns(said, 2, 6).i == ()
    assert find_pronouns(said, 2, 6).we == (3,)


def test_a_share_of_nothing_is_unknown() -> None:
    assert find_pronouns(words("nobody came")).share_of_i is None
