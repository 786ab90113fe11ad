"""How fast a record is with many takes, and whether one that is killed while it writes loses any.

    python -m benchmarks.record [--takes 10000] [--kills 200] [--postgresql] [--json OUT]

Takes have the words of a minute. Kills are at random moments of a fixed seed; each is followed by a check.
How each figure is measured: docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from engine.store.record import Record
from tests.harness.killed_writer import PERSON, kill_often
from tests.harness.postgres import PostgresServer
from tests.harness.takes import opus, take

WORDS = 130
"""Said in each take: a minute."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--takes", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--postgresql", action="store_true", help="in PostgreSQL instead of SQLite")
    parser.add_argument("--json", type=Path, metavar="OUT")
    args = parser.parse_args()
    result: dict[str, Any] = {"database": "postgresql" if args.postgresql else "sqlite"}
    with place(args.postgresql) as (where, folder):
        result |= {"kills": args.kills, "takes_after_kills": kill_often(where, folder, args.kills)}
        print(f"{args.kills} kills: no finished take of {result['takes_after_kills']} lost, no half one")
    with place(args.postgresql) as (where, _):
        result |= speed(where, args.takes)
    if args.json is not None:
        args.json.write_text(json.dumps(result, indent=2) + "\n", "utf-8")


@contextmanager
def place(postgresql: bool) -> Iterator[tuple[str, Path]]:
    """Place of a new record, and the folder of its sound."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_DATA_HOME"] = folder
        if not postgresql:
            yield str(Path(folder) / "sottovoce"), Path(folder)
            return
        server = PostgresServer()
        try:
            yield server.new_schema(), Path(folder)
        finally:
            server.close()


def speed(where: str, count: int) -> dict[str, Any]:
    """Fill a record, time what a page asks of it, and print the median and the 95th percentile."""
    record = Record.open(where)
    times: dict[str, list[float]] = defaultdict(list)

    @contextmanager
    def timed(what: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        times[what].append(1000 * (time.perf_counter() - begun))

    for number in range(count):
        with timed("put"):
            record.put(PERSON, take(number, said=[f"word{number}"] * WORDS))
    chance = random.Random(1)
    for _ in range(100):
        id = f"take-{chance.randrange(count)}"
        with timed("takes, 50 after any"):
            record.takes(PERSON, before=id)
        with timed("take"):
            record.take(PERSON, id)
    for number in range(20):
        with timed("put with sound of 250 kB"):
            record.put(PERSON, take(count + number), opus(number, 250_000))
    for number in range(5):
        with timed("all without reviews"):
            sum(1 for _ in record.all(PERSON, review=False))
        with timed("delete"):
            record.delete(PERSON, f"take-{count + number}")
    with timed("forget"):
        record.forget(PERSON)
    record.close()
    result: dict[str, Any] = {"takes": count}
    for what, found in times.items():
        median, high = np.percentile(found, (50, 95)).tolist()
        print(f"{what:25} p50 {median:8.1f} ms   p95 {high:8.1f} ms   ({len(found)} times)")
        result[what] = {
            "p50_ms": round(float(median), 2),
            "p95_ms": round(float(high), 2),
            "times": len(found),
        }
    return result


if __name__ == "__main__":
    main()
