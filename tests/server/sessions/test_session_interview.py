"""An interview in a live call: made ready, begun, heard, stopped."""

from __future__ import annotations

import asyncio

import pytest

from engine.media.resample import Samples
from engine.media.voices.practice_answer import PassageSpan
from engine.protocol import events as ev
from engine.protocol import messages
from engine.shipped.drills import bank
from engine.shipped.interview import lines
from tests.harness.calls import running
from tests.harness.drills import Listening


async def test_an_interview_greets_asks_and_ends_with_its_card(
    answer: tuple[Samples, list[PassageSpan]],
) -> None:
    async with running() as server:
        page = Listening()
        await page.call(server.address, query="?hear=1")
        speaking = asyncio.create_task(page.speak(answer[0]))
        page.say(type="prepare_interview", style="ethics", questions=1, level="hard", seed=3)
        ready = await page.next(messages.DrillReady)
        assert (ready.drill, ready.title, ready.level) == ("interview", "Interview: ethics", "hard")
        page.say(type="begin_drill")
        assert (await page.next(ev.DrillStarted)).steps == 1
        assert (await page.next(ev.DrillSound)).say in lines().greeting
        question = await page.next(ev.DrillSound)
        assert question.say in {one.text for one in bank().questions if one.style == "ethics"}
        page.say(type="stop_drill")
        ended = await page.next(ev.DrillEnded)
        assert ended.stopped
        assert ended.card.events == []
        speaking.cancel()
        await page.close()


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"questions": 2, "minutes": 5}, "send one of the two"),
        ({"questions": 13}, "not understood"),
        ({"minutes": 0.1}, "not understood"),
        ({"style": "small talk"}, "not understood"),
    ],
)
async def test_an_interview_that_cannot_be_is_refused(wanted: dict[str, object], said: str) -> None:
    async with running() as server:
        page = Listening()
        await page.call(server.address, query="?hear=1")
        page.say(type="prepare_interview", **wanted)
        assert said in (await page.next(messages.Error)).message
        await page.close()


async def test_a_watcher_cannot_have_an_interview_begun() -> None:
    async with running() as server:
        page = Listening()
        await page.call(server.address)
        page.say(type="prepare_interview")
        assert "/whip?hear=1" in (await page.next(messages.Error)).message
        await page.close()
