"""Words of a recording come at their own times, however it is cut, and each side has its own."""

from __future__ import annotations

from collections.abc import Sequence
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


@pytest.fixture(scope="module")
def speech(answer: tuple[Samples, list[PassageSpan]]) -> Samples:
    """Six seconds of speech from the beginning on."""
    return answer[0][: 6 * RATE_HZ]


@pytest.fixture
def talk(speech: Samples, tmp_path: Path) -> Path:
    return write(tmp_path / "talk.wav", speech)


def texts(words: Sequence[Word]) -> list[str]:
    return [word.text for word in words]


def test_words_are_known_when_the_samples_that_decided_them_are_heard(talk: Path) -> None:
    events = [event for event in heard(talk, SPOKEN).events if isinstance(event, Words)]
    assert [event.words[0].text for event in events] == texts(SPOKEN)
    for event, word in zip(events, SPOKEN, strict=True):
        assert event.at_s == pytest.approx(word.end_s + DELAY_S, abs=0.011)
        assert (event.start_s, event.end_s, event.source) == (word.start_s, word.end_s, NAME)
        assert event.confidence == pytest.approx(0.9)


def test_words_that_are_known_at_the_end_only_are_there_too(talk: Path) -> None:
    late = said("so it was the cache", 3.9)
    assert texts(words_of(heard(talk, late))) == ["so", "it", "was", "the", "cache"]


def test_without_a_recogniser_no_words_are_heard(talk: Path) -> None:
    found = analyze([Recording(talk)], load("conversation"))
    assert not [event for event in found.events if isinstance(event, Words | WordsMissed)]
    assert found.reviews == []


@pytest.mark.parametrize("block", [37, 160, 4096, 80000])
def test_cutting_changes_no_event(speech: Samples, tmp_path: Path, block: int) -> None:
    samples = np.concatenate([speech, 0 * speech[:32000]])
    samples[24000:32000] = np.nan
    path = write(tmp_path / "cut.wav", samples)
    spoken = [*SPOKEN, *said("thank you", 7.0)]
    assert heard(path, spoken, block=block).events == heard(path, spoken).events


def test_what_was_lost_is_unknown_and_never_said(speech: Samples, tmp_path: Path) -> None:
    samples = speech.copy()
    samples[16000:24000] = np.nan
    analysis = heard(write(tmp_path / "lost.wav", samples), SPOKEN)
    (missed,) = [event for event in analysis.events if isinstance(event, WordsMissed)]
    assert (missed.start_s, missed.end_s, missed.why) == (1.0, 1.5, "lost")
    kept = [word for word in SPOKEN if word.end_s <= 1.0 or word.start_s >= 1.5]
    assert texts(words_of(analysis)) == texts(kept) != texts(SPOKEN)


def test_each_side_has_its_own_words_where_it_spoke(speech: Samples, tmp_path: Path) -> None:
    silence = np.zeros_like(speech)
    path = write(tmp_path / "two.wav", np.concatenate([speech, silence]), np.concatenate([silence, speech]))
    theirs = said("why did you wait", 7.0)
    analysis = heard(path, [*SPOKEN, *theirs], [*SPOKEN, *theirs])
    assert texts(words_of(analysis, 0)) == texts(SPOKEN), "the rest was said by the other side"
    assert texts(words_of(analysis, 1)) == texts(theirs)
    assert [texts(review.words) for review in analysis.reviews] == [texts(SPOKEN), texts(theirs)]
    assert [review.question for review in analysis.reviews] == ["channel 0", "channel 1"]


def test_words_in_silence_are_inventions(tmp_path: Path) -> None:
    analysis = heard(write(tmp_path / "tone.wav", tone(200, 5.0)), SPOKEN)
    assert words_of(analysis) == []
    assert analysis.reviews[0].words == []
