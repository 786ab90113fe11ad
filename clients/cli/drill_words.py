"""The words of a drill in the terminal: recognised, learnt by its session, and reviewed after it."""

from __future__ import annotations

import asyncio
import contextlib
import math
import sys
from collections.abc import AsyncIterator, Callable, Sequence

from dsp.frame import RATE_HZ
from engine.core.attachments import Attachment
from engine.core.sample_tap import SampleTap
from engine.core.session import Session
from engine.errors import ModelError
from engine.language.builder import TranscriptBuilder
from engine.language.review import review
from engine.language.speech_gate import SETTLED_S, SpeechGate, SpokenFact
from engine.language.transcript import Transcript
from engine.media.files.words import WordHearer
from engine.media.resample import Samples
from engine.protocol import events as ev
from engine.protocol.measures import ChannelMeasures
from engine.protocol.review import AnswerReview
from engine.speech.meaning import embedder
from engine.speech.open import open_recogniser
from engine.speech.process import Recipe, RecognitionProcess
from engine.speech.recogniser import Recogniser, Result
from engine.speech.word_facts import word_facts

LAST_WORDS_S = 3.0
"""How long the last words are waited for once the drill is over; what comes later is not in the review."""


class DrillWords:
    """Recognises the words of one drill.

    Parameters
    ----------
    question : that the drill asks.
    recipe : of the process that recognises live; as on a server when not given.
    open_live : makes a recogniser for a recording, which decides words as that process does.

    Raises
    ------
    ModelError
        A package with a model is missing: says how to install it.
    """

    def __init__(
        self,
        question: str,
        recipe: Recipe | None = None,
        open_live: Callable[[], Recogniser] = lambda: open_recogniser("live"),
    ) -> None:
        self._question = question
        self._recipe = recipe or Recipe()
        missing = self._recipe.missing()
        if missing is not None:
            raise ModelError(missing)
        self._embed = embedder()
        self._open_live = open_live
        self._heard: WordHearer | LiveWords | None = None

    def of_recording(self, session: Session) -> WordHearer:
        """Hear the words of a recording that a session is about to hear."""
        self._heard = heard = WordHearer(session, self._open_live)
        return heard

    @contextlib.asynccontextmanager
    async def of_microphone(self, session: Session) -> AsyncIterator[LiveWords]:
        """Hear the words of what a session hears, in a process beside; at the end wait for the last ones."""
        process = RecognitionProcess(self._recipe)
        self._heard = heard = LiveWords(session, process)
        try:
            yield heard
        finally:
            await heard.last_words()
            await process.close()

    def review(self, measures: ChannelMeasures) -> AnswerReview:
        """Review what was said, after the drill."""
        assert self._heard is not None
        return review(self._heard.transcript(0, measures), self._question, self._embed)


class LiveWords:
    """Words of a session's speaker by a recognition process; a listener of its stream.

    Nothing here waits for the process: the drill goes on whatever it does.

    Parameters
    ----------
    session : of one speaker, not begun yet.
    process : recognises.
    """

    def __init__(self, session: Session, process: RecognitionProcess) -> None:
        self._session, self._process = session, process
        self._gate = SpeechGate()
        self._builder = TranscriptBuilder()
        session.attach(_GateTap(self._gate))
        session.tap = tap = SampleTap()
        self._stream = process.open(tap, "live", self)

    # --- of the drill -----------------------------------------------------------------

    def hear(self, channel: int, part: Samples) -> None:
        """Nothing: the process gets its samples from the session."""

    def finish(self) -> None:
        """Nothing: the last words were waited for."""

    def observe(self, event: ev.AnyEvent) -> None:
        """Take an event of the session, in order."""
        self._builder.observe(event)

    async def last_words(self) -> None:
        """Wait for the words of all that was heard."""
        self._process.finish(self._stream)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_S):
                await self._stream.done.wait()

    def transcript(self, _channel: int, measures: ChannelMeasures) -> Transcript:
        """Return what was said."""
        return self._builder.transcript(measures)

    # --- of the recognition process -----------------------------------------------------

    def recognised(self, results: list[Result], source: str) -> None:
        """Take what became known, in stream time."""
        for fact, _ in word_facts(results, source):
            self._learn(fact)

    def interrupted(self, start_s: float, end_s: float) -> None:
        """Note that the process died: of this span no words will come."""
        source = self._stream.source
        self._learn(ev.WordsMissed(why="failed", start_s=start_s, end_s=end_s, confidence=1.0, source=source))

    def recognition_failed(self, why: str) -> None:
        """Note that no more words come, and say why."""
        print(f"sottovoce: words can't be recognised now: {why.rstrip('.')}", file=sys.stderr)

    def _learn(self, fact: SpokenFact) -> None:
        """Let the session learn a fact, once it says where the speaker spoke."""
        settled = math.ceil((fact.end_s + SETTLED_S) * RATE_HZ)
        self._session.learn(fact, 0, max(settled, self._session.now), check=self._check)

    def _check(self, fact: ev.LateFact) -> Sequence[ev.LateFact]:
        assert isinstance(fact, SpokenFact)
        return self._gate.checked(fact, self._session.now / RATE_HZ)


class _GateTap(Attachment):
    """Hands events to a gate as they are emitted, not when they are polled."""

    def __init__(self, gate: SpeechGate) -> None:
        self._gate = gate

    def observe(self, event: ev.AnyEvent) -> None:
        self._gate.observe(event)
