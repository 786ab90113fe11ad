"""A look back: what was noticed in a take recurs, or doesn't, among the takes that could have shown it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.programme.look_back import LEAST_EARLIER, MOST_EARLIER, LookBack, Recurring, look_back
from engine.protocol.take import FoundInWords, Take
from engine.shipped.programmes import load

from .people import START, at, card, measures, take, words

SHIPPED = load()
LAST = 60
"""Day of the take that is looked back at."""


def spoke(day: int, fillers: float | None = 2.0, *work: str, **changed: Any) -> Take:
    found = [FoundInWords(what=what, good=False, confidence=0.9) for what in work]
    made = {"measures": measures(fillers_per_min=fillers), "word_measures": words(), "found": found}
    return take(f"d{day}", at(START + timedelta(days=day)), **(made | changed))


def back(last: Take, *before: Take) -> LookBack:
    return look_back(SHIPPED, last, [*before, last])


def ids(of: Recurring) -> list[str]:
    return [again.take for again in of.takes]


def one(of: LookBack, what: str) -> Recurring:
    return next(found for found in of.noticed if found.what == what)


def test_what_recurs_is_counted_with_its_takes() -> None:
    of = back(spoke(LAST, 12.0), *(spoke(day, 12.0 if day % 2 else 2.0) for day in range(6)))
    fillers = one(of, "fillers")
    assert (fillers.earlier, ids(fillers), fillers.recurs) == (6, ["d5", "d3", "d1"], "usual")
    assert fillers.sentence == "Usual: in 3 of 6 earlier takes, too."
    assert (fillers.value, fillers.target) == ("12 /min", "at most 3 /min")
    assert fillers.closes.startswith("Where an “um” would come")


def test_what_is_new_may_have_been_the_day() -> None:
    fillers = one(back(spoke(LAST, 12.0), *(spoke(day) for day in range(5))), "fillers")
    assert (fillers.recurs, fillers.takes) == ("new", [])
    assert fillers.sentence == "Not so in the 5 takes before: it may have been the day."


def test_now_and_then_is_less_than_half() -> None:
    takes = [spoke(day, 12.0 if day == 0 else 2.0) for day in range(5)]
    assert one(back(spoke(LAST, 12.0), *takes), "fillers").recurs == "sometimes"


@pytest.mark.parametrize(
    ("count", "sentence"),
    [
        (0, "No earlier take tells it: too few to call it a habit (at least 5)."),
        (1, "Only 1 take before: too few to call it a habit (at least 5)."),
        (4, "Only 4 takes before: too few to call it a habit (at least 5)."),
    ],
)
def test_few_takes_are_no_habit(count: int, sentence: str) -> None:
    fillers = one(back(spoke(LAST, 12.0), *(spoke(day, 12.0) for day in range(count))), "fillers")
    assert (fillers.recurs, fillers.sentence) == ("not told", sentence)
    assert len(fillers.takes) == count


def test_takes_that_could_not_show_it_do_not_count() -> None:
    known = [spoke(day, 12.0) for day in range(5)]
    unknown = [spoke(day, None) for day in range(5, 15)]
    silent = [spoke(day, 2.0, "result", word_measures=None) for day in range(15, 18)]
    of = back(spoke(LAST, 12.0, "result"), *known, *unknown, *silent)
    assert one(of, "fillers").earlier == 8
    assert one(of, "result").earlier == 15


def test_findings_in_the_words_recur_too() -> None:
    of = back(spoke(LAST, 2.0, "result"), *(spoke(day, 2.0, "result", "terms") for day in range(6)))
    result = one(of, "result")
    assert (result.title, result.recurs) == ("no result heard", "usual")
    assert [found.what for found in of.noticed] == ["result"]
    unsure = [FoundInWords(what="result", good=False, confidence=0.5, sure=False)]
    assert back(spoke(LAST, 2.0, found=unsure)).noticed == []


def test_later_takes_and_old_ones_do_not_count() -> None:
    later = spoke(LAST + 1, 12.0)
    many = [spoke(day, 12.0) for day in range(MOST_EARLIER + 5)]
    fillers = one(back(spoke(LAST, 12.0), later, *many), "fillers")
    assert fillers.earlier == MOST_EARLIER
    assert ids(fillers)[0] == f"d{MOST_EARLIER + 4}"
    assert later.id not in ids(fillers)


def test_the_most_usual_comes_first() -> None:
    takes = [spoke(day, 12.0 if day == 0 else 2.0, "result") for day in range(6)]
    assert [found.what for found in back(spoke(LAST, 12.0, "result"), *takes).noticed] == [
        "result",
        "fillers",
    ]


def test_a_drill_is_looked_back_at_by_its_composure() -> None:
    drill = take("drill", at(START + timedelta(days=LAST)), card=card("silence", 2.0))
    assert one(back(drill), "composure").closes


def test_what_cannot_be_told_is_said() -> None:
    assert back(spoke(LAST)).note.startswith("Nothing in this take was far from its target.")
    nothing = take("x", at(START))
    assert back(nothing).note == "No figures of this take are kept, so there is nothing to look back at."


@given(st.lists(st.sampled_from([2.0, 12.0, None]), max_size=25))
@settings(max_examples=40)
def test_counts_are_of_known_takes_alone(fillers: list[float | None]) -> None:
    found = one(back(spoke(LAST, 12.0), *(spoke(day, rate) for day, rate in enumerate(fillers))), "fillers")
    newest = fillers[-MOST_EARLIER:]
    assert found.earlier == sum(rate is not None for rate in newest)
    assert len(found.takes) == newest.count(12.0)
    assert (found.recurs == "not told") == (found.earlier < LEAST_EARLIER)
