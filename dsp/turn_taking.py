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

import numpy as np

from .component import Component, State
from .kernel import kernel

ONSET_HOPS = 6
"""Speech must last this long to count as begun."""

HANG_HOPS = 30
"""Gaps up to this don't end an utterance."""

FLOOR_HANG_HOPS = 60
"""Nor do gaps up to this in the talk of one who has the floor, over whom the other talks."""

LATE_HOPS = 6
"""Where two talk at once a beginning is found so late, or less: an overlap may be that much longer."""

MASKED_HOPS = 20
"""Sound that may be leakage counts as the talk of one who is talked over, so long after their last own."""

LOUD_DB = 15.0
"""Sound so far above the noise may be speech."""

BACK_HOPS = 25
"""Such sound before the first sure speech belongs to it, as far back as this."""

MIN_VOICING, MIN_SPEECH = 0.6, 0.1
"""Loud sound is speech where it is voiced with the first probability, and speech with the second."""

SETTLED_HOPS = 30
"""How long one must have been talking for another's start to fall into their turn."""

PAUSE_HOPS = 100
"""A silence up to this doesn't end the turn of one who then goes on: who starts beside them cuts in."""

TURN_HOPS = 70
"""An utterance of this length is more than a backchannel and takes a free floor."""

NEVER_HOP = -(10**9)
"""Hop of what never was."""

MAX_EVENTS = 8
"""So many things can happen in one hop at the most; four have been seen."""

TURN, INTERRUPTION, INTERRUPTION_END, BACKCHANNEL = range(4)
"""What happens between two."""

SIDE = np.dtype(
    [
        ("active", "?"),
        ("reported", "?"),  # whether its interruption was told
        ("start", "i8"),
        ("paused", "i8"),  # hops of silence before that
        ("last", "i8"),  # hop of the last speech
        ("run", "i8"),  # hops of speech of late, less those without
        ("since", "i8"),  # hop at which those began
        ("loud", "i8"),  # hops of loud sound of its own of late, less twice those without
        ("masked", "i8"),  # hop of the last loud sound, leakage or not, soon after the last speech
        ("overlap_start", "i8"),  # hop at which it began to talk while the other was talking; -1: it did not
    ],
    align=True,
)

EVENT = np.dtype(
    [
        ("kind", "i8"),
        ("channel", "i8"),
        ("start", "i8"),  # hop
        ("hops", "i8"),  # length of a gap or an overlap, or the hop of an end
        ("flag", "?"),  # whether the gap is known; whether who had interrupted yielded
    ],
    align=True,
)


@kernel
def record_event(kind: int, channel: int, start: int, hops: int, flag: bool, state: State) -> None:
    """Note what happened."""
    if state.count < MAX_EVENTS:
        one = state.events[state.count]
        one.kind, one.channel, one.start, one.hops, one.flag = kind, channel, start, hops, flag
        state.count += 1


@kernel
def track_utterance(hop: int, frame: State, sounds: bool, hang_hops: int, side: State) -> None:
    """Follow one side's utterances."""
    loud = frame.level_dbfs > frame.noise_dbfs + LOUD_DB
    if loud and hop <= side.last + MASKED_HOPS:
        side.masked = hop
    loud = loud and sounds
    side.loud = min(BACK_HOPS, side.loud + 1) if loud else max(0, side.loud - 2)
    speaks = frame.speech >= 0.5 or (
        loud and (frame.talking or (frame.voicing >= MIN_VOICING and frame.speech >= MIN_SPEECH))
    )
    if speaks and side.run == 0:
        side.since = hop
    side.run = min(ONSET_HOPS, side.run + 1) if speaks else max(0, side.run - 1)
    if speaks and (side.active or side.run >= ONSET_HOPS):
        if not side.active:
            side.active = True
            side.start = max(side.last + 1, min(side.since, hop + 1 - side.loud))
            side.paused = side.start - side.last - 1
        side.last = side.masked = hop
    elif side.active and hop - side.last > hang_hops:
        side.active = False


@kernel
def track_overlap(channel: int, began: bool, side: State, other: State, state: State) -> None:
    """Follow a side that talks over the other, or that began or stopped with this hop."""
    if side.active and began:
        into_turn = other.last >= side.start - HANG_HOPS and (
            side.start - other.start >= SETTLED_HOPS
            or (
                state.floor_known
                and state.floor == 1 - channel
                and other.paused <= PAUSE_HOPS
                and side.start > other.start
            )
        )
        side.overlap_start = side.start if into_turn else -1
        side.reported = False
    if side.overlap_start < 0:
        return
    start, lasted = side.overlap_start, min(side.last, other.masked) + 1 - side.overlap_start
    if side.active and other.active:
        if not side.reported and lasted >= state.overlap_hops:
            side.reported = True
            record_event(INTERRUPTION, channel, start, lasted, False, state)
        return
    side.overlap_start = -1
    if side.reported:
        yielded = not side.active and other.active
        record_event(INTERRUPTION_END, channel, start, min(side.last, other.last) + 1, yielded, state)
    elif not side.active and side.last + 1 - start < state.overlap_hops and other.last >= side.last:
        record_event(BACKCHANNEL, channel, start, side.last + 1, False, state)


@kernel
def try_take_floor(hop: int, channel: int, side: State, other: State, state: State) -> bool:
    """Whether a side takes the floor with this hop."""
    if channel == state.floor or not side.active or hop + 1 - side.start < TURN_HOPS:
        return False
    if other.active and state.floor >= 0:
        return False
    known = state.floor >= 0 and state.floor_known
    state.floor, state.floor_known = channel, True
    record_event(TURN, channel, side.start, side.start - other.last - 1, known, state)
    return True


@kernel
def lose_hop(hop: int, state: State) -> None:
    """Take a hop of which audio was lost on either side: nothing that it touches is an overlap."""
    state.floor_known = False
    for channel in range(2):
        side = state.sides[channel]
        if side.overlap_start >= 0 and side.reported:
            record_event(INTERRUPTION_END, channel, side.overlap_start, hop, False, state)
        side.overlap_start, side.reported, side.run, side.loud = -1, False, 0, 0
        if hop - side.last > HANG_HOPS:
            side.active = False


@kernel
def update_turns(hop: int, a: State, b: State, a_sounds: bool, b_sounds: bool, state: State) -> int:
    """Take one hop of both channels.

    Parameters
    ----------
    a, b : their frames, records of the type ``FRAME``, leakage taken out.
    a_sounds, b_sounds : whether each hears a sound of its own.
    state : record of the type ``TurnTaking.STATE``. Changed.

    Returns
    -------
    int
        How many things happened: so many of ``state.events``, in order.
    """
    state.count = 0
    if not (a.known and b.known):
        lose_hop(hop, state)
        return int(state.count)
    first, second = state.sides[0], state.sides[1]
    first_before, second_before = first.active, second.active
    track_utterance(hop, a, a_sounds, FLOOR_HANG_HOPS if state.floor == 0 else HANG_HOPS, first)
    track_utterance(hop, b, b_sounds, FLOOR_HANG_HOPS if state.floor == 1 else HANG_HOPS, second)
    if first.overlap_start >= 0 or first.active != first_before:
        track_overlap(0, not first_before, first, second, state)
    if second.overlap_start >= 0 or second.active != second_before:
        track_overlap(1, not second_before, second, first, state)
    if not try_take_floor(hop, 0, first, second, state):
        try_take_floor(hop, 1, second, first, state)
    return int(state.count)


class TurnTaking(Component):
    """Who has the floor between channel 0 and channel 1.

    Parameters
    ----------
    overlap_s : talking over the other side for so long interrupts.
    """

    STATE = np.dtype(
        [
            ("sides", SIDE, 2),
            ("floor", "i8"),  # channel that has it; -1 before any
            ("floor_known", "?"),
            ("overlap_hops", "i8"),
            ("count", "i8"),
            ("events", EVENT, MAX_EVENTS),
        ],
        align=True,
    )

    def __init__(self, overlap_s: float, state: State | None = None) -> None:
        self._overlap_hops = round(100.0 * overlap_s) - LATE_HOPS
        super().__init__(state)

    def reset(self) -> None:
        """Forget everything heard."""
        self.zero_state()
        self.state["overlap_hops"] = self._overlap_hops
        self.state["floor"], self.state["floor_known"] = -1, True
        for name in ("last", "masked"):
            self.state["sides"][name] = NEVER_HOP
        self.state["sides"]["overlap_start"] = -1

    def retract_start(self, channel: int, since: int) -> None:
        """Know that what a channel began to say since a hop, untold yet, was the other one's voice."""
        side = self.state["sides"][channel]
        if side["active"] and side["start"] >= since and not side["reported"]:
            side["active"], side["overlap_start"], side["run"], side["loud"] = False, -1, 0, 0

    def process_lost(self, hop: int) -> None:
        """Take the end of the audio as a loss."""
        self.state["count"] = 0
        lose_hop(hop, self.state)

    @property
    def events(self) -> list[tuple[int, int, int, int, bool]]:
        """Kind, channel, start, hops and flag of what happened with the last hop, in order."""
        return [one.item() for one in self.state["events"][: int(self.state["count"])]]
