"""The drills of a server, and their audio, which a helper process renders."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

from msgspec import Struct

from engine.drills.plan import Planned, plan
from engine.drills.script import Drill
from engine.drills.texts import announced
from engine.errors import DrillError, UsageError
from engine.interview.interviewer import prepare
from engine.interview.plan import Settings, plan_interview
from engine.language.acts import read_wordings
from engine.media.resample import Samples
from engine.media.voices.clips import ClipCache, cache_folder
from engine.media.voices.distractions import load_recordings
from engine.media.voices.drill_playback import RenderedPlan, render_plan, render_step
from engine.media.voices.rendering import ProcessRenderer
from engine.protocol.terms import Level
from engine.shipped.drills import bank, load, shipped
from engine.shipped.interview import lines

from .helpers import HelperLoad

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

SEEDS = 1_000_000
"""Seeds of drills whose client asks for none: 0 up to this."""

TOO_BUSY = (
    "No new audio can be prepared now: {why}. Try again in a minute; "
    "a drill that was played before, with the same seed, is still there."
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

    hears: bool
    """Whether words of the speaker move its person, where words are on."""


class DrillLibrary:
    """All drills of a server, and their audio.

    Parameters
    ----------
    folder : the user's own drills, TOML files; they replace shipped ones of the same name.
    sounds : folder with recordings that replace distractions of their name.
    refusal : says why no audio can be rendered now; None when it can.

    Raises
    ------
    UsageError
        A folder doesn't exist, or a drill in it can't be used. A recording that can't be is named in the log.
    """

    name = "rendering"
    """Of its :class:`.helpers.Helper`, the process that renders."""

    def __init__(
        self,
        folder: str | None = None,
        sounds: str | None = None,
        refusal: Callable[[], str | None] = lambda: None,
    ) -> None:
        self.drills = {name: load(name) for name in shipped()}
        if folder is not None:
            self.drills |= {drill.name: drill for drill in _own(Path(folder))}
        own: dict[str, Samples] = {}
        if sounds is not None:
            own, warnings = load_recordings(sounds)
            for warning in warnings:
                log.warning("%s", warning)
        self._refusal = refusal
        self._renderer = ProcessRenderer()
        self._queue = 0
        self.clips = ClipCache(cache_folder(), own, self._renderer, self._why_not)

    def load(self) -> HelperLoad:
        """Return what the process that renders has cost, and how many wait for it."""
        return HelperLoad(self._renderer.cpu_s, self._queue)

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
                hears=drill.moods is not None,
            )
            for drill in self.drills.values()
        ]

    async def render(self, name: str, level: Level, seed: int | None) -> RenderedPlan:
        """Draw a drill's plan and render its audio, in a thread.

        Raises
        ------
        UsageError
            There is no such drill, or it does not have that level.
        RenderingRefused
            The server is too busy to render what is not in the cache.
        """
        drill = self.drills.get(name)
        if drill is None:
            raise UsageError(f"no drill {name!r}; there are {', '.join(self.drills)}")
        if level not in drill.levels:
            raise UsageError(f"the drill {name} has no level {level}; it has {', '.join(drill.levels)}")
        made = plan(drill, bank(), level=level, seed=secrets.randbelow(SEEDS) if seed is None else seed)
        if made.moods:
            await self._in_thread(read_wordings)  # here, so that no call waits for it
        return await self._in_thread(render_plan, made, self.clips)

    async def render_interview(self, settings: Settings, seed: int | None) -> RenderedPlan:
        """Draw the plan of an interview and render its lines, in a thread.

        Raises
        ------
        UsageError
            It would have too many questions.
        RenderingRefused
            As of :meth:`render`.
        """
        made = plan_interview(settings, bank(), lines(), secrets.randbelow(SEEDS) if seed is None else seed)
        await asyncio.to_thread(prepare)
        return await self._in_thread(render_plan, made, self.clips)

    async def render_step(self, step: Planned, seed: int) -> list[Samples]:
        """Render the audio of one step, in a thread.

        Raises
        ------
        RenderingRefused
            As of :meth:`render`.
        """
        return await self._in_thread(render_step, step, self.clips, seed)

    async def render_line(self, text: str, fall_st: float) -> Samples:
        """Render a line of the voice as it comes, with ends that fall by so many semitones, in a thread.

        Raises
        ------
        RenderingRefused
            As of :meth:`render`.
        """
        return await self._in_thread(self.clips.speech, "interviewer", text, fall_st=fall_st)

    async def _in_thread(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        self._queue += 1
        try:
            return await asyncio.to_thread(work, *args, **kwargs)
        finally:
            self._queue -= 1

    def _why_not(self) -> str | None:
        why = self._refusal()
        return None if why is None else TOO_BUSY.format(why=why)


def _own(folder: Path) -> list[Drill]:
    if not folder.is_dir():
        raise DrillError(f"{folder}: no such folder; it should contain drills (TOML files)")
    return [load(path.absolute()) for path in sorted(folder.glob("*.toml"))]
