"""Scripts: what a mistake is answered with, and that every shipped drill is in order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.drills.plan import plan
from engine.drills.script import Drill, Step, When, parse
from engine.drills.script_keys import keys
from engine.errors import DrillError
from engine.protocol.terms import LEVELS, SPOKEN, Role, Skill, Style
from engine.shipped.drills import bank, load, shipped

HEAD = 'title = "A"\ntrains = "b"\nuse_when = "c"\n'
STEP = '\n[[step]]\ndo = "ask"\nwhen = { after_s = 1 }\n'

NAMES = {
    "interruptions", "distractions", "stubborn-teammate", "angry-client", "pressure-cooker", "vague-question",
    "ethics-debate", "thirty-second-rule", "silence", "mixed", "bottom-line", "plain-words",
    "debugging", "meeting",
}  # fmt: skip


def refused(text: str) -> str:
    with pytest.raises(DrillError) as caught:
        parse(text, "mine.toml", name="mine")
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "line", "key", "allowed"),
    [
        (HEAD + '[[step]]\ndo = "bark"\nwhen = { after_s = 1 }', 5, "step.do", 'one of "ask", "barge_in"'),
        (HEAD + STEP + '[[step]]\ndo = "ask"\nwhen = { aftr_s = 1 }', 10, "step.when.aftr_s", "'after_s'"),
        (HEAD + '[[step]]\ndo = "ask"\nwhen = { after_s = [3, 1] }', 6, "step.when.after_s", "[low, high]"),
        (HEAD + '[[step]]\ndo = "ask"\nwhen = { after_s = -1 }', 6, "step.when.after_s", "from 0 to 600"),
        (HEAD + '[[step]]\ndo = "ask"\nwhen = 3', 6, "step.when", "a table of after_s"),
        (HEAD + "[[step]]\nwhen = { after_s = 1 }", 4, "step.do", "is missing"),
        (HEAD + '[[step]]\ndo = "ask"', 4, "step.when", "a table of after_s"),
        (
            HEAD + '[[step]]\ndo = "ask"\nsound = "murmur"\nwhen = { after_s = 1 }',
            6,
            "step.sound",
            "distraction",
        ),
        (HEAD + '[[step]]\ndo = "ask"\ntimes = 1.5\nwhen = { after_s = 1 }', 6, "step.times", "whole number"),
        (HEAD + "minutes = 0\n" + STEP, 4, "minutes", "from 0.2 to 60"),
        (HEAD + "minute = 2\n" + STEP, 4, "minute", "'minutes'"),
        (HEAD + 'order = "random"\n' + STEP, 4, "order", '"written", "drawn", "any"'),
        (HEAD + "adapts = 1\n" + STEP, 4, "adapts", "true or false"),
        (HEAD + 'title = ""\n' + STEP, None, "", "not TOML"),
        ('trains = "b"\nuse_when = "c"\n' + STEP, 1, "title", "is missing"),
        (HEAD, 1, "step", "one or more tables"),
        ("title =", None, "", "not TOML"),
        ('moods = ["bad"]\n' + HEAD + STEP, 1, "moods", "two or more"),
        ('moods = ["bad", "good"]\nmood = "fine"\n' + HEAD + STEP, 2, "mood", '"bad", "good"'),
        (HEAD + STEP + 'mood = ["fine"]\n', 8, "step.mood", "needs `moods`"),
        ('moods = ["bad", "good"]\n' + HEAD + STEP + 'mood = "fine"\n', 9, "step.mood", '"bad", "good"'),
        (HEAD + STEP + "moves = 1\n", 8, "step.moves", "needs `moods`"),
        (HEAD + STEP + 'about = "cost"\n', 8, "step.about", "goes with `heard`"),
        (HEAD + STEP + 'heard = "mention"\n', 5, "step.about", "needs the words"),
        (HEAD + STEP + 'heard = "love"\n', 8, "step.heard", '"acknowledgement"'),
        (HEAD + STEP.replace('"ask"', '"react"'), 5, "step.say", "no lines of its own"),
        (HEAD + STEP + "say = []\n", 8, "step.say", "a list of them"),
        ("x" * 70_000, None, "", "65536"),
    ],
)
def test_a_mistake_is_refused_with_line_key_and_what_is_allowed(
    text: str, line: int | None, key: str, allowed: str
) -> None:
    said = refused(text)
    assert said.startswith("mine.toml" if line is None else f"mine.toml, line {line}: {key}")
    assert allowed in said


def test_every_key_says_what_is_allowed_and_means() -> None:
    for kind in (Drill, Step, When):
        for key in keys(kind).values():
            assert key.allowed
            assert len(key.meaning) > 10


def test_a_number_stands_for_both_bounds_and_defaults_hold() -> None:
    drill = parse(HEAD + STEP, "mine.toml", name="mine")
    assert drill.name == "mine"
    assert drill.step[0].when.after_s == (1.0, 1.0)
    assert (drill.person, drill.nudges, drill.order, drill.levels) == (
        "interviewer",
        "after",
        "written",
        LEVELS,
    )


def test_the_shipped_ones_are_all_there() -> None:
    assert set(shipped()) == NAMES


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_shipped_drill_says_what_it_trains_and_happens_at_every_level(name: str) -> None:
    drill = load(name)
    assert drill.trains.endswith(".")
    assert drill.use_when.endswith(".")
    counts = [len(plan(drill, bank(), level=level).steps) for level in LEVELS]
    assert counts == sorted(counts)
    assert counts[0] >= 2
    for level in LEVELS:
        for step in plan(drill, bank(), level=level, seed=5).steps:
            assert bool(step.lines) == (step.do in SPOKEN)
            assert (step.sound is not None) == (step.do == "distraction")


def test_a_file_of_ones_own_is_found_and_a_missing_one_named(tmp_path: Path) -> None:
    own = tmp_path / "mine.toml"
    own.write_text(HEAD + STEP)
    assert load(own).name == "mine"
    with pytest.raises(
        DrillError, match="no such file, and no shipped drill of that name; shipped are angry-client"
    ):
        load(tmp_path / "other.toml")
    with pytest.raises(DrillError, match="cannot be read as a text file"):
        load(tmp_path)
    own.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DrillError, match="cannot be read as a text file"):
        load(own)


def test_there_are_questions_of_every_style_and_skill() -> None:
    questions = bank().questions
    assert len(questions) >= 25
    assert len({question.text for question in questions}) == len(questions)
    assert {question.style for question in questions} == set(Style.__args__)  # type: ignore[attr-defined]
    assert {skill for question in questions for skill in question.skills} == set(Skill.__args__)  # type: ignore[attr-defined]


def test_every_role_has_lines_for_everything_it_may_do() -> None:
    wanted = (SPOKEN - {"ask", "react"}) | {"insist"}
    for role in Role.__args__:  # type: ignore[attr-defined]
        lines = bank().lines[role]
        assert set(lines) == wanted
        for do, said in lines.items():
            assert len(said) >= 2, (role, do)
            assert all(re.search(r"[.?!]$", line) for line in said), (role, do)
