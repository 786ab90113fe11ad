"""The answer as paragraphs of runs: words that look alike, pauses, what was not heard, and nudges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from engine.protocol.nudges import Nudge, Tone
from engine.protocol.review import AnswerPart, AnswerReview, MarkKind, WordSpan
from engine.protocol.words import MissedReason, Word

from .texts import clock, part_name

LEAST_PAUSE_S = 0.5
"""Silence between two words from which on it is drawn."""

NAMED_PAUSE_S = 1.0
"""Pause from which on its length is written on it."""

LONGEST_GAP_S = 4.0
"""Longest gap that is drawn to scale."""

PARAGRAPH_PAUSE_S = 1.2
"""Pause after a sentence from which on a paragraph ends."""

LONG_WORDS = 60
"""Words from which on a paragraph ends with the sentence."""

PART_SURE = 0.6
"""Confidence below which the name of a part has a question mark."""

UNSURE = 0.5
"""Confidence below which a word is drawn paler."""

LOOKS = 4
"""Looks of parts: as many as a framework has."""

QUOTED_WORDS = 12

MARKS: dict[MarkKind, str] = {
    "filler": "filler",
    "restart": "restart",
    "term": "term",
    "figure": "figure",
    "hedge": "hedge",
    "question": "question",
    "check_in": "check-in",
}
"""Kinds of marks with their names, in the order of the legend."""

MISSED: dict[MissedReason, str] = {
    "lost": "sound lost",
    "busy": "server busy",
    "failed": "recogniser failed",
    "unclear": "too unclear",
}


class Run(NamedTuple):
    """What looks alike, from left to right."""

    kind: Literal["words", "pause", "unknown", "nudge"]
    text: str
    marks: tuple[MarkKind, ...] = ()
    pale: bool = False
    width: int = 0
    """Of a pause, in quarters of a second."""

    tone: Tone = "change"
    number: int = 0
    """Of a nudge, in the list along time."""


class Paragraph(NamedTuple):
    """A paragraph of one part of the answer."""

    part: str
    """Its name where the part begins; empty within one, and without one."""

    sure: bool
    look: int | None
    """Which of the lines in the margin; None without a part."""

    at: str
    runs: list[Run]


class Legend(NamedTuple):
    """A kind of mark that there is."""

    kind: MarkKind
    name: str
    times: int


def legend(review: AnswerReview) -> list[Legend]:
    """Return the kinds of marks that an answer has."""
    counts = {kind: sum(mark.kind == kind for mark in review.marks) for kind in MARKS}
    return [Legend(kind, MARKS[kind], count) for kind, count in counts.items() if count]


def paragraphs(review: AnswerReview, nudges: Sequence[Nudge]) -> list[Paragraph]:
    """Return an answer as it was spoken.

    Parameters
    ----------
    nudges : in the order of the list along time, from 1.
    """
    words = review.words
    part_of = _strongest(len(words), [part for part in review.parts if part_name(part.part)])
    marks_of = _covering(review)
    looks: dict[str, int] = {}
    for part in review.parts:
        if part_name(part.part):
            looks.setdefault(part.part, len(looks) % LOOKS)
    between = _Between(review, nudges)
    found: list[Paragraph] = []
    last: AnswerPart | None = None
    size = 0
    for place, word in enumerate(words):
        before = list(between.until(word.start_s, words[place - 1].end_s if place else None))
        pause_s = sum(run.width for run in before if run.kind == "pause") / 4.0
        ends = place > 0 and _ends_sentence(words[place - 1].text)
        ends = ends and (pause_s >= PARAGRAPH_PAUSE_S or size >= LONG_WORDS)
        if found:
            found[-1].runs.extend(before)
        if not found or ends or part_of[place] is not last:
            found.append(
                _begun(part_of[place], last, looks, word, [] if found else before, is_first=not found)
            )
            last, size = part_of[place], 0
        size += 1
        _add(found[-1].runs, word, marks_of[place])
    rest = list(between.until(float("inf"), words[-1].end_s if words else None))
    if found:
        found[-1].runs.extend(rest)
    elif rest:
        found.append(Paragraph("", True, None, clock(0.0), rest))
    return found


def _begun(
    part: AnswerPart | None,
    last: AnswerPart | None,
    looks: dict[str, int],
    word: Word,
    runs: list[Run],
    *,
    is_first: bool,
) -> Paragraph:
    named = part is not None and (is_first or part is not last)
    return Paragraph(
        part=part_name(part.part) if part is not None and named else "",
        sure=part is None or part.confidence >= PART_SURE,
        look=None if part is None else looks[part.part],
        at=clock(word.start_s),
        runs=list(runs),
    )


def _ends_sentence(text: str) -> bool:
    return text.rstrip("\"”’)'").endswith((".", "?", "!"))


def _add(runs: list[Run], word: Word, marks: tuple[MarkKind, ...]) -> None:
    """Add a word to the run before it, or to one of its own."""
    pale = word.confidence < UNSURE
    if runs and runs[-1].kind == "words" and (runs[-1].marks, runs[-1].pale) == (marks, pale):
        runs[-1] = runs[-1]._replace(text=f"{runs[-1].text} {word.text}")
    else:
        runs.append(Run("words", word.text, marks, pale))


def _strongest(count: int, parts: Sequence[AnswerPart]) -> list[AnswerPart | None]:
    """Return the part of each word: where two overlap, the one that is surer."""
    found: list[AnswerPart | None] = [None] * count
    for part in sorted(parts, key=lambda part: part.confidence):
        for place in range(max(0, part.start), min(count, part.end)):
            found[place] = part
    return found


def _covering(review: AnswerReview) -> list[tuple[MarkKind, ...]]:
    """Return the kinds of marks on each word."""
    found: list[set[MarkKind]] = [set() for _ in review.words]
    for mark in review.marks:
        for place in range(max(0, mark.start), min(len(found), mark.end)):
            found[place].add(mark.kind)
    return [tuple(kind for kind in MARKS if kind in kinds) for kinds in found]


class _Between:
    """What comes between words, each once, in order of time."""

    def __init__(self, review: AnswerReview, nudges: Sequence[Nudge]) -> None:
        self._unknown = sorted(review.unknown, key=lambda span: -span.start_s)
        numbered = enumerate(nudges, 1)
        self._nudges = sorted(numbered, key=lambda one: -one[1].at_s)

    def until(self, start_s: float, end_s: float | None) -> Iterator[Run]:
        """Yield what comes before a word that starts at ``start_s``; the one before it ended at ``end_s``."""
        unknown: list[Run] = []
        unknown_s = 0.0
        while self._unknown and self._unknown[-1].start_s < start_s:
            span = self._unknown.pop()
            length_s = span.end_s - span.start_s
            unknown_s += length_s
            unknown.append(Run("unknown", f"not heard here, {length_s:.1f} s: {MISSED[span.why]}"))
        silent_s = 0.0 if end_s is None else start_s - end_s - unknown_s
        if LEAST_PAUSE_S <= silent_s < float("inf"):
            yield _pause(silent_s)
        yield from unknown
        while self._nudges and self._nudges[-1][1].at_s <= start_s:
            number, nudge = self._nudges.pop()
            yield Run("nudge", nudge.text, tone=nudge.tone, number=number)


def _pause(silent_s: float) -> Run:
    drawn = round(4.0 * min(silent_s, LONGEST_GAP_S))
    return Run("pause", f"{silent_s:.1f} s" if silent_s >= NAMED_PAUSE_S else "", width=drawn)


def quoted(words: Sequence[Word], span: WordSpan) -> str:
    """Return the words of a span as a quote, shortened in the middle."""
    texts = [word.text for word in words[max(0, span.start) : span.end]]
    half = QUOTED_WORDS // 2
    shown = [*texts[:half], "…", *texts[-half:]] if len(texts) > QUOTED_WORDS else texts
    return f"“{' '.join(shown).rstrip(',;:')}”"
