"""The drills of a server, and the running drill of one session."""

from __future__ import annotations

import asyncio
import logging
import secrets
from pathlib import Path

from msgspec import Struct

from dsp.frame import RATE_HZ
from engine.drills.plan import Planned, added, conducted, plan
from engine.drills.script import Drill
from engine.drills.texts import announced
from engine.errors import DrillError, UsageError
from engine.media.resample import Samples
from engine.media.voices.clips import ClipCache, cache_folder
from engine.media.voices.distractions import load_recordings
from engine.media.voices.drill_playback import DrillPlayback, RenderedPlan, render_plan, render_step
from engine.media.voices.rendering import ProcessRenderer
from engine.media.webrtc.playout import Mixer, PlayoutTrack
from engine.protocol import events as ev
from engine.protocol import messages
from engine.protocol.terms import Do, Level, Role, Sound
from engine.shipped.drills import bank, load, shipped

from .live_core import LiveCore

log = logging.getLogger(__name__)

SILENT_DB = -60.0
"""At this level noises are off."""

SEEDS = 1_000_000

CONDUCTED, CONDUCTED_TITLE = "conducted", "From the interviewer"
"""Name of the drill whose steps an interviewer adds."""

CANNOT_HEAR = (
    "a drill needs audio to the speaker: POST the offer to /whip?hear=1, with sendrecv audio in Opus"
)


class DrillOffer(Struct, frozen=True, kw_only=True):
    """A drill as ``/drills`` lists it."""

    name: str
    title: str
    trains: str
    use_when: str
    minutes: float
    levels: tuple[Level, ...]
    will: dict[Level, list[str]]
    """What happens in it, at each level."""


class DrillLibrary:
    """All drills of a server, and their audio.

    Parameters
    ----------
    folder : the user's own drills, TOML files; they replace shipped ones of the same name.
    sounds : folder with recordings that replace distractions of their name.

    Raises
    ------
    UsageError
        A folder doesn't exist, or a drill in it can't be used. A recording that can't be is named in the log.
    """

    def __init__(self, folder: str | None = None, sounds: str | None = None) -> None:
        self.drills = {name: load(name) for name in shipped()}
        if folder is not None:
            self.drills |= {drill.name: drill for drill in _own(Path(folder))}
        own: dict[str, Samples] = {}
        if sounds is not None:
            own, warnings = load_recordings(sounds)
            for warning in warnings:
                log.warning("%s", warning)
        self.clips = ClipCache(cache_folder(), own, ProcessRenderer())

    def offers(self) -> list[DrillOffer]:
        """Return what ``/drills`` lists."""
        return [
            DrillOffer(
                name=drill.name,
                title=drill.title,
                trains=drill.trains,
                use_when=drill.use_when,
                minutes=drill.minutes,
                levels=drill.levels,
                will={level: announced(drill, level) for level in drill.levels},
            )
            for drill in self.drills.values()
        ]

    async def render(self, name: str, level: Level, seed: int | None) -> RenderedPlan:
        """Draw a drill's plan and render its audio, in a thread.

        Raises
        ------
        UsageError
            There is no such drill, or it does not have that level.
        """
        drill = self.drills.get(name)
        if drill is None:
            raise UsageError(f"no drill {name!r}; there are {', '.join(self.drills)}")
        if level not in drill.levels:
            raise UsageError(f"the drill {name} has no level {level}; it has {', '.join(drill.levels)}")
        made = plan(drill, bank(), level=level, seed=secrets.randbelow(SEEDS) if seed is None else seed)
        return await asyncio.to_thread(render_plan, made, self.clips)


def _own(folder: Path) -> list[Drill]:
    if not folder.is_dir():
        raise DrillError(f"{folder}: no such folder; it should contain drills (TOML files)")
    return [load(path.absolute()) for path in sorted(folder.glob("*.toml"))]


class SessionDrill:
    """The drill of one session: prepared, running, or ended with a card that is still to be sent.

    Parameters
    ----------
    core : runs the drill and judges its steps.
    library : renders it.

    Attributes
    ----------
    card : of a drill that ended with its connection, for the next one; None otherwise.
    """

    def __init__(self, core: LiveCore, library: DrillLibrary) -> None:
        self.card: ev.DrillEnded | None = None
        self._core = core
        self._library = library
        self._mixer = Mixer()
        self._ready: RenderedPlan | None = None
        self._preparing = False
        self._playback: DrillPlayback | None = None
        self._left = False

    def track(self) -> PlayoutTrack | None:
        """Return the track that the far end hears; None where there is no libopus to encode it."""
        try:
            return PlayoutTrack(self._mixer, lambda samples, _: self._core.played(samples))
        except OSError as error:
            log.warning("no drills: their audio can't be encoded: %s", error)
            return None

    async def prepare(self, wanted: messages.PrepareDrill, *, hears: bool) -> messages.DrillReady:
        """Prepare a drill, so that it can begin at once.

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
            ready = await self._library.render(wanted.drill, wanted.level, wanted.seed)
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
        )

    def begin(self, *, hears: bool) -> None:
        """Begin the prepared drill.

        Raises
        ------
        UsageError
            None is prepared, another one is running, or the far end can't hear it.
        """
        if not hears:
            raise UsageError(CANNOT_HEAR)
        if self._ready is None:
            raise UsageError("no drill is ready; send prepare_drill and wait for drill_ready")
        self._core.begin_drill(self._ready.plan, self._ready.lengths_s)
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
            sounds = await asyncio.to_thread(render_step, step, self._library.clips, seed)
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

    def play_event(self, event: ev.AnyEvent) -> None:
        """Start or stop the audio that an event of the drill asks for."""
        if self._playback is None:
            return
        self._playback.play_event(event)
        if isinstance(event, ev.DrillEnded):
            self._playback = None
            self.card = event if self._left else None

    def end_with_connection(self) -> None:
        """End the drill, as its connection is gone; keep its card for the next one."""
        self._left = True
        self._core.stop_drill()
        self._mixer.stop()
