"""The recognition process: the recognisers of several speakers, and reviews of what was said.

Run by :class:`.process.RecognitionProcess`. One thread: it reads all requests that have come, does one
unit of work, writes what became known, and so on. It ends when its socket does, so with its parent.
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
from typing import Any

import numpy as np

from engine.language.transcript import Transcript
from engine.media.cpu_report import start_reporting
from engine.protocol.review import AnswerReview

from .hosted_speaker import HELD, Broken, HostedSpeaker, Open, plain, report
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
    Skipped,
    Told,
    encode,
    requests,
)

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
    """

    def __init__(self, open_recogniser: Open, review: Review, prepare: Callable[[], object] = list) -> None:
        self._open = open_recogniser
        self._review = review
        self._prepare: Callable[[], object] | None = prepare
        self._speakers: dict[int, HostedSpeaker] = {}
        self._reviews: deque[AskReview] = deque()

    @property
    def busy(self) -> bool:
        """Whether something waits."""
        speakers = self._speakers.values()
        waits = bool(self._reviews) or any(one.has_work or one.finishing for one in speakers)
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
        """Do the most urgent unit of work: reviews, for which a person waits, then live words, and so on."""
        if self._reviews:
            yield self._answer_review(self._reviews.popleft())
            return
        ready = [(n, one) for n, one in self._speakers.items() if one.has_work or one.finishing]
        if not ready:
            self._prepare_reviews()
            return
        stream, speaker = min(ready, key=lambda item: (URGENCY[item[1].mode], not item[1].finishing))
        self._speakers[stream] = self._speakers.pop(stream)  # the others of its kind come first next time
        try:
            if speaker.has_work:
                yield _told(stream, speaker, speaker.work())
            else:
                yield _told(stream, speaker, speaker.finish())
                del self._speakers[stream]
                yield Finished(stream)
        except Broken as error:
            self._speakers.pop(stream, None)
            yield Failed(stream, f"{error}")

    # --- inside ----------------------------------------------------------------

    def _prepare_reviews(self) -> None:
        if self._prepare is None or not self._speakers:
            return
        prepare, self._prepare = self._prepare, None
        try:
            prepare()
        except Exception as error:  # whoever asks for a review is told
            report(error)

    def _begin(self, request: Begin) -> Iterator[Answer]:
        speaker = self._speakers.get(request.stream)
        if speaker is not None:
            speaker.change_mode(request.mode)
            return
        try:
            speaker = self._speakers[request.stream] = HostedSpeaker(self._open, request.mode)
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


def _told(stream: int, speaker: HostedSpeaker, results: list[Result]) -> Told:
    taken, speaker.taken = speaker.taken, 0
    return Told(stream, results, taken, speaker.waiting)


def serve_requests(connection: socket.socket, worker: Worker) -> None:
    """Serve requests until the other end closes."""
    messages = Messages(requests)
    while True:
        readable, _, _ = select.select([connection], [], [], 0 if worker.busy else None)
        if readable:
            data = connection.recv(MOST_BYTES)
            if not data:
                return
            for request in messages.feed(data):
                for answer in worker.receive(request):
                    connection.sendall(encode(answer))
        for answer in worker.work():
            connection.sendall(encode(answer))


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
