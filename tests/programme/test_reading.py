"""Programmes as TOML: what a mistake is answered with, and that the shipped one is in order."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import ProgrammeError
from engine.programme.reading import keys, parse
from engine.programme.script import Exercise, Part, Programme, Prompt, SkillScript, Step, Task
from engine.shipped import drills
from engine.shipped.programmes import load, shipped

HEAD = 'title = "A"\ndescription = "b"\n'
TASK = '[[task]]\nname = "t"\ntitle = "T"\nsay = "Talk."\nasks = ["s"]\n'
SKILL = '[[skill]]\nname = "s"\ntitle = "S"\n'
PART = '[[skill.part]]\nmeasure = "pace"\nleast = 130\nzero_below = 80\ngrade = "P"\ncloses = "Faster."\n'
EXERCISE = '[[exercise]]\nname = "e"\ntitle = "E"\nhow = "Do."\ntrains = ["s"]\n'
INTERVIEW = '[[interview]]\nname = "i"\ntitle = "I"\nabout = "It."\n[[interview.skill]]\nname = "s"\n'
WHOLE = HEAD + TASK + SKILL + PART + EXERCISE
STEP = '[[exercise.step]]\ntitle = "Talk"\nseconds = 60\n'
STEPPED = WHOLE + STEP
PROMPT = '[[exercise.prompt]]\ntext = "A task."\n'


def refused(text: str) -> str:
    with pytest.raises(ProgrammeError) as caught:
        parse(text, "mine.toml", name="mine", drills=["silence"])
    assert str(caught.value).startswith("mine.toml: ")
    return str(caught.value)


def test_a_small_programme_is_read() -> None:
    programme = parse(WHOLE, "mine.toml", name="mine")
    assert (programme.name, programme.weeks, programme.skill[0].target) == ("mine", 4, 7.0)
    assert programme.skill[0].part[0].least == 130.0


@pytest.mark.parametrize(
    ("text", "key", "allowed"),
    [
        ("title =", "", "not TOML"),
        ("x" * 200_000, "", "131072"),
        (HEAD, "task", "is missing: must be 1 to 60 tables, [[task]]"),
        (WHOLE.replace("description", "descripton"), "descripton", "did you mean 'description'?"),
        ("weeks = 0\n" + WHOLE, "weeks = 0", "a whole number from 1 to 52"),
        ("weeks = 2.5\n" + WHOLE, "weeks = 2.5", "a whole number"),
        ("minutes_a_day = true\n" + WHOLE, "minutes_a_day = True", "a number from 3 to 120"),
        (WHOLE.replace('say = "Talk."', 'say = ""'), "task (t).say", "a text in quotes"),
        (WHOLE.replace('asks = ["s"]', 'asks = ["z"]'), "task (t).asks = 'z'", "must be one of s"),
        (WHOLE.replace('asks = ["s"]', 'asks = "s"'), "task (t).asks", "a list of texts"),
        (WHOLE.replace('asks = ["s"]', 'level = "hard"'), "task (t).level", "`drill`"),
        (WHOLE.replace('asks = ["s"]', 'drill = "silent"'), "task (t).drill", "did you mean 'silence'?"),
        (WHOLE.replace('"pace"', '"pacee"'), "skill (s).part 1.measure = 'pacee'", "did you mean 'pace'?"),
        (WHOLE.replace('"P"', '"A"'), "skill (s).part 1.grade = 'A'", "one of E, P, V"),
        (WHOLE.replace("least = 130\n", ""), "skill (s).part 1.least", "`least`, `most` or both"),
        (WHOLE.replace("zero_below = 80\n", ""), "skill (s).part 1.zero_below", "goes with `least`"),
        (WHOLE.replace("zero_below = 80", "zero_below = 140"), "zero_below = 140", "below `least`, 130"),
        (WHOLE.replace("least = 130", "least = 130\nmost = 100\nzero_above = 150"), "least = 130", "100"),
        (WHOLE + SKILL + PART, "skill.name = 's'", "stands twice"),
        (WHOLE.replace(PART, PART + PART), "part 2.measure", "stands twice in its skill"),
        (WHOLE.replace('trains = ["s"]', "trains = []"), "exercise (e).trains", "must name a skill"),
        (WHOLE + 'rhythm = "often"\n', "exercise (e).rhythm = 'often'", "one of daily, weekly"),
        (WHOLE.replace("[[skill.part]]", "[skill.part]"), "skill (s).part", "tables, [[part]]"),
        (STEPPED.replace("seconds = 60", "seconds = 0"), "exercise (e).step 1.seconds = 0", "from 1 to 900"),
        (STEPPED + 'does = "shout"\n', "exercise (e).step 1.does = 'shout'", "speak, think, listen"),
        (
            STEPPED.replace("seconds = 60", "seconds = 400"),
            "exercise (e).minutes = 5",
            "steps take 400 s, 6.7",
        ),
        (WHOLE + 'drill = "silence"\n' + STEP, "exercise (e).step", "a drill has its own steps"),
        (
            WHOLE + "rounds = 20\n" + 11 * STEP.replace("seconds = 60", "seconds = 1"),
            "exercise (e).step",
            "has 220 steps in all rounds: a run may have 200",
        ),
        (WHOLE + "rounds = 3\n", "exercise (e).rounds = 3", "without `once = true`"),
        (WHOLE + "rounds = 3\n" + STEP + "once = true\n", "exercise (e).rounds = 3", "without `once = true`"),
        (STEPPED + 'prompt = "shown"\n', "exercise (e).prompt", "step 1 uses it"),
        (STEPPED + PROMPT, "exercise (e).prompt", "used by no step"),
        (STEPPED + 'prompt = "said"\n' + PROMPT, "exercise (e).step 1.prompt = 'said'", "while they speak"),
        (
            STEPPED + 'prompt = "said"\ndoes = "listen"\nsay = "So?"\n' + PROMPT,
            "exercise (e).step 1.say",
            "one of them",
        ),
        (STEPPED + 'prompt = "shown"\n' + PROMPT + 'kind = "table"\n', "prompt 1.text", "two lines or more"),
        (
            STEPPED + 'prompt = "shown"\n' + PROMPT + 'kind = "poem"\n',
            "kind = 'poem'",
            "text, table, program",
        ),
        (WHOLE + 'score = "pepp"\n', "exercise (e).score = 'pepp'", "did you mean 'pep'"),
        (WHOLE + 'keeps = "song"\n', "exercise (e).keeps = 'song'", "one of analogy"),
        (WHOLE + INTERVIEW + INTERVIEW, "interview.name = 'i'", "stands twice"),
        (WHOLE + INTERVIEW.replace('"s"', '"z"'), "interview (i).skill.name = 'z'", "must be one of s"),
        (WHOLE + INTERVIEW + '[[interview.skill]]\nname = "s"\n', "interview (i).skill.name", "stands twice"),
        (WHOLE + INTERVIEW + "weight = 0\n", "interview (i).skill (s).weight = 0", "from 0.1 to 10"),
        (
            WHOLE + INTERVIEW.replace("about", 'drills = ["silent"]\nabout'),
            "interview (i).drills = 'silent'",
            "did you mean 'silence'?",
        ),
        ("exercise = 3\n" + HEAD + TASK + SKILL + PART, "exercise = 3", "tables"),
    ],
)
def test_a_mistake_is_refused_with_file_key_and_what_is_allowed(text: str, key: str, allowed: str) -> None:
    message = refused(text)
    assert key in message
    assert allowed in message


def test_the_shipped_programme_is_in_order() -> None:
    assert shipped() == ["four-weeks"]
    programme = load()
    assert [task.name for task in programme.task] == ["background", "project", "interrupted"]
    trained = {skill for exercise in programme.exercise for skill in exercise.trains}
    assert trained == {skill.name for skill in programme.skill}
    assert sum(task.minutes for task in programme.task) <= programme.minutes_a_day
    for exercise in programme.exercise:
        assert exercise.step or exercise.drill or exercise.name == "mock_interview"
        if exercise.drill is not None:
            assert exercise.minutes >= drills.load(exercise.drill).minutes
        limit = programme.minutes_a_day if exercise.rhythm == "daily" else programme.minutes_a_week
        assert exercise.minutes <= limit


def test_every_key_has_a_meaning() -> None:
    for kind in (Programme, Task, SkillScript, Part, Exercise, Step, Prompt):
        for key in keys(kind).values():
            assert len(key.meaning) > 5
            assert key.allowed


def test_a_file_of_ones_own_is_found(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(WHOLE, "utf-8")
    assert load(file).name == "mine"
    with pytest.raises(ProgrammeError, match="no such file, and no shipped programme of that name"):
        load("nothing")
    file.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(ProgrammeError, match="cannot be read as a text file"):
        load(file)
