from __future__ import annotations

import pytest

from clients.terminal.heard_words import KEPT, UNKNOWN, HeardWords
from engine.protocol import events as ev
from engine.protocol import messages
from tests.harness.scripted_recogniser import said


def words(text: str, start_s: float) -> ev.Words:
    spoken = said(text, start_s)
    return ev.Words(words=spoken, start_s=start_s, end_s=spoken[-1].end_s, confidence=0.9, source="scripted")


def test_final_words_take_the_place_of_partial_ones() -> None:
    heard = HeardWords()
    heard.observe(messages.PartialWords(text="we cat", start_s=0.5))
    assert heard.line(40) == ("", "we cat")
    heard.observe(words("we cut", 0.5))
    assert heard.line(40) == ("we cut", "")


def test_corrected_words_replace_those_of_their_span() -> None:
    heard = HeardWords()
    heard.observe(words("we cat it", 0.5))
    better = said("cut", 0.9)
    heard.observe(
        ev.WordsCorrected(words=better, start_s=0.85, end_s=1.28, confidence=0.9, source="scripted")
    )
    assert heard.line(40) == ("we cut it", "")


def test_what_was_missed_leaves_a_gap() -> None:
    heard = HeardWords()
    heard.observe(words("we cut", 0.5))
    heard.observe(ev.WordsMissed(start_s=1.3, end_s=4.0, why="busy", confidence=1.0, source="scripted"))
    heard.observe(words("in half", 4.0))
    assert heard.line(40) == (f"we cut {UNKNOWN} in half", "")


def test_other_messages_are_none_of_its_business() -> None:
    assert not HeardWords().observe(messages.Pong(id=1))


@pytest.mark.parametrize("width", [8, 20, 60])
def test_a_line_is_never_wider_and_shows_the_newest(width: int) -> None:
    heard = HeardWords()
    heard.observe(words("one two three four five six seven eight nine ten", 0.0))
    heard.observe(messages.PartialWords(text="eleven", start_s=9.0))
    final, partial = heard.line(width)
    assert partial == "eleven"
    assert len(f"{final} {partial}".strip()) <= width
    assert "one two three four five six seven eight nine ten".endswith(final.lstrip("…"))


def test_no_more_is_kept_than_can_be_shown() -> None:
    heard = HeardWords()
    for n in range(50):
        heard.observe(words("and so it goes", 2.0 * n))
    assert len(heard.line(10_000)[0].split()) == KEPT
