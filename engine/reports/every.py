"""Reports of all takes of a person, for an export: one a take, in the order of time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime

from engine.errors import ReportTooLong
from engine.profile import Profile
from engine.protocol.take import Take, TakeKind

from .building import take_report
from .measures import MOST_USUAL
from .process import ReportProcess
from .requests import Form, Paper


class EveryTake:
    """Makes the report of each take that it is called with, the oldest first.

    Parameters
    ----------
    profile : gives a profile by its name; None where it isn't known.
    """

    def __init__(
        self,
        process: ReportProcess,
        profile: Callable[[str], Profile | None],
        made_at: datetime,
        *,
        form: Form,
        paper: Paper,
    ) -> None:
        self._process = process
        self._profile = profile
        self._made_at = made_at
        self._form = form
        self._paper = paper
        self._before: dict[TakeKind, deque[Take]] = {}

    def __call__(self, take: Take) -> tuple[Form, bytes]:
        """Return the report of a take and its form: HTML where the take is too long for another.

        Raises
        ------
        ReportError
            It can't be made here.
        """
        try:
            made = self._form, self._make(take, self._form)
        except ReportTooLong:
            made = "html", self._make(take, "html")
        self._before.setdefault(take.kind, deque(maxlen=MOST_USUAL)).append(take)
        return made

    def _make(self, take: Take, form: Form) -> bytes:
        before = self._before.get(take.kind, ())
        profile = self._profile(take.profile)
        return self._process.make(
            take_report(take, before, profile, self._made_at, form=form, paper=self._paper)
        )
