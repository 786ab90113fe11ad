"""Whether the input itself is in order: muted, clipping, or not audio at all."""

from __future__ import annotations

from collections.abc import Callable

from dsp.frame import Frame

from .events import SignalKind, SignalProblem
from .windows import hops

MUTED_DBFS = -90.0
"""Below this is digital silence: what 16 bits and Opus leave of it is one step, up or down."""

SILENT_DBFS = -75.0
"""Below this no speech can be."""
SILENT_AFTER_HOPS = hops(5.0)
HEARD_AFTER_HOPS = hops(0.1)
CLIPPED_SHARE = 0.005
"""Share of a hop's samples at full scale from which the hop counts as clipped."""
CLIPPED_HOPS = 10
CLIPPING_WINDOW_HOPS = hops(3.0)
GOOD_AFTER_HOPS = hops(1.0)


class SignalWatch:
    """Sends :class:`engine.events.SignalProblem` when a fault begins and when it is over."""

    def __init__(self, emit: Callable[..., None]) -> None:
        self._emit = emit
        self._zero_hops = self._quiet_hops = self._heard_hops = 0
        self._clipped_at: list[int] = []
        self._hop = 0
        self._bad_at = 0
        """Hop whose samples were bad last."""
        self._on: set[SignalKind] = set()

    def step(self, frame: Frame, bad: bool) -> None:
        """Take one hop."""
        self._hop += 1
        if bad:
            self._bad_at = self._hop
            self._switch("bad_samples", True)
        elif self._on and self._hop - self._bad_at >= GOOD_AFTER_HOPS:
            self._switch("bad_samples", False)
        if not frame.known:
            return
        self._listen(frame.level_dbfs)
        if frame.clipped >= CLIPPED_SHARE:
            self._clipped_at.append(self._hop)
        if self._clipped_at:
            self._clips()

    def _clips(self) -> None:
        while self._clipped_at and self._clipped_at[0] <= self._hop - CLIPPING_WINDOW_HOPS:
            del self._clipped_at[0]
        if len(self._clipped_at) >= CLIPPED_HOPS:
            self._switch("clipping", True)
        elif not self._clipped_at:
            self._switch("clipping", False)

    def _listen(self, level_dbfs: float) -> None:
        """Tell digital silence from a microphone that hears next to nothing, and both from sound."""
        zero = level_dbfs < MUTED_DBFS
        self._heard_hops = self._heard_hops + 1 if level_dbfs >= SILENT_DBFS else 0
        if self._heard_hops >= HEARD_AFTER_HOPS or ("muted" in self._on and not zero):
            self._quiet_hops = self._zero_hops = 0
        elif not self._heard_hops:
            self._quiet_hops += 1
            self._zero_hops = self._zero_hops + 1 if zero else 0
        if not (self._quiet_hops or self._on):
            return
        muted = self._zero_hops >= SILENT_AFTER_HOPS
        self._switch("silent", not muted and self._quiet_hops >= SILENT_AFTER_HOPS)
        self._switch("muted", muted)

    def _switch(self, kind: SignalKind, on: bool) -> None:
        if on != (kind in self._on):
            (self._on.add if on else self._on.discard)(kind)
            self._emit(SignalProblem, kind=kind, on=on)
