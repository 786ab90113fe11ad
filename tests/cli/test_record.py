"""The record from the terminal."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from clients.cli.main import main
from engine.protocol.practice import OwnTarget, PlanMark
from engine.protocol.take import encode_take
from engine.store.key import VARIABLE
from engine.store.record import Record
from tests.harness.takes import opus, take

ME = "me"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data" / "sottovoce"


@pytest.fixture
def record(home: Path) -> Iterator[Record]:
    """A record with three takes, as a server has it open."""
    record = Record.open()
    for number in range(3):
        record.put(ME, take(number), opus(number) if number == 1 else None)
    yield record
    record.close()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*argv: str) -> tuple[int, str, str]:
        code = main(["record", *argv])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_a_list_is_newest_first(record: Record, run: Run) -> None:
    code, out, _ = run("list")
    lines = out.splitlines()
    assert code == 0
    assert [line.split()[0] for line in lines] == ["take-2", "take-1", "take-0"]
    for shown in ("2027-01-04 10:30", "question", "1:00", "figures, words, sound", "headline after 4.0 s"):
        assert shown in lines[1]
    assert len(run("list", "--limit", "2")[1].splitlines()) == 2
    assert len(run("list", "--limit", "9" * 30)[1].splitlines()) == 3


@pytest.mark.parametrize("limit", ["", "0", "-1", "2.5", "²"])
def test_what_is_no_number_of_takes_is_said(run: Run, limit: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run("list", f"--limit={limit}")
    assert f"argument --limit: {limit!r}: must be a whole number, 1 or more" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "why"),
    [
        ("--person=", "must have 1 to 64 letters"),
        ("--person=\udcff", "must have 1 to 64 letters"),
        ("--store=", "needs a name"),
        ("--store=~nobody-here/takes", "no such home folder"),
        ("--record-key=~nobody-here/key", "no such home folder"),
    ],
)
def test_what_cannot_be_a_record_is_said(
    run: Run, option: str, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        run("list", option)
    assert why in capsys.readouterr().err


def test_a_place_that_cannot_be_read_is_said(run: Run) -> None:
    assert "can't be read" in run("list", "--store", "x" * 300)[2]


def test_a_list_in_json_is_one_array(record: Record, run: Run) -> None:
    entries = json.loads(run("list", "--json")[1])
    assert [(entry["id"], entry["sound"]) for entry in entries] == [
        ("take-2", False),
        ("take-1", True),
        ("take-0", False),
    ]


def test_without_a_record_nothing_is_listed_and_none_is_made(run: Run, home: Path) -> None:
    assert run("list") == (0, "No takes are kept.\n", "")
    assert run("list", "--json") == (0, "[]\n", "")
    for action in (["show", "x"], ["export", "x.zip"], ["check"], ["forget", "--yes"], ["backup", "x"]):
        code, _, err = run(*action)
        assert (code, err) == (2, "sottovoce: no takes are kept: there is no record yet\n")
    assert not home.exists()


def test_a_take_is_shown_with_what_is_kept(record: Record, run: Run) -> None:
    code, out, _ = run("show", "take-1")
    assert code == 0
    for shown in (
        "What went wrong?",
        "pace: 141.0",
        "✓ Your pace",
        "word1 word1",
        "Try next: Say the result",
    ):
        assert shown in out
    assert run("show", "take-1", "--json")[1].encode() == encode_take(record.take(ME, "take-1")) + b"\n"
    assert run("show", "take-9")[0] == 2


def test_the_sound_of_a_take_is_written(record: Record, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "a.opus"
    assert run("show", "take-1", "--sound", str(file))[0] == 0
    assert file.read_bytes() == opus(1)
    assert file.stat().st_mode & 0o777 == 0o600
    code, _, err = run("show", "take-1", "--sound", str(file))
    assert (code, err) == (2, f"sottovoce: {file} is there already: give another name\n")
    assert run("show", "take-2", "--sound", str(tmp_path / "b.opus"))[0] == 2
    assert not (tmp_path / "b.opus").exists()


def test_export_forget_import(record: Record, run: Run, tmp_path: Path) -> None:
    file = str(tmp_path / "all.zip")
    before = [encode_take(kept) for kept in record.all(ME)]
    assert run("export", file)[0] == 0
    assert run("forget", "--yes") == (0, "Deleted: 3 takes and all else that is kept.\n", "")
    assert record.takes(ME) == []
    assert run("import", file) == (0, "3 takes imported, 1 of them with sound.\n", "")
    assert [encode_take(kept) for kept in record.all(ME)] == before
    assert run("import", file)[1] == "0 takes imported, 0 of them with sound, 3 were there already.\n"


def test_a_file_that_cannot_be_imported_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("{}", "utf-8")
    assert run("import", str(tmp_path / "none"))[0] == 2
    code, _, err = run("import", str(tmp_path / "x"))
    assert code == 2
    assert "is no take" in err


def test_only_named_takes_are_forgotten(record: Record, run: Run) -> None:
    code, _, err = run("forget", "take-1", "take-9", "--yes")
    assert (code, err) == (2, "sottovoce: there is no take take-9\n")
    assert len(record.takes(ME)) == 3
    assert run("forget", "take-1", "--yes") == (0, "Deleted: 1 take.\n", "")
    assert [entry.id for entry in record.takes(ME)] == ["take-2", "take-0"]


@pytest.mark.parametrize(("answer", "left"), [("yes\n", 0), ("y\n", 3), ("\n", 3)])
def test_a_person_is_asked_before_all_is_forgotten(
    record: Record, run: Run, monkeypatch: pytest.MonkeyPatch, answer: str, left: int
) -> None:
    answers = io.StringIO(answer)
    monkeypatch.setattr(answers, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", answers)
    assert run("forget")[0] == 0
    assert len(record.takes(ME)) == left


def test_nothing_is_forgotten_where_nobody_can_be_asked(
    record: Record, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\n"))
    code, _, err = run("forget")
    assert code == 2
    assert "--yes" in err
    assert len(record.takes(ME)) == 3


def test_the_path_is_said_without_making_a_record(run: Run, home: Path) -> None:
    assert run("path") == (0, f"{home / 'record.db'}\n{home / 'sound'}\n", "")
    assert not home.exists()


def test_a_check_says_what_is_wrong(record: Record, run: Run, home: Path) -> None:
    assert run("check") == (0, "3 takes, 1 with sound. All in order.\n", "")
    next(home.rglob("*.opus")).unlink()
    code, out, _ = run("check")
    assert (code, out.splitlines()[0]) == (2, "The sound of the take take-1 is missing.")


def test_a_backup_is_a_record(record: Record, run: Run, tmp_path: Path) -> None:
    copy = str(tmp_path / "copy")
    assert run("backup", copy) == (0, f"3 takes copied to {copy}.\n", "")
    assert run("list", "--store", copy)[1] == run("list")[1]
    assert run("backup", copy)[0] == 2


def test_takes_of_another_person_and_place(run: Run, tmp_path: Path) -> None:
    record = Record.open(tmp_path / "place")
    record.put("ada", take(5))
    record.close()
    place = ("--store", str(tmp_path / "place"))
    assert run("list", *place)[1] == "No takes are kept.\n"
    assert run("list", *place, "--person", "ada")[1].startswith("take-5 ")
    code, _, err = run("list", "--store", str(tmp_path / "nowhere"))
    assert code == 2
    assert "there is no record in" in err


def test_the_key_is_in_a_file_that_the_environment_names(
    run: Run, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = tmp_path / "key"
    key.write_text(os.urandom(32).hex() + "\n", "utf-8")
    monkeypatch.setenv(VARIABLE, str(key))
    record = Record.open()
    record.put(ME, take(1), opus(1))
    record.close()
    assert b"Opus" not in next(home.rglob("*.opus")).read_bytes()
    assert run("check")[1] == "1 take, 1 with sound. All in order.\n"
    monkeypatch.delenv(VARIABLE)
    code, out, _ = run("check")
    assert code == 2
    assert "give its key" in out
    assert run("check", "--record-key", str(key))[1] == "1 take, 1 with sound. All in order.\n"
    for wrong in (tmp_path / "none", home / "record.db", tmp_path):
        for option in ((), ("--record-key", str(wrong))):
            monkeypatch.setenv(VARIABLE, str(key if option else wrong))
            code, _, err = run("list", *option)
            assert code == 2
            assert str(wrong) in err


def test_another_key_is_refused(run: Run, tmp_path: Path) -> None:
    keys = [tmp_path / "one", tmp_path / "two"]
    for number, key in enumerate(keys):
        key.write_bytes(bytes([number]) * 32)
    record = Record.open(key=keys[0].read_bytes())
    record.put(ME, take(1), opus(1))
    record.close()
    code, _, err = run("show", "take-1", "--sound", str(tmp_path / "x"), "--record-key", str(keys[1]))
    assert code == 2
    assert "encrypted with another key" in err
    assert not (tmp_path / "x").exists()
    sound = ("show", "take-1", "--sound", str(tmp_path / "x"), "--record-key", str(keys[0]))
    assert run(*sound)[0] == 0
    assert (tmp_path / "x").read_bytes() == opus(1)


def test_what_was_exported_and_forgotten_is_the_same_on_another_machine(
    record: Record, run: Run, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = PlanMark(day=date(2026, 12, 1), item="exercise:pep", what="done")
    record.documents.put(ME, "mark", mark.id, mark)
    record.documents.put(ME, "target", "fluency", OwnTarget(figure=8.0))
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    assert run("export", str(first))[0] == 0
    shown = [run("show", f"take-{number}", "--json")[1] for number in range(3)]
    assert run("forget", "--yes")[0] == 0
    assert run("list")[1] == "No takes are kept.\n"
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "another machine"))
    assert run("import", str(first))[0] == 0
    assert [run("show", f"take-{number}", "--json")[1] for number in range(3)] == shown
    assert run("export", str(second))[0] == 0
    before, after = members(first), members(second)
    assert before.keys() == after.keys()
    assert {name for name in before if before[name] != after[name]} <= {"record.json"}, "when it was exported"
    assert len([name for name in before if name.startswith("documents/")]) == 2
    assert not [file for file in home.rglob("*") if file.is_file() and b"take-1" in file.read_bytes()]


def members(file: Path) -> dict[str, bytes]:
    """Files of a ZIP file."""
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
