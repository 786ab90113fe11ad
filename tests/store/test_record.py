"""What is written to a record is there, as it was written, for its person alone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from engine.errors import NoSuchTake, UsageError
from engine.protocol.kept import Kept
from engine.protocol.take import TakeChange, encode_take, entry_of
from engine.store.record import Record
from tests.harness.takes import ALL, BEGUN, NOW, opus, take

ME, OTHER = "me", "somebody else"


def sound_files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.opus"))


def test_nobody_was_asked_in_a_new_record(record: Record) -> None:
    assert record.kept(ME) is None
    assert record.takes(ME) == []
    assert list(record.all(ME)) == []


def test_the_last_answer_holds_for_its_person(record: Record) -> None:
    record.set_kept(ME, ALL, NOW)
    record.set_kept(ME, Kept(figures=True), NOW + timedelta(days=1))
    assert record.kept(ME) == Kept(figures=True)
    assert record.kept(OTHER) is None


def test_a_take_comes_back_byte_for_byte(record: Record, where: str) -> None:
    record.put(ME, take(1))
    record.close()
    again = Record.open(where)
    assert encode_take(again.take(ME, "take-1")) == encode_take(take(1))
    assert again.take(ME, "take-1").begun_at.utcoffset() == timedelta(hours=1)
    again.close()


def test_takes_are_listed_newest_first_page_by_page(record: Record) -> None:
    for number in (3, 1, 2, 5, 4):
        record.put(ME, take(number))
    seen = record.takes(ME, limit=2)
    assert seen == [entry_of(take(5)), entry_of(take(4))]
    seen += record.takes(ME, limit=2, before=seen[-1].id)
    seen += record.takes(ME, limit=2, before=seen[-1].id)
    assert [entry.id for entry in seen] == [f"take-{number}" for number in (5, 4, 3, 2, 1)]
    assert record.takes(ME, before="take-1") == []
    with pytest.raises(NoSuchTake):
        record.takes(ME, before="take-9")


def test_takes_that_are_gone_are_left_out_of_those_asked_for(record: Record) -> None:
    for number in range(1, 5):
        record.put(ME, take(number))
    record.put(OTHER, take(5))
    record.delete(ME, "take-3")
    asked = ["take-4", "take-3", "take-1", "take-5", "none", "take-2"]
    assert record.these(ME, asked) == [record.take(ME, f"take-{number}") for number in (4, 1, 2)]
    assert record.entries(ME, asked) == [entry_of(take(number)) for number in (4, 1, 2)]
    many = [f"none-{number}" for number in range(1200)]
    assert [one.id for one in record.entries(ME, ["take-2", *many, "take-1"])] == ["take-2", "take-1"]
    assert record.these(ME, []) == []


def test_takes_of_the_same_time_are_all_listed_once(record: Record) -> None:
    for number in range(7):
        record.put(ME, msgspec.structs.replace(take(number), begun_at=BEGUN))
    seen: list[str] = []
    while page := record.takes(ME, limit=2, before=seen[-1] if seen else None):
        seen += [entry.id for entry in page]
    assert seen == [f"take-{number}" for number in range(6, -1, -1)]


def test_all_takes_come_oldest_first_with_or_without_their_review(record: Record) -> None:
    numbers = [*range(120, 260), *range(120)]
    for number in numbers:
        record.put(ME, take(number))
    assert [found.id for found in record.all(ME)] == [f"take-{number}" for number in range(260)]
    bare = next(record.all(ME, review=False))
    assert bare == msgspec.structs.replace(take(0), review=None)


def test_nobody_sees_takes_of_another(record: Record) -> None:
    record.put(ME, take(1), opus(1))
    assert record.takes(OTHER) == []
    for forbidden in (record.take, record.sound, record.delete):
        with pytest.raises(NoSuchTake):
            forbidden(OTHER, "take-1")
    with pytest.raises(NoSuchTake):
        record.change(OTHER, "take-1", TakeChange(title="mine"))
    record.put(OTHER, msgspec.structs.replace(take(1), title="theirs"))
    assert record.take(ME, "take-1").title == ""
    assert record.sound(ME, "take-1") == opus(1)


def test_a_sound_comes_back_and_is_described(record: Record) -> None:
    record.put(ME, take(1), opus(1))
    sound = record.take(ME, "take-1").sound
    assert sound is not None
    assert (sound.duration_s, sound.size) == (1.0, len(opus(1)))
    assert record.sound(ME, "take-1") == opus(1)
    assert record.takes(ME)[0].sound


def test_a_take_that_is_put_again_keeps_its_sound_or_gets_the_new_one(record: Record, tmp_path: Path) -> None:
    record.put(ME, take(1), opus(1))
    written = msgspec.structs.replace(record.take(ME, "take-1"), title="again")
    record.put(ME, written)
    assert record.take(ME, "take-1") == written
    assert record.sound(ME, "take-1") == opus(1)
    record.put(ME, take(1), opus(2))
    assert record.sound(ME, "take-1") == opus(2)
    assert len(sound_files(tmp_path)) == 1
    record.put(ME, take(1))
    with pytest.raises(NoSuchTake):
        record.sound(ME, "take-1")
    assert sound_files(tmp_path) == []


def test_what_the_switches_do_not_allow_is_not_written(record: Record, tmp_path: Path) -> None:
    record.put(ME, take(1, kept=Kept(figures=True)), opus(1))
    found = record.take(ME, "take-1")
    assert (found.review, found.sound) == (None, None)
    assert found.measures is not None
    assert sound_files(tmp_path) == []


def test_a_take_is_changed_where_it_was_asked_for(record: Record) -> None:
    record.put(ME, take(1), opus(1))
    before = record.take(ME, "take-1")
    change = TakeChange(title="Outage", tags=["outage", "ünïcode"], story="s1", note="a\0b")
    after = record.change(ME, "take-1", change)
    assert after == record.take(ME, "take-1")
    assert after == msgspec.structs.replace(
        before, title="Outage", tags=["outage", "ünïcode"], story="s1", note="a\0b"
    )
    assert record.takes(ME) == [entry_of(after)]
    assert record.sound(ME, "take-1") == opus(1)


def test_a_deleted_take_is_gone_with_its_sound(record: Record, tmp_path: Path) -> None:
    record.put(ME, take(1), opus(1))
    record.put(ME, take(2), opus(2))
    record.delete(ME, "take-1")
    assert [entry.id for entry in record.takes(ME)] == ["take-2"]
    assert len(sound_files(tmp_path)) == 1
    with pytest.raises(NoSuchTake):
        record.delete(ME, "take-1")


@pytest.mark.parametrize("wrong", ["", "a b", "../take", "x" * 65, "täke"])
def test_an_id_that_could_be_no_file_name_is_refused(record: Record, wrong: str) -> None:
    with pytest.raises(UsageError, match="letters, digits"):
        record.put(ME, msgspec.structs.replace(take(1), id=wrong))


def test_a_time_without_zone_is_refused(record: Record) -> None:
    with pytest.raises(UsageError, match="zone"):
        record.put(ME, msgspec.structs.replace(take(1), begun_at=BEGUN.replace(tzinfo=None)))
    assert record.takes(ME) == []


def test_a_sound_that_is_not_opus_is_refused_and_nothing_is_written(record: Record, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Ogg Opus"):
        record.put(ME, take(1), b"RIFF" + bytes(2000))
    assert record.takes(ME) == []
    assert sound_files(tmp_path) == []


def test_a_sound_without_its_take_is_removed_when_the_record_opens(where: str, tmp_path: Path) -> None:
    record = Record.open(where)
    record.put(ME, take(1), opus(1))
    record.close()
    for name in ("a.opus", "b.opus.part"):
        (sound_files(tmp_path)[0].parent / name).write_bytes(opus(2))
    record = Record.open(where)
    assert record.sound(ME, "take-1") == opus(1)
    assert len(list(sound_files(tmp_path)[0].parent.glob("*.opus*"))) == 1
    record.close()
