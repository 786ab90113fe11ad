"""Two speakers: who has the floor, who cuts in, who only says "mm-hm".

Works on hops of both channels at the same stream time. About 40 % of changes of
speaker overlap in friendly talk, and most overlaps under half a second are no
attempt to take the floor (Heldner & Edlund 2010); so talking at once becomes an
interruption only when it lasts ``interruption.overlap_s`` and the other side had been
talking before, or goes on with a turn of theirs after a pause. Who has begun is known
before the network is sure: loud sound of one's own, right before the first sure speech,
belongs to it, and so does a clear voice in the middle of it.
"""

from __future__ import annotations

from collections.abc import Callable

from dsp.frame import HOP_S, Frame

from . import events as ev
from .profile import Profile
from .windows import hops

ONSET_HOPS = hops(0.06)
"""Speech must last this long to count as begun."""

HANG_HOPS = hops(0.3)
"""Gaps up to this don't end an utterance."""

FLOOR_HANG_HOPS = hops(0.6)
"""Nor do gaps up to this in the talk of one who has the floor, over whom the other talks."""

LATE_HOPS = hops(0.06)
"""Where two talk at once a beginning is found so late, or less: an overlap may be that much longer."""

MASKED_HOPS = hops(0.2)
"""Sound that may be leakage counts as the talk of one who is talked over, so long after their last own."""

LOUD_DB = 15.0
"""Sound so far above the noise may be speech."""

BACK_HOPS = hops(0.25)
"""Such sound before the first sure speech belongs to it, as far back as this."""

VOICED, MAYBE = 0.6, 0.1
"""Loud sound is speech where it is voiced with the first probability, and speech with the second."""

SETTLED_HOPS = hops(0.3)
"""How long one must have been talking for another's start to fall into their turn."""

PAUSE_HOPS = hops(1.0)
"""A silence up to this doesn't end the turn of one who then goes on: who starts beside them cuts in."""

TURN_HOPS = hops(0.7)
"""An utterance of this length is more than a backchannel and takes a free floor."""

Emit = Callable[..., None]


class _Side:
    """One channel's utterances at the grain of turns."""

    def __init__(self) -> None:
        self.active = False
        self.start = 0
        self.paused = 0
        """Hops of silence before that."""
        self.last = -(10**9)
        """Hop of the last speech."""
        self.run = 0
        """Hops of speech of late, less those without."""
        self.since = 0
        """Hop at which those began."""
        self.loud = 0
        """Hops of loud sound of its own of late, less twice those without."""
        self.masked = self.last
        """Hop of the last loud sound, leakage or not, soon after the last speech."""
        self.overlap_start: int | None = None
        """Hop at which this side began to talk while the other was talking."""
        self.reported = False

    def step(self, hop: int, frame: Frame, sounds: bool, hang_hops: int) -> None:
        loud = frame.level_dbfs > frame.noise_dbfs + LOUD_DB
        if loud and hop <= self.last + MASKED_HOPS:
            self.masked = hop
        loud &= sounds
        self.loud = min(BACK_HOPS, self.loud + 1) if loud else max(0, self.loud - 2)
        speaks = frame.speech >= 0.5 or (
            loud and (frame.talking or (frame.voicing >= VOICED and frame.speech >= MAYBE))
        )
        if speaks and not self.run:
            self.since = hop
        self.run = min(ONSET_HOPS, self.run + 1) if speaks else max(0, self.run - 1)
        if speaks and (self.active or self.run >= ONSET_HOPS):
            if not self.active:
                self.active = True
                self.start = max(self.last + 1, min(self.since, hop + 1 - self.loud))
                self.paused = self.start - self.last - 1
            self.last = self.masked = hop
        elif self.active and hop - self.last > hang_hops:
            self.active = False


class Turns:
    """Follows the floor between channel 0 and channel 1."""

    def __init__(self, profile: Profile, emit: Emit) -> None:
        self._emit = emit
        self._overlap_hops = hops(profile.interruption.overlap_s) - LATE_HOPS
        self._sides = (_Side(), _Side())
        self.floor: int | None = None
        """Channel that has the floor."""
        self._floor_known = True

    def step(self, hop: int, frames: list[Frame], sounds: tuple[bool, bool]) -> int | None:
        """Take one hop of both channels; the channel that took the floor with it, if any."""
        first, second = self._sides
        if not (frames[0].known and frames[1].known):
            self._unknown(hop)
            return None
        before = first.active, second.active
        for channel, side in enumerate(self._sides):
            hang_hops = FLOOR_HANG_HOPS if channel == self.floor else HANG_HOPS
            side.step(hop, frames[channel], sounds[channel], hang_hops)
        if first.overlap_start is not None or first.active != before[0]:
            self._overlaps(0, began=not before[0])
        if second.overlap_start is not None or second.active != before[1]:
            self._overlaps(1, began=not before[1])
        if self.floor is not None and not self._sides[1 - self.floor].active:
            return None
        return self._take_floor(hop)

    def _overlaps(self, channel: int, *, began: bool) -> None:
        """Follow a side that talks over the other, or that began or stopped with this hop."""
        side, other = self._sides[channel], self._sides[1 - channel]
        if side.active and began:
            into_turn = other.last >= side.start - HANG_HOPS and (
                side.start - other.start >= SETTLED_HOPS
                or (
                    self._floor_known
                    and self.floor == 1 - channel
                    and other.paused <= PAUSE_HOPS
                    and side.start > other.start
                )
            )
            side.overlap_start = side.start if into_turn else None
            side.reported = False
        if side.overlap_start is None:
            return
        start, lasted = side.overlap_start, min(side.last, other.masked) + 1 - side.overlap_start
        if side.active and other.active:
            if not side.reported and lasted >= self._overlap_hops:
                side.reported = True
                self._emit(ev.Interruption, channel=channel, start_s=start * HOP_S, overlap_s=lasted * HOP_S)
            return
        side.overlap_start = None
        if side.reported:
            self._emit(
                ev.InterruptionEnded,
                channel=channel,
                start_s=start * HOP_S,
                end_s=(min(side.last, other.last) + 1) * HOP_S,
                yielded=not side.active and other.active,
            )
        elif not side.active and side.last + 1 - start < self._overlap_hops and other.last >= side.last:
            self._emit(ev.Backchannel, channel=channel, start_s=start * HOP_S, end_s=(side.last + 1) * HOP_S)

    def _take_floor(self, hop: int) -> int | None:
        for channel in (0, 1):
            side, other = self._sides[channel], self._sides[1 - channel]
            if channel == self.floor or not side.active or hop + 1 - side.start < TURN_HOPS:
                continue
            if other.active and self.floor is not None:
                continue
            first = self.floor is None
            gap_s = (side.start - other.last - 1) * HOP_S
            self.floor = channel
            self._emit(
                ev.TurnTaken,
                channel=channel,
                start_s=side.start * HOP_S,
                gap_s=None if first or not self._floor_known else gap_s,
            )
            self._floor_known = True
            return channel
        return None

    def _unknown(self, hop: int) -> None:
        """Lost audio on either side: nothing that it touches is an overlap."""
        self._floor_known = False
        for channel, side in enumerate(self._sides):
            if side.overlap_start is not None and side.reported:
                self._emit(
                    ev.InterruptionEnded,
                    channel=channel,
                    start_s=side.overlap_start * HOP_S,
                    end_s=hop * HOP_S,
                    yielded=False,
                )
            side.overlap_start, side.reported, side.run, side.loud = None, False, 0, 0
            if hop - side.last > HANG_HOPS:
                side.active = False

    def finish(self, hop: int) -> None:
        """No more audio: close an interruption that is still going on."""
        self._unknown(hop)
