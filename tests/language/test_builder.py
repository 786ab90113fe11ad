"""The transcript of a speaker from events: what ears and recogniser heard together."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.language.builder import TranscriptBuilder
from engine.language.fusion import (
    HeardPause,
    Span,
    drop_inventions,
    fuse,
    is_filled_pause,
    merged,
    unknown_spans,
    without,
    word_pace,
)
from engine.language.transcript import Transcript
from engine.protocol import events as ev
from engine.protocol.review import CountRange, UnknownSpan
from tests.harness.channel_measures import channel_measures


def word(text: str, start_s: float, length_s: float = 0.3, confidence: float = 0.9) -> ev.Word:
    return ev.Word(text=text, start_s=start_s, end_s=round(start_s + length_s, 4), confidence=confidence)


def words(*said: ev.Word, at_s: float | None = None) -> ev.Words:
    return ev.Words(
        words=list(said), start_s=said[0].start_s, end_s=said[-1].end_s, confidence=0.9, source="test",
        at_s=said[-1].end_s + 0.8 if at_s is None else at_s,
    )  # fmt: skip


def speech(*spans: tuple[float, float]) -> list[ev.AnyEvent]:
    """Events of the core about stretches of speech, with pauses between."""
    events: list[ev.AnyEvent] = []
    for number, (start_s, end_s) in enumerate(spans):
        if number:
            silence_s = start_s - spans[number - 1][1]
            events.append(ev.PauseEnded(start_s=start_s, silence_s=silence_s, at_s=start_s + 0.1))
        else:
            events.append(ev.SpeechStarted(start_s=start_s, at_s=start_s + 0.1))
        events.append(ev.PauseStarted(start_s=end_s, speech_s=end_s - start_s, at_s=end_s + 0.25))
    return events


def built(events: Iterable[ev.AnyEvent], channel: int = 0) -> Transcript:
    builder = TranscriptBuilder(channel)
    for event in events:
        builder.observe(event)
    return builder.transcript()


def texts(transcript: Transcript) -> list[str]:
    return [one.text for one in transcript.words]


# --- words in silence ----------------------------------------------------------


def test_a_word_in_silence_is_an_invention() -> None:
    said = words(word("We", 1.0), word("shipped", 1.4), word("Thanks", 3.5), word("it", 6.0))
    heard = built([*speech((0.9, 1.8), (5.9, 6.4)), said])
    assert texts(heard) == ["We", "shipped", "it"]
    assert heard.source == "test"


def test_a_word_whose_time_is_a_little_off_stays() -> None:
    assert texts(built([*speech((1.0, 2.0)), words(word("We", 0.5), word("ship", 2.2))])) == ["We", "ship"]


def test_without_any_speech_every_word_is_an_invention() -> None:
    assert texts(built([words(word("Thanks", 1.0))])) == []


def test_a_word_while_the_speaker_goes_on_is_heard() -> None:
    begun = ev.SpeechStarted(start_s=1.0, at_s=1.1)
    assert texts(built([begun, words(word("So", 8.0))])) == ["So"]


def test_the_pause_that_becomes_known_later_drops_the_word_then() -> None:
    builder = TranscriptBuilder()
    for event in (ev.SpeechStarted(start_s=1.0, at_s=1.1), words(word("So", 3.0), at_s=3.4)):
        builder.observe(event)
    assert texts(builder.transcript()) == ["So"]
    builder.observe(ev.PauseStarted(start_s=2.0, speech_s=1.0, at_s=3.5))
    assert texts(builder.transcript()) == []


def test_a_word_while_muted_is_an_invention() -> None:
    events: list[ev.AnyEvent] = [ev.SpeechStarted(start_s=1.0), ev.MuteStarted(start_s=2.0, told=True)]
    assert texts(built([*events, words(word("yes", 1.5), word("no", 4.0))])) == ["yes"]


def test_words_of_the_other_side_are_theirs() -> None:
    mine, theirs = words(word("mine", 1.0)), replace(words(word("theirs", 1.5)), channel=1)
    begun: list[ev.AnyEvent] = [ev.SpeechStarted(start_s=0.5, channel=channel) for channel in (0, 1)]
    assert texts(built([*begun, mine, theirs])) == ["mine"]
    assert texts(built([*begun, mine, theirs], channel=1)) == ["theirs"]


# --- filled pauses -------------------------------------------------------------


def test_a_filled_pause_that_the_recogniser_dropped_is_put_in() -> None:
    pause = ev.FilledPause(start_s=1.4, end_s=1.8, confidence=0.7)
    heard = built([*speech((0.9, 3.0)), words(word("We", 1.0), word("shipped", 2.0)), pause])
    assert texts(heard) == ["We", "um", "shipped"]
    assert heard.words[1] == word("um", 1.4, 0.4, 0.7)
    assert heard.filled_pauses == CountRange(least=0, most=1)


def test_a_filler_that_word_and_sound_name_is_sure_and_counted_once() -> None:
    pause = ev.FilledPause(start_s=1.5, end_s=1.9, confidence=0.7)
    heard = built([*speech((0.9, 3.0)), words(word("We", 1.0), word("Um,", 1.2), word("ship", 2.0)), pause])
    assert texts(heard) == ["We", "Um,", "ship"]
    assert heard.words[1] == word("Um,", 1.5, 0.4, 0.97)
    assert heard.filled_pauses == CountRange(least=1, most=1)


def test_a_written_um_without_its_sound_makes_a_range() -> None:
    heard = built([*speech((0.9, 3.0)), words(word("uh", 1.0))])
    assert heard.filled_pauses == CountRange(least=0, most=1)


@pytest.mark.parametrize(("confidence", "kept"), [(0.45, []), (0.55, ["Uh,"])])
def test_a_guess_of_the_recogniser_counts_only_where_it_was_heard_too(
    confidence: float, kept: list[str]
) -> None:
    said = words(word("We", 1.0), word("Uh,", 1.5, confidence=confidence), word("ship", 2.0))
    alone = built([*speech((0.9, 3.0)), said])
    assert texts(alone) == ["We", *kept, "ship"]
    assert alone.filled_pauses == CountRange(least=0, most=len(kept))
    both = built([*speech((0.9, 3.0)), said, ev.FilledPause(start_s=1.5, end_s=1.8, confidence=0.6)])
    assert texts(both) == ["We", "Uh,", "ship"]
    assert both.filled_pauses == CountRange(least=1, most=1)


@pytest.mark.parametrize(("written", "fillers"), [([], []), (["um"], ["um"])])
def test_a_guess_of_the_ears_counts_where_it_was_written_too(written: list[str], fillers: list[str]) -> None:
    pause = ev.FilledPause(start_s=1.5, end_s=1.9, confidence=0.3)
    said = [words(word(text, 1.5)) for text in written]
    heard = built([*speech((0.9, 3.0)), words(word("We", 1.0)), *said, pause])
    assert texts(heard) == ["We", *fillers]
    assert heard.filled_pauses == CountRange(least=len(fillers), most=len(fillers))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ([1.5, 1.9], [("um", 1.0), ("um", 1.6)]),
        ([1.6], [("um", 1.0), ("um", 1.6)]),
        ([1.2, 1.3, 1.4], [("um", 1.0), ("um", 1.4), ("um", 1.6)]),
    ],
)
def test_fillers_near_each_other_pair_once_each_and_with_the_nearest(
    written: list[float], expected: list[tuple[str, float]]
) -> None:
    heard = [HeardPause(1.0, 1.3, 0.8), HeardPause(1.6, 1.9, 0.8)]
    fused = fuse([word("um", start_s) for start_s in written], heard, 0.5)
    assert [(one.text, one.start_s) for one in fused.words] == expected
    pairs = min(2, len(written))
    assert fused.filled_pauses == CountRange(least=pairs, most=len(written) + 2 - pairs)


# --- corrections, and what is unknown --------------------------------------------


def test_a_correction_replaces_what_lies_in_its_span() -> None:
    first = words(word("We", 1.0), word("chipped", 1.5), word("it", 2.0))
    better = ev.WordsCorrected(
        words=[word("shipped", 1.5)], start_s=1.4, end_s=1.9, confidence=0.9, source="better", at_s=4.0
    )
    heard = built([*speech((0.9, 3.0)), first, better])
    assert texts(heard) == ["We", "shipped", "it"]
    assert heard.source == "better"


def test_a_correction_makes_known_what_was_missed() -> None:
    missed = ev.WordsMissed(start_s=1.0, end_s=9.0, why="busy", confidence=1.0, source="test")
    better = ev.WordsCorrected(
        words=[word("it", 3.0)], start_s=2.0, end_s=4.0, confidence=0.9, source="test", at_s=10.0
    )
    heard = built([*speech((0.9, 9.5)), missed, better])
    assert [(one.start_s, one.end_s, one.why) for one in heard.unknown] == [
        (1.0, 2.0, "busy"),
        (4.0, 9.0, "busy"),
    ]


def test_what_was_lost_is_unknown_whatever_else_is_said_of_it() -> None:
    missed = ev.WordsMissed(start_s=1.0, end_s=5.0, why="failed", confidence=1.0, source="test")
    lost = ev.AudioLost(start_s=2.0, end_s=3.0)
    heard = built([ev.SpeechStarted(start_s=0.5), lost, missed])
    assert [(one.start_s, one.end_s, one.why) for one in heard.unknown] == [
        (1.0, 2.0, "failed"),
        (2.0, 3.0, "lost"),
        (3.0, 5.0, "failed"),
    ]


def test_a_word_in_lost_audio_is_no_invention_and_a_lost_packet_leaves_nothing_unknown() -> None:
    events = [
        *speech((0.5, 1.0)),
        ev.AudioLost(start_s=2.0, end_s=3.0),
        ev.AudioLost(start_s=5.0, end_s=5.02),
    ]
    heard = built([*events, words(word("so", 2.4), word("what", 5.0))])
    assert texts(heard) == ["so"]
    assert [(one.start_s, one.end_s) for one in heard.unknown] == [(2.0, 3.0)]


# --- the cut of events changes nothing --------------------------------------------

SAID = [
    word(one.text, 0.9 + 0.35 * n)
    for n, one in enumerate(Transcript.of_text("we um cut it in half so like it was er fast").words)
]


@settings(max_examples=40, deadline=None)
@given(cuts=st.lists(st.integers(1, len(SAID) - 1), unique=True).map(sorted), later=st.booleans())
def test_it_does_not_depend_on_how_words_are_cut(cuts: list[int], later: bool) -> None:
    heard: list[ev.AnyEvent] = [
        *speech((0.9, 3.0), (4.0, 5.2)),
        ev.FilledPause(start_s=1.3, end_s=1.6, confidence=0.8),
        ev.FilledPause(start_s=4.6, end_s=4.9, confidence=0.4),
    ]
    pieces: list[ev.AnyEvent] = [
        words(*SAID[first:stop], at_s=9.0) for first, stop in itertools.pairwise([0, *cuts, len(SAID)])
    ]
    whole = [words(*SAID, at_s=9.0)]
    assert built([*heard, *pieces] if later else [*pieces, *heard]) == built([*heard, *whole])


def test_an_hour_keeps_little_beyond_its_words() -> None:
    builder = TranscriptBuilder(most_words=500)
    for second in range(3600):
        at_s = float(second)
        for event in (
            *speech((at_s, at_s + 0.6))[:2],
            ev.FilledPause(start_s=at_s, end_s=at_s + 0.2),
            words(word("so", at_s), word("we", at_s + 0.3)),
        ):
            builder.observe(event)
        builder.observe(
            ev.WordsMissed(start_s=at_s + 0.6, end_s=at_s + 1.0, why="busy", confidence=1.0, source="test")
            if second < 1800
            else ev.WordsMissed(start_s=1800.0, end_s=at_s + 1.0, why="busy", confidence=1.0, source="test")
        )
    heard = builder.transcript()
    assert sum(not is_filled_pause(one) for one in heard.words) == 500
    assert heard.words[0].start_s >= 3350.0
    assert heard.unknown[0].start_s == 0.0
    own = sum(sys.getsizeof(getattr(builder._speech, side)) for side in ("_starts", "_ends"))
    assert own < 100_000


# --- pace ------------------------------------------------------------------------


def real_words(count: int, confidence: float = 0.9) -> Sequence[ev.Word]:
    return [word("word", 0.4 * n, 0.3, confidence) for n in range(count)]


def test_words_a_minute_count_pauses_up_to_a_second_and_no_filled_pauses() -> None:
    said = [word("yes", 0.25 * n, 0.2) for n in range(40)]
    said += [word("yes", 14.0 + 0.25 * n, 0.2) for n in range(40)]
    said.insert(3, word("um", 0.8, 0.1))
    heard = built([*speech((0.0, 10.0), (14.0, 24.0)), words(*said)])
    assert heard.pace is not None
    assert heard.pace.by_words == pytest.approx(60 * 80 / 21.0)
    assert (heard.pace.better, heard.pace.sure, heard.pace.by_syllables) == ("words", True, None)


@pytest.mark.parametrize(
    ("count", "confidence", "share", "better"),
    [
        (100, 0.9, 1.0, "words"),
        (20, 0.9, 1.0, "syllables"),
        (100, 0.5, 1.0, "syllables"),
        (100, 0.9, 0.5, "syllables"),
    ],
)
def test_the_pace_that_rests_on_more_is_named(
    count: int, confidence: float, share: float, better: str
) -> None:
    pace = word_pace(real_words(count, confidence), 40.0, share, channel_measures(pace_wpm=140.0))
    assert pace.better == better
    assert pace.by_words == pytest.approx(60 * count / 40.0)
    assert pace.by_syllables == 140.0
    assert pace.sure


def test_without_words_the_pace_by_syllables_stands() -> None:
    pace = word_pace([], 0.0, 0.0, channel_measures(pace_wpm=140.0, unsure=["pace_wpm"]))
    assert (pace.by_words, pace.better, pace.sure) == (None, "syllables", False)


# --- spans -------------------------------------------------------------------------

spans = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 12)).map(lambda one: Span(float(one[0]), float(sum(one)))),
    max_size=8,
)


def seconds(of: Iterable[Span]) -> set[int]:
    return {second for one in of for second in range(int(one.start_s), int(one.end_s))}


@given(first=spans, second=spans)
def test_what_is_left_of_spans_is_the_difference_of_their_seconds(
    first: list[Span], second: list[Span]
) -> None:
    left = without(first, merged(second))
    assert seconds(left) == seconds(first) - seconds(second)
    assert left == merged(left)


@given(first=spans, second=spans, third=spans)
def test_each_unknown_second_is_told_once(first: list[Span], second: list[Span], third: list[Span]) -> None:
    missed = [UnknownSpan(start_s=a, end_s=b, why="busy") for a, b in first]
    missed += [UnknownSpan(start_s=a, end_s=b, why="failed") for a, b in second]
    unknown = unknown_spans(missed, third)
    found = [Span(one.start_s, one.end_s) for one in unknown]
    assert seconds(found) == seconds(first) | seconds(second) | seconds(third)
    assert sum(one.end_s - one.start_s for one in found) == len(seconds(found))
    assert seconds(Span(one.start_s, one.end_s) for one in unknown if one.why == "lost") == seconds(third)


@given(said=st.lists(st.integers(0, 60), max_size=10).map(sorted), speaking=spans)
def test_what_is_kept_touches_speech(said: list[int], speaking: list[Span]) -> None:
    all_words, heard = [word("so", float(at)) for at in said], merged(speaking)
    kept = drop_inventions(all_words, heard)
    for one in all_words:
        near = any(span.start_s - 0.3 <= one.end_s and one.start_s <= span.end_s + 0.3 for span in heard)
        assert (one in kept) == near
