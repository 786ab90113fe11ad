"""Whether a speaker is muted: told by a client, or detected as digital silence."""

from __future__ import annotations

from collections import deque

from dsp.frame import HOP_S
from dsp.input_faults import MUTED, InputFaults


class Mute:
    """State of one speaker's mute.

    A client's mute begins and ends with the hop that is being filled when its message arrives: the change
    waits here until that hop is the next to be heard.

    Attributes
    ----------
    on : whether the speaker is muted, as of the hop heard last.
    told : whether a client said so, as of that hop.
    since_s : when the present or the last mute began.
    said : the client's last word: while it is true, samples that arrive are not heard.
    """

    def __init__(self, faults: InputFaults) -> None:
        self.on = self.told = self.said = False
        self.since_s = 0.0
        self._faults = faults
        self._silenced = False
        self._sure = True
        self._marks: deque[tuple[int, bool]] = deque()
        self._until_s = 0.0
        self._sure_until_s = 0.0
        self._over_s = 0.0

    # --- from the client ---------------------------------------------------------

    def set_told(self, on: bool, hop: int) -> None:
        """Set the client's word for the samples from this hop on."""
        if on != self.said:
            self.said = on
            self._marks.append((hop, on))

    def hops_until_change(self, hop: int) -> int | None:
        """Return the number of hops until the next change that a client asked for; None without one."""
        return self._marks[0][0] - hop if self._marks else None

    def apply_told(self, hop: int) -> bool:
        """Apply the client's change for this hop; return whether there was one."""
        if not self._marks or self._marks[0][0] > hop:
            return False
        _, self.told = self._marks.popleft()
        if not self.told:
            self._faults.unmute()
            self._silenced = False
        return True

    # --- from the samples --------------------------------------------------------

    def update_silence(self, *, listening: bool) -> None:
        """Update whether there is digital silence; while the speaker listens it means nothing."""
        self._silenced = bool(self._faults.on & MUTED) and not listening

    @property
    def silent_since_s(self) -> float | None:
        """Start of the current digital silence, which may turn out to be a mute; None without one."""
        faults = self._faults
        return self._began_s if faults.zero_hops and not faults.gated else None

    @property
    def _began_s(self) -> float:
        return (int(self._faults.zero_since) - 1) * HOP_S

    # --- state ---------------------------------------------------------

    def changed(self) -> bool:
        """Return whether the mute has begun or ended since the last call of `begin` or `end`."""
        return self.on != (self.told or self._silenced)

    def begin(self, now_s: float, lost_since_s: float | None) -> None:
        """Begin a mute: at the client's word, at the loss before it, or where the digital silence began."""
        since_s = now_s if lost_since_s is None else lost_since_s
        self.since_s = max(self._until_s, since_s if self.told else self._began_s)
        self._sure = self.told or not self._faults.gated
        self.on = True

    def end(self, now_s: float) -> None:
        """End the mute."""
        self._over_s += now_s - self.since_s
        self._until_s = now_s
        self._sure_until_s = now_s if self._sure else self._sure_until_s
        self.on = False

    def total_s(self, now_s: float) -> float:
        """Return the total muted time, in seconds."""
        return self._over_s + (now_s - self.since_s if self.on else 0.0)

    def since(self, at_s: float) -> bool:
        """Return whether the speaker was surely muted at any moment after a time."""
        return (self.on and self._sure) or self._sure_until_s > at_s
