"""Every kind of session arrives in the record as a take, with what was allowed and nothing more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from dsp.frame import RATE_HZ
from engine.media.resample import Samples
from engine.media.voices.practice_answer import PassageSpan
from engine.media.voices.synthesis import SpeechSynthesizer
from engine.programme.exercise_scores import TOO_LITTLE as NO_SCORE
from engine.protocol import events as ev
from engine.protocol import messages
from engine.protocol.kept import Kept
from engine.protocol.new_take import LEAST_SPEECH_S
from engine.protocol.take import Take
from engine.server.sessions.session_take import TOO_LITTLE
from engine.speech.process import RecognitionProcess
from tests.harness.calls import PATIENCE_S, Page, Server, give_up_soon, running
from tests.harness.drills import ASKS, Listening
from tests.harness.loudness_recogniser import (
    RARE,
    importable,
    open_rare,
    quoting_review,
    recipe,
    unhurried_words,
)
from tests.harness.ogg_sound import level, packets_of, sound_of
from tests.harness.record import EVERYTHING, FIGURES, allow, ask, every_byte, takes
from tests.harness.rooms import made, post, say, seated, stands

TEXT = "The meeting went well and we agreed on the next steps for the whole team."
SPOKEN = RARE.encode()
"""The word that the recogniser of these tests hears in everything, and its review quotes everywhere."""

SOUND = (b"OggS", b"OpusHead")


@pytest.fixture(scope="module")
def speech(voice: SpeechSynthesizer) -> Samples:
    return voice.synthesize(TEXT)[: 5 * RATE_HZ // 2]


@asynccontextmanager
async def served(folder: Path, *, words: bool = False, **settings: object) -> AsyncIterator[Server]:
    with importable(), unhurried_words():
        recognition = RecognitionProcess(recipe(open_rare, quoting_review)) if words else None
        async with running(recognition=recognition, record="me", store=str(folder), **settings) as server:
            yield server


def tell(page: Page, message: messages.FromClient) -> None:
    page.channel.send(messages.encode(message))


async def end(page: Page) -> list[messages.ToClient]:
    """What is said at the end, from the summary on."""
    tell(page, messages.End())
    said: list[messages.ToClient] = [await page.next(messages.Summary)]
    async with asyncio.timeout(PATIENCE_S):
        while not isinstance(said[-1], messages.Ended):
            said.append(await page.messages.get())
    return said


async def spoken(server: Server, speech: Samples, *wanted: messages.FromClient) -> list[messages.ToClient]:
    """What the end of a session says in which somebody spoke."""
    page = Page()
    await page.call(server.address)
    for message in wanted:
        tell(page, message)
    await page.speak(speech)
    if any(isinstance(one, messages.SetWords) for one in wanted):
        await page.next(ev.Words)
    return await end(page)


def kinds(said: list[messages.ToClient]) -> list[str]:
    return [type(one).__name__ for one in said]


async def test_nothing_is_kept_nor_said_of_it_until_somebody_allows_it(
    tmp_path: Path, speech: Samples
) -> None:
    async with served(tmp_path) as server:
        assert kinds(await spoken(server, speech)) == ["Summary", "Ended"]
        assert (await ask(server, "GET", "record")).json() == {
            "possible": True,
            "why": "",
            "kept": None,
            "problem": "",
        }
        await allow(server, FIGURES)
        (one,) = [one for one in await spoken(server, speech) if isinstance(one, messages.TakeKept)]
        (kept,) = await takes(server, 1)
        assert (kept.id, kept.kind, kept.profile) == (one.take, "talk", "conversation")
        assert kept.begun_at.utcoffset() is not None
        assert kept.measures is not None
        assert kept.measures.speech_s > 1


async def test_sound_that_is_not_ones_own_is_measured_and_not_kept(tmp_path: Path, speech: Samples) -> None:
    async with served(tmp_path) as server:
        await allow(server, EVERYTHING)
        page = Page()
        await page.call(server.address, query="?keep=0")
        await page.speak(speech)
        said = await end(page)
        assert kinds(said) == ["Summary", "Ended"]
        assert isinstance(said[0], messages.Summary)
        assert said[0].measures[0].speech_s > 1
        assert await takes(server, 0) == []
    assert not list((tmp_path / "sound").glob("[!.]*"))


async def test_figures_only_are_figures_only_down_to_the_bytes(tmp_path: Path, speech: Samples) -> None:
    async with served(tmp_path, words=True) as server:
        await allow(server, FIGURES)
        said = await spoken(
            server,
            speech,
            messages.SetWords(on=True),
            messages.SetQuestion(
                question="What did you agree on?", purpose="baseline:background", story="s1"
            ),
        )
        assert kinds(said) == ["Summary", "Review", "TakeKept", "Ended"]
        assert isinstance(said[2], messages.TakeKept)
        assert said[2].kept == Kept(figures=True)
        (kept,) = await takes(server, 1)
        assert (kept.kind, kept.question) == ("question", "What did you agree on?")
        assert (kept.purpose, kept.story) == ("baseline:background", "s1")
        assert kept.kept == Kept(figures=True)
        assert (kept.review, kept.sound) == (None, None)
        assert kept.word_measures is not None
        assert kept.word_measures.words >= 1
        assert [part.part for part in kept.parts] == ["situation"]
        assert [(one.what, one.value, one.unit) for one in kept.found] == [("headline", 1.0, "s")]
        assert (await ask(server, "GET", f"record/takes/{kept.id}/sound")).status_code == 404
    everything = every_byte(tmp_path)
    assert kept.id.encode() in everything
    for trace in (SPOKEN, *SOUND):
        assert trace not in everything
    assert not list((tmp_path / "sound").glob("[!.]*"))


async def test_words_and_sound_come_with_the_take_where_they_are_allowed(
    tmp_path: Path, speech: Samples
) -> None:
    async with served(tmp_path, words=True) as server:
        await allow(server, EVERYTHING)
        said = await spoken(server, speech, messages.SetWords(on=True))
        (review,) = [one for one in said if isinstance(one, messages.Review)]
        (kept,) = await takes(server, 1)
        assert kept.kept == Kept(figures=True, words=True, sound=True)
        assert kept.review == review.review
        assert kept.sound is not None
        file = await ask(server, "GET", f"record/takes/{kept.id}/sound")
        assert (file.status_code, file.headers["content-type"]) == (200, "audio/ogg")
        assert len(file.content) == kept.sound.size
        sound = sound_of(file.content)
        assert speech.size / RATE_HZ - 0.2 < sound.size / RATE_HZ < kept.duration_s + 0.3
        assert level(sound) > 0.01
        assert len(packets_of(file.content)) > 50
        await allow(server, FIGURES, past=True)
        (kept,) = await takes(server, 1)
        assert (kept.review, kept.sound) == (None, None)
        assert (await ask(server, "GET", f"record/takes/{kept.id}/sound")).status_code == 404
    everything = every_byte(tmp_path)
    assert not [trace for trace in (SPOKEN, *SOUND) if trace in everything]


async def test_an_exercise_is_scored_with_the_times_of_its_steps(tmp_path: Path, speech: Samples) -> None:
    async with served(tmp_path) as server:
        await allow(server, FIGURES)
        said = await spoken(
            server,
            speech,
            messages.SetQuestion(question="", purpose="exercise:one_breath"),
            messages.SetStep(place=0),
            messages.SetStep(place=1, speaks=True),
        )
        assert kinds(said) == ["Summary", "ExerciseScored", "TakeKept", "Ended"]
        assert isinstance(said[1], messages.ExerciseScored)
        assert (said[1].score.score, said[1].score.note) == (None, NO_SCORE)
        (kept,) = await takes(server, 1)
        assert kept.kind == "exercise"
        assert kept.exercise is not None
        assert kept.exercise.exercise == "one_breath"
        assert [(step.place, step.speaks) for step in kept.exercise.steps] == [(0, False), (1, True)]
        assert kept.exercise.steps[0].end_s == kept.exercise.steps[1].start_s
        assert kept.exercise.steps[1].end_s > 1.0


async def test_a_drill_comes_with_its_card(tmp_path: Path, answer: tuple[Samples, list[PassageSpan]]) -> None:
    drills = tmp_path / "drills"
    drills.mkdir()
    (drills / "asks.toml").write_text(ASKS)
    async with served(tmp_path / "record", drills=str(drills)) as server:
        await allow(server, FIGURES)
        page = Listening()
        await page.call(server.address, query="?hear=1")
        speaking = asyncio.create_task(page.speak(answer[0]))
        page.say(type="prepare_drill", drill="asks", level="gentle", seed=3)
        ready = await page.next(messages.DrillReady)
        page.say(type="begin_drill")
        await page.next(ev.DrillStarted)
        while (await page.next(ev.Reading)).at_s < 3 * LEAST_SPEECH_S:
            pass
        page.say(type="stop_drill")
        card = (await page.next(ev.DrillEnded)).card
        await end(page)
        speaking.cancel()
        (kept,) = await takes(server, 1)
        assert (kept.kind, kept.card, kept.question) == ("drill", card, ready.question)
        assert kept.title == f"{card.title}, gentle"


async def test_in_a_call_each_side_is_its_own_and_one_person_has_one_side(
    tmp_path: Path, speech: Samples, voice: SpeechSynthesizer
) -> None:
    other_speech = voice.synthesize("Nobody may keep what I say, as nobody has asked me.")
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(served(tmp_path, words=True))
        await allow(server, EVERYTHING)
        room, seat = await made(server, "interview", "candidate")
        mine = await stack.enter_async_context(seated(server, room, seat))
        other_seat = (await post(server, f"rooms/{room}/seats")).json()["seat"]
        theirs = await stack.enter_async_context(seated(server, room, other_seat))
        for socket in (mine, theirs):
            await say(socket, "agree", analysed=True)
        await stands(mine, call=1)
        me, friend = Page(), Page()
        for page, place in ((me, seat), (friend, other_seat)):
            await page.call(server.address, seat=place)
            tell(page, messages.SetWords(on=True))
        await say(theirs, "ask", text="What did you agree on?")
        await asyncio.gather(me.speak(speech), friend.speak(other_speech))
        await me.next(ev.Words)
        said = [await end(me), await end(friend)]
        assert [("TakeKept" in kinds(one), "TakeNotKept" in kinds(one)) for one in said] == [
            (True, False),
            (False, False),
        ]
        (kept,) = await takes(server, 1)
        assert (kept.kind, kept.question) == ("call", "What did you agree on?")
        (review,) = [one.review for one in said[0] if isinstance(one, messages.Review)]
        assert kept.review == review
        assert kept.measures is not None
        assert kept.measures.talk_share is not None
        sound = sound_of((await ask(server, "GET", f"record/takes/{kept.id}/sound")).content)
        assert sound.size / RATE_HZ <= kept.duration_s + 0.3


async def test_beside_a_call_the_other_program_is_never_kept(tmp_path: Path, speech: Samples) -> None:
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(served(tmp_path))
        await allow(server, EVERYTHING)
        granted = (await post(server, "rooms", mode="beside", role="partner")).json()
        mine = await stack.enter_async_context(seated(server, granted["room"], granted["seat"]))
        await say(mine, "agree", analysed=True)
        while not (await stands(mine))["people"][0]["agreed"]:
            pass
        page, other = Page(), Page()
        await page.call(server.address, seat=granted["seat"])
        await other.call(server.address, seat=granted["beside"])
        await asyncio.gather(page.speak(speech), other.speak(speech))
        assert kinds(await end(other)) == ["Summary", "Ended"]
        assert "TakeKept" in kinds(await end(page))
        (kept,) = await takes(server, 1)
        assert kept.kind == "beside"


async def test_silence_is_no_take_and_it_is_said(tmp_path: Path) -> None:
    async with served(tmp_path) as server:
        await allow(server, EVERYTHING)
        page = Page()
        await page.call(server.address)
        said = await end(page)
        assert [one for one in said if isinstance(one, messages.TakeNotKept)] == [
            messages.TakeNotKept(why=TOO_LITTLE)
        ]
        assert (await ask(server, "GET", "record/takes")).json() == {"takes": [], "more": False}


async def test_a_speaker_who_is_gone_has_their_take_and_review_nevertheless(
    tmp_path: Path, speech: Samples
) -> None:
    async with served(tmp_path, words=True) as server:
        await allow(server, EVERYTHING)
        page = Page()
        await page.call(server.address)
        tell(page, messages.SetWords(on=True))
        await page.speak(speech)
        await page.next(ev.Words)
        await page.vanish()
        give_up_soon(server, page, stall_s=1.0, resume_s=0.5)
        async with asyncio.timeout(PATIENCE_S):
            while (await takes(server, 1))[0].review is None:
                pass
        (kept,) = await takes(server, 1)
        assert kept.review is not None
        assert kept.review.words


async def test_what_is_taken_back_in_mid_session_is_not_kept(tmp_path: Path, speech: Samples) -> None:
    async with served(tmp_path) as server:
        await allow(server, EVERYTHING)
        page = Page()
        await page.call(server.address)
        await page.speak(speech)
        (session,) = server.hub.sessions
        assert session.take._sound.size > 1000
        await allow(server, FIGURES)
        await page.speak(speech[:8000])
        await page.next(ev.Reading)
        assert session.take._sound.size == 0
        await end(page)
        (kept,) = await takes(server, 1)
        assert (kept.kept, kept.sound) == (Kept(figures=True), None)


async def test_what_was_measured_so_far_is_there_and_is_taken_back_when_nothing_may_be_kept(
    tmp_path: Path, speech: Samples
) -> None:
    async with served(tmp_path) as server:
        await allow(server, FIGURES)
        page = Page()
        await page.call(server.address)
        await page.speak(speech)
        (so_far,) = await takes(server, 1)
        assert (so_far.kind, so_far.kept) == ("talk", Kept(figures=True))
        assert so_far.measures is not None
        (session,) = server.hub.sessions
        assert session.take._id == so_far.id
        await allow(server, dict.fromkeys(FIGURES, False))
        async with asyncio.timeout(PATIENCE_S):
            while (await ask(server, "GET", "record/takes")).json()["takes"]:
                pass
        assert kinds(await end(page)) == ["Summary", "Ended"]
        assert (await ask(server, "GET", "record/takes")).json()["takes"] == []
    assert so_far.id.encode() not in every_byte(tmp_path)


async def test_a_server_that_stops_keeps_what_goes_on(tmp_path: Path, speech: Samples) -> None:
    async with served(tmp_path) as server:
        await allow(server, FIGURES)
        page = Page()
        await page.call(server.address)
        await page.speak(speech)
        await page.next(ev.Reading)
    async with served(tmp_path) as server:
        (kept,) = await takes(server, 1)
        assert isinstance(kept, Take)
        assert kept.kind == "talk"
