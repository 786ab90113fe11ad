"""Simulated people: takes with measures around a person's own level, noise of the day and of the take."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from engine.programme.plan import of_scored
from engine.programme.script import Programme
from engine.programme.skills import Scored
from engine.protocol.drill_results import Card, Changes, Manner, Parts, StepResult, Thread
from engine.protocol.kept import Kept
from engine.protocol.measures import ChannelMeasures
from engine.protocol.review import CountRange, WordMeasures
from engine.protocol.take import FoundInWords, FoundPart, Take, TakeKind

START = date(2026, 3, 2)
"""A Monday."""

MANNER = Manner(
    speech_s=10.0, pace_wpm=150.0, f0_hz=120.0, f0_sd_st=2.0, level_dbfs=-20.0, fillers=0, pauses=0.2
)
SAME = Changes(pace=0.0, pitch_st=0.0, range_st=0.0, level_db=0.0, fillers_per_min=0.0, pauses=0.0)


def measures(**changed: Any) -> ChannelMeasures:
    """Measures of somebody who talks alone for a minute."""
    usual: dict[str, Any] = {
        "speech_s": 60.0, "talk_share": None, "pace_wpm": 150.0, "syllables_per_s": 4.0, "syllables": 240,
        "pause_count": 10, "pause_total_s": 15.0, "longest_pause_s": 2.0, "longest_stretch_s": 40.0,
        "f0_median_hz": 120.0, "f0_sd_st": 2.5, "fillers": 2, "fillers_per_min": 2.0, "creak_share": 0.1,
        "level_dbfs": -20.0, "noise_dbfs": -60.0, "trailing_db": 1.0, "phrases": 20, "endings": 20,
        "rises": 2, "interruptions": 0, "backchannels": 0, "lost_s": 0.0,
    }  # fmt: skip
    return ChannelMeasures(**(usual | changed))


def words(**changed: Any) -> WordMeasures:
    """Figures of an answer of 150 words."""
    usual: dict[str, Any] = {
        "words": 150, "words_per_min": 150.0, "fillers": CountRange(least=2, most=2), "restarts": 1,
        "hedges": 1, "we": 3, "i": 4, "figures": 1, "questions": 0, "terms": 4, "terms_explained": 2,
        "headline_s": 12.0,
    }  # fmt: skip
    return WordMeasures(**(usual | changed))


def card(drill: str, composure: float | None, threads: Sequence[Thread] = ("resumed", "anew")) -> Card:
    """Card of a drill of which only the composure matters."""
    steps = [
        StepResult(
            do="barge_in", role="interviewer", said="But why?", sound=None, hold_floor=False, start_s=9.0,
            end_s=10.0, talking=True, yield_s=0.5, resume_s=0.5, gap_s=None, held_floor=False, thread=thread,
            before=MANNER, after=MANNER, changes=SAME, parts=Parts(floor=1.0, resume=1.0, steadiness=1.0),
            composure=composure, happened="", changed="", try_next=None,
        )
        for thread in threads
    ]  # fmt: skip
    return Card(
        drill=drill, title=drill, level="medium", seed=1, duration_s=90.0, events=steps, composure=composure,
        try_next="",
    )  # fmt: skip


def take(name: str, at: datetime, **changed: Any) -> Take:
    """A take whose figures are kept."""
    kind: TakeKind = "drill" if changed.get("card") else "talk"
    usual: dict[str, Any] = {
        "id": name,
        "kind": kind,
        "begun_at": at,
        "duration_s": 90.0,
        "profile": "interview",
        "kept": Kept(figures=True),
    }
    return Take(**(usual | changed))


def at(day: date, hour: float = 18.0) -> datetime:
    return datetime.combine(day, time(), UTC) + timedelta(hours=hour)


Level = Callable[[date], float]
"""How good a person is on a day, from 0 (bad at all) to 1 (all targets met)."""


class Person:
    """Makes the takes of a plan, day by day.

    Parameters
    ----------
    level : how good the person is on each day.
    day_noise, take_noise : standard deviations of what a day, and each take, adds to it.
    """

    def __init__(
        self,
        seed: int,
        level: Level,
        *,
        day_noise: float = 0.08,
        take_noise: float = 0.08,
        heard: bool = True,
    ) -> None:
        self._chance = random.Random(seed)
        self._level = level
        self._day_noise, self._take_noise = day_noise, take_noise
        self._heard = heard
        self.takes: list[Take] = []

    def follow(self, programme: Programme, days: int, *, misses: float = 0.2) -> list[Take]:
        """Do what the plan of each day says; on some days nothing."""
        scored: Scored | None = None
        for number in range(days):
            day = START + timedelta(days=number)
            if number and self._chance.random() < misses:
                continue
            today = self._chance.gauss(0.0, self._day_noise)
            scored = Scored(programme, self.takes, earlier=scored)
            plan = of_scored(scored, day, UTC)
            for place, item in enumerate(plan.items):
                name = f"{day}-{place}"
                self.takes.append(self.make(name, at(day, 18 + place / 4), item.name, item.drill, today))
        return self.takes

    def rota(self, programme: Programme, days: int = 31) -> list[Take]:
        """Make the guided takes on the first and the last days, and two exercises in turn on the others."""
        exercises = [one for one in programme.exercise if one.rhythm == "daily"]
        for number in range(days):
            day = START + timedelta(days=number)
            today = self._chance.gauss(0.0, self._day_noise)
            kind = "baseline" if number < 3 else "validation"
            todo = [(f"{kind}:{task.name}", task.drill) for task in programme.task]
            if 3 <= number < days - 3:
                pair = (exercises[(2 * number + place) % len(exercises)] for place in range(2))
                todo = [(f"exercise:{one.name}", one.drill) for one in pair]
            for place, (purpose, drill) in enumerate(todo):
                self.takes.append(self.make(f"{day}-{place}", at(day, 18 + place / 4), purpose, drill, today))
        return self.takes

    def make(self, name: str, when: datetime, purpose: str, drill: str | None, today: float) -> Take:
        """One take for a purpose."""

        def good() -> float:
            noise = self._chance.gauss(0.0, self._take_noise)
            return min(max(self._level(when.date()) + today + noise, 0.0), 1.0)

        voice = measures(
            pace_wpm=150.0 + 90.0 * (1.0 - good()),
            f0_sd_st=0.6 + 2.0 * good(),
            trailing_db=12.0 * (1.0 - good()),
            rises=round(18 * (1.0 - good())),
            creak_share=0.6 * (1.0 - good()),
            fillers_per_min=12.0 * (1.0 - good()),
            longest_stretch_s=180.0 - 130.0 * good(),
        )
        if drill is not None:
            made = card(
                drill, 10.0 * good(), self._chance.choices(("resumed", "anew"), (good(), 1 - good()), k=4)
            )
            return take(name, when, purpose=purpose, measures=voice, card=made)
        if not self._heard:
            return take(name, when, purpose=purpose, measures=voice)
        said = words(
            headline_s=10.0 + 90.0 * (1.0 - good()),
            hedges=round(12 * (1.0 - good())),
            restarts=round(10 * (1.0 - good())),
            terms=round(30 * (1.0 - good())),
            terms_explained=0,
            figures=int(self._chance.random() < good()),
            fillers=CountRange(least=round(10 * (1.0 - good())), most=round(14 * (1.0 - good()))),
            we=round(6 * good()),
        )
        parts = [
            FoundPart(part=part, start_s=start, end_s=start + 5.0, confidence=0.8)
            for start, part in enumerate(
                ("problem", "evidence", "proposal", "struggle", "turning_point", "new_practice")
            )
            if self._chance.random() < good()
        ]
        found = [
            FoundInWords(what=what, good=True, confidence=0.9)
            for what in (
                "own_fault",
                "empathy",
                "other_view",
                "unknown",
                "assumption",
                "questions",
                "check_in",
            )
            if self._chance.random() < good()
        ]
        return take(name, when, purpose=purpose, measures=voice, word_measures=said, parts=parts, found=found)


def steady(level: float) -> Level:
    return lambda day: level


def rising(first: float, last: float, days: int = 28) -> Level:
    """From one level to another in even steps, from the first day on."""
    return lambda day: first + (last - first) * min((day - START).days / days, 1.0)
