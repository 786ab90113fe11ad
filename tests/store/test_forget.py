"""What is deleted is gone: from what is read, and from the bytes of the files."""

from __future__ import annotations

import random
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from engine.protocol.kept import Kept
from engine.protocol.take import TakeChange, encode_take
from engine.store.database import FILE, Database
from engine.store.erasing import erase
from engine.store.record import Record
from tests.harness.postgres import PostgresServer
from tests.harness.takes import ALL, NOW, opus, take
from tests.store.conftest import Kind

ME, OTHER = "me", "somebody else"
SECRET = "zanzibar"


class Bytes:
    """Bytes of all files of a record, while it is open: nothing is closed or merged for the test."""

    def __init__(self, folder: Path, where: str, server: PostgresServer | None) -> None:
        self.folder = folder
        self.where = where
        self.server = server

    def with_(self, needle: str | bytes) -> list[str]:
        """Names of the files that hold it."""
        wanted = needle.encode() if isinstance(needle, str) else needle
        found = [
            path.name for path in self.folder.rglob("*") if path.is_file() and wanted in path.read_bytes()
        ]
        return found + (self.server.files_with(wanted, self.where) if self.server else [])


@pytest.fixture
def bytes_(kind: Kind, request: pytest.FixtureRequest, tmp_path: Path, where: str) -> Bytes:
    return Bytes(tmp_path, where, request.getfixturevalue("server") if kind == "postgresql" else None)


def marked(number: int) -> bytes:
    """A sound with bytes in it that are nowhere else."""
    return opus(number) + b"SOUND-OF-%d" % number


def test_the_bytes_of_a_forgotten_person_are_gone_and_others_stay(record: Record, bytes_: Bytes) -> None:
    record.set_kept(ME, ALL, NOW)
    record.set_kept(OTHER, ALL, NOW)
    for number in range(20):
        record.put(ME, take(number, said=[f"{SECRET}{number}"] * 200), marked(number))
        record.change(ME, f"take-{number}", TakeChange(title=f"title of {SECRET}"))
        record.put(OTHER, take(number, said=["elsewhere"] * 50), opus(100 + number))
    assert bytes_.with_(SECRET)
    assert bytes_.with_("SOUND-OF-7")
    record.forget(ME)
    assert record.takes(ME) == []
    assert record.kept(ME) is None
    assert bytes_.with_(SECRET) == []
    assert bytes_.with_("SOUND-OF-") == []
    assert record.kept(OTHER) == ALL
    assert [found.id for found in record.all(OTHER)] == [f"take-{number}" for number in range(20)]
    assert record.sound(OTHER, "take-3") == opus(103)


def test_a_spoken_word_and_sound_are_in_no_file_when_only_figures_may_be_kept(
    record: Record, bytes_: Bytes
) -> None:
    record.put(ME, take(1, kept=Kept(figures=True), said=[SECRET]), marked(1))
    assert bytes_.with_(SECRET) == []
    assert bytes_.with_("SOUND-OF-1") == []
    record.put(ME, take(2, said=[SECRET]), marked(2))
    assert bytes_.with_(SECRET)
    assert bytes_.with_("SOUND-OF-2")


def test_takes_that_are_there_lose_what_may_not_be_kept_any_more(record: Record, bytes_: Bytes) -> None:
    for number in range(5):
        record.put(ME, take(number, said=[SECRET] * 300), marked(number))
    record.put(ME, take(5, kept=Kept(words=True, sound=True), said=[SECRET]), marked(5))
    record.put(OTHER, take(1, said=["elsewhere"]), opus(9))
    record.reduce_all(ME, Kept(figures=True))
    assert [found.id for found in record.all(ME)] == [f"take-{number}" for number in range(5)]
    for found in record.all(ME):
        assert (found.kept, found.review, found.sound) == (Kept(figures=True), None, None)
        assert found.measures is not None
    assert bytes_.with_(SECRET) == []
    assert bytes_.with_("SOUND-OF-") == []
    assert record.take(OTHER, "take-1").review is not None
    assert record.sound(OTHER, "take-1") == opus(9)


def test_allowing_more_adds_nothing_to_takes_that_are_there(record: Record) -> None:
    record.put(ME, take(1, kept=Kept(figures=True)))
    before = encode_take(record.take(ME, "take-1"))
    record.reduce_all(ME, ALL)
    assert encode_take(record.take(ME, "take-1")) == before


def test_pages_that_were_split_and_joined_keep_nothing_of_what_was_deleted(tmp_path: Path) -> None:
    """``secure_delete`` alone leaves what a page held before its rows were moved to another."""
    database = Database.in_folder(tmp_path)
    chance = random.Random(0)
    there: set[int] = set()
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as connection:
        for pragma in ("journal_mode = WAL", "secure_delete = ON", "synchronous = OFF"):
            connection.execute(f"PRAGMA {pragma}").close()
        connection.execute("CREATE TABLE notes (number INTEGER PRIMARY KEY, text TEXT UNIQUE)")
        for number in range(1000):
            text = f"MARK{number:06d}" + "x" * chance.choice([5, 50, 300, 900, 3000, 9000])
            connection.execute("INSERT INTO notes VALUES (?, ?)", (number, text))
            there.add(number)
            if chance.random() < 0.45:
                gone = chance.choice(sorted(there))
                connection.execute("DELETE FROM notes WHERE number = ?", (gone,))
                there.remove(gone)
    erase(database)
    database.close()
    found = re.findall(rb"MARK(\d{6})", (tmp_path / FILE).read_bytes())
    assert {int(number) for number in found} == there
