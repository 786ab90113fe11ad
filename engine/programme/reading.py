"""Read a programme from TOML: check every key and value, and name the first one that is wrong."""

from __future__ import annotations

import difflib
import functools
import tomllib
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Literal, NoReturn, get_args, get_origin

import msgspec
from msgspec import Struct

from engine.errors import ProgrammeError
from engine.profile.table_keys import TableKey, keys_of
from engine.protocol.exercise import MOST_STEPS

from .exercise_elements import SCORES
from .measures import MEASURES
from .script import Exercise, Interview, Part, Programme, SkillScript, Task
from .steps import duration_s, placed_steps, table_rows

MAX_CHARACTERS = 131_072
"""Longest programme."""

MOST_ENTRIES = 60
"""Most tables of a kind."""


class Key(TableKey, frozen=True, kw_only=True):
    """One key of a programme."""

    @property
    def base(self) -> Any:
        """Its type without None."""
        kinds = [kind for kind in get_args(self.hint) if kind is not type(None)]
        return kinds[0] if type(None) in get_args(self.hint) else self.hint

    @property
    def choices(self) -> tuple[str, ...]:
        """The texts allowed, if only some are."""
        return get_args(self.base) if get_origin(self.base) is Literal else ()

    @property
    def tables(self) -> type[Struct] | None:
        """Kind of its tables, if it is a list of tables."""
        of = get_args(self.base)[0] if get_origin(self.base) is tuple else None
        return of if isinstance(of, type) and issubclass(of, Struct) else None

    @property
    def allowed(self) -> str:
        """What may stand for it, for a person."""
        if self.tables is not None:
            return f"1 to {MOST_ENTRIES} tables, [[{self.name}]]"
        if get_origin(self.base) is tuple:
            return "a list of texts in quotes"
        if self.choices:
            return f"one of {', '.join(self.choices)}"
        if self.base is str:
            return "a text in quotes"
        if self.base is bool:
            return "true or false"
        return f"{'a whole number' if self.base is int else 'a number'} from {self.low:g} to {self.high:g}"

    def accepts(self, value: object) -> bool:
        """Return whether the value may stand for it; what is in its tables isn't looked at."""
        if self.tables is not None:
            return (
                isinstance(value, list)
                and 0 < len(value) <= MOST_ENTRIES
                and all(isinstance(one, dict) for one in value)
            )
        if get_origin(self.base) is tuple:
            return isinstance(value, list) and all(isinstance(one, str) and one.strip() for one in value)
        if self.choices:
            return value in self.choices
        if self.base is str:
            return isinstance(value, str) and bool(value.strip())
        if self.base is bool or isinstance(value, bool):
            return self.base is bool and isinstance(value, bool)
        numbers = int if self.base is int else (int, float)
        return isinstance(value, numbers) and self.low is not None and self.low <= value <= (self.high or 0)


@functools.cache
def keys(kind: type[Struct]) -> Mapping[str, Key]:
    """Return every key of a table, in order."""
    return keys_of(kind, Key)


def parse(text: str, origin: str, *, name: str, drills: Collection[str] | None = None) -> Programme:
    """Return the programme that a TOML text describes.

    Parameters
    ----------
    origin : where the text is from, for error messages.
    name : the programme's name, when the text doesn't give one.
    drills : names of the drills that it may use; None where they aren't known.

    Raises
    ------
    ProgrammeError
        A key or value cannot be used: the message names file, key, value and what is allowed.
    """
    if len(text) > MAX_CHARACTERS:
        raise ProgrammeError(
            f"{origin}: too long: a programme may have {MAX_CHARACTERS} characters, this one has {len(text)}"
        )
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # what tomllib raises, beyond its own error
        raise ProgrammeError(f"{origin}: not TOML: {error}") from error
    reader = _Reader(origin)
    programme: Programme = reader.table(Programme, table, "")
    programme = programme if programme.name else msgspec.structs.replace(programme, name=name)
    reader.check(programme, drills)
    return programme


class _Reader:
    """Reads tables into records; refuses with a path such as ``skill (fluency).part 1.least``."""

    def __init__(self, origin: str) -> None:
        self._origin = origin

    def table(self, kind: type[Struct], table: dict[str, Any], path: str) -> Any:
        """Return the record of a table."""
        known = keys(kind)
        for name in table:
            if name not in known:
                close = difflib.get_close_matches(name, known, 1)
                hint = f"did you mean {close[0]!r}?" if close else f"allowed are {', '.join(known)}"
                self.refuse(f"{path}{name}", f"unknown key: {hint}")
        fields: dict[str, Any] = {}
        for name, key in known.items():
            if name not in table:
                if key.default is msgspec.NODEFAULT:
                    self.refuse(f"{path}{name}", f"is missing: must be {key.allowed}")
                continue
            value = table[name]
            if not key.accepts(value):
                shown = repr(value) if len(repr(value)) <= 60 else f"{value!r:.57}..."
                self.refuse(f"{path}{name}", f"must be {key.allowed}", f" = {shown}")
            if key.tables is not None:
                fields[name] = tuple(
                    self.table(key.tables, one, f"{path}{_entry(name, place, one)}.")
                    for place, one in enumerate(value)
                )
            elif isinstance(value, list):
                fields[name] = tuple(value)
            else:
                fields[name] = float(value) if key.base is float else value
        return kind(**fields)

    def check(self, programme: Programme, drills: Collection[str] | None) -> None:
        """Refuse names that lead nowhere, names given twice, and targets that can't be told."""
        skills = [skill.name for skill in programme.skill]
        for what, entries in (
            ("task", programme.task),
            ("skill", programme.skill),
            ("exercise", programme.exercise),
            ("interview", programme.interview),
        ):
            names = [entry.name for entry in entries]
            for place, one in enumerate(names):
                if one in names[:place]:
                    self.refuse(f"{what}.name", "stands twice: each must have its own", f" = {one!r}")
        for task in programme.task:
            self._only(f"task ({task.name}).asks", task.asks, skills)
            self._drill(f"task ({task.name})", task, drills)
            if task.level is not None and task.drill is None:
                self.refuse(f"task ({task.name}).level", "is only for a task with `drill`")
        for exercise in programme.exercise:
            if not exercise.trains:
                self.refuse(f"exercise ({exercise.name}).trains", "must name a skill", " = []")
            self._only(f"exercise ({exercise.name}).trains", exercise.trains, skills)
            self._drill(f"exercise ({exercise.name})", exercise, drills)
            self._only(f"exercise ({exercise.name}).score", filter(None, [exercise.score]), SCORES)
            self._steps(f"exercise ({exercise.name})", exercise)
        for skill in programme.skill:
            self._parts(skill)
        for interview in programme.interview:
            self._interview(interview, skills, drills)

    def _parts(self, skill: SkillScript) -> None:
        names = [part.measure for part in skill.part]
        for place, part in enumerate(skill.part):
            path = f"skill ({skill.name}).part {place + 1}"
            self._only(f"{path}.measure", [part.measure], MEASURES)
            if part.measure in names[:place]:
                self.refuse(f"{path}.measure", "stands twice in its skill", f" = {part.measure!r}")
            self._band(path, part)

    def _interview(self, interview: Interview, skills: list[str], drills: Collection[str] | None) -> None:
        path = f"interview ({interview.name})"
        names = [skill.name for skill in interview.skill]
        self._only(f"{path}.skill.name", names, skills)
        for place, one in enumerate(names):
            if one in names[:place]:
                self.refuse(f"{path}.skill.name", "stands twice in its interview", f" = {one!r}")
        if drills is not None:
            self._only(f"{path}.drills", interview.drills, drills)

    def _band(self, path: str, part: Part) -> None:
        if part.least is None and part.most is None:
            self.refuse(f"{path}.least", "is missing: a target needs `least`, `most` or both")
        if part.least is not None and part.most is not None and part.least > part.most:
            self.refuse(f"{path}.least", f"must be at most `most`, {part.most:g}", f" = {part.least:g}")
        for edge, zero, below in (("least", "zero_below", True), ("most", "zero_above", False)):
            at, gone = getattr(part, edge), getattr(part, zero)
            side = "below" if below else "above"
            if (at is None) != (gone is None):
                missing, given = (zero, edge) if gone is None else (edge, zero)
                self.refuse(f"{path}.{missing}", f"is missing: it goes with `{given}`")
            if at is not None and gone is not None and (gone >= at if below else gone <= at):
                self.refuse(f"{path}.{zero}", f"must be {side} `{edge}`, {at:g}", f" = {gone:g}")

    def _drill(self, path: str, entry: Task | Exercise, drills: Collection[str] | None) -> None:
        if entry.drill is not None and drills is not None:
            self._only(f"{path}.drill", [entry.drill], drills)

    def _steps(self, path: str, exercise: Exercise) -> None:
        if exercise.drill is not None and exercise.step:
            self.refuse(f"{path}.step", "can't go with `drill`: a drill has its own steps")
        if exercise.rounds > 1 and all(step.once for step in exercise.step):
            self.refuse(
                f"{path}.rounds", "needs a [[exercise.step]] without `once = true`", f" = {exercise.rounds}"
            )
        for place, step in enumerate(exercise.step, 1):
            if step.prompt != "none" and not exercise.prompt:
                self.refuse(f"{path}.prompt", f"is missing: step {place} uses it, so add [[exercise.prompt]]")
            if step.prompt == "said" and step.does == "speak":
                self.refuse(
                    f"{path}.step {place}.prompt",
                    'goes with `does = "listen"` or `"think"`: nobody hears it while they speak',
                    " = 'said'",
                )
            if step.prompt == "said" and step.say:
                self.refuse(f"{path}.step {place}.say", 'can\'t go with `prompt = "said"`: give one of them')
        if exercise.prompt and all(step.prompt == "none" for step in exercise.step):
            self.refuse(f"{path}.prompt", 'is used by no step: give one `prompt = "shown"` or `"said"`')
        for place, prompt in enumerate(exercise.prompt, 1):
            rows = table_rows(prompt.text) if prompt.kind == "table" else []
            if prompt.kind == "table" and (len(rows) < 2 or len({len(row) for row in rows}) > 1):
                self.refuse(
                    f"{path}.prompt {place}.text",
                    "must be a table: two lines or more, each with as many cells between `|`",
                )
        steps = len(placed_steps(exercise))
        if steps > MOST_STEPS:
            self.refuse(f"{path}.step", f"has {steps} steps in all rounds: a run may have {MOST_STEPS}")
        takes_s = duration_s(exercise)
        if takes_s > 60.0 * exercise.minutes:
            self.refuse(
                f"{path}.minutes",
                f"is too short: the steps take {takes_s:g} s, {takes_s / 60:.2g} min",
                f" = {exercise.minutes:g}",
            )

    def _only(self, path: str, given: Iterable[str], known: Iterable[str]) -> None:
        names = list(known)
        for one in given:
            if one not in names:
                close = difflib.get_close_matches(one, names, 1)
                hint = f"did you mean {close[0]!r}?" if close else f"must be one of {', '.join(names)}"
                self.refuse(path, f"unknown: {hint}", f" = {one!r}")

    def refuse(self, path: str, why: str, given: str = "") -> NoReturn:
        """Raise the error that names file, key, value and what is allowed."""
        raise ProgrammeError(f"{self._origin}: {path}{given}: {why}")


def _entry(kind: str, place: int, table: dict[str, Any]) -> str:
    """Name of a table in a list, for a person."""
    name = table.get("name")
    return f"{kind} ({name})" if isinstance(name, str) and name else f"{kind} {place + 1}"
