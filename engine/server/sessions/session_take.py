"""The take that a session becomes at its end, for a speaker whose takes may be kept.

Only their own side: channel 0 of their own session, their own packets, the review of their own words.
"""

from __future__ import annotations

import math
import secrets
from typing import Protocol

from engine.media.rtp.ingest import FrameIngest
from engine.media.rtp.stream import RtpStream
from engine.programme.exercise_scores import exercise_score
from engine.programme.progress import USUAL_TAKES
from engine.protocol import messages
from engine.protocol.new_take import LEAST_SPEECH_S, new_take
from engine.protocol.take import Take, TakeKind
from engine.server.record.service import NOTHING_LEFT, Growing, RecordService
from engine.server.record.sound_capture import SoundCapture
from engine.server.record.training import Training

from .background_tasks import BackgroundTasks
from .live_core import LiveCore
from .session_drill import SessionDrill
from .session_exercise import SessionExercise
from .session_words import SessionWords

SO_FAR_S = 1.0
"""The figures of a session that goes on are written so often: a server that is killed loses no more."""

SO_FAR_SESSIONS = 4
"""With more sessions than these at a time nothing is written so far: packets would wait for it."""

NO_SUMMARY = "Something failed on the server, so there is nothing of this take to keep."
TOO_LITTLE = "Too little was heard to keep this take."


class Keeping:
    """For whom a session is kept, and as what.

    Parameters
    ----------
    training : the record, and the programme whose exercises it may be for.
    person : whose take it becomes; None for nobody's.
    kind : of a call; None for a session of one speaker, whose take is a talk, an answer or a drill.
    """

    def __init__(self, training: Training, person: str | None, kind: TakeKind | None = None) -> None:
        self.service = training.record
        self.programme = training.programme
        self.person = person
        self.kind = kind


class KeptSession(Protocol):
    """What a take needs of its session."""

    @property
    def core(self) -> LiveCore:
        """Measures the speaker."""

    @property
    def drill(self) -> SessionDrill:
        """Played drills to the speaker."""

    @property
    def hears(self) -> bool:
        """Whether the speaker can hear something."""

    @property
    def words(self) -> SessionWords:
        """Recognised the speaker's words."""

    @property
    def stream(self) -> RtpStream:
        """The stream that the speaker's packets go to."""

    @property
    def tasks(self) -> BackgroundTasks:
        """Runs what has to be waited for."""

    def tell_speaker(self, message: messages.ToClient) -> None:
        """Send a message to those who may command the session."""


class SessionTake:
    """The take of one session, while it goes on and at its end.

    Attributes
    ----------
    purpose, story : as the speaker's client said.
    exercise : notes the steps of the exercise that it is for.
    """

    def __init__(self, session: KeptSession, ingest: FrameIngest, keeping: Keeping | None) -> None:
        self.purpose = ""
        self.story: str | None = None
        self.exercise = SessionExercise(session, None if keeping is None else keeping.programme)
        self._id = secrets.token_hex(9)
        self._so_far_s = -math.inf
        """When the take so far was written last."""
        self._so_far: Take | None = None
        """What was handed on last while the session goes on."""
        self._growing = Growing()
        self._session = session
        self._keeping = None if keeping is None or keeping.person is None else keeping
        self._sound = SoundCapture(lambda: self._allows("sound"), session.core.muted)
        self._summary: messages.Summary | None = None
        if self._keeping is not None and self._keeping.person is not None:
            service = self._keeping.service
            service.going_on.add(self._id)
            self._begun_at = service.now()
            session.stream.tap = ingest.tap = self._sound
            session.tasks.start(service.remember(self._keeping.person), "reading what may be kept")

    @property
    def wanted(self) -> bool:
        """Whether there is somebody whose takes may be kept; :meth:`keep` asks what they allow."""
        return self._keeping is not None

    @property
    def wants_words(self) -> bool:
        """Whether a review of the words is to be made even if nobody reads it now."""
        return self._allows("words") or self._allows("figures")

    def _allows(self, what: str) -> bool:
        keeping = self._keeping
        if keeping is None or keeping.person is None:
            return False
        allowed: bool = getattr(keeping.service.known(keeping.person), what)
        return allowed

    def tick(self, now_s: float) -> None:
        """Have the figures so far written now and then; what may not be kept any more is taken back."""
        keeping = self._keeping
        if keeping is None or keeping.person is None:
            return
        if now_s - self._so_far_s < SO_FAR_S:
            return
        self._so_far_s = now_s
        if self._growing.is_gone:
            return
        if not self._allows("figures"):
            if self._growing.is_there:
                self._take_back(keeping.service, keeping.person)
            return
        if len(keeping.service.going_on) > SO_FAR_SESSIONS:
            return
        summary = self._session.core.summary()
        if summary.measures[0].speech_s >= LEAST_SPEECH_S:
            self._so_far = self._take(keeping, summary)
            keeping.service.put_so_far(keeping.person, self._so_far, self._growing)

    def _take_back(self, service: RecordService, person: str) -> None:
        """Have what was written so far deleted, as it may not be kept any more."""
        if self._so_far is not None:
            service.put_so_far(person, self._so_far, self._growing)

    def end(self, summary: messages.Summary | None) -> None:
        """Note that the session has ended, with this summary; None where something failed."""
        self._summary = summary
        if self._keeping is not None:
            self._keeping.service.going_on.discard(self._id)

    async def keep(self) -> None:
        """Hand the take on to the record, and tell the speaker whether it is kept."""
        keeping, summary = self._keeping, self._summary
        if keeping is None or keeping.person is None:
            return
        service, chunks = keeping.service, self._sound.take()
        needed = self.exercise.needs_usual_pitch(self.purpose)
        newest = await service.newest(keeping.person, USUAL_TAKES + 1) if needed else []
        earlier = [one for one in newest if one.id != self._id]
        take = self._so_far if summary is None else self._take(keeping, summary)
        if take is not None:
            take = self.exercise.scored(take, earlier)
        if take is not None and take.exercise is not None:
            self._session.tell_speaker(messages.ExerciseScored(score=exercise_score(take, take.exercise)))
        said: messages.TakeKept | messages.TakeNotKept | None
        if take is None or take.measures is None or take.measures.speech_s < LEAST_SPEECH_S:
            why = NO_SUMMARY if take is None else TOO_LITTLE
            said = messages.TakeNotKept(why=why) if await service.allows_anything(keeping.person) else None
        else:
            said = await service.keep(keeping.person, take, chunks, self._growing)
            if said is None or (isinstance(said, messages.TakeNotKept) and said.why == NOTHING_LEFT):
                self._take_back(service, keeping.person)
        if said is not None:
            self._session.tell_speaker(said)

    def _take(self, keeping: Keeping, summary: messages.Summary) -> Take:
        session = self._session
        card, review = session.drill.finished, session.words.review
        question = session.words.question or (session.drill.question if card else "")
        kind: TakeKind = keeping.kind or ("drill" if card else "question" if question else "talk")
        return new_take(
            summary,
            id=self._id,
            kind=kind,
            begun_at=self._begun_at,
            kept=keeping.service.known(keeping.person or ""),
            question=question,
            story=self.story,
            purpose=self.purpose,
            card=card,
            review=review,
        )
