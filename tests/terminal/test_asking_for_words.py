"""Words are asked for with each connection, and only of a server that can recognise them."""

from __future__ import annotations

from typing import cast

import pytest

from clients.terminal.session import NO_WORDS, ask_for_words
from clients.whip.publisher import Publisher
from engine.errors import UsageError
from engine.protocol.messages import FromClient, Hello, SetAssistant, SetQuestion, SetWords


class Call:
    """What is sent in it."""

    def __init__(self) -> None:
        self.sent: list[FromClient] = []

    def send(self, message: FromClient) -> None:
        self.sent.append(message)


def asked(hello: Hello, question: str) -> list[FromClient]:
    call = Call()
    ask_for_words(cast(Publisher, call), hello, question)
    return call.sent


def hello(*, words: bool) -> Hello:
    return Hello(
        version=2,
        session="s",
        profile="conversation",
        cues=[],
        channels=1,
        at_s=0.0,
        resumed=False,
        words=words,
    )


def test_words_and_their_question_are_asked_for() -> None:
    assert asked(hello(words=True), "Why?") == [SetWords(on=True), SetQuestion(question="Why?")]
    assert asked(hello(words=True), "") == [SetWords(on=True)]


def test_only_who_agreed_has_words_sent_to_an_assistant() -> None:
    call = Call()
    ask_for_words(cast(Publisher, call), hello(words=True), "", advice=True)
    assert call.sent == [SetWords(on=True), SetAssistant(on=True)]


def test_a_server_that_cannot_is_refused_with_what_to_do() -> None:
    with pytest.raises(UsageError) as caught:
        asked(hello(words=False), "")
    assert str(caught.value) == NO_WORDS
    assert "pip install 'sottovoce[words]'" in NO_WORDS
