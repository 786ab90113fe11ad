"""What to follow up on in an answer: rules over what was heard in its words.

Light rules over bare words, so that choosing takes a few milliseconds while a call goes on; the review after
the take looks at whole parts of the answer. An absence is told only where all words are known.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from engine.language.figures import Figure, find_figures
from engine.language.impact import has_result, tells_story
from engine.language.phrases import plain
from engine.language.pronouns import find_pronouns
from engine.language.questions import find_questions
from engine.language.terms import find_terms
from engine.language.vague import count_general
from engine.protocol.terms import FollowUpKind, Level
from engine.protocol.words import Word

LONG_S: Mapping[Level, float] = {"gentle": 150.0, "medium": 120.0, "hard": 90.0}
"""Answers from this length on are too long: two minutes at most, as coaches say."""

TERMS: Mapping[Level, int] = {"gentle": 3, "medium": 2, "hard": 1}
"""Unexplained terms that are too many."""

TERM_SURE, FIGURE_SURE, QUESTION_SURE = 0.6, 0.6, 0.65
"""Confidence from which each counts."""

LEAST_WE = 3
"""And no "I did": then the team alone acts."""

GENERAL, GENERAL_PER_100 = 2, 3.0
"""General words in an answer without a story, in all and in 100 words, from which on it is too vague."""

SHORT_WORDS = 20
"""An answer of fewer words, without a story or a figure, leaves everything open."""

ASKING_WORDS = 40
"""Who has said more answers, and asks beside it."""

STORY_WORDS = 15
"""A story of fewer words may go on."""

MOST_WORDS = 400
"""The newest so many are looked through, in 4 ms; an answer of more is too long in any case."""

NEAR = 8
"""Words around a figure in which it is compared with something."""

_OWN = re.compile(
    r"\bi(?:'ve|'d|'ll)? "
    r"(?!think|guess|mean|believe|suppose|know|remember|feel|say|would say|was (?:on|in|part))"
)
_COMPARED = re.compile(
    r"\b(?:than|compared|before|used to|instead of|previous\w*|originally|earlier|"
    r"last (?:year|month|week|quarter)|from \S+(?: \S+){0,5} to|"
    r"baseline|half|doubled|halved|tripled|out of|average)\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What was heard in the words of an answer."""

    words: int
    length_s: float
    """From its first word to its last."""

    story: bool
    """Whether it tells what the speaker or their team did."""

    result: bool
    figures: int
    compared: bool
    """Whether one of the figures is compared with something."""

    terms: int
    """Different terms that nobody explained."""

    we: int
    own: int
    """Things that the speaker did, as "I …"."""

    general: int
    asks: bool
    """Whether it ends with a question to the interviewer."""


def hear(words: Sequence[Word]) -> Heard:
    """Return what is heard in the words of an answer."""
    count, length_s = len(words), words[-1].end_s - words[0].start_s if words else 0.0
    words = words[-MOST_WORDS:]
    figures = [one for one in find_figures(words) if one.confidence >= FIGURE_SURE]
    terms = [one for one in find_terms(words) if one.confidence >= TERM_SURE]
    explained = {one.term for one in terms if one.explained}
    said = plain(words)
    asked = find_questions(words) if 0 < len(words) <= ASKING_WORDS else []
    return Heard(
        words=count,
        length_s=length_s,
        story=tells_story(words),
        result=has_result(words),
        figures=len(figures),
        compared=any(_is_compared(said, one) for one in figures),
        terms=len({one.term for one in terms} - explained),
        we=len(find_pronouns(words).we),
        own=sum(1 for _ in _OWN.finditer(" ".join(said))),
        general=count_general(words),
        asks=any(
            one.end == len(words) and one.kind != "check_in" and one.confidence >= QUESTION_SURE
            for one in asked
        ),
    )


def choose(
    heard: Heard, level: Level, asked: Collection[FollowUpKind] = (), *, complete: bool = True
) -> FollowUpKind | None:
    """Return what to ask for after an answer; None where nothing is missed.

    Parameters
    ----------
    asked : follow-ups to this question before.
    complete : whether all its words are known.
    """
    wanted = lacks(heard, level, complete=complete)
    return next((kind for kind, is_wanted in wanted.items() if is_wanted and kind not in asked), None)


def lacks(heard: Heard, level: Level, *, complete: bool) -> dict[FollowUpKind, bool]:
    """Return for each kind of follow-up whether an answer lacks what it asks for, the most urgent first."""
    return {
        "one_sentence": heard.length_s >= LONG_S[level],
        "example": complete and is_vague(heard),
        "own_part": complete and heard.story and heard.we >= LEAST_WE and not heard.own,
        "result": complete and heard.story and heard.words >= STORY_WORDS and not heard.result,
        "plain_words": heard.terms >= TERMS[level],
        "comparison": heard.figures > 0 and not heard.compared,
    }


def is_vague(heard: Heard) -> bool:
    """Whether an answer says nothing that happened, or hardly anything."""
    if heard.story or heard.figures:
        return False
    general = heard.general >= GENERAL and heard.general * 100 >= GENERAL_PER_100 * heard.words
    return general or heard.words < SHORT_WORDS


def _is_compared(said: Sequence[str], figure: Figure) -> bool:
    around = said[max(0, figure.start - NEAR) : figure.end + NEAR]
    return _COMPARED.search(" ".join(around)) is not None
