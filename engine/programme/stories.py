"""Signature stories: what each of their takes has of its framework, which is the best, and what is missing.

A take tells a story where it says so (:attr:`engine.protocol.take.Take.story`). What is missing is told only
of takes in which enough words were heard to miss it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from msgspec import Struct

from engine.errors import UsageError
from engine.protocol.story import MOST_STORIES, Story, WantedStory
from engine.protocol.take import Take
from engine.protocol.terms import Framework

from .measures import FRAMEWORKS, LEAST_CONFIDENCE, LEAST_WORDS, heard_share
from .phases import purpose_of
from .script import Programme
from .skills import NO_ASKS, Asks, figure

LEAST_S = 60.0
MOST_S = 180.0
"""How long a story takes, told in an interview: one to three minutes. Practice and advice (P)."""

MOST_UNKNOWN = 0.1
"""Share of an answer of which no words are known, above which nothing in it is missed."""

FIGURE_IN: Mapping[Framework, str] = MappingProxyType({"STAR": "result", "CAR": "result", "PEP": "evidence"})
"""Part of a framework that wants a figure."""

HINTS: Mapping[str, str] = MappingProxyType(
    {
        "situation": "Say where and when it was.",
        "task": "Say what was yours to do.",
        "action": "Say what you did yourself.",
        "result": "Say what changed because of it.",
        "context": "Say where and when it was.",
        "problem": "Say what was wrong, and for whom.",
        "evidence": "Say how you know.",
        "proposal": "Say what you would do about it.",
        "struggle": "Say what was hard for you.",
        "turning_point": "Say what made you change.",
        "new_practice": "Say what you do differently now.",
        "order": "Tell its parts in their order.",
        "figure": "Put one figure into it: by how much, how many, how long?",
        "longer": f"Take your time: at least {LEAST_S / 60:g} minute.",
        "shorter": f"Make it shorter: at most {MOST_S / 60:g} minutes.",
    }
)
"""What to do about what is missing."""

_OF_ALL = ("order", "figure", "longer", "shorter")
"""What a story of any framework may lack."""


class BankQuestion(Struct, frozen=True, kw_only=True):
    """A question of the bank."""

    text: str
    style: str
    """Kind of interview that it comes from."""

    skills: tuple[str, ...]


class ToldPart(Struct, frozen=True, kw_only=True):
    """A part of a story's framework in one take."""

    part: str
    found: bool | None
    """None where too few words are known to miss it."""

    start_s: float | None
    confidence: float | None


class StoryTake(Struct, frozen=True, kw_only=True):
    """A take of a story."""

    take: str
    title: str
    """The person's own name for it; may be empty."""

    at: datetime
    length_s: float
    """From the first to the last word where words are known, else of speech and pauses, else of the take."""

    parts: list[ToldPart]
    in_order: bool | None
    """Whether those found came in their order; None with fewer than two."""

    figure: bool | None
    """Whether there is a figure in the part that wants one; None where none does, or it isn't known."""

    skill: float | None
    """Figure of the story's skill, 0..10."""

    missing: list[str] | None
    """Parts, ``order``, ``figure``, ``longer`` or ``shorter``; None where too few words are known to say."""

    words: bool
    """Whether its words are kept."""


class Missing(Struct, frozen=True, kw_only=True):
    """What a story lacks."""

    what: str
    """A key of :data:`HINTS`."""

    in_best: bool
    """Whether the best take lacks it."""

    in_newest: bool
    hint: str


class StoryState(Struct, frozen=True, kw_only=True):
    """A story with what its takes show."""

    id: str
    story: Story
    skill: str
    """Its skill's name for people."""

    takes: list[StoryTake]
    """Newest first."""

    best: str
    """Id of the best take: the one its teller chose, else the one in which least is missing; may be empty."""

    best_is_own: bool
    """Whether the teller chose it."""

    missing: list[Missing]
    note: str
    """A sentence where nothing can be said of what is missing; else empty."""


class Answered(Struct, frozen=True, kw_only=True):
    """A question of the bank, and the stories that answer it."""

    text: str
    style: str
    skills: tuple[str, ...]
    stories: list[str]
    """Ids."""


class Choice(Struct, frozen=True, kw_only=True):
    """A name for programs with its name for people."""

    name: str
    title: str


class Stories(Struct, frozen=True, kw_only=True):
    """All stories of a person, beside the questions that may come."""

    stories: list[StoryState]
    """The oldest first."""

    questions: list[Answered]
    unanswered: int
    """Questions that no story answers."""

    skills: list[Choice]
    """That a story may show."""

    frameworks: dict[Framework, tuple[str, ...]]
    """That a story may follow, with their parts in order."""


def stories(
    programme: Programme,
    told: Mapping[str, Story],
    takes: Sequence[Take],
    questions: Sequence[BankQuestion],
    *,
    asks: Asks = NO_ASKS,
) -> Stories:
    """Return all stories with what their takes show.

    Parameters
    ----------
    told : the stories by id.
    takes : those that tell a story, in any order; others don't count.
    questions : the bank.
    asks : skills that questions ask for.
    """
    found = [
        story_state(programme, id, story, takes, asks=asks)
        for id, story in sorted(told.items(), key=lambda one: (one[1].made_at, one[0]))
    ]
    answered = [
        Answered(
            text=question.text,
            style=question.style,
            skills=question.skills,
            stories=[one.id for one in found if question.text in one.story.answers],
        )
        for question in questions
    ]
    return Stories(
        stories=found,
        questions=answered,
        unanswered=sum(not one.stories for one in answered),
        skills=[Choice(name=skill.name, title=skill.title) for skill in programme.skill],
        frameworks={name: tuple(parts) for name, parts in FRAMEWORKS.items()},
    )


def story_state(
    programme: Programme, id: str, story: Story, takes: Sequence[Take], *, asks: Asks = NO_ASKS
) -> StoryState:
    """Return a story with what its takes show; parameters as for :func:`stories`."""
    its = sorted((one for one in takes if one.story == id), key=lambda one: (one.begun_at, one.id))
    shown = [story_take(programme, story, one, asks) for one in reversed(its)]
    judged = [one for one in shown if one.missing is not None]
    own = next((one for one in shown if one.take == story.best), None)
    best = own or max(judged, key=_how_good, default=None)
    newest = judged[0] if judged else None
    title = next((skill.title for skill in programme.skill if skill.name == story.skill), story.skill)
    return StoryState(
        id=id,
        story=story,
        skill=title,
        takes=shown,
        best=best.take if best else "",
        best_is_own=own is not None,
        missing=_missing(story.framework, best, newest),
        note=_note(shown, judged),
    )


def _how_good(take: StoryTake) -> tuple[float, float, datetime]:
    return (-len(take.missing or ()), -1.0 if take.skill is None else take.skill, take.at)


def _note(shown: Sequence[StoryTake], judged: Sequence[StoryTake]) -> str:
    if not shown:
        return "No take tells it yet."
    if not judged:
        return f"None of its takes has the {LEAST_WORDS} words that it needs to tell what is missing."
    return ""


def _missing(framework: Framework, best: StoryTake | None, newest: StoryTake | None) -> list[Missing]:
    of_best = set((best and best.missing) or ())
    of_newest = set((newest and newest.missing) or ())
    return [
        Missing(what=what, in_best=what in of_best, in_newest=what in of_newest, hint=HINTS[what])
        for what in (*FRAMEWORKS[framework], *_OF_ALL)
        if what in of_best | of_newest
    ]


def story_take(programme: Programme, story: Story, take: Take, asks: Asks = NO_ASKS) -> StoryTake:
    """Return what a take has of a story's framework."""
    first = {}
    for one in sorted(take.parts, key=lambda one: one.start_s):
        if one.confidence >= LEAST_CONFIDENCE and one.part not in first:
            first[one.part] = one
    complete = _enough_words(take)
    wanted = FRAMEWORKS[story.framework]
    parts = [
        ToldPart(
            part=part,
            found=True if part in first else (False if complete else None),
            start_s=first[part].start_s if part in first else None,
            confidence=first[part].confidence if part in first else None,
        )
        for part in wanted
    ]
    heard = sum(part in first for part in wanted)
    in_order = None if heard < 2 else heard_share(take, story.framework) * len(wanted) > heard - 0.5
    has_figure = _figure(take, story.framework, complete)
    return StoryTake(
        take=take.id,
        title=take.title,
        at=take.begun_at,
        length_s=_length_s(take),
        parts=parts,
        in_order=in_order,
        figure=has_figure,
        skill=_skill(programme, story, take, asks),
        missing=_lacks(take, parts, in_order, has_figure) if complete else None,
        words=take.review is not None,
    )


def _lacks(take: Take, parts: Sequence[ToldPart], in_order: bool | None, figure: bool | None) -> list[str]:
    lacks = [one.part for one in parts if one.found is False]
    if in_order is False:
        lacks.append("order")
    if figure is False:
        lacks.append("figure")
    if not purpose_of(take).startswith("exercise:"):  # those say themselves how long
        length_s = _length_s(take)
        if length_s < LEAST_S:
            lacks.append("longer")
        if length_s > MOST_S:
            lacks.append("shorter")
    return lacks


def _enough_words(take: Take) -> bool:
    """Whether what isn't among the words of a take was not said."""
    if take.word_measures is None or take.word_measures.words < LEAST_WORDS:
        return False
    unknown_s = sum(one.end_s - one.start_s for one in take.review.unknown) if take.review else 0.0
    return unknown_s <= MOST_UNKNOWN * _length_s(take)


def _length_s(take: Take) -> float:
    if take.review is not None and take.review.words:
        return take.review.words[-1].end_s - take.review.words[0].start_s
    if take.measures is not None and take.measures.speech_s > 0.0:
        return take.measures.speech_s + take.measures.pause_total_s
    return take.duration_s


def _figure(take: Take, framework: Framework, complete: bool) -> bool | None:
    """Whether the part that wants a figure has one; without the words that is known only of none at all."""
    part = FIGURE_IN.get(framework)
    if part is None:
        return None
    if take.review is not None:
        spans = [(one.start, one.end) for one in take.review.parts if one.part == part]
        marks = [one for one in take.review.marks if one.kind == "figure"]
        if any(start <= mark.start < end for mark in marks for start, end in spans):
            return True
        return False if complete else None
    if complete and take.word_measures is not None and take.word_measures.figures == 0:
        return False
    return None


def _skill(programme: Programme, story: Story, take: Take, asks: Asks) -> float | None:
    skill = next((one for one in programme.skill if one.name == story.skill), None)
    if skill is None:
        return None
    asked = {**asks, take.question: (*asks.get(take.question, ()), skill.name)}
    return figure(programme, skill, take, asked).figure


def check_story(
    story: WantedStory,
    programme: Programme,
    questions: Collection[str],
    others: Collection[str] = (),
    old: WantedStory | None = None,
) -> None:
    """Refuse a story that can't be told apart, of no skill, or that answers what is no question.

    Parameters
    ----------
    questions : texts of the bank's questions, and of the programme's own.
    others : titles of the person's other stories.
    old : the story as it was: what stays of it may be of another programme.

    Raises
    ------
    UsageError
        The sentence says what may stand there.
    """
    skills = [skill.name for skill in programme.skill]
    if not story.title.strip():
        raise UsageError("a story needs a title")
    if story.title in others:
        raise UsageError(f"you have a story {story.title!r} already: give this one another title")
    if len(others) >= MOST_STORIES:
        raise UsageError(f"{MOST_STORIES} stories are the most: delete one first; two or three are enough")
    if story.skill not in skills and (old is None or story.skill != old.skill):
        raise UsageError(f"skill {story.skill!r}: no such skill; skills are {', '.join(skills)}")
    for text in story.answers:
        if text not in questions and (old is None or text not in old.answers):
            raise UsageError(f"{text!r}: no question of the bank; `sottovoce story questions` lists them")
