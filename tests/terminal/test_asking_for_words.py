"""Words are asked for with each connection, and only of a server that can recognise them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import numpy as np
import pytest

from clients.terminal.session import NO_WORDS, ask_for_words, once_ready
from clients.whip.publisher import Publisher
from engine.errors import UsageError
from engine.media.resample import Samples
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


async def blocks(count: int) -> AsyncIterator[Samples]:
    for n in range(count):
        yield np.full(320, n, np.float32)


async def test_nothing_is_sent_before_the_server_is_ready_and_nothing_is_left_out_then() -> None:
    ready = asyncio.Event()
    source = once_ready(ready, blocks(3))
    first = asyncio.ensure_future(anext(source))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not first.done()
    ready.set()
    assert [(await first)[0], *[block[0] async for block in source]] == [0, 1, 2]


async def test_a_server_that_says_nothing_of_words_hears_what_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("clients.terminal.session.READY_S", 0.01)
    assert [block[0] async for block in once_ready(asyncio.Event(), blocks(2))] == [0, 1]
