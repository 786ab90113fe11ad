"""Watch over worker processes."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable

import uvicorn
from uvicorn.supervisors import Multiprocess

log = logging.getLogger(__name__)


class Supervisor(Multiprocess):
    """uvicorn's supervisor, which also announces when all workers serve, and passes interrupts on as such.

    uvicorn's own servers get no sockets: the server of sessions in each worker has them, with limits.
    """

    def __init__(self, config: uvicorn.Config, tell: Callable[[], None]) -> None:
        super().__init__(config, [])
        self._tell = tell

    def init_processes(self) -> None:
        """Start the workers and wait for them; the supervisor notices those that fail."""
        super().init_processes()
        while not self.should_exit.is_set() and all(worker.process.is_alive() for worker in self.processes):
            self.handle_signals()
            if all(worker.wait_until_ready(0.5, self.should_exit) for worker in self.processes):
                return self._tell()

    def keep_subprocess_alive(self) -> None:
        """Replace workers that died or hang; as nobody else holds a worker's end of the pipe, at once."""
        for worker in self.processes:
            worker.child_conn.close()
        super().keep_subprocess_alive()

    def handle_int(self) -> None:
        """End all workers at once."""
        for worker in self.processes:
            if worker.pid is not None and worker.process.is_alive():
                os.kill(worker.pid, signal.SIGINT)
        super().handle_int()

    def handle_ttin(self) -> None:
        """Refuse more workers than slots."""
        log.warning("SIGTTIN is ignored: restart with --workers for more workers")

    def join_all(self) -> None:
        """Wait for the workers, which may be draining, and keep handling signals."""
        for worker in self.processes:
            while worker.process.is_alive():
                self.handle_signals()
                worker.process.join(0.1)
