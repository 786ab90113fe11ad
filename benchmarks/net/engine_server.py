"""The engine's server as ``sottovoce serve`` runs it, with a record of when each hop was processed.

    python -m benchmarks.net.engine_server [--profile NAME] [--resume-s S] [--samples] [--limits]
        [--loopback] [--record FOLDER]

The only change is to the core's session: its ``poll``, called once the events of what was heard
are there, records the time and the position in the stream.
"""

from __future__ import annotations

import argparse
import itertools
import math
import time
from datetime import UTC, datetime
from typing import Any

import numpy as np
from msgspec.structs import replace

from engine.media.resample import Samples
from engine.protocol.events import AnyEvent
from engine.protocol.kept import Kept
from engine.server import hub, serve
from engine.server.sessions import live_session
from engine.server.sessions.live_core import SoloCore
from engine.server.settings import ME, Settings, checked
from engine.store.record import Record
from engine.warm import warm_up
from tests.harness.net.loopback import only_loopback

from .measured_server import Recorder, SessionNotes, serve_and_answer

recorder = Recorder()

_turns = itertools.count(1.0, 0.73)

KEEP_S = 5.0
"""With a record, each session writes a take so often; a real one does it once, at its end."""


class RecordingSession(SoloCore):
    """A session that records when it is asked for its events."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.notes: SessionNotes | None = None
        self.arrived_s = math.nan

    def hear(self, channel: int, samples: Samples, at: int | None = None) -> None:
        """Keep the samples, if asked for."""
        if self.notes is not None and recorder.with_samples:
            self.notes.samples.append(samples.copy())
        super().hear(channel, samples, at)

    def missing(self, channel: int, start: int, stop: int) -> None:
        """Record what was lost."""
        if self.notes is not None:
            self.notes.gaps.extend((start, stop))
            if recorder.with_samples:
                self.notes.samples.append(np.zeros(stop - start, np.float32))
        super().missing(channel, start, stop)

    def poll(self) -> list[AnyEvent]:
        """Record the time: the events are known now."""
        events = super().poll()
        if self.notes is not None:
            self.notes.known.extend((time.monotonic(), self.now, self.arrived_s))
            self.arrived_s = math.nan
        return events


class RecordingLiveSession(live_session.LiveSession):
    """A live session whose core is recorded under its id."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        assert isinstance(self.core, RecordingSession)
        if recorder.on:
            self.core.notes = recorder.begin(self.id)

    def receive_packet(self, data: bytes, arrived_s: float) -> None:
        """Note when the packet came."""
        assert isinstance(self.core, RecordingSession)
        self.core.arrived_s = arrived_s
        super().receive_packet(data, arrived_s)


class KeptLiveSession(RecordingLiveSession):
    """A live session whose take so far, with its sound, is written every :data:`KEEP_S` while it goes on."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._keep_at_s = self.clock() + next(_turns) % KEEP_S

    def tick(self) -> None:
        """Write the take, when it is time."""
        super().tick()
        if not self.ended and self.clock() >= self._keep_at_s:
            self._keep_at_s += KEEP_S
            self._keep()

    def _keep(self) -> None:
        """Write the take as at the end of a session, which this one is not."""
        assert self.take._keeping is not None
        self.take.end(self.core.summary())
        self.take._keeping.service.going_on.add(self.take._id)
        self.tasks.start(self.take.keep(), "keeping a take")


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--profile", default="conversation")
    parser.add_argument("--resume-s", type=float, default=30.0)
    parser.add_argument("--samples", action="store_true", help="also record the samples")
    parser.add_argument("--limits", action="store_true", help="keep all limits at their defaults")
    parser.add_argument("--loopback", action="store_true", help="use no other address for calls")
    parser.add_argument("--record", metavar="FOLDER", help="keep takes here, everything of them")
    asked = parser.parse_args()
    recorder.with_samples = asked.samples
    warm_up()
    hub.SoloCore = RecordingSession  # type: ignore[attr-defined]
    hub.LiveSession = RecordingLiveSession  # type: ignore[attr-defined]
    settings = Settings(port=0, profile=asked.profile, resume_s=asked.resume_s)
    if asked.record is not None:
        hub.LiveSession = KeptLiveSession  # type: ignore[attr-defined]
        settings = replace(settings, record=ME, store=asked.record)
        _allow_everything(asked.record)
    if asked.loopback:
        only_loopback()
    if not asked.limits:
        # No limit on sessions: the number that holds is what is measured.
        settings = replace(
            settings, max_sessions=10_000, max_cpu=1e6, max_delay_s=1e6, quota=0.0, words_cores=1e6
        )
    settings = checked(settings)

    def run(started: Any) -> None:
        serve.run(settings, lambda text: started(_address(text)) if "http" in text else None)

    serve_and_answer(run, recorder)


def _allow_everything(folder: str) -> None:
    record = Record.open(folder)
    record.set_kept(ME, Kept(figures=True, words=True, sound=True), datetime.now(UTC))
    record.close()


def _address(text: str) -> str:
    return next(word for word in text.split() if word.startswith("http"))


if __name__ == "__main__":
    main()
