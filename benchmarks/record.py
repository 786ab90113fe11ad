"""How fast a record is with many takes, the programme too, and whether one that is killed loses any.

    python -m benchmarks.record [--takes 10000] [--kills 200] [--postgresql] [--json OUT]

Takes have the words of a minute. Kills are at random moments of a fixed seed; each is followed by a check.
How each figure is measured: docs/benchmarks.md.

Exit codes: 0 every bar is held, 1 one isn't.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import numpy as np

from engine.protocol.take import Take
from engine.server.http.app import create_app
from engine.server.hub import Hub
from engine.server.settings import Settings
from engine.shipped.programmes import load
from engine.store.record import Record
from tests.harness.killed_writer import PERSON, kill_often
from tests.harness.postgres import PostgresServer
from tests.harness.takes import ALL, opus, review, take
from tests.programme.people import START, Person, at, steady

WORDS = 130
"""Said in each take: a minute."""

A_DAY = 5
"""Takes a day, until there are so many."""

MOST_MS = 100.0
"""Bar of what a server answers, 95th percentile."""

SERVER = "server: "
"""Begins the name of what a server answers."""

Times = dict[str, list[tuple[float, float]]]
"""How long each kind of call took, and how much time of a processor, in ms."""


def main() -> int:
    """Measure, print, and return the exit code."""
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
    return 0 if result["held"] else 1


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
    """Fill a record, time what a page asks of it, and print how long it takes and whether bars are held."""
    record = Record.open(where)
    times: Times = defaultdict(list)
    for practised in practice(count):
        with timed(times, "put"):
            record.put(PERSON, practised)
    asyncio.run(serve(where, record, count, times))
    chance = random.Random(1)
    for _ in range(100):
        id = f"take-{chance.randrange(count)}"
        with timed(times, "takes, 50 after any"):
            record.takes(PERSON, before=id)
        with timed(times, "take"):
            record.take(PERSON, id)
    for number in range(20):
        with timed(times, "put with sound of 250 kB"):
            record.put(PERSON, take(count + number), opus(number, 250_000))
    for number in range(5):
        with timed(times, "all without reviews"):
            sum(1 for _ in record.all(PERSON, review=False))
        with timed(times, "delete"):
            record.delete(PERSON, f"take-{count + number}")
    with timed(times, "forget"):
        record.forget(PERSON)
    record.close()
    result: dict[str, Any] = {"takes": count, "held": True}
    for what, found in times.items():
        (median, cpu), (high, _) = np.percentile(found, (50, 95), axis=0).tolist()
        line = (
            f"{what:36} p50 {median:8.1f} ms   p95 {high:8.1f} ms   cpu {cpu:8.1f} ms   ({len(found)} times)"
        )
        if what.startswith(SERVER):
            line += "   held" if high <= MOST_MS else f"   NOT HELD: at most {MOST_MS:g} ms"
            result["held"] = result["held"] and high <= MOST_MS
        print(line)
        result[what] = {
            "p50_ms": round(float(median), 2),
            "p95_ms": round(float(high), 2),
            "cpu_ms": round(float(cpu), 2),
            "times": len(found),
        }
    return result


@contextmanager
def timed(times: Times, what: str) -> Iterator[None]:
    """Add how long something took."""
    begun, used = time.perf_counter(), time.process_time()
    yield
    times[what].append((1000 * (time.perf_counter() - begun), 1000 * (time.process_time() - used)))


def practice(count: int) -> Iterator[Take]:
    """Takes of somebody who made the guided takes, and then exercises in turn, with their words."""
    person = Person(1, steady(0.5))
    programme = load()
    exercises = [one for one in programme.exercise if one.rhythm == "daily"]
    for number in range(count):
        day, place = divmod(number, A_DAY)
        exercise = exercises[number % len(exercises)]
        purpose, drill = f"exercise:{exercise.name}", exercise.drill
        if place < len(programme.task) and (day < 3 or day % 91 in (28, 29)):
            task = programme.task[place]
            purpose, drill = f"{'baseline' if day < 3 else 'validation'}:{task.name}", task.drill
        made = person.make(f"take-{number}", at(START + timedelta(days=day), 8 + place), purpose, drill, 0.0)
        said = review([f"word{number}"] * WORDS)
        yield msgspec.structs.replace(made, kept=ALL, review=said)


async def serve(where: str, record: Record, count: int, times: Times) -> None:
    """Time what a server answers, from the request to the body, and while another process writes takes."""
    now = datetime(START.year, START.month, START.day, tzinfo=UTC) + timedelta(days=count // A_DAY)
    settings = Settings(record=PERSON, store=where)
    async with Hub(settings, now=lambda: now) as hub:
        with timed(times, "read before a server serves"):
            hub.record.warm_up(hub.training.read)
        transport = httpx.ASGITransport(create_app(hub), client=("127.0.0.1", 4711))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8765") as page:

            async def ask(what: str, path: str) -> None:
                with timed(times, f"{SERVER}{what}"):
                    answer = await page.get(path)
                answer.raise_for_status()

            gaps = "/record/programme/gaps?zone=UTC"
            for _ in range(100):
                await ask("list of takes", "/record/takes?limit=50")
                await ask("gap table", gaps)
                await ask("today", "/record/programme/today?zone=UTC")
            last = next(practice(1))
            for number in range(50):
                again = msgspec.structs.replace(
                    last, id=f"more-{number}", begun_at=now - timedelta(minutes=number)
                )
                record.put(PERSON, again)
                await ask("gap table after one new take", gaps)


if __name__ == "__main__":
    sys.exit(main())
