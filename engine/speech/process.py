"""The recognition process as a server sees it: speakers fed from their taps, words and reviews back.

The process is a child of low priority, which ends with its parent and is begun again when it dies. Nothing
here blocks the event loop. All queues are bounded: of a speaker no more is sent while
:data:`MOST_IN_FLIGHT` samples are under way; what comes meanwhile waits in their tap, which drops the
oldest.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import importlib.util
import logging
import time
from collections.abc import Callable, Coroutine
from typing import Any

from msgspec import Struct

from dsp.frame import RATE_HZ
from engine.core.sample_tap import DroppedSpan, SampleTap, TappedSamples
from engine.errors import SottovoceError
from engine.language.transcript import Transcript
from engine.protocol.review import AnswerReview

from .child_process import ChildProcess
from .recogniser import Mode
from .speech_stream import SpeechListener, SpeechStream
from .wire import (
    Answer,
    AskReview,
    Begin,
    Begun,
    Drop,
    Failed,
    Finish,
    Heard,
    NotReviewed,
    Reviewed,
    Settled,
    Skipped,
    Told,
)

log = logging.getLogger(__name__)

WORKER = "engine.speech.worker"
"""Module that runs in the process."""

PUMP_S = 0.1
"""Interval at which the taps are read."""

MOST_IN_FLIGHT = 2 * RATE_HZ
"""Samples of a speaker that the process was sent and has not taken, above which it is sent no more."""

HANG_S = 60.0
"""A process that has work and answers nothing for so long is killed."""

RESTART_S = (0.0, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Delay before a process is begun again, after so many that died one after the other."""

SOUND_S = 60.0
"""Life of a process from which on its end is taken for an accident."""

IDLE_S = 120.0
"""Time without speakers after which the process ends, to free its memory."""


class Recipe(Struct, frozen=True, kw_only=True):
    """What the process works with: names of functions, as ``module:attribute``."""

    recogniser: str = "engine.speech.open:open_recogniser"
    """Makes a :class:`.recogniser.Recogniser` for a mode."""
    review: str = "engine.language.review:review"
    embedder: str = "engine.speech.meaning:embedder"
    needs: tuple[str, ...] = ("onnxruntime", "moonshine_voice", "wordfreq")
    """Packages without which no words are recognised."""

    def missing(self) -> str | None:
        """Return why no words can be recognised here, as a sentence; None when they can."""
        for name in (self.recogniser.partition(":")[0], *self.needs):
            if importlib.util.find_spec(name) is None:
                return f"{name} is not installed: pip install 'sottovoce[words]'."
        return None


class NoReview(SottovoceError):
    """A review could not be made; says why."""


class RecognitionProcess:
    """The process, begun with the first speaker.

    Parameters
    ----------
    recipe : what it works with.
    """

    name = "recognition"
    """In the metrics of helper processes."""

    def __init__(self, recipe: Recipe | None = None) -> None:
        self.recipe = recipe or Recipe()
        self.restarts = 0
        """Processes that died and were replaced."""
        names = (self.recipe.recogniser, self.recipe.review, self.recipe.embedder)
        self._child = ChildProcess(self, WORKER, names)
        self._streams: dict[int, SpeechStream] = {}
        self._reviews: dict[int, asyncio.Future[AnswerReview]] = {}
        self._numbers = 0
        self._changing = False
        """Whether a process is about to begin, or to end."""
        self._began_s = self._answered_s = self._used_s = 0.0
        self._deaths = 0
        self._pump: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = asyncio.Event()

    # --- for the server -----------------------------------------------------------

    @property
    def cpu_s(self) -> float:
        """Processor time that the process has used so far, with those before it."""
        return self._child.cpu_s

    @property
    def pid(self) -> int | None:
        """Of the process that there is; None without one."""
        return self._child.pid

    @property
    def queue(self) -> int:
        """Speakers of whom a second or more waits, and reviews."""
        return sum(one.waiting_s > 1.0 for one in self._streams.values()) + len(self._reviews)

    def open(self, tap: SampleTap, mode: Mode, listener: SpeechListener) -> SpeechStream:
        """Begin to recognise what a tap, of one channel, gets from now on."""
        self._numbers += 1
        stream = SpeechStream(self._numbers, tap, mode, listener)
        self._streams[stream.number] = stream
        self._child.send(_begin(stream))
        self._wake()
        return stream

    def set_mode(self, stream: SpeechStream, mode: Mode) -> None:
        """Go on in another mode."""
        if stream.number in self._streams and mode != stream.mode:
            stream.mode = mode
            self._feed(stream)
            self._child.send(_begin(stream))

    def set_correcting(self, stream: SpeechStream, on: bool) -> None:
        """Have live words heard again from here on, or no more: then their sound is forgotten."""
        if stream.number in self._streams and on != stream.correcting:
            stream.correcting = on
            self._child.send(_begin(stream))

    def finish(self, stream: SpeechStream) -> None:
        """Send what the tap still holds.

        ``stream.settled`` is set after the last words, ``stream.done`` after their corrections.
        """
        if stream.number not in self._streams or stream.finishing:
            return
        stream.finishing = True
        if self._child.running:
            self._feed(stream)
            self._child.send(Finish(stream.number))
        elif not self._changing:
            self._interrupt(stream, for_good=True)

    def drop(self, stream: SpeechStream) -> None:
        """Forget a speaker: nothing more is sent or told."""
        if stream.number in self._streams:
            self._child.send(Drop(stream.number))
            self._forget(stream)

    async def review(self, transcript: Transcript, question: str) -> AnswerReview:
        """Review an answer in the process.

        Raises
        ------
        NoReview
            It failed, or the process died.
        """
        if not self._child.running:
            raise NoReview("the recogniser is not running")
        self._numbers += 1
        number = self._numbers
        future: asyncio.Future[AnswerReview] = asyncio.get_running_loop().create_future()
        self._reviews[number] = future
        self._child.send(AskReview(number, question, transcript))
        try:
            return await future
        finally:
            del self._reviews[number]

    async def close(self) -> None:
        """End the process; nothing begins any more."""
        self._closing.set()
        if self._pump is not None:
            self._pump.cancel()
        self._give_up("the server is stopping")
        await self._child.stop()
        while self._tasks:
            await asyncio.wait(self._tasks)

    # --- of the child process -------------------------------------------------------

    def connected(self) -> None:
        """Tell the new process of all speakers."""
        self._began_s = self._answered_s = time.monotonic()
        for stream in self._streams.values():
            self._child.send(_begin(stream))
            if stream.finishing:
                self._feed(stream)
                self._child.send(Finish(stream.number))

    def answered(self, answer: Answer) -> None:
        """Take what became known."""
        self._answered_s = time.monotonic()
        if self._answered_s - self._began_s > SOUND_S:
            self._deaths = 0
        if isinstance(answer, Reviewed | NotReviewed):
            future = self._reviews.get(answer.id)
            if future is None or future.done():
                return
            if isinstance(answer, Reviewed):
                future.set_result(answer.review)
            else:
                future.set_exception(NoReview(answer.why))
        elif (stream := self._streams.get(answer.stream)) is not None:
            self._take(stream, answer)

    def died(self) -> None:
        """Tell what is lost with the process, and begin another one."""
        self._deaths += 1
        self.restarts += 1
        log.error("the recognition process died; what it had not told is marked as unknown")
        self._fail_reviews("the recogniser died")
        for stream in list(self._streams.values()):
            self._interrupt(stream, for_good=stream.finishing)
        if self._deaths >= len(RESTART_S):
            self._give_up("the recogniser failed again and again")
        self._changing = True
        self._run(self._end())

    # --- inside ----------------------------------------------------------------------

    def _wake(self) -> None:
        """Have a process, and read the taps from now on."""
        if self._closing.is_set():
            return
        self._used_s = time.monotonic()
        if self._child.pid is None and not self._changing:
            self._changing = True
            self._run(self._start(RESTART_S[min(self._deaths, len(RESTART_S) - 1)]))
        if self._pump is None:
            self._pump = asyncio.get_running_loop().call_later(PUMP_S, self._pump_taps)

    async def _start(self, delay_s: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), delay_s)
        try:
            if not self._closing.is_set():
                await self._child.start()
        except OSError as error:
            log.error("the recognition process could not be started: %s", error)
            self._deaths += 1
            self._give_up("the recogniser could not be started")
            await self._child.stop()
        finally:
            self._changing = False
        if self._closing.is_set():
            await self._child.stop()

    async def _end(self) -> None:
        """End the process, or what is left of it; begin another one where there are speakers."""
        await self._child.stop()
        self._changing = False
        if self._streams:
            self._wake()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work, name="the recognition process")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _take(self, stream: SpeechStream, answer: Answer) -> None:
        match answer:
            case Begun():
                stream.source = answer.source
            case Told():
                stream.take(answer.results, answer.taken, answer.waiting)
                if answer.results:
                    _tell(functools.partial(stream.listener.recognised, answer.results, stream.source))
            case Failed():
                self._forget(stream)
                _tell(functools.partial(stream.listener.recognition_failed, answer.why))
            case Settled():
                stream.note_settled()
            case _:
                self._forget(stream)

    def _interrupt(self, stream: SpeechStream, *, for_good: bool = False) -> None:
        """Tell that what was sent of a speaker since the last words is lost.

        ``for_good``: what waits is lost, too, and the speaker is forgotten.
        """
        if for_good:
            for span in stream.tap.read():
                stream.note_sent(span.start, span.stop)
        lost = stream.interrupt()
        if lost is not None:
            _tell(functools.partial(stream.listener.interrupted, *lost))
        if for_good:
            self._forget(stream)

    def _forget(self, stream: SpeechStream) -> None:
        self._streams.pop(stream.number, None)
        self._used_s = time.monotonic()
        stream.note_done()

    def _fail_reviews(self, why: str) -> None:
        for future in self._reviews.values():
            if not future.done():
                future.set_exception(NoReview(why))

    def _give_up(self, why: str) -> None:
        """Give up all speakers."""
        self._fail_reviews(why)
        for stream in list(self._streams.values()):
            self._interrupt(stream, for_good=True)
            _tell(functools.partial(stream.listener.recognition_failed, why))

    def _pump_taps(self) -> None:
        self._pump = None
        now_s = time.monotonic()
        for stream in self._streams.values():
            if stream.in_flight < MOST_IN_FLIGHT and not stream.finishing:
                self._feed(stream)
        if not self._has_work:
            self._answered_s = now_s
        elif self._child.running and now_s - self._answered_s > HANG_S:
            log.error("the recognition process answers no more; it is killed")
            self._child.kill()
        if self._streams or self._reviews:
            self._used_s = now_s
        elif now_s - self._used_s > IDLE_S:
            self._changing = True
            self._run(self._end())
            return
        self._pump = asyncio.get_running_loop().call_later(PUMP_S, self._pump_taps)

    @property
    def _has_work(self) -> bool:
        streams = self._streams.values()
        return bool(self._reviews) or any(one.waiting_s or one.finishing for one in streams)

    def _feed(self, stream: SpeechStream) -> None:
        """Send what the tap holds of a speaker."""
        if not self._child.running:
            return
        for span in stream.tap.read():
            stream.note_sent(span.start, span.stop)
            if isinstance(span, TappedSamples):
                stream.in_flight += span.samples.size
                self._child.send(Heard(stream.number, span.start, span.samples.tobytes()))
            else:
                busy = isinstance(span, DroppedSpan)
                self._child.send(Skipped(stream.number, span.start, span.stop, busy))


def _begin(stream: SpeechStream) -> Begin:
    return Begin(stream.number, stream.mode, stream.correcting)


def _tell(tell: Callable[[], None]) -> None:
    """Tell a listener; if it fails, log it, so that the others are told."""
    try:
        tell()
    except Exception:
        log.exception("words could not be handed on")
