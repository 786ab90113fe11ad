"""The three columns: own rating, other people's from three on, figures of takes; and where they are apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.programme.ratings import RatingRow, asked_of, compare, others, rated, view_of
from engine.programme.records import Gap, GapTable, Spread
from engine.protocol.feedback import (
    EXPLAINING,
    LEAST_ANSWERS,
    Answer,
    Asked,
    FeedbackRound,
    OwnRating,
    joined,
    pooled,
    tidy,
)
from engine.shipped.programmes import load

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
ASKED = [
    Asked(name=EXPLAINING, title="Explaining", asks="How well?"),
    Asked(name="growth", title="Growth", asks="How well do I learn?"),
]


def round_of(*answers: Answer, links: int = 3, days_ago: int = 0, **fields: object) -> FeedbackRound:
    """A round that is over, with enough answers or too few."""
    given = {
        "asker": "Ada",
        "made_at": NOW - timedelta(days=days_ago),
        "expires_at": NOW + timedelta(days=14 - days_ago),
        "links": links,
        "asked": ASKED,
        "used": [str(n) for n in range(len(answers))] if links else [],
        "over": True,
        "pool": pooled(answers) if links and len(answers) >= LEAST_ANSWERS else None,
        "mailed": [] if links else list(answers),
        **fields,
    }
    return FeedbackRound(**given)  # type: ignore[arg-type]


def answer(explaining: int | None = None, growth: int | None = None, **texts: str) -> Answer:
    given = {EXPLAINING: explaining, "growth": growth}
    return Answer(ratings={name: value for name, value in given.items() if value is not None}, **texts)


def own(**ratings: int) -> dict[str, OwnRating]:
    return {name: OwnRating(rating=rating, at=NOW) for name, rating in ratings.items()}


def gaps(now: float | None, baseline: float | None = None) -> GapTable:
    gap = Gap(
        skill="growth",
        title="Growth",
        baseline=baseline,
        baseline_takes=2,
        baseline_parts=[],
        now=now,
        now_takes=2,
        target=7,
        own_target=False,
        target_grade="P",
        gap=None,
        spread=Spread(sd=None, degrees=0, repeats=0),
        priority=None,
        closes="",
        exercises=[],
        parts=[],
        note="",
    )
    return GapTable(programme="p", at=NOW, rows=[gap])


def growth(rows: list[RatingRow]) -> RatingRow:
    return next(row for row in rows if row.name == "growth")


def test_people_are_asked_what_they_can_tell() -> None:
    asked = asked_of(load())
    assert asked[0].name == EXPLAINING
    names = [one.name for one in asked]
    assert {"storytelling with data", "collaboration", "growth"} < set(names)
    assert {"fluency", "composure"}.isdisjoint(names)  # ears tell these
    assert all(one.asks.endswith("?") for one in asked)


def test_fewer_than_three_ratings_tell_nothing() -> None:
    assert rated([8, 9]).mean is rated([8, 9]).low is rated([8, 9]).high is None
    assert rated([8, 9]).count == 2
    three = rated([4, 8, 9])
    assert (three.count, three.mean, three.low, three.high) == (3, 7.0, 4, 9)


def test_the_three_columns_stay_apart() -> None:
    answers = [answer(7, 5), answer(8, 6), answer(9, 7)]
    table = compare(ASKED, own(explaining=8, growth=9), [round_of(*answers)], gaps(3.0, 4.0))
    first, row = table.rows
    assert table.answers == 3
    assert (first.own, first.others.mean, first.figure, first.figure_from) == (8, 8.0, None, "")
    assert (row.own, row.others.mean, row.others.low, row.others.high) == (9, 6.0, 5, 7)
    assert (row.figure, row.figure_from) == (3.0, "now")


def test_the_figure_of_the_baseline_stands_in_where_there_is_none_of_now() -> None:
    row = growth(compare(ASKED, {}, [], gaps(None, 4.0)).rows)
    assert (row.figure, row.figure_from) == (4.0, "baseline")
    assert growth(compare(ASKED, {}, [], gaps(None)).rows).figure_from == ""
    assert growth(compare(ASKED, {}, []).rows).figure is None


def test_where_columns_disagree_is_said_with_how_much() -> None:
    answers = [answer(growth=5), answer(growth=6), answer(growth=7)]
    found = compare(ASKED, own(growth=9), [round_of(*answers)], gaps(3.0)).disagreements
    assert [(one.between, one.by) for one in found] == [
        (("own", "figure"), 6.0),
        (("own", "others"), 3.0),
        (("figure", "others"), -3.0),
    ]
    assert found[1].sentence == "You rate yourself 9, others 6.0 on average (5 to 7): 3.0 points higher."
    assert found[2].sentence == "Your takes come to 3.0, others 6.0 on average (5 to 7): 3.0 points lower."


def test_a_value_within_what_others_said_is_no_disagreement_with_them() -> None:
    answers = [answer(growth=2), answer(growth=9), answer(growth=10)]
    found = compare(ASKED, own(growth=9), [round_of(*answers)]).disagreements
    assert found == []  # 7.0 on average, but somebody rates it as the person does


def test_rounds_of_the_same_time_count_together_and_older_ones_no_more() -> None:
    low, high = [answer(3)] * 3, [answer(9)] * 3
    assert others([round_of(*low, days_ago=28), round_of(*high)]).ratings == {EXPLAINING: [9, 9, 9]}
    both = others([round_of(*low, days_ago=10), round_of(*high)])
    assert both.ratings == {EXPLAINING: [3, 3, 3, 9, 9, 9]}
    assert others([]).answers == 0


def test_answers_by_mail_count_with_the_others() -> None:
    table = compare(ASKED, {}, [round_of(answer(4), answer(5), answer(6)), round_of(answer(9), links=0)])
    assert table.answers == 4
    assert (table.rows[0].others.mean, table.rows[0].others.high) == (6.0, 9)


@pytest.mark.parametrize("by_links", [1, 2])
def test_ratings_by_mail_that_are_known_never_tell_those_of_too_few_by_links(by_links: int) -> None:
    """With two known values beside it, a mean of three would be the third one."""
    links = [answer(5, 1 if n < by_links else None) for n in range(3)]
    table = compare(ASKED, {}, [round_of(*links), round_of(answer(5, 10), answer(5, 10), links=0)])
    row = growth(table.rows)
    assert (row.others.count, row.others.mean) == (2, None)


def test_a_round_with_too_few_answers_shows_nothing() -> None:
    two = [answer(3, stop="Rushing."), answer(9)]
    shown = view_of("id", round_of(*two), NOW)
    assert (shown.answered, shown.shown, shown.rated, shown.stop) == (2, False, [], [])
    assert others([round_of(*two)]).answers == 0


def test_a_round_that_goes_on_shows_how_many_answered_and_nothing_else() -> None:
    going = round_of(*[answer(3)] * 4, links=5, over=False, pool=None)
    shown = view_of("id", going, NOW)
    assert (shown.state, shown.asked, shown.answered) == ("open", 5, 4)
    assert (shown.can_show, shown.shown, shown.rated) == (True, False, [])
    assert view_of("id", going, NOW + timedelta(days=15)).state == "expired"


def test_a_round_by_mail_has_no_end() -> None:
    shown = view_of("id", round_of(answer(3, stop="Rushing."), links=0), NOW + timedelta(days=100))
    assert (shown.by, shown.state, shown.answered, shown.stop) == ("mail", "open", 1, ["Rushing."])
    assert [one.rated.mean for one in shown.rated] == [None, None]


RATINGS = st.dictionaries(st.sampled_from([EXPLAINING, "growth"]), st.integers(1, 10))
ANSWERS = st.lists(
    st.builds(Answer, ratings=RATINGS, stop=st.text(max_size=8), start=st.text(max_size=8)), max_size=6
)


@given(ANSWERS, st.randoms(use_true_random=False))
def test_a_pool_is_the_same_in_whatever_order_answers_came(answers: list[Answer], random: object) -> None:
    """So it says nothing of who was first, nor what belongs to what."""
    mixed = list(answers)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    swapped = [
        Answer(ratings=a.ratings, stop=b.stop, start=c.start)
        for a, b, c in zip(answers, mixed, reversed(mixed), strict=True)
    ]
    assert pooled(answers) == pooled(mixed) == pooled(swapped)


@given(ANSWERS, ANSWERS)
def test_pools_join_to_the_pool_of_all(some: list[Answer], more: list[Answer]) -> None:
    assert joined([pooled(some), pooled(more)]) == pooled([*some, *more])


@given(st.text())
def test_a_tidy_text_stays_as_it_is(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)
    assert all(c == "\n" or c.isprintable() or c in "\u200c\u200d" for c in tidy(text))


def test_a_text_is_tidied() -> None:
    assert tidy("  Slow\tdown.\r\n\r\n\r\nBreathe\x00!\u202e ") == "Slow down.\nBreathe !"
