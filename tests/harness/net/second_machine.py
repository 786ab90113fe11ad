"""Another machine of the network: a namespace with an address of its own, and a cable to this one."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

HERE, THERE = "10.213.77.1", "10.213.77.2"
"""Ends of the cable; a network that no other is likely to have."""

CABLE = "svlan"
"""Beginning of the names of its interfaces, which may have 15 characters."""


class CannotBeMade(Exception):
    """There can be no second machine here; says why."""


class SecondMachine(NamedTuple):
    """A namespace: the process that holds it, and the addresses at both ends of the cable."""

    pid: int
    here: str
    there: str

    def command(self, program: str, folder: Path) -> str:
        """Return a script in ``folder`` that runs a program there, with the arguments that it is given."""
        script = folder / "there"
        script.write_text(f'#!/bin/sh\nexec nsenter -n -t {self.pid} "{program}" "$@"\n', "utf-8")
        script.chmod(0o755)
        return str(script)


@contextmanager
def second_machine() -> Iterator[SecondMachine]:
    """Make the namespace, and remove it and its cable at the end.

    Raises
    ------
    CannotBeMade
        A tool is missing, or the right to make one.
    """
    for tool in ("ip", "nsenter", "unshare"):
        if shutil.which(tool) is None:
            raise CannotBeMade(f"{tool} is missing")
    held = subprocess.Popen(
        ["unshare", "-n", "sh", "-c", "echo ready && exec cat"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert held.stdout is not None
        assert held.stderr is not None
        if held.stdout.readline() != "ready\n":
            raise CannotBeMade(held.stderr.read().strip())
        mine, theirs = f"{CABLE}{held.pid}a", f"{CABLE}{held.pid}b"
        inside = ["nsenter", "-n", "-t", str(held.pid)]
        _run("ip", "link", "add", mine, "type", "veth", "peer", "name", theirs, "netns", str(held.pid))
        _run("ip", "addr", "add", f"{HERE}/24", "dev", mine)
        _run("ip", "link", "set", mine, "up")
        _run(*inside, "ip", "addr", "add", f"{THERE}/24", "dev", theirs)
        _run(*inside, "ip", "link", "set", theirs, "up")
        _run(*inside, "ip", "link", "set", "lo", "up")
        yield SecondMachine(held.pid, HERE, THERE)
    finally:
        held.communicate()  # its input ends, and with it the namespace and both ends of the cable


def _run(*command: str) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise CannotBeMade(f"{' '.join(command)}: {done.stderr.strip()}")
