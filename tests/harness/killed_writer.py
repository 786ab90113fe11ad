"""Processes that write takes to a record and are killed at random moments; what they leave is looked at."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
from multiprocessing.connection import Connection
from pathlib import Path

import psycopg  # noqa: F401  each process would import these two for its first take

import engine.cues  # noqa: F401
from engine.protocol.take import Take, encode_take
from engine.store.record import Record
from tests.harness.takes import opus, take

PERSON = "me"

NUMBERS = 3000
"""Takes of each writer, more than it has time for where nothing holds up whoever kills it."""

LONGEST_S = 0.06
"""Longest that a writer writes before it is killed."""


def write_on(where: str, data_home: str, first: int, finished: Connection) -> None:
    """Put takes one after the other, every third in place of the one before, and tell the number of each.

    Having used up its numbers, it waits to be killed.
    """
    os.environ["XDG_DATA_HOME"] = data_home
    record = Record.open(where)
    for number in range(first, first + NUMBERS - 1):
        again = number % 3 == 2
        record.put(PERSON, take(number - again, said=[f"word{number}"] * 40), opus(number))
        finished.send(number)
    signal.pause()


def written(first: int, last: int) -> dict[str, int]:
    """For each take the number that it was last put for."""
    return {f"take-{number - (number % 3 == 2)}": number for number in range(first, last + 1)}


def is_whole(record: Record, left: Take, number: int) -> bool:
    """Whether a take is the one that was put for a number, with its sound."""
    said = f'"word{number}"'.encode() in encode_take(left)
    return said and record.sound(PERSON, left.id) == opus(number)


def kill_often(where: str, folder: Path, times: int, seed: int = 7) -> int:
    """Kill a writer at random moments, look at what is there each time, and count the takes.

    Raises
    ------
    AssertionError
        A finished take is lost, a half one is there, or the record is damaged.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.harness.killed_writer"])
    chance = random.Random(seed)
    before: set[str] = set()
    for begun in range(0, NUMBERS * times, NUMBERS):
        reader, writer = context.Pipe(duplex=False)
        process = context.Process(target=write_on, args=(where, str(folder), begun, writer))
        process.start()
        writer.close()
        finished = reader.recv()  # it writes by now
        process.join(chance.uniform(0.0, LONGEST_S))
        process.kill()
        process.join()
        while reader.poll():
            try:
                finished = reader.recv()
            except EOFError:
                break
        reader.close()
        record = Record.open(where)
        assert record.check().problems == []
        there = {take.id: take for take in record.all(PERSON) if take.id not in before}
        told, one_more = written(begun, finished), written(begun, finished + 1)
        assert set(told) <= set(there) <= set(one_more)
        for id, left in there.items():
            assert any(is_whole(record, left, wanted[id]) for wanted in (told, one_more) if id in wanted)
        before |= set(there)
        assert len(record.takes(PERSON, limit=100_000)) == len(before)
        assert len(list(folder.rglob("*.opus*"))) == len(before)
        record.close()
    return len(before)
