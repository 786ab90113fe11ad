"""Series for charts, the run of days, and reminders as a calendar file."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.programme.gaps import NO_TARGETS
from engine.programme.progress import USUAL_TAKES, of_scored, streak, usual_pitch_hz
from engine.programme.records import Series
from engine.programme.reminders import WIDTH, escaped, folded, reminders
from engine.programme.skills import Scored
from engine.protocol.take import Take
from engine.shipped.programmes import load

from .people import START, Person, at, measures, steady, take

SHIPPED = load()


def series(takes: Sequence[Take], targets: Mapping[str, float] = NO_TARGETS) -> list[Series]:
    return of_scored(Scored(SHIPPED, takes), UTC, targets)


def named(name: str, found: list[Series]) -> Series:
    return next(one for one in found if one.name == name)


def test_a_series_has_points_band_baseline_and_spread() -> None:
    takes = Person(3, steady(0.5)).rota(SHIPPED)
    found = series(takes, {"fluency": 8.0})
    fluency = named("fluency", found)
    assert [point.at for point in fluency.points] == sorted(point.at for point in fluency.points)
    assert (fluency.target_low, fluency.target_high) == (8.0, None)
    assert fluency.baseline is not None
    assert fluency.spread.sd is not None
    pace = named("pace", found)
    assert (pace.target_low, pace.target_high, pace.unit) == (130.0, 170.0, "words/min")
    assert len(pace.points) == len(takes)


def test_a_series_of_too_few_takes_has_no_baseline() -> None:
    one = take("a", at(START), measures=measures(), purpose="baseline:background")
    assert named("fluency", series([one])).baseline is None
    assert len(named("fluency", series([one])).points) == 1
    assert named("composure", series([])).points == []


def test_pitch_is_shown_against_ones_own_usual() -> None:
    hertz = [100.0, 120.0, 110.0, 110.0, 110.0 * 2 ** (1 / 12)]
    takes = [
        take(f"{day}", at(START + timedelta(days=day)), measures=measures(f0_median_hz=value))
        for day, value in enumerate(hertz)
    ]
    found = named("steady_pitch", series(takes))
    assert [point.take for point in found.points] == ["3", "4"]
    assert [point.value for point in found.points] == pytest.approx([0.0, 1.0])
    assert (found.target_low, found.target_high) == (-0.5, 0.5)


def test_the_usual_pitch_of_the_chart_is_that_of_the_exercise() -> None:
    hertz = [100.0] * USUAL_TAKES + [200.0] * USUAL_TAKES + [150.0]
    takes = [
        take(f"{day}", at(START + timedelta(days=day)), measures=measures(f0_median_hz=value))
        for day, value in enumerate(hertz)
    ]
    newest = named("steady_pitch", series(takes)).points[-1].value
    usual_hz = usual_pitch_hz(takes[-2::-1])
    assert usual_hz == 200.0
    assert newest == pytest.approx(12.0 * math.log2(150.0 / usual_hz))


def test_takes_whose_pitch_is_not_known_are_among_the_newest() -> None:
    unknown = [take(f"u{k}", at(START)) for k in range(USUAL_TAKES - 2)]
    known = [take(f"k{k}", at(START), measures=measures()) for k in range(3)]
    assert usual_pitch_hz([*known, *unknown]) == 120.0
    assert usual_pitch_hz([*unknown, *known]) is None


@pytest.mark.parametrize(
    ("days", "today", "run", "going", "week"),
    [
        ([], 0, 0, False, 0),
        ([0], 0, 1, True, 1),
        ([0, 1, 2], 2, 3, True, 3),
        ([0, 3, 6], 6, 3, True, 3),
        ([0, 4], 4, 1, True, 2),
        ([0, 1], 4, 2, True, 2),
        ([0, 1], 5, 2, False, 2),
        ([0, 1, 9], 5, 2, False, 2),
    ],
)
def test_a_run_of_days_survives_days_off(
    days: list[int], today: int, run: int, going: bool, week: int
) -> None:
    takes = [take(str(day), at(START + timedelta(days=day))) for day in days]
    found = streak(takes, START + timedelta(days=today), UTC)
    assert (found.days, found.going, found.this_week) == (run, going, week)


def test_a_run_that_ended_is_said_without_blame() -> None:
    takes = [take("a", at(START))]
    found = streak(takes, START + timedelta(days=20), UTC)
    assert found.sentence == "Your last run had 1 day of practice. One take begins the next."


def unfolded(text: str) -> list[str]:
    return text.replace("\r\n ", "").split("\r\n")


def test_reminders_are_a_calendar_file() -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    text = reminders(SHIPPED, START, time(7, 30), now)
    lines = unfolded(text)
    assert (lines[0], lines[-2], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR", "")
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 5
    assert "DTSTART:20260302T073000" in lines
    assert "DTEND:20260302T074500" in lines
    assert "RRULE:FREQ=DAILY;UNTIL=20260329T235959" in lines
    assert "DTSTART:20260307T073000" in lines  # Saturday
    assert "DTSTART:20260330T073000" in lines  # four weeks on
    assert len({line for line in lines if line.startswith("UID:")}) == 5
    assert lines.count("DTSTAMP:20260301T120000Z") == 5
    assert all(len(line.encode()) <= WIDTH for line in text.split("\r\n"))
    assert text == reminders(SHIPPED, START, time(7, 30), now)


def test_a_look_back_comes_each_month_and_the_retake_each_quarter() -> None:
    now = datetime(2026, 1, 1, 12, tzinfo=UTC)
    lines = unfolded(reminders(SHIPPED, date(2026, 1, 3), time(18), now))  # its four weeks end on the 31st
    monthly = lines.index("RRULE:FREQ=MONTHLY;COUNT=12")
    assert lines[monthly - 2] == "DTSTART:20260228T180000"
    quarterly = lines.index("RRULE:FREQ=WEEKLY;INTERVAL=13;COUNT=4")
    assert lines[quarterly - 2] == "DTSTART:20260502T180000"


@given(st.text("aä€𝄞 ", max_size=200))
@settings(max_examples=50)
def test_lines_are_folded_without_loss(line: str) -> None:
    pieces = list(folded(line))
    assert all(len(piece.encode()) <= WIDTH for piece in pieces)
    assert pieces[0] + "".join(piece[1:] for piece in pieces[1:]) == line


def test_text_is_escaped() -> None:
    assert escaped("a, b; c\\d\ne") == "a\\, b\\; c\\\\d\\ne"
    assert date(2026, 3, 2) == START
