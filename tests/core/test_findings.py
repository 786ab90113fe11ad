"""The three sentences at the end."""

from __future__ import annotations

import msgspec

from engine.core.conversation import Between
from engine.core.findings import findings
from engine.core.session import Session
from engine.protocol.events import Evidence, Nudge
from engine.protocol.measures import ChannelMeasures
from engine.shipped.profiles import load

FINE = ChannelMeasures(
    speech_s=60.0,
    talk_share=None,
    pace_wpm=150.0,
    syllables_per_s=4.4,
    syllables=220,
    pause_count=12,
    pause_total_s=9.0,
    longest_pause_s=1.4,
    longest_stretch_s=22.0,
    f0_median_hz=120.0,
    f0_sd_st=2.9,
    fillers=1,
    fillers_per_min=1.0,
    creak_share=0.05,
    level_dbfs=-25.0,
    noise_dbfs=-65.0,
    loudness_lufs=-24.0,
    snr_db=40.0,
    trailing_db=0.0,
    phrases=14,
    endings=13,
    rises=1,
    interruptions=0,
    backchannels=0,
    lost_s=0.0,
)
PROFILE = load("conversation")


def test_all_well_gives_three_good_things() -> None:
    found = findings(FINE, PROFILE)
    assert [f.good for f in found] == [True, True, True]
    assert len({f.cue for f in found}) == 3


def test_what_needs_work_comes_first_and_something_good_after_it() -> None:
    bad = msgspec.structs.replace(FINE, pace_wpm=200.0, fillers_per_min=9.0, longest_stretch_s=33.0)
    found = findings(bad, PROFILE)
    assert [(f.cue, f.good) for f in found[:2]] == [("fillers", False), ("pace", False)]
    assert found[2].good
    assert "200 words a minute" in found[1].text


def test_a_pace_outside_by_less_than_its_error_is_neither_praised_nor_held_against_anyone() -> None:
    for wpm, told in ((115.0, False), (100.0, True), (190.0, False), (210.0, True)):
        measures = msgspec.structs.replace(FINE, pace_wpm=wpm, pace_error_wpm=0.16 * wpm)
        assert ("pace" in {f.cue for f in findings(measures, PROFILE)}) is told


def test_cue_that_is_off_is_not_judged() -> None:
    quiet = msgspec.structs.replace(PROFILE, pace=msgspec.structs.replace(PROFILE.pace, on=False))
    assert "pace" not in {f.cue for f in findings(msgspec.structs.replace(FINE, pace_wpm=260.0), quiet)}


def test_too_little_speech_is_not_judged() -> None:
    assert findings(msgspec.structs.replace(FINE, speech_s=5.0), PROFILE) == []


def test_both_sides_of_a_call() -> None:
    bad = msgspec.structs.replace(FINE, talk_share=0.9, interruptions=2)
    found = findings(bad, PROFILE)
    assert found[0].text == "You interrupted the other person 2 times."
    assert found[1].cue == "talk_share"


def test_what_was_nudged_is_not_praised() -> None:
    nudge = Nudge(
        seq=9,
        at_s=78.0,
        id=1,
        cue="pace",
        text="Slow down",
        why="About 195 words a minute.",
        tone="change",
        urgent=False,
        show_s=3.0,
        evidence=Evidence(
            measure="pace_wpm",
            value=195.0,
            unit="words/min",
            threshold=170.0,
            window_s=(70.0, 78.0),
            confidence=1.0,
            seq=8,
        ),
    )
    first, *rest = findings(FINE, PROFILE, [nudge])
    assert (first.cue, first.good, first.text) == (
        "pace",
        False,
        "You were told “Slow down” once (1:18).",
    )
    assert all(f.good and f.cue != "pace" for f in rest)


def test_who_is_alone_offers_the_floor_to_nobody() -> None:
    long = msgspec.structs.replace(FINE, longest_stretch_s=75.0)
    texts = [f.text for f in findings(long, load("interview")) if f.cue == "check_in"]
    assert texts in ([], ["You kept it short: at most 75 seconds without a break."])
    longer = msgspec.structs.replace(FINE, longest_stretch_s=180.0)
    (finding,) = (f for f in findings(longer, load("interview")) if f.cue == "check_in")
    assert not finding.good
    assert finding.text == "You spoke for 180 seconds without a break; finish within 120."
    assert "check_in" not in {f.cue for f in findings(longer, load("presentation"))}
    said = " ".join(f.text for f in findings(long, load("interview")))
    assert "floor" not in said
    assert "other side" not in said


def test_who_is_one_of_two_is_judged_by_the_thirty_second_rule() -> None:
    exchange = Between().standing(0, 60.0, (30.0, 30.0))
    two = msgspec.structs.replace(FINE, longest_stretch_s=75.0, exchange=exchange)
    (finding,) = (f for f in findings(two, PROFILE) if f.cue == "check_in")
    assert finding.text == "You spoke for 75 seconds without pausing for the other person; check in after 30."


def test_aim_of_a_stretch_is_that_of_who_is_there() -> None:
    def aim(session: Session) -> float | None:
        return next(cue.aim[1] for cue in session.cues() if cue.cue == "check_in")

    assert aim(Session(load("interview"))) == 120.0
    assert aim(Session(load("interview"), 2)) == 30.0
    assert aim(Session(load("presentation"))) is None
