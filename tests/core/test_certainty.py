"""A measure on too little says nothing; a guess is neither praised nor held against anyone."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from clients.cli.report import TOO_LITTLE, rows
from engine.core.certainty import NEEDS, fillers_sure, seldom, voiced_enough
from engine.core.findings import findings
from engine.core.session import Session
from engine.media.files.analysis import SpeakerMeasures
from engine.media.voices.practice_answer import PassageSpan
from engine.media.voices.synthesis import silence
from engine.protocol.measures import ChannelMeasures
from engine.protocol.messages import Summary
from engine.shipped.profiles import load
from tests.harness.corpus import DATA
from tests.harness.labelled_speech import Labels
from tests.harness.voices import sung, whispered

from .test_findings import FINE

Samples = NDArray[np.float32]
PROFILE = load("conversation")


def heard(*sides: Samples) -> Summary:
    session = Session(PROFILE, len(sides))
    for channel, side in enumerate(sides):
        session.hear(channel, side)
    session.finish()
    return session.summary()


def cues(summary: Summary, channel: int = 0) -> set[str]:
    return {finding.cue for finding in summary.findings[channel]}


@pytest.fixture(scope="module")
def whisper(answer: tuple[Samples, list[PassageSpan]]) -> Summary:
    return heard(whispered(answer[0]))


def test_a_whisper_is_not_told_of_its_voice(whisper: Summary) -> None:
    (measures,) = whisper.measures
    assert measures.speech_s > 30
    assert cues(whisper) <= {"pace", "check_in"}
    assert measures.creak_share is None
    assert measures.f0_sd_st is None or "f0_sd_st" in measures.unsure
    assert not {"creak", "pitch_range", "fillers"} & {nudge.cue for nudge in whisper.nudges}


def test_a_short_whisper_has_no_creak(answer: tuple[Samples, list[PassageSpan]]) -> None:
    measures = heard(whispered(answer[0][: 15 * 16_000])).measures[0]
    assert measures.creak_share is None


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(
    "how",
    [{}, {"vibrato_st": 0.35}, {"slow": 1.5}, {"base_hz": 260.0}],
    ids=["low", "vibrato", "slow", "high"],
)
def test_held_notes_of_a_song_are_no_filled_pauses(seed: int, how: dict[str, Any]) -> None:
    summary = heard(sung(20.0, seed, **how))
    assert summary.measures[0].speech_s > 3
    assert summary.measures[0].fillers <= 1, "nobody knows of the first note that others follow"
    assert not {nudge.cue for nudge in summary.nudges} & {"fillers"}
    assert "fillers" not in cues(summary)


def test_filled_pauses_of_a_hesitant_speaker_are_found_all_the_same(
    answer: tuple[Samples, list[PassageSpan]],
) -> None:
    assert heard(answer[0]).measures[0].fillers == 3


@pytest.mark.corpus
def test_a_meeting_whose_fillers_are_missed_is_not_praised_for_having_none() -> None:
    labels = Labels(DATA)
    for name in ("turns/ami/EN2001a_0-30s.flac", "turns/ami/EN2004a_0-30s.flac"):
        summary = heard(np.ascontiguousarray(labels.samples(name)[:, 0]))
        assert not [f for f in summary.findings[0] if f.cue == "fillers" and f.good], name


def test_few_fillers_are_praised_when_they_would_have_been_found() -> None:
    assert seldom(0, 15.0, 3.0) < 0.5 < seldom(0, 45.0, 3.0)
    assert seldom(0, 300.0, 3.0) > 0.9
    assert seldom(2, 45.0, 3.0) < 0.5, "two that were told as a guess may have been some"
    assert fillers_sure(0, 2, 45.0, 3.0) < 0.5 <= fillers_sure(0, 0, 45.0, 3.0)
    assert fillers_sure(1, 0, 15.0, 3.0) < 0.5 <= fillers_sure(2, 0, 15.0, 3.0)


@pytest.mark.parametrize(("voiced_s", "sure"), [(0.5, 0.0), (1.5, 0.5), (6.0, 1.0)])
def test_voice_that_is_hardly_there_tells_nothing_of_it(voiced_s: float, sure: float) -> None:
    assert voiced_enough(voiced_s, 10.0) == pytest.approx(sure)
    assert voiced_enough(0.0, 0.0) == 0.0


def test_every_measure_has_its_least_evidence() -> None:
    for name, needs in NEEDS.items():
        assert name in ChannelMeasures.__struct_fields__
        assert needs.sure(0.99 * needs.least) == 0.0
        assert needs.sure(needs.enough) == 1.0


@pytest.mark.parametrize(
    ("field", "cue"),
    [
        ("pace_wpm", "pace"),
        ("longest_stretch_s", "check_in"),
        ("f0_sd_st", "pitch_range"),
        ("fillers_per_min", "fillers"),
        ("rises", "ending"),
        ("creak_share", "creak"),
        ("talk_share", "talk_share"),
        ("interruptions", "interruption"),
    ],
)
@pytest.mark.parametrize("good", [True, False])
def test_nothing_is_said_of_a_guess(field: str, cue: str, good: bool) -> None:
    bad = {
        "pace_wpm": 400.0,
        "longest_stretch_s": 200.0,
        "f0_sd_st": 0.2,
        "fillers_per_min": 40.0,
        "rises": 13,
    }
    bad |= {"creak_share": 0.9, "talk_share": 0.99, "interruptions": 9}
    measures = msgspec.structs.replace(FINE, talk_share=0.2)
    if not good:
        measures = msgspec.structs.replace(measures, **{field: bad[field]})
        assert findings(measures, PROFILE)[0].cue == cue
    told = findings(msgspec.structs.replace(measures, unsure=[field]), PROFILE)
    assert told
    assert cue not in {finding.cue for finding in told}


def test_half_a_minute_is_not_praised_for_a_stretch_that_could_not_be_longer(
    answer: tuple[Samples, list[PassageSpan]],
) -> None:
    assert "check_in" not in cues(heard(answer[0][: 20 * 16_000]))


def test_who_talks_to_nobody_has_no_share_of_the_talk(answer: tuple[Samples, list[PassageSpan]]) -> None:
    summary = heard(answer[0], silence(answer[0].size / 16_000)[: answer[0].size])
    assert [measures.talk_share for measures in summary.measures] == [None, None]
    assert not cues(summary) & {"talk_share", "interruption"}
    row = next(row for row in rows(_speaker(summary.measures[0]), PROFILE) if row.label == "talk share")
    assert (row.value, row.met) == (TOO_LITTLE, None)


def test_a_guess_is_called_so_in_the_report_and_held_against_no_target() -> None:
    measures = msgspec.structs.replace(FINE, creak_share=0.6, unsure=["creak_share"])
    found = {row.label: row for row in rows(_speaker(measures), PROFILE)}
    assert (found["creak"].value, found["creak"].met) == ("60 %, uncertain", None)
    assert found["pace"].met is True


def test_unsure_fields_are_told_on_the_wire(whisper: Summary) -> None:
    sent = msgspec.json.decode(msgspec.json.encode(whisper))
    assert "fillers_per_min" in sent["measures"][0]["unsure"]


def _speaker(measures: ChannelMeasures) -> SpeakerMeasures:
    return SpeakerMeasures(channel=0, **msgspec.structs.asdict(measures))
