"""A PostgreSQL server of its own for the tests: in a temporary folder, reached by a Unix socket alone."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString

import psutil
import psycopg
from psycopg import sql

DEBIAN = Path("/usr/lib/postgresql")
"""Where Debian's packages put their programs, a folder a version."""

USER = "postgres"
"""The packaged user: the server does not run as root."""

SETTINGS = (
    "-c listen_addresses='' -c fsync=off -c autovacuum=off -c full_page_writes=off -c max_connections=30"
)


def programs() -> Path | None:
    """Folder of the server's programs; None where it is not installed."""
    found = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return None if initdb is None else Path(initdb).resolve().parent


class PostgresServer:
    """A running server."""

    def __init__(self) -> None:
        bin_ = programs()
        assert bin_ is not None, "PostgreSQL is not installed"
        self._bin = bin_
        self.folder = Path(tempfile.mkdtemp(prefix="sv-pg-"))  # the path of a socket has to be short
        self._as: list[str] = []
        if os.getuid() == 0:
            shutil.chown(self.folder, USER, USER)
            self._as = ["runuser", "-u", USER, "--"]
        self.user = USER if self._as else getpass.getuser()
        self._data = self.folder / "data"
        self._run("initdb", "-D", str(self._data), "--auth=trust", "--encoding=UTF8", "--no-sync", "-N")
        self.start()

    def start(self) -> None:
        options = f"{SETTINGS} -c unix_socket_directories='{self.folder}'"
        self._run(
            "pg_ctl", "-D", str(self._data), "-w", "-l", str(self.folder / "log"), "-o", options, "start"
        )

    def stop(self) -> None:
        """Stop at once, as a crash would: connections break."""
        self._run("pg_ctl", "-D", str(self._data), "-w", "-m", "immediate", "stop")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let it answer nothing: its processes stand still, and its connections stay."""
        leader = psutil.Process(int((self._data / "postmaster.pid").read_text().split()[0]))
        stopped = [leader]
        leader.suspend()  # it starts no more
        for process in leader.children(recursive=True):
            process.suspend()
            stopped.append(process)
        try:
            yield
        finally:
            for process in reversed(stopped):
                process.resume()

    def new_database(self) -> str:
        """URL of a database that is empty."""
        name = f"t{uuid.uuid4().hex}"
        self._execute("CREATE DATABASE {}", name)
        return f"postgresql://{self.user}@/{name}?host={self.folder}"

    def new_schema(self) -> str:
        """URL of a schema that is empty: made and removed in a moment, but its files are among others'."""
        name = f"t{uuid.uuid4().hex}"
        self._execute("CREATE SCHEMA {}", name)
        return f"postgresql://{self.user}@/postgres?host={self.folder}&options=-csearch_path%3D{name}"

    def _execute(self, statement: LiteralString, name: str) -> None:
        with psycopg.connect(host=str(self.folder), user=self.user, dbname="postgres", autocommit=True) as to:
            to.execute(sql.SQL(statement).format(sql.Identifier(name)))

    def files_with(self, needle: bytes, url: str) -> list[str]:
        """Files of a database's tables that hold some bytes, after all has been written to them."""
        name = url.partition("@/")[2].partition("?")[0]
        with psycopg.connect(host=str(self.folder), user=self.user, dbname=name, autocommit=True) as to:
            to.execute("CHECKPOINT")
            row = to.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()
            assert row is not None
        base = self._data / "base" / str(row[0])
        return [str(path) for path in base.iterdir() if needle in path.read_bytes()]

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._as, str(self._bin / program), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self.folder, timeout=60)
