"""Whether the input itself is in order: muted, clipping, or not audio at all.

A mute is told by digital silence, which no microphone gives that is on. Short ones mean nothing:
dropouts, discontinuous transmission (up to 0.5 s) and codecs make them. Nor does a long one where
a noise gate makes one of each pause: a channel that had several short ones lately is *gated*.
"""

from __future__ import annotations

import numpy as np

from .component import Component, State
from .frame import HOP_S
from .kernel import kernel

MUTED_DBFS = -90.0
"""Below this is digital silence: what 16 bits and Opus leave of it is one step, up or down."""

SILENT_DBFS = -75.0
"""Below this no speech can be."""

MUTED_AFTER_HOPS = round(2.0 / HOP_S)
"""Digital silence for so long is a mute: no dropout lasts as long."""

GATED_AFTER_HOPS = round(10.0 / HOP_S)
"""Likewise on a gated channel: nobody who is there is silent for as long in mid-talk."""

GATE_HOPS = (round(0.1 / HOP_S), round(3.0 / HOP_S))
"""Digital silences from so long to so long, sound before and after them, are those of a gate..."""

GATES, GATE_WINDOW_HOPS = 3, round(60.0 / HOP_S)
"""...when there were so many of them in so much sound."""

NEVER_HOP = -(10**9)

SILENT_AFTER_HOPS = round(5.0 / HOP_S)
HEARD_AFTER_HOPS = round(0.1 / HOP_S)
CLIPPED_SHARE = 0.005
"""Share of a hop's samples at full scale from which the hop counts as clipped."""

CLIPPED_HOPS = 10
CLIPPING_WINDOW_HOPS = round(3.0 / HOP_S)
GOOD_AFTER_HOPS = round(1.0 / HOP_S)

BAD_SAMPLES, SILENT, MUTED, CLIPPING = 1, 2, 4, 8
"""Bits of ``InputFaults.on``."""


@kernel
def with_bit(on: int, kind: int, is_on: bool) -> int:
    """Faults with one of them on or off."""
    return on | kind if is_on else on & ~kind


@kernel
def track_silence(zero: bool, sounds: bool, state: State) -> None:
    """Follow digital silences hop by hop, and whether a noise gate makes them."""
    if zero:
        if state.zero_hops == 0:
            state.zero_since = state.hops
            state.gated = state.sound_hops - state.gate_at[state.gate_next] <= GATE_WINDOW_HOPS
        state.zero_hops += 1
        return
    newest = state.gate_at[(state.gate_next - 1) % GATES]
    if GATE_HOPS[0] <= state.zero_hops < GATE_HOPS[1] and state.sound_hops > max(0, newest):
        state.gate_at[state.gate_next] = state.sound_hops
        state.gate_next = (state.gate_next + 1) % GATES
    state.zero_hops = 0
    state.sound_hops += sounds


@kernel
def update_faults(frame: State, bad: bool, state: State) -> None:
    """Take the frame of the next hop, and whether its samples were no audio."""
    state.hops += 1
    on, hop = state.on, state.hops
    if bad:
        state.bad_at = hop
    if bad or (on and hop - state.bad_at >= GOOD_AFTER_HOPS):
        on = with_bit(on, BAD_SAMPLES, bad)
    clipped = frame.known and frame.clipped >= CLIPPED_SHARE
    at = hop % CLIPPING_WINDOW_HOPS
    state.clipped_hops += clipped - state.clipped[at]
    state.clipped[at] = clipped
    if frame.known:
        # Digital silence, a microphone that hears next to nothing, and sound are told apart.
        zero = frame.level_dbfs < MUTED_DBFS
        track_silence(zero, frame.level_dbfs >= SILENT_DBFS, state)
        state.heard_hops = state.heard_hops + 1 if frame.level_dbfs >= SILENT_DBFS else 0
        if state.heard_hops >= HEARD_AFTER_HOPS or (on & MUTED and not zero):
            state.quiet_hops = 0
        elif not state.heard_hops:
            state.quiet_hops += 1
        muted = state.zero_hops >= (GATED_AFTER_HOPS if state.gated else MUTED_AFTER_HOPS)
        on = with_bit(on, MUTED, muted)
        if muted or state.quiet_hops < SILENT_AFTER_HOPS:
            on &= ~SILENT
        elif not zero:
            on |= SILENT
        if state.clipped_hops >= CLIPPED_HOPS:
            on |= CLIPPING
        elif state.clipped_hops == 0:
            on &= ~CLIPPING
    state.on = on


class InputFaults(Component):
    """Which faults the input has now.

    Attributes
    ----------
    on : bits of those that are there.
    zero_hops, zero_since : length of the digital silence that goes on, 0 in sound, and its first hop, from 1.
    gated : whether a noise gate made it, as far as the silences before it tell.
    """

    STATE = np.dtype(
        [
            ("hops", "i8"),
            ("on", "i8"),
            ("bad_at", "i8"),  # hop whose samples were bad last
            ("zero_hops", "i8"),
            ("zero_since", "i8"),
            ("gated", "?"),
            ("gate_at", "i8", GATES),  # sound heard before the newest silences of a gate, a ring
            ("gate_next", "i8"),
            ("sound_hops", "i8"),
            ("quiet_hops", "i8"),
            ("heard_hops", "i8"),
            ("clipped_hops", "i8"),
            ("clipped", "i1", CLIPPING_WINDOW_HOPS),
        ],
        align=True,
    )

    def reset(self) -> None:
        """Forget everything heard."""
        self.zero_state()
        self.state["gate_at"] = NEVER_HOP

    def unmute(self) -> None:
        """Know that the digital silence that goes on, or is just over, was made: nothing follows from it."""
        self.state["zero_hops"] = 0
        self.state["on"] &= ~MUTED
