"""Takes that are followed are those of the record, whoever changes them; only what has changed is read."""

from __future__ import annotations

import io
import random
import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from engine.errors import RecordError
from engine.protocol.kept import Kept
from engine.protocol.take import Take, TakeChange
from engine.store import following
from engine.store.following import Followed
from engine.store.record import Record
from engine.store.rows import take_of_row
from engine.store.schema import takes
from tests.harness.takes import opus, take

ME, OTHER = "me", "somebody else"


def figures(found: Take) -> Take:
    return msgspec.structs.replace(found, review=None, nudges=[], findings=[], note="")


def as_in(record: Record, person: str = ME) -> dict[str, Take]:
    return {found.id: figures(found) for found in record.all(person)}


def now(followed: Followed) -> dict[str, Take]:
    followed.refresh()
    return dict(followed.takes)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ids of the takes that are read."""
    found: list[str] = []

    def counted(row: sa.Row[*tuple[Any, ...]]) -> Take:
        read = take_of_row(row)
        found.append(read.id)
        return read

    monkeypatch.setattr(following, "take_of_row", counted)
    return found


def test_every_change_is_followed_and_only_what_changed_is_read(
    record: Record, where: str, reads: list[str]
) -> None:
    for number in range(5):
        record.put(ME, take(number))
    record.put(OTHER, take(9))
    elsewhere = Record.open(where)
    followed = record.follow(ME)
    assert now(followed) == as_in(record)
    assert sorted(reads) == [f"take-{number}" for number in range(5)]
    seen = followed.takes
    reads.clear()
    followed.refresh()
    assert followed.takes is seen

    elsewhere.put(ME, take(5), opus(5))
    assert now(followed) == as_in(record)
    record.put(ME, msgspec.structs.replace(take(0), title="again"))
    assert now(followed)["take-0"].title == "again"
    elsewhere.change(ME, "take-1", TakeChange(tags=["exercise:pep"]))
    assert now(followed)["take-1"].tags == ["exercise:pep"]
    assert reads == ["take-5", "take-0", "take-1"]

    reads.clear()
    elsewhere.delete(ME, "take-2")
    record.delete(ME, "take-3")
    elsewhere.put(ME, take(6))
    assert sorted(now(followed)) == ["take-0", "take-1", "take-4", "take-5", "take-6"]
    assert reads == ["take-6"]
    elsewhere.close()


def test_what_may_not_be_kept_any_more_is_not_held(record: Record) -> None:
    record.put(ME, take(1))
    record.put(ME, take(2, kept=Kept(figures=True)))
    followed = record.follow(ME)
    assert now(followed)["take-1"].kept.words
    record.reduce_all(ME, Kept(figures=True))
    assert now(followed) == as_in(record)
    assert not now(followed)["take-1"].kept.words


def test_who_was_forgotten_and_comes_back_is_followed(record: Record) -> None:
    for number in range(3):
        record.put(ME, take(number))
    followed = record.follow(ME)
    file = io.BytesIO()
    record.export(ME, file)
    file.seek(0)
    assert len(now(followed)) == 3
    record.forget(ME)
    assert now(followed) == {}
    record.import_(ME, file)
    record.put(ME, msgspec.structs.replace(take(1), title="mine"))
    assert now(followed) == as_in(record)


def test_many_takes_are_read_in_pages(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "_PAGE", 7)
    for number in range(30):
        record.put(ME, take(number))
    record.reduce_all(ME, Kept(figures=True))  # all of one revision
    followed = record.follow(ME)
    assert now(followed) == as_in(record)
    assert len(followed.takes) == 30


def test_people_are_apart(record: Record) -> None:
    for number in range(4):
        record.put(ME, take(number))
        record.put(OTHER, msgspec.structs.replace(take(number), title="theirs"))
    mine, theirs = record.follow(ME), record.follow(OTHER)
    assert {found.title for found in now(mine).values()} == {""}
    assert {found.title for found in now(theirs).values()} == {"theirs"}
    record.delete(OTHER, "take-0")
    assert len(now(mine)) == 4
    assert len(now(theirs)) == 3


def test_a_record_of_before_revisions_is_followed(record: Record) -> None:
    record.put(ME, take(1))
    with record._database.writing() as connection:
        connection.exec_driver_sql("UPDATE takes SET revision = 0")
        connection.exec_driver_sql("UPDATE identity SET revision = 0")
    followed = record.follow(ME)
    assert list(now(followed)) == ["take-1"]
    record.put(ME, take(2))
    assert sorted(now(followed)) == ["take-1", "take-2"]


def test_a_copy_is_followed_like_the_record(record: Record, tmp_path: Path) -> None:
    for number in range(3):
        record.put(ME, take(number))
    record.backup(tmp_path / "copy")
    copy = Record.open(tmp_path / "copy")
    followed = copy.follow(ME)
    assert len(now(followed)) == 3
    copy.put(ME, take(7))
    assert now(followed) == as_in(copy)
    copy.close()


def test_a_damaged_take_is_named_with_what_to_do(record: Record) -> None:
    record.put(ME, take(1))
    record.put(ME, take(2))
    with record._database.writing() as connection:
        connection.execute(sa.update(takes).where(takes.c.id == "take-1").values(document="{"))
    followed = record.follow(ME)
    with pytest.raises(RecordError, match=r"The take take-1 is damaged\. `sottovoce record forget take-1`"):
        followed.refresh()
    record.delete(ME, "take-1")
    assert list(now(followed)) == ["take-2"]


def test_while_takes_are_written_and_deleted_it_is_never_far(record: Record) -> None:
    chance = random.Random(3)
    done = threading.Event()

    def work() -> None:
        there: list[int] = []
        for number in range(40):
            record.put(ME, take(number))
            there.append(number)
            if chance.random() < 0.4:
                record.delete(ME, f"take-{there.pop(chance.randrange(len(there)))}")
        done.set()

    followed = record.follow(ME)
    thread = threading.Thread(target=work)
    thread.start()
    while not done.is_set():
        followed.refresh()
    thread.join()
    assert now(followed) == as_in(record)
