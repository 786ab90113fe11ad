"""A recogniser that says "loud" for each half second that is, for tests of the recognition process.

The process is given the names of functions here. What it does follows from the samples alone.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from dsp.frame import RATE_HZ
from engine.language.transcript import Transcript
from engine.media.resample import Samples
from engine.protocol.review import (
    AnswerPart,
    AnswerReview,
    CountRange,
    Mark,
    ReviewFinding,
    WordMeasures,
    WordSpan,
)
from engine.protocol.words import Word
from engine.server.sessions import session_words, words_budget
from engine.speech.child_process import ChildProcess
from engine.speech.process import Recipe
from engine.speech.recogniser import Abilities, Final, Missed, Mode, Partial, Result
from engine.speech.wire import Heard, Request

NAME = "loudness"
BLOCK = RATE_HZ // 2
LOUD = 0.01
"""Root mean square from which a block is a word."""

RARE = "zyzzyva"
"""A word that stands nowhere else."""

REFUSED = "a question that breaks the review"


class LoudnessRecogniser:
    """Gives a word for each loud block, as soon as the block is over."""

    text = "loud"

    def __init__(self, mode: Mode) -> None:
        self.abilities = Abilities(
            name=NAME, languages=("en",), modes=("live", "phrase", "afterwards"), word_times=True
        )
        self._mode = mode
        self._position = 0
        self._rest = np.zeros(0, np.float32)

    def process(self, samples: Samples) -> list[Result]:
        """Hear samples."""
        self._rest = np.concatenate([self._rest, samples])
        results: list[Result] = []
        while self._rest.size >= BLOCK:
            results += self._judge(self._rest[:BLOCK])
            self._rest = self._rest[BLOCK:]
        if self._rest.size and self._mode == "live":
            results.append(Partial("lou", self._position / RATE_HZ))
        return results

    def process_lost(self, samples: int) -> list[Result]:
        """Give what is left before the loss, and the loss."""
        results = self.finish()
        start_s = self._position / RATE_HZ
        self._position += samples
        return [*results, Missed(start_s, self._position / RATE_HZ, "lost")]

    def finish(self) -> list[Result]:
        """Judge what is left."""
        results = self._judge(self._rest) if self._rest.size else []
        self._rest = self._rest[:0]
        return results

    def _judge(self, block: Samples) -> list[Result]:
        start_s = self._position / RATE_HZ
        self._position += block.size
        end_s = self._position / RATE_HZ
        if float(np.sqrt(np.mean(block**2))) < LOUD:
            return []
        word = Word(text=self.text, start_s=start_s + 0.1, end_s=end_s - 0.01, confidence=0.9, zipf=4.5)
        return [Final([word], end_s)]


class _Rare(LoudnessRecogniser):
    text = RARE


class _Breaking(LoudnessRecogniser):
    def process(self, samples: Samples) -> list[Result]:
        raise RuntimeError("broken")


class _Once(LoudnessRecogniser):
    """The first one breaks after a second; the next do their work."""

    broken = False

    def process(self, samples: Samples) -> list[Result]:
        if not _Once.broken and self._position >= 2 * BLOCK:
            _Once.broken = True
            raise RuntimeError("broken")
        return super().process(samples)


class _Slow(LoudnessRecogniser):
    def process(self, samples: Samples) -> list[Result]:
        time.sleep(0.2 * samples.size / BLOCK)
        return super().process(samples)


class _Mending(LoudnessRecogniser):
    """Afterwards it says "louder" for the second loud block and every second after it."""

    def __init__(self, mode: Mode) -> None:
        super().__init__(mode)
        self._loud = 0

    def _judge(self, block: Samples) -> list[Result]:
        results = super()._judge(block)
        self._loud += bool(results)
        if self._mode != "afterwards" or self._loud % 2:
            return results
        return [
            Final([replace(word, text="louder") for word in one.words], one.known_s)
            for one in results
            if isinstance(one, Final)
        ]


def open_mending(mode: Mode) -> LoudnessRecogniser:
    """Make one whose second pass finds every second word wrong."""
    return _Mending(mode)


def open_loudness(mode: Mode) -> LoudnessRecogniser:
    """Make one."""
    return LoudnessRecogniser(mode)


def open_rare(mode: Mode) -> LoudnessRecogniser:
    """Make one that says :data:`RARE`."""
    return _Rare(mode)


def open_breaking(mode: Mode) -> LoudnessRecogniser:
    """Make one that raises whenever it hears something."""
    return _Breaking(mode)


def open_once_breaking(mode: Mode) -> LoudnessRecogniser:
    """Make one that raises after a second, the first time."""
    return _Once(mode)


def open_slow(mode: Mode) -> LoudnessRecogniser:
    """Make one that needs 0.4 s for a second."""
    return _Slow(mode)


def open_dying(mode: Mode) -> LoudnessRecogniser:
    """End the process."""
    os._exit(3)


def embedder() -> Callable[[], None]:
    """Load nothing."""
    return lambda: None


def review(transcript: Transcript, question: str, embed: object) -> AnswerReview:
    """Give back what was handed over."""
    if question == REFUSED:
        raise ValueError(REFUSED)
    none = CountRange(least=0, most=0)
    measures = WordMeasures(
        words=len(transcript.words),
        words_per_min=None,
        fillers=transcript.filled_pauses or none,
        restarts=0,
        hedges=0,
        we=0,
        i=0,
        figures=0,
        questions=0,
        terms=0,
        terms_explained=0,
        headline_s=None,
    )
    return AnswerReview(
        question=question,
        words=list(transcript.words),
        unknown=list(transcript.unknown),
        parts=[],
        marks=[],
        measures=measures,
        findings=[],
        try_next="",
        source=transcript.source,
    )


def quoting_review(transcript: Transcript, question: str, embed: object) -> AnswerReview:
    """Say in every field what was said."""
    said = " ".join(word.text for word in transcript.words)
    span = {"start": 0, "end": len(transcript.words)}
    finding = ReviewFinding(
        what="headline",
        good=True,
        text=f'You began with "{said}".',
        quotes=[WordSpan(**span)],
        confidence=0.8,
        value=1.0,
        unit="s",
    )
    return replace(
        review(transcript, question, embed),
        parts=[AnswerPart(**span, part="situation", confidence=0.9)],
        marks=[Mark(**span, kind="term", confidence=0.9, note=f"{said} is a term")],
        findings=[finding],
        try_next=f"Say {said} earlier.",
    )


def recipe(
    recogniser: Callable[[Mode], LoudnessRecogniser] = open_loudness,
    review: Callable[[Transcript, str, object], AnswerReview] = review,
) -> Recipe:
    """What a process works with that says "loud"."""
    return Recipe(
        recogniser=f"{__name__}:{recogniser.__name__}",
        review=f"{__name__}:{review.__name__}",
        embedder=f"{__name__}:{embedder.__name__}",
        needs=(),
    )


@contextmanager
def sent_samples() -> Iterator[dict[int, int]]:
    """Count the samples that cross the border to recognition processes, by the number of the speaker."""
    counted: dict[int, int] = {}
    send = ChildProcess.send

    def recorded(child: ChildProcess, request: Request) -> None:
        if isinstance(request, Heard):
            counted[request.stream] = counted.get(request.stream, 0) + len(request.samples) // 4
        send(child, request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ChildProcess, "send", recorded)
        yield counted


@contextmanager
def unhurried_words() -> Iterator[None]:
    """Let a recogniser on a busy machine take its time for the last words, their corrections and a review."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("LAST_WORDS_S", "CORRECTIONS_S", "REVIEW_S"):
            patch.setattr(session_words, name, 60.0)
        patch.setattr(words_budget, "BACKLOG_S", 1e9)
        yield


@contextmanager
def importable() -> Iterator[None]:
    """Let child processes find this module."""
    root = str(Path(__file__).parents[2])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])]))
        yield
