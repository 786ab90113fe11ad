"""Where a server's CPU time goes, by stage of a packet's processing: a sampling profiler.

The kernel sends SIGPROF for each millisecond of CPU time that the process has used. The
handler walks the stack from the innermost frame outwards, and the first frame that belongs to a
stage counts. A handler runs once the interrupted C code returns, so time inside libopus or a
compiled kernel counts for its caller.
"""

from __future__ import annotations

import signal
from collections import Counter
from types import FrameType

INTERVAL_S = 0.001
"""CPU time between samples."""

STAGES = (
    ("ears", ("/dsp/",)),
    ("decode", ("/av/", "opus.py", "codecs.py", "engine/media/resample.py")),
    (
        "send",
        (
            "protocol/messages.py", "outbox.py",
            "rtcsctptransport.py", "rtcdatachannel.py", "live_session.py",
            "sessions/connection.py", "sessions/readers.py", "sessions/delay_meter.py",
        ),
    ),
    ("policy", ("/engine/core/", "/engine/cues/", "/engine/drills/", "/engine/protocol/")),
    ("receive", ("aioice", "/aiortc/", "engine/media/", "selector_events.py", "pylibsrtp")),
)  # fmt: skip
"""Parts of file names, by stage."""

ALL_STAGES = ("receive", "decode", "ears", "policy", "send", "loop")
"""Stages in the order of processing; the last one is what belongs to no other."""


class CpuSampler:
    """Counts samples by stage between :meth:`start` and :meth:`stop`, both called in the main thread."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._known: dict[str, str | None] = {}

    def start(self) -> None:
        """Count from zero."""
        self.counts.clear()
        signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, INTERVAL_S, INTERVAL_S)

    def stop(self) -> None:
        """Stop counting."""
        signal.setitimer(signal.ITIMER_PROF, 0)

    def _look(self, number: int, frame: FrameType | None) -> None:
        while frame is not None:
            name = frame.f_code.co_filename
            if name not in self._known:
                self._known[name] = stage_of(name)
            stage = self._known[name]
            if stage is not None:
                self.counts[stage] += 1
                return
            frame = frame.f_back
        self.counts["loop"] += 1


def stage_of(file_name: str) -> str | None:
    """Stage that a source file belongs to; None for files that serve several, such as asyncio's."""
    for stage, parts in STAGES:
        if any(part in file_name for part in parts):
            return stage
    return None
