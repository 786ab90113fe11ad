"""Readiness for a kind of interview: what the gap table says for its skills, and what was practised for it.

It says which skills are at their target and which aren't, never how ready a person is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from engine.errors import UsageError
from engine.protocol.note import Note
from engine.protocol.story import Story
from engine.protocol.take import Take

from .records import Gap, GapTable
from .script import Interview, Programme
from .stories import BankQuestion

MOST_NEXT = 3
"""Things for next time that are shown of the newest notes."""


class SkillReadiness(Struct, frozen=True, kw_only=True):
    """A row of the gap table, as far as a kind of interview asks for it."""

    skill: str
    title: str
    weight: float
    at: float | None
    """Figure now, or that of the baseline; None where neither is known."""

    is_baseline: bool
    """Whether it is the baseline's."""

    target: float
    gap: float | None
    """0 where the target is reached."""

    closes: str
    """One thing to try."""

    note: str
    """Why a figure is missing; empty where none is."""


class PreparedQuestion(Struct, frozen=True, kw_only=True):
    """A question of a kind of interview."""

    text: str
    takes: list[str]
    """Ids of the takes that answer it, newest first."""

    stories: list[str]
    """Ids of the signature stories that answer it."""


class PreparedDrill(Struct, frozen=True, kw_only=True):
    """A drill that prepares for a kind of interview."""

    drill: str
    takes: list[str]
    """Ids of its takes, newest first."""

    composure: float | None
    """Of the newest, 0..10; None where it isn't known."""


class Readiness(Struct, frozen=True, kw_only=True):
    """A kind of interview with what is known of its skills."""

    name: str
    title: str
    about: str
    skills: list[SkillReadiness]
    """The largest gap by weight first, then those at their target, then the unknown."""

    questions: list[PreparedQuestion]
    drills: list[PreparedDrill]
    notes: list[str]
    """Ids of the notes after such an interview, newest first."""

    next_time: list[str]
    """What the newest of them say for next time."""

    sentence: str


def questions_of(programme: Programme, bank: Sequence[BankQuestion]) -> list[BankQuestion]:
    """Return the questions of the bank, then those of a programme's own kinds of interview."""
    known = {one.text for one in bank}
    own = [
        BankQuestion(text=text, style=interview.name, skills=())
        for interview in programme.interview
        for text in interview.questions
        if text not in known
    ]
    return [*bank, *own]


def readiness(
    programme: Programme,
    table: GapTable,
    takes: Sequence[Take],
    questions: Sequence[BankQuestion],
    stories: Mapping[str, Story],
    notes: Mapping[str, Note],
) -> list[Readiness]:
    """Return each kind of interview of a programme, in its order.

    Parameters
    ----------
    table : the gap table, of the same programme.
    takes : all of a person's takes, in any order.
    questions : those that may come, of all kinds.
    stories, notes : by id.
    """
    newest = sorted(takes, key=lambda take: (take.begun_at, take.id), reverse=True)
    written = sorted(notes.items(), key=lambda one: (one[1].at, one[0]), reverse=True)
    rows = {row.skill: row for row in table.rows}
    return [_interview(one, rows, newest, questions, stories, written) for one in programme.interview]


def _interview(
    interview: Interview,
    rows: Mapping[str, Gap],
    newest: Sequence[Take],
    asked: Sequence[BankQuestion],
    stories: Mapping[str, Story],
    written: Sequence[tuple[str, Note]],
) -> Readiness:
    skills = [_skill(rows[one.name], one.weight) for one in interview.skill]
    skills.sort(key=lambda one: (one.gap is None, -(one.gap or 0.0) * one.weight))
    own = [(id, note) for id, note in written if note.interview == interview.name]
    texts = [one.text for one in asked if one.style == interview.name]
    return Readiness(
        name=interview.name,
        title=interview.title,
        about=interview.about,
        skills=skills,
        questions=[
            PreparedQuestion(
                text=text,
                takes=[take.id for take in newest if take.question == text],
                stories=[id for id, story in stories.items() if text in story.answers],
            )
            for text in texts
        ],
        drills=[_drill(name, newest) for name in interview.drills],
        notes=[id for id, _ in own],
        next_time=[note.next_time for _, note in own if note.next_time][:MOST_NEXT],
        sentence=_sentence(skills),
    )


def _skill(row: Gap, weight: float) -> SkillReadiness:
    return SkillReadiness(
        skill=row.skill,
        title=row.title,
        weight=weight,
        at=row.baseline if row.now is None else row.now,
        is_baseline=row.now is None and row.baseline is not None,
        target=row.target,
        gap=row.gap,
        closes=row.closes,
        note=row.note,
    )


def _drill(name: str, newest: Sequence[Take]) -> PreparedDrill:
    runs = [take for take in newest if take.card is not None and take.card.drill == name]
    card = runs[0].card if runs else None
    return PreparedDrill(
        drill=name, takes=[take.id for take in runs], composure=None if card is None else card.composure
    )


def _sentence(skills: Sequence[SkillReadiness]) -> str:
    known = [one for one in skills if one.gap is not None]
    if not known:
        return "Too few takes yet to tell any of its skills."
    below = [one for one in known if one.gap]
    left = len(skills) - len(known)
    said = f"At their target: {len(known) - len(below)} of its {len(skills)} skills."
    said += f" Too little is known of {left}." if left else ""
    if not below:
        return said
    return f"{said} First comes {below[0].title}: {below[0].at or 0.0:.1f}, target {below[0].target:g}."


def check_note(note: Note, programme: Programme, old: Note | None = None) -> None:
    """Refuse a note of no kind of interview.

    Parameters
    ----------
    old : the note as it was: a kind that stays may be of another programme.

    Raises
    ------
    UsageError
        The sentence says what may stand there.
    """
    kinds = [one.name for one in programme.interview]
    stays = old is not None and note.interview == old.interview
    if note.interview and note.interview not in kinds and not stays:
        raise UsageError(f"interview {note.interview!r}: no such kind; kinds are {', '.join(kinds)}")
