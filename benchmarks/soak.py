"""Leaks under churn: as sessions come and go, memory, tasks, threads and descriptors must not grow.

    python -m benchmarks.soak [--seconds 300] [--sessions 50] [--json OUT]

Every second the oldest speaker leaves, in one of three ways, and a new one joins. Memory is compared
under the same load, once every speaker has been replaced; tasks, threads and descriptors are compared
without any speaker, before and after. For an hour: ``--seconds 3600``. How each figure is measured:
docs/benchmarks.md.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Sequence
from typing import Any

import psutil

from benchmarks.net import report
from benchmarks.net.measured_server import MeasuredServer
from tests.harness.net.crowd import Crowd

EVERY_S = 1.0
"""Interval at which a speaker is replaced."""

RESUME_S = 2.0
"""How long the server waits for a vanished speaker; its own default would only take longer."""

QUIET_S = 20.0
"""Longest wait until nothing of the sessions is left."""

COUNTED = ("tasks", "threads", "descriptors")


async def run(sessions: int, seconds: float) -> dict[str, Any]:
    """Run the whole measurement."""
    os.sched_setaffinity(0, [report.speakers_core()])
    args = ["--resume-s", str(RESUME_S)]
    with MeasuredServer("benchmarks.net.engine_server", *args, cores=[report.SERVER_CORE]) as child:
        await child.aask("record", on=False)
        async with Crowd(child.address) as crowd:
            # What is created once and kept, such as the threads of an executor, is no leak.
            await crowd.join(min(sessions, 10))
            await asyncio.sleep(1)
            await crowd.leave(list(crowd.speakers))
            empty = await quiet(child)
            await crowd.join(sessions)
            warm_s = min(sessions * EVERY_S, seconds)
            await churn(child, crowd, warm_s)
            before = await child.aask("state")
            grown, replaced = await churn(child, crowd, seconds)
            after = await child.aask("state")
            await crowd.leave(list(crowd.speakers))
            left = await quiet(child, empty)
    before_mb, after_mb = before["rss_bytes"] / 1e6, after["rss_bytes"] / 1e6
    print(f"with {sessions} sessions: {before_mb:.1f} MB, then {after_mb:.1f} MB")
    print(f"with nobody there: {empty}, then {left}")
    return {
        "rss_growth_pct": round(100 * (after["rss_bytes"] / before["rss_bytes"] - 1), 2),
        **{f"{name}_leaked": left[name] - empty[name] for name in COUNTED},
        "seconds": seconds,
        "warm_up_s": warm_s,
        "sessions": sessions,
        "sessions_replaced": replaced,
        "empty_before": empty,
        "under_load_before": before,
        "under_load_after": after,
        "empty_after": left,
        "rss_mb_by_second": grown,
    }


async def churn(child: MeasuredServer, crowd: Crowd, seconds: float) -> tuple[list[list[float]], int]:
    """Replace speakers; return the memory by second, and the number of speakers replaced."""
    began_s = time.monotonic()
    process = psutil.Process(child.pid)
    grown: list[list[float]] = []
    replaced = 0
    while (passed_s := time.monotonic() - began_s) < seconds:
        grown.append([round(passed_s, 1), round(process.memory_info().rss / 1e6, 2)])
        oldest = crowd.speakers[0]
        if replaced % 3 == 0:
            await crowd.leave([oldest])
        elif replaced % 3 == 1:
            await crowd.vanish([oldest])
        else:
            oldest.end()
            await asyncio.sleep(0.1)
            await crowd.vanish([oldest])
        await crowd.join(1)
        replaced += 1
        await asyncio.sleep(max(0.0, began_s + replaced * EVERY_S - time.monotonic()))
    return grown, replaced


async def quiet(child: MeasuredServer, like: dict[str, Any] | None = None) -> dict[str, Any]:
    """State without speakers, once it equals another one or no longer changes."""
    until_s = time.monotonic() + QUIET_S
    state = await child.aask("state")
    while time.monotonic() < until_s:
        await asyncio.sleep(RESUME_S)
        before, state = state, await child.aask("state")
        if like is None and all(state[name] == before[name] for name in COUNTED):
            break
        if like is not None and all(state[name] <= like[name] for name in COUNTED):
            break
    return state


def main(argv: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = report.parser("soak", __doc__, seconds=300)
    parser.add_argument("--sessions", type=int, default=50, help="sessions at a time (%(default)s)")
    asked = parser.parse_args(argv)
    out = report.heading("soak", argv)
    out["ours"] = asyncio.run(run(asked.sessions, asked.seconds))
    ours = out["ours"]
    print(
        f"{ours['sessions_replaced']} sessions replaced in {asked.seconds:g} s: memory "
        f"{ours['rss_growth_pct']:+.2f} %, leaked: {ours['tasks_leaked']} tasks, "
        f"{ours['threads_leaked']} threads, {ours['descriptors_leaked']} descriptors"
    )
    report.write(asked.json, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
