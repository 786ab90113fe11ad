"""Requests of reports, from takes: what a report says is decided by :mod:`engine.programme`, not here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo

import msgspec

from engine.cues import cue_states
from engine.profile import Profile
from engine.programme.records import Series
from engine.programme.script import Programme
from engine.programme.standing import Standing
from engine.protocol.take import Take

from .measures import usual_of
from .requests import Form, Paper, ProgrammeReport, TakeReport


def take_report(
    take: Take,
    before: Iterable[Take],
    profile: Profile | None,
    made_at: datetime,
    *,
    form: Form,
    paper: Paper,
) -> TakeReport:
    """Return the report of a take.

    Parameters
    ----------
    before : the person's earlier takes, for what is usual: those of another kind are left out.
    profile : that it was practised for; None where it isn't known any more.
    """
    alone = take.measures is None or take.measures.exchange is None
    return TakeReport(
        form=form,
        paper=paper,
        made_at=made_at,
        take=take,
        aims=[] if profile is None else cue_states(profile, (), alone=alone),
        usual=usual_of(one for one in before if one.kind == take.kind and one.id != take.id),
    )


def programme_report(
    standing: Standing, programme: Programme, zone: tzinfo, made_at: datetime, *, form: Form, paper: Paper
) -> ProgrammeReport:
    """Return the report of the programme.

    Parameters
    ----------
    standing : where the person stands.
    zone : the person's.
    """
    progress = standing.progress()
    return ProgrammeReport(
        form=form,
        paper=paper,
        made_at=made_at,
        title=programme.title,
        today=standing.today(),
        week=standing.week(),
        gaps=standing.gaps(),
        validation=standing.validation(),
        progress=msgspec.structs.replace(progress, series=[_in_zone(one, zone) for one in progress.series]),
        skills=len(programme.skill),
    )


def _in_zone(one: Series, zone: tzinfo) -> Series:
    points = [msgspec.structs.replace(point, at=point.at.astimezone(zone)) for point in one.points]
    return msgspec.structs.replace(one, points=points)
