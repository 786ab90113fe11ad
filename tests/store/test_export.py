"""What is exported comes back on another machine, byte for byte; what is wrong in a file is left out."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from engine.errors import NoSuchTake, RecordError, UsageError
from engine.protocol.kept import Kept
from engine.protocol.take import Take, encode_take
from engine.store import importing
from engine.store.record import Record
from tests.harness.takes import ALL, NOW, measures, opus, review, take

ME = "me"


def exported(record: Record) -> bytes:
    file = io.BytesIO()
    record.export(ME, file)
    return file.getvalue()


def zipped(files: dict[str, bytes]) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    file.seek(0)
    return file


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Record]:
    """A record on another machine."""
    record = Record.open(tmp_path / "elsewhere")
    yield record
    record.close()


def test_export_forget_import_gives_the_same_takes(record: Record, elsewhere: Record) -> None:
    for number in range(12):
        record.put(ME, take(number), opus(number) if number % 2 else None)
    record.put(ME, take(12, kept=Kept(figures=True)))
    record.put("somebody else", take(99))
    before = unzipped(exported(record))
    record.forget(ME)
    for target in (record, elsewhere):
        imported = target.import_(ME, zipped(before))
        assert (imported.takes, imported.there, imported.sounds, imported.problems) == (13, 0, 6, [])
        assert unzipped(exported(target)) == before
    assert sum(name.startswith("takes/") for name in before) == 13
    assert before["sound/take-7.opus"] == opus(7)
    assert before["takes/take-7.json"] == encode_take(record.take(ME, "take-7"))


def test_the_same_takes_give_the_same_bytes(record: Record) -> None:
    record.put(ME, take(1), opus(1))
    assert exported(record) == exported(record)


def test_an_export_holds_a_table_a_schema_and_what_was_allowed(record: Record) -> None:
    record.set_kept(ME, ALL, NOW)
    record.put(ME, msgspec.structs.replace(take(1), title="=HYPERLINK(1)", tags=["a", "b"]))
    files = unzipped(exported(record))
    (row,) = csv.DictReader(io.StringIO(files["takes.csv"].decode()))
    assert (row["id"], row["title"], row["tags"]) == ("take-1", "'=HYPERLINK(1)", "a; b")
    assert (row["pace_wpm"], row["words_headline_s"], row["words_fillers_most"]) == ("141.0", "4.0", "2")
    assert (row["kept_figures"], row["composure"]) == ("1", "")
    schema = json.loads(files["schema.json"])
    assert {"id", "measures", "review"} <= set(schema["$defs"]["Take"]["properties"])
    about = json.loads(files["record.json"])
    assert about["kept"] == [{"at": NOW.isoformat(), "figures": True, "words": True, "sound": True}]
    assert (about["format"], about["takes"], about["sounds_missing"]) == (1, 1, [])


def test_a_take_that_is_there_stays_as_it_is(record: Record) -> None:
    record.put(ME, take(1), opus(1))
    file = io.BytesIO(exported(record))
    changed = msgspec.structs.replace(record.take(ME, "take-1"), title="mine")
    record.put(ME, changed)
    imported = record.import_(ME, file)
    assert (imported.takes, imported.there, imported.problems) == (0, 1, [])
    assert record.take(ME, "take-1") == changed


def test_one_take_alone_is_imported(record: Record) -> None:
    assert record.import_(ME, io.BytesIO(encode_take(take(1)))).takes == 1
    assert record.take(ME, "take-1") == take(1)


def test_a_sound_that_is_gone_is_named_in_the_export(record: Record, tmp_path: Path) -> None:
    record.put(ME, take(1), opus(1))
    next(tmp_path.rglob("*.opus")).unlink()
    with pytest.raises(NoSuchTake, match="missing"):
        record.sound(ME, "take-1")
    assert json.loads(unzipped(exported(record))["record.json"])["sounds_missing"] == ["take-1"]
    imported = record.import_("another", io.BytesIO(exported(record)))
    assert (imported.takes, imported.sounds) == (1, 0)
    assert "is not in the file" in imported.problems[0]


def test_an_import_adds_nothing_beyond_what_its_takes_allow(record: Record) -> None:
    sly = msgspec.structs.replace(take(1), kept=Kept(figures=True))
    files = {"record.json": b'{"format": 1}', "takes/take-1.json": encode_take(sly)}
    assert record.import_(ME, zipped(files)).takes == 1
    assert record.take(ME, "take-1").review is None


SAVED = {
    "program": "Sottovoce",
    "session": "s-1",
    "saved_at": "2027-01-04T10:00:00.000Z",
    "type": "summary",
    "duration_s": 90.0,
    "profile": "interview",
    "measures": [msgspec.to_builtins(measures())],
    "findings": [[{"cue": "pace", "good": True, "text": "Easy to follow."}]],
    "nudges": [],
    "goes_on": False,
    "parts": [],
    "cues": [],
    "drills": [],
}


def saved(**changes: object) -> io.BytesIO:
    return io.BytesIO(json.dumps(SAVED | changes).encode())


def only(record: Record) -> Take:
    (found,) = record.all(ME)
    return found


def test_what_the_page_saved_is_imported_once(record: Record) -> None:
    assert record.import_(ME, saved()).takes == 1
    assert record.import_(ME, saved()).there == 1
    found = only(record)
    assert found.begun_at == datetime(2027, 1, 4, 9, 58, 30, tzinfo=UTC)
    assert (found.kind, found.duration_s, found.profile) == ("talk", 90.0, "interview")
    assert (found.measures, len(found.findings)) == (measures(), 1)
    assert found.kept == Kept(figures=True)


def test_what_the_page_saved_with_words_is_imported_with_them(record: Record) -> None:
    answer = review(["We", "failed"], "What went wrong?")
    record.import_(ME, saved(review=msgspec.to_builtins(answer)))
    found = only(record)
    assert (found.kind, found.question, found.review) == ("question", "What went wrong?", answer)
    assert found.word_measures == answer.measures


def test_what_the_page_saved_says_what_may_be_kept_of_it(record: Record) -> None:
    answer = msgspec.to_builtins(review(["We", "failed"], "What went wrong?"))
    record.import_(ME, saved(review=answer, kept={"figures": False, "words": True, "sound": False}))
    found = only(record)
    assert (found.measures, found.word_measures, found.findings) == (None, None, [])
    assert found.review is not None


def test_of_a_saved_call_only_ones_own_side_is_imported(record: Record) -> None:
    both = [measures(), msgspec.structs.replace(measures(), pace_wpm=77.0)]
    record.import_(ME, saved(measures=msgspec.to_builtins(both), findings=[[], []]))
    found = only(record)
    assert found.kind == "call"
    assert b"77.0" not in encode_take(found)


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"RIFF",
        b"{}",
        b"[1, 2]",
        b'{"saved_at": 1}',
        b"PK\x03\x04 and nothing more",
        b"\xff\xfe",
        b"[" * 100_000,
        zipped({"takes/a.json": b"{}"}).getvalue(),
        zipped({"record.json": b"[]"}).getvalue(),
    ],
)
def test_a_file_that_is_none_is_refused(elsewhere: Record, file: bytes) -> None:
    with pytest.raises(UsageError, match=r"no file to import|is no take"):
        elsewhere.import_(ME, io.BytesIO(file))


def test_a_newer_export_is_refused_with_what_to_do(record: Record) -> None:
    with pytest.raises(UsageError, match="newer version of Sottovoce: update it"):
        record.import_(ME, zipped({"record.json": b'{"format": 2}'}))
    newer = encode_take(msgspec.structs.replace(take(1), version=2))
    with pytest.raises(UsageError, match="newer version"):
        record.import_(ME, io.BytesIO(newer))


def test_what_is_wrong_in_an_export_is_said_and_the_rest_is_imported(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        record.put(ME, take(number), opus(number))
    files = unzipped(exported(record))
    files["takes/broken.json"] = b"{"
    files["takes/odd.json"] = encode_take(msgspec.structs.replace(take(7), id="../../etc/passwd"))
    early = datetime(1, 1, 1, tzinfo=UTC)
    files["takes/early.json"] = encode_take(msgspec.structs.replace(take(8), begun_at=early))
    files["takes/large.json"] = b" " * 200_000
    files["sound/take-1.opus"] = opus(9)
    monkeypatch.setattr(importing, "MAX_DOCUMENT_BYTES", 100_000)
    imported = record.import_("another", zipped(files))
    assert (imported.takes, imported.sounds) == (3, 2)
    told = "\n".join(imported.problems)
    assert len(imported.problems) == 5
    for sign in ("broken.json", "letters, digits", "begun in 1", "larger than", "another one than it was"):
        assert sign in told


def test_a_damaged_part_of_a_zip_is_said(record: Record) -> None:
    record.put(ME, take(1), opus(1))
    data = bytearray(exported(record))
    data[data.index(opus(1)[-500:])] ^= 1
    imported = record.import_("another", io.BytesIO(bytes(data)))
    assert (imported.takes, imported.sounds) == (1, 0)
    assert "damaged" in imported.problems[0]


def test_sound_is_exported_as_it_was_though_it_is_encrypted(tmp_path: Path, elsewhere: Record) -> None:
    record = Record.open(tmp_path / "locked", key=bytes(range(32)))
    record.put(ME, take(1), opus(1))
    data = exported(record)
    record.close()
    assert elsewhere.import_(ME, io.BytesIO(data)).sounds == 1
    assert elsewhere.sound(ME, "take-1") == opus(1)
    without = Record.open(tmp_path / "locked")
    with pytest.raises(RecordError, match="give its key"):
        exported(without)
    without.close()
