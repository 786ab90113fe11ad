"""A process that writes takes to a record until it is killed."""

from __future__ import annotations

import os
from multiprocessing.connection import Connection

import psycopg  # noqa: F401  each process would import these two for its first take

import engine.cues  # noqa: F401
from engine.store.record import Record
from tests.harness.takes import opus, take

PERSON = "me"


def write_on(where: str, data_home: str, first: int, finished: Connection) -> None:
    """Put takes one after the other, every third in place of the one before, and tell the number of each."""
    os.environ["XDG_DATA_HOME"] = data_home
    record = Record.open(where)
    number = first
    while True:
        again = number % 3 == 2
        record.put(PERSON, take(number - again, said=[f"word{number}"] * 40), opus(number))
        finished.send(number)
        number += 1
