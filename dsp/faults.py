"""Whether the input itself is in order: muted, clipping, or not audio at all."""

from __future__ import annotations

import numpy as np

from .frame import HOP_S
from .kernel import kernel
from .part import Part, State

MUTED_DBFS = -90.0
"""Below this is digital silence: what 16 bits and Opus leave of it is one step, up or down."""

SILENT_DBFS = -75.0
"""Below this no speech can be."""

SILENT_AFTER_HOPS = round(5.0 / HOP_S)
HEARD_AFTER_HOPS = round(0.1 / HOP_S)
CLIPPED_SHARE = 0.005
"""Share of a hop's samples at full scale from which the hop counts as clipped."""

CLIPPED_HOPS = 10
CLIPPING_WINDOW_HOPS = round(3.0 / HOP_S)
GOOD_AFTER_HOPS = round(1.0 / HOP_S)

BAD_SAMPLES, SILENT, MUTED, CLIPPING = 1, 2, 4, 8
"""Bits of ``Faults.on``."""


@kernel
def switched(on: int, kind: int, is_on: bool) -> int:
    """Faults with one of them on or off."""
    return on | kind if is_on else on & ~kind


@kernel
def take(frame: State, bad: bool, state: State) -> None:
    """Take the frame of the next hop, and whether its samples were no audio."""
    state.hops += 1
    on, hop = state.on, state.hops
    if bad:
        state.bad_at = hop
    if bad or (on and hop - state.bad_at >= GOOD_AFTER_HOPS):
        on = switched(on, BAD_SAMPLES, bad)
    clipped = frame.known and frame.clipped >= CLIPPED_SHARE
    at = hop % CLIPPING_WINDOW_HOPS
    state.clipped_hops += clipped - state.clipped[at]
    state.clipped[at] = clipped
    if frame.known:
        # Digital silence, a microphone that hears next to nothing, and sound are told apart.
        zero = frame.level_dbfs < MUTED_DBFS
        state.heard_hops = state.heard_hops + 1 if frame.level_dbfs >= SILENT_DBFS else 0
        if state.heard_hops >= HEARD_AFTER_HOPS or (on & MUTED and not zero):
            state.quiet_hops = state.zero_hops = 0
        elif not state.heard_hops:
            state.quiet_hops += 1
            state.zero_hops = state.zero_hops + 1 if zero else 0
        muted = state.zero_hops >= SILENT_AFTER_HOPS
        on = switched(on, MUTED, muted)
        on = switched(on, SILENT, not muted and state.quiet_hops >= SILENT_AFTER_HOPS)
        if state.clipped_hops >= CLIPPED_HOPS:
            on |= CLIPPING
        elif state.clipped_hops == 0:
            on &= ~CLIPPING
    state.on = on


class Faults(Part):
    """Which faults the input has now.

    Attributes
    ----------
    on : bits of those that are there.
    """

    STATE = np.dtype(
        [
            ("hops", "i8"),
            ("on", "i8"),
            ("bad_at", "i8"),  # hop whose samples were bad last
            ("zero_hops", "i8"),
            ("quiet_hops", "i8"),
            ("heard_hops", "i8"),
            ("clipped_hops", "i8"),
            ("clipped", "i1", CLIPPING_WINDOW_HOPS),
        ],
        align=True,
    )

    def reset(self) -> None:
        """Forget everything heard."""
        self.forget()
