"""A record of an older version is brought up to date, its file copied first; a newer one is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from engine.errors import RecordError
from engine.protocol.practice import OwnTarget
from engine.store.database import Database
from engine.store.migrating import SCRIPTS, copies, migrate
from engine.store.record import Record
from engine.store.rows import row_of
from engine.store.schema import REVISIONS, metadata
from tests.harness.takes import take
from tests.store.conftest import Kind

ME = "me"

NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "{last}"


def upgrade() -> None:
    op.add_column("takes", sa.Column("added", sa.Text))
    {then}
"""


def opened(where: str) -> Database:
    return Database.at(where) if where.startswith("postgresql") else Database.in_folder(Path(where))


def scripts(folder: Path, then: str = "pass") -> Path:
    """Migrations with one more."""
    shutil.copytree(SCRIPTS, folder)
    (folder / "versions" / "next.py").write_text(NEXT.format(last=REVISIONS[-1], then=then), "utf-8")
    return folder


def columns(database: Database) -> set[str]:
    with database.reading() as connection:
        return {column["name"] for column in sa.inspect(connection).get_columns("takes")}


def test_migrations_make_the_tables_that_the_code_uses(where: str) -> None:
    database = opened(where)
    migrate(database)
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    database.close()


def test_the_last_revision_is_the_last_migration() -> None:
    found = ScriptDirectory(str(SCRIPTS)).walk_revisions()
    assert tuple(script.revision for script in found)[::-1] == REVISIONS


def test_an_older_record_is_brought_up_to_date_with_its_takes(where: str, kind: Kind, tmp_path: Path) -> None:
    record = Record.open(where)
    record.put(ME, take(1))
    record.close()
    database = opened(where)
    migrate(database, scripts(tmp_path / "scripts"), (*REVISIONS, "next"))
    assert "added" in columns(database)
    assert [entry.id for entry in Record(database, record._sounds).takes(ME)] == ["take-1"]
    if kind == "sqlite":
        assert database.file is not None
        (copy,) = copies(database.file)
        shutil.copy(copy, tmp_path / "record.db")
        assert copy.stat().st_mode & 0o777 == 0o600
        before = Record.open(tmp_path)
        assert before.take(ME, "take-1") == take(1)
        before.close()
    database.close()


def test_a_record_from_before_documents_is_brought_up_to_date(where: str, tmp_path: Path) -> None:
    folder = shutil.copytree(SCRIPTS, tmp_path / "scripts")
    for script in (folder / "versions").glob("r000[34]_*.py"):
        script.unlink()
    database = opened(where)
    migrate(database, folder, REVISIONS[:2])
    with database.writing() as connection:
        row = row_of(ME, take(1), None)
        names = ", ".join(row)
        values = ", ".join(f":{name}" for name in row)
        connection.execute(sa.text(f"INSERT INTO takes ({names}) VALUES ({values})"), row)
    database.close()
    record = Record.open(where)
    record.put(ME, take(2))
    followed = record.follow(ME)
    followed.refresh()
    assert sorted(followed.takes) == ["take-1", "take-2"]
    assert record.take(ME, "take-1") == take(1)
    assert record.documents.add(ME, "target", "fluency", OwnTarget(figure=8.0))
    assert record.check().problems == []
    record.close()


def test_a_migration_that_fails_leaves_the_record_as_it_was(where: str, tmp_path: Path) -> None:
    record = Record.open(where)
    record.put(ME, take(1))
    record.close()
    database = opened(where)
    with pytest.raises(ZeroDivisionError):
        migrate(database, scripts(tmp_path / "scripts", "1 / 0"), (*REVISIONS, "next"))
    assert "added" not in columns(database)
    database.close()
    record = Record.open(where)
    assert record.take(ME, "take-1") == take(1)
    record.close()


def test_copies_from_before_a_migration_go_with_the_first_deletion(tmp_path: Path) -> None:
    record = Record.open(tmp_path)
    record.put(ME, take(1, said=["zanzibar"]))
    record.close()
    database = Database.in_folder(tmp_path)
    migrate(database, scripts(tmp_path / "scripts"), (*REVISIONS, "next"))
    record = Record(database, record._sounds)
    assert any(b"zanzibar" in path.read_bytes() for path in tmp_path.glob("*.bak"))
    record.delete(ME, "take-1")
    assert list(tmp_path.glob("*.bak")) == []
    record.close()


def test_a_newer_record_is_refused_with_what_to_do(where: str, tmp_path: Path) -> None:
    database = opened(where)
    migrate(database, scripts(tmp_path / "scripts"), (*REVISIONS, "next"))
    database.close()
    with pytest.raises(RecordError, match=r"newer version of Sottovoce .schema next.*update Sottovoce"):
        Record.open(where)


def test_tables_of_another_program_are_left_alone(where: str) -> None:
    database = opened(where)
    with database.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE takes (film TEXT)")
    database.close()
    with pytest.raises(RecordError, match="tables of another program"):
        Record.open(where)
