"""The report of the programme as HTML: today, gaps with evidence, the comparison, and charts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs

from engine.programme.records import Point, Series, Spread
from engine.protocol.feedback import OwnRating
from engine.protocol.story import Story
from engine.reports.building import with_ratings, with_stories
from engine.reports.charts import CHART_HEIGHT, CHART_WIDTH, LEFT, TOP, chart, scale, time_line
from engine.reports.html import html
from engine.shipped import programmes

from .reading import Read
from .samples import HOSTILE, an_answer, nudge, of_programme

FIRST = datetime(2026, 3, 2, 18, tzinfo=UTC)


def a_series(*values: float, **changed: object) -> Series:
    series = Series(
        kind="skill",
        name="fluency",
        title="fluency",
        unit="of 10",
        points=[Point(take=str(n), at=FIRST + timedelta(days=n), value=v) for n, v in enumerate(values)],
        target_low=7.0,
        target_high=None,
        baseline=4.0,
        spread=Spread(sd=0.5, degrees=6.0, repeats=6),
    )
    return structs.replace(series, **changed)


def test_four_weeks_are_there_in_order() -> None:
    request = of_programme(35)
    text = Read(html(request)).text
    parts = [
        "Today:",
        "Gap table",
        "Validation",
        request.validation.sentence,
        "Progress",
        "What the figures are",
    ]
    places = [text.find(part) for part in parts]
    assert -1 not in places
    assert places == sorted(places)
    for item in request.today.items:
        assert item.title in text
        assert item.why in text
    for row in request.gaps.rows:
        assert row.title in text
        for part in row.parts:
            assert f"{part.target} {part.grade}" in text
    for one in (request.validation.overall, *request.validation.skills):
        if one.difference is not None:
            assert f"{one.before:.1f} {one.after:.1f}" in text
    assert request.progress.streak.sentence in text


def test_a_beginner_gets_a_report_without_figures() -> None:
    text = Read(html(of_programme(0))).text
    assert "Your baseline comes first." in text
    assert "No take tells a skill yet." in text
    assert "A dot a take" not in text


def test_texts_of_a_programme_stay_texts() -> None:
    request = of_programme(1)
    item = structs.replace(request.today.items[0], title=HOSTILE, how=HOSTILE, why=HOSTILE)
    row = structs.replace(request.gaps.rows[0], title=HOSTILE, closes=HOSTILE, note=HOSTILE)
    page = Read(
        html(
            structs.replace(
                request,
                title=HOSTILE,
                today=structs.replace(request.today, items=[item], note=HOSTILE),
                gaps=structs.replace(request.gaps, rows=[row]),
            )
        )
    )
    assert page.named("script") == page.named("img") == []
    assert page.text.count("<script>alert(1)</script>") >= 7


def test_stories_and_ratings_are_there_where_there_are_any() -> None:
    request, programme = of_programme(1), programmes.load()
    text = Read(html(request)).text
    assert "Signature stories" not in text
    assert "Ratings beside measures" not in text
    story = Story(title=HOSTILE, skill="growth", framework="STAR", answers=["Why?"], made_at=FIRST)
    told = with_stories(request, programme, {"one": story}, [an_answer(story="one")], programmes.asks())
    page = Read(html(with_ratings(told, programme, {"growth": OwnRating(rating=7, at=FIRST)}, [])))
    assert page.named("script") == []
    rows = page.text.partition("Signature stories")[2]
    assert "<script>alert(1)</script>" in rows
    assert "Growth, STAR 1 20 March 2026" in rows
    assert "Growth 7 –" in rows.partition("Ratings beside measures")[2]


def test_a_chart_lies_within_its_axes() -> None:
    drawn = chart(a_series(0.0, 3.0, 5.5, 10.0), 0.0, 10.0)
    xs, ys = zip(*drawn.dots, strict=True)
    assert (min(xs), max(xs)) == (LEFT, LEFT + CHART_WIDTH)
    assert (min(ys), max(ys)) == (TOP, TOP + CHART_HEIGHT)
    assert drawn.band[0] == TOP
    assert drawn.band[1] == pytest.approx(0.3 * CHART_HEIGHT, abs=0.1)
    assert drawn.baseline == pytest.approx(TOP + 0.6 * CHART_HEIGHT, abs=0.1)
    assert drawn.spread is not None
    assert drawn.spread[1] == pytest.approx(0.1 * CHART_HEIGHT, abs=0.1)
    assert [tick.label for tick in drawn.y_ticks] == ["0", "2", "4", "6", "8", "10"]
    assert (drawn.x_ticks[0].label, drawn.x_ticks[-1].label) == ("2 Mar", "5 Mar")
    assert drawn.said == "4 takes, newest 10, baseline 4, target at least 7"


@pytest.mark.parametrize("values", [(0.0, 0.0), (5.0, 5.0), (-2.0, 2.0), (1e-9, 2e-9), (1e6, 2e6)])
def test_any_values_can_be_drawn(values: tuple[float, ...]) -> None:
    no = {"target_low": None, "baseline": None, "spread": Spread(sd=None, degrees=0.0, repeats=0)}
    drawn = chart(a_series(*values, **no))
    assert 2 <= len(drawn.y_ticks) <= 7
    assert all(TOP <= y <= TOP + CHART_HEIGHT for _, y in drawn.dots)
    assert (drawn.baseline, drawn.spread) == (None, None)


def test_takes_of_one_moment_can_be_drawn() -> None:
    one = Point(take="a", at=FIRST, value=3.0)
    drawn = chart(a_series(points=[one, structs.replace(one, take="b")]))
    assert {x for x, _ in drawn.dots} == {LEFT + CHART_WIDTH / 2.0}


def test_nudges_close_together_have_lanes_of_their_own() -> None:
    line = time_line(60.0, [nudge(n, 30.0 + 0.1 * n, "Slow down") for n in range(5)], [])
    assert [(mark.lane, mark.number) for mark in line.marks] == [
        (0, "1"),
        (1, "2"),
        (2, "3"),
        (0, ""),
        (0, ""),
    ]


def test_a_nudge_after_the_end_is_on_the_line() -> None:
    assert time_line(0.0, [nudge(1, 90.0, "Slow down")], []).marks[0].x == 700.0
    assert len(time_line(7200.0, [], []).ticks) <= 12


def test_a_scale_marks_where_a_measure_lies() -> None:
    assert scale(150.0, 130.0, 170.0) == (0.333, 0.667, 0.5)
    assert scale(9.0, None, 3.0) == (0.0, 0.5, 1.0)
    assert scale(0.9, 1.8, None) == (0.5, 1.0, 0.25)
    assert scale(1.0, None, 0.0).at == 1.0
