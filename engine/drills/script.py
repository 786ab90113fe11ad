"""Scripts of drills: small TOML files of what happens to the speaker, and when.

The documentation of its keys is made from the records here, as are the messages that refuse a file.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from engine.errors import DrillError
from engine.protocol.terms import LEVELS, SPOKEN, Do, Heard, Level, ListensFor, Role, Sound, Style, Then

from .script_keys import Key, keys, named

Range = tuple[float, float]
"""Bounds between which a value is drawn; a single number in the file stands for both."""

MAX_BYTES = 65_536
"""Longest script."""


class When(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a step happens: as soon as all that is said here holds."""

    after_s: Annotated[
        Range | None, Meta(ge=0, le=600, description="time since the previous step ended, or since the start")
    ] = None
    speaking_s: Annotated[
        Range | None, Meta(ge=0.2, le=600, description="speech since then, without pauses")
    ] = None
    phrase_s: Annotated[
        Range | None, Meta(ge=0.2, le=30, description="time since the phrase began: speech without a pause")
    ] = None
    pause_s: Annotated[Range | None, Meta(ge=0.25, le=30, description="time since a pause began")] = None
    pace_rise: Annotated[
        Range | None, Meta(ge=0.05, le=1, description="pace above the speaker's own, as a share")
    ] = None
    monologue_s: Annotated[
        Range | None, Meta(ge=1, le=600, description="talk without offering the floor")
    ] = None
    answer_s: Annotated[
        Range | None, Meta(ge=0.5, le=30, description="silence after an answer of 3 s or more")
    ] = None
    asked: Annotated[
        bool | None, Meta(description="the speaker ended a phrase on a rise, as in a question")
    ] = None
    unmoved_s: Annotated[
        Range | None,
        Meta(ge=1, le=600, description="speech whose words are known, and in which nothing moved the mood"),
    ] = None


class Step(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that happens."""

    do: Annotated[Do, Meta(description="what happens")]
    when: Annotated[When, Meta(description="a table: when it happens")]
    say: Annotated[
        tuple[str, ...] | None,
        Meta(description="the line to say, or several to draw from; by default those of the role's bank"),
    ] = None
    role: Annotated[Role | None, Meta(description="who speaks, if not the drill's person")] = None
    sound: Annotated[Sound | None, Meta(description="sound of a distraction; any by default")] = None
    then: Annotated[Then, Meta(description="what the interrupter does when the speaker keeps talking")] = (
        "insists"
    )
    hold_floor: Annotated[bool, Meta(description="the speaker should take the floor back")] = False
    for_s: Annotated[
        Range,
        Meta(
            ge=0.5,
            le=60,
            description="length of a silence or a distraction, or of the silence after goes_silent",
        ),
    ] = (4.0, 6.0)
    levels: Annotated[
        tuple[Level, ...], Meta(description="the levels in which it happens; all by default")
    ] = LEVELS
    times: Annotated[int, Meta(ge=1, le=20, description="how often it happens")] = 1
    mood: Annotated[
        tuple[str, ...] | None,
        Meta(description="the moods in which it happens; without words, and by default, in all"),
    ] = None
    heard: Annotated[
        Heard | None, Meta(description="what the speaker must have said for it, in a sentence of their own")
    ] = None
    about: Annotated[
        tuple[str, ...] | None,
        Meta(description="words of which that sentence must have one; `*` stands for any ending"),
    ] = None
    moves: Annotated[
        int, Meta(ge=-9, le=9, description="by how many moods it moves them: up, or down below 0")
    ] = 0
    ends: Annotated[bool, Meta(description="whether the drill ends with it")] = False
    words: Annotated[
        bool | None,
        Meta(description="whether it happens only with words heard (true), or only without (false)"),
    ] = None
    hint: Annotated[
        str | None,
        Meta(description="what the card says would have moved them, one sentence; by default by `heard`"),
    ] = None

    @property
    def by_words(self) -> bool:
        """Whether it can happen only where words are heard."""
        needs = self.heard or self.moves or self.ends or self.when.unmoved_s
        return bool(needs) if self.words is None else self.words


class Drill(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole script."""

    name: Annotated[str, Meta(description="name for programs; by default the file's name")] = ""
    title: Annotated[str, Meta(description="name for people")]
    trains: Annotated[str, Meta(description="what it trains, one sentence")]
    use_when: Annotated[str, Meta(description="when to use it, one sentence")]
    minutes: Annotated[float, Meta(ge=0.2, le=60, description="longest duration")] = 3.0
    person: Annotated[Role, Meta(description="who is on the other side")] = "interviewer"
    question: Annotated[
        str | None, Meta(description="what to talk about; by default drawn from the bank")
    ] = None
    style: Annotated[
        Style | None, Meta(description="interview style that the question is drawn from; any by default")
    ] = None
    nudges: Annotated[
        Literal["on", "off", "after"], Meta(description="ordinary nudges: on, off, or only after each event")
    ] = "after"
    order: Annotated[
        Literal["written", "drawn", "any"],
        Meta(
            description="steps as written, in an order drawn by the seed, or each as soon as its `when` holds"
        ),
    ] = "written"
    adapts: Annotated[
        bool, Meta(description="whether each step's level follows from the composure so far")
    ] = False
    listens_for: Annotated[
        ListensFor | None, Meta(description="what the speaker should say, by their words; nothing by default")
    ] = None
    moods: Annotated[
        tuple[str, ...] | None, Meta(description="moods of the other side, from the worst to the best")
    ] = None
    mood: Annotated[str | None, Meta(description="the mood they begin in; the first by default")] = None
    mood_of: Annotated[
        str | None, Meta(description="whose moods they are, for sentences; the person by default")
    ] = None
    program: Annotated[
        bool, Meta(description="whether a short broken program is shown, drawn from those that ship")
    ] = False
    notes: Annotated[
        tuple[str, ...] | None, Meta(description="what is shown beside while it goes on, such as an agenda")
    ] = None
    step: Annotated[tuple[Step, ...], Meta(description="the steps, each a table [[step]]")]

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels in which anything happens."""
        return tuple(level for level in LEVELS if any(level in step.levels for step in self.step))


OF_SOME: Mapping[str, frozenset[Do]] = {
    "say": SPOKEN,
    "role": SPOKEN,
    "sound": frozenset({"distraction"}),
    "then": frozenset({"barge_in"}),
    "hold_floor": frozenset({"barge_in", "challenge", "impatience", "talk_over"}),
    "for_s": frozenset({"silence", "distraction", "barge_in"}),
}
"""Keys that only some steps may have, with those steps."""


def parse(text: str, origin: str, *, name: str) -> Drill:
    """Read a drill from the text of a TOML file.

    Parameters
    ----------
    origin : where the text is from, for messages.
    name : the drill's name, when the text doesn't give one.

    Raises
    ------
    DrillError
        Something in it cannot be used: says file, line, key and what is allowed.
    """
    if len(text) > MAX_BYTES:
        raise DrillError(
            f"{origin}: too long: a script may have {MAX_BYTES} characters, this one has {len(text)}"
        )
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise DrillError(f"{origin}: not TOML: {error}") from error
    drill = _Reader(text, origin).drill(table)
    return drill if drill.name else msgspec.structs.replace(drill, name=name)


class _Reader:
    """Reads tables into records, and finds the line of a key for messages."""

    def __init__(self, text: str, origin: str) -> None:
        self._lines = text.splitlines()
        self._origin = origin
        self._heads = [
            number for number, line in enumerate(self._lines) if re.match(r"\s*\[\[\s*step\s*\]\]", line)
        ]

    def drill(self, table: dict[str, Any]) -> Drill:
        known = keys(Drill)
        self._only(table, known, "", None)
        steps = table.pop("step", [])
        if not isinstance(steps, list) or not steps or not all(isinstance(one, dict) for one in steps):
            self._refuse("step", None, f"must be {known['step'].allowed}")
        fields = self._fields(table, known, "", None, leave={"step"})
        drill = Drill(**fields, step=tuple(self._step(one, place) for place, one in enumerate(steps)))
        self._check_moods(drill)
        for place, step in enumerate(drill.step):
            if step.heard in ("fault", "fix") and not drill.program:
                self._refuse("step.heard", place, "needs `program = true` of the drill")
        return drill

    def _step(self, table: dict[str, Any], place: int) -> Step:
        known = keys(Step)
        self._only(table, known, "step.", place)
        when = table.pop("when", None)
        if not isinstance(when, dict) or not when:
            self._refuse("step.when", place, f"must be {known['when'].allowed}")
        fields = self._fields(table, known, "step.", place, leave={"when"})
        self._only(when, keys(When), "step.when.", place)
        step = Step(**fields, when=When(**self._fields(when, keys(When), "step.when.", place)))
        for name, kinds in OF_SOME.items():
            if name in table and step.do not in kinds:
                self._refuse(f"step.{name}", place, f"is only for do = {named(sorted(kinds))}")
        if step.do == "react" and step.say is None:
            self._refuse("step.say", place, 'is missing: do = "react" has no lines of its own')
        if step.about is not None and step.heard is None:
            self._refuse("step.about", place, "goes with `heard`: it narrows down what must be heard")
        if step.heard == "mention" and step.about is None:
            self._refuse("step.about", place, 'is missing: heard = "mention" needs the words that are meant')
        return step

    def _check_moods(self, drill: Drill) -> None:
        """Refuse moods that a drill doesn't have."""
        moods = drill.moods or ()
        if len(set(moods)) != len(moods) or len(moods) == 1:
            self._refuse("moods", None, "must be two or more, each once, from the worst to the best")
        if drill.mood is not None and drill.mood not in moods:
            self._refuse("mood", None, f"must be one of `moods`: {named(moods)}")
        for place, step in enumerate(drill.step):
            needing = {"mood": step.mood, "moves": step.moves, "when.unmoved_s": step.when.unmoved_s}
            for name, given in needing.items():
                if given and not moods:
                    self._refuse(f"step.{name}", place, "needs `moods` of the drill")
            if set(step.mood or ()) - set(moods):
                self._refuse("step.mood", place, f"must be of the drill's moods: {named(moods)}")

    def _only(self, table: dict[str, Any], known: Mapping[str, Key], path: str, place: int | None) -> None:
        for name in table:
            if name not in known:
                close = difflib.get_close_matches(name, known, 1)
                hint = f"did you mean {close[0]!r}?" if close else f"allowed are {', '.join(known)}"
                self._refuse(f"{path}{name}", place, f"unknown key: {hint}")

    def _fields(
        self,
        table: dict[str, Any],
        known: Mapping[str, Key],
        path: str,
        place: int | None,
        leave: set[str] | None = None,
    ) -> dict[str, Any]:
        for name, key in known.items():
            if name not in table and key.default is msgspec.NODEFAULT and name not in (leave or ()):
                self._refuse(f"{path}{name}", place, f"is missing: must be {key.allowed}")
        fields = {}
        for name, value in table.items():
            try:
                fields[name] = known[name].read(value)
            except ValueError:
                shown = repr(value) if len(repr(value)) <= 60 else f"{value!r:.57}..."
                self._refuse(f"{path}{name}", place, f"must be {known[name].allowed}", f" = {shown}")
        return fields

    def _refuse(self, path: str, place: int | None, why: str, given: str = "") -> None:
        raise DrillError(f"{self._origin}, line {self._line(path, place)}: {path}{given}: {why}")

    def _line(self, path: str, place: int | None) -> int:
        """Line of a key, from 1; that of the table it belongs in where it isn't to be found."""
        first, stop = 0, self._heads[0] if self._heads else len(self._lines)
        if place is not None and place < len(self._heads):
            first = self._heads[place]
            stop = self._heads[place + 1] if place + 1 < len(self._heads) else len(self._lines)
        name = re.escape(path.rpartition(".")[2])
        found = re.compile(rf"""(?:^|[\s{{,.\["'])["']?{name}["']?\s*(?:=|\]|\.)""")
        for number in range(first, stop):
            if found.search(self._lines[number].partition("#")[0]):
                return number + 1
        return first + 1
