"""The recognition process: the recognisers of several speakers, and reviews of what was said.

Run by :class:`.process.RecognitionProcess`. One thread: it reads all requests that have come, does one
unit of work, writes what became known, and so on. Long work, on sound that waits for afterwards or is heard
again, stands aside for requests and for what is more urgent. The process ends when its socket does, so with
its parent.
"""

from __future__ import annotations

import functools
import importlib
import os
import select
import socket
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from engine.language.transcript import Transcript
from engine.media.cpu_report import start_reporting
from engine.protocol.review import AnswerReview

from .hosted_speaker import HELD, Abandoned, Broken, HostedSpeaker, Open, plain, report
from .recogniser import Result
from .wire import (
    Answer,
    AskReview,
    Begin,
    Begun,
    Drop,
    Failed,
    Finish,
    Finished,
    Heard,
    Messages,
    NotReviewed,
    Request,
    Reviewed,
    Settled,
    Skipped,
    Told,
    encode,
    requests,
)
from .yielding import standing_aside

NICE = 10
"""Niceness of the process, so that packets come first."""

MOST_BYTES = 1 << 18
"""Bytes that are read at a time."""

MOST_HELD = 4 * HELD
"""Samples of all speakers together that wait to be recognised afterwards: an hour, 115 MB."""

URGENCY = {"live": 0, "phrase": 1, "afterwards": 2}

Review = Callable[[Transcript, str], AnswerReview]


class Worker:
    """Does the work of the process, one unit at a time.

    Parameters
    ----------
    open_recogniser : makes a recogniser for a mode.
    review : reviews an answer.
    prepare : loads what reviews need; called once, when there is a speaker and nothing else to do.

    Attributes
    ----------
    attend : takes the requests that have come, in the middle of long work; returns whether that goes on.
    send : sends what becomes known meanwhile.
    """

    def __init__(self, open_recogniser: Open, review: Review, prepare: Callable[[], object] = list) -> None:
        self._open = open_recogniser
        self._review = review
        self._prepare: Callable[[], object] | None = prepare
        self._speakers: dict[int, HostedSpeaker] = {}
        self._reviews: deque[AskReview] = deque()
        self.attend: Callable[[], bool] = lambda: True
        self.send: Callable[[Iterator[Answer]], None] = _leave

    @property
    def busy(self) -> bool:
        """Whether something waits."""
        speakers = self._speakers.values()
        waits = bool(self._reviews) or any(one.has_work or one.has_corrections for one in speakers)
        return waits or (self._prepare is not None and bool(speakers))

    def receive(self, request: Request) -> Iterator[Answer]:
        """Note a request."""
        if isinstance(request, AskReview):
            self._reviews.append(request)
        elif isinstance(request, Begin):
            yield from self._begin(request)
        elif isinstance(request, Drop):
            self._speakers.pop(request.stream, None)
        elif (speaker := self._speakers.get(request.stream)) is not None:
            match request:
                case Heard():
                    self._hear(speaker, request)
                    if speaker.taken:
                        yield _told(request.stream, speaker, [])
                case Skipped():
                    speaker.skip(request.start, request.stop, "busy" if request.busy else "lost")
                case Finish():
                    speaker.finishing = True

    def work(self) -> Iterator[Answer]:
        """Do the most urgent unit of work.

        Reviews, for which a person waits, come first, then live words, words by phrase, and what waits for
        afterwards; live words are heard again when nothing else is to do.
        """
        if self._reviews:
            yield self._answer_review(self._reviews.popleft())
        elif ready := [item for item in self._speakers.items() if item[1].has_work]:
            yield from self._recognise(*min(ready, key=_urgency))
        elif self._prepare is not None and self._speakers:
            self._prepare_reviews(self._prepare)
        elif ready := [item for item in self._speakers.items() if item[1].has_corrections]:
            yield from self._correct(*min(ready, key=_urgency))

    # --- inside ----------------------------------------------------------------

    def _recognise(self, stream: int, speaker: HostedSpeaker) -> Iterator[Answer]:
        self._others_first(stream)
        try:
            if speaker.mode == "afterwards":
                with self._standing_aside(lambda: None):
                    results = speaker.work()
            else:
                results = speaker.work()
        except Broken as error:
            self._speakers.pop(stream, None)
            yield Failed(stream, f"{error}")
            return
        except Abandoned:
            return
        yield _told(stream, speaker, results)
        if speaker.settled and speaker.has_corrections:
            yield Settled(stream)
        elif speaker.settled:
            self._speakers.pop(stream, None)
            yield Finished(stream)

    def _correct(self, stream: int, speaker: HostedSpeaker) -> Iterator[Answer]:
        second = speaker.second
        self._others_first(stream)

        def check() -> None:
            if self._speakers.get(stream) is not speaker or speaker.second is not second:
                raise Abandoned

        try:
            with self._standing_aside(check):
                corrected = speaker.work_again()
        except Abandoned:
            return
        if corrected:
            yield _told(stream, speaker, [*corrected])
        yield from self._finished(stream, speaker)

    def _finished(self, stream: int, speaker: HostedSpeaker) -> Iterator[Answer]:
        """Forget a speaker of whom nothing is to be corrected any more."""
        if speaker.settled and not speaker.has_corrections:
            self._speakers.pop(stream, None)
            yield Finished(stream)

    def _others_first(self, stream: int) -> None:
        """Let the others of its kind come before a speaker next time."""
        self._speakers[stream] = self._speakers.pop(stream)

    def _standing_aside(self, check: Callable[[], None]) -> AbstractContextManager[None]:
        """Let long work stand aside for requests, reviews, live words and words by phrase.

        ``check`` raises :class:`Abandoned` where the long work is not wanted any more.
        """

        def urgent() -> None:
            while self.attend():
                ready = [item for item in self._speakers.items() if _urgent(item[1])]
                if self._reviews:
                    self.send(iter([self._answer_review(self._reviews.popleft())]))
                elif ready:
                    self.send(self._recognise(*min(ready, key=_urgency)))
                else:
                    return check()
            raise Abandoned

        return standing_aside(urgent)

    def _prepare_reviews(self, prepare: Callable[[], object]) -> None:
        self._prepare = None
        try:
            prepare()
        except Exception as error:  # whoever asks for a review is told
            report(error)

    def _begin(self, request: Begin) -> Iterator[Answer]:
        speaker = self._speakers.get(request.stream)
        if speaker is not None:
            speaker.change_mode(request.mode)
            speaker.correct(request.correct)
            yield from self._finished(request.stream, speaker)
            return
        try:
            speaker = self._speakers[request.stream] = HostedSpeaker(self._open, request.mode)
            speaker.correct(request.correct)
        except Exception as error:  # told to the parent, which tells the speaker
            yield Failed(request.stream, plain(error))
        else:
            yield Begun(request.stream, speaker.source)

    def _hear(self, speaker: HostedSpeaker, heard: Heard) -> None:
        samples = np.frombuffer(heard.samples, np.float32)
        if sum(one.waiting for one in self._speakers.values()) > MOST_HELD:
            speaker.taken += samples.size
            speaker.skip(heard.start, heard.start + samples.size, "busy")
        else:
            speaker.hear(heard.start, samples)

    def _answer_review(self, asked: AskReview) -> Answer:
        try:
            return Reviewed(asked.id, self._review(asked.transcript, asked.question))
        except Exception as error:  # told to the parent, which tells the speaker
            return NotReviewed(asked.id, plain(error))


def _leave(answers: Iterator[Answer]) -> None:
    """Let nobody know."""
    for _ in answers:
        pass


def _told(stream: int, speaker: HostedSpeaker, results: list[Result]) -> Told:
    taken, speaker.taken = speaker.taken, 0
    return Told(stream, results, taken, speaker.waiting)


def _urgency(item: tuple[int, HostedSpeaker]) -> tuple[int, bool]:
    speaker = item[1]
    return (URGENCY[speaker.mode], not speaker.finishing)


def _urgent(speaker: HostedSpeaker) -> bool:
    """Whether long work stands aside for a speaker."""
    return speaker.has_work and speaker.mode != "afterwards"


def serve_requests(connection: socket.socket, worker: Worker) -> None:
    """Serve requests until the other end closes."""
    messages = Messages(requests)

    def send(answers: Iterator[Answer]) -> None:
        for answer in answers:
            connection.sendall(encode(answer))

    def send_aside(answers: Iterator[Answer]) -> None:
        try:
            send(answers)
        except OSError as error:  # the parent is gone
            raise Abandoned from error

    def attend(wait_s: float | None = 0.0) -> bool:
        readable, _, _ = select.select([connection], [], [], wait_s)
        if readable:
            data = connection.recv(MOST_BYTES)
            if not data:
                return False
            for request in messages.feed(data):
                send(worker.receive(request))
        return True

    worker.attend, worker.send = attend, send_aside
    while attend(0.0 if worker.busy else None):
        send(worker.work())


def named(name: str) -> Any:
    """Return what ``module:attribute`` names."""
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)


def main(cpu_report: int, connection: int, recogniser: str, review: str, embedder: str) -> None:
    """Run the process.

    Parameters
    ----------
    cpu_report, connection : descriptors: of the report of processor time, and of the socket to the parent.
    recogniser, review, embedder : names, as ``module:attribute``, of what the process works with. Each is
        loaded when it is first needed.
    """
    os.nice(NICE)
    start_reporting(cpu_report)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    embed = functools.cache(lambda: named(embedder)())
    worker = Worker(
        lambda mode: named(recogniser)(mode),
        lambda transcript, question: named(review)(transcript, question, embed()),
        lambda: (named(review), embed()),
    )
    with socket.socket(fileno=connection) as parent:
        try:
            serve_requests(parent, worker)
        except (BrokenPipeError, ConnectionResetError):
            os._exit(0)  # the parent is gone: nobody reads the answer


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:6])
