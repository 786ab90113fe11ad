"""Plan of an interview: its questions and the lines around them, drawn by a seed.

It is the plan of a drill whose steps are the lines, one each, so that it is rendered, begun and played as any
drill is; which of them is said next is for :class:`.interviewer.Interviewer` to choose. The same settings and
seed always give the same plan.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from engine.drills.chance import Chance
from engine.drills.plan import Bank, Plan, Planned, Question
from engine.errors import UsageError
from engine.protocol.terms import LEVELS, FollowUpKind, Level, Patience, Style

NAME, TITLE = "interview", "Interview"

QUESTIONS = 3
"""Of an interview of which nothing else is said."""

MOST_QUESTIONS = 12
LEAST_ANSWER_MIN = 1.5
"""An answer with what follows it rarely takes less: tells how many questions some minutes may need."""

WORDINGS = 3
"""Most wordings of a line that are rendered: enough not to hear the same one twice in a row."""

MOST_S = 3600.0
"""No interview goes on for longer."""

FOLLOW_UPS: Mapping[Level, int] = {"gentle": 1, "medium": 1, "hard": 2}
"""Follow-ups to a question, at most."""


class Settings(Struct, frozen=True, kw_only=True):
    """What a person chooses of an interview."""

    style: Style | None = None
    """None: a question of any style."""

    questions: int | None = QUESTIONS
    """How many; None where :attr:`minutes` says how long."""

    minutes: float | None = None
    """After so long no new question is asked."""

    level: Level = "medium"
    """How demanding it is."""

    patience: Patience = "normal"
    prefer: tuple[str, ...] = ()
    """Texts of questions that come first: those that the person's stories answer."""


class Lines(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an interviewer says beside its questions: wordings of each line."""

    greeting: tuple[str, ...]
    bridge: tuple[str, ...]
    """Between an answer and the next question."""

    encourage: tuple[str, ...]
    """To who says nothing."""

    skip: tuple[str, ...]
    """Before the next question, to who has said nothing for long."""

    clarify: tuple[str, ...]
    """To who asks what was meant."""

    goodbye: tuple[str, ...]
    follow_up: Mapping[FollowUpKind, tuple[str, ...]]


class InterviewPlan(Plan, frozen=True, kw_only=True):
    """An interview with every choice made: its steps are all lines that may be said."""

    greeting: int
    """Lines are given by their place in :attr:`Plan.steps`."""

    questions: tuple[int, ...]
    """In the order in which they are asked; with a time limit not all may be."""

    bridge: tuple[int, ...]
    encourage: tuple[int, ...]
    skip: tuple[int, ...]
    clarify: tuple[int, ...]
    goodbye: int
    follow_up: Mapping[FollowUpKind, tuple[int, ...]]
    most_follow_ups: int
    """To a question."""

    patience: Patience
    ask_until_s: float | None
    """No question is asked later, in seconds from the beginning; None: all are."""


def plan_interview(settings: Settings, bank: Bank, lines: Lines, seed: int = 0) -> InterviewPlan:
    """Draw the questions and the wordings.

    Raises
    ------
    UsageError
        Neither or both of questions and minutes are given, or too many.
    """
    chance = Chance(seed)
    texts: list[str] = []

    def put(said: Sequence[str]) -> tuple[int, ...]:
        texts.extend(said)
        return tuple(range(len(texts) - len(said), len(texts)))

    def drawn(name: str, wordings: Sequence[str], most: int = WORDINGS) -> tuple[int, ...]:
        return put(chance.shuffled(wordings, name)[:most])

    count = _count(settings)
    (greeting,) = drawn("greeting", lines.greeting, 1)
    questions = put([one.text for one in _chained(settings, bank.questions, chance, count)])
    follow_up = {kind: drawn(kind, wordings) for kind, wordings in lines.follow_up.items()}
    bridge, encourage = drawn("bridge", lines.bridge), drawn("encourage", lines.encourage, 2)
    skip, clarify = drawn("skip", lines.skip, 1), drawn("clarify", lines.clarify, 2)
    (goodbye,) = drawn("goodbye", lines.goodbye, 1)
    return InterviewPlan(
        name=NAME,
        title=TITLE if settings.style is None else f"{TITLE}: {settings.style}",
        seed=seed,
        level=settings.level,
        question="",
        nudges="on",
        adapts=False,
        in_order=True,
        most_s=MOST_S,
        steps=tuple(_line(place, text) for place, text in enumerate(texts)),
        greeting=greeting,
        questions=questions,
        bridge=bridge,
        encourage=encourage,
        skip=skip,
        clarify=clarify,
        goodbye=goodbye,
        follow_up=follow_up,
        most_follow_ups=FOLLOW_UPS[settings.level],
        patience=settings.patience,
        ask_until_s=None if settings.minutes is None else 60.0 * settings.minutes,
    )


def _count(settings: Settings) -> int:
    """Questions to have ready."""
    if (settings.questions is None) == (settings.minutes is None):
        raise UsageError("an interview is as long as its questions or its minutes say: give one of the two")
    if settings.questions is None:
        return min(MOST_QUESTIONS, math.ceil((settings.minutes or 0.0) / LEAST_ANSWER_MIN) + 1)
    if not 1 <= settings.questions <= MOST_QUESTIONS:
        raise UsageError(f"an interview has 1 to {MOST_QUESTIONS} questions, not {settings.questions}")
    return settings.questions


def _chained(
    settings: Settings, questions: Sequence[Question], chance: Chance, count: int
) -> Iterator[Question]:
    """Yield questions of a style, then of others; each exercises a skill of the one before, if one is left.

    Those that the person's stories answer come first.
    """
    left = chance.shuffled(questions, "question")
    left.sort(key=lambda one: (settings.style not in (None, one.style), one.text not in settings.prefer))
    last: Question | None = None
    for _ in range(min(count, len(left))):
        first = left[0]
        alike = [
            one
            for one in left
            if (one.style == settings.style or settings.style is None or first.style != settings.style)
            and (one.text in settings.prefer) == (first.text in settings.prefer)
            and last is not None
            and set(one.skills) & set(last.skills)
        ]
        last = alike[0] if alike else first
        left.remove(last)
        yield last


def _line(place: int, text: str) -> Planned:
    return Planned(
        id=place,
        do="ask",
        when={},
        role="interviewer",
        lines=(text,),
        sound=None,
        then="yields",
        hold_floor=False,
        for_s=0.0,
        levels=LEVELS,
    )
