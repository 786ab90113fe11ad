"""Words and ears together: what both heard counts, and where they differ the count is a range.

Recognisers leave filled pauses out, and write words where nobody speaks. The ears hear where there is
speech, and which sounds are filled pauses, without knowing a word. So a word wholly in silence is an
invention and dropped; a filled pause of the ears that the recogniser dropped is put in as "um"; a filled
pause is sure where both heard it, and a guess where one did.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from engine.protocol.measures import ChannelMeasures
from engine.protocol.review import CountRange, UnknownSpan, WordPace
from engine.protocol.words import MissedReason, Word

from .phrases import HESITATIONS
from .transcript import bare

MARGIN_S = 0.3
"""A word this near to speech may belong to it: word times are off by 0.15 s at the median, 0.4 s at p90."""

NEAR_S = 0.4
"""A filled pause this near to a written "um" is the same."""

LEAST_WORDS = 30
"""Real words that a pace by words needs; below, one word more or less is more than 3 %."""

LEAST_HEARD = 0.8
"""Share of the speaking time whose words must be known for a pace by words. Not measured."""

LEAST_WORD_CONFIDENCE = 0.6
"""Mean confidence of the words, below which their number is a guess. Not measured."""


class Span(NamedTuple):
    """Stream time, in seconds."""

    start_s: float
    end_s: float


class HeardPause(NamedTuple):
    """A filled pause as the ears heard it."""

    start_s: float
    end_s: float
    confidence: float


class Fused(NamedTuple):
    """Words with filled pauses, and how many of these there were."""

    words: list[Word]
    filled_pauses: CountRange


def merged(spans: Sequence[Span]) -> list[Span]:
    """Return spans in order of time, those that touch made one."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.start_s <= found[-1].end_s:
            found[-1] = Span(found[-1].start_s, max(found[-1].end_s, span.end_s))
        else:
            found.append(span)
    return found


def without(spans: Sequence[Span], taken: Sequence[Span]) -> list[Span]:
    """Return what is left of spans, merged, without what lies in others, merged too."""
    left, first = [], 0
    for start_s, end_s in merged(spans):
        while first < len(taken) and taken[first].end_s <= start_s:
            first += 1
        cut, from_s = first, start_s
        while cut < len(taken) and taken[cut].start_s < end_s:
            if taken[cut].start_s > from_s:
                left.append(Span(from_s, taken[cut].start_s))
            from_s = taken[cut].end_s
            cut += 1
        if from_s < end_s:
            left.append(Span(from_s, end_s))
    return left


def length_s(spans: Sequence[Span]) -> float:
    """Return how long spans last together; they must not overlap."""
    return sum(span.end_s - span.start_s for span in spans)


def drop_inventions(words: Sequence[Word], perhaps_speech: Sequence[Span]) -> list[Word]:
    """Return the words that touch speech.

    Parameters
    ----------
    perhaps_speech : speech and lost audio, merged: what isn't in it is silence, or the other side's leakage.
    """
    starts = [span.start_s for span in perhaps_speech]
    kept = []
    for word in words:
        last = bisect_right(starts, word.end_s + MARGIN_S) - 1
        if last >= 0 and perhaps_speech[last].end_s >= word.start_s - MARGIN_S:
            kept.append(word)
    return kept


def is_filled_pause(word: Word) -> bool:
    """Whether a word stands for a filled pause."""
    return bare(word.text) in HESITATIONS


def fuse(words: Sequence[Word], heard: Sequence[HeardPause], least_confidence: float) -> Fused:
    """Put words and filled pauses together.

    A filled pause that was written and heard takes the time of the ears, and is as sure as two that agree by
    themselves: 1 − (1 − a)(1 − b). What only one of the two has counts when that one is sure enough: what
    the ears heard is put in as "um", what was written and isn't sure is left out, as recognisers that are
    made to write hesitations write some that nobody said.

    Parameters
    ----------
    words : in order of time.
    heard : in order of time; those below ``least_confidence`` too, which a written "um" makes sure.
    least_confidence : lowest at which the ears alone, or the recogniser alone, count.
    """
    pairs = _pairs(words, heard)
    by_pause = {pause: place for place, pause in pairs.items()}
    fused, written = [], 0
    for place, word in enumerate(words):
        if place not in pairs and is_filled_pause(word):
            if word.confidence < least_confidence:
                continue
            written += 1
        elif place in pairs:
            pause = heard[pairs[place]]
            confidence = 1.0 - (1.0 - word.confidence) * (1.0 - pause.confidence)
            word = replace(word, start_s=pause.start_s, end_s=pause.end_s, confidence=round(confidence, 4))
        fused.append(word)
    alone = [
        pause
        for number, pause in enumerate(heard)
        if number not in by_pause and pause.confidence >= least_confidence
    ]
    fused += [
        Word(text="um", start_s=pause.start_s, end_s=pause.end_s, confidence=pause.confidence)
        for pause in alone
    ]
    fused.sort(key=lambda word: (word.start_s, word.end_s))
    return Fused(fused, CountRange(least=len(pairs), most=len(pairs) + written + len(alone)))


def _pairs(words: Sequence[Word], heard: Sequence[HeardPause]) -> dict[int, int]:
    """Places of written filled pauses, and which heard one each is.

    As many pairs as there can be: each written one takes the earliest that is free and near. Then, from the
    last to the first, each moves to the nearest that is free.
    """
    written = [place for place, word in enumerate(words) if is_filled_pause(word)]
    starts = [pause.start_s for pause in heard]
    longest_s = max((pause.end_s - pause.start_s for pause in heard), default=0.0)
    pairs: dict[int, int] = {}
    taken: set[int] = set()

    def near(place: int) -> list[int]:
        word = words[place]
        first = bisect_left(starts, word.start_s - NEAR_S - longest_s)
        within = range(first, bisect_right(starts, word.end_s + NEAR_S))
        return [one for one in within if one not in taken and heard[one].end_s >= word.start_s - NEAR_S]

    for place in written:
        free = near(place)
        if free:
            pairs[place] = free[0]
            taken.add(free[0])
    for place in reversed(pairs):
        taken.discard(pairs[place])
        middle_s = words[place].start_s + words[place].end_s
        nearest = min(near(place), key=lambda one: abs(heard[one].start_s + heard[one].end_s - middle_s))
        pairs[place] = nearest
        taken.add(nearest)
    return pairs


def unknown_spans(missed: Sequence[UnknownSpan], lost: Sequence[Span]) -> list[UnknownSpan]:
    """Return the spans of which no words are known, none twice: what was lost comes first."""
    found: list[UnknownSpan] = []
    known: list[Span] = []
    order: tuple[MissedReason, ...] = ("lost", "failed", "busy", "unclear")
    for why in order:
        spans = [Span(one.start_s, one.end_s) for one in missed if one.why == why]
        if why == "lost":
            spans += lost
        left = without(spans, known)
        known = merged([*known, *left])
        found += [UnknownSpan(start_s=one.start_s, end_s=one.end_s, why=why) for one in left]
    return sorted(found, key=lambda one: one.start_s)


def word_pace(
    words: Sequence[Word], counted_s: float, heard_share: float, measures: ChannelMeasures | None = None
) -> WordPace:
    """Return words a minute by real words beside the pace by syllables, and which is the better one.

    Words are counted, filled pauses left out, over the time that the pace by syllables counts: speech, and
    each pause up to 1 s. By syllables the figure rests on an average length of words, which differs between
    speakers by a tenth and more; so the words are better where enough of them are known and sure.

    Parameters
    ----------
    counted_s : speech of which the words are known, and its pauses of up to 1 s each.
    heard_share : share of the speech whose words are known, 0..1.
    measures : of the session, for its pace by syllables.
    """
    real = [word for word in words if not is_filled_pause(word)]
    by_words = 60.0 * len(real) / counted_s if real and counted_s > 0.0 else None
    sure = (
        len(real) >= LEAST_WORDS
        and heard_share >= LEAST_HEARD
        and sum(word.confidence for word in real) / len(real) >= LEAST_WORD_CONFIDENCE
    )
    by_syllables = None if measures is None else measures.pace_wpm
    if by_words is not None and (sure or by_syllables is None):
        return WordPace(by_words=by_words, by_syllables=by_syllables, better="words", sure=sure)
    known = by_syllables is not None and measures is not None and "pace_wpm" not in measures.unsure
    return WordPace(by_words=by_words, by_syllables=by_syllables, better="syllables", sure=known)
