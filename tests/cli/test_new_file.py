"""Files that a command writes: whole or not at all, and nobody else's in their way."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from clients.cli.new_file import new_file
from engine.errors import UsageError


def there(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_it_is_its_owners_and_nothing_else_is_touched(tmp_path: Path) -> None:
    (tmp_path / "takes.zip.part").write_bytes(b"a download that goes on")
    with new_file(str(tmp_path / "takes.zip")) as file:
        file.write(b"takes")
    assert there(tmp_path) == {"takes.zip": b"takes", "takes.zip.part": b"a download that goes on"}
    assert stat.S_IMODE((tmp_path / "takes.zip").stat().st_mode) == 0o600


def test_one_that_is_there_stays_with_what_lies_beside_it(tmp_path: Path) -> None:
    before = {"takes.zip": b"mine", "takes.zip.part": b"mine, too"}
    for name, held in before.items():
        (tmp_path / name).write_bytes(held)
    with pytest.raises(UsageError, match="is there already"), new_file(str(tmp_path / "takes.zip")):
        raise AssertionError("it is refused before anything is written")
    assert there(tmp_path) == before


def test_one_that_comes_meanwhile_stays(tmp_path: Path) -> None:
    def write() -> None:
        with new_file(str(tmp_path / "takes.zip")) as file:
            file.write(b"takes")
            (tmp_path / "takes.zip").write_bytes(b"another's")

    with pytest.raises(UsageError, match="is there already"):
        write()
    assert there(tmp_path) == {"takes.zip": b"another's"}


def test_half_a_file_is_not_left(tmp_path: Path) -> None:
    def write() -> None:
        with new_file(str(tmp_path / "takes.zip")) as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write()
    assert there(tmp_path) == {}


@pytest.mark.parametrize(
    ("name", "why"), [("", "needs a name"), ("none/x", "no such folder"), ("x" * 300, "too long")]
)
def test_a_name_that_cannot_be_is_said(
    name: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=f"(?i){why}"), new_file(name):
        raise AssertionError("it is refused before anything is written")
    assert there(tmp_path) == {}
