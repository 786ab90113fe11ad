"""The words of one session: asked for by its speaker, recognised beside it, reviewed at its end.

Off until the speaker asks. Only then is the core's sound tapped; the tap is read by the recognition
process alone. What it hears becomes known to the core as late facts, and is told to the speaker alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable
from typing import Protocol

from msgspec.structs import replace

from dsp.frame import RATE_HZ
from engine.core.sample_tap import SampleTap
from engine.errors import UsageError
from engine.language.builder import TranscriptBuilder
from engine.language.speech_gate import SETTLED_S, SpeechGate, SpokenFact
from engine.protocol import events as ev
from engine.protocol import messages
from engine.protocol.long_reviews import split
from engine.protocol.measures import ChannelMeasures
from engine.protocol.review import AnswerReview
from engine.speech.process import NoReview
from engine.speech.recogniser import Partial, Result
from engine.speech.speech_stream import SpeechStream
from engine.speech.word_facts import word_facts

from .live_core import LiveCore
from .session_assistant import SessionAssistant
from .words_service import NO_WORDS, WordsService

log = logging.getLogger(__name__)

LAST_WORDS_S = 3.0
"""How long the last words are waited for, at the end of a session; what comes later is unknown."""

AFTERWARDS_S = 18.0
"""The same where words are recognised only then."""

CORRECTIONS_S = 8.0
"""How long better words are waited for after the last ones; what comes later is not corrected."""

REVIEW_S = 2.0
"""How long the review is waited for after them."""

MOST_PENDING = 512
"""Facts that wait for stream time to reach them; it runs ahead of them, unless audio stops."""

ENGLISH_ONLY = "Words are recognised in English only; how you speak is heard in every language, as before."
LATE_REVIEW = "The review of your words took too long; there is none."
NO_REVIEW = "There is no review of your words: {why}."
STOPPING = "There is no review of your words: the server is stopping."


class SpokenSession(Protocol):
    """What the words need of their session."""

    @property
    def core(self) -> LiveCore:
        """Measures the speaker."""

    def tell_speaker(self, message: messages.ToClient) -> None:
        """Send a message to those who may command the session."""

    def send_events(self) -> None:
        """Send the events that something else than audio has caused."""


class SessionWords:
    """The words of one speaker; a :class:`engine.speech.speech_stream.SpeechListener`.

    Parameters
    ----------
    session : whose words.
    service : of the server; None where there are no words.

    Attributes
    ----------
    on : whether the speaker has asked for words.
    mode : in which they are recognised.
    question : that the speaker answers.
    assistant : may be asked for advice on them.
    refusal : why this speaker's words are not recognised whoever asks, as a sentence; None when they may be.
    review : of the words, once it is made; None before.
    on_switch : called when ``on`` changes.
    """

    def __init__(self, session: SpokenSession, service: WordsService | None) -> None:
        self.on = False
        self.mode: messages.WordsMode = "off"
        self.question = ""
        self.assistant = SessionAssistant(None if service is None else service.assistant)
        self.refusal: str | None = None
        self.review: AnswerReview | None = None
        self.on_switch: Callable[[], None] = lambda: None
        self._why = ""
        self._session = session
        self._service = service
        self._gate = SpeechGate()
        self._builder = TranscriptBuilder()
        self._stream: SpeechStream | None = None
        self._pending: deque[SpokenFact] = deque(maxlen=MOST_PENDING)
        self._paused: tuple[float, ev.MissedReason] | None = None
        """Stream time from which on no words are recognised although they are on, and why."""
        self._measures: ChannelMeasures | None = None
        self._end_s: float | None = None
        """Stream time of the session's end; None before."""

    @property
    def possible(self) -> bool:
        """Whether words can be recognised here."""
        return self._why_not is None

    @property
    def _why_not(self) -> str | None:
        return self.refusal or (NO_WORDS if self._service is None else self._service.unavailable)

    @property
    def state(self) -> messages.WordsState:
        """What the speaker is told of it."""
        return messages.WordsState(mode=self.mode, why=self._why)

    @property
    def waiting_s(self) -> float:
        """How much sound waits to be recognised."""
        return 0.0 if self._stream is None else self._stream.waiting_s

    # --- asked by the speaker -------------------------------------------------------

    def switch(self, on: bool, language: str = "en") -> None:
        """Recognise words from here on, or no more; the speaker is told how."""
        if self._end_s is not None:
            return
        service, why_not = self._service, self._why_not
        if not on:
            self._stop()
            self._change("off", "")
        elif service is None or why_not is not None:
            self._change("unavailable", why_not or NO_WORDS)
        elif language.partition("-")[0].lower() != "en":
            self._stop()
            self._change("unavailable", ENGLISH_ONLY)
        elif self.on and self in service:
            self._change(self.mode, self._why)
        else:
            if self._gate.since_s is not None and not self.on:  # in the middle of what they say
                self._builder.observe(ev.SpeechStarted(start_s=self._now_s, at_s=self._now_s))
            self._switched(True)
            service.join(self)

    def _stop(self) -> None:
        """Recognise no more, and forget what was."""
        if self._service is not None:
            self._service.leave(self)
            if self._stream is not None:
                self._service.process.drop(self._stream)
        self._session.core.set_tap(None)
        self._stream = self._paused = None
        self._pending.clear()
        self._builder = TranscriptBuilder()
        self._switched(False)

    def _switched(self, on: bool) -> None:
        if self.on != on:
            self.on = on
            self.on_switch()

    def _change(self, mode: messages.WordsMode, why: str) -> None:
        self.mode, self._why = mode, why
        self._session.tell_speaker(self.state)

    # --- by the service -----------------------------------------------------------

    def set_mode(self, mode: messages.WordsMode, why: str) -> None:
        """Go on in another mode, and tell the speaker."""
        assert self._service is not None
        process, core = self._service.process, self._session.core
        if mode == "unavailable" or mode == "off":
            since_s = self._now_s
            if self._stream is not None:  # there is no time for what waits either
                since_s = self._stream.decided_s
                process.drop(self._stream)
                self._stream = None
            self._paused = (since_s, "busy")
            core.set_tap(None)
        elif self._stream is not None:
            process.set_mode(self._stream, mode)
        else:
            self._miss_pause()
            tap = SampleTap()
            self._stream = process.open(tap, mode, self)
            self._stream.decided_s = self._now_s
            core.set_tap(tap)
        self._change(mode, why)

    def set_correcting(self, on: bool) -> None:
        """Have live words heard again from here on, or no more; the process forgets the sound for it then."""
        if self._service is not None and self._stream is not None:
            self._service.process.set_correcting(self._stream, on)

    # --- of the core ----------------------------------------------------------------

    def observe(self, event: ev.AnyEvent) -> None:
        """Take an event of the session, in order."""
        self._gate.observe(event)
        if self.on:
            self._builder.observe(event)
        if isinstance(event, ev.DrillStarted) and event.question:
            self.question = event.question

    def learn_due(self) -> None:
        """Let the core learn of the words that stream time has reached."""
        while self._pending and self._pending[0].end_s + SETTLED_S <= self._now_s:
            spoken = self._spoken(self._pending.popleft())
            if spoken is None:
                continue
            try:
                self._session.core.learn(spoken)
            except UsageError:  # the call is over, but not yet this session of it
                self._builder.observe(replace(spoken, at_s=self._now_s))

    # --- of the recognition process ---------------------------------------------------

    def recognised(self, results: list[Result], source: str) -> None:
        """Take what became known, in stream time."""
        for fact, _ in word_facts(results, source):
            if isinstance(fact, ev.WordsMissed):
                self._miss(fact.why, fact.start_s, fact.end_s, source)
            else:
                self._add(fact)
        if self._end_s is not None:
            return
        partial = results[-1]
        if isinstance(partial, Partial) and self._gate.since_s is not None:
            self._session.tell_speaker(messages.PartialWords(text=partial.text, start_s=partial.start_s))
        if self._pending:
            self._session.send_events()

    def interrupted(self, start_s: float, end_s: float) -> None:
        """Note that the process died: of this span no words will come."""
        self._miss("failed", start_s, end_s)
        if self._end_s is None:
            self._session.send_events()

    def recognition_failed(self, why: str) -> None:
        """Note that no more words come, and why."""
        assert self._service is not None
        self._service.leave(self)
        self._session.core.set_tap(None)
        self._stream = None
        self._paused = (self._now_s, "failed")
        if self._end_s is None:
            self._change("unavailable", f"Words can't be recognised now: {why.rstrip('.')}.")

    def _miss(self, why: ev.MissedReason, start_s: float, end_s: float, source: str = "server") -> None:
        """Note a span of which no words are known, where the speaker spoke in it."""
        assert self._service is not None
        for span in self._gate.missed(start_s, end_s, self._now_s):
            self._service.counts.words_missed_s[why] += span.end_s - span.start_s
            self._add(
                ev.WordsMissed(why=why, start_s=span.start_s, end_s=span.end_s, confidence=1.0, source=source)
            )

    def _miss_pause(self) -> None:
        """Note that no words are known of a time without recognition, which is over."""
        if self._paused is not None:
            (start_s, why), self._paused = self._paused, None
            self._miss(why, start_s, self._now_s)

    def _add(self, fact: SpokenFact) -> None:
        """Keep a fact until the core can learn it; what comes afterwards is for the review alone."""
        if self.mode == "afterwards" or self._end_s is not None:
            self._note(fact)
        else:
            self._pending.append(fact)

    def _note(self, fact: SpokenFact) -> None:
        """Put a fact into the transcript that the core won't learn."""
        spoken = self._spoken(fact)
        if spoken is not None:
            self._builder.observe(replace(spoken, at_s=self._now_s))

    @property
    def _now_s(self) -> float:
        return self._session.core.now / RATE_HZ if self._end_s is None else self._end_s

    def _spoken(self, fact: SpokenFact) -> SpokenFact | None:
        """Return a fact without the words that fall into silence; None where nothing is left."""
        if isinstance(fact, ev.WordsMissed):
            return fact
        left = self._gate.checked(fact, self._now_s)
        if left and isinstance(left[0], ev.Words) and self._service is not None:
            self._service.counts.words += len(left[0].words)
        return left[0] if left else None

    # --- the end ----------------------------------------------------------------------

    def end(self, summary: messages.Summary) -> None:
        """Hear no more: the session has ended, with this summary."""
        self._measures, self._end_s = summary.measures[0], summary.duration_s
        self._session.core.set_tap(None)
        if self._service is not None:
            self._service.leave(self)
        while self._pending:
            self._note(self._pending.popleft())

    def drop(self, why: str) -> None:
        """Make no review; the speaker is told why."""
        self._session.core.set_tap(None)
        if self._service is not None:
            self._service.leave(self)
            if self._stream is not None:
                self._service.process.drop(self._stream)
        self._stream = None
        if self.on:
            self._change("unavailable", why)

    async def tell_review(self) -> None:
        """Send the speaker the review, or why there is none; in bounded time."""
        assert self._service is not None
        reviews = self._service.counts.reviews
        try:
            await self._hear_last_words(AFTERWARDS_S if self.mode == "afterwards" else LAST_WORDS_S)
            async with asyncio.timeout(REVIEW_S):
                transcript = self._builder.transcript(self._measures)
                review = await self._service.process.review(transcript, self.question)
            self.review = review
            for message in split(messages.Review(channel=0, review=review)):
                self._session.tell_speaker(message)
            reviews["made"] += 1
            advised = await self._service.unless_closed(self.assistant.advise(review))
            if advised is not None:
                self._session.tell_speaker(advised)
        except TimeoutError:
            reviews["late"] += 1
            self.drop(LATE_REVIEW)
        except NoReview as error:
            reviews["failed"] += 1
            self.drop(NO_REVIEW.format(why=str(error).rstrip(".")))
        except Exception:  # whatever broke it must not keep the speaker from the end of the session
            log.exception("no review of a session's words")
            reviews["failed"] += 1
            self.drop(NO_REVIEW.format(why="something failed on the server"))

    async def _hear_last_words(self, within_s: float) -> None:
        """Wait for the words of all that was heard, and their corrections; what takes too long is unknown."""
        assert self._service is not None
        stream, process = self._stream, self._service.process
        if stream is not None:
            process.finish(stream)
            try:
                async with asyncio.timeout(within_s):
                    await stream.settled.wait()
            except TimeoutError:
                process.drop(stream)
                self._miss("busy", stream.decided_s, self._now_s)
            with contextlib.suppress(TimeoutError):  # then the words stay as they are
                await asyncio.wait_for(stream.done.wait(), CORRECTIONS_S)
            process.drop(stream)
        self._miss_pause()
