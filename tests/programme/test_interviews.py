"""Readiness for kinds of interview: what the gap table says, and what was practised; never a verdict."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

import msgspec
import pytest

from engine.errors import UsageError
from engine.programme.gaps import gap_table
from engine.programme.interviews import Readiness, check_note, questions_of, readiness
from engine.protocol.note import Note
from engine.protocol.story import Story
from engine.protocol.take import Take
from engine.shipped.programmes import asks, load, questions

from .people import START, Person, at, card, steady, take

SHIPPED = load()
QUESTIONS = questions_of(SHIPPED, questions())


def ready(
    takes: list[Take], stories: dict[str, Story] | None = None, notes: dict[str, Note] | None = None
) -> dict[str, Readiness]:
    table = gap_table(SHIPPED, takes, at(START + timedelta(days=30)), UTC, asks=asks())
    found = readiness(SHIPPED, table, takes, QUESTIONS, stories or {}, notes or {})
    return {one.name: one for one in found}


def a_note(day: int, **changed: Any) -> Note:
    usual = {"at": at(START + timedelta(days=day)), "occasion": "interview", "went": "mixed"}
    return msgspec.convert(usual | changed, Note)


def test_the_shipped_kinds_cover_the_bank() -> None:
    assert {one.style for one in questions()} == {one.name for one in SHIPPED.interview}
    for one in ready([]).values():
        assert len(one.questions) >= 5
        assert one.drills
        assert len(one.skills) >= 3


def test_without_takes_nothing_is_told() -> None:
    ethics = ready([])["ethics"]
    assert ethics.sentence == "Too few takes yet to tell any of its skills."
    assert {one.gap for one in ethics.skills} == {None}
    assert all(one.note for one in ethics.skills)


def test_readiness_is_what_the_gap_table_says() -> None:
    takes = Person(3, steady(0.4)).rota(SHIPPED)
    table = gap_table(SHIPPED, takes, at(START + timedelta(days=30)), UTC, asks=asks())
    rows = {row.skill: row for row in table.rows}
    for kind in ready(takes).values():
        for one in kind.skills:
            assert (one.gap, one.target) == (rows[one.skill].gap, rows[one.skill].target)
        order = [-(one.gap or 0.0) * one.weight for one in kind.skills if one.gap is not None]
        assert order == sorted(order)
    ownership = ready(takes)["extreme ownership"]
    first = ownership.skills[0]
    assert first.at is not None
    assert ownership.sentence.endswith(f"First comes {first.title}: {first.at:.1f}, target {first.target:g}.")


def test_skills_at_their_target_are_counted() -> None:
    best = ready(Person(4, steady(1.0), day_noise=0.0, take_noise=0.0).rota(SHIPPED))["extreme ownership"]
    reached = sum(one.gap == 0.0 for one in best.skills)
    assert reached > 0
    assert best.sentence.startswith(f"At their target: {reached} of its 3 skills.")
    assert ("Too little is known" in best.sentence) == any(one.gap is None for one in best.skills)
    assert ("First comes" in best.sentence) == any(one.gap for one in best.skills)


def test_questions_and_drills_are_told_with_their_takes_and_stories() -> None:
    text = questions()[0].text
    answers = [
        take(name, at(START + timedelta(days=day)), question=text) for day, name in enumerate(("a", "b"))
    ]
    drill = take("run", at(START), card=card("vague-question", 6.0))
    story = Story(title="T", skill="growth", framework="STAR", answers=[text], made_at=at(START))
    kind = ready([*answers, drill], {"t": story})["adaptability"]
    assert (kind.questions[0].takes, kind.questions[0].stories) == (["b", "a"], ["t"])
    assert kind.questions[1].takes == []
    assert [(one.drill, one.takes, one.composure) for one in kind.drills] == [
        ("vague-question", ["run"], 6.0),
        ("thirty-second-rule", [], None),
    ]


def test_notes_of_such_an_interview_say_what_to_do_next_time() -> None:
    notes = {
        "first": a_note(1, interview="ethics", next_time="Take a side at once."),
        "second": a_note(2, interview="ethics"),
        "other": a_note(3, interview="adaptability", next_time="Ask first."),
    }
    kind = ready([], notes=notes)["ethics"]
    assert kind.notes == ["second", "first"]
    assert kind.next_time == ["Take a side at once."]


def test_a_programmes_own_questions_follow_those_of_the_bank() -> None:
    texts = [one.text for one in questions_of(SHIPPED, questions())]
    own = [text for one in SHIPPED.interview for text in one.questions]
    assert texts == [*(one.text for one in questions()), *own]
    assert len(own) == 2


def test_a_kind_of_interview_that_stays_may_be_of_another_programme() -> None:
    old = a_note(1, interview="stand-up")
    check_note(a_note(2, interview="stand-up"), SHIPPED, old)
    for before in (None, a_note(1, interview="ethics")):
        with pytest.raises(UsageError, match="no such kind; kinds are adaptability"):
            check_note(old, SHIPPED, before)
