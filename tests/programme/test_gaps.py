"""The gap table: from enough takes, with the person's own target, ranked, and said how it closes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest

from engine.errors import ProgrammeError
from engine.programme.gaps import gap_table
from engine.programme.phases import Phases
from engine.programme.records import Gap
from engine.programme.script import Programme
from engine.programme.skills import Scored
from engine.programme.spread import FLOOR, LEAST_REPEATS, degrees, of_squares, spread
from engine.protocol.take import Take
from engine.shipped.programmes import load

from .people import START, Person, at, card, measures, steady, take

SHIPPED = load()


@pytest.fixture(scope="module")
def programme() -> Programme:
    return SHIPPED


def speak(name: str, day: int, fillers: float, purpose: str = "", hour: float = 18.0) -> Take:
    voice = measures(fillers_per_min=fillers)
    return take(name, at(START + timedelta(days=day), hour), measures=voice, purpose=purpose)


def row(takes: list[Take], day: int, skill: str = "fluency", **targets: float) -> Gap:
    table = gap_table(SHIPPED, takes, at(START + timedelta(days=day), 20), UTC, targets=targets)
    return next(one for one in table.rows if one.skill == skill)


BASE = [
    speak("a", 0, 12.0, "baseline:background"),
    speak("b", 0, 12.0, "baseline:project", 18.2),
]
"""Two guided takes with a fluency of 5: half of the known weight is lost by fillers."""


def test_nothing_comes_from_fewer_takes_than_needed() -> None:
    one = row(BASE[:1], 0)
    assert (one.baseline, one.now, one.gap, one.priority, one.closes) == (None, None, None, None, "")
    assert one.note.startswith("1 of 2 takes")


def test_a_baseline_alone_has_a_gap_to_the_target() -> None:
    one = row(BASE, 0)
    assert one.baseline == pytest.approx(5.0)
    assert one.now is None
    assert one.gap == pytest.approx(2.0)
    assert one.closes == "Where an “um” would come, breathe in silence."
    assert one.parts[0].measure == "fillers"
    assert one.parts[0].lost == pytest.approx(5.0)
    assert [evidence.take for evidence in one.parts[0].evidence] == ["a", "b"]
    assert one.note == ""


def test_now_is_of_the_newest_takes_of_two_weeks() -> None:
    later = [speak(f"l{day}", day, 3.0) for day in range(10, 16)]
    one = row([*BASE, *later], 16)
    assert one.now_takes == 5
    assert one.now == pytest.approx(10.0)
    assert (one.gap, one.priority, one.closes) == (0.0, None, "Reached: keep it.")
    old = row([*BASE, *later], 60)
    assert old.now is None
    assert old.gap == pytest.approx(2.0)


def test_without_guided_takes_there_is_no_baseline_but_a_now() -> None:
    one = row([speak("a", 1, 7.5), speak("b", 2, 7.5)], 3)
    assert one.baseline is None
    assert one.now == pytest.approx(7.5)
    assert one.note == "No baseline: 0 of 2 guided takes tell it."


def test_a_target_of_ones_own() -> None:
    one = row(BASE, 0, fluency=5.0)
    assert (one.target, one.own_target, one.gap) == (5.0, True, 0.0)
    with pytest.raises(ProgrammeError, match="no such skill; skills are storytelling"):
        row(BASE, 0, fluent=5.0)
    with pytest.raises(ProgrammeError, match="must be from 0 to 10"):
        row(BASE, 0, fluency=11.0)


def test_rows_come_by_priority_and_all_skills_are_there(programme: Programme) -> None:
    takes = Person(2, steady(0.5)).rota(programme)
    table = gap_table(programme, takes, at(START + timedelta(days=31)), UTC)
    assert {one.skill for one in table.rows} == {skill.name for skill in programme.skill}
    ranks = [one.priority for one in table.rows if one.priority is not None]
    assert ranks == list(range(1, len(ranks) + 1))
    gaps = [one.gap for one in table.rows if one.priority is not None]
    assert all(gap is not None and gap > 0.0 for gap in gaps)
    assert gaps == sorted(gaps, key=lambda gap: -(gap or 0.0))


def test_takes_after_the_time_do_not_count() -> None:
    assert row([*BASE, speak("l", 1, 3.0), speak("m", 2, 3.0)], 0) == row(BASE, 0)


def test_days_are_those_of_the_persons_zone(programme: Programme) -> None:
    late = take("a", datetime(2026, 3, 2, 23, 30, tzinfo=UTC), purpose="baseline:background")
    east = timezone(timedelta(hours=2))
    assert Phases(programme, [late], UTC).day(late) == START
    assert Phases(programme, [late], east).day(late) == START + timedelta(days=1)


def spread_of(takes: list[Take]) -> tuple[float | None, int]:
    scored = Scored(SHIPPED, takes)
    found = spread(scored, Phases(SHIPPED, scored.takes, UTC), "fluency")
    return found.sd, found.repeats


def test_the_spread_is_of_like_takes_on_different_days() -> None:
    """Fluency 10 and 7.5 in turn: successive differences of 2.5."""
    takes = [speak(f"{day}", day, 3.0 if day % 2 else 7.5) for day in range(6)]
    sd, repeats = spread_of(takes)
    assert sd == pytest.approx(2.5 / 2**0.5)
    assert repeats == 5
    same_day = [speak(f"{n}", 0, 3.0 + n, hour=10 + n) for n in range(6)]
    assert spread_of(same_day) == (None, 0)


def test_slow_learning_is_not_spread_and_a_step_between_phases_is_none() -> None:
    learning = [speak(f"{day}", day, 12.0 - 0.5 * day) for day in range(18)]
    assert spread_of(learning) == (FLOOR, 17)
    before = [speak(f"b{day}", day, 12.0, "baseline:background") for day in range(4)]
    after = [speak(f"v{day}", day, 3.0, "validation:background") for day in range(28, 32)]
    assert spread_of([*before, *after]) == (FLOOR, 6)


def test_a_spread_of_few_repeats_is_not_told() -> None:
    assert of_squares([4.0] * (LEAST_REPEATS - 1)).sd is None
    assert of_squares([4.0] * LEAST_REPEATS).sd == pytest.approx(2**0.5)
    assert (degrees(0), degrees(1)) == (0.0, 1.0)
    assert degrees(100) == pytest.approx(2 / 3 * 100, rel=0.01)


def sorted_as(takes: list[Take]) -> list[tuple[str, str]]:
    phases = Phases(SHIPPED, takes, UTC)
    return [(phases.phase(one), phases.task(one)) for one in takes]


def test_a_take_that_says_nothing_is_a_guided_take_where_that_is_due() -> None:
    """Its question's words, or its drill and level, on the days on which the guided take is wanted."""
    say = SHIPPED.task[1].say
    asked = [take(f"q{day}", at(START + timedelta(days=day)), question=say) for day in range(5)]
    assert sorted_as(asked) == [("baseline", "project")] * 3 + [("practice", "")] * 2
    twice = [asked[0], take("again", at(START, 19), question=say)]
    assert sorted_as(twice) == [("baseline", "project")] * 2
    run = take("d", at(START), card=card("interruptions", 5.0))
    assert sorted_as([run]) == [("baseline", "interrupted")]
    gentle = msgspec.structs.replace(card("interruptions", 5.0), level="gentle")
    assert sorted_as([take("g", at(START), card=gentle)]) == [("practice", "")]
    stated = take("e", at(START), card=card("interruptions", 5.0), purpose="exercise:interruptions")
    assert sorted_as([stated]) == [("practice", "")]


def test_a_tag_says_what_a_take_was_made_for() -> None:
    tagged = take("a", at(START), tags=["work", "baseline:background"])
    assert sorted_as([tagged]) == [("baseline", "background")]
    assert sorted_as([take("b", at(START), tags=["baseline:other"])]) == [("practice", "")]


def test_after_four_weeks_such_takes_are_the_validation() -> None:
    base = [speak(task.name, 0, 3.0, f"baseline:{task.name}") for task in SHIPPED.task]
    early, late = (
        take(f"q{day}", at(START + timedelta(days=day)), question=SHIPPED.task[0].say) for day in (20, 28)
    )
    found = sorted_as([*base, early, late])
    assert found[3:] == [("practice", ""), ("validation 0", "background")]
