"""Words in live calls: only when asked for, only to who said them, and a review at the end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import psutil
import pytest

from engine.media.resample import Samples
from engine.media.voices.synthesis import SpeechSynthesizer
from engine.protocol import events as ev
from engine.protocol import messages
from engine.server.sessions import session_words
from engine.server.sessions.words_service import BUSY_TEXTS
from engine.speech.process import RecognitionProcess
from engine.speech.recogniser import Mode
from tests.harness.calls import PATIENCE_S, Page, Server, browser, next_message, noise, running, until
from tests.harness.loudness_recogniser import (
    NAME,
    REFUSED,
    LoudnessRecogniser,
    importable,
    open_loudness,
    open_mending,
    recipe,
    sent_samples,
    unhurried_words,
)
from tests.server.http.test_metrics import read, value

TEXT = "The meeting went well and we agreed on the next steps for the whole team."
QUESTION = "What did you agree on?"


Opener = Callable[[Mode], LoudnessRecogniser]


@asynccontextmanager
async def served(
    opener: Opener = open_loudness, **settings: object
) -> AsyncIterator[tuple[Server, RecognitionProcess]]:
    with importable(), unhurried_words():
        recognition = RecognitionProcess(recipe(opener))
        async with running(recognition=recognition, **settings) as server:
            yield server, recognition


@asynccontextmanager
async def talking(page: Page, samples: Samples) -> AsyncIterator[None]:
    """Let someone talk again and again."""

    async def talk() -> None:
        while True:
            await page.speak(samples)

    task = asyncio.create_task(talk())
    try:
        yield
    finally:
        task.cancel()


async def rest(page: Page) -> list[messages.ToClient]:
    """Everything up to the last message."""
    said = []
    async with asyncio.timeout(PATIENCE_S):
        while True:
            said.append(await page.messages.get())
            if isinstance(said[-1], messages.Ended):
                return said


def say(page: Page, message: messages.FromClient) -> None:
    page.channel.send(messages.encode(message))


async def test_who_does_not_ask_has_no_sample_leave_and_who_asks_gets_words_and_a_review(
    voice: SpeechSynthesizer,
) -> None:
    speech = voice.synthesize(TEXT)
    with sent_samples() as sent:
        async with served() as (server, recognition):
            silent, page = Page(), Page()
            hello = await silent.call(server.address)
            assert hello.words
            await page.call(server.address)
            async with talking(silent, speech), talking(page, speech):
                await silent.next(ev.PauseStarted)
                assert (sent, recognition.pid) == ({}, None)
                say(page, messages.SetQuestion(question=QUESTION))
                say(page, messages.SetWords(on=True, language="en-IN"))
                assert await page.next(messages.WordsState) == messages.WordsState(mode="live", why="")
                assert (await page.next(messages.PartialWords)).text == "lou"
                words = await page.next(ev.Words)
                assert words.source == NAME
                assert words.end_s <= words.at_s
                assert await page.next(ev.Words)
            say(page, messages.End())
            say(silent, messages.End())
            *_, summary, review, ended = await rest(page)
            assert isinstance(summary, messages.Summary)
            assert isinstance(review, messages.Review)
            assert isinstance(ended, messages.Ended)
            assert ended.reason == "asked"
            assert review.review.question == QUESTION
            assert len(review.review.words) >= 2
            assert review.review.words[0] == words.words[0]
            others = await rest(silent)
            wrong = ev.Words | ev.WordsMissed | messages.PartialWords | messages.Review | messages.WordsState
            assert not [one for one in others if isinstance(one, wrong)]
    assert len(sent) == 1


async def test_a_recogniser_killed_in_mid_answer_is_unknown_not_silence_and_the_session_goes_on(
    voice: SpeechSynthesizer,
) -> None:
    async with served() as (server, recognition):
        page = Page()
        await page.call(server.address)
        async with talking(page, voice.synthesize(TEXT)):
            say(page, messages.SetWords(on=True))
            before = await page.next(ev.Words)
            first = recognition.pid
            assert first is not None
            os.kill(first, signal.SIGKILL)
            missed = await page.next(ev.WordsMissed)
            assert missed.why == "failed"
            assert missed.start_s >= before.start_s
            after = await page.next(ev.Words)
            assert after.start_s >= missed.end_s - 0.1
            assert recognition.pid != first
            await page.next(ev.Reading)
        say(page, messages.End())
        review = await page.next(messages.Review)
        (unknown,) = [one for one in review.review.unknown if one.why == "failed"]
        assert (unknown.start_s, unknown.end_s) == pytest.approx((missed.start_s, missed.end_s), abs=0.01)
        assert server.hub.counts.words_missed_s["failed"] > 0
        assert server.hub.words.process.restarts == 1


async def test_only_the_speaker_and_who_has_the_key_gets_words(voice: SpeechSynthesizer) -> None:
    async with served() as (server, _):
        page = Page()
        await page.call(server.address)
        async with server.watch(page.session) as watcher, server.watch(page.session) as owner:
            await owner.send(json.dumps({"type": "set_words", "on": True}))
            assert (await next_message(owner, "error"))["code"] == "not_allowed"
            await owner.send(json.dumps({"type": "authorize", "key": page.key}))
            await owner.send(json.dumps({"type": "set_words", "on": True}))
            assert (await next_message(owner, "words_state"))["mode"] == "live"
            assert (await page.next(messages.WordsState)).mode == "live"
            async with talking(page, voice.synthesize(TEXT)):
                told = await next_message(owner, "words")
                assert (await page.next(ev.Words)).seq == told["seq"]
            say(page, messages.End())
            await next_message(owner, "review")
            seen: set[str] = set()
            while "ended" not in seen:
                seen.update(one["type"] for one in json.loads(await watcher.recv()))
            assert "summary" in seen
            assert seen.isdisjoint({"words", "partial_words", "words_missed", "review", "words_state"})


async def test_words_go_on_after_a_reload_and_the_review_has_those_from_before(
    voice: SpeechSynthesizer,
) -> None:
    speech = voice.synthesize(TEXT)
    async with served() as (server, _):
        page = Page()
        await page.call(server.address)
        say(page, messages.SetWords(on=True))
        async with talking(page, speech):
            before = await page.next(ev.Words)
        again = Page()
        assert (await again.call(server.address, token=page.token)).resumed
        assert (await again.next(messages.WordsState)).mode == "live"
        async with talking(again, speech):
            after = await again.next(ev.Words)
        say(again, messages.End())
        review = (await again.next(messages.Review)).review
        starts = [word.start_s for word in review.words]
        assert before.words[0].start_s in starts
        assert after.words[0].start_s in starts
        await again.connection.close()


async def test_live_words_are_corrected_while_there_is_room_and_before_the_review(
    voice: SpeechSynthesizer,
) -> None:
    async with served(open_mending) as (server, _):
        page = Page()
        await page.call(server.address)
        say(page, messages.SetWords(on=True))
        async with talking(page, voice.synthesize(TEXT)):
            better = await page.next(ev.WordsCorrected)
        assert [word.text for word in better.words] == ["louder"]
        assert better.end_s <= better.at_s
        say(page, messages.End())
        review = (await page.next(messages.Review)).review
        assert {"loud", "louder"} == {word.text for word in review.words}


async def test_off_stops_at_once_and_forgets(voice: SpeechSynthesizer) -> None:
    with sent_samples() as sent:
        async with served() as (server, _):
            page = Page()
            await page.call(server.address)
            say(page, messages.SetWords(on=True))
            async with talking(page, voice.synthesize(TEXT)):
                await page.next(ev.Words)
                say(page, messages.SetWords(on=False))
                while (await page.next(messages.WordsState)).mode != "off":
                    pass
                before = dict(sent)
                for _ in range(4):
                    await page.next(ev.Reading)
                assert sent == before
            say(page, messages.End())
            after = await rest(page)
            assert not [one for one in after if isinstance(one, ev.Words | messages.Review)]


async def fetched(server: Server) -> httpx.Response:
    async with browser() as client:
        return await client.get(f"{server.address}metrics")


def broken(page: Page, recognition: RecognitionProcess) -> None:
    say(page, messages.SetQuestion(question=REFUSED))


def stopped(page: Page, recognition: RecognitionProcess) -> None:
    assert recognition.pid is not None
    os.kill(recognition.pid, signal.SIGSTOP)  # it answers no more: neither words nor a review


@pytest.mark.parametrize(("how", "why"), [(broken, "ValueError"), (stopped, "too long")])
async def test_a_review_that_cannot_be_had_is_said_to_be_missing(
    voice: SpeechSynthesizer,
    monkeypatch: pytest.MonkeyPatch,
    how: Callable[[Page, RecognitionProcess], None],
    why: str,
) -> None:
    async with served() as (server, recognition):
        if how is stopped:
            monkeypatch.setattr(session_words, "LAST_WORDS_S", 1.0)
            monkeypatch.setattr(session_words, "REVIEW_S", 1.0)
        page = Page()
        await page.call(server.address)
        say(page, messages.SetWords(on=True))
        async with talking(page, voice.synthesize(TEXT)):
            await page.next(ev.Words)
        how(page, recognition)
        say(page, messages.End())
        *_, summary, state, ended = await rest(page)
        assert isinstance(summary, messages.Summary)
        assert isinstance(state, messages.WordsState)
        assert state.mode == "unavailable"
        assert why in state.why
        assert isinstance(ended, messages.Ended)


async def test_a_busy_server_takes_words_first_says_so_and_still_gives_a_review(
    voice: SpeechSynthesizer,
) -> None:
    async with served() as (server, _):
        page = Page()
        await page.call(server.address)
        say(page, messages.SetWords(on=True))
        async with talking(page, voice.synthesize(TEXT)):
            assert (await page.next(messages.WordsState)).mode == "live"
            await page.next(ev.Words)
            server.hub.words._budget._cores = 0.1  # less than live words need, more than words by phrase
            state = await page.next(messages.WordsState)
            assert state == messages.WordsState(mode="phrase", why=BUSY_TEXTS["phrase"])
            load = server.hub.load
            load._max_cores = 0.0
            state = await page.next(messages.WordsState)
            assert state == messages.WordsState(mode="afterwards", why=BUSY_TEXTS["afterwards"])
            metrics = read((await fetched(server)).text)
            assert value(metrics, "words_speakers", mode="afterwards") == 1
            assert value(metrics, "helper_cpu_seconds_total", helper="recognition") > 0
            assert value(metrics, "words_total") >= 1
            await until(lambda: server.hub.helpers.cpu["recognition"] > 0)
            assert load.helpers_cpu == 0, "what words cost keeps no call away"
        say(page, messages.End())
        review = (await page.next(messages.Review)).review
        assert len(review.words) > 2
        assert not review.unknown


async def test_a_server_without_words_says_so() -> None:
    async with served(words=False) as (server, recognition):
        page = Page()
        assert not (await page.call(server.address)).words
        async with talking(page, noise(1.0)):
            say(page, messages.SetWords(on=True))
            state = await page.next(messages.WordsState)
            assert (state.mode, state.why) == ("unavailable", "This server doesn't recognise words.")
            await page.next(ev.Reading)
        assert recognition.pid is None
        say(page, messages.End())
        assert not [one for one in await rest(page) if isinstance(one, messages.Review)]


async def test_a_server_that_stops_makes_no_one_wait_for_a_review(voice: SpeechSynthesizer) -> None:
    async with served() as (server, recognition):
        page = Page()
        await page.call(server.address)
        say(page, messages.SetWords(on=True))
        async with talking(page, voice.synthesize(TEXT)):
            await page.next(ev.Words)
            assert recognition.pid is not None
            child = psutil.Process(recognition.pid)
            closing = asyncio.create_task(server.hub.close())
            *_, state, ended = await rest(page)
            await closing
        assert isinstance(state, messages.WordsState)
        assert "stopping" in state.why
        assert isinstance(ended, messages.Ended)
        await until(lambda: not child.is_running())
