"""What a report is made of: one struct a kind of report. They travel to the child process as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from engine.programme.ratings import RatingTable
from engine.programme.records import GapTable, Plan, Progress, Validation
from engine.programme.stories import StoryState
from engine.protocol.messages import CueState
from engine.protocol.take import Take

Form = Literal["html", "pdf"]
Paper = Literal["a4", "letter"]

FORMS: tuple[Form, ...] = ("html", "pdf")
PAPERS: tuple[Paper, ...] = ("a4", "letter")

MEDIA_TYPES: dict[Form, str] = {"html": "text/html", "pdf": "application/pdf"}


class Usual(Struct, frozen=True, kw_only=True):
    """What a person's earlier takes of a kind usually have of a measure."""

    median: float
    low: float
    """Lower quartile."""

    high: float
    """Upper quartile."""

    takes: int


class ReportRequest(Struct, frozen=True, kw_only=True, tag_field="report"):
    """What every report has."""

    form: Form = "html"
    paper: Paper = "a4"
    made_at: datetime
    """Wall time with its zone."""


class TakeReport(ReportRequest, frozen=True, kw_only=True, tag="take"):
    """Report of a take."""

    take: Take
    aims: list[CueState] = []
    """Cues of the take's profile with their comfortable ranges; empty where the profile isn't known."""

    usual: dict[str, Usual] = {}
    """By the name of a row of :data:`engine.reports.measures.ROWS`."""


class ProgrammeReport(ReportRequest, frozen=True, kw_only=True, tag="programme"):
    """Report of the programme; times are in the person's zone."""

    title: str
    """Of the programme."""

    today: Plan
    week: Plan
    gaps: GapTable
    validation: Validation
    progress: Progress
    stories: list[StoryState] = []
    ratings: RatingTable | None = None
    """Own ratings, other people's, figures of takes; None where nothing was rated."""


Request = TakeReport | ProgrammeReport
