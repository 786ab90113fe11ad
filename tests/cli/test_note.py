"""Notes after the real thing, and kinds of interview, from the terminal."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from clients.cli.main import main
from engine.protocol.note import Note
from engine.store.record import Record
from tests.harness.own_programme import INTERVIEW, own_programme
from tests.harness.sample_takes import NOW, an_answer, measures

ME = "me"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data" / "sottovoce"


@pytest.fixture
def record(home: Path) -> Iterator[Record]:
    """A record with six answers full of fillers, as a server has it open."""
    record = Record.open()
    for day in range(6):
        hasty = measures(fillers_per_min=14.0)
        record.put(ME, an_answer(id=f"day{day}", begun_at=NOW + timedelta(days=day), measures=hasty))
    yield record
    record.close()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*argv: str) -> tuple[int, str, str]:
        code = main([*argv])
        out, err = capsys.readouterr()
        return code, out, err

    return run


class Typed(io.StringIO):
    """What somebody types at a terminal."""

    def isatty(self) -> bool:
        return True


WRITTEN = ("note", "add", "--went", "badly", "--at", "2026-03-26T10:00:00+00:00", "--take", "day5")


def test_a_note_looks_back_at_its_take(record: Record, run: Run) -> None:
    assert run(*WRITTEN, "--badly", "I lost the thread.", "--next", "Breathe.") == (
        0,
        "Noted: 2026-03-26.\n",
        "",
    )
    out = run("note", "show", "2026-03-26")[1]
    for shown in ("interview, went badly", "Didn't: I lost the thread.", "Next time: Breathe."):
        assert shown in out
    assert "fillers 14 /min, target at most 3 /min. Usual: in 5 of 5 earlier takes, too." in out
    assert "day4, day3, day2, day1, day0" in out


def test_notes_are_listed_changed_and_deleted(record: Record, run: Run) -> None:
    assert run("note", "list")[1].startswith("No notes yet.")
    run(*WRITTEN, "--next", "Breathe.")
    assert run(*WRITTEN)[1] == "Noted: 2026-03-26-2.\n"
    assert run("note", "list")[1].splitlines()[1:] == [
        "2026-03-26  2026-03-26  interview, went badly",
        "    Next time: Breathe.",
    ]
    assert set(json.loads(run("note", "list", "--json")[1])) == {"2026-03-26", "2026-03-26-2"}
    assert run("note", "change", "2026-03-26", "--went", "mixed", "--interview", "ethics")[0] == 0
    note = record.documents.get(ME, "note", "2026-03-26", Note)
    assert note is not None
    assert (note.went, note.interview, note.next_time, note.take) == ("mixed", "ethics", "Breathe.", "day5")
    assert run("note", "remove", "2026-03-26")[0] == 0
    assert "no such note" in run("note", "show", "2026-03-26")[2]


def test_a_note_without_its_take_says_so(record: Record, run: Run) -> None:
    run(*WRITTEN)
    record.delete(ME, "day5")
    out = run("note", "show", "2026-03-26")[1]
    assert "No take is tied to it" in out
    assert "sottovoce note change 2026-03-26 --take TAKE" in out


def test_a_note_is_changed_though_what_it_names_is_deleted(record: Record, run: Run, tmp_path: Path) -> None:
    mine = ("--programme", own_programme(tmp_path))
    assert run("story", "add", "Faults", "--skill", "growth", "--framework", "STAR")[0] == 0
    assert run(*WRITTEN, "--story", "faults", "--question", "Why?", "--interview", INTERVIEW, *mine)[0] == 0
    run("story", "remove", "faults")
    record.delete(ME, "day5")

    def note() -> Note:
        found = record.documents.get(ME, "note", "2026-03-26", Note)
        assert found is not None
        return found

    assert run("note", "change", "2026-03-26", "--next", "Breathe.") == (0, "Changed: 2026-03-26.\n", "")
    assert (note().next_time, note().stories, note().take) == ("Breathe.", ["faults"], "day5")
    assert "no such story" in run("note", "change", "2026-03-26", "--story", "gone")[2]
    assert "no take gone" in run("note", "change", "2026-03-26", "--take", "gone")[2]
    cleared = ("--story", "", "--question", "", "--take", "", "--interview", "")
    assert run("note", "change", "2026-03-26", *cleared)[0] == 0
    assert (note().stories, note().questions, note().take, note().interview) == ([], [], "", "")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("My headline\n", ("My headline", "", "")), ("", ("", "", ""))],
    ids=["after the first answer", "at once"],
)
def test_who_ends_the_questions_keeps_what_was_typed(
    typed: str, kept: tuple[str, ...], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", Typed(typed))
    assert run("note", "add", "--went", "mixed")[0] == 0
    (note,) = json.loads(run("note", "list", "--json")[1]).values()
    assert (note["well"], note["badly"], note["next_time"]) == kept


def test_nothing_is_asked_for_a_note_that_cannot_be_kept(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", typed := Typed("My headline\nThe end\nBreathe\n"))
    code, out, err = run("note", "add", "--went", "mixed", "--story", "none")
    assert (code, out, typed.tell()) == (2, "", 0)
    assert "no such story" in err


@pytest.mark.parametrize("at", ["", "noon", "0001-01-01T00:00", "9999-12-31T23:59", "2026-13-01"])
def test_what_is_no_time_is_said(run: Run, at: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run("note", "add", "--went", "well", "--at", at)
    assert f"argument --at: {at!r}: " in capsys.readouterr().err


def test_on_a_terminal_what_is_not_given_is_asked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Typed("My headline\nThe end\nBreathe first\n"))
    code, out, _ = run("note", "add", "--went", "mixed")
    assert code == 0
    assert "What went well?" in out
    (note,) = json.loads(run("note", "list", "--json")[1]).values()
    assert (note["well"], note["badly"], note["next_time"]) == ("My headline", "The end", "Breathe first")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("--interview", "charm"), "no such kind; kinds are adaptability"),
        (("--take", "none"), "no take none"),
        (("--story", "none"), "no such story; `sottovoce story list` has them"),
        (("--next", "x" * 501), "this note can't be kept"),
        (("--next", "\udcff"), "no text in UTF-8"),
    ],
)
def test_what_cannot_be_noted_is_said(record: Record, run: Run, argv: tuple[str, ...], said: str) -> None:
    code, out, err = run("note", "add", "--went", "well", *argv)
    assert (code, out) == (2, "")
    assert said in err
    assert record.documents.all(ME, "note", Note) == {}


def test_kinds_of_interview_say_what_the_takes_show(record: Record, run: Run) -> None:
    run(*WRITTEN, "--interview", "ethics", "--next", "Take a side.")
    out = run("programme", "interviews", "--kind", "ethics", "--day", "2026-03-26", "--zone", "UTC")[1]
    for shown in (
        "Research ethics  (ethics)",
        "From your notes: Take a side.",
        "never a verdict",
        "ethics-debate (0 runs)",
    ):
        assert shown in out
    kinds = json.loads(run("programme", "interviews", "--json")[1])
    assert len(kinds) == 5
    assert "kinds are adaptability" in run("programme", "interviews", "--kind", "charm")[2]
