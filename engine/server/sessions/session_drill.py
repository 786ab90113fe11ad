"""Drills on a server: those there are, and the one of a session."""

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
"""Lowered so far, noises are off."""

SEEDS = 1_000_000

CONDUCTED, CONDUCTED_TITLE = "conducted", "From the interviewer"
"""Name of the drill that an interviewer makes up while it goes on."""

CANNOT_HEAR = "a drill has to be heard: POST the offer to /whip?hear=1, its audio sendrecv, in Opus"


class DrillOffer(Struct, frozen=True, kw_only=True):
    """A drill as ``/drills`` lists it."""

    name: str
    title: str
    trains: str
    use_when: str
    minutes: float
    levels: tuple[Level, ...]
    will: dict[Level, list[str]]
    """What it does, at each difficulty."""


class Library:
    """All drills of a server, and their clips.

    Parameters
    ----------
    folder : one's own drills, TOML files; a shipped one of the same name gives way.
    sounds : folder with recordings that stand in for distractions.

    Raises
    ------
    UsageError
        A folder isn't there, or a drill in it can't be used. A recording that can't is named in the log.
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
        """What there is to choose from."""
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

    async def staged(self, name: str, level: Level, seed: int | None) -> RenderedPlan:
        """Make a drill ready, while the calls go on.

        Raises
        ------
        UsageError
            There is no such drill, or none of that difficulty.
        """
        drill = self.drills.get(name)
        if drill is None:
            raise UsageError(f"no drill {name!r}; there are {', '.join(self.drills)}")
        if level not in drill.levels:
            raise UsageError(f"nothing happens in {name} at level {level}; it has {', '.join(drill.levels)}")
        made = plan(drill, bank(), level=level, seed=secrets.randbelow(SEEDS) if seed is None else seed)
        return await asyncio.to_thread(render_plan, made, self.clips)


def _own(folder: Path) -> list[Drill]:
    if not folder.is_dir():
        raise DrillError(f"{folder}: no such folder; it should hold drills, TOML files")
    return [load(path.absolute()) for path in sorted(folder.glob("*.toml"))]


class DrillRoom:
    """The drill of one session: what is ready, what is heard, and the card that nobody got.

    Parameters
    ----------
    core : does the drill.
    library : makes it ready.
    """

    def __init__(self, core: LiveCore, library: Library) -> None:
        self.card: ev.DrillEnded | None = None
        """Of a drill that the connection's end stopped: for who comes back."""
        self._core = core
        self._library = library
        self._mixer = Mixer()
        self._ready: RenderedPlan | None = None
        self._preparing = False
        self._stage: DrillPlayback | None = None
        self._left = False

    def track(self) -> PlayoutTrack | None:
        """What a far end hears; None where there is no libopus to say it with."""
        try:
            return PlayoutTrack(self._mixer, lambda samples, _: self._core.played(samples))
        except OSError as error:
            log.warning("no drills: nothing can be said: %s", error)
            return None

    async def prepare(self, wanted: messages.PrepareDrill, *, hears: bool) -> messages.DrillReady:
        """Make a drill ready.

        Raises
        ------
        UsageError
            There is no such drill, the far end can't hear it, or another one is being made ready.
        """
        if not hears:
            raise UsageError(CANNOT_HEAR)
        if self._preparing:
            raise UsageError("a drill is being made ready; wait for drill_ready")
        self._preparing = True
        try:
            ready = await self._library.staged(wanted.drill, wanted.level, wanted.seed)
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
        """Begin the one that is ready.

        Raises
        ------
        UsageError
            None is, one goes on already, or nobody can hear it.
        """
        if not hears:
            raise UsageError(CANNOT_HEAR)
        if self._ready is None:
            raise UsageError("no drill is ready; send prepare_drill and wait for drill_ready")
        self._core.begin_drill(self._ready.plan, self._ready.lengths_s)
        self._stage = DrillPlayback(self._ready, self._mixer)
        self._ready = self.card = None
        self._left = False

    def lower(self, db: float) -> None:
        """Set how loud noises are."""
        self._mixer.lower("distraction", db if db > SILENT_DB else float("-inf"))

    async def conduct(self, do: Do, role: Role, sound: Sound | None, *, hears: bool) -> Planned:
        """Let one thing happen to the speaker now, because a person wants it; gives what it is.

        Raises
        ------
        UsageError
            It can't be heard, or something happens to them already.
        """
        if not hears:
            raise UsageError("they can't hear it: the engine doesn't listen to them, or they are away")
        if self._preparing:
            raise UsageError("something is about to happen to them; wait until it is over")
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
            self._stage, self._left = DrillPlayback(RenderedPlan(made, []), self._mixer), False
        self._core.add_step(step, [one.size / RATE_HZ for one in sounds])
        assert self._stage is not None
        self._stage.add(sounds)
        return step

    def on(self, event: ev.AnyEvent) -> None:
        """Let be heard what an event of the drill says."""
        if self._stage is None:
            return
        self._stage.on(event)
        if isinstance(event, ev.DrillEnded):
            self._stage = None
            self.card = event if self._left else None

    def leave(self) -> None:
        """The far end is gone: the drill is over, its card is kept for when it comes back."""
        self._left = True
        self._core.stop_drill()
        self._mixer.stop()
