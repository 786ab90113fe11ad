"""What options ask for of a programme: which one, and of ``sottovoce programme`` the day and the record."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from engine.errors import UsageError

from .kept_record import made, opened

if TYPE_CHECKING:
    from engine.programme.script import Programme
    from engine.programme.standing import Standing
    from engine.store.record import Record

SHIPPED = "four-weeks"
"""The ``DEFAULT`` of :mod:`engine.shipped.programmes`, too much for help."""


def add_programme_option(parser: Any) -> None:
    """Add ``--programme``."""
    parser.add_argument(
        "--programme",
        default=SHIPPED,
        metavar="NAME",
        help="programme to use: a name or a TOML file (%(default)s)",
    )


def programme_of(args: argparse.Namespace) -> Programme:
    """Return the programme that is asked for.

    Raises
    ------
    ProgrammeError
        There is none of that name, or something in it can't be used.
    """
    from engine.shipped.programmes import load

    return load(args.programme)


class Asked:
    """What the options ask for."""

    def __init__(self, args: argparse.Namespace) -> None:
        from engine.shipped import programmes

        from .zone import zone_of

        self.programme: Programme = programme_of(args)
        self.asks = programmes.asks()
        self.zone: tzinfo = zone_of(args.zone)
        now = datetime.now(UTC).astimezone(self.zone)
        self.day: date = args.day or now.date()
        midnight = datetime.combine(self.day + timedelta(days=1), time(), self.zone)
        self.now = now if args.day is None else midnight - timedelta(microseconds=1)
        self._store: str | None = args.store
        self._person: str = args.person

    def standing(self) -> Standing:
        """Return where the person stands on the day, of what the record has; there may be none yet."""
        from engine.programme.skills import Scored
        from engine.programme.standing import Standing
        from engine.protocol.practice import OwnTarget, PlanMark

        takes, marks, targets = [], {}, {}
        with opened(self._store) as record:
            if record is not None:
                takes = list(record.all(self._person, review=False))
                marks = record.documents.all(self._person, "mark", PlanMark)
                targets = record.documents.all(self._person, "target", OwnTarget)
        return Standing(
            Scored(self.programme, takes, self.asks),
            self.now,
            self.zone,
            marks=list(marks.values()),
            targets={skill: target.figure for skill, target in targets.items()},
        )

    @contextmanager
    def record(self) -> Iterator[Record]:
        """Open the record to write, made if there is none."""
        with made(self._store) as record:
            yield record

    def item(self, name: str) -> str:
        """Return the name of an item of a plan; that of an exercise may come alone.

        Raises
        ------
        UsageError
            There is no such item.
        """
        from engine.programme.standing import items_of

        names = list(items_of(self.programme))
        for found in (name, f"exercise:{name}"):
            if found in names:
                return found
        raise UsageError(f"{name}: no plan has such an item; items are {', '.join(names)}")

    def skill(self, name: str) -> str:
        """Return the name of a skill, from its name or its title.

        Raises
        ------
        UsageError
            There is no such skill.
        """
        for skill in self.programme.skill:
            if name.casefold() in (skill.name.casefold(), skill.title.casefold()):
                return skill.name
        names = [skill.name for skill in self.programme.skill]
        raise UsageError(f"{name}: no such skill; skills are {', '.join(names)}")
