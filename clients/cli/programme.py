"""``sottovoce programme``: today's practice, the gap table, and whether four weeks changed anything."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from engine.errors import UsageError

from .kept_record import add_record_options, opened

if TYPE_CHECKING:
    from collections.abc import Callable

    from msgspec import Struct

    from engine.programme.records import Plan
    from engine.programme.script import Programme
    from engine.programme.skills import Scored


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "programme",
        help="say what to practise today and why, where the gaps are, and what has changed",
        description="Train like a model: baseline, gaps, 15 minutes a day, and the same takes again after "
        "four weeks. It reads the takes of your record, and writes nothing there.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    today = _action(
        actions,
        "today",
        "say what to practise today, and why",
        "Print a day's practice: what, how long, why.",
    )
    _skips(today)
    today.set_defaults(run=run_today)
    week = _action(actions, "week", "say what to do in this week's hour", "Print a week's longer practice.")
    _skips(week)
    week.set_defaults(run=run_week)
    gaps = _action(
        actions,
        "gaps",
        "print the gap table: skill, baseline, now, target, what would close it",
        "Print the gap table. The letter beside a target says how well founded it is: E experiment or "
        "measurement, P practice and advice, V a vendor's figure.",
    )
    gaps.add_argument("--skill", metavar="NAME", help="show what one skill's figure is made of, take by take")
    gaps.set_defaults(run=run_gaps)
    validation = _action(
        actions,
        "validation",
        "compare the guided takes with those of the beginning",
        "Compare the newest guided takes with those of the beginning, and say whether a difference is more "
        "than your own takes vary.",
    )
    validation.set_defaults(run=run_validation)
    progress = _action(
        actions,
        "progress",
        "print each skill's figures over the weeks",
        "Print each skill's figures over the weeks, and the days of practice.",
    )
    progress.set_defaults(run=run_progress)
    reminders = _action(
        actions,
        "reminders",
        "print reminders as a calendar file",
        "Print a calendar file (.ics) with the daily practice, the weekly hour and the guided takes. It "
        "holds none of your figures.",
        reads=False,
    )
    reminders.add_argument("--at", default="18:00", metavar="HH:MM", help="time of practice (%(default)s)")
    reminders.set_defaults(run=run_reminders)
    check = actions.add_parser(
        "check", help="check a programme of your own", description="Check a programme of your own."
    )
    check.add_argument("file", metavar="FILE", help="a TOML file")
    check.set_defaults(run=run_check)


def _action(actions: Any, name: str, help: str, description: str, *, reads: bool = True) -> Any:
    parser = actions.add_parser(name, help=help, description=description)
    parser.add_argument(
        "--programme",
        default="four-weeks",
        metavar="NAME",
        help="programme to use: a name or a TOML file (%(default)s)",
    )
    parser.add_argument(
        "--day", type=_day, metavar="DATE", help="the day to speak of, as 2026-03-31 (today by default)"
    )
    parser.add_argument(
        "--zone", metavar="ZONE", help="your time zone, such as Europe/Berlin; the system's by default"
    )
    if reads:
        add_record_options(parser, sound=False)
        parser.add_argument(
            "--target",
            action="append",
            default=[],
            metavar="SKILL=FIGURE",
            help="a target of your own for a skill, 0 to 10; may be given more than once",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object, for programs")
    return parser


def _skips(parser: Any) -> None:
    parser.add_argument(
        "--skip",
        action="append",
        default=[],
        metavar="NAME",
        help="leave an exercise out and show another one; may be given more than once",
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text}: a day looks like 2026-03-31") from error


def run_today(args: argparse.Namespace) -> int:
    from engine.programme.plan import plan_day

    return _show_plan(args, plan_day, "Today" if args.day is None else "{day}")


def run_week(args: argparse.Namespace) -> int:
    from engine.programme.plan import plan_week

    return _show_plan(args, plan_week, "Week of {day}")


def _show_plan(args: argparse.Namespace, make: Callable[..., Plan], title: str) -> int:
    from .programme_text import plan_lines

    asked = _Asked(args)
    plan = make(
        asked.programme,
        asked.scored().takes,
        asked.day,
        asked.zone,
        marks=asked.marks(args.skip),
        targets=asked.targets,
        asks=asked.asks,
    )
    return _show(args, plan, plan_lines(plan, title.format(day=plan.day)))


def run_gaps(args: argparse.Namespace) -> int:
    import msgspec

    from engine.programme.gaps import of_scored

    from .programme_text import gap_lines, skill_lines

    asked = _Asked(args)
    table = of_scored(asked.scored(), asked.now, asked.zone, asked.targets)
    if args.skill is None:
        return _show(args, table, gap_lines(table))
    rows = [row for row in table.rows if row.skill == args.skill]
    if not rows:
        names = ", ".join(skill.name for skill in asked.programme.skill)
        raise UsageError(f"--skill {args.skill}: no such skill; skills are {names}")
    return _show(args, msgspec.structs.replace(table, rows=rows), skill_lines(rows[0]))


def run_validation(args: argparse.Namespace) -> int:
    from engine.programme.validation import of_scored

    from .programme_text import validation_lines

    asked = _Asked(args)
    result = of_scored(asked.scored(), asked.now, asked.zone)
    return _show(args, result, validation_lines(result))


def run_progress(args: argparse.Namespace) -> int:
    from engine.programme.progress import series, streak
    from engine.programme.records import Progress

    from .programme_text import progress_lines

    asked = _Asked(args)
    takes = asked.scored().takes
    found = Progress(
        series=series(asked.programme, takes, asked.zone, targets=asked.targets, asks=asked.asks),
        streak=streak(takes, asked.day, asked.zone),
    )
    return _show(args, found, progress_lines(found, asked.programme, asked.zone))


def run_reminders(args: argparse.Namespace) -> int:
    from engine.programme.reminders import reminders
    from engine.shipped.programmes import load

    try:
        at = time.fromisoformat(args.at)
    except ValueError as error:
        raise UsageError(f"--at {args.at}: a time looks like 18:00") from error
    from .zone import zone_of

    now = datetime.now(UTC)
    start = args.day or now.astimezone(zone_of(args.zone)).date()
    text = reminders(load(args.programme), start, at.replace(tzinfo=None), now)
    sys.stdout.write(text)
    return 0


def run_check(args: argparse.Namespace) -> int:
    from pathlib import Path

    from engine.shipped.programmes import load

    programme = load(Path(args.file))
    print(
        f"{args.file} is a valid programme, {programme.name}: {len(programme.task)} guided takes, "
        f"{len(programme.skill)} skills, {len(programme.exercise)} exercises."
    )
    return 0


class _Asked:
    """What the options ask for."""

    def __init__(self, args: argparse.Namespace) -> None:
        from engine.shipped import programmes

        from .zone import zone_of

        self.programme: Programme = programmes.load(args.programme)
        self.asks = programmes.asks()
        self.zone: tzinfo = zone_of(args.zone)
        self.targets = dict(_target(text) for text in args.target)
        now = datetime.now(UTC).astimezone(self.zone)
        self.day: date = args.day or now.date()
        midnight = datetime.combine(self.day + timedelta(days=1), time(), self.zone)
        self.now = now if args.day is None else midnight - timedelta(microseconds=1)
        self._store: str | None = args.store
        self._person: str = args.person

    def scored(self) -> Scored:
        """Return the takes of the record up to the day, with their figures."""
        from engine.programme.skills import Scored

        takes = [take for take in _takes(self._store, self._person) if take.begun_at <= self.now]
        return Scored(self.programme, takes, self.asks)

    def marks(self, skipped: list[str]) -> list[Any]:
        """Return what the person leaves out today.

        Raises
        ------
        UsageError
            There is no such exercise.
        """
        from engine.protocol.practice import PlanMark

        names = [exercise.name for exercise in self.programme.exercise]
        skipped = [name.removeprefix("exercise:") for name in skipped]
        for name in skipped:
            if name not in names:
                raise UsageError(f"--skip {name}: no such exercise; exercises are {', '.join(names)}")
        return [PlanMark(day=self.day, item=f"exercise:{name}", what="swapped") for name in skipped]


def _target(text: str) -> tuple[str, float]:
    skill, _, figure = text.partition("=")
    try:
        return skill.strip(), float(figure)
    except ValueError as error:
        raise UsageError(f"--target {text}: looks like fluency=8") from error


def _takes(store: str | None, person: str) -> list[Any]:
    """Return all takes of the record, without their words; none where there is no record yet."""
    with opened(store) as record:
        return [] if record is None else list(record.all(person, review=False))


def _show(args: argparse.Namespace, result: Struct, lines: list[str]) -> int:
    if args.json:
        import msgspec

        print(msgspec.json.encode(result).decode())
    else:
        print("\n".join(lines))
    return 0
