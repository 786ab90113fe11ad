"""Whether the speaker is muted: their client says so, or it stays connected and sends no audio."""

from __future__ import annotations

import math

UNSENT_S = 1.0
"""A far end that still answers this long after its last audio has muted the speaker: RTP continues through
silence, with a packet every 0.4 s at least (DTX)."""

COMFORTED_S = 3.0
"""The same after comfort noise (RFC 3389), by which some senders replace pauses."""

IDLE_S = 0.5
"""While no audio is sent, stream time stays this far behind the clock, so that audio that comes again has
its place."""


class MuteDetector:
    """The mute state of one speaker.

    Attributes
    ----------
    declared : whether the client has said that the speaker is muted.
    unsent : whether no audio is sent although the far end is connected, or none has come since a
        connection on which the speaker was muted.
    """

    def __init__(self) -> None:
        self.declared = False
        self.unsent = False
        self._heard_s = -math.inf

    @property
    def muted(self) -> bool:
        """Whether the speaker is muted, for either reason."""
        return self.declared or self.unsent

    def reconnected(self) -> None:
        """Begin another connection, which is as muted as the last one until audio comes."""
        self.declared, self.unsent = False, self.muted

    def audio_heard(self, arrived_s: float) -> bool:
        """Note audio; return whether ``unsent`` has ended with it."""
        self._heard_s = arrived_s
        ended, self.unsent = self.unsent, False
        return ended

    def audio_missing(self, audio_s: float, answer_s: float, *, comfort_noise: bool) -> bool:
        """Decide whether no audio is sent; return whether ``unsent`` has begun with it.

        Parameters
        ----------
        audio_s : arrival of the last audio packet.
        answer_s : last sign other than audio that the far end is connected.
        comfort_noise : whether the last packet was comfort noise.
        """
        if self.unsent:
            return False
        if comfort_noise:
            self.unsent = audio_s - self._heard_s >= COMFORTED_S or answer_s - audio_s >= COMFORTED_S
        else:
            self.unsent = answer_s - audio_s >= UNSENT_S
        return self.unsent
