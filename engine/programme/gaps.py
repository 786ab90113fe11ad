"""The gap table: skill, baseline, now, target, what would close it, and what comes first."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo

import msgspec

from engine.errors import ProgrammeError
from engine.protocol.take import Take

from .phases import Phases
from .records import Gap, GapTable, PartFigure, PartGap
from .script import Programme, SkillScript
from .skills import NO_ASKS, Asks, Scored
from .spread import spread

NOW_DAYS = 14
"""How far back a take counts for now."""

NOW_TAKES = 5
"""The newest of them that count."""

NO_TARGETS: Mapping[str, float] = {}


def gap_table(
    programme: Programme,
    takes: Sequence[Take],
    now: datetime,
    zone: tzinfo,
    *,
    targets: Mapping[str, float] = NO_TARGETS,
    asks: Asks = NO_ASKS,
) -> GapTable:
    """Return the gap table at a time.

    Parameters
    ----------
    takes : all of a person's takes, in any order; those that began after ``now`` don't count.
    zone : the person's, which tells their days.
    targets : the person's own targets by skill, 0..10.
    asks : skills that questions ask for.

    Raises
    ------
    ProgrammeError
        A target of the person's own is of no skill, or out of bounds.
    """
    scored = Scored(programme, [take for take in takes if take.begun_at <= now], asks)
    return of_scored(scored, now, zone, targets)


def of_scored(
    scored: Scored, now: datetime, zone: tzinfo, targets: Mapping[str, float] = NO_TARGETS
) -> GapTable:
    """Return the gap table of takes whose figures are counted already; all of them count."""
    programme = scored.programme
    check_targets(programme, targets)
    phases = scored.phases(zone)
    rows = [_row(scored, phases, skill, now, targets) for skill in programme.skill]
    weights = {skill.name: skill.weight for skill in programme.skill}
    wanted = [row for row in rows if row.gap is not None and row.gap * weights[row.skill] > 0.0]
    wanted.sort(key=lambda row: -(row.gap or 0.0) * weights[row.skill])
    ranked = [_ranked(row, place + 1) for place, row in enumerate(wanted)]
    rest = [row for row in rows if row not in wanted]
    return GapTable(programme=programme.name, at=now, rows=[*ranked, *rest])


def check_targets(programme: Programme, targets: Mapping[str, float]) -> None:
    """Refuse a target of one's own that is of no skill, or not from 0 to 10."""
    names = [skill.name for skill in programme.skill]
    for name, value in targets.items():
        if name not in names:
            raise ProgrammeError(f"target of {name!r}: no such skill; skills are {', '.join(names)}")
        if not 0.0 <= value <= 10.0:
            raise ProgrammeError(f"target of {name!r} = {value:g}: must be from 0 to 10")


def _ranked(row: Gap, place: int) -> Gap:
    return msgspec.structs.replace(row, priority=place)


def _row(
    scored: Scored, phases: Phases, skill: SkillScript, now: datetime, targets: Mapping[str, float]
) -> Gap:
    programme = scored.programme
    first = [take for take in phases.baseline if scored.value(take, skill.name) is not None]
    newest = _newest(scored, phases, skill.name, now)
    baseline = _mean(scored, skill, first, programme.least_takes)
    current = _mean(scored, skill, newest, programme.least_takes)
    target = targets.get(skill.name, skill.target)
    at = baseline if current is None else current
    parts = part_gaps(scored, skill, newest if current is not None else first if at is not None else [])
    gap = None if at is None else max(0.0, target - at)
    return Gap(
        skill=skill.name,
        title=skill.title,
        baseline=baseline,
        baseline_takes=len(first),
        now=current,
        now_takes=len(newest),
        target=target,
        own_target=skill.name in targets,
        target_grade="P",
        gap=gap,
        spread=spread(scored, phases, skill.name),
        priority=None,
        closes=_closes(gap, parts),
        exercises=[one.name for one in programme.exercise if skill.name in one.trains],
        parts=parts,
        baseline_parts=part_gaps(scored, skill, first) if baseline is not None else [],
        note=_note(programme, skill, baseline, len(first), len(newest), at is not None),
    )


def _newest(scored: Scored, phases: Phases, skill: str, now: datetime) -> list[Take]:
    """Return the newest takes that tell a skill, without those of the baseline, the oldest first."""
    since = now - timedelta(days=NOW_DAYS)
    found: list[Take] = []
    for take in reversed(scored.takes):
        if take.begun_at <= since or len(found) == NOW_TAKES:
            break
        if phases.phase(take) != "baseline" and scored.value(take, skill) is not None:
            found.append(take)
    return found[::-1]


def _mean(scored: Scored, skill: SkillScript, takes: Sequence[Take], least: int) -> float | None:
    values = [value for take in takes if (value := scored.value(take, skill.name)) is not None]
    return math.fsum(values) / len(values) if len(values) >= max(least, 1) else None


def part_gaps(scored: Scored, skill: SkillScript, takes: Sequence[Take]) -> list[PartGap]:
    """Return the parts of a skill over takes that tell it, the costliest first."""
    found = []
    for place, part in enumerate(skill.part):
        evidence: list[PartFigure] = [scored.figure(take, skill.name).evidence[place] for take in takes]
        known = [one for one in evidence if one.value is not None and one.score is not None]
        if not known:
            continue
        found.append(
            PartGap(
                measure=part.measure,
                title=known[0].title,
                value=math.fsum(one.value or 0.0 for one in known) / len(known),
                unit=known[0].unit,
                target=known[0].target,
                grade=part.grade,
                score=math.fsum(one.score or 0.0 for one in known) / len(known),
                lost=10.0 * math.fsum(one.weight * (1.0 - (one.score or 0.0)) for one in known) / len(takes),
                closes=part.closes,
                evidence=known,
            )
        )
    return sorted(found, key=lambda one: -one.lost)


def _closes(gap: float | None, parts: Sequence[PartGap]) -> str:
    if gap is None or not parts:
        return ""
    return "Reached: keep it." if gap == 0.0 else parts[0].closes


def _note(
    programme: Programme, skill: SkillScript, baseline: float | None, first: int, newest: int, known: bool
) -> str:
    least = programme.least_takes
    if not known:
        most = max(first, newest)
        asked = ", of a task that asks for it" if any(part.asked_only for part in skill.part) else ""
        return f"{most} of {least} takes that tell it so far{asked}."
    if baseline is None:
        return f"No baseline: {first} of {least} guided takes tell it."
    return ""
