"""Full disk, locked or broken file, a database that is away: said in a sentence, nothing finished is lost."""

from __future__ import annotations

import errno
import multiprocessing
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec
import pytest

from engine.errors import RecordError, RecordUnavailable
from engine.protocol.take import encode_take
from engine.store import database
from engine.store.database import FILE
from engine.store.record import Record
from engine.store.sounds import Sounds
from engine.store.writer import RecordWriter
from tests.harness.postgres import PostgresServer
from tests.harness.takes import opus, take

ME = "me"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for a lock as long as people would."""
    monkeypatch.setattr(database, "BUSY_S", 0.02)


@pytest.fixture
def small(tmp_path: Path, quick: None) -> Iterator[Record]:
    """A record in an SQLite file."""
    record = Record.open(tmp_path)
    yield record
    record.close()


@contextmanager
def writer_of(record: Record) -> Iterator[RecordWriter]:
    writer = RecordWriter(record, first_retry_s=0.01)
    yield writer
    assert writer.close()


def until_problem(writer: RecordWriter) -> str:
    """The problem, once there is one; the test's own time limit ends the wait."""
    while writer.problem is None:
        writer.wait(0.01)
    return writer.problem


def test_a_writer_writes_all_in_order(small: Record) -> None:
    with writer_of(small) as writer:
        assert all(writer.put(ME, take(number % 5), opus(number)) for number in range(20))
        assert writer.wait(60)
        assert (writer.problem, writer.waiting) == (None, 0)
    assert len(small.takes(ME)) == 5
    assert small.sound(ME, "take-3") == opus(18)


def test_takes_wait_while_the_file_is_locked(small: Record, tmp_path: Path) -> None:
    with writer_of(small) as writer, closing(sqlite3.connect(tmp_path / FILE)) as other:
        other.execute("BEGIN IMMEDIATE")
        writer.put(ME, take(1), opus(1))
        writer.put(ME, take(2), opus(2))
        assert "in use by another program" in until_problem(writer)
        assert writer.waiting == 2
        assert small.takes(ME) == []
        other.rollback()
        assert writer.wait(60)
        assert writer.problem is None
    assert encode_take(small.take(ME, "take-2")).startswith(encode_take(take(2))[:200])
    assert small.sound(ME, "take-1") == opus(1)


def test_takes_wait_while_the_disk_of_the_database_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Record.open(tmp_path).close()
    usual = database._PRAGMAS
    monkeypatch.setattr(database, "_PRAGMAS", (*usual, "PRAGMA max_page_count = 20"))
    record = Record.open(tmp_path)
    with writer_of(record) as writer:
        writer.put(ME, take(1, said=["word"] * 3000), opus(1))
        assert "no room left" in until_problem(writer)
        assert record.takes(ME) == []
        monkeypatch.setattr(database, "_PRAGMAS", usual)
        record._database.engine.dispose()
        assert writer.wait(60)
        assert writer.problem is None
    assert [entry.id for entry in record.takes(ME)] == ["take-1"]
    assert len(list(tmp_path.rglob("*.opus"))) == 1
    record.close()


def test_takes_wait_while_the_disk_of_the_sound_is_full(
    small: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with writer_of(small) as writer:
        monkeypatch.setattr(os, "fsync", full)
        writer.put(ME, take(1), opus(1))
        assert "no room left" in until_problem(writer)
        assert small.takes(ME) == []
        assert list(tmp_path.rglob("*.opus*")) == []
        monkeypatch.undo()
        assert writer.wait(60)
    assert small.sound(ME, "take-1") == opus(1)


def test_a_take_that_can_never_be_written_holds_up_no_other(small: Record) -> None:
    with writer_of(small) as writer:
        writer.put(ME, take(1), b"not a sound")
        assert "not kept: the sound of a take must be an Ogg Opus file" in until_problem(writer)
        writer.put(ME, take(2))
        assert writer.wait(60)
    assert [entry.id for entry in small.takes(ME)] == ["take-2"]


def test_what_fails_in_the_program_is_said_without_what_was_said(
    small: Record, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fault(*_: object) -> None:
        raise ValueError("zanzibar")

    monkeypatch.setattr(small, "_write", fault)
    with writer_of(small) as writer:
        writer.put(ME, take(1, said=["zanzibar"]))
        assert writer.wait(60)
        assert writer.problem == "A take was not kept: the record failed."
    assert "ValueError" in caplog.text
    assert "zanzibar" not in caplog.text


def test_the_queue_is_bounded(small: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.store.writer.MAX_WAITING", 3)
    monkeypatch.setattr("engine.store.writer.MAX_WAITING_BYTES", 5000)
    with writer_of(small) as writer, closing(sqlite3.connect(tmp_path / FILE)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert [writer.put(ME, take(number), opus(number)) for number in range(5)] == [True] * 3 + [False] * 2
        assert "too many wait" in until_problem(writer)
        other.rollback()
        assert writer.wait(60)
    assert [entry.sound for entry in small.takes(ME)] == [False, True, True]


def test_of_a_take_that_grows_only_the_newest_state_waits(small: Record, tmp_path: Path) -> None:
    with writer_of(small) as writer, closing(sqlite3.connect(tmp_path / FILE)) as other:
        other.execute("BEGIN IMMEDIATE")
        writer.put(ME, take(0))
        until_problem(writer)
        for seconds in range(1, 300):
            assert writer.put(ME, msgspec.structs.replace(take(1), duration_s=float(seconds)))
        assert writer.put(ME, msgspec.structs.replace(take(1), duration_s=300.0), opus(1))
        assert writer.waiting <= 3
        other.rollback()
        assert writer.wait(60)
    assert small.take(ME, "take-1").duration_s == 300.0
    assert small.sound(ME, "take-1") == opus(1)
    assert len(small.takes(ME)) == 2


def test_a_closed_writer_takes_nothing(small: Record) -> None:
    writer = RecordWriter(small)
    assert writer.close()
    assert not writer.put(ME, take(1))


def test_a_file_that_is_no_record_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"nothing of the kind" * 400)
    with pytest.raises(RecordError, match=r"no record\..*backup"):
        Record.open(tmp_path)


def test_a_damaged_file_is_said_and_a_whole_one_in_its_place_serves(small: Record, tmp_path: Path) -> None:
    for number in range(10):
        small.put(ME, take(number, said=["word"] * 300))
    small.close()
    whole = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(whole[:4096] + os.urandom(len(whole) - 4096))
    with pytest.raises(RecordError, match="damaged"):
        small.put(ME, take(11), opus(11))
    small.close()
    assert list(tmp_path.rglob("*.opus")) == []
    for path in tmp_path.glob(f"{FILE}*"):
        path.unlink()
    with pytest.raises(RecordError, match="damaged"):
        small.put(ME, take(11))
    small.close()
    for path in tmp_path.glob(f"{FILE}*"):
        path.unlink()
    (tmp_path / FILE).write_bytes(whole)
    small.put(ME, take(11))
    assert len(small.takes(ME)) == 11


def test_takes_wait_for_a_record_that_is_damaged(small: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(*_: object) -> None:
        raise RecordError("The record is damaged.")

    monkeypatch.setattr(small, "_write", damaged)
    with writer_of(small) as writer:
        writer.put(ME, take(1))
        assert until_problem(writer) == "The record is damaged. Takes stay in memory until it works again."
        monkeypatch.undo()
        assert writer.wait(60)
    assert len(small.takes(ME)) == 1


def _write_where_one_may_not(folder: str, answers: multiprocessing.SimpleQueue[str]) -> None:
    """Write to a record in a folder that is read-only; root may write everywhere, so be somebody else."""
    Record.open(folder).close()
    for path in (*Path(folder).rglob("*"), Path(folder)):
        path.chmod(0o555 if path.is_dir() else 0o444)
    if os.getuid() == 0:
        os.setuid(65534)
    try:
        Record.open(folder).put(ME, take(1))
    except RecordUnavailable as error:
        answers.put(str(error))
    else:
        answers.put("it was written")


def test_a_read_only_folder_is_said() -> None:
    folder = tempfile.mkdtemp()
    context = multiprocessing.get_context("forkserver")
    answers: multiprocessing.SimpleQueue[str] = context.SimpleQueue()
    process = context.Process(target=_write_where_one_may_not, args=(folder, answers))
    process.start()
    assert "can't be written. Allow it" in answers.get()
    process.join()
    for path in (Path(folder), *Path(folder).rglob("*")):
        path.chmod(0o755)
    shutil.rmtree(folder)


def test_two_records_of_one_file_write_in_turn(small: Record, tmp_path: Path) -> None:
    other = Record.open(tmp_path)
    for number in range(5):
        small.put(ME, take(number))
        other.put(ME, take(10 + number), opus(number))
    assert len(small.takes(ME)) == len(other.takes(ME)) == 10
    other.close()


def test_a_sound_that_is_being_written_is_not_swept_away(small: Record, tmp_path: Path) -> None:
    sounds = Sounds(tmp_path / "sound")
    with sounds.writing():
        name = sounds.write(opus(1))
        Record.open(tmp_path).close()
        assert sounds.names() == {name}
    Record.open(tmp_path).close()
    assert sounds.names() == set()


def test_takes_wait_while_the_server_of_the_database_is_away(
    server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    record = Record.open(server.new_schema())
    record.put(ME, take(1), opus(1))
    with writer_of(record) as writer:
        server.stop()
        try:
            writer.put(ME, take(2), opus(2))
            assert "does not answer" in until_problem(writer)
            with pytest.raises(RecordUnavailable, match="does not answer"):
                record.takes(ME)
        finally:
            server.start()
        assert writer.wait(60)
        assert writer.problem is None
    assert [entry.id for entry in record.takes(ME)] == ["take-2", "take-1"]
    record.close()


@pytest.mark.parametrize("wrong", ["postgresql://", "postgresql://h:port/x"])
def test_an_address_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises((RecordError, RecordUnavailable), match="postgresql://"):
        Record.open(wrong)


def test_no_password_is_ever_shown(tmp_path: Path) -> None:
    with pytest.raises(RecordUnavailable) as raised:
        Record.open(f"postgresql://me:hunter2@/x?host={tmp_path}")
    assert "hunter2" not in str(raised.value)
    assert "me:***@" in str(raised.value)


def test_records_do_not_sweep_away_the_sound_of_one_another(
    server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    places = [None, server.new_schema(), server.new_schema()]
    for number, where in enumerate(places):
        record = Record.open(where)
        record.put(ME, take(1), opus(number))
        record.close()
    for number, where in enumerate(places):
        record = Record.open(where)
        assert record.sound(ME, "take-1") == opus(number)
        record.close()
