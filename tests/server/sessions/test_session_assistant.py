"""The assistant of a session: nothing is sent before its speaker agrees; advice comes after the review."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from engine.assistant.client import Assistant
from engine.assistant.endpoint import Endpoint
from engine.language.transcript import Transcript
from engine.media.voices.synthesis import SpeechSynthesizer
from engine.protocol import messages
from engine.protocol.review import AnswerReview
from engine.server.sessions.live_core import SoloCore
from engine.server.sessions.session_assistant import FAILED, SessionAssistant
from engine.shipped.profiles import load
from engine.speech.process import RecognitionProcess
from tests.harness.calls import Page, Server, next_message, running
from tests.harness.chat_server import Request, Response, chat_server, completion
from tests.harness.inline_recognition import InlineRecognition, SpokenOwner
from tests.harness.loudness_recogniser import importable, recipe
from tests.harness.reviews import REVIEW

GOOD = {
    "advice": "Say “forty minutes” first.",
    "example": "",
    "quotes": ["forty minutes"],
    "follow_ups": ["Why?"],
}


def answered(_request: Request) -> Response:
    return completion(json.dumps(GOOD))


class Reviewing(InlineRecognition):
    """Reviews anything as the same answer."""

    async def review(self, transcript: Transcript, question: str) -> AnswerReview:
        return REVIEW


@asynccontextmanager
async def importable_server(url: str) -> AsyncIterator[Server]:
    with importable():
        async with running(
            recognition=RecognitionProcess(recipe()), assistant=Endpoint.parse(url, "small")
        ) as server:
            yield server


def owner(url: str) -> SpokenOwner:
    found = SpokenOwner(SoloCore(load("conversation")), Reviewing())
    found.words.assistant = SessionAssistant(Assistant(Endpoint.parse(url, "small")))
    found.words.switch(True)
    return found


async def test_nothing_is_sent_before_the_speaker_agrees() -> None:
    async with chat_server(answered) as server:
        speaker = owner(server.url)
        await speaker.words.tell_review()
        assert server.requests == []
    assert [type(one) for one in speaker.told] == [messages.WordsState, messages.Review]


async def test_advice_follows_the_review_of_who_agreed() -> None:
    async with chat_server(answered) as server:
        speaker = owner(server.url)
        speaker.words.assistant.agreed = True
        await speaker.words.tell_review()
        (request,) = server.requests
    *_, review, advised = speaker.told
    assert isinstance(review, messages.Review)
    assert isinstance(advised, messages.Advised)
    assert advised.why == ""
    assert advised.advice is not None
    assert advised.advice.advice == GOOD["advice"]
    sent = json.loads(request.json["messages"][1]["content"].split("\n")[1])
    assert sent["answer"] == " ".join(word.text for word in REVIEW.words)


async def test_an_assistant_that_fails_is_said_to_and_costs_nothing_else(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with chat_server(lambda _: Response(503)) as server:
        speaker = owner(server.url)
        speaker.words.assistant.agreed = True
        await speaker.words.tell_review()
    advised = speaker.told[-1]
    assert isinstance(advised, messages.Advised)
    assert advised.advice is None
    assert "HTTP 503" in advised.why
    assert speaker.counts.reviews["made"] == 1
    assert caplog.text == ""


async def test_a_fault_of_ours_logs_no_word(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fails(self: Assistant, question: str, words: object) -> None:
        raise ZeroDivisionError("Our nightly job")

    monkeypatch.setattr(Assistant, "advise", fails)
    assistant = SessionAssistant(Assistant(Endpoint.parse("http://127.0.0.1:1/v1")))
    assistant.agreed = True
    assert await assistant.advise(REVIEW) == messages.Advised(channel=0, advice=None, why=FAILED)
    assert "ZeroDivisionError" in caplog.text
    assert "nightly" not in caplog.text


async def test_a_server_without_one_names_no_host_and_advises_nobody() -> None:
    assistant = SessionAssistant(None)
    assistant.agreed = True
    assert assistant.host == ""
    assert await assistant.advise(REVIEW) is None


async def test_in_a_call_the_host_is_named_and_only_who_may_command_can_agree(
    voice: SpeechSynthesizer,
) -> None:
    async with chat_server(answered) as chat, importable_server(chat.url) as server:
        page = Page()
        hello = await page.call(server.address)
        assert hello.assistant == chat.url.removeprefix("http://").removesuffix("/v1")
        async with server.watch(page.session) as watcher:
            await watcher.send(json.dumps({"type": "set_assistant", "on": True}))
            assert (await next_message(watcher, "error"))["code"] == "not_allowed"
        for message in (messages.SetWords(on=True), messages.SetAssistant(on=True)):
            page.channel.send(messages.encode(message))
        await page.next(messages.WordsState)
        await page.speak(voice.synthesize("It went well."))
        page.channel.send(messages.encode(messages.End()))
        advised = await page.next(messages.Advised)
        assert advised.advice is None
        assert "too few words" in advised.why
        await page.next(messages.Ended)
        assert chat.requests == []
