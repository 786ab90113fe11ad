"""A writer that is killed at any moment loses no finished take, and leaves no half one."""

from __future__ import annotations

import multiprocessing
import random
from pathlib import Path

import pytest

from engine.protocol.take import Take, encode_take
from engine.store.record import Record
from tests.harness.killed_writer import PERSON, write_on
from tests.harness.takes import opus

SEED = 7
LONGEST_S = 0.06
"""Of writing before it is killed."""


def written(first: int, last: int) -> dict[str, int]:
    """For each take the number that it was last put for."""
    return {f"take-{number - (number % 3 == 2)}": number for number in range(first, last + 1)}


def is_whole(record: Record, take: Take, number: int) -> bool:
    """Whether a take is the one that was put for a number, with its sound."""
    said = f'"word{number}"'.encode() in encode_take(take)
    return said and record.sound(PERSON, take.id) == opus(number)


def kill_often(where: str, folder: Path, times: int) -> int:
    """Kill a writer at random moments, look at what is there each time, and count the takes."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.harness.killed_writer"])
    chance = random.Random(SEED)
    before: set[str] = set()
    for begun in range(0, 3000 * times, 3000):
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
        for id, take in there.items():
            assert any(is_whole(record, take, wanted[id]) for wanted in (told, one_more) if id in wanted)
        before |= set(there)
        assert len(record.takes(PERSON, limit=100_000)) == len(before)
        assert len(list(folder.rglob("*.opus*"))) == len(before)
        record.close()
    return len(before)


def test_a_killed_writer_loses_no_finished_take(where: str, tmp_path: Path) -> None:
    assert kill_often(where, tmp_path, 10) >= 10


@pytest.mark.slow
def test_a_writer_is_killed_200_times(where: str, tmp_path: Path) -> None:
    assert kill_often(where, tmp_path, 200) >= 200
