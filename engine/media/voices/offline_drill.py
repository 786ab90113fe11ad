"""A drill without a network: 20 ms of a speaker in, 20 ms of the drill out, in step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from engine.core.session import Session
from engine.media.files.recording import Recording
from engine.media.resample import Samples
from engine.media.webrtc.playout import BLOCK, Mixer
from engine.profile import Profile
from engine.protocol import events as ev

from .drill_playback import DrillPlayback, RenderedPlan


class OfflineDrill:
    """One drill and its speaker.

    Attributes
    ----------
    mixer : what it lets be heard; its distractions can be lowered.
    """

    def __init__(self, rendered: RenderedPlan, profile: Profile) -> None:
        self.mixer = Mixer()
        self._session = Session(profile)
        self._stage = DrillPlayback(rendered, self.mixer)
        self._session.begin_drill(rendered.plan, rendered.lengths_s)

    @property
    def over(self) -> bool:
        """Whether the drill is done."""
        return not self._session.drilling

    def hear(self, samples: Samples) -> list[ev.AnyEvent]:
        """Take the speaker's next samples; what they lead to has begun to play."""
        self._session.hear(0, samples)
        return self._told()

    def heard(self) -> Samples:
        """Next 20 ms for the speaker's ears: float32, shape (320,)."""
        block = self.mixer.take()
        if block is None:
            return np.zeros(BLOCK, np.float32)
        self._session.played(block)
        return block

    def stop(self) -> list[ev.AnyEvent]:
        """End the drill; its card is among what is told."""
        self._session.stop_drill()
        return self._told()

    def _told(self) -> list[ev.AnyEvent]:
        events = self._session.poll()
        for event in events:
            self._stage.on(event)
        return events


def run_against(
    rehearsal: OfflineDrill, blocks: Iterable[Samples]
) -> Iterator[tuple[list[ev.AnyEvent], Samples, Samples]]:
    """Run a drill over someone who speaks already, as if live.

    Parameters
    ----------
    blocks : float32, 16 kHz mono, any lengths.

    Yields
    ------
    events : what it told.
    spoken, heard : 20 ms of the speaker, and what they would have heard in that time.
    """
    for block in in_blocks(blocks):
        events = rehearsal.hear(block)
        yield events, block, rehearsal.heard()
        if rehearsal.over:
            return
    yield rehearsal.stop(), np.zeros(BLOCK, np.float32), rehearsal.heard()


def in_blocks(parts: Iterable[Samples]) -> Iterator[Samples]:
    """Samples in blocks of 20 ms; what is short of one at the end is filled with silence."""
    held = np.zeros(0, np.float32)
    for part in parts:
        held = np.concatenate([held, part])
        whole = held.size // BLOCK * BLOCK
        yield from held[:whole].reshape(-1, BLOCK)
        held = held[whole:]
    if held.size:
        yield np.pad(held, (0, BLOCK - held.size))


def read_speaker(path: str | Path) -> Iterator[Samples]:
    """Samples of a recording of one speaker; audio that is missing in it is silence.

    Raises
    ------
    AudioFileError
        It can't be used.
    """
    for block in Recording(path, "mix").blocks():
        yield np.zeros(block, np.float32) if isinstance(block, int) else block[0]
