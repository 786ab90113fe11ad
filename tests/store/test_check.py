"""A record is verified, copied while in use, and its sound is unreadable without its key."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.errors import RecordError
from engine.protocol.take import encode_take
from engine.store.record import Record
from engine.store.schema import takes
from tests.harness.takes import ALL, NOW, opus, take

ME = "me"
KEY = bytes(range(32))


def filled(record: Record) -> Record:
    record.set_kept(ME, ALL, NOW)
    for number in range(6):
        record.put(ME, take(number), opus(number) if number % 2 else None)
    return record


def test_a_record_in_order_has_no_problems(record: Record) -> None:
    assert filled(record).check() == (6, 3, [])


def test_a_check_finds_what_is_wrong(record: Record, tmp_path: Path) -> None:
    filled(record)
    names = {}
    with record._database.writing() as connection:
        for row in connection.execute(sa.select(takes.c.id, takes.c.sound_file)):
            names[row.id] = row.sound_file
        for id, change in (("take-0", {"title": "other"}), ("take-2", {"document": "{"})):
            connection.execute(sa.update(takes).where(takes.c.id == id).values(change))
    folder = next(tmp_path.rglob("*.opus")).parent
    (folder / names["take-1"]).unlink()
    (folder / names["take-3"]).write_bytes(opus(9))
    (folder / "lost.opus").write_bytes(opus(9))
    count, sounds, problems = record.check()
    assert (count, sounds) == (6, 3)
    assert problems == [
        "The take take-0 differs from its columns.",
        "The sound of the take take-1 is missing.",
        "The take take-2 can't be read (DecodeError).",
        "The sound of the take take-3 was changed.",
        "1 sound files have no take; they are removed when the record opens again.",
    ]


def test_a_backup_is_a_record_with_all_of_it(record: Record, tmp_path: Path) -> None:
    filled(record)
    assert record.backup(tmp_path / "copy") == 6
    copy = Record.open(tmp_path / "copy")
    assert copy.check() == (6, 3, [])
    assert list(map(encode_take, copy.all(ME))) == list(map(encode_take, record.all(ME)))
    assert copy.sound(ME, "take-5") == opus(5)
    assert copy.kept(ME) == ALL
    copy.close()


def test_a_backup_is_whole_while_takes_are_written_and_deleted(record: Record, tmp_path: Path) -> None:
    filled(record)
    stop = threading.Event()

    def work() -> None:
        number = 10
        while not stop.is_set():
            record.put(ME, take(number), opus(number))
            record.delete(ME, f"take-{number}") if number % 3 else None
            number += 1

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for number in range(3):
            record.backup(tmp_path / f"copy-{number}")
    finally:
        stop.set()
        thread.join()
    for number in range(3):
        copy = Record.open(tmp_path / f"copy-{number}")
        assert copy.check().problems == []
        assert {f"take-{number}" for number in range(6)} <= {entry.id for entry in copy.takes(ME)}
        copy.close()


def test_a_backup_overwrites_nothing(record: Record, tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "mine.txt").write_text("mine", "utf-8")
    with pytest.raises(RecordError, match="has something in it"):
        record.backup(tmp_path / "copy")
    assert (tmp_path / "copy" / "mine.txt").read_text("utf-8") == "mine"


def test_an_encrypted_sound_is_in_no_file(tmp_path: Path) -> None:
    record = Record.open(tmp_path, key=KEY)
    filled(record)
    for path in tmp_path.rglob("*.opus"):
        assert b"Opus" not in path.read_bytes()
        assert not any(opus(number)[200:260] in path.read_bytes() for number in range(6))
    assert record.sound(ME, "take-1") == opus(1)
    assert record.check() == (6, 3, [])
    record.backup(tmp_path / "copy")
    record.close()
    copy = Record.open(tmp_path / "copy", key=KEY)
    assert copy.sound(ME, "take-1") == opus(1)
    copy.close()


def test_an_encrypted_sound_needs_its_key(tmp_path: Path) -> None:
    record = Record.open(tmp_path, key=KEY)
    filled(record)
    record.close()
    other = Record.open(tmp_path)
    assert other.needs_key
    with pytest.raises(RecordError, match="give its key"):
        other.sound(ME, "take-1")
    assert other.take(ME, "take-1").review is not None
    assert len(other.check().problems) == 3
    with pytest.raises(RecordError, match="give its key"):
        other.put(ME, take(7), opus(7))
    other.put(ME, take(8))
    assert len(other.takes(ME)) == 7
    other.close()


def test_another_key_than_that_of_the_sound_is_refused(tmp_path: Path) -> None:
    record = Record.open(tmp_path, key=KEY)
    filled(record)
    record.close()
    with pytest.raises(RecordError, match="another key"):
        Record.open(tmp_path, key=bytes(32))
    damaged = next(tmp_path.rglob("*.opus"))
    damaged.write_bytes(damaged.read_bytes()[:-1])
    record = Record.open(tmp_path, key=KEY)
    assert not record.needs_key
    assert len(record.check().problems) == 1
    record.close()


def test_an_encrypted_sound_cannot_be_changed_or_swapped(tmp_path: Path) -> None:
    record = Record.open(tmp_path, key=KEY)
    filled(record)
    first, second, _ = sorted(tmp_path.rglob("*.opus"))
    data = bytearray(first.read_bytes())
    first.write_bytes(second.read_bytes())
    data[-1] ^= 1
    second.write_bytes(data)
    assert sum("changed" in problem for problem in record.check().problems) == 2
    record.close()


def test_sounds_from_before_there_was_a_key_are_read_with_it(tmp_path: Path) -> None:
    record = Record.open(tmp_path)
    record.put(ME, take(1), opus(1))
    record.close()
    record = Record.open(tmp_path, key=KEY)
    record.put(ME, take(2), opus(2))
    assert record.sound(ME, "take-1") == opus(1)
    assert record.sound(ME, "take-2") == opus(2)
    record.close()


def test_a_key_of_a_wrong_length_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="32 bytes, this one has 5"):
        Record.open(tmp_path, key=b"short")


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    record = Record.open(folder)
    filled(record)
    modes = {path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_file()}
    assert modes == {0o600}
    assert {folder.stat().st_mode & 0o777, (folder / "sound").stat().st_mode & 0o777} == {0o700}
    record.close()
