"""``sottovoce programme``: today's practice, the gap table, and whether four weeks changed anything."""

from __future__ import annotations

import argparse
import math
import sys
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any, Literal

from engine.errors import UsageError

from .dates import day
from .kept_record import add_record_options, opened
from .listed import listed
from .printed import add_file_options
from .programme_asked import Asked, add_programme_option, programme_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from msgspec import Struct


MARKS = ("done", "skipped", "swapped", "none")
"""Those of :mod:`engine.protocol.practice`, too much for help; or none of them."""


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "programme",
        help="say what to practise today and why, where the gaps are, and what has changed",
        description="Train like a model: baseline, gaps, 15 minutes a day, and the same takes again after "
        "four weeks. It reads the takes of your record; there it writes only your marks and targets.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    today = _answer(
        actions,
        "today",
        "say what to practise today, and why",
        "Print a day's practice: what, how long, why.",
    )
    today.set_defaults(run=run_today)
    week = _answer(actions, "week", "say what to do in this week's hour", "Print a week's longer practice.")
    week.set_defaults(run=run_week)
    exercise = _answer(
        actions,
        "exercise",
        "say how an exercise goes, and how it went so far",
        "Print the steps of an exercise, what its score is made of, and the scores so far.",
    )
    exercise.add_argument("name", metavar="NAME", help="name of an exercise, such as pep")
    exercise.set_defaults(run=run_exercise)
    gaps = _answer(
        actions,
        "gaps",
        "print the gap table: skill, baseline, now, target, what would close it",
        "Print the gap table. The letter beside a target says how well founded it is: E experiment or "
        "measurement, P practice and advice, V a vendor's figure.",
    )
    gaps.add_argument("--skill", metavar="NAME", help="show what one skill's figure is made of, take by take")
    gaps.set_defaults(run=run_gaps)
    validation = _answer(
        actions,
        "validation",
        "compare the guided takes with those of the beginning",
        "Compare the newest guided takes with those of the beginning, and say whether a difference is more "
        "than your own takes vary.",
    )
    validation.set_defaults(run=run_validation)
    progress = _answer(
        actions,
        "progress",
        "print each skill's figures over the weeks",
        "Print each skill's figures over the weeks, and the days of practice.",
    )
    progress.set_defaults(run=run_progress)
    report = _action(
        actions,
        "report",
        "write a printable report of the programme",
        "Write a printable report of the programme: today's practice, the gap table with its evidence, the "
        "comparison with the beginning, and a chart of each skill over the weeks.",
    )
    add_file_options(report)
    report.set_defaults(run=run_report)
    mark = _action(
        actions,
        "mark",
        "say that you did, skip or swap an item of a plan",
        "Mark an item of a day's plan: done without a take, skipped (the day is shorter), swapped (another "
        "exercise takes its place), or none of these again.",
    )
    mark.add_argument("item", metavar="ITEM", help="its name, such as exercise:pep; an exercise's is enough")
    mark.add_argument("what", metavar="WHAT", choices=MARKS, help=listed(MARKS))
    mark.set_defaults(run=run_mark)
    target = _action(
        actions,
        "target",
        "set a target of your own for a skill",
        "Set a target of your own for a skill; `none` goes back to the programme's.",
    )
    target.add_argument("skill", metavar="SKILL", help="name of a skill, as the gap table has it")
    target.add_argument("figure", metavar="FIGURE", help="0 to 10, or none")
    target.set_defaults(run=run_target)
    interviews = _answer(
        actions,
        "interviews",
        "say what your takes show for each kind of interview",
        "Print each kind of interview: what the gap table says for its skills, what comes first, and what "
        "you practised for it. It is never a verdict on you.",
    )
    interviews.add_argument("--kind", metavar="NAME", help="one kind of interview only")
    interviews.set_defaults(run=run_interviews)
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
    add_programme_option(parser)
    parser.add_argument(
        "--day", type=day, metavar="DATE", help="the day to speak of, as 2026-03-31 (today by default)"
    )
    parser.add_argument(
        "--zone", metavar="ZONE", help="your time zone, such as Europe/Berlin; the system's by default"
    )
    if reads:
        add_record_options(parser, sound=False)
    return parser


def _answer(actions: Any, name: str, help: str, description: str) -> Any:
    parser = _action(actions, name, help, description)
    parser.add_argument("--json", action="store_true", help="print one JSON object, for programs")
    return parser


def run_today(args: argparse.Namespace) -> int:
    return _show_plan(args, "today", "Today" if args.day is None else "{day}")


def run_week(args: argparse.Namespace) -> int:
    return _show_plan(args, "week", "Week of {day}")


def _show_plan(args: argparse.Namespace, which: Literal["today", "week"], title: str) -> int:
    from .programme_text import plan_lines

    standing = Asked(args).standing()
    plan = standing.today() if which == "today" else standing.week()
    return _show(args, plan, plan_lines(plan, title.format(day=plan.day)))


def run_exercise(args: argparse.Namespace) -> int:
    from .programme_text import exercise_lines

    asked = Asked(args)
    view = asked.standing().exercise(args.name.removeprefix("exercise:"))
    if view is None:
        names = ", ".join(one.name for one in asked.programme.exercise)
        raise UsageError(f"{args.name}: no such exercise; exercises are {names}")
    return _show(args, view, exercise_lines(view, asked.zone))


def run_gaps(args: argparse.Namespace) -> int:
    import msgspec

    from .programme_text import gap_lines, skill_lines

    asked = Asked(args)
    table = asked.standing().gaps()
    if args.skill is None:
        return _show(args, table, gap_lines(table))
    rows = [row for row in table.rows if row.skill == asked.skill(args.skill)]
    return _show(args, msgspec.structs.replace(table, rows=rows), skill_lines(rows[0]))


def run_validation(args: argparse.Namespace) -> int:
    from .programme_text import validation_lines

    result = Asked(args).standing().validation()
    return _show(args, result, validation_lines(result))


def run_progress(args: argparse.Namespace) -> int:
    from .programme_text import progress_lines

    asked = Asked(args)
    found = asked.standing().progress()
    return _show(args, found, progress_lines(found, asked.zone))


def run_report(args: argparse.Namespace) -> int:
    import msgspec

    from engine.protocol.feedback import OwnRating
    from engine.reports.building import programme_report, with_ratings, with_stories
    from engine.store.stories import told

    from .printed import write_reports

    asked = Asked(args)
    programme, made_at = asked.programme, datetime.now(UTC).astimezone(asked.zone)
    report = programme_report(asked.standing(), programme, asked.zone, made_at, form="html", paper=args.paper)
    with opened(args.store) as record:
        if record is not None:
            report = with_stories(report, programme, *told(record, args.person), asked.asks)
            own = record.documents.all(args.person, "rating", OwnRating)
            given = record.feedback.rounds(args.person, made_at).values()
            report = with_ratings(report, programme, own, given)
    return write_reports(args, lambda form: msgspec.structs.replace(report, form=form))


def run_mark(args: argparse.Namespace) -> int:
    from engine.protocol.practice import PlanMark

    asked = Asked(args)
    item = asked.item(args.item)
    id = PlanMark.id_of(asked.day, item)
    with asked.record() as record:
        if args.what == "none":
            record.documents.delete(args.person, "mark", id)
        else:
            mark = PlanMark(day=asked.day, item=item, what=args.what)
            record.documents.put(args.person, "mark", id, mark)
    print(f"{item} on {asked.day}: {'no mark' if args.what == 'none' else args.what}.")
    return 0


def run_target(args: argparse.Namespace) -> int:
    from engine.protocol.practice import OwnTarget

    asked = Asked(args)
    skill = asked.skill(args.skill)
    figure = _figure(args.figure)
    with asked.record() as record:
        if figure is None:
            record.documents.delete(args.person, "target", skill)
        else:
            record.documents.put(args.person, "target", skill, OwnTarget(figure=figure))
    said = "as the programme has it" if figure is None else f"{figure:g}"
    print(f"Target of {skill}: {said}.")
    return 0


def run_interviews(args: argparse.Namespace) -> int:
    from engine.programme.interviews import questions_of, readiness
    from engine.protocol.note import Note
    from engine.protocol.story import Story
    from engine.shipped.programmes import questions

    from .story_text import interview_lines

    asked = Asked(args)
    names = [one.name for one in asked.programme.interview]
    if args.kind not in (None, *names):
        raise UsageError(f"--kind {args.kind}: no such kind of interview; kinds are {', '.join(names)}")
    standing = asked.standing()
    with opened(args.store) as record:
        stories = {} if record is None else record.documents.all(args.person, "story", Story)
        notes = {} if record is None else record.documents.all(args.person, "note", Note)
    bank = questions_of(asked.programme, questions())
    kinds = readiness(asked.programme, standing.gaps(), standing.takes, bank, stories, notes)
    shown = [one for one in kinds if args.kind in (None, one.name)]
    return _show(args, shown, interview_lines(shown))


def run_reminders(args: argparse.Namespace) -> int:
    from engine.programme.reminders import reminders

    from .zone import zone_of

    try:
        at = time.fromisoformat(args.at)
    except ValueError as error:
        raise UsageError(f"--at {args.at}: a time looks like 18:00") from error
    now = datetime.now(UTC)
    start = args.day or now.astimezone(zone_of(args.zone)).date()
    text = reminders(programme_of(args), start, at.replace(tzinfo=None), now)
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


def _figure(text: str) -> float | None:
    if text == "none":
        return None
    try:
        figure = float(text)
    except ValueError:
        figure = math.nan
    if not 0.0 <= figure <= 10.0:
        raise UsageError(f"{text}: a target is a figure from 0 to 10, or none")
    return figure


def _show(args: argparse.Namespace, result: Struct | Sequence[Struct], lines: list[str]) -> int:
    if args.json:
        import msgspec

        print(msgspec.json.encode(result).decode())
    else:
        print("\n".join(lines))
    return 0
