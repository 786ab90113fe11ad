"""What a person says about their programme: what became of an item of a plan, and targets of their own."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

MarkWhat = Literal["done", "skipped", "swapped"]
"""Done without a take, left out, or left out for another one."""


class PlanMark(Struct, frozen=True, kw_only=True):
    """What a person did with an item of a day's plan, beside what their takes show."""

    version: int = 1
    day: date
    item: str
    """``baseline:NAME``, ``validation:NAME`` or ``exercise:NAME``."""

    what: MarkWhat

    @staticmethod
    def id_of(day: date, item: str) -> str:
        """Return the id of the document of a mark: one an item a day, ``2026-12-01:exercise:pep``."""
        return f"{day.isoformat()}:{item}"

    @property
    def id(self) -> str:
        """Id of its document."""
        return self.id_of(self.day, self.item)


class OwnTarget(Struct, frozen=True, kw_only=True):
    """A target of the person's own for a skill; the id of its document is the skill's name."""

    version: int = 1
    figure: Annotated[float, Meta(ge=0.0, le=10.0)]
    """Of the skill, 0..10."""


class WantedAnalogy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person writes down of an analogy of the analogy bank."""

    thing: Annotated[str, Meta(max_length=200)]
    """What it explains."""

    like: Annotated[str, Meta(max_length=1000)]
    """What it is like, in the person's own words."""

    rating: Annotated[int, Meta(ge=1, le=5)] | None = None
    """The person's own: how well it works, 5 best; null where they didn't say."""

    used: Annotated[int, Meta(ge=0, le=100_000)] = 0
    """How often they have used it again."""


class Analogy(WantedAnalogy, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """An analogy as the record has it."""

    version: int = 1
    made_at: datetime
