"""Faults of the input: muted, silent, clipping, or no audio at all.

A mute is recognised by digital silence, which no active microphone produces. Short digital silences are
common: dropouts, discontinuous transmission (up to 0.5 s), codecs. A long one isn't a mute either where
a noise gate turns pauses into it: a channel with several short ones lately is *gated*.
"""

from __future__ import annotations

import numpy as np

from .component import Component, State
from .frame import HOP_S
from .kernel import kernel

MUTED_DBFS = -90.0
"""Levels below this are digital silence: 16 bits and Opus leave one step, up or down."""

SILENT_DBFS = -75.0
"""Levels below this can't be speech."""

MUTED_AFTER_HOPS = round(2.0 / HOP_S)
"""Digital silence of this length is a mute: no dropout lasts as long."""

GATED_AFTER_HOPS = round(10.0 / HOP_S)
"""The same on a gated channel: nobody pauses that long in mid-talk."""

GATE_HOPS = (round(0.1 / HOP_S), round(3.0 / HOP_S))
"""Lengths of the digital silences that a gate makes, with sound before and after them;"""

GATES, GATE_WINDOW_HOPS = 3, round(60.0 / HOP_S)
"""a channel is gated after this many of them in this much sound."""

NEVER_HOP = -(10**9)
"""Number of a hop that never was."""

SILENT_AFTER_HOPS = round(5.0 / HOP_S)
"""Hops without sound after which the channel is silent."""
HEARD_AFTER_HOPS = round(0.1 / HOP_S)
"""Hops of sound in a row that end the fault."""
CLIPPED_SHARE = 0.005
"""Share of a hop's samples at full scale from which the hop counts as clipped."""

CLIPPED_HOPS = 10
"""Clipped hops in the window from which the input is clipping; it lasts until none is left."""
CLIPPING_WINDOW_HOPS = round(3.0 / HOP_S)
"""Window over which clipped hops are counted."""
GOOD_AFTER_HOPS = round(1.0 / HOP_S)
"""Hops of audio after which samples that were no audio are forgotten."""

BAD_SAMPLES, SILENT, MUTED, CLIPPING = 1, 2, 4, 8
"""Bits of ``InputFaults.on``."""


@kernel
def with_bit(on: int, kind: int, is_on: bool) -> int:
    """Set or clear one bit."""
    return on | kind if is_on else on & ~kind


@kernel
def track_silence(zero: bool, sounds: bool, state: State) -> None:
    """Track digital silences hop by hop, and whether a noise gate makes them."""
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
    """Process the frame of the next hop; ``bad`` if its samples were no audio."""
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
        # Three cases: digital silence, a microphone with next to no signal, and sound.
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
    """The present faults of the input.

    Attributes
    ----------
    on : bits of the faults that are present.
    zero_hops, zero_since : length of the present digital silence, 0 in sound, and its first hop, from 1.
    gated : whether a noise gate made it, by the silences before it.
    """

    STATE = np.dtype(
        [
            ("hops", "i8"),
            ("on", "i8"),
            ("bad_at", "i8"),  # last hop whose samples were no audio
            ("zero_hops", "i8"),
            ("zero_since", "i8"),
            ("gated", "?"),
            ("gate_at", "i8", GATES),  # sound hops before each of the newest silences of a gate, a ring
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
        """Forget everything."""
        self.zero_state()
        self.state["gate_at"] = NEVER_HOP

    def unmute(self) -> None:
        """Disregard the present or last digital silence: the client says that it was no mute."""
        self.state["zero_hops"] = 0
        self.state["on"] &= ~MUTED
