"""Requests of reports, from takes: what a report says is decided by :mod:`engine.programme`, not here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo

import msgspec

from engine.cues import cue_states
from engine.profile import Profile
from engine.programme.ratings import asked_of, compare
from engine.programme.records import Series
from engine.programme.script import Programme
from engine.programme.skills import Asks
from engine.programme.standing import Standing
from engine.programme.stories import story_state
from engine.protocol.feedback import FeedbackRound, OwnRating
from engine.protocol.story import Story
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
    )


def with_stories(
    report: ProgrammeReport,
    programme: Programme,
    told: Mapping[str, Story],
    takes: Sequence[Take],
    asks: Asks,
) -> ProgrammeReport:
    """Return a report with the person's signature stories, of the takes that tell them."""
    found = [story_state(programme, id, story, takes, asks=asks) for id, story in told.items()]
    return msgspec.structs.replace(report, stories=found)


def with_ratings(
    report: ProgrammeReport,
    programme: Programme,
    own: Mapping[str, OwnRating],
    rounds: Iterable[FeedbackRound],
) -> ProgrammeReport:
    """Return a report with own and other people's ratings beside the figures, where there are any."""
    table = compare(asked_of(programme), own, rounds, report.gaps)
    rated = bool(own) or table.answers > 0
    return msgspec.structs.replace(report, ratings=table if rated else None)


def _in_zone(one: Series, zone: tzinfo) -> Series:
    points = [msgspec.structs.replace(point, at=point.at.astimezone(zone)) for point in one.points]
    return msgspec.structs.replace(one, points=points)
