"""``sottovoce record report``, ``record export --reports`` and ``programme report``: the files they write."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest

from clients.cli.main import main
from engine.store.record import Record
from tests.harness import sample_takes
from tests.programme.people import START, Person, steady


@pytest.fixture
def store(tmp_path: Path) -> str:
    """A record with an answer, a drill, and three guided takes."""
    where = str(tmp_path / "record")
    record = Record.open(where)
    person = Person(1, steady(0.5))
    from engine.shipped import programmes

    takes = person.follow(programmes.load(), 1)
    for take in (*takes, sample_takes.an_answer(), sample_takes.a_drill()):
        record.put("me", take)
    record.close()
    return where


def test_a_take_is_written_in_both_forms(store: str, tmp_path: Path) -> None:
    page, printed = tmp_path / "take.html", tmp_path / "take.pdf"
    argv = ["record", "report", "answer", "--store", store, "--html", str(page), "--pdf", str(printed)]
    assert main([*argv, "--paper", "letter"]) == 0
    assert "night jobs" in page.read_text("utf-8")
    assert "@page { size: Letter; }" in page.read_text("utf-8")
    assert printed.read_bytes().startswith(b"%PDF-")
    assert stat.S_IMODE(printed.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["answer", "--html", "there.html"], "is there already"),
        (["answer", "--html", "no/take.html"], "no such folder"),
        (["nobody", "--html", "new.html"], "there is no take nobody"),
    ],
)
def test_what_can_t_be_written_is_said_first(
    options: list[str],
    said: str,
    store: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there.html").write_text("mine")
    assert main(["record", "report", *options, "--store", store]) == 2
    assert said in capsys.readouterr().err
    assert Path("there.html").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["record", "there.html"]


def test_without_a_file_it_is_asked_for(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["record", "report", "answer", "--store", store])
    assert "--pdf FILE or --html FILE" in capsys.readouterr().err


def test_the_programme_is_written(store: str, tmp_path: Path) -> None:
    page = tmp_path / "programme.html"
    assert main(["programme", "target", "fluency", "9", "--store", store]) == 0
    argv = ["programme", "report", "--store", store, "--html", str(page), "--day", str(START)]
    assert main([*argv, "--zone", "UTC"]) == 0
    text = page.read_text("utf-8")
    assert "Your baseline comes first." in text
    assert "9 <small>own</small>" in text


def test_an_export_has_a_report_beside_each_take_and_can_be_imported(
    store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "all.zip"
    assert main(["record", "export", str(file), "--store", store, "--reports", "html"]) == 0
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        takes = [name[6:-5] for name in names if name.startswith("takes/")]
        assert [name[8:-5] for name in names if name.startswith("reports/")] == takes
        assert b"night jobs" in archive.read("reports/answer.html")
    assert main(["record", "import", str(file), "--store", str(tmp_path / "other")]) == 0
    assert f"{len(takes)} takes imported" in capsys.readouterr().out
