"""When the policy speaks up, and when it keeps silent."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.nudges import Policy
from engine.cues import CUES
from engine.cues.base import CONFIDENCE
from engine.profile import Profile
from engine.protocol import events as ev
from engine.shipped.profiles import load
from tests.harness.readings import NEUTRAL, reading
from tests.harness.unstamped import fields

Said = list[tuple[type[ev.Event], dict[str, Any], float]]


def run(
    seconds: float, at: Callable[[float], dict[str, Any]], profile: Profile | None = None, channel: int = 0
) -> Said:
    """What a policy says to readings that change with time."""
    said: Said = []
    now_s = 0.0
    policy = Policy(
        profile or load("conversation"),
        channel,
        lambda event: said.append((type(event), fields(event), now_s)),
    )
    for quarter in range(1, round(seconds * 4) + 1):
        now_s = quarter / 4
        policy.observe(reading(now_s, channel, **at(now_s)))
    return said


def nudges(said: Said) -> list[tuple[str, float]]:
    return [(values["text"], at_s) for kind, values, at_s in said if kind is ev.Nudge]


def test_nothing_while_all_is_well() -> None:
    assert run(300, lambda t: {}) == []


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"pace_wpm": 195.0}, "Slow down"),
        ({"pace_wpm": 110.0}, "Pick it up"),
        ({"stretch_s": 121.0}, "Wrap up"),
        ({"unbroken_s": 16.0}, "Pause"),
        ({"f0_sd_st": 1.2}, "Vary your tone"),
        ({"creak_share": 0.4}, "Support your voice"),
        ({"level_change_db": -10.0}, "Louder"),
        ({"level_change_db": 12.0}, "Softer"),
        ({"snr_db": 5.0}, "Louder"),
        ({"talk_share": 0.9}, "Ask something"),
    ],
)
def test_each_trend_gets_its_words(changed: dict[str, Any], text: str) -> None:
    said = run(11, lambda t: changed)
    assert [t for t, _ in nudges(said)] == [text]
    (fields,) = [f for kind, f, _ in said if kind is ev.Nudge]
    proof = fields["evidence"]
    assert proof.value == {**NEUTRAL, **changed}[proof.measure]
    assert fields["why"].endswith(".")
    assert proof.unit
    assert 0 < proof.confidence <= 1


@pytest.mark.parametrize(
    "changed",
    [
        {"pace_wpm": 180.0},
        {"pace_wpm": 122.0},
        {"f0_sd_st": 1.7},
        {"creak_share": 0.26},
        {"level_change_db": -8.5},
        {"talk_share": 0.76},
    ],
)
def test_a_little_beyond_a_threshold_is_not_spoken_of(changed: dict[str, Any]) -> None:
    assert nudges(run(30, lambda t: changed)) == []


def test_a_moment_beyond_a_threshold_is_not_spoken_of() -> None:
    assert nudges(run(30, lambda t: {"pace_wpm": 220.0} if t % 5 < 0.6 else {})) == []


@pytest.mark.parametrize(
    ("changed", "sure"),
    [
        ({"pace_wpm": 230.0}, "pace_confidence"),
        ({"pace_wpm": 80.0}, "pace_confidence"),
        ({"f0_sd_st": 1.0}, "f0_confidence"),
        ({"creak_share": 0.5}, "creak_confidence"),
        ({"level_change_db": -12.0}, "level_confidence"),
    ],
)
def test_a_guess_is_not_spoken_of(changed: dict[str, Any], sure: str) -> None:
    assert nudges(run(30, lambda t: {**changed, sure: 0.4})) == []
    assert nudges(run(30, lambda t: dict.fromkeys(changed))) == []
    (_, fields, _) = next(one for one in run(30, lambda t: {**changed, sure: 0.7}) if one[0] is ev.Nudge)
    assert fields["evidence"].confidence == 0.7


def test_every_confidence_of_a_reading_belongs_to_a_measure() -> None:
    fields = {name for name in ev.Reading.__struct_fields__ if name.endswith("_confidence")}
    assert set(CONFIDENCE.values()) == fields
    assert set(CONFIDENCE) <= set(ev.Reading.__struct_fields__)


def test_a_rate_must_lie_beyond_its_limit_by_its_own_error() -> None:
    unsure = {"pace_error_wpm": 24.0, "pace_usual_wpm": None}
    assert nudges(run(30, lambda t: {"pace_wpm": 190.0, **unsure})) == []
    assert nudges(run(30, lambda t: {"pace_wpm": 200.0, **unsure})) == [("Slow down", 1.0)]
    assert nudges(run(30, lambda t: {"pace_wpm": 110.0, **unsure})) == []


def test_slow_is_who_keeps_to_it_and_pauses_are_neither() -> None:
    slow = {"pace_wpm": 100.0}
    assert nudges(run(6, lambda t: slow)) == []
    assert nudges(run(60, lambda t: slow if t % 7 < 6.5 else {})) == [], "a moment of the usual pace"
    (first, *_) = nudges(run(20, lambda t: slow | ({"talking": False} if t % 2 < 0.5 else {})))
    assert first == ("Pick it up", 9.25)


def test_a_word_or_two_have_no_pace() -> None:
    assert nudges(run(30, lambda t: {"pace_wpm": 230.0, "stretch_s": t % 4 if t % 4 < 1.5 else 0.0})) == []


def test_who_hastens_against_their_own_pace_is_told_sooner() -> None:
    assert nudges(run(30, lambda t: {"pace_wpm": 176.0, "pace_usual_wpm": 165.0})) == []
    assert nudges(run(30, lambda t: {"pace_wpm": 176.0, "pace_usual_wpm": None})) == []
    assert nudges(run(30, lambda t: {"pace_wpm": 176.0, "pace_usual_wpm": 130.0})) == [("Slow down", 1.0)]
    assert nudges(run(30, lambda t: {"pace_wpm": 165.0, "pace_usual_wpm": 110.0})) == []


def test_calm_reading_is_no_monotone() -> None:
    assert nudges(run(30, lambda t: {"f0_sd_st": 1.5, "f0_error_st": 0.22})) == []
    assert nudges(run(30, lambda t: {"f0_sd_st": 1.2, "f0_error_st": 0.17})) == [("Vary your tone", 2.0)]
    assert nudges(run(30, lambda t: {"level_change_db": -12.0, "level_confidence": 0.4})) == []


def test_trends_wait_until_the_speaker_is_known() -> None:
    assert nudges(run(10, lambda t: {"pace_wpm": 230.0, "speech_s": min(t, 4.9)})) == []


def test_same_cue_waits_40_seconds_and_others_20() -> None:
    said = nudges(run(100, lambda t: {"pace_wpm": 230.0}))
    assert [round(b - a) for (_, a), (_, b) in itertools.pairwise(said)] == [40, 40]
    both = nudges(run(62, lambda t: {"pace_wpm": 230.0, "f0_sd_st": 1.0}))
    assert [round(b[1] - a[1]) for a, b in itertools.pairwise(both)] == [20, 20, 20]
    assert len({text for text, _ in both[:2]}) == 2


def test_shown_for_three_seconds_or_until_corrected() -> None:
    said = run(20, lambda t: {"pace_wpm": 230.0})
    (_, _, shown_s), (kind, cleared, gone_s) = said[:2]
    assert kind is ev.NudgeCleared
    assert (gone_s - shown_s, cleared["corrected"]) == (3.0, False)
    said = run(20, lambda t: {"pace_wpm": 230.0 if t < 2 else 150.0})
    (_, _, shown_s), (_, cleared, gone_s) = said[:2]
    assert gone_s - shown_s <= 1.5
    assert cleared["corrected"] is True


def test_one_at_a_time_and_the_weightiest_first() -> None:
    said = run(3, lambda t: {"pace_wpm": 240.0, "f0_sd_st": 1.5, "creak_share": 0.3})
    assert nudges(said) == [("Slow down", 1.0)]


def event(kind: type[Any], at_s: float, channel: int = 0, /, **fields: Any) -> Any:
    return kind(seq=round(at_s * 100), at_s=at_s, channel=channel, **fields)


def fed(events: list[Any], channel: int = 0, profile: Profile | None = None) -> list[tuple[str, float]]:
    said: list[tuple[str, float]] = []
    now_s = 0.0

    def emit(event: ev.Nudge | ev.NudgeCleared) -> None:
        if isinstance(event, ev.Nudge):
            said.append((event.text, now_s))

    policy = Policy(profile or load("conversation"), channel, emit)
    for e in events:
        now_s = e.at_s
        policy.observe(e)
    return said


def test_interruption_is_urgent_and_private() -> None:
    events = [
        *[reading(t / 4, pace_wpm=230.0) for t in range(1, 21)],
        event(ev.Interruption, 9.5, start_s=8.7, overlap_s=0.8),
    ]
    assert fed(events) == [("Slow down", 1.0), ("Let them finish", 9.5)]
    assert ("Let them finish", 9.5) not in fed(events, channel=1)


def fading(at_s: float, trailing_db: float, confidence: float = 0.9) -> Any:
    return event(
        ev.PhraseEnded,
        at_s,
        start_s=at_s - 2,
        end_s=at_s - 0.25,
        contour="unsure",
        change_st=None,
        confidence=0.0,
        trailing_db=trailing_db,
        trailing_confidence=confidence,
    )


def test_three_of_four_phrases_that_trail_off_get_their_words() -> None:
    assert fed([fading(3, 8.0), fading(6, 8.0)]) == []
    assert fed([fading(3, 8.0), fading(6, 0.0), fading(9, 8.0), fading(12, 8.0)]) == [
        ("Louder to the end", 12)
    ]
    assert fed([fading(t, 8.0, 0.4) for t in (3, 6, 9, 12)]) == []
    assert fed([fading(t, 5.2) for t in (3, 6, 9, 12)]) == []


def ending(at_s: float, change_st: float, confidence: float = 0.9, height: float | None = 0.95) -> Any:
    kind = "rise" if change_st >= 2 else "fall" if change_st <= -2 else "level"
    return event(
        ev.PhraseEnded,
        at_s,
        start_s=at_s - 2,
        end_s=at_s - 0.25,
        contour=kind,
        change_st=change_st,
        height=height,
        confidence=confidence,
    )


def pausing(at_s: float, change_st: float, silence_s: float = 1.0, **changed: Any) -> list[Any]:
    """A phrase, and the silence before the next one."""
    end_s = at_s - 0.25
    back = event(ev.PauseEnded, end_s + silence_s + 0.05, start_s=end_s + silence_s, silence_s=silence_s)
    quiet = [
        reading(t / 4, talking=False, silence_s=t / 4 - end_s)
        for t in range(math.ceil(4 * at_s), math.floor(4 * (end_s + silence_s)))
    ]
    return [ending(at_s, change_st, **changed), *quiet, back]


def test_one_rise_is_a_question_two_are_a_habit() -> None:
    falls = pausing(6, -4.0)
    assert fed([*pausing(3, 5.0), *falls, *pausing(9, -4.0)]) == []
    assert fed([*pausing(3, 5.0), *falls, *pausing(9, 5.0)]) == [("Land it", 9.5)]
    assert fed([*pausing(3, 5.0, confidence=0.3), *pausing(6, 5.0, confidence=0.3)]) == []


def test_a_rise_that_goes_on_is_no_ending() -> None:
    items = [part for at_s in (3, 6, 9, 12) for part in pausing(at_s, 5.0, silence_s=0.5)]
    assert fed(items) == []
    assert fed([*items, *pausing(15, 5.0)]) == []
    assert fed([*items, *pausing(15, 5.0), *pausing(18, 5.0)]) == [("Land it", 18.5)]


def test_a_rise_that_stays_within_the_voices_range_is_that_of_a_list() -> None:
    for height in (0.6, None):
        assert fed([part for t in (3, 6, 9) for part in pausing(t, 5.0, height=height)]) == []


def test_a_rise_after_which_the_other_side_takes_its_turn_is_over() -> None:
    theirs = event(ev.TurnTaken, 6.5, 1, start_s=5.9, gap_s=0.2)
    assert fed([*pausing(3, 5.0), ending(6, 5.0), theirs]) == [("Land it", 6.5)]


@pytest.mark.parametrize(
    ("written", "said"),
    [("done.", [("Land it", 7.5)]), ("done", []), ("done,", []), ("done?", [])],
)
def test_a_full_stop_tells_an_ending_where_words_are_heard(written: str, said: list[Any]) -> None:
    def heard(at_s: float, end_s: float, text: str) -> Any:
        word = ev.Word(text=text, start_s=end_s - 0.3, end_s=end_s, confidence=0.9)
        fact = {"start_s": end_s - 0.3, "end_s": end_s, "confidence": 0.9, "source": "test"}
        return event(ev.Words, at_s, words=[word], **fact)

    one = [*pausing(3, 5.0), heard(4.5, 2.7, "first.")]
    two = [*pausing(6, 5.0), heard(7.5, 5.7, written)]
    assert fed(sorted([*one, *two], key=lambda e: e.at_s)) == said


def filler(at_s: float, confidence: float = 0.9) -> Any:
    return event(ev.FilledPause, at_s, start_s=at_s - 0.5, end_s=at_s, confidence=confidence)


def test_fillers_are_spoken_of_on_the_heels_of_one() -> None:
    late: dict[str, Any] = {"fillers_per_min": 6.0}
    assert fed([filler(2), reading(2.25, fillers_per_min=4.0)]) == []
    assert fed([filler(2), filler(6), reading(6.25, **late)]) == [("Breathe instead", 6.25)]
    assert fed([filler(2), filler(6), reading(20.0, **late)]) == []
    assert fed([filler(2), filler(6, confidence=0.49), reading(6.25, **late)]) == []


def test_silences_ask_for_time_a_start_or_nothing() -> None:
    started = event(ev.SpeechStarted, 0.5, start_s=0.4)
    silent = [reading(t / 4, talking=False, silence_s=t / 4 - 5) for t in range(21, 60)]
    assert fed([started, ending(5.25, 0.5), *silent]) == [("Take your time", 9.0)]
    assert fed([started, ending(5.25, -5.0), *silent]) == []
    problem = event(ev.SignalProblem, 5.0, kind="silent", on=True)
    muted = event(ev.MuteStarted, 5.5, start_s=5.3, told=True)
    for gone in (problem, muted):
        assert fed(sorted([started, ending(5.25, 0.5), gone, *silent], key=lambda e: e.at_s)) == []
    back = [event(ev.MuteEnded, 7.0, start_s=5.3, end_s=7.0)]
    back += [reading(t / 4, talking=False, silence_s=t / 4 - 7) for t in range(28, 80)]
    assert fed([started, ending(5.25, 0.5), muted, *back]) == [], "what they said before is over"


def test_answer_that_does_not_come_after_the_other_sides_turn() -> None:
    mine = [
        event(ev.SpeechStarted, 0.5, start_s=0.4),
        event(ev.TurnTaken, 1.1, start_s=0.4, gap_s=None),
        ending(3, 0.0),
    ]
    theirs = [
        event(ev.TurnTaken, 4.0, 1, start_s=3.3, gap_s=0.4),
        event(ev.PauseStarted, 8.25, 1, start_s=8.0, speech_s=4.7),
    ]
    silent = [reading(t / 4, talking=False, silence_s=t / 4 - 2.75) for t in range(16, 80)]
    events = sorted([*mine, *theirs, *silent], key=lambda e: e.at_s)
    assert fed(events) == [("Start with the point", 13.0)]


def test_nobody_owes_the_first_word_where_two_have_only_just_met() -> None:
    silent = [reading(t / 4, talking=False, silence_s=t / 4) for t in range(1, 60)]
    theirs = [msgspec.structs.replace(one, channel=1) for one in silent]
    both = [one for two in zip(silent, theirs, strict=True) for one in two]
    assert fed(both) == fed(both, channel=1) == []


@pytest.mark.slow
@given(st.lists(st.fixed_dictionaries({}, optional={
    "pace_wpm": st.none() | st.floats(0, 500),
    "f0_sd_st": st.none() | st.floats(0, 12),
    "creak_share": st.none() | st.floats(0, 1),
    "stretch_s": st.floats(0, 400),
    "unbroken_s": st.floats(0, 100),
    "silence_s": st.floats(0, 100),
    "talking": st.booleans(),
    "level_change_db": st.none() | st.floats(-60, 60),
    "talk_share": st.none() | st.floats(0, 1),
}), min_size=20, max_size=300))  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_spacing_holds_whatever_is_heard(changes: list[dict[str, Any]]) -> None:
    said = run(len(changes) / 4, lambda t: changes[round(t * 4) - 1])
    given_ = [(fields["cue"], at_s) for kind, fields, at_s in said if kind is ev.Nudge]
    assert all(b[1] - a[1] >= 20 for a, b in itertools.pairwise(given_))
    for cue in CUES:
        times = [t for c, t in given_ if c == cue]
        assert all(b - a >= 40 for a, b in itertools.pairwise(times))
    shown = 0
    for kind, _, _ in said:
        shown += 1 if kind is ev.Nudge else -1
        assert shown in (0, 1)


def test_readings_made_by_hand_have_all_fields() -> None:
    assert {"seq", "at_s", "channel", "delay_ms", *NEUTRAL} == set(ev.Reading.__struct_fields__)
