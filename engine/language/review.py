"""Review of an answer: its words with marks, its parts, findings with quotes, and one thing to try next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine.protocol.review import (
    AnswerPart,
    AnswerReview,
    CountRange,
    Mark,
    ReviewFinding,
    UnknownSpan,
    WordMeasures,
)
from engine.protocol.words import Word

from .embed import Embed
from .findings import find_all
from .headline import seconds_to
from .phrases import HESITATIONS
from .reading import Reading, read_answer
from .transcript import Transcript, bare

LONGEST_GAP_S = 1.0
"""A pause counts up to this in words a minute."""

OPENING_GAP_S = 3.0
"""Missed words this near to the first word known may be the beginning of the answer."""

TOLD = 0.5
"""Confidence from which a part is drawn."""

NEXT: Mapping[str, str] = {
    "headline": "Say the point in your first sentence, then tell how it came.",
    "result": "End with what changed because of it.",
    "figures": "Put one figure into your result.",
    "action": "Say what you did yourself, in two or three steps.",
    "task": "Say in one sentence what was yours to do.",
    "problem": "Say what is wrong today, and for whom.",
    "evidence": "Say how you know: one figure or one example.",
    "proposal": "Say what you would do about it, as one first step.",
    "struggle": "Say plainly what was hard for you.",
    "turning_point": "Say what made you change.",
    "new_practice": "Say what you do differently now.",
    "blame": "Say what you would do differently yourself.",
    "terms": "Put a plain word beside each term.",
    "we_and_i": "Say what you did yourself, beside what the team did.",
    "questions": "Ask the two questions that matter most, then begin.",
    "fillers": "Where an “um” would come, pause instead.",
    "hedges": "Say the main sentence once without “maybe” and “I think”.",
}
"""What to try where a finding isn't good, the weightiest first."""

CHECK_IN = "Ask at the end whether that answered the question."


def review(transcript: Transcript, question: str, embed: Embed) -> AnswerReview:
    """Review what was said.

    Parameters
    ----------
    transcript
        Of one speaker; all of it counts as the answer.
    question
        That it answers; empty where unknown.
    embed
        Computes sentence vectors.
    """
    reading = read_answer(transcript, question, embed)
    findings = (
        find_all(reading, unknown_share(transcript), opening_known=opening_known(transcript))
        if transcript.words
        else []
    )
    return AnswerReview(
        question=question,
        words=list(transcript.words),
        unknown=list(transcript.unknown),
        parts=[
            AnswerPart(start=one.start, end=one.end, part=one.part, confidence=round(one.confidence, 3))
            for one in reading.parts.spans
            if one.confidence >= TOLD and one.part != "other"
        ],
        marks=sorted(_marks(reading), key=lambda mark: (mark.start, mark.end)),
        measures=_measures(transcript, reading),
        findings=findings,
        try_next=try_next(findings, reading),
        source=transcript.source,
    )


def opening_known(transcript: Transcript) -> bool:
    """Whether nothing was missed right before the first word."""
    first_s = transcript.words[0].start_s
    return not any(
        span.start_s < first_s and first_s - span.end_s < OPENING_GAP_S for span in transcript.unknown
    )


def unknown_share(transcript: Transcript) -> float:
    """Share of the answer's time of which no words are known."""
    spans: Sequence[UnknownSpan] = transcript.unknown
    unknown_s = sum(span.end_s - span.start_s for span in spans)
    starts = [word.start_s for word in transcript.words] + [span.start_s for span in spans]
    ends = [word.end_s for word in transcript.words] + [span.end_s for span in spans]
    return unknown_s / max(max(ends) - min(starts), 1e-3) if starts else 0.0


def try_next(findings: Sequence[ReviewFinding], reading: Reading) -> str:
    """One thing to try, of what is sure; empty where there is nothing."""
    weak = {finding.what for finding in findings if finding.sure and finding.good is False}
    for what, text in NEXT.items():
        if what in weak:
            return text
    return CHECK_IN if findings and reading.check_in is None else ""


def _marks(reading: Reading) -> Iterator[Mark]:
    for filler in reading.fillers:
        yield Mark(start=filler.start, end=filler.end, kind="filler", confidence=round(filler.filler, 3))
    for restart in reading.restarts:
        yield Mark(start=restart.start, end=restart.repair, kind="restart", confidence=restart.confidence)
    for hedge in reading.hedges:
        yield Mark(start=hedge.start, end=hedge.end, kind="hedge", confidence=round(hedge.confidence, 3))
    for term in reading.terms:
        note = "Explained." if term.explained else "A listener may not know it."
        yield Mark(start=term.start, end=term.end, kind="term", confidence=term.confidence, note=note)
    for figure in reading.figures:
        yield Mark(start=figure.start, end=figure.end, kind="figure", confidence=round(figure.confidence, 3))
    check_in = reading.check_in
    for question in reading.questions:
        if check_in is None or not (check_in.start < question.end and question.start < check_in.end):
            yield Mark(
                start=question.start,
                end=question.end,
                kind="question",
                confidence=round(question.confidence, 3),
            )
    if check_in is not None:
        yield Mark(
            start=check_in.start, end=check_in.end, kind="check_in", confidence=round(check_in.confidence, 3)
        )


def _measures(transcript: Transcript, reading: Reading) -> WordMeasures:
    said = [marker for marker in reading.fillers if bare(reading.words[marker.start].text) not in HESITATIONS]
    pauses = len(reading.fillers) - len(said)
    heard = transcript.filled_pauses or CountRange(least=pauses, most=pauses)
    return WordMeasures(
        words=len(reading.words),
        words_per_min=words_per_min(reading.words) if transcript.timed else None,
        fillers=CountRange(least=len(said) + heard.least, most=len(said) + heard.most),
        restarts=len(reading.restarts),
        hedges=len(reading.hedges),
        we=len(reading.pronouns.we),
        i=len(reading.pronouns.i),
        figures=len(reading.figures),
        questions=len(reading.questions),
        terms=len(reading.terms),
        terms_explained=sum(term.explained for term in reading.terms),
        headline_s=None
        if reading.headline is None or not opening_known(transcript)
        else round(seconds_to(reading.words, reading.headline.start), 2),
        pace=transcript.pace,
    )


def words_per_min(words: Sequence[Word]) -> float | None:
    """Pace of the words without hesitations, pauses counted up to 1 s; None for fewer than ten words."""
    spoken = [word for word in words if bare(word.text) not in HESITATIONS]
    if len(spoken) < 10:
        return None
    seconds, before_s = 0.0, words[0].start_s
    for word in words:
        seconds += min(max(word.start_s - before_s, 0.0), LONGEST_GAP_S) + word.end_s - word.start_s
        before_s = word.end_s
    return round(60 * len(spoken) / max(seconds, 1e-3), 1)
