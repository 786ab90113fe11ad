"""Plan of a drill: its script with everything that is left open drawn by a seed.

The same script, level and seed always give the same plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeVar, get_args

from msgspec import Struct
from msgspec.structs import asdict

from engine.protocol.drill_results import Shown
from engine.protocol.terms import (
    LEVELS,
    SPOKEN,
    Do,
    Heard,
    Level,
    ListensFor,
    Role,
    Skill,
    Sound,
    Style,
    Then,
)

from .chance import Chance
from .programs import Program
from .script import Drill, Step, When

SOUNDS: tuple[Sound, ...] = get_args(Sound)

INSISTS = 2
"""Further lines of an interrupter who insists, for a speaker who keeps talking."""

ADDED_S = 4.0
"""Duration of a distraction that a person adds by hand."""

T = TypeVar("T")


class Question(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something to talk about."""

    text: str
    style: Style
    """Style of interview that it comes from."""

    skills: tuple[Skill, ...]
    """What it exercises."""


class Bank(Struct, frozen=True, kw_only=True):
    """Lines to say, by role and what they do, and questions to answer."""

    lines: Mapping[str, Mapping[str, tuple[str, ...]]]
    questions: tuple[Question, ...]
    programs: tuple[Program, ...] = ()


class Planned(Struct, frozen=True, kw_only=True):
    """A step with everything drawn."""

    id: int
    """Place in the plan, from 0."""

    do: Do
    when: Mapping[str, float]
    """Keys of :class:`When` that must hold, and from which value on; ``asked`` is 1."""

    role: Role
    lines: tuple[str, ...]
    """The line, then the lines for a speaker who keeps talking over an interrupter who insists."""

    sound: Sound | None
    then: Then
    hold_floor: bool
    for_s: float
    levels: tuple[Level, ...]
    moods: tuple[str, ...] = ()
    """Moods in which it happens; empty for all."""

    heard: Heard | None = None
    about: tuple[str, ...] = ()
    moves: int = 0
    ends: bool = False
    by_words: bool | None = None
    """Whether it happens only where words are heard (true), or only where none are (false)."""

    hint: str | None = None


class Plan(Struct, frozen=True, kw_only=True):
    """A drill with every choice made."""

    name: str
    title: str
    seed: int
    level: Level
    question: str
    nudges: Literal["on", "off", "after"]
    adapts: bool
    in_order: bool
    """Whether the steps come one after the other, not each when its time comes."""

    most_s: float
    steps: tuple[Planned, ...]
    by_hand: bool = False
    """Whether it goes on without a step left, for those that somebody adds."""
    listens_for: ListensFor | None = None
    moods: tuple[str, ...] = ()
    """Of the other side, from the worst to the best; empty where they have none."""

    mood: str | None = None
    """In which they begin."""

    mood_of: str = ""
    """Whose they are, for sentences."""

    shown: Shown | None = None
    """What is shown beside while the drill goes on."""

    fault: str | None = None
    """Of the program that is shown, and what mends it."""


def plan(drill: Drill, bank: Bank, *, level: Level = "medium", seed: int = 0) -> Plan:
    """Draw what is left open in a script; no line or sound comes twice before all have come."""
    chance = Chance(seed)
    steps = [
        (place, turn, step)
        for place, step in enumerate(drill.step)
        if drill.adapts or level in step.levels
        for turn in range(step.times)
    ]
    if drill.order == "drawn":
        opening = [one for one in steps if one[2].do == "ask"]
        steps = opening + chance.shuffled([one for one in steps if one[2].do != "ask"], "order")
    fresh = _Fresh(chance)
    questions = tuple(one.text for one in bank.questions if drill.style in (None, one.style))
    question = drill.question or fresh.pick("question", questions)
    asked = [question]
    program = fresh.pick("program", bank.programs) if drill.program else None
    planned = []
    for number, (place, turn, step) in enumerate(steps):
        name = (place, turn)
        role = step.role or drill.person
        lines: tuple[str, ...] = ()
        if step.do == "ask" and step.say is None:
            lines = (asked.pop() if asked else fresh.pick("question", questions),)
        elif step.do in SPOKEN:
            kind = f"{role} {step.do}" if step.say is None else f"say {place}"
            lines = (fresh.pick(kind, step.say or bank.lines[role][step.do]),)
        if step.do == "barge_in" and step.then == "insists":
            more = bank.lines[role]["insist"]
            lines += tuple(fresh.pick(f"{role} insist", more) for _ in range(INSISTS))
        sound = step.sound
        if step.do == "distraction" and sound is None:
            sound = fresh.pick("sound", SOUNDS)
        planned.append(
            Planned(
                id=number,
                do=step.do,
                when=_drawn(step.when, chance, name),
                role=role,
                lines=lines,
                sound=sound,
                then=step.then,
                hold_floor=step.hold_floor,
                for_s=round(chance.between(*step.for_s, "for_s", *name), 2),
                levels=step.levels,
                moods=step.mood or (),
                heard=step.heard,
                about=_about(step, program),
                moves=step.moves,
                ends=step.ends,
                by_words=step.by_words or step.words,
                hint=step.hint,
            )
        )
    return Plan(
        name=drill.name,
        title=drill.title,
        seed=seed,
        level=level,
        question=question,
        nudges=drill.nudges,
        adapts=drill.adapts,
        in_order=drill.order != "any",
        most_s=60.0 * drill.minutes,
        steps=tuple(planned),
        listens_for=drill.listens_for,
        moods=drill.moods or (),
        mood=drill.mood or (drill.moods[0] if drill.moods else None),
        mood_of=drill.mood_of or f"the {drill.person}",
        shown=_shown(drill, program),
        fault=None if program is None else f"Line {program.line}: {program.fault} {program.fix}",
    )


CONDUCTED_S = 6 * 3600.0
"""Longest duration of a plan whose steps a person adds by hand."""


def conducted(name: str, title: str) -> Plan:
    """Return a plan without steps: a person adds them while it runs, and each happens at once."""
    return Plan(
        name=name,
        title=title,
        seed=0,
        level="medium",
        question="",
        nudges="on",
        adapts=False,
        in_order=True,
        most_s=CONDUCTED_S,
        steps=(),
        by_hand=True,
    )


def added(do: Do, bank: Bank, *, role: Role, sound: Sound | None, seed: int) -> Planned:
    """Return a step to add to a running plan; its line is drawn by the seed, as a script's is."""
    fresh = _Fresh(Chance(seed))
    said = do in SPOKEN
    return Planned(
        id=0,
        do=do,
        when={},
        role=role,
        lines=(fresh.pick("line", bank.lines[role][do]),) if said else (),
        sound=None if said else sound or fresh.pick("sound", SOUNDS),
        then="insists",
        hold_floor=False,
        for_s=ADDED_S,
        levels=LEVELS,
    )


def _about(step: Step, program: Program | None) -> tuple[str, ...]:
    """Return the words that a step listens for, those of the program where it is about that."""
    if program is not None and step.heard in ("fault", "fix"):
        return program.fault_words if step.heard == "fault" else program.fix_words
    return step.about or ()


def _shown(drill: Drill, program: Program | None) -> Shown | None:
    if program is not None:
        return Shown(title=program.title, lines=[program.task], code=program.code)
    return None if drill.notes is None else Shown(title=drill.title, lines=list(drill.notes), code=None)


def _drawn(when: When, chance: Chance, name: tuple[int, int]) -> dict[str, float]:
    found = {}
    for key, value in asdict(when).items():
        if isinstance(value, tuple):
            found[key] = round(chance.between(*value, key, *name), 2)
        elif value:
            found[key] = 1.0
    return found


class _Fresh:
    """Picks choices that haven't come yet, as long as there are any."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._left: dict[str, list[int]] = {}
        self._rounds: dict[str, int] = {}

    def pick(self, name: str, choices: tuple[T, ...]) -> T:
        left = self._left.setdefault(name, [])
        if not left:
            left += self._chance.shuffled(range(len(choices)), name, self._rounds.get(name, 0))
            self._rounds[name] = self._rounds.get(name, 0) + 1
        return choices[left.pop()]
