"""A child process at the other end of a socket: started, sent messages, noticed when it dies, ended."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from typing import Protocol

from engine.media.cpu_report import CpuReport

from .wire import Answer, Messages, Request, answers, encode

log = logging.getLogger(__name__)

STOP_TIMEOUT_S = 2.0
"""How long the process may take to end before it is killed."""


class ChildOwner(Protocol):
    """Who is told of a child process."""

    def connected(self) -> None:
        """Note that the process can be sent to."""

    def answered(self, answer: Answer) -> None:
        """Take a message of the process."""

    def died(self) -> None:
        """Note that the process is gone; it was not ended by its owner."""


class ChildProcess(asyncio.Protocol):
    """A process that runs a module, one after the other.

    Parameters
    ----------
    owner : is told.
    module : to run, with the descriptors of the CPU report and of its socket as first arguments.
    arguments : the rest of them.
    """

    def __init__(self, owner: ChildOwner, module: str, arguments: Sequence[str]) -> None:
        self._owner = owner
        self._command = [sys.executable, "-P", "-m", module]
        self._arguments = list(arguments)
        self._report = CpuReport()
        self._process: subprocess.Popen[bytes] | None = None
        self._transport: asyncio.Transport | None = None
        self._messages = Messages(answers)

    @property
    def cpu_s(self) -> float:
        """Processor time that the processes have used so far."""
        return self._report.cpu_s

    @property
    def pid(self) -> int | None:
        """Of the process that there is; None without one."""
        return None if self._process is None else self._process.pid

    @property
    def running(self) -> bool:
        """Whether it can be sent to."""
        return self._transport is not None

    async def start(self) -> None:
        """Start a process.

        Raises
        ------
        OSError
            It can't be.
        """
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self._process = await asyncio.to_thread(self._spawn, theirs.fileno())
            ours.setblocking(False)
            await asyncio.get_running_loop().create_connection(lambda: self, sock=ours)
        except BaseException:
            ours.close()
            raise

    async def stop(self) -> None:
        """End the process, and wait until it has ended; the owner isn't told."""
        process, self._process = self._process, None
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.abort()
        if process is None:
            return
        try:
            await asyncio.to_thread(process.wait, STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            await asyncio.to_thread(process.wait)
        self._report.process_ended()

    def kill(self) -> None:
        """Kill a process that hangs; the owner is told of its death as of any other."""
        if self._process is not None:
            self._process.kill()

    def send(self, request: Request) -> None:
        """Send a message, if there is a process."""
        if self._transport is not None:
            self._transport.write(encode(request))

    # asyncio.Protocol:

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note the socket of a new process."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._messages = Messages(answers)
        self._owner.connected()

    def data_received(self, data: bytes) -> None:
        """Pass on messages of the process."""
        for answer in self._messages.feed(data):
            self._owner.answered(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the process has closed its socket."""
        if self._transport is not None:
            self._transport = None
            self._owner.died()

    def _spawn(self, connection: int) -> subprocess.Popen[bytes]:
        """Start the process; in a thread, as that takes some time."""
        report = self._report.open()
        # A session of its own: Ctrl-C is for the server, which ends the child.
        return subprocess.Popen(
            [*self._command, str(report), str(connection), *self._arguments],
            stdin=subprocess.DEVNULL,
            pass_fds=[report, connection],
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            start_new_session=True,
        )
