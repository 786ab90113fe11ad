"""The broken programs: each is short and reads as a program, and its fault and its fix are known by words."""

from __future__ import annotations

import ast

import pytest

from engine.drills.plan import plan
from engine.drills.programs import Program
from engine.drills.script import parse
from engine.errors import DrillError
from engine.language.acts import mentions
from engine.language.phrases import plain
from engine.language.transcript import Transcript
from engine.protocol import events as ev
from engine.shipped.drills import bank, load
from engine.shipped.programs import programs
from tests.drills.speaking import card, told
from tests.drills.test_role_plays import at_times, mood

WIDEST = 60
"""Columns that a narrow page shows of a line, with a little to scroll."""


def test_there_are_ten_of_both_fields() -> None:
    assert len(programs()) == 10
    assert {one.field for one in programs()} == {"machine learning", "backend"}
    assert len({one.title for one in programs()}) == 10


@pytest.mark.parametrize("program", programs(), ids=lambda one: one.name)
def test_a_program_is_short_and_its_fault_is_in_a_line_of_it(program: Program) -> None:
    ast.parse(program.code)
    lines = program.code.splitlines()
    assert 5 <= len(lines) <= 18
    assert max(map(len, lines)) <= WIDEST
    assert lines[program.line - 1].strip()
    for text in (program.task, program.fault, program.fix):
        assert text.endswith(".")


@pytest.mark.parametrize("program", programs(), ids=lambda one: one.name)
def test_who_says_the_fault_and_what_mends_it_is_heard(program: Program) -> None:
    def said(text: str) -> list[str]:
        return plain(Transcript.of_text(text).words)

    assert mentions(said(program.fault), program.fault_words)
    assert mentions(said(program.fix), program.fix_words)
    assert not mentions(said(program.task), program.fault_words), "who reads the task aloud has found nothing"


@pytest.mark.parametrize("seed", [1, 4, 9])
def test_the_fault_and_then_what_mends_it_end_the_drill(seed: int) -> None:
    made = plan(load("debugging"), bank(), level="gentle", seed=seed)
    assert made.shown is not None
    (program,) = (one for one in programs() if one.code == made.shown.code)
    good = told(made, at_times(["I begin at the top.", program.fault, program.fix]), until_s=80.0, hears=True)
    assert mood(good).ended == "mended"
    assert [one.heard for one in mood(good).moved] == ["fault", "fix"]
    assert not next(event for event in good if isinstance(event, ev.DrillEnded)).stopped
    bad = told(
        made,
        at_times(["It looks fine to me.", "I would write it in another language."]),
        until_s=30.0,
        hears=True,
    )
    assert mood(bad).ended == "not found"
    assert card(bad).try_next == "Say what the fault is, and in which line."
    assert card(bad).fault == card(good).fault == f"Line {program.line}: {program.fault} {program.fix}"


def test_a_step_can_hear_the_fault_only_of_a_program() -> None:
    step = '[[step]]\ndo = "backchannel"\nheard = "fault"\nwhen = { pause_s = 1 }'
    with pytest.raises(DrillError, match=r"line 6: step\.heard: needs `program = true`"):
        parse(f'title = "A"\ntrains = "b"\nuse_when = "c"\n{step}', "mine.toml", name="mine")


def test_notes_are_shown_beside_a_meeting() -> None:
    shown = plan(load("meeting"), bank()).shown
    assert shown is not None
    assert shown.code is None
    assert shown.lines[0] == "You lead. You have six minutes."
