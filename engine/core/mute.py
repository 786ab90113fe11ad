"""Whether a speaker is muted: as a client says it, and as digital silence tells it."""

from __future__ import annotations

from collections import deque

from dsp.frame import HOP_S
from dsp.input_faults import MUTED, InputFaults


class Mute:
    """One speaker's mute.

    What a client says holds from the hop that is being filled then: it waits here until that hop is
    the next one to be heard.

    Attributes
    ----------
    on : whether they are muted, as of the hop heard last.
    told : whether a client said so, likewise.
    since_s : since when they are muted, or were the last time.
    said : what was said last: samples that come now are not heard.
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

    # --- what is said ---------------------------------------------------------

    def say(self, on: bool, hop: int) -> None:
        """Take a client's word for the samples from this hop on."""
        if on != self.said:
            self.said = on
            self._marks.append((hop, on))

    def hops_until_said(self, hop: int) -> int | None:
        """Hops from this one to the first for which something else was said; None when nothing was."""
        return self._marks[0][0] - hop if self._marks else None

    def heed(self, hop: int) -> bool:
        """Take what was said for this hop; whether anything was."""
        if not self._marks or self._marks[0][0] > hop:
            return False
        _, self.told = self._marks.popleft()
        if not self.told:
            self._faults.unmute()
            self._silenced = False
        return True

    # --- what is heard --------------------------------------------------------

    def hear(self, *, listening: bool) -> None:
        """Take whether there is digital silence; while one listens to the other side it tells nothing."""
        self._silenced = bool(self._faults.on & MUTED) and not listening

    @property
    def silent_since_s(self) -> float | None:
        """When the digital silence began that goes on and may turn out to be a mute; None without one."""
        faults = self._faults
        return self._began_s if faults.zero_hops and not faults.gated else None

    @property
    def _began_s(self) -> float:
        return (int(self._faults.zero_since) - 1) * HOP_S

    # --- what follows ---------------------------------------------------------

    def changed(self) -> bool:
        """Whether they are muted now and weren't, or the other way round."""
        return self.on != (self.told or self._silenced)

    def begin(self, now_s: float, lost_since_s: float | None) -> None:
        """Be muted: from now on as it was said, or since audio was lost up to now; or since it was silent."""
        since_s = now_s if lost_since_s is None else lost_since_s
        self.since_s = max(self._until_s, since_s if self.told else self._began_s)
        self._sure = self.told or not self._faults.gated
        self.on = True

    def end(self, now_s: float) -> None:
        """Be there again."""
        self._over_s += now_s - self.since_s
        self._until_s = now_s
        self._sure_until_s = now_s if self._sure else self._sure_until_s
        self.on = False

    def total_s(self, now_s: float) -> float:
        """How long they have been muted in all."""
        return self._over_s + (now_s - self.since_s if self.on else 0.0)

    def since(self, at_s: float) -> bool:
        """Whether they have been muted, beyond doubt, at any moment after a time."""
        return (self.on and self._sure) or self._sure_until_s > at_s
