"""Today's plan: guided takes when they are due, else exercises by gap, dose and what is due."""

from __future__ import annotations

from datetime import UTC, date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.programme.plan import plan_day, plan_week
from engine.programme.records import LeftOut, Plan
from engine.protocol.practice import PlanMark
from engine.protocol.take import Take
from engine.shipped.programmes import load

from .people import START, Person, at, card, measures, rising, steady, take

SHIPPED = load()


def day(number: int) -> date:
    return START + timedelta(days=number)


def plan(takes: list[Take], number: int, *marks: PlanMark, **targets: float) -> Plan:
    return plan_day(SHIPPED, takes, day(number), UTC, marks=marks, targets=targets)


def names(of: Plan) -> list[str]:
    return [item.name for item in of.items]


def guided(kind: str, *days: int) -> list[Take]:
    person = Person(1, steady(0.5))
    return [
        person.make(f"{kind}{task.name}{number}", at(day(number)), f"{kind}:{task.name}", task.drill, 0.0)
        for number in days
        for task in SHIPPED.task
    ]


BASELINE = guided("baseline", 0, 1, 2)


def test_a_new_person_begins_with_the_baseline() -> None:
    first = plan([], 0)
    assert names(first)[:3] == ["baseline:background", "baseline:project", "baseline:interrupted"]
    assert first.note == "Your baseline comes first."
    assert first.items[2].drill == "interruptions"
    assert first.minutes <= SHIPPED.minutes_a_day


def test_the_guided_takes_are_made_again_on_other_days() -> None:
    again = plan(guided("baseline", 0), 1)
    assert names(again)[:3] == ["baseline:background", "baseline:project", "baseline:interrupted"]
    assert again.items[0].why.startswith("Once more on another day")
    assert again.note == "Your baseline isn't complete yet."
    assert all(item.kind == "exercise" for item in plan(BASELINE, 3).items)


def test_what_the_day_shows_is_done_and_changes_no_plan() -> None:
    before = plan(BASELINE, 3)
    item = before.items[0]
    made = take("now", at(day(3)), purpose=item.name, measures=measures())
    after = plan([*BASELINE, made], 3)
    assert names(after) == names(before)
    assert [one.done for one in after.items] == [True] + [False] * (len(before.items) - 1)
    marked = plan(BASELINE, 3, PlanMark(day=day(3), item=item.name, what="done"))
    assert marked.items[0].done


def test_a_drill_does_its_exercise_but_a_guided_take_does_not() -> None:
    composure = {skill.name: 0.0 for skill in SHIPPED.skill} | {"composure": 10.0}
    drills = {item.drill for item in plan(BASELINE, 3, **composure).items}
    assert "interruptions" in drills
    made = take("now", at(day(3)), card=card("interruptions", 5.0))
    done = {item.drill: item.done for item in plan([*BASELINE, made], 3, **composure).items}
    assert done["interruptions"]


@pytest.mark.parametrize("skill", [skill.name for skill in SHIPPED.skill])
def test_the_largest_gap_is_trained_and_named(skill: str) -> None:
    """With every other target reached, the plan trains the one skill that isn't, if it is measured."""
    takes = Person(7, steady(0.5), day_noise=0.01, take_noise=0.01).rota(SHIPPED, 20)[:40]
    takes = [one for one in takes if not one.purpose.startswith("validation")]
    targets = {one.name: 0.0 for one in SHIPPED.skill} | {skill: 10.0}
    first = plan(takes, 22, **targets).items[0]
    assert skill in first.trains
    title = next(one.title for one in SHIPPED.skill if one.name == skill)
    assert first.why.startswith(f"{title} is your largest gap")
    assert "target 10" in first.why


def test_what_is_swapped_is_replaced() -> None:
    before = plan(BASELINE, 3)
    first = before.items[0]
    after = plan(BASELINE, 3, PlanMark(day=day(3), item=first.name, what="swapped"))
    assert first.name not in names(after)
    assert after.skipped == [LeftOut(name=first.name, title=first.title)]
    assert len(after.items) >= len(before.items) - 1
    assert set(names(after)) - set(names(before))


def test_what_is_skipped_makes_the_day_shorter() -> None:
    before = plan(BASELINE, 3)
    first = before.items[0]
    after = plan(BASELINE, 3, PlanMark(day=day(3), item=first.name, what="skipped"))
    assert first.name not in names(after)
    assert after.skipped == [LeftOut(name=first.name, title=first.title)]
    assert len(after.items) <= len(before.items) - 1
    assert after.minutes <= 15 - first.minutes
    marks = [PlanMark(day=day(0), item=item.name, what="skipped") for item in plan([], 0).items]
    assert plan([], 0, *marks).minutes <= 15 - sum(item.minutes for item in plan([], 0).items)


def test_what_is_skipped_often_comes_less() -> None:
    first = plan(BASELINE, 10).items[0].name
    marks = [PlanMark(day=day(number), item=first, what="skipped") for number in (7, 8, 9)]
    assert plan(BASELINE, 10, *marks).items[0].name != first
    old = [PlanMark(day=day(number) - timedelta(days=30), item=first, what="skipped") for number in (7, 8, 9)]
    assert names(plan(BASELINE, 10, *old)) == names(plan(BASELINE, 10))


def test_what_was_done_yesterday_is_not_due() -> None:
    first = plan(BASELINE, 3).items[0]
    done = PlanMark(day=day(3), item=first.name, what="done")
    assert first.name not in names(plan(BASELINE, 4, done))
    later = [plan(BASELINE, number, done) for number in range(5, 12)]
    again = next(item for one in later for item in one.items if item.name == first.name)
    assert "Last done" in again.why
    assert "once so far" in again.why


def test_after_four_weeks_the_same_takes_come_again() -> None:
    assert not any(item.kind == "validation" for item in plan(BASELINE, 29).items)
    assert plan(BASELINE, 29).note == "The guided takes again in 1 day, on 2026-04-01."
    due = plan(BASELINE, 30)
    assert names(due)[:3] == ["validation:background", "validation:project", "validation:interrupted"]
    assert due.note == "Time to compare: the guided takes again."
    complete = [*BASELINE, *guided("validation", 30, 31, 32)]
    assert not any(item.kind == "validation" for item in plan(complete, 33).items)
    assert any(item.kind == "validation" for item in plan(complete, 32 + 91).items)


def test_a_baseline_left_half_asks_for_no_second_day_months_later() -> None:
    assert all(item.kind == "exercise" for item in plan(guided("baseline", 0), 20).items)
    only = [one for one in guided("baseline", 0) if one.purpose == "baseline:project"]
    assert names(plan(only, 20))[:2] == ["baseline:background", "baseline:interrupted"]


def test_the_weekly_hour() -> None:
    week = plan_week(SHIPPED, BASELINE, day(3), UTC)
    assert week.day == START
    assert week.items
    assert week.minutes <= SHIPPED.minutes_a_week
    assert {item.name for item in week.items} <= {
        f"exercise:{one.name}" for one in SHIPPED.exercise if one.rhythm == "weekly"
    }
    made = take("w", at(day(5)), purpose=week.items[0].name)
    assert plan_week(SHIPPED, [*BASELINE, made], day(6), UTC).items[0].done


@given(st.integers(0, 60), st.integers(0, 3), st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
def test_any_plan_fits_the_day_names_no_item_twice_and_says_why(number: int, days: int, seed: int) -> None:
    takes = Person(seed, steady(0.5)).rota(SHIPPED, 7)[: 9 + days] if days else []
    found = plan(takes, number)
    assert 0.0 < found.minutes <= SHIPPED.minutes_a_day
    assert len(set(names(found))) == len(found.items) > 0
    assert all(item.why and item.how for item in found.items)
    assert found == plan(takes[::-1], number)


def test_a_person_who_follows_the_plan_practises_everything() -> None:
    takes = Person(11, rising(0.3, 0.6)).follow(SHIPPED, 33, misses=0.1)
    done = {one.purpose for one in takes}
    assert {f"validation:{task.name}" for task in SHIPPED.task} <= done
    assert len({name for name in done if name.startswith("exercise:")}) >= 10
