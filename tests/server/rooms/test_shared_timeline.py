"""The time line that both speakers of a call share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from dsp.frame import RATE_HZ
from engine.core.session import Session
from engine.protocol import events as ev
from engine.server.rooms.shared_timeline import HOLD_S, SharedTimeline
from engine.shipped.profiles import load
from tests.harness.corpus import DATA
from tests.harness.dialogues import Room, compose, heard_in, packaged_people
from tests.harness.interruption_scores import figures, judged, labelled
from tests.harness.labelled_speech import Labels

from .test_rooms import BLOCK, FOUND

AWAY_S = (40.0, 47.3)


@pytest.mark.parametrize("away", [False, True])
@pytest.mark.parametrize(("drift", "jitter_s"), [(2e-4, 0.0), (-2e-4, 0.06), (0.0, 0.06)])
def test_both_channels_are_heard_at_the_same_time(drift: float, jitter_s: float, away: bool) -> None:
    """What is said at one moment is within 50 ms in both channels.

    Though one's clock drifts, its network jitters, and its connection is gone for a while.
    """
    rng = np.random.default_rng(1)
    timeline = SharedTimeline((load("conversation"), load("conversation")), lambda: 0.0)
    seconds, delays_s = 120.0, (0.01, 0.04)
    marks: list[dict[int, int]] = [{}, {}]
    arrivals: list[tuple[float, int, int]] = []
    for channel, seat in enumerate(timeline.cores):
        seat.round_trip(2 * delays_s[channel])
        late_s = 0.0
        for block in range(round(seconds * RATE_HZ / BLOCK)):
            clock = 1 + (drift if channel else 0.0)
            said_s = (block + 1) * BLOCK / RATE_HZ * clock
            late_s = max(late_s, said_s + delays_s[channel] + (rng.uniform(0, jitter_s) if channel else 0))
            if not (away and channel and AWAY_S[0] < said_s < AWAY_S[1]):
                arrivals.append((late_s, channel, block))
    nothing = np.zeros(BLOCK, np.float32)
    for arrived_s, channel, block in sorted(arrivals):
        seat = timeline.cores[channel]
        if channel and block and block - 1 not in marks[1]:
            seat.restart()
            seat.round_trip(2 * delays_s[1])
        seat.arrived(arrived_s)
        seat.hear(0, nothing)
        marks[channel][block] = seat.position()
    for block in range(100, round(seconds * RATE_HZ / BLOCK) - 10):
        said = (block + 1) * BLOCK / RATE_HZ
        other = block - round(said * (drift / (1 + drift)) * RATE_HZ / BLOCK)
        if not all(near in marks[1] for near in range(other - 25, other + 1)):
            continue  # away, or back for less than half a second
        other_said = (other + 1) * BLOCK / RATE_HZ * (1 + drift)
        apart_s = (marks[0][block] - marks[1][other]) / RATE_HZ - (said - other_said)
        assert abs(apart_s) < 0.05, block


@pytest.mark.parametrize("late_s", [0.06, -0.06])
def test_two_who_hear_each_other_before_they_speak_are_put_right(
    late_s: float,
) -> None:
    """In one room, but on the time line one stands behind: nobody can be heard before they speak."""
    voices, truth = compose(packaged_people(), 35.0, 48)
    heard = heard_in(voices, Room("", leak_db=-25.0), 3)
    timeline = SharedTimeline((load("conversation"), load("conversation")), lambda: 0.0)
    cuts: list[ev.Interruption] = []
    for start in range(0, len(heard) - BLOCK, BLOCK):
        for channel, seat in enumerate(timeline.cores):
            behind = max(0.0, late_s if channel else -late_s)
            at = start - round(behind * RATE_HZ)
            seat.round_trip(0.0)
            seat.arrived((start + BLOCK) / RATE_HZ)
            silent = np.zeros(BLOCK, np.float32)
            seat.hear(0, np.ascontiguousarray(heard[at : at + BLOCK, channel]) if at >= 0 else silent)
        for seat in timeline.cores:
            cuts += [event for event in seat.poll() if isinstance(event, ev.Interruption)]
    stands_s = (timeline.cores[1].position() - timeline.cores[0].position()) / RATE_HZ
    assert stands_s == pytest.approx(-late_s, abs=0.021)
    true_s = sorted(start_s for spans in truth.interruptions for start_s, _ in spans)
    assert len(true_s) == 4
    assert sorted(cut.start_s for cut in cuts) == pytest.approx(true_s, abs=0.5)


@pytest.mark.corpus
@pytest.mark.timeout(600)
@pytest.mark.parametrize("late_s", [0.05, -0.1])
def test_labelled_dialogues_are_told_right_though_the_two_stand_apart(late_s: float) -> None:
    rows = []
    for dialogue in labelled(Labels(DATA)):
        timeline = SharedTimeline((load("conversation"), load("conversation")), lambda: 0.0)
        behind = [round(max(0.0, -late_s) * RATE_HZ), round(max(0.0, late_s) * RATE_HZ)]
        heard = [np.pad(dialogue.samples[:, n], (late, 0)) for n, late in enumerate(behind)]
        told: list[Any] = []
        for start in range(0, min(map(len, heard)) - BLOCK, BLOCK):
            for channel, seat in enumerate(timeline.cores):
                seat.round_trip(0.0)
                seat.arrived((start + BLOCK) / RATE_HZ)
                seat.hear(0, heard[channel][start : start + BLOCK])
                told += [replace(e, channel=channel) for e in seat.poll() if isinstance(e, FOUND)]
        rows.append(judged(dialogue, told, load("conversation").interruption.overlap_s))
    found = figures(rows)
    low = {
        name: found[name] for name in ("precision", "recall", "bc_precision", "bc_recall") if found[name] < 95
    }
    assert low == {}


def test_nobody_waits_for_one_who_is_away() -> None:
    timeline = SharedTimeline((load("conversation"), load("conversation")), lambda: 0.0)
    told: list[float] = []
    timeline.cores[1].on_events = told.append
    for block in range(500):
        for channel in (0, 1) if block < 100 else (0,):
            timeline.cores[channel].arrived((block + 1) * BLOCK / RATE_HZ)
            timeline.cores[channel].hear(0, np.zeros(BLOCK, np.float32))
    assert timeline.session.now / RATE_HZ == pytest.approx(10.0 - HOLD_S, abs=0.03)
    assert told, "the one who is away is told of the time that passes"
    timeline.finish()
    assert timeline.cores[1].summary().measures[0].lost_s > 7


def test_each_channel_has_its_own_profile_and_cues() -> None:
    session = Session(load("conversation"), 2, second=load("interview"))
    session.set_cue("pace", False, 1)
    assert [cue.on for channel in (0, 1) for cue in session.cues(channel) if cue.cue == "pace"] == [
        True,
        False,
    ]
    aims = [cue.aim for channel in (0, 1) for cue in session.cues(channel) if cue.cue == "talk_share"]
    assert aims[0] != aims[1]
