"""What a drill will do this time: its script with everything drawn by a seed.

The same script, level and seed give the same plan, whenever and wherever.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar, get_args

from msgspec import Struct
from msgspec.structs import asdict

from .chance import Chance
from .script import SPOKEN, Do, Drill, Level, Role, Sound, Then, When

SOUNDS: tuple[Sound, ...] = get_args(Sound)

T = TypeVar("T")


class Question(Struct, frozen=True, kw_only=True):
    """Something to talk about."""

    text: str
    style: str
    """Style of interview that it comes from."""

    skills: tuple[str, ...]
    """What it exercises."""


class Bank(Struct, frozen=True, kw_only=True):
    """Lines to say, by role and step, and questions to answer."""

    lines: Mapping[str, Mapping[str, tuple[str, ...]]]
    questions: tuple[Question, ...]

    def of(self, role: Role, do: Do) -> tuple[str, ...]:
        """Lines of a role for a step; questions for one that asks."""
        if do == "ask":
            return tuple(question.text for question in self.questions)
        return self.lines[role][do]


class Planned(Struct, frozen=True, kw_only=True):
    """A step with everything drawn."""

    id: int
    """Place in the plan, from 0."""

    do: Do
    when: Mapping[str, float]
    """Keys of :class:`When` that must hold, and from which value on; ``asked`` is 1."""

    role: Role
    say: str | None
    sound: Sound | None
    then: Then
    hold_floor: bool
    for_s: float


class Plan(Struct, frozen=True, kw_only=True):
    """A drill as it will go."""

    title: str
    seed: int
    level: Level
    question: str
    steps: tuple[Planned, ...]
    """In the order in which they happen; where the drill's order is "any", each when its time comes."""


def plan(drill: Drill, bank: Bank, *, level: Level = "medium", seed: int = 0) -> Plan:
    """Draw what is left open in a script; no line or sound comes twice before all have come."""
    chance = Chance(seed)
    steps = [
        (place, turn, step)
        for place, step in enumerate(drill.step)
        if level in step.levels
        for turn in range(step.times)
    ]
    if drill.order == "drawn":
        steps = chance.shuffled(steps, "order")
    fresh = _Fresh(chance)
    questions = [one for one in bank.questions if drill.style in (None, one.style)]
    question = drill.question or fresh.pick("question", tuple(one.text for one in questions))
    planned = []
    for number, (place, turn, step) in enumerate(steps):
        name = (place, turn)
        role = step.role or drill.person
        say, sound = step.say, step.sound
        if step.do in SPOKEN and say is None:
            say = fresh.pick(f"{role} {step.do}" if step.do != "ask" else "question", bank.of(role, step.do))
        if step.do == "distraction" and sound is None:
            sound = fresh.pick("sound", SOUNDS)
        planned.append(
            Planned(
                id=number,
                do=step.do,
                when=_drawn(step.when, chance, name),
                role=role,
                say=say,
                sound=sound,
                then=step.then,
                hold_floor=step.hold_floor,
                for_s=round(chance.between(*step.for_s, "for_s", *name), 2),
            )
        )
    return Plan(title=drill.title, seed=seed, level=level, question=question, steps=tuple(planned))


def _drawn(when: When, chance: Chance, name: tuple[int, int]) -> dict[str, float]:
    found = {}
    for key, value in asdict(when).items():
        if isinstance(value, tuple):
            found[key] = round(chance.between(*value, key, *name), 2)
        elif value:
            found[key] = 1.0
    return found


class _Fresh:
    """Picks what hasn't come yet, as long as there is any."""

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
