"""Ring of the last second of a channel's sound at 8 kHz, for the comparison of two channels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .component import Component, State
from .frame import HOP, RATE_HZ
from .kernel import kernel

DECIMATION = 2
"""From 16 kHz to 8 kHz: voices have little above 4 kHz."""

LENGTH = RATE_HZ // DECIMATION
"""Samples kept, 1 s; a whole number of hops."""

Floats = NDArray[np.float32]


@kernel
def append_samples(hop: Floats, state: State) -> None:
    """Overwrite the oldest hop with a new one, shape (160,): means of two samples attenuate aliases."""
    at = state.at
    for i in range(HOP // DECIMATION):
        state.ring[at + i] = np.float32(0.5) * (hop[DECIMATION * i] + hop[DECIMATION * i + 1])
    state.at = (at + HOP // DECIMATION) % LENGTH


class SampleHistory(Component):
    """The last second of sound; lost hops are zeros."""

    STATE = np.dtype([("ring", "f4", LENGTH), ("at", "i8")], align=True)

    def reset(self) -> None:
        """Forget everything heard."""
        self.zero_state()

    def process_lost(self) -> None:
        """Append a hop of which samples never arrived."""
        append_samples(np.zeros(HOP, np.float32), self.state)

    def samples(self) -> Floats:
        """Return the samples, shape (LENGTH,), newest last."""
        at = int(self.state["at"])
        ring = self.state["ring"]
        return np.concatenate([ring[at:], ring[:at]])
