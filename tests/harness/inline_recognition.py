"""Words of sessions in made-up time: the recognition process in this one, and a session that keeps all."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.core.sample_tap import SampleTap, TappedSamples
from engine.language.transcript import Transcript
from engine.media.resample import Samples
from engine.protocol import messages
from engine.protocol.review import AnswerReview
from engine.server.sessions.counters import Counts
from engine.server.sessions.live_core import LiveCore
from engine.server.sessions.load import LoadMonitor
from engine.server.sessions.session_words import SessionWords
from engine.server.sessions.words_service import WordsService
from engine.server.settings import Settings
from engine.speech.hosted_speaker import Open
from engine.speech.process import RecognitionProcess
from engine.speech.recogniser import Mode
from engine.speech.speech_stream import SpeechListener, SpeechStream
from engine.speech.wire import Answer, Begin, Drop, Finish, Heard, Request, Skipped, Told
from engine.speech.worker import Worker

from .loudness_recogniser import open_loudness, recipe, review


class InlineRecognition(RecognitionProcess):
    """Recognises in this process, each time that :meth:`pump` is called."""

    def __init__(self, opener: Open = open_loudness) -> None:
        super().__init__(recipe())
        self.stuck = False
        """Whether it does no work any more."""
        self.samples = 0
        """Samples that crossed the border to the process."""
        self.worker = Worker(opener, lambda transcript, question: review(transcript, question, None))

    def open(self, tap: SampleTap, mode: Mode, listener: SpeechListener) -> SpeechStream:
        """Begin to recognise what a tap gets from now on."""
        self._numbers += 1
        stream = self._streams[self._numbers] = SpeechStream(self._numbers, tap, mode, listener)
        self._request(Begin(stream.number, mode))
        return stream

    def set_mode(self, stream: SpeechStream, mode: Mode) -> None:
        """Go on in another mode."""
        stream.mode = mode
        self._request(Begin(stream.number, mode, stream.correcting))

    def set_correcting(self, stream: SpeechStream, on: bool) -> None:
        """Have live words heard again, or no more."""
        if on != stream.correcting:
            stream.correcting = on
            self._request(Begin(stream.number, stream.mode, on))

    def finish(self, stream: SpeechStream) -> None:
        """Recognise what is left."""
        self.pump()
        self._request(Finish(stream.number))
        self._work()

    async def review(self, transcript: Transcript, question: str) -> AnswerReview:
        """Review an answer."""
        return review(transcript, question, None)

    def drop(self, stream: SpeechStream) -> None:
        """Forget a speaker."""
        if self._streams.pop(stream.number, None) is not None:
            self._request(Drop(stream.number))
        stream.note_done()

    def pump(self) -> None:
        """Recognise all that the taps hold."""
        for stream in list(self._streams.values()):
            for span in stream.tap.read():
                if isinstance(span, TappedSamples):
                    self.samples += span.samples.size
                    self._request(Heard(stream.number, span.start, span.samples.tobytes()))
                else:
                    self._request(Skipped(stream.number, span.start, span.stop, False))
        self._work()

    def _request(self, request: Request) -> None:
        for answer in self.worker.receive(request):
            self._hand_on(answer)

    def _work(self) -> None:
        while self.worker.busy and not self.stuck:
            for answer in self.worker.work():
                self._hand_on(answer)

    def _hand_on(self, answer: Answer) -> None:
        if isinstance(answer, Told):
            answer = Told(answer.stream, answer.results, 0, 0)
        self.answered(answer)


class SpokenOwner:
    """A session of a core, with words.

    Attributes
    ----------
    told : to the speaker.
    events : of the core, in order.
    """

    def __init__(self, core: LiveCore, recognition: RecognitionProcess) -> None:
        self.core = core
        self.counts = Counts()
        self.service = WordsService(Settings(), LoadMonitor(100.0, 1.0, 4.0), self.counts, recognition)
        self.words = SessionWords(self, self.service)
        self.told: list[messages.ToClient] = []
        self.events: list[messages.ToClient] = []

    def tell_speaker(self, message: messages.ToClient) -> None:
        """Keep what the speaker is told."""
        self.told.append(message)

    def send_events(self) -> None:
        """Take the events of the core, as a live session does."""
        self.words.learn_due()
        for event in self.core.poll():
            self.words.observe(event)
            self.events.append(event)

    def of(self, kind: Callable[..., object]) -> list[messages.ToClient]:
        """Events of a kind."""
        return [event for event in self.events if type(event) is kind]


def mixed(voice: Samples, *, at: int, size: int, gain: float = 1.0) -> Samples:
    """A voice in silence."""
    whole = np.zeros(size, np.float32)
    whole[at : at + voice.size] = gain * voice
    return whole
