"""The last second of a channel's sound at 8 kHz, for those who compare two channels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .component import Component, State
from .frame import HOP, RATE_HZ
from .kernel import kernel

DECIMATION = 2
"""16 kHz to 8 kHz: voices have little above 4 kHz."""

LENGTH = RATE_HZ // DECIMATION
"""Samples kept, 1 s; whole hops."""

Floats = NDArray[np.float32]


@kernel
def append_samples(hop: Floats, state: State) -> None:
    """Put a hop, shape (160,), over the oldest one: means of two samples, which dims what would fold over."""
    at = state.at
    for i in range(HOP // DECIMATION):
        state.ring[at + i] = np.float32(0.5) * (hop[DECIMATION * i] + hop[DECIMATION * i + 1])
    state.at = (at + HOP // DECIMATION) % LENGTH


class SampleHistory(Component):
    """What was heard last, lost hops as silence."""

    STATE = np.dtype([("ring", "f4", LENGTH), ("at", "i8")], align=True)

    def reset(self) -> None:
        """Forget everything heard."""
        self.zero_state()

    def process_lost(self) -> None:
        """Take a hop of which samples never arrived."""
        append_samples(np.zeros(HOP, np.float32), self.state)

    def samples(self) -> Floats:
        """What was heard, shape (LENGTH,), the newest last."""
        at = int(self.state["at"])
        ring = self.state["ring"]
        return np.concatenate([ring[at:], ring[:at]])
