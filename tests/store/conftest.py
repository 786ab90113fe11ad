"""Records of both kinds: in an SQLite file, and in PostgreSQL on a server that the tests start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from engine.store.record import Record
from tests.harness.postgres import PostgresServer

Kind = Literal["sqlite", "postgresql"]


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresServer]:
    server = PostgresServer()
    yield server
    server.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> Kind:
    found: Kind = request.param
    return found


@pytest.fixture
def where(kind: Kind, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Place of a record that is not there yet; its sound files are below ``tmp_path`` in either case."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    if kind == "sqlite":
        return str(tmp_path / "sottovoce")
    server: PostgresServer = request.getfixturevalue("server")
    return server.new_database() if "bytes_" in request.fixturenames else server.new_schema()


@pytest.fixture
def record(where: str) -> Iterator[Record]:
    record = Record.open(where)
    yield record
    record.close()
