from __future__ import annotations

import pytest

from dsp.frame import RATE_HZ
from engine.protocol.words import Word, Words, WordsMissed
from engine.speech.recogniser import Final, Missed, Partial
from engine.speech.word_facts import word_facts


def word(text: str, start_s: float, end_s: float, confidence: float = 0.8) -> Word:
    return Word(text=text, start_s=start_s, end_s=end_s, confidence=confidence)


def test_final_words_span_their_fact_and_are_known_at_their_samples() -> None:
    words = [word("cut", 1.0, 1.2, 0.6), word("it", 1.2, 1.3, 0.8)]
    ((fact, at),) = word_facts([Final(words, 2.1)], "ear")
    assert isinstance(fact, Words)
    assert (fact.words, fact.start_s, fact.end_s, fact.source) == (words, 1.0, 1.3, "ear")
    assert fact.confidence == pytest.approx(0.7)
    assert at == round(2.1 * RATE_HZ)


def test_partial_and_empty_results_are_no_facts() -> None:
    assert list(word_facts([Partial("cut", 1.0), Final([], 2.0)], "ear")) == []


def test_what_was_missed_is_known_at_its_end() -> None:
    ((fact, at),) = word_facts([Missed(1.0, 3.5, "failed")], "ear")
    assert isinstance(fact, WordsMissed)
    assert (fact.start_s, fact.end_s, fact.why) == (1.0, 3.5, "failed")
    assert at == round(3.5 * RATE_HZ)


@pytest.mark.parametrize("end_s", [0.1, 1 / 3, 2.3, 7.77, 100.01, 3599.97])
def test_no_fact_is_known_before_it_is_over(end_s: float) -> None:
    ((fact, at),) = word_facts([Final([word("so", 0.0, end_s)], end_s)], "ear")
    assert fact.end_s <= at / RATE_HZ < fact.end_s + 2 / RATE_HZ
