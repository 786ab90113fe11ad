"""The echo guard of a session: what is played to a speaker is taken out of what their microphone hears."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from dsp.accumulator import READING_HOPS
from dsp.frame import HOP, Frame
from engine.protocol import events as ev

from .attachments import Attachment, Hop
from .playback_echo import Echo, Played

ECHO_S = 2.0
"""How long after the last sound that was played an echo of it may be heard."""


class EchoGuard(Attachment):
    """Removes the echo of what is played from one channel, and tells when there is one.

    Parameters
    ----------
    channel : of the speaker to whom it is played.
    emit : called with a :class:`engine.protocol.events.SignalProblem` when echo begins and ends.
    """

    def __init__(self, channel: int, emit: Callable[[ev.SignalProblem], None]) -> None:
        self._channel = channel
        self._emit = emit
        self._played = Played()
        self._echo = Echo()
        self._watched = self._told = False

    def played(self, samples: NDArray[np.float32], at: int) -> None:
        """Note what is played from sample ``at`` of the stream on."""
        self._played.add(samples, at)

    def watch(self, on: bool) -> None:
        """Tell of echo from now on, as while a drill goes on; or no more, which ends what was told."""
        self._watched = on
        if not on:
            self._tell(False)

    def needs_frames(self, hop: int) -> bool:
        """Whether something played may still be heard."""
        return self._played.recently(hop * HOP, ECHO_S)

    def filter_hop(self, channel: int, hop: int, samples: Hop | None) -> Hop | None:
        """Remove the echo."""
        if channel != self._channel or not self.needs_frames(hop + 1):
            return samples
        without = self._echo.hop(samples, self._played.hop(hop * HOP))
        # A muted microphone hears no echo either: what is taken out of digital silence would be sound.
        return without if samples is None or samples.any() else samples

    def process_frame(self, channel: int, hop: int, frame: Frame) -> None:
        """Tell when the microphone begins to hear what is played, and when it no longer does."""
        if self._watched and channel == self._channel and (hop + 1) % READING_HOPS == 0:
            self._tell(self._echo.found if self._told else self._echo.worth_a_word)

    def _tell(self, heard: bool) -> None:
        if heard != self._told:
            self._told = heard
            self._emit(ev.SignalProblem(kind="echo", on=heard))
