"""Words in a call of two: each side's are their own, and both are told that they are on."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from engine.media.voices.synthesis import SpeechSynthesizer
from engine.protocol import events as ev
from engine.protocol import messages
from engine.server.rooms.room import NOT_ASKED
from engine.speech.process import RecognitionProcess
from tests.harness.calls import PATIENCE_S, Page, running
from tests.harness.loudness_recogniser import importable, recipe, sent_samples, unhurried_words
from tests.harness.rooms import made, post, say, seated, stands

TEXT = "The meeting went well and we agreed on the next steps for the whole team."
WORDS = ev.Words | ev.WordsMissed | messages.PartialWords | messages.Review | messages.WordsState


async def rest(page: Page) -> list[messages.ToClient]:
    """Everything up to the last message."""
    said = []
    async with asyncio.timeout(PATIENCE_S):
        while True:
            said.append(await page.messages.get())
            if isinstance(said[-1], messages.Ended):
                return said


async def test_both_are_told_that_words_are_on_and_only_who_said_them_gets_them(
    voice: SpeechSynthesizer,
) -> None:
    speech = voice.synthesize(TEXT)
    async with AsyncExitStack() as stack:
        sent = stack.enter_context(sent_samples())
        stack.enter_context(importable())
        stack.enter_context(unhurried_words())
        server = await stack.enter_async_context(running(recognition=RecognitionProcess(recipe())))
        room, seat = await made(server, "interview", "interviewer")
        asker = await stack.enter_async_context(seated(server, room, seat))
        other_seat = (await post(server, f"rooms/{room}/seats")).json()["seat"]
        answerer = await stack.enter_async_context(seated(server, room, other_seat))
        for socket in (asker, answerer):
            await say(socket, "agree", analysed=True)
        state = await stands(asker, call=1)
        assert [person["words"] for person in state["people"]] == [False, False]
        interviewer, candidate = Page(), Page()
        for page, place in ((interviewer, seat), (candidate, other_seat)):
            await page.call(server.address, seat=place)

        async def talk(page: Page) -> None:
            while True:
                await page.speak(speech)

        talks = [asyncio.create_task(talk(page)) for page in (interviewer, candidate)]
        candidate.channel.send(messages.encode(messages.SetWords(on=True)))
        assert (await candidate.next(messages.WordsState)).mode == "live"
        for socket in (asker, answerer):
            while not (await stands(socket))["people"][1]["words"]:
                pass
        await say(asker, "ask", text="What did you agree on?")
        words = await candidate.next(ev.Words)
        assert words.channel == 0
        assert len(sent) == 1, "the samples of one side have crossed the border"
        candidate.channel.send(messages.encode(messages.End()))
        review = await candidate.next(messages.Review)
        assert review.channel == 0
        assert review.review.question == "What did you agree on?"
        assert words.words[0] in review.review.words
        interviewer.channel.send(messages.encode(messages.End()))
        told = await rest(interviewer)
        assert any(isinstance(one, ev.Reading) for one in told)
        assert not [one for one in told if isinstance(one, WORDS)]
        for task in talks:
            task.cancel()


async def test_the_words_of_people_in_another_program_are_never_recognised(voice: SpeechSynthesizer) -> None:
    async with AsyncExitStack() as stack:
        sent = stack.enter_context(sent_samples())
        stack.enter_context(importable())
        stack.enter_context(unhurried_words())
        server = await stack.enter_async_context(running(recognition=RecognitionProcess(recipe())))
        granted = (await post(server, "rooms", mode="beside", role="partner")).json()
        mine = await stack.enter_async_context(seated(server, granted["room"], granted["seat"]))
        await say(mine, "agree", analysed=True)
        while not (await stands(mine))["people"][0]["agreed"]:
            pass
        page, other = Page(), Page()
        assert (await page.call(server.address, seat=granted["seat"])).words
        assert not (await other.call(server.address, seat=granted["beside"])).words
        for one in (page, other):
            one.channel.send(messages.encode(messages.SetWords(on=True)))
        assert (await page.next(messages.WordsState)).mode == "live"
        state = await other.next(messages.WordsState)
        assert (state.mode, state.why) == ("unavailable", NOT_ASKED)
        speech = voice.synthesize(TEXT)
        talks = [asyncio.create_task(one.speak(speech)) for one in (page, other)]
        await page.next(ev.Words)
        await asyncio.gather(*talks)
        assert len(sent) == 1
