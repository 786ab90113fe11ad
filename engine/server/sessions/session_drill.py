"""The drill of one session: prepared, played, and ended."""

from __future__ import annotations

import logging
import secrets

from dsp.frame import RATE_HZ
from engine.drills.plan import Planned, added, conducted
from engine.errors import UsageError
from engine.interview.plan import QUESTIONS, Settings
from engine.media.resample import Samples
from engine.media.voices.drill_playback import DrillPlayback, RenderedPlan
from engine.media.webrtc.playout import Mixer, PlayoutTrack
from engine.protocol import events as ev
from engine.protocol import messages
from engine.protocol.drill_results import Card
from engine.protocol.terms import Do, Role, Sound
from engine.shipped.drills import bank

from .drill_library import SEEDS, DrillLibrary
from .live_core import LiveCore

log = logging.getLogger(__name__)

SILENT_DB = -60.0
"""At this level noises are off."""

CONDUCTED, CONDUCTED_TITLE = "conducted", "From the interviewer"
"""Name of the drill whose steps an interviewer adds."""

CANNOT_HEAR = (
    "a drill needs audio to the speaker: POST the offer to /whip?hear=1, with sendrecv audio in Opus"
)


class SessionDrill:
    """The drill of one session: prepared, running, or ended with a card that is still to be sent.

    Parameters
    ----------
    core : runs the drill and judges its steps.
    library : renders it.

    Attributes
    ----------
    card : of a drill that ended with its connection, for the next one; None otherwise.
    finished : card of the last drill that ended; None before.
    question : of the last drill that began; empty before, or where it asks none.
    """

    def __init__(self, core: LiveCore, library: DrillLibrary) -> None:
        self.card: ev.DrillEnded | None = None
        self.finished: Card | None = None
        self.question = ""
        self._core = core
        self._library = library
        self._mixer = Mixer()
        self._ready: RenderedPlan | None = None
        self._preparing = False
        self._playback: DrillPlayback | None = None
        self._left = False
        self._line: int | None = None

    def track(self) -> PlayoutTrack | None:
        """Return the track that the far end hears; None where there is no libopus to encode it."""
        try:
            return PlayoutTrack(self._mixer, lambda samples, _: self._core.played(samples))
        except OSError as error:
            log.warning("no drills: their audio can't be encoded: %s", error)
            return None

    async def prepare(
        self, wanted: messages.PrepareDrill | messages.PrepareInterview, *, hears: bool
    ) -> messages.DrillReady:
        """Prepare a drill or an interview, so that it can begin at once.

        Raises
        ------
        UsageError
            There is no such drill, the far end can't hear it, or another one is being prepared.
        """
        if not hears:
            raise UsageError(CANNOT_HEAR)
        if self._preparing:
            raise UsageError("a drill is being prepared; wait for drill_ready")
        self._preparing = True
        try:
            if isinstance(wanted, messages.PrepareDrill):
                ready = await self._library.render(wanted.drill, wanted.level, wanted.seed)
            else:
                ready = await self._library.render_interview(_settings(wanted), wanted.seed)
        finally:
            self._preparing = False
        self._ready = ready
        made = ready.plan
        return messages.DrillReady(
            drill=made.name,
            title=made.title,
            level=made.level,
            seed=made.seed,
            question=made.question,
            steps=len(made.steps),
            most_s=made.most_s,
            shown=made.shown,
        )

    def begin(self, *, hears: bool, words: bool) -> None:
        """Begin the prepared drill.

        Parameters
        ----------
        hears : whether the far end can hear it.
        words : whether the speaker's words are recognised as they speak.

        Raises
        ------
        UsageError
            None is prepared, another one is running, or the far end can't hear it.
        """
        if not hears:
            raise UsageError(CANNOT_HEAR)
        if self._ready is None:
            raise UsageError("no drill is ready; send prepare_drill and wait for drill_ready")
        self._core.begin_drill(self._ready.plan, self._ready.lengths_s, hears=words)
        self.question = self._ready.plan.question
        self._playback = DrillPlayback(self._ready, self._mixer)
        self._ready = self.card = None
        self._left = False

    def lower_distractions(self, db: float) -> None:
        """Set the gain of noises, in dB."""
        self._mixer.set_gain("distraction", db if db > SILENT_DB else float("-inf"))

    async def trigger(self, do: Do, role: Role, sound: Sound | None, *, hears: bool) -> Planned:
        """Play one step to the speaker now, for an interviewer, and return it.

        Raises
        ------
        UsageError
            The speaker can't hear it, or another step is not over.
        """
        if not hears:
            raise UsageError("they can't hear it: the engine doesn't listen to them, or they are away")
        if self._preparing:
            raise UsageError("another distraction is about to be played; wait until it is over")
        seed = secrets.randbelow(SEEDS)
        step = added(do, bank(), role=role, sound=sound, seed=seed)
        self._preparing = True
        try:
            sounds = await self._library.render_step(step, seed)
        finally:
            self._preparing = False
        if not self._core.drilling:
            made = conducted(CONDUCTED, CONDUCTED_TITLE)
            self._core.begin_drill(made, [])
            self._playback, self._left = DrillPlayback(RenderedPlan(made, []), self._mixer), False
        self._core.add_step(step, [one.size / RATE_HZ for one in sounds])
        assert self._playback is not None
        self._playback.add(sounds)
        return step

    async def line(self, text: str, *, fall_st: float, hears: bool) -> Samples:
        """Return a line of the packaged voice, outside of any drill; see :meth:`play_line`.

        Raises
        ------
        UsageError
            The speaker can't hear it.
        RenderingRefused
            The server is too busy to render it.
        """
        if not hears:
            raise UsageError(CANNOT_HEAR)
        return await self._library.render_line(text, fall_st)

    def play_line(self, samples: Samples) -> None:
        """Play a line to the speaker."""
        self._line = self._mixer.play(samples)

    def hush(self) -> None:
        """Stop the line that is played, if one is."""
        if self._line is not None:
            self._mixer.stop(self._line)
            self._line = None

    def play_event(self, event: ev.AnyEvent) -> None:
        """Start or stop the audio that an event of the drill asks for."""
        if self._playback is None:
            return
        self._playback.play_event(event)
        if isinstance(event, ev.DrillEnded):
            self._playback = None
            self.finished = event.card
            self.card = event if self._left else None

    def end_with_connection(self) -> None:
        """End the drill, as its connection is gone; keep its card for the next one."""
        self._left = True
        self._core.stop_drill()
        self._mixer.stop()


def _settings(wanted: messages.PrepareInterview) -> Settings:
    """Return what a client wants of an interview.

    Raises
    ------
    UsageError
        It asks for a number of questions and for minutes.
    """
    if wanted.questions is not None and wanted.minutes is not None:
        raise UsageError("an interview is as long as its questions or its minutes say: send one of the two")
    return Settings(
        style=wanted.style,
        questions=None if wanted.minutes is not None else wanted.questions or QUESTIONS,
        minutes=wanted.minutes,
        level=wanted.level,
        patience=wanted.patience,
        prefer=wanted.prefer,
    )
