"""Drills in a live call: made ready, heard, stopped, and what goes wrong."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import numpy as np
import pytest

from dsp.frame import RATE_HZ
from engine.errors import DrillError, UsageError
from engine.media.resample import Samples
from engine.media.voices.practice_answer import PassageSpan
from engine.protocol import events as ev
from engine.protocol import messages
from engine.server.sessions.drill_library import DrillLibrary
from engine.shipped.drills import shipped
from tests.harness.calls import PATIENCE_S, Page, browser, give_up_soon, running, until
from tests.harness.drills import ASKS, Listening, correlation


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "asks.toml").write_text(ASKS)
    return tmp_path


def loudest(parts: list[Samples]) -> float:
    """Largest sample of what was heard; 0 of nothing."""
    return max((float(np.abs(part).max()) for part in parts), default=0.0)


async def test_a_drill_is_made_ready_begun_heard_and_stopped(
    folder: Path, answer: tuple[Samples, list[PassageSpan]]
) -> None:
    async with running(drills=str(folder)) as server:
        page = Listening()
        await page.call(server.address, query="?hear=1")
        speaking = asyncio.create_task(page.speak(answer[0]))
        page.say(type="prepare_drill", drill="asks", level="gentle", seed=3)
        ready = await page.next(messages.DrillReady)
        assert (ready.drill, ready.level, ready.seed, ready.steps) == ("asks", "gentle", 3, 2)
        assert ready.question.startswith("What did you do there")
        page.say(type="begin_drill")
        assert (await page.next(ev.DrillStarted)).title == "Asks"
        sound = await page.next(ev.DrillSound)
        assert sound.say == ready.question
        begun = len(page.heard)
        noise = await page.next(ev.DrillSound)
        assert noise.sound == "murmur"
        clip = server.hub.library.clips.speech("interviewer", ready.question)
        await until(lambda: sum(part.size for part in page.heard[begun:]) > clip.size + RATE_HZ // 2)
        assert correlation(np.concatenate(page.heard), clip) > 0.9
        page.say(type="lower_distractions", db=-60.0)
        await until(lambda: loudest(page.heard[-5:]) < 0.002)
        before = len(page.heard)
        await until(lambda: len(page.heard) >= before + 15)
        assert loudest(page.heard[before:]) < 0.002
        page.say(type="lower_distractions", db=0.0)
        await until(lambda: loudest(page.heard[-1:]) > 0.002)
        page.say(type="stop_drill")
        ended = await page.next(ev.DrillEnded)
        assert ended.stopped
        assert [one.do for one in ended.card.events] == ["ask", "distraction"]
        count = -1
        async with asyncio.timeout(PATIENCE_S):
            while loudest(page.heard[count:]) > 0.002 or count < 0:
                count = len(page.heard)
                await asyncio.sleep(0.3)
        murmured = sum(part.size for part in page.heard[begun:]) - clip.size
        assert murmured < 25 * RATE_HZ, "the murmur would go on for half a minute"
        speaking.cancel()
        await page.close()


async def test_what_cannot_be_done_is_answered(folder: Path) -> None:
    async with running(drills=str(folder)) as server:
        page = Listening()
        await page.call(server.address, query="?hear=1")
        for message, said in (
            ({"type": "prepare_drill", "drill": "none"}, "no drill 'none'; there are angry-client"),
            ({"type": "prepare_drill", "drill": "asks", "level": "cruel"}, "not understood"),
            ({"type": "begin_drill"}, "no drill is ready"),
            ({"type": "lower_distractions", "db": 3}, "not understood"),
        ):
            page.say(**message)
            assert said in (await page.next(messages.Error)).message
        page.say(type="stop_drill")
        page.say(type="prepare_drill", drill="asks")
        page.say(type="prepare_drill", drill="asks")
        assert "is being prepared" in (await page.next(messages.Error)).message
        await page.next(messages.DrillReady)
        page.say(type="begin_drill")
        await page.next(ev.DrillStarted)
        page.say(type="prepare_drill", drill="asks")
        await page.next(messages.DrillReady)
        page.say(type="begin_drill")
        assert "goes on already" in (await page.next(messages.Error)).message
        await page.close()


@pytest.mark.parametrize(("kind", "query"), [(Page, "?hear=1"), (Listening, "")])
async def test_who_cannot_hear_gets_no_drill(folder: Path, kind: type[Page], query: str) -> None:
    async with running(drills=str(folder)) as server:
        page = kind()
        await page.call(server.address, query=query)
        assert "a=recvonly" in (page.response.text if page.response else "")
        page.channel.send('{"type": "prepare_drill", "drill": "asks"}')
        assert "sendrecv" in (await page.next(messages.Error)).message
        await page.connection.close()


async def test_a_lost_connection_ends_the_drill_and_its_card_is_kept(
    folder: Path, answer: tuple[Samples, list[PassageSpan]]
) -> None:
    async with running(drills=str(folder)) as server:
        page = Listening()
        await page.call(server.address, query="?hear=1")
        page.say(type="prepare_drill", drill="asks")
        await page.next(messages.DrillReady)
        page.say(type="begin_drill")
        speaking = asyncio.create_task(page.speak(answer[0][: 16_000 * 4]))
        await page.next(ev.DrillSound)
        await speaking
        token = page.token
        await page.vanish()
        give_up_soon(server, page, stall_s=1.0)
        (session,) = server.hub.sessions
        await until(lambda: session.connection is None)
        give_up_soon(server, page, stall_s=600.0)
        again = Listening()
        hello = await again.call(server.address, token=token, query="?hear=1")
        assert hello.resumed
        card = await again.next(ev.DrillEnded)
        assert card.stopped
        assert card.card.drill == "asks"
        await again.close()


async def test_the_list_says_what_each_does(folder: Path) -> None:
    async with running(drills=str(folder)) as server, browser() as client:
        offers = (await client.get(f"{server.address}drills")).json()
    assert {offer["name"] for offer in offers} == {*shipped(), "asks"}
    for offer in offers:
        assert offer["trains"]
        assert offer["will"].keys() == set(offer["levels"])
        assert all(lines for lines in offer["will"].values())


def test_a_wrong_drill_or_folder_keeps_a_server_from_starting(folder: Path) -> None:
    (folder / "wrong.toml").write_text(ASKS.replace('"ask"', '"bark"'))
    with pytest.raises(DrillError, match=r"wrong.toml, line 7: step.do = 'bark'"):
        DrillLibrary(str(folder))
    with pytest.raises(DrillError, match="no such folder"):
        DrillLibrary(str(folder / "nowhere"))
    with pytest.raises(UsageError, match="no such folder"):
        DrillLibrary(None, str(folder / "nowhere"))


def test_a_recording_that_cannot_be_read_is_named_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "murmur.wav").write_text("nothing")
    with caplog.at_level(logging.WARNING):
        DrillLibrary(None, str(tmp_path))
    assert "murmur.wav" in caplog.text
