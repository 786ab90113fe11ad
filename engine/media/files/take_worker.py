"""The process that makes a take of a recording for a server: one file, then it ends."""

from __future__ import annotations

import os
import sys

NICE = 10
"""Niceness: live sessions hardly wait for a recording, and it is read on a machine that is always busy."""


def main() -> None:
    """Make the take of the job that comes on standard input; :mod:`.take_making` says how."""
    os.nice(NICE)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # keeps what libraries print out of the answers
    from .take_making import serve  # takes a second of the processor, so it comes after the niceness

    try:
        serve(sys.stdin.buffer, answers)
    except BrokenPipeError:
        os._exit(0)  # nobody wants it any more


if __name__ == "__main__":
    main()
