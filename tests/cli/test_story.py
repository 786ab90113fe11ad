"""Signature stories from the terminal."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clients.cli.main import main
from engine.protocol.story import Story
from engine.shipped.programmes import questions
from engine.store.record import Record
from tests.harness.own_programme import QUESTION, SKILL, own_programme
from tests.harness.sample_takes import an_answer, figures_only

ME = "me"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data" / "sottovoce"


@pytest.fixture
def record(home: Path) -> Iterator[Record]:
    """A record with two answers, as a server has it open."""
    record = Record.open()
    record.put(ME, an_answer())
    record.put(ME, figures_only())
    yield record
    record.close()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*argv: str) -> tuple[int, str, str]:
        code = main(["story", *argv])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def add(run: Run, title: str = "Night jobs", *more: str) -> str:
    code, out, err = run("add", title, "--skill", "collaboration", "--framework", "STAR", *more)
    assert (code, err) == (0, "")
    return out.split()[1].rstrip(".")


def test_a_story_is_added_told_and_shown(record: Record, run: Run) -> None:
    id = add(run, "Night jobs", "--answer", "2", "--outline", "nine a month to one")
    assert id == "night-jobs"
    assert run("link", id, "answer", "figures")[0] == 0
    assert record.take(ME, "answer").story == id
    out = run("show", id)[1]
    for shown in (
        "Shows: Collaboration. Built as: STAR.",
        "answer  2026-03-20",
        "situation yes",
        "result yes",
    ):
        assert shown in out
    assert "nine a month to one" in out
    assert questions()[1].text[:40] in out
    assert "the best" in out
    listed = run("list")[1]
    assert "Night jobs  (night-jobs)" in listed
    assert "2 takes, 1 question" in listed
    (found,) = json.loads(run("list", "--json")[1])
    assert [take["take"] for take in found["takes"]] == ["answer", "figures"]


def test_without_a_record_none_is_made_by_looking(run: Run, home: Path) -> None:
    assert run("list")[1].startswith("No stories yet. Add one: sottovoce story add")
    assert run("list", "--json") == (0, "[]\n", "")
    assert "there is no record yet" in run("remove", "x")[2]
    assert not home.exists()
    assert add(run) == "night-jobs"
    assert home.exists()


def test_a_story_is_changed_and_what_is_not_given_stays(record: Record, run: Run) -> None:
    id = add(run, "Night jobs", "--answer", "1", "--answer", questions()[1].text)
    assert run("change", id, "--framework", "CAR", "--not-answer", "1", "--answer", "3")[0] == 0
    story = record.documents.get(ME, "story", id, Story)
    assert story is not None
    assert (story.title, story.skill, story.framework) == ("Night jobs", "collaboration", "CAR")
    assert story.answers == [questions()[1].text, questions()[2].text]
    assert "sottovoce story link night-jobs answer" in run("change", id, "--best", "answer")[2]
    run("link", id, "answer")
    assert run("change", id, "--best", "answer")[0] == 0
    assert run("unlink", "answer")[0] == 0
    assert record.take(ME, "answer").story is None


def test_questions_are_numbered_and_those_without_a_story_are_told(record: Record, run: Run) -> None:
    add(run, "Night jobs", "--answer", "1")
    out = run("questions")[1]
    assert f"  1  {questions()[0].text[:50]}" in out
    assert "[adaptability] night-jobs" in out
    assert questions()[0].text[:50] not in run("questions", "--open")[1]


def test_titles_make_ids_that_nobody_has(record: Record, run: Run) -> None:
    assert add(run, "Ночь") == "story"
    assert add(run, "Utro: утро!") == "utro"
    assert add(run, "utro") == "utro-2"
    assert "already" in run("add", "utro", "--skill", "growth", "--framework", "growth")[2]


def test_a_story_of_a_programme_of_ones_own_keeps_what_is_not_asked_to_go(
    record: Record, run: Run, tmp_path: Path
) -> None:
    mine = ("--programme", own_programme(tmp_path))
    said = ("--framework", "STAR", "--answer", QUESTION, "--answer", "2")
    assert "no such skill" in run("add", "Faults", "--skill", SKILL, "--framework", "STAR")[2]
    assert run("add", "Faults", "--skill", SKILL, *said, *mine)[0] == 0
    assert "Collaboration, STAR" in run("list", *mine)[1]
    assert QUESTION in run("questions", *mine)[1]
    assert QUESTION not in run("questions")[1]
    assert run("change", "faults", "--outline", "nine a month")[0] == 0
    story = record.documents.get(ME, "story", "faults", Story)
    assert story is not None
    assert (story.skill, story.answers) == (SKILL, [QUESTION, questions()[1].text])
    assert run("change", "faults", "--not-answer", QUESTION)[0] == 0
    story = record.documents.get(ME, "story", "faults", Story)
    assert story is not None
    assert story.answers == [questions()[1].text]


def test_the_title_of_a_deleted_story_gets_none_of_its_takes(record: Record, run: Run) -> None:
    id = add(run)
    run("link", id, "answer")
    assert main(["note", "add", "--went", "well", "--story", id]) == 0
    run("remove", id)
    assert add(run) == "night-jobs-2"
    (found,) = json.loads(run("list", "--json")[1])
    assert found["takes"] == []
    run("unlink", "answer")
    run("remove", "night-jobs-2")
    assert add(run) == "night-jobs-2", "the note still names the first one"


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("show", "none"), "none: no such story; `sottovoce story list` has them"),
        (("change", "none"), "no such story"),
        (("remove", "none"), "no such story"),
        (("link", "none", "answer"), "no such story"),
        (("link", "night-jobs", "none"), "no take none"),
        (("change", "night-jobs", "--skill", "charm"), "no such skill; skills are storytelling with data"),
        (("change", "night-jobs", "--answer", "99"), "numbers them, 1 to 30"),
        (("change", "night-jobs", "--answer", "00000000012345"), "numbers them, 1 to 30"),
        (("change", "night-jobs", "--not-answer", "²"), "numbers them, 1 to 30"),
        (("change", "night-jobs", "--title", "x" * 201), "this story can't be kept"),
    ],
)
def test_what_cannot_be_done_is_said(record: Record, run: Run, argv: tuple[str, ...], said: str) -> None:
    add(run)
    code, out, err = run(*argv)
    assert (code, out) == (2, "")
    assert said in err


def test_a_deleted_story_leaves_its_takes(record: Record, run: Run) -> None:
    id = add(run)
    run("link", id, "answer")
    assert run("remove", id) == (0, "Deleted: night-jobs. Its takes stay.\n", "")
    assert record.take(ME, "answer").id == "answer"
    assert run("list", "--json")[1] == "[]\n"
