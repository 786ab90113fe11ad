"""Documents: what a record holds beside takes is there for its person alone, and goes where takes go."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from engine.errors import UsageError
from engine.protocol.documents import DOCUMENTS
from engine.protocol.practice import Analogy, OwnTarget, PlanMark
from engine.store.record import Record
from engine.store.schema import documents
from tests.harness.takes import NOW, take

ME, OTHER = "me", "somebody else"
PEP = PlanMark(day=date(2026, 12, 1), item="exercise:pep", what="done")
CACHE = Analogy(thing="a cache", like="zanzibar", made_at=NOW)
PITCH = PlanMark(day=date(2026, 12, 2), item="exercise:pitch", what="skipped")


def filled(record: Record) -> Record:
    record.put(ME, take(1))
    record.documents.put(ME, "mark", PEP.id, PEP)
    record.documents.put(ME, "mark", PITCH.id, PITCH)
    record.documents.put(ME, "target", "fluency", OwnTarget(figure=8))
    record.documents.put(OTHER, "target", "fluency", OwnTarget(figure=3.0))
    return record


def exported(record: Record, person: str = ME) -> dict[str, bytes]:
    file = io.BytesIO()
    record.export(person, file)
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files: dict[str, bytes]) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    file.seek(0)
    return file


def test_a_document_is_there_for_its_person_alone(record: Record) -> None:
    found = filled(record).documents
    assert found.get(ME, "mark", PEP.id, PlanMark) == PEP
    assert found.get(ME, "target", "fluency", OwnTarget) == OwnTarget(figure=8.0)
    assert found.get(OTHER, "mark", PEP.id, PlanMark) is None
    assert found.all(OTHER, "target", OwnTarget) == {"fluency": OwnTarget(figure=3.0)}
    assert list(found.all(ME, "mark", PlanMark).items()) == [(PEP.id, PEP), (PITCH.id, PITCH)]
    assert found.all("nobody", "mark", PlanMark) == {}


def test_a_document_is_replaced_or_left_as_asked(record: Record) -> None:
    found = filled(record).documents
    found.put(ME, "target", "fluency", OwnTarget(figure=9.0))
    assert not found.add(ME, "target", "fluency", OwnTarget(figure=1.0))
    assert found.get(ME, "target", "fluency", OwnTarget) == OwnTarget(figure=9.0)
    assert found.add(ME, "target", "telling /stories/ with data", OwnTarget(figure=7.0))
    assert list(found.all(ME, "target", OwnTarget)) == ["fluency", "telling /stories/ with data"]


def test_a_document_is_found_without_its_person_where_one_alone_has_it(record: Record) -> None:
    found = filled(record).documents
    assert found.find("mark", PEP.id, PlanMark) == (ME, PEP)
    assert found.find("mark", "none", PlanMark) is None
    assert found.find("target", "fluency", OwnTarget) is None


def test_a_deleted_document_is_gone_from_the_files(record: Record, tmp_path: Path) -> None:
    record.documents.put(ME, "analogy", "cache", CACHE)
    assert record.documents.delete(ME, "analogy", "cache")
    assert not record.documents.delete(ME, "analogy", "cache")
    assert record.documents.get(ME, "analogy", "cache", Analogy) is None
    assert not [
        path.name for path in tmp_path.rglob("*") if path.is_file() and b"zanzibar" in path.read_bytes()
    ]


def test_a_choice_that_is_taken_back_rebuilds_no_database(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    rebuilt: list[bool] = []
    monkeypatch.setattr(record.documents, "erase", lambda: rebuilt.append(True))
    filled(record)
    assert record.documents.delete(ME, "mark", PEP.id)
    assert record.documents.delete(ME, "target", "fluency")
    assert record.documents.all(ME, "target", OwnTarget) == {}
    assert rebuilt == []
    record.documents.put(ME, "analogy", "cache", CACHE)
    record.documents.delete(ME, "analogy", "cache")
    assert rebuilt == [True]


def test_forget_leaves_no_document_of_the_person(record: Record) -> None:
    filled(record).forget(ME)
    assert list(record.documents.every(ME)) == []
    assert list(record.documents.every(OTHER)) == [("target", "fluency", '{"version":1,"figure":3.0}')]


def test_documents_are_exported_and_imported_byte_for_byte(record: Record) -> None:
    before = exported(filled(record))
    assert sorted(name for name in before if name.startswith("documents/")) == [
        "documents/mark/2026-12-01%3Aexercise%3Apep.json",
        "documents/mark/2026-12-02%3Aexercise%3Apitch.json",
        "documents/target/fluency.json",
    ]
    record.forget(ME)
    imported = record.import_(ME, zipped(before))
    assert (imported.takes, imported.documents, imported.problems) == (1, 3, [])
    assert exported(record) == before
    again = record.import_(ME, zipped(before))
    assert (again.takes, again.there, again.documents) == (0, 1, 0)


def test_what_is_wrong_with_documents_of_a_file_is_said(record: Record) -> None:
    files = {
        "record.json": b'{"format": 1}',
        "documents/target/fluency.json": b'{"figure": 11}',
        "documents/target/warmth.json": b'{"version": 2, "figure": 7.0}',
        "documents/target/%0A.json": b'{"figure": 7.0}',
        "documents/dream/a.json": b"{}",
        "documents/target/presence.json": b'{"figure": 7.5}',
    }
    imported = record.import_(ME, zipped(files))
    assert imported.documents == 1
    assert record.documents.all(ME, "target", OwnTarget) == {"presence": OwnTarget(figure=7.5)}
    for told, sign in zip(
        imported.problems, ("is no target", "newer version", "1 to 128", "does not know"), strict=True
    ):
        assert sign in told


def test_a_check_finds_a_document_that_was_changed(record: Record) -> None:
    filled(record)
    assert record.check().problems == []
    with record._database.writing() as connection:
        for id, text in ((PEP.id, '{"day":"2026-12-01"}'), ("fluency", '{"figure":7}')):
            connection.execute(
                sa.update(documents)
                .where(documents.c.person == ME, documents.c.id == id)
                .values(document=text)
            )
    first, second = record.check().problems
    assert first.startswith(f"The mark {PEP.id} can't be used: this is no mark")
    assert second == "The target fluency was changed."


def test_a_backup_has_the_documents(record: Record, tmp_path: Path) -> None:
    filled(record).backup(tmp_path / "copy")
    copy = Record.open(tmp_path / "copy")
    for person in (ME, OTHER):
        assert list(copy.documents.every(person)) == list(record.documents.every(person))
    assert copy.check().problems == []
    copy.close()


@pytest.mark.parametrize("wrong", ["", "a\nb", "a\0b", "\ud800", "x" * 129])
def test_an_id_that_is_none_is_refused(record: Record, wrong: str) -> None:
    with pytest.raises(UsageError, match="1 to 128 characters"):
        record.documents.put(ME, "target", wrong, OwnTarget(figure=1.0))


def test_a_body_of_another_kind_is_refused(record: Record) -> None:
    with pytest.raises(TypeError, match="is not the struct of the kind mark"):
        record.documents.put(ME, "mark", "a", OwnTarget(figure=1.0))
    with pytest.raises(TypeError, match="dream"):
        record.documents.put(ME, "dream", "a", OwnTarget(figure=1.0))


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_every_kind_has_a_version(kind: str) -> None:
    defaults = {field.name: field.default for field in msgspec.structs.fields(DOCUMENTS[kind])}
    assert defaults["version"] >= 1
