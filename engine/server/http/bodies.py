"""Read request bodies, with one limit for all endpoints."""

from __future__ import annotations

from starlette.requests import Request

from .problems import Problem

MAX_BODY_BYTES = 65_536
"""Longest body; a browser's offer has about 3,000."""

TOO_LONG = f"the body may have {MAX_BODY_BYTES} bytes"

MAX_FILE_BYTES = 512 << 20
"""Longest file that is sent: a year of daily takes with their sound, 90 minutes of CD quality."""

FILES = frozenset({b"/record/import", b"/record/recordings"})
"""Paths whose body is a file; only this machine itself may send one."""

FILE_TOO_LONG = f"a file may have {MAX_FILE_BYTES >> 20} MB"


CLOSE = {"connection": "close"}
"""Header of a refusal after which what is sent is not read: the connection can't be used again."""


async def read_body(request: Request, most: int = MAX_BODY_BYTES) -> bytes:
    """Return the body of a request, of at most ``most`` bytes.

    Raises
    ------
    Problem
        413 when it is too long.
    """
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most:
            raise Problem(413, f"the body may have {most} bytes", CLOSE)
    return bytes(body)
