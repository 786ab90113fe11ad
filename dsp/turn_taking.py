"""Turn-taking between two speakers: floor, interruptions and backchannels.

Works on hops of both channels at the same stream time. About 40 % of the changes of speaker overlap in
friendly talk, and most overlaps under half a second are no attempt to take the floor (Heldner & Edlund
2010, "Pauses, gaps and overlaps in conversations"). So an overlap is an interruption only when it lasts
``interruption.overlap_s`` and the other side had been talking before, or resumes a turn of theirs after a
pause. The start of an utterance is dated back: loud sound of the channel's own right before the first
certain speech belongs to it, and so does a clearly voiced sound within it.

The constants were chosen on the labelled dialogues, the tuning voices and the packaged voice of
``benchmarks.interruptions``, which also measures voices held out; the sensitivity to each was not measured.
"""

from __future__ import annotations

import numpy as np

from .component import Component, State
from .kernel import kernel

ONSET_HOPS = 6
"""Hops of speech after which an utterance has begun."""

HANG_HOPS = 30
"""Longest gap inside an utterance."""

FLOOR_HANG_HOPS = 60
"""The same for the holder of the floor while the other side talks."""

LATE_HOPS = 6
"""Longest delay at which an onset is detected during overlap; the overlap may be longer by that."""

MASKED_HOPS = 20
"""Sound that may be leakage counts as talk of the interrupted side for this long after its own last
speech."""

LOUD_DB = 15.0
"""Level above the noise from which sound may be speech."""

BACK_HOPS = 25
"""An onset is dated back over such sound by up to this."""

MIN_VOICING, MIN_SPEECH = 0.6, 0.1
"""Loud sound is speech from this probability of voicing and this probability of speech on."""

SETTLED_HOPS = 30
"""An utterance that has lasted this long is a turn that the other side can interrupt."""

PAUSE_HOPS = 100
"""A silence up to this doesn't end a turn that continues: who starts to talk beside it interrupts."""

TURN_HOPS = 70
"""An utterance of this length is more than a backchannel, and takes a free floor."""

NEVER_HOP = -(10**9)
"""Number of a hop that never was."""

MAX_EVENTS = 8
"""Most events in one hop; four have been observed."""

TURN, INTERRUPTION, INTERRUPTION_END, BACKCHANNEL = range(4)
"""Kinds of events."""

SIDE = np.dtype(
    [
        ("active", "?"),
        ("reported", "?"),  # whether its interruption was reported
        ("start", "i8"),  # first hop of the utterance
        ("paused", "i8"),  # hops of silence before it
        ("last", "i8"),  # last hop of speech
        ("run", "i8"),  # up-down counter of speech hops, 0..ONSET_HOPS
        ("since", "i8"),  # hop at which that counter left 0
        ("loud", "i8"),  # counter of loud hops of its own, 0..BACK_HOPS; a hop without takes two
        ("masked", "i8"),  # last hop of loud sound, leakage or not, soon after the last speech
        ("overlap_start", "i8"),  # hop at which it began to talk during the other's turn; -1: it did not
    ],
    align=True,
)

EVENT = np.dtype(
    [
        ("kind", "i8"),
        ("channel", "i8"),
        ("start", "i8"),  # hop
        ("hops", "i8"),  # length of a gap or an overlap, or the hop at which it ended
        ("flag", "?"),  # whether the gap is known; whether the interrupting side yielded
    ],
    align=True,
)


@kernel
def record_event(kind: int, channel: int, start: int, hops: int, flag: bool, state: State) -> None:
    """Append an event to the state."""
    if state.count < MAX_EVENTS:
        one = state.events[state.count]
        one.kind, one.channel, one.start, one.hops, one.flag = kind, channel, start, hops, flag
        state.count += 1


@kernel
def track_utterance(hop: int, frame: State, sounds: bool, hang_hops: int, side: State) -> None:
    """Track the utterances of one side."""
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
    """Track a side that overlaps the other, or that began or ended an utterance with this hop."""
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
    """Give the floor to a side whose utterance is long enough; return whether it has just taken it."""
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
    """Process a hop that was lost on either side: no overlap spans it."""
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
    """Process one hop of both channels.

    Parameters
    ----------
    a, b : their frames, records of the type ``FRAME``, without leakage.
    a_sounds, b_sounds : whether the sound of each is its own.
    state : record of the type ``TurnTaking.STATE``. Changed.

    Returns
    -------
    int
        Number of events in this hop, in ``state.events``, in order.
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
    """Turn-taking between channel 0 and channel 1.

    Parameters
    ----------
    overlap_s : talking over the other side for this long is an interruption.
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
        """Forget everything."""
        self.zero_state()
        self.state["overlap_hops"] = self._overlap_hops
        self.state["floor"], self.state["floor_known"] = -1, True
        for name in ("last", "masked"):
            self.state["sides"][name] = NEVER_HOP
        self.state["sides"]["overlap_start"] = -1

    def retract_start(self, channel: int, since: int) -> None:
        """Retract an utterance that began at or after hop ``since`` and isn't reported: it was leakage."""
        side = self.state["sides"][channel]
        if side["active"] and side["start"] >= since and not side["reported"]:
            side["active"], side["overlap_start"], side["run"], side["loud"] = False, -1, 0, 0

    def process_lost(self, hop: int) -> None:
        """Process the end of the audio like a loss."""
        self.state["count"] = 0
        lose_hop(hop, self.state)

    @property
    def events(self) -> list[tuple[int, int, int, int, bool]]:
        """Kind, channel, start, hops and flag of the events of the last hop, in order."""
        return [one.item() for one in self.state["events"][: int(self.state["count"])]]
