"""The words of all sessions of a server: one recognition process, and the mode of each speaker."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from engine.assistant.endpoint import Endpoint
from engine.language.lists import read_lists
from engine.protocol.messages import WordsMode
from engine.server.settings import Settings
from engine.speech.process import RecognitionProcess

from .counters import Counts
from .helpers import HelperLoad
from .load import LoadMonitor
from .words_budget import WordsBudget

if TYPE_CHECKING:
    from engine.assistant.client import Assistant

log = logging.getLogger(__name__)

T = TypeVar("T")

NO_WORDS = "This server doesn't recognise words."

BUSY_TEXTS: dict[WordsMode, str] = {
    "live": "",
    "phrase": "The server is busy: your words come at each pause.",
    "afterwards": "The server is busy: your words come in the review at the end.",
    "unavailable": "The server is too busy to recognise words now; everything else goes on.",
}
"""What a speaker is told of a mode that load has chosen."""


def _assistant(endpoint: Endpoint) -> Assistant:
    from engine.assistant.client import Assistant  # an HTTP client, which few servers need

    return Assistant(endpoint)


class WordsSpeaker(Protocol):
    """A speaker who has asked for words."""

    @property
    def mode(self) -> WordsMode:
        """What they have now."""

    @property
    def waiting_s(self) -> float:
        """How much of their sound waits to be recognised."""

    def set_mode(self, mode: WordsMode, why: str) -> None:
        """Go on in another mode, and tell the speaker."""

    def set_correcting(self, on: bool) -> None:
        """Have live words heard again from here on, or no more."""


class WordsService:
    """Decides who has words how, and owns the process that recognises them.

    Parameters
    ----------
    load : what the server can spare.
    counts : totals of the server.
    process : recognises.

    Attributes
    ----------
    process : the same.
    unavailable : why no words can be recognised here, as a sentence; None when they can.
    assistant : may be asked for advice on a take; None where the server has none.
    """

    name = "recognition"
    """Of its :class:`.helpers.Helper`."""

    def __init__(
        self, settings: Settings, load: LoadMonitor, counts: Counts, process: RecognitionProcess | None = None
    ) -> None:
        self.process = process or RecognitionProcess()
        self.counts = counts
        missing = self.process.recipe.missing()
        self.unavailable = NO_WORDS if not settings.words or missing is not None else None
        if settings.words and missing is not None:
            log.info("no words are recognised: %s", missing)
        self.assistant = None if settings.assistant is None else _assistant(settings.assistant)
        self._load = load
        self._budget = WordsBudget(settings.words_cores)
        self._speakers: list[WordsSpeaker] = []
        self._closing = asyncio.Event()

    def __contains__(self, speaker: object) -> bool:
        return speaker in self._speakers

    def warm_up(self) -> None:
        """Read the lists of words, which would hold up running calls if it were done on first use."""
        if self.unavailable is None:
            read_lists()

    def load(self) -> HelperLoad:
        """Return what the process has cost, and how many wait for it."""
        return HelperLoad(self.process.cpu_s, self.process.queue)

    @property
    def modes(self) -> dict[WordsMode, int]:
        """Number of speakers in each mode."""
        counted: dict[WordsMode, int] = dict.fromkeys(("live", "phrase", "afterwards", "unavailable"), 0)
        for speaker in self._speakers:
            counted[speaker.mode] += 1
        return counted

    def join(self, speaker: WordsSpeaker) -> None:
        """Add a speaker, and set their mode."""
        load = self._load
        mode = self._budget.first(len(self._speakers), spare_cores=load.spare_cores, shedding=load.level)
        self._speakers.append(speaker)
        speaker.set_mode(mode, BUSY_TEXTS[mode])

    def leave(self, speaker: WordsSpeaker) -> None:
        """Remove a speaker, if they are there."""
        if speaker in self._speakers:
            self._speakers.remove(speaker)

    def look(self, now_s: float, used_cores: float) -> None:
        """Set the modes by the load, and by what recognition has used; called a few times a second."""
        load, speakers = self._load, list(self._speakers)
        modes = self._budget.look(
            now_s,
            speakers,
            spare_cores=load.spare_cores,
            delay_share=load.delay_share,
            shedding=load.level,
            used_cores=used_cores,
        )
        for speaker, mode in zip(speakers, modes, strict=True):
            if mode != speaker.mode:
                speaker.set_mode(mode, BUSY_TEXTS[mode])
        live = 0
        for speaker, mode in zip(speakers, modes, strict=True):
            live += mode == "live"
            speaker.set_correcting(mode == "live" and live <= self._budget.corrected)

    async def unless_closed(self, work: Coroutine[Any, Any, T]) -> T | None:
        """Wait for some work, but not for longer than the server runs; None when that came first."""
        task = asyncio.ensure_future(work)
        closing = asyncio.ensure_future(self._closing.wait())
        await asyncio.wait({task, closing}, return_when=asyncio.FIRST_COMPLETED)
        closing.cancel()
        if task.done():
            return task.result()
        task.cancel()
        await asyncio.wait({task})
        return None

    async def close(self) -> None:
        """End the process: reviews that are being made fail."""
        self._closing.set()
        await self.process.close()
