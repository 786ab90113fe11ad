"""Words count where their speaker spoke, by the core's facts."""

from __future__ import annotations

from engine.language.speech_gate import SpeechGate
from engine.protocol import events as ev
from tests.harness.scripted_recogniser import said


def gate() -> SpeechGate:
    """A speaker who spoke from 1 to 3 s, and from 6 s on."""
    found = SpeechGate()
    found.observe(ev.SpeechStarted(start_s=1.0, at_s=1.1))
    found.observe(ev.PauseStarted(start_s=3.0, speech_s=2.0, at_s=3.25))
    found.observe(ev.PauseEnded(start_s=6.0, silence_s=3.0, at_s=6.1))
    return found


def words(text: str, start_s: float) -> ev.Words:
    spoken = said(text, start_s)
    return ev.Words(words=spoken, start_s=start_s, end_s=spoken[-1].end_s, confidence=0.9, source="scripted")


def missed(start_s: float, end_s: float) -> ev.WordsMissed:
    return ev.WordsMissed(why="busy", start_s=start_s, end_s=end_s, confidence=1.0, source="scripted")


def test_words_in_speech_are_as_they_were() -> None:
    fact = words("we cut it", 1.5)
    assert gate().checked(fact, 8.0) == [fact]


def test_words_in_silence_are_left_out_and_the_span_is_that_of_the_rest() -> None:
    (fact,) = gate().checked(words("we cut it in half you know", 2.0), 8.0)
    assert isinstance(fact, ev.Words)
    assert [word.text for word in fact.words] == ["we", "cut", "it", "in"]
    assert (fact.start_s, fact.end_s) == (2.0, fact.words[-1].end_s)


def test_words_wholly_in_silence_are_no_fact() -> None:
    assert gate().checked(words("thank you", 4.2), 8.0) == []


def test_what_was_missed_is_missed_from_the_first_speech_on() -> None:
    assert gate().checked(missed(4.0, 5.0), 8.0) == []
    (fact,) = gate().checked(missed(4.0, 7.0), 8.0)
    assert (fact.start_s, fact.end_s) == (6.0, 7.0)


def test_speech_that_goes_on_is_speech_up_to_now() -> None:
    assert gate().checked(words("and then", 7.0), 8.0)
    assert not gate().checked(words("and then", 9.0), 8.0)
