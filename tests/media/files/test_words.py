"""Words of a recording come at their own times, however it is cut, and each side has its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from dsp.frame import RATE_HZ
from engine.language.transcript import Transcript
from engine.media.files.analysis import Analysis, analyze
from engine.media.files.recording import Recording
from engine.media.files.words import SpokenWords
from engine.media.voices.practice_answer import PassageSpan
from engine.protocol.review import AnswerReview
from engine.protocol.words import Word, Words, WordsMissed
from engine.shipped.profiles import load
from engine.speech.recogniser import Recogniser
from tests.harness.recordings import Samples, tone, write
from tests.harness.reviews import REVIEW
from tests.harness.scripted_recogniser import NAME, ScriptedRecogniser, said

SPOKEN = said("we cut the waiting time in half", 0.5)
DELAY_S = 0.8


def heard(path: Path, *scripts: list[Word], block: int | None = None) -> Analysis:
    waiting = iter(scripts)

    def opened() -> Recogniser:
        return ScriptedRecogniser(next(waiting), DELAY_S)

    def review(channel: int, transcript: Transcript) -> AnswerReview:
        return replace(REVIEW, question=f"channel {channel}", words=list(transcript.words))

    recording = Recording(path, "both" if len(scripts) == 2 else None)
    words = SpokenWords(opened, review)
    return analyze([recording], load("conversation"), block_samples=block, words=words)


def words_of(analysis: Analysis, channel: int = 0) -> list[Word]:
    return [
        word
        for event in analysis.events
        if isinstance(event, Words) and event.channel == channel
        for word in event.words
    ]


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    return write(tmp_path / "talk.wav", tone(200, 5.0))


def test_words_are_known_when_the_samples_that_decided_them_are_heard(talk: Path) -> None:
    events = [event for event in heard(talk, SPOKEN).events if isinstance(event, Words)]
    assert [event.words[0].text for event in events] == [word.text for word in SPOKEN]
    for event, word in zip(events, SPOKEN, strict=True):
        assert event.at_s == pytest.approx(word.end_s + DELAY_S, abs=0.011)
        assert (event.start_s, event.end_s, event.source) == (word.start_s, word.end_s, NAME)
        assert event.confidence == pytest.approx(0.9)


def test_words_that_are_known_at_the_end_only_are_there_too(talk: Path) -> None:
    late = said("so it was the cache", 2.9)
    assert [word.text for word in words_of(heard(talk, late))] == ["so", "it", "was", "the", "cache"]


def test_without_a_recogniser_no_words_are_heard(talk: Path) -> None:
    found = analyze([Recording(talk)], load("conversation"))
    assert not [event for event in found.events if isinstance(event, Words | WordsMissed)]
    assert found.reviews == []


@pytest.mark.parametrize("block", [37, 160, 4096, 80000])
def test_cutting_changes_no_event(tmp_path: Path, block: int) -> None:
    samples = tone(200, 5.0)
    samples[24000:32000] = np.nan
    path = write(tmp_path / "cut.wav", samples)
    assert heard(path, SPOKEN, block=block).events == heard(path, SPOKEN).events


def test_what_was_lost_is_unknown_and_never_said(tmp_path: Path) -> None:
    samples = tone(200, 5.0)
    samples[16000:24000] = np.nan
    analysis = heard(write(tmp_path / "lost.wav", samples), SPOKEN)
    (missed,) = [event for event in analysis.events if isinstance(event, WordsMissed)]
    assert (missed.start_s, missed.end_s, missed.why) == (1.0, 1.5, "lost")
    kept = [word.text for word in SPOKEN if word.end_s <= 1.0 or word.start_s >= 1.5]
    assert [word.text for word in words_of(analysis)] == kept != [word.text for word in SPOKEN]


def test_each_side_has_its_own_words(tmp_path: Path) -> None:
    path = write(tmp_path / "two.wav", tone(200, 5.0), tone(120, 5.0))
    theirs = said("why did you wait", 1.0)
    analysis = heard(path, SPOKEN, theirs)
    assert [word.text for word in words_of(analysis, 0)] == [word.text for word in SPOKEN]
    assert [word.text for word in words_of(analysis, 1)] == [word.text for word in theirs]


def test_each_side_is_reviewed_by_what_it_said_where_it_spoke(
    answer: tuple[Samples, list[PassageSpan]], tmp_path: Path
) -> None:
    voice = answer[0][: 6 * RATE_HZ]
    path = write(tmp_path / "voices.wav", voice, np.zeros_like(voice))
    spoken, invented = said("we cut the waiting time in half", 1.0), said("thank you", 2.0)
    ours, theirs = heard(path, spoken, invented).reviews
    assert [word.text for word in ours.words] == [word.text for word in spoken]
    assert (ours.question, theirs.question) == ("channel 0", "channel 1")
    assert theirs.words == [], "nobody spoke there"
