"""Fuzzing of a server with thousands of inputs from fixed seeds, while others speak.

    python -m benchmarks.fuzz [--only PART] [--share 0.1] [--seed 0] [--json OUT]

Runs one part after the other (:data:`PARTS`), each against a server of its own on which five people
speak; damaged recordings go to ``sottovoce analyze``. A part *holds* when no speaker's session ends or
loses a packet, nothing that reads as a fault is logged, every answer is a proper one, and nothing
leaks. The generators are those of the tests (``tests/harness/fuzz``), whose short runs are part of every
test run. How each figure is measured: docs/benchmarks.md.
"""

from __future__ import annotations

import asyncio
import os
import resource
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, get_args
from urllib.parse import urlsplit

import httpx

from benchmarks.net import report
from benchmarks.net.impact import measure_impact
from benchmarks.net.measured_server import MeasuredServer
from tests.harness.calls import Page
from tests.harness.fuzz import http, media, offers, sctp, strangers
from tests.harness.fuzz.datagrams import datagrams
from tests.harness.net.crowd import Crowd
from tests.harness.net.loopback import only_loopback

SPEAKERS = 5

CALLS = 40
"""Calls per moment at which datagrams are sent."""

AT_ONCE = 8
"""Connections open at a time."""

ANSWER_S = 0.3
"""Wait for an answer: most inputs get none, as they are incomplete."""

FILES_AT_ONCE = 30
"""Recordings per process."""

SETTLE_S = 3.0
"""Wait after a part: abandoned sessions end after ``RESUME_S``."""

RESUME_S = 1.0

GROWTH_MB = 40.0
"""What a part may leave in the allocator's pools, with the sessions of five speakers."""


class Arena(NamedTuple):
    """Server, seed and results of a part."""

    address: str
    seed: int
    total: int
    done: Counter[str]
    """Counts of the answers."""

    wrong: list[str]
    """Answers that should not have been."""


async def mutated_offers(arena: Arena) -> None:
    """Send mutated offers: each must get an answer or a sentence."""
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        for number in range(arena.total):
            offer = offers.mutated(arena.seed + number)
            told = await client.post(
                f"{arena.address}whip",
                content=offer.encode("utf-8", "surrogatepass"),
                headers={"content-type": "application/sdp"},
            )
            arena.done[str(told.status_code)] += 1
            if told.status_code == 201:
                await client.delete(str(httpx.URL(arena.address).join(told.headers["location"])))
            elif told.status_code not in (400, 413, 415, 422):
                arena.wrong.append(f"offer {arena.seed + number}: {told.status_code} {told.text[:80]}")


async def thrown_datagrams(arena: Arena) -> None:
    """Send datagrams before, during and after handshakes, from strangers and from the far end itself."""
    ways = [(moment, False) for moment in get_args(strangers.Moment)] + [("after", True)]
    each = max(1, arena.total // (len(ways) * CALLS))
    for number in range(CALLS):
        for way, (moment, own) in enumerate(ways):
            made = datagrams(arena.seed + number * len(ways) + way, each)
            try:
                page = await strangers.called(arena.address, moment, made, own=own)
                await strangers.still_there(page)
                arena.done[f"{moment}, {'own' if own else 'stranger'}: calls that went on"] += 1
            except (TimeoutError, httpx.HTTPError) as error:
                arena.wrong.append(f"call {number}, {moment}, own={own}: {error!r}")
            arena.done["datagrams"] += each


async def sctp_sequences(arena: Arena) -> None:
    """Send sequences of SCTP chunks, each from a newly connected peer."""
    for number in range(arena.total):
        page = Page()
        await page.call(arena.address)
        association = page.connection.sctp
        sctp.forgiving(association)
        await sctp.send(association, sctp.sequences(arena.seed + number))
        await page.connection.close()
        arena.done["sequences"] += 1


async def odd_requests(arena: Arena) -> None:
    """Send malformed HTTP requests."""
    await all_sent(arena, [(data, b"") for data in http.requests(arena.seed, arena.total)])


async def odd_frames(arena: Arena) -> None:
    """Send sequences of WebSocket frames that no library sends, to a session's watchers and to a room."""
    page = Page()
    await page.call(arena.address)
    async with httpx.AsyncClient(trust_env=False) as client:
        room = (await client.post(f"{arena.address}rooms", json={})).json()["room"]
    paths = (f"/sessions/{page.session}/live", f"/rooms/{room}/live")
    host = urlsplit(arena.address).netloc
    made = enumerate(http.frames(arena.seed, arena.total))
    await all_sent(arena, [(http.handshake(paths[n % 2], host), data) for n, data in made])
    await page.connection.close()


async def all_sent(arena: Arena, pairs: Sequence[tuple[bytes, bytes]]) -> None:
    """Send each pair on its own connection, some at a time: the second part after an answer to the first."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(first: bytes, then: bytes) -> None:
        async with places:
            reader, writer = await asyncio.open_connection(*server_of(arena.address))
            answer = b""
            try:
                writer.write(first)
                if then:
                    answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
                    writer.write(then)
                await writer.drain()
                async with asyncio.timeout(ANSWER_S):
                    while part := await reader.read(65_536):
                        answer += part
            except (ConnectionError, TimeoutError, asyncio.IncompleteReadError) as error:
                arena.done[type(error).__name__] += 1
            writer.close()
            arena.done[" ".join(answer[:12].decode("latin-1").split()[1:2]) or "no answer"] += 1

    await asyncio.gather(*(one(first, then) for first, then in pairs))


def server_of(address: str) -> tuple[str, int]:
    """Host and port of an address."""
    parts = urlsplit(address)
    return parts.hostname or "127.0.0.1", parts.port or 80


async def damaged_recordings(arena: Arena) -> None:
    """Run ``sottovoce analyze`` on damaged recordings of many formats."""
    with TemporaryDirectory() as folder:
        for first in range(0, arena.total, FILES_AT_ONCE):
            numbers = range(first, min(first + FILES_AT_ONCE, arena.total))
            paths = [media.damaged(arena.seed + number, Path(folder)) for number in numbers]
            wrong = await asyncio.to_thread(media.faults, paths)
            arena.wrong.extend(wrong)
            arena.done["read or refused in a sentence"] += len(paths) - len(wrong)
            for path in paths:
                path.unlink()


Part = Callable[[Arena], Awaitable[None]]

PARTS: dict[str, tuple[int, Part]] = {
    "offers": (2_000, mutated_offers),
    "datagrams": (20_000, thrown_datagrams),
    "SCTP": (2_000, sctp_sequences),
    "requests": (1_000, odd_requests),
    "frames": (500, odd_frames),
    "recordings": (300, damaged_recordings),
}
"""Number of inputs and function of each part."""


async def run(name: str, share: float, seed: int) -> dict[str, Any]:
    """Run one part."""
    count, part = PARTS[name]
    with TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with (
            log.open("wb") as said,
            MeasuredServer(
                "benchmarks.net.engine_server",
                *("--resume-s", str(RESUME_S), "--loopback"),
                cores=[report.SERVER_CORE],
                log=said,
            ) as child,
        ):
            async with Crowd(child.address) as crowd:
                await crowd.join(SPEAKERS)
                await asyncio.sleep(SETTLE_S)
                arena = Arena(child.address, seed, max(1, round(count * share)), Counter(), [])
                row = await measure_impact(child, crowd, part(arena), SETTLE_S)
        faults = [line for line in log.read_text("utf-8", "replace").splitlines() if is_fault(line)]
    harm = row["packets_lost"] or row["sessions_ended"] or row["rss_growth_mb"] > GROWTH_MB
    return {
        "part": name,
        "count": arena.total,
        **row,
        "done": dict(arena.done),
        "wrong": arena.wrong,
        "faults": faults,
        "held": not (harm or arena.wrong or faults or row["descriptors_grown"] > 0),
    }


def is_fault(line: str) -> bool:
    """Whether a line of the log reports an internal error."""
    return "Traceback" in line or "Exception" in line or line.startswith(("ERROR", "CRITICAL"))


def line(row: dict[str, Any]) -> str:
    """Format one row."""
    delay = row["packet_to_event_ms"]
    wrong = [*row["wrong"][:3], *row["faults"][:3]]
    return (
        f"{row['part']:11} {row['count']:6} in {row['seconds']:.0f} s, p50 {report.ms(delay['p50'])} "
        f"p99 {report.ms(delay['p99'])} ms, {row['packets_lost']} lost, {row['sessions_ended']} ended, "
        f"{row['rss_growth_mb']:+.1f} MB, {row['tasks_grown']:+d} tasks, {row['descriptors_grown']:+d} fds, "
        f"{'held' if row['held'] else 'NOT HELD'}  {row['done']} {wrong or ''}"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run from the command line; the status is 1 when a part doesn't hold."""
    parser = report.parser("fuzz", __doc__, seconds=0)
    parser.add_argument("--only", choices=PARTS, help="only this part")
    parser.add_argument(
        "--share", type=float, default=1.0, help="share of the full number of inputs (%(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of the first input (%(default)s)")
    asked = parser.parse_args(argv)
    os.sched_setaffinity(0, [report.speakers_core()])
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    only_loopback()
    out = report.heading("fuzz", argv)
    out["parts"] = []
    for name in [asked.only] if asked.only else PARTS:
        row = asyncio.run(run(name, asked.share, asked.seed))
        out["parts"].append(row)
        print(line(row), flush=True)
    report.write(asked.json, out)
    return 0 if all(row["held"] for row in out["parts"]) else 1


if __name__ == "__main__":
    sys.exit(main())
