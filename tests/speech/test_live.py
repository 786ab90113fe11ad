"""A synthetic voice is recognised live: words, times, silence, losses, in any block size."""

from __future__ import annotations

import numpy as np
import pytest

from engine.language.transcript import bare
from engine.media.resample import Samples
from engine.media.voices.synthesis import SpeechSynthesizer, silence
from engine.protocol.words import Word
from engine.speech import live as live_module
from engine.speech.live import LiveRecogniser
from engine.speech.moonshine import moonshine
from engine.speech.open import open_recogniser
from engine.speech.recogniser import Final, Missed, Mode, Partial, Result

FIRST = "The first thing we noticed was that the queue kept growing every morning."
SECOND = "After that we wrote a short list of what to check."
RATE_HZ = 16_000


@pytest.fixture(scope="module")
def speech() -> Samples:
    """Two sentences with 0.8 s between them; the second begins at ``second_s``."""
    voice = SpeechSynthesizer()
    return np.concatenate(
        [silence(0.5), voice.synthesize(FIRST), silence(0.8), voice.synthesize(SECOND), silence(0.2)]
    )


def heard(samples: Samples, mode: Mode = "live", block: int = 320) -> list[Result]:
    recogniser = open_recogniser(mode)
    found: list[Result] = []
    for at in range(0, samples.size, block):
        found += recogniser.process(samples[at : at + block])
    return found + recogniser.finish()


def words(results: list[Result]) -> list[Word]:
    return [word for result in results if isinstance(result, Final) for word in result.words]


def said(results: list[Result]) -> list[str]:
    return [bare(word.text) for word in words(results)]


@pytest.fixture(scope="module")
def live(speech: Samples) -> list[Result]:
    return heard(speech)


def test_words_are_those_that_were_said(live: list[Result]) -> None:
    expected = [bare(word) for word in f"{FIRST} {SECOND}".split()]
    found = said(live)
    assert len(set(expected) & set(found)) >= 0.85 * len(set(expected)), found
    assert abs(len(found) - len(expected)) <= 2


def test_words_come_in_order_of_time_and_before_the_samples_that_decided_them(live: list[Result]) -> None:
    edges = [edge for word in words(live) for edge in (word.start_s, word.end_s)]
    assert edges == sorted(edges)
    for result in live:
        if isinstance(result, Final):
            assert result.words
            assert result.words[-1].end_s <= result.known_s
    assert all(0 < word.confidence <= 1 for word in words(live))


def test_a_word_begins_where_it_is_said(live: list[Result], speech: Samples) -> None:
    after = next(word for word in words(live) if bare(word.text) == "after")
    loud = np.flatnonzero(np.abs(speech) > 0.02) / RATE_HZ
    gap = int(np.diff(loud).argmax())
    assert after.start_s == pytest.approx(loud[gap + 1], abs=0.15)
    assert words(live)[0].start_s == pytest.approx(loud[0], abs=0.15)


def test_live_words_are_final_before_the_phrase_ends(live: list[Result]) -> None:
    first = next(result for result in live if isinstance(result, Final))
    assert first.known_s < 2.5
    assert any(isinstance(result, Partial) for result in live)


@pytest.mark.parametrize("block", [1, 33_333])
def test_block_sizes_make_no_difference(live: list[Result], speech: Samples, block: int) -> None:
    if block == 1:  # through the middle of hops; sample by sample would take too long
        recogniser, found = open_recogniser("live"), []
        for at in range(0, speech.size, 997):
            found += recogniser.process(speech[at : at + 1])
            found += recogniser.process(speech[at + 1 : at + 997])
        assert found + recogniser.finish() == live
    else:
        assert heard(speech, block=block) == live


def test_by_phrase_the_words_come_at_the_pause(speech: Samples) -> None:
    results = heard(speech, "phrase")
    assert len(results) == 2
    assert all(isinstance(result, Final) for result in results)
    assert "queue" in said(results)


def test_nothing_is_said_where_nobody_speaks() -> None:
    noise = np.random.default_rng(3).standard_normal(3 * RATE_HZ).astype(np.float32)
    assert heard(np.zeros(2 * RATE_HZ, np.float32)) == []
    assert heard(0.01 * noise) == []


def test_what_is_too_unclear_to_be_written_is_unknown(
    speech: Samples, live: list[Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not [one for one in live if isinstance(one, Missed)]
    monkeypatch.setattr(live_module, "LEAST_LIKELY", 1.0)
    monkeypatch.setattr(live_module, "LEAST_LIKELY_YET", 1.0)
    monkeypatch.setattr(live_module, "LEAST_LIKELY_LONG", 1.0)
    results = heard(speech)
    missed = [one for one in results if isinstance(one, Missed)]
    assert {one.why for one in missed} == {"unclear"}
    assert words(results) == []
    loud = np.flatnonzero(np.abs(speech) > 0.02) / RATE_HZ
    assert missed[0].start_s <= loud[0] + 0.05
    assert missed[-1].end_s >= loud[-1] - 0.05


def test_speech_needs_a_share_of_certainty_and_stock_phrases_more(monkeypatch: pytest.MonkeyPatch) -> None:
    recogniser = LiveRecogniser(moonshine(), "live")
    probabilities = np.repeat(np.array([0.95, 0.7, 0.1], np.float32), [30, 70, 50])
    monkeypatch.setattr(recogniser.hearing, "speech", lambda start, stop: probabilities[start:stop])
    assert recogniser.sure_of_speech(["We", "split", "it."], 0, 150)
    assert not recogniser.sure_of_speech(["Thank", "you."], 0, 150)
    assert recogniser.sure_of_speech(["Thank", "you."], 0, 60)
    assert not recogniser.sure_of_speech(["We", "split", "it."], 10, 150)


def test_lost_audio_is_missed_and_neighbours_stay(speech: Samples) -> None:
    start, length = 2 * RATE_HZ + 77, RATE_HZ
    recogniser = open_recogniser("live")
    results = recogniser.process(speech[:start])
    for _ in range(length // 320):
        results += recogniser.process_lost(320)
    results += recogniser.process(speech[start + length :]) + recogniser.finish()
    missed = [result for result in results if isinstance(result, Missed)]
    assert [one.why for one in missed] == ["lost"]
    assert missed[0].start_s == pytest.approx(2.0, abs=0.011)
    assert missed[0].end_s == pytest.approx(3.0, abs=0.021)
    assert "first" in said(results)
    assert "check" in said(results)
    assert not [w for w in words(results) if w.start_s < 2.9 and w.end_s > 2.1]


def test_a_long_talk_is_cut_and_stays_whole() -> None:
    text = "We asked every team to write down what they needed and to read it to the others " * 2
    voice = SpeechSynthesizer()
    results = heard(voice.synthesize(text.strip() + ".", speed=1.1))
    found = said(results)
    assert abs(len(found) - len(text.split())) <= 5, found
    assert sum(word in text.split() for word in found) >= 0.8 * len(found)
