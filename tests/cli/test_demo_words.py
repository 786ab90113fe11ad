"""What the demo prints of words: quietly as they come, and the review at the end."""

from __future__ import annotations

import json

import pytest

from clients.cli.demo import _Json, _Text
from engine.protocol import events as ev
from engine.protocol import messages
from tests.harness.reviews import REVIEW
from tests.harness.scripted_recogniser import said

WORDS = said("it went [b]live[/b] early", 65.0)
TOLD: tuple[messages.ToClient, ...] = (
    messages.WordsState(mode="phrase", why="The server is busy."),
    ev.Words(words=WORDS, start_s=65.0, end_s=66.5, confidence=0.9, source="scripted"),
    messages.PartialWords(text="not yet", start_s=67.0),
    messages.Review(channel=0, review=REVIEW),
)


def test_for_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    show = _Text()
    for message in TOLD:
        show.message(message)
    out = capsys.readouterr().out
    lines = out.splitlines()
    assert lines[:2] == ["words come at each pause: The server is busy.", "1:05  it went [b]live[/b] early"]
    assert "not yet" not in out
    assert "Next time: Say the result first." in out


def test_for_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    show = _Json()
    for message in TOLD:
        show.message(message)
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["type"] for one in found] == ["words_state", "words", "review"]
    assert found[2]["review"]["try_next"] == REVIEW.try_next
