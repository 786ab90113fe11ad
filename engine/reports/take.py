"""What the report of a take shows, in its order; the template only draws it."""

from __future__ import annotations

from typing import Any, NamedTuple

from engine.programme.exercise_scores import exercise_score, value_text
from engine.protocol.messages import Finding
from engine.protocol.nudges import Nudge
from engine.protocol.review import AnswerReview, ReviewFinding
from engine.protocol.take import ExerciseResult, FoundPart, Take

from . import answer, measures
from .charts import time_line
from .requests import TakeReport
from .texts import KINDS, capital, clock, kept_text, name_of, part_name, shortened, when

MOST_GOOD = 2
"""Things that went well, told first."""

LEAST_LOST_S = 0.5
LEAST_MUTED_S = 1.0


class Note(NamedTuple):
    """Something that was noticed."""

    verdict: str
    """``Keep``, ``Work on``, ``Perhaps`` or ``Noticed``."""

    text: str
    quotes: list[str]


class Told(NamedTuple):
    """A nudge in the list along time."""

    number: int
    at: str
    text: str
    why: str
    thanks: bool


def take_page(request: TakeReport) -> dict[str, Any]:
    """Return what the template of a take is filled with."""
    take = request.take
    nudges = sorted(take.nudges, key=lambda nudge: nudge.at_s)
    first, well, rest = _findings(take)
    name = name_of(take)
    return {
        "title": name,
        "running_title": shortened(name),
        "about": [
            text
            for text in (
                when(take.begun_at),
                "" if name == KINDS[take.kind] else KINDS[take.kind],
                clock(take.duration_s),
                take.profile.capitalize(),
            )
            if text
        ],
        "kept": kept_text(take),
        "tags": take.tags,
        "note": take.note,
        "question": take.question if take.question.strip() != name else "",
        "next": first,
        "well": well,
        "answer": None if take.review is None else _answer(take.review, nudges),
        "words_missing": _words_missing(take),
        "parts": [] if take.review is not None else _parts(take.parts),
        "table": [] if take.measures is None else measures.lines(take.measures, request.aims, request.usual),
        "usual_takes": max((one.takes for one in request.usual.values()), default=0),
        "profile_known": bool(request.aims),
        "unheard": _unheard(take),
        "counts": [] if take.word_measures is None else measures.counts(take.word_measures),
        "exercise": None if take.exercise is None else _exercise(take, take.exercise),
        "card": take.card,
        "clock": clock,
        "figures_kept": take.kept.figures,
        "timeline": time_line(take.duration_s, nudges, take.parts) if take.kept.figures else None,
        "nudges": [
            Told(number, clock(nudge.at_s), nudge.text, nudge.why, nudge.tone == "thanks")
            for number, nudge in enumerate(nudges, 1)
        ],
        "noticed": rest,
        "made": when(request.made_at),
    }


def _findings(take: Take) -> tuple[str, list[Note], list[Note]]:
    """Return the one thing to try next, what went well, and what else was noticed."""
    review = take.review
    said = [] if review is None else review.findings
    well = [finding for finding in said if finding.good and finding.sure][:MOST_GOOD]
    delivery_well = [finding for finding in take.findings if finding.good][: MOST_GOOD - len(well)]
    to_try = next((finding for finding in take.findings if not finding.good), None)
    first = review.try_next if review is not None else ""
    if not first and take.card is not None:
        first = take.card.try_next
    used = None if first else to_try
    first = first or (to_try.text if to_try else "")
    return (
        first,
        [_said(finding, review) for finding in well] + [_delivered(one) for one in delivery_well],
        [_said(finding, review) for finding in said if finding not in well]
        + [_delivered(one) for one in take.findings if one not in delivery_well and one is not used],
    )


def _said(finding: ReviewFinding, review: AnswerReview | None) -> Note:
    if not finding.sure:
        verdict = "Perhaps"
    else:
        verdict = "Noticed" if finding.good is None else "Keep" if finding.good else "Work on"
    words = [] if review is None else review.words
    return Note(verdict, finding.text, [answer.quoted(words, span) for span in finding.quotes])


def _delivered(finding: Finding) -> Note:
    return Note("Keep" if finding.good else "Work on", finding.text, [])


def _answer(review: AnswerReview, nudges: list[Nudge]) -> dict[str, Any]:
    return {
        "question": review.question,
        "paragraphs": answer.paragraphs(review, nudges),
        "legend": answer.legend(review),
        "notes": [(answer.quoted(review.words, mark), mark.note) for mark in review.marks if mark.note],
        "pale": any(word.confidence < answer.UNSURE for word in review.words),
        "labelled": any(part_name(part.part) for part in review.parts),
        "source": review.source,
    }


def _words_missing(take: Take) -> str:
    """Return why no words are shown; empty where they are."""
    if take.review is not None:
        return ""
    if take.word_measures is not None and not take.kept.words:
        return "Your words were not kept, so the answer isn't shown."
    if take.kept.words:
        return "No words were recognised in this take, so no answer is shown."
    return "Words were not kept of this take."


def _parts(parts: list[FoundPart]) -> list[tuple[str, str]]:
    return [
        (
            part_name(part.part),
            f"{clock(part.start_s)} to {clock(part.end_s)}"
            + (", not sure" if part.confidence < answer.PART_SURE else ""),
        )
        for part in parts
        if part_name(part.part)
    ]


def _exercise(take: Take, result: ExerciseResult) -> dict[str, Any]:
    score = exercise_score(take, result)
    return {
        "name": capital(result.exercise.replace("_", " ")),
        "score": "" if score.score is None else f"{score.score:.1f}",
        "note": score.note,
        "try_next": score.try_next,
        "parts": [(capital(part.title), value_text(part), part.target) for part in score.parts],
    }


def _unheard(take: Take) -> list[str]:
    """Return sentences on what isn't counted."""
    if take.measures is None:
        return []
    lost_s, muted_s = take.measures.lost_s, take.measures.muted_s
    return [
        *([f"{lost_s:.1f} s of sound never arrived and are not counted."] if lost_s >= LEAST_LOST_S else []),
        *([f"You were muted for {clock(muted_s)}, which isn't counted."] if muted_s >= LEAST_MUTED_S else []),
    ]
