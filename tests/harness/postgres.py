"""A PostgreSQL server of its own for the tests: in a temporary folder, reached by a Unix socket alone."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path

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

    def new_database(self) -> str:
        """URL of a database that is empty."""
        name = f"t{uuid.uuid4().hex}"
        self._run("createdb", "-h", str(self.folder), name)
        return f"postgresql://{self.user}@/{name}?host={self.folder}"

    def files_with(self, needle: bytes, url: str) -> list[str]:
        """Files of a database's tables that hold some bytes, after all has been written to them."""
        name = url.partition("@/")[2].partition("?")[0]
        query = f"CHECKPOINT; SELECT oid FROM pg_database WHERE datname = '{name}'"
        answer = self._run("psql", "-h", str(self.folder), "-Atc", query, "postgres")
        base = self._data / "base" / answer.split()[-1]
        return [str(path) for path in base.iterdir() if needle in path.read_bytes()]

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> str:
        command = [*self._as, str(self._bin / program), *arguments]
        # The server that pg_ctl starts would hold a pipe open.
        with tempfile.TemporaryFile("w+") as out:
            subprocess.run(command, check=True, stdout=out, cwd=self.folder, timeout=60)
            out.seek(0)
            return out.read()
