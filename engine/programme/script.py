"""Programmes: TOML files of skills with their parts and targets, guided takes, and exercises.

What each key means and may be stands at its field: messages that refuse a file, and its documentation,
are made from there.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

Grade = Literal["E", "P", "V"]
"""How well founded a target is: experiment or measurement, practice and advice, a vendor's figure."""

Level = Literal["gentle", "medium", "hard"]
"""Of a drill."""

Rhythm = Literal["daily", "weekly", "before"]

Does = Literal["speak", "think", "listen"]
"""What a person does in a step; they are measured where they speak."""

PromptUse = Literal["none", "shown", "said"]


class Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A measure that a skill's figure is made of: full marks from ``least`` to ``most``."""

    measure: Annotated[str, Meta(description="what is measured")]
    weight: Annotated[float, Meta(ge=0.1, le=10, description="weight among the parts of its skill")] = 1.0
    least: Annotated[
        float | None, Meta(ge=-1000, le=1000, description="lowest value of the target; none by default")
    ] = None
    most: Annotated[
        float | None, Meta(ge=-1000, le=1000, description="highest value of the target; none by default")
    ] = None
    zero_below: Annotated[
        float | None, Meta(ge=-1000, le=1000, description="value below `least` that counts nothing")
    ] = None
    zero_above: Annotated[
        float | None, Meta(ge=-1000, le=1000, description="value above `most` that counts nothing")
    ] = None
    asked_only: Annotated[
        bool, Meta(description="whether it counts only in takes whose task asks for the skill")
    ] = False
    grade: Annotated[Grade, Meta(description="how well founded the target is")]
    closes: Annotated[str, Meta(description="one thing to try where it is missed, a sentence")]


class SkillScript(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A skill."""

    name: Annotated[str, Meta(description="name for programs, as in the bank of questions")]
    title: Annotated[str, Meta(description="name for people")]
    target: Annotated[float, Meta(ge=0, le=10, description="figure to reach")] = 7.0
    weight: Annotated[float, Meta(ge=0, le=10, description="how much its gap counts in the plan")] = 1.0
    people: Annotated[
        str,
        Meta(description="what other people rate of it from 1 to 10, a question; not asked by default"),
    ] = ""
    part: Annotated[tuple[Part, ...], Meta(description="its parts, each a table [[skill.part]]")]


class Task(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A guided take: made at the beginning, and again for the validation."""

    name: Annotated[str, Meta(description="name for programs: `baseline:NAME` is a take's purpose")]
    title: Annotated[str, Meta(description="name for people")]
    say: Annotated[str, Meta(description="what to do, a sentence")]
    minutes: Annotated[float, Meta(ge=0.5, le=30, description="how long it takes")] = 3.0
    drill: Annotated[str | None, Meta(description="drill that it is made in; none by default")] = None
    level: Annotated[Level | None, Meta(description="level of that drill")] = None
    asks: Annotated[tuple[str, ...], Meta(description="names of the skills that it asks for")] = ()


class Step(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A step of an exercise: what is shown or said, how long, and what the person does meanwhile."""

    title: Annotated[str, Meta(description="what is shown large, a few words")]
    text: Annotated[str, Meta(description="what to do, a sentence; none by default")] = ""
    seconds: Annotated[float, Meta(ge=1, le=900, description="how long it takes")]
    does: Annotated[
        Does, Meta(description="what the person does; thinking and listening aren't measured")
    ] = "speak"
    say: Annotated[
        str, Meta(description="what a packaged voice says as the step begins; nothing by default")
    ] = ""
    prompt: Annotated[
        PromptUse, Meta(description="whether the round's prompt is shown, or said by a packaged voice")
    ] = "none"
    once: Annotated[bool, Meta(description="whether it comes in the first round alone")] = False
    pitch: Annotated[
        bool,
        Meta(
            description="whether pitch is drawn in it: the person's, or a packaged voice's, "
            "which then ends on a clear fall"
        ),
    ] = False


class Prompt(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a round of an exercise is about: each round, and each later run, goes on to the next."""

    text: Annotated[
        str, Meta(description="what is shown or said; of a table a row a line, its cells between `|`")
    ]
    kind: Annotated[Literal["text", "table", "program"], Meta(description="how it is shown")] = "text"
    answer: Annotated[
        str, Meta(description="what is shown afterwards, such as which field decides; nothing by default")
    ] = ""


class Exercise(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something to practise."""

    name: Annotated[str, Meta(description="name for programs: `exercise:NAME` is a take's purpose")]
    title: Annotated[str, Meta(description="name for people")]
    how: Annotated[str, Meta(description="what to do, in a sentence or two")]
    minutes: Annotated[float, Meta(ge=0.5, le=60, description="how long it takes")] = 5.0
    trains: Annotated[tuple[str, ...], Meta(description="names of the skills that it trains, the first most")]
    rhythm: Annotated[
        Rhythm, Meta(description="part of a day's or of the weekly practice, or for before an interview")
    ] = "daily"
    every_days: Annotated[int, Meta(ge=1, le=60, description="days after which it is due again")] = 3
    drill: Annotated[str | None, Meta(description="drill that it is; none by default")] = None
    rounds: Annotated[int, Meta(ge=1, le=20, description="how often its steps are done")] = 1
    step: Annotated[
        tuple[Step, ...], Meta(description="its steps, each a table [[exercise.step]]; none with `drill`")
    ] = ()
    prompt: Annotated[
        tuple[Prompt, ...], Meta(description="what its rounds are about, each a table [[exercise.prompt]]")
    ] = ()
    keeps: Annotated[
        Literal["analogy"] | None, Meta(description="what may be written down after it; nothing by default")
    ] = None
    talk: Annotated[
        bool,
        Meta(description="whether a talk is heard before it, whose figures are put beside its own"),
    ] = False
    known: Annotated[str, Meta(description="how well founded it is, a sentence; none by default")] = ""
    score: Annotated[
        str,
        Meta(
            description="name of the shipped exercise whose score it has, such as `pep`; "
            "by default that of its own name, if there is one"
        ),
    ] = ""


class InterviewSkill(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A skill that a kind of interview asks for."""

    name: Annotated[str, Meta(description="name of a skill")]
    weight: Annotated[float, Meta(ge=0.1, le=10, description="how much it counts there")] = 1.0


class Interview(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of interview to prepare for: its skills, questions and drills."""

    name: Annotated[str, Meta(description="name for programs: the bank's questions of that style are its")]
    title: Annotated[str, Meta(description="name for people")]
    about: Annotated[str, Meta(description="what it is about, a sentence")]
    questions: Annotated[
        tuple[str, ...], Meta(description="texts of questions of its own, beside those of the bank")
    ] = ()
    drills: Annotated[tuple[str, ...], Meta(description="names of drills that prepare for it")] = ()
    skill: Annotated[
        tuple[InterviewSkill, ...], Meta(description="its skills, each a table [[interview.skill]]")
    ]


class Programme(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole programme."""

    name: Annotated[str, Meta(description="name for programs; by default the file's name")] = ""
    title: Annotated[str, Meta(description="name for people")]
    description: Annotated[str, Meta(description="what it is for, a sentence")]
    weeks: Annotated[int, Meta(ge=1, le=52, description="weeks from the baseline to the validation")] = 4
    minutes_a_day: Annotated[float, Meta(ge=3, le=120, description="length of a day's practice")] = 15.0
    minutes_a_week: Annotated[
        float, Meta(ge=0, le=300, description="length of the weekly practice; 0 for none")
    ] = 60.0
    days: Annotated[
        int, Meta(ge=1, le=7, description="days on which each guided take is made, before and after")
    ] = 2
    least_takes: Annotated[
        int, Meta(ge=1, le=20, description="takes that a figure of the gap table rests on, at least")
    ] = 2
    task: Annotated[tuple[Task, ...], Meta(description="the guided takes, each a table [[task]]")]
    skill: Annotated[tuple[SkillScript, ...], Meta(description="the skills, each a table [[skill]]")]
    exercise: Annotated[tuple[Exercise, ...], Meta(description="the exercises, each a table [[exercise]]")]
    interview: Annotated[
        tuple[Interview, ...], Meta(description="kinds of interview, each a table [[interview]]")
    ] = ()
