"""Run a drill without a network: 20 ms of the speaker in, 20 ms of playback out, in step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

import numpy as np

from engine.core.session import Session
from engine.media.files.recording import Recording
from engine.media.resample import Samples
from engine.media.webrtc.playout import BLOCK, Mixer
from engine.profile import Profile
from engine.protocol import events as ev

from .drill_playback import DrillPlayback, RenderedPlan

LAST_BLOCKS = 6
"""Blocks of silence after the last sample, in which the session learns of the last words."""


class WordsOfDrill(Protocol):
    """Hears the words of a drill's speaker, and lets its session learn them."""

    def hear(self, channel: int, part: Samples) -> None:
        """Hear samples that the session is about to hear."""

    def finish(self) -> None:
        """Hear that no more come."""

    def observe(self, event: ev.AnyEvent) -> None:
        """Take an event of the session, in order."""


class OfflineDrill:
    """A drill and its speaker.

    Parameters
    ----------
    rendered : the drill.
    profile : the speaker's.
    hears : whether words will be heard.

    Attributes
    ----------
    mixer : playback of the drill; the gain of its distractions can be set.
    session : measures the speaker.
    words : hears the speaker's words, if anything does; to be set before the first sample.
    """

    def __init__(self, rendered: RenderedPlan, profile: Profile, *, hears: bool = False) -> None:
        self.mixer = Mixer()
        self.session = Session(profile)
        self.words: WordsOfDrill | None = None
        self._playback = DrillPlayback(rendered, self.mixer)
        self.session.begin_drill(rendered.plan, rendered.lengths_s, hears=hears)

    @property
    def finished(self) -> bool:
        """Whether the drill has ended."""
        return not self.session.drilling

    def hear_speaker(self, samples: Samples) -> list[ev.AnyEvent]:
        """Take the speaker's next samples, start the playback they trigger, and return the events."""
        if self.words is not None:
            self.words.hear(0, samples)
        self.session.hear(0, samples)
        return self._play_events()

    def next_block(self) -> Samples:
        """Return the next 20 ms of playback: float32, shape (320,)."""
        block = self.mixer.next_block()
        if block is None:
            return np.zeros(BLOCK, np.float32)
        self.session.played(block)
        return block

    def stop(self) -> list[ev.AnyEvent]:
        """End the drill and return its last events: the last words, and the card unless that came before."""
        if self.words is not None:
            self.words.finish()
            self.session.hear(0, np.zeros(LAST_BLOCKS * BLOCK, np.float32))
        self.session.stop_drill()
        return self._play_events()

    def _play_events(self) -> list[ev.AnyEvent]:
        events = self.session.poll()
        for event in events:
            self._playback.play_event(event)
            if self.words is not None:
                self.words.observe(event)
        return events


def run_against(
    drill: OfflineDrill, blocks: Iterable[Samples]
) -> Iterator[tuple[list[ev.AnyEvent], Samples, Samples]]:
    """Run a drill against recorded speech, as if live.

    Parameters
    ----------
    blocks : float32, 16 kHz mono, any lengths.

    Yields
    ------
    events : of the session.
    spoken, heard : 20 ms of the speaker, and the playback in that time.
    """
    for block in in_blocks(blocks):
        events = drill.hear_speaker(block)
        yield events, block, drill.next_block()
        if drill.finished:
            return
    yield drill.stop(), np.zeros(BLOCK, np.float32), drill.next_block()


def in_blocks(parts: Iterable[Samples]) -> Iterator[Samples]:
    """Cut samples into blocks of 20 ms; the last is padded with silence."""
    held = np.zeros(0, np.float32)
    for part in parts:
        held = np.concatenate([held, part])
        whole = held.size // BLOCK * BLOCK
        yield from held[:whole].reshape(-1, BLOCK)
        held = held[whole:]
    if held.size:
        yield np.pad(held, (0, BLOCK - held.size))


def read_speaker(path: str | Path) -> Iterator[Samples]:
    """Yield the samples of a recording of one speaker, with silence for missing audio.

    Raises
    ------
    AudioFileError
        It cannot be used.
    """
    for block in Recording(path, "mix").blocks():
        yield np.zeros(block, np.float32) if isinstance(block, int) else block[0]
