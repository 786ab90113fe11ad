"""The recognition process: speakers fed from their taps, and what happens when it is slow, breaks or dies."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import numpy as np
import psutil
import pytest

from dsp.frame import RATE_HZ
from engine.core.sample_tap import SampleTap
from engine.language.transcript import Transcript
from engine.media.resample import Samples
from engine.protocol.words import Word
from engine.speech import process as process_module
from engine.speech.child_process import ChildProcess
from engine.speech.process import NoReview, RecognitionProcess
from engine.speech.recogniser import Corrected, Final, Missed, Mode, Partial, Result
from engine.speech.worker import NICE
from tests.harness.calls import PATIENCE_S, until
from tests.harness.loudness_recogniser import (
    NAME,
    REFUSED,
    LoudnessRecogniser,
    importable,
    open_breaking,
    open_dying,
    open_loudness,
    open_mending,
    open_once_breaking,
    open_slow,
    recipe,
    sent_samples,
)

Opener = Callable[[Mode], LoudnessRecogniser]


class Listener:
    """Keeps what it is told; ``told`` has what all of several are told, in order."""

    def __init__(self, told: list[tuple[Listener, Result]] | None = None) -> None:
        self.results: list[Result] = []
        self._told = [] if told is None else told
        self.interruptions: list[tuple[float, float]] = []
        self.failed: list[str] = []
        self.source = ""

    def recognised(self, results: list[Result], source: str) -> None:
        self.results += results
        self._told += [(self, one) for one in results]
        self.source = source

    def interrupted(self, start_s: float, end_s: float) -> None:
        self.interruptions.append((start_s, end_s))

    def recognition_failed(self, why: str) -> None:
        self.failed.append(why)

    @property
    def words(self) -> list[Word]:
        return [word for one in self.results if isinstance(one, Final) for word in one.words]

    @property
    def corrected(self) -> list[Corrected]:
        return [one for one in self.results if isinstance(one, Corrected)]

    @property
    def missed(self) -> list[Missed]:
        return [one for one in self.results if isinstance(one, Missed)]


@asynccontextmanager
async def begun(opener: Opener = open_loudness) -> AsyncIterator[RecognitionProcess]:
    with importable():
        process = RecognitionProcess(recipe(opener))
        try:
            yield process
        finally:
            await process.close()


def loud(seconds: float) -> Samples:
    return np.full(round(seconds * RATE_HZ), 0.1, np.float32)


def silent(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE_HZ), np.float32)


async def test_words_have_the_times_of_the_stream_whatever_it_began_with() -> None:
    async with begun() as process:
        tap, listener = SampleTap(), Listener()
        stream = process.open(tap, "live", listener)
        at = 5 * RATE_HZ
        for block in np.split(np.concatenate([silent(1), loud(1), silent(1), loud(0.25)]), 13):
            tap.push(0, at, block)
            at += block.size
        process.finish(stream)
        await asyncio.wait_for(stream.done.wait(), PATIENCE_S)
    starts = [word.start_s for word in listener.words]
    assert starts == pytest.approx([6.1, 6.6, 8.1])
    assert [word.text for word in listener.words] == ["loud"] * 3
    assert listener.source == NAME
    assert not listener.missed
    assert not listener.failed
    finals = [one for one in listener.results if isinstance(one, Final)]
    assert [one.known_s for one in finals] == pytest.approx([6.5, 7.0, 8.25])


async def test_speakers_are_kept_apart_and_what_never_arrived_is_missed() -> None:
    async with begun() as process:
        taps, listeners = (SampleTap(), SampleTap()), (Listener(), Listener())
        streams = [process.open(tap, "live", one) for tap, one in zip(taps, listeners, strict=True)]
        taps[0].push(0, 0, loud(1))
        taps[0].push(0, 2 * RATE_HZ, loud(0.5))
        taps[1].push(1, 0, silent(1))
        taps[1].push(1, RATE_HZ, loud(0.5))
        for stream in streams:
            process.finish(stream)
            await asyncio.wait_for(stream.done.wait(), PATIENCE_S)
    assert [word.start_s for word in listeners[0].words] == pytest.approx([0.1, 0.6, 2.1])
    assert listeners[0].missed == [Missed(1.0, 2.0, "lost")]
    assert [word.start_s for word in listeners[1].words] == pytest.approx([1.1])
    assert not listeners[1].missed


async def test_no_sample_is_sent_of_a_speaker_who_was_not_opened_or_is_dropped() -> None:
    with sent_samples() as sent:
        async with begun() as process:
            asked, other, listener = SampleTap(), SampleTap(), Listener()
            stream = process.open(asked, "live", listener)
            other.push(0, 0, loud(1))
            asked.push(0, 0, loud(1))
            await until(lambda: len(listener.words) == 2)
            process.drop(stream)
            asked.push(0, RATE_HZ, loud(1))
            third = process.open(SampleTap(), "live", Listener())
            process.finish(third)
            await asyncio.wait_for(third.done.wait(), PATIENCE_S)
            assert (asked.waiting(0), other.waiting(0)) == (RATE_HZ, RATE_HZ)
            assert len(listener.words) == 2
    assert sent == {stream.number: RATE_HZ}


async def test_a_process_that_is_killed_is_begun_again_and_what_it_missed_is_told() -> None:
    async with begun() as process:
        tap, listener = SampleTap(), Listener()
        process.open(tap, "live", listener)
        tap.push(0, 0, loud(1.25))
        await until(lambda: len(listener.words) == 2)
        first = process.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await until(lambda: bool(listener.interruptions))
        tap.push(0, 5 * RATE_HZ // 4, loud(1))
        await until(lambda: len(listener.words) == 4)
        assert process.pid != first
        assert process.restarts == 1
        (span,) = listener.interruptions
        assert span == pytest.approx((0.99, 1.25))
        assert [word.start_s for word in listener.words] == pytest.approx([0.1, 0.6, 1.35, 1.85])
        assert not listener.failed


async def test_corrections_of_what_was_lost_with_the_process_do_not_come() -> None:
    async with begun(open_mending) as process:
        tap, listener = SampleTap(), Listener()
        stream = process.open(tap, "live", listener)
        process.set_correcting(stream, True)
        tap.push(0, 0, loud(2))
        await until(lambda: len(listener.words) == 4)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        await until(lambda: bool(listener.interruptions))
        tap.push(0, 2 * RATE_HZ, loud(2))
        process.finish(stream)
        await asyncio.wait_for(stream.done.wait(), PATIENCE_S)
        assert stream.settled.is_set()
    assert len(listener.words) in (4, 8)  # what was under way when the speaker was done is lost, too
    assert all(one.start_s >= 2 for one in listener.corrected)


async def test_the_last_words_are_told_before_their_corrections() -> None:
    async with begun(open_mending) as process:
        tap, listener = SampleTap(), Listener()
        stream = process.open(tap, "live", listener)
        process.set_correcting(stream, True)
        tap.push(0, 0, loud(2))
        process.finish(stream)
        await asyncio.wait_for(stream.settled.wait(), PATIENCE_S)
        assert len(listener.words) == 4
        await asyncio.wait_for(stream.done.wait(), PATIENCE_S)
    assert [[word.text for word in one.words] for one in listener.corrected] == [["louder"]] * 2
    assert [one.words[0].start_s for one in listener.corrected] == pytest.approx([0.6, 1.6])


async def test_a_process_that_dies_again_and_again_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_module, "RESTART_S", (0.0, 0.0))
    async with begun(open_dying) as process:
        tap, listener = SampleTap(), Listener()
        stream = process.open(tap, "live", listener)
        tap.push(0, 0, loud(0.5))
        await until(lambda: bool(listener.failed))
        assert stream.done.is_set()
        assert process.restarts == 2
    assert listener.interruptions == [(0.0, 0.5)]


async def test_one_that_cannot_be_started_is_said_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_module, "RESTART_S", (0.0, 0.0))
    async with begun() as process:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "executable", "/nowhere/python")
            process._child = ChildProcess(process, process_module.WORKER, [])
            first = Listener()
            process.open(SampleTap(), "live", first)
            await until(lambda: first.failed == ["the recogniser could not be started"])
        names = (process.recipe.recogniser, process.recipe.review, process.recipe.embedder)
        process._child = ChildProcess(process, process_module.WORKER, names)
        tap, second = SampleTap(), Listener()
        process.open(tap, "live", second)
        tap.push(0, 0, loud(0.5))
        await until(lambda: len(second.words) == 1)


async def test_a_recogniser_that_breaks_ends_no_other_and_is_begun_again() -> None:
    async with begun(open_once_breaking) as process:
        tap, listener = SampleTap(), Listener()
        stream = process.open(tap, "live", listener)
        for n in range(8):
            tap.push(0, n * RATE_HZ // 2, loud(0.5))
        process.finish(stream)
        await asyncio.wait_for(stream.done.wait(), PATIENCE_S)
        assert process.restarts == 0
    assert [one.why for one in listener.missed] == ["failed"]
    (missed,) = listener.missed
    assert missed.end_s == pytest.approx(1.5)
    assert [word.start_s for word in listener.words] == pytest.approx([0.1, 0.6, 1.6, 2.1, 2.6, 3.1, 3.6])


async def test_one_that_breaks_always_is_given_up_with_a_reason() -> None:
    async with begun(open_breaking) as process:
        tap, listener = SampleTap(), Listener()
        stream = process.open(tap, "live", listener)
        tap.push(0, 0, loud(3))
        await asyncio.wait_for(stream.done.wait(), PATIENCE_S)
    assert listener.failed == ["the recogniser failed 3 times"]


async def test_what_there_is_no_time_for_is_dropped_the_oldest_first_and_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(process_module, "MOST_IN_FLIGHT", RATE_HZ)
    async with begun(open_slow) as process:
        tap, listener = SampleTap(4 * RATE_HZ), Listener()
        stream = process.open(tap, "live", listener)
        for n in range(20):  # seconds: twenty at once, of which the tap holds four
            tap.push(0, n * RATE_HZ, loud(1))
        tap.push(0, 20 * RATE_HZ, loud(0.5))
        process.finish(stream)
        await asyncio.wait_for(stream.done.wait(), PATIENCE_S)
    assert [one.why for one in listener.missed] == ["busy"]
    (missed,) = listener.missed
    assert (missed.start_s, missed.end_s) == pytest.approx((0.0, 17.0))
    assert listener.words[0].start_s == pytest.approx(17.1)


async def test_a_speaker_for_afterwards_costs_the_live_ones_no_time() -> None:
    async with begun(open_slow) as process:
        told: list[tuple[Listener, Result]] = []
        later, live = Listener(told), Listener(told)
        first_tap, second_tap = SampleTap(), SampleTap()
        first = process.open(first_tap, "afterwards", later)
        first_tap.push(0, 0, loud(5))
        second = process.open(second_tap, "live", live)
        second_tap.push(0, 0, loud(1))
        await until(lambda: len(live.words) == 2)
        finals = [listener for listener, one in told if isinstance(one, Final)]
        before = finals[: max(place for place, listener in enumerate(finals) if listener is live)]
        assert before.count(later) < 4
        process.finish(second)
        process.finish(first)
        await asyncio.wait_for(first.done.wait(), PATIENCE_S)
        assert len(later.words) == 10
        assert not any(isinstance(one, Partial) for one in later.results)


async def test_a_mode_changes_between_two_words() -> None:
    async with begun() as process:
        tap, listener = SampleTap(), Listener()
        stream = process.open(tap, "live", listener)
        tap.push(0, 0, loud(1))
        await until(lambda: len(listener.words) == 2)
        process.set_mode(stream, "phrase")
        tap.push(0, RATE_HZ, loud(1.25))
        process.finish(stream)
        await asyncio.wait_for(stream.done.wait(), PATIENCE_S)
    assert [word.start_s for word in listener.words] == pytest.approx([0.1, 0.6, 1.1, 1.6, 2.1])


async def test_an_answer_is_reviewed_in_the_process_or_it_says_why_not() -> None:
    async with begun() as process:
        with pytest.raises(NoReview, match="not running"):
            await process.review(Transcript.of_text("We cut it in half."), "What?")
        tap, listener = SampleTap(), Listener()
        process.open(tap, "live", listener)
        tap.push(0, 0, loud(0.5))
        await until(lambda: bool(listener.words))
        made = await process.review(Transcript.of_text("We cut it in half."), "What?")
        assert (made.question, made.measures.words, made.source) == ("What?", 5, "text")
        with pytest.raises(NoReview, match="ValueError"):
            await process.review(Transcript.of_text("We."), REFUSED)
        pid = process.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        waiting = asyncio.ensure_future(process.review(Transcript.of_text("We."), "What?"))
        await asyncio.sleep(0)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(NoReview, match="died"):
            await waiting


async def test_it_stands_back_reports_its_cost_and_ends_with_its_owner() -> None:
    async with begun() as process:
        tap, listener = SampleTap(), Listener()
        process.open(tap, "live", listener)
        tap.push(0, 0, loud(0.5))
        await until(lambda: bool(listener.words))
        assert process.pid is not None
        child = psutil.Process(process.pid)
        assert child.nice() >= min(19, psutil.Process().nice() + NICE)
        await until(lambda: process.cpu_s > 0)
    assert not child.is_running()
    assert process.cpu_s > 0


OWNER = """
import asyncio
import numpy as np
from engine.core.sample_tap import SampleTap
from engine.speech.process import RecognitionProcess
from tests.harness.loudness_recogniser import recipe
from tests.speech.test_process import Listener

async def main():
    process, tap, listener = RecognitionProcess(recipe()), SampleTap(), Listener()
    process.open(tap, "live", listener)
    tap.push(0, 0, np.full(8000, 0.1, np.float32))
    while not listener.words:
        await asyncio.sleep(0.02)
    print(process.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def test_it_ends_when_its_owner_is_killed() -> None:
    with importable():
        owner = subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True)
    try:
        assert owner.stdout is not None
        child = psutil.Process(int(owner.stdout.readline()))
    finally:
        owner.kill()
        owner.communicate()
    gone, alive = psutil.wait_procs([child], timeout=PATIENCE_S)
    assert (gone, alive) == ([child], [])
