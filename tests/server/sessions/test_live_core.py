"""What a live session asks of its core, of the core of one speaker and of one side of a call alike."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.protocol import events as ev
from engine.server.rooms.shared_timeline import SharedTimeline
from engine.server.sessions.live_core import LiveCore, SoloCore
from engine.shipped.profiles import load
from tests.harness.calls import noise

BLOCK = 320


def timeline() -> SharedTimeline:
    return SharedTimeline((load("conversation"), load("interview")), lambda: 0.0)


def solo() -> tuple[LiveCore, ...]:
    return (SoloCore(load("conversation")),)


def seats() -> tuple[LiveCore, ...]:
    return timeline().cores


def hear(cores: tuple[LiveCore, ...], start: int, stop: int) -> None:
    """Hear blocks of noise on all sides, as they would arrive."""
    for block in range(start, stop):
        for number, core in enumerate(cores):
            core.arrived(block * 0.02)
            core.hear(0, noise(0.02, 2 * block + number))


@pytest.mark.parametrize("make", [solo, seats])
def test_a_session_goes_on_over_connections_and_tells_of_its_own_speaker(
    make: Callable[[], tuple[LiveCore, ...]],
) -> None:
    cores = make()
    for core in cores:
        core.restart()
        core.round_trip(0.02)
    hear(cores, 0, 100)
    before = [core.now for core in cores]
    cores[0].restart()
    hear(cores, 100, 200)
    for core, then in zip(cores, before, strict=True):
        assert core.now > then
        events = core.poll()
        assert {event.channel for event in events} == {0}
        assert any(isinstance(event, ev.Reading) for event in events)
        assert [event.seq for event in events] == sorted({event.seq for event in events})
        assert core.summary().profile == core.profile.name
        assert len(core.summary().measures) == 1
        assert core.times.hear_s > core.times.policy_s
    # The policies of both run when the second of two has been heard up to the same time.
    assert sum(core.times.policy_s for core in cores) > 0


def test_the_cost_of_a_call_is_counted_for_the_speaker_who_is_heard() -> None:
    shared = timeline()
    one, other = shared.cores
    hear((one, other), 0, 50)
    spent_s = other.times.hear_s
    before_s = one.times.hear_s
    place = one.position()
    one.mute(True)
    one.missing(0, place, place + 16_000)
    assert one.times.hear_s > before_s
    assert other.times.hear_s == spent_s


def test_a_core_says_when_something_else_than_its_own_audio_caused_events() -> None:
    shared = timeline()
    one, other = shared.cores
    told: dict[int, list[float]] = {0: [], 1: []}
    one.on_events, other.on_events = told[0].append, told[1].append
    hear((one, other), 0, 200)
    assert told[0] or told[1]
    assert all(at_s in {block * 0.02 for block in range(200)} for times in told.values() for at_s in times)
