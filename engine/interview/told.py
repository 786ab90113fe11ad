"""What an interview's card says of each answer, and of all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from engine.language.finding import counted
from engine.protocol.drill_results import FollowUpAsked, InterviewAnswer
from engine.protocol.terms import FollowUpKind

from .follow_up import Heard, lacks

TRY: dict[FollowUpKind, str] = {
    "example": "Tell one real case: what happened, what you did, what came of it.",
    "own_part": "Say “I” where it was you: the team's part, then yours.",
    "result": "End with what changed because of it.",
    "one_sentence": "Say the point in one sentence first, then add what is asked for.",
    "comparison": "Say beside each figure what it was before.",
    "plain_words": "Put a plain word beside each technical term.",
}
"""What to try, by what was missed; the weightiest first."""

NOT_SAID = "You said nothing."
NO_WORDS = "No words were recognised, so nothing is said about what you told."
NEEDS_WORDS = (
    "No words reached the interviewer, and follow-ups need them: have Words on in the next interview."
)
WELL = "Nothing was missed: make it harder, or take other questions."
SAY_MORE = "Answer each question, if only with one sentence to begin with."


def answer_told(
    question: str,
    follow_ups: Sequence[FollowUpAsked],
    span: tuple[float, float] | None,
    heard: Heard | None,
    *,
    complete: bool,
) -> InterviewAnswer:
    """Return what is told of one answer.

    Parameters
    ----------
    span : begin and end of the speech in it, stream time; None where nothing was said.
    heard : what was heard in its words; None where there are none.
    complete : whether all its words are known.
    """
    missed = None if heard is None else missed_in(heard, complete=complete)
    return InterviewAnswer(
        question=question,
        follow_ups=list(follow_ups),
        start_s=None if span is None else round(span[0], 2),
        end_s=None if span is None else round(span[1], 2),
        words=None if heard is None else heard.words,
        text=_sentence(span, heard, missed),
        try_next=None if missed is None else TRY[missed],
    )


def card_told(answers: Sequence[InterviewAnswer]) -> str:
    """Return the one thing to try in the next interview."""
    if not any(one.start_s is not None for one in answers):
        return SAY_MORE
    if all(one.words is None for one in answers):
        return NEEDS_WORDS
    often = Counter(one.try_next for one in answers if one.try_next)
    order = list(TRY.values())
    return min(often, key=lambda text: (-often[text], order.index(text))) if often else WELL


def missed_in(heard: Heard, *, complete: bool) -> FollowUpKind | None:
    """Return what a whole answer, with what followed it, still lacks."""
    lacking = lacks(heard, "medium", complete=complete)
    return next((kind for kind in TRY if lacking[kind]), None)


def _sentence(span: tuple[float, float] | None, heard: Heard | None, missed: FollowUpKind | None) -> str:
    if span is None:
        return NOT_SAID
    if heard is None:
        return NO_WORDS
    parts = []
    if heard.story:
        parts.append("what you did")
    if heard.story and heard.result:
        parts.append("what changed")
    if heard.figures:
        parts.append(counted(heard.figures, "figure"))
    heard_text = (
        f"Heard in {counted(heard.words, 'word')}: {', '.join(parts)}."
        if parts
        else (f"{counted(heard.words, 'word')}.".capitalize())
    )
    lacking = {
        None: "",
        "example": " It stayed general.",
        "own_part": f" “We” {heard.we} times, and nothing that you did yourself.",
        "result": " No result was heard.",
        "one_sentence": f" It took {heard.length_s:.0f} s.",
        "comparison": " Nothing to compare the figure with."
        if heard.figures == 1
        else " Nothing to compare the figures with.",
        "plain_words": f" {counted(heard.terms, 'term')} without a plain word beside them.",
    }[missed]
    return heard_text + lacking
