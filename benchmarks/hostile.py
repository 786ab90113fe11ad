"""Impact of hostile clients on the speakers, one attack after the other.

    python -m benchmarks.hostile [--seconds 5] [--sessions 20] [--only NAME] [--json OUT]

Twenty speakers talk to one server on a core of its own, with all limits at their defaults; a process
beside the speakers attacks it (:mod:`benchmarks.net.attacks`). An attack is *held* when no packet
is missing, all are processed, every session continues, and 99 of 100 packets have their events
within 20 ms of being sent. How each figure is measured: docs/benchmarks.md.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

import httpx

from benchmarks.net import report
from benchmarks.net.attacks import ATTACKS
from benchmarks.net.impact import measure_impact
from benchmarks.net.measured_server import MeasuredServer
from engine.server.sessions.load import BUSY_RETRY_S
from tests.harness.net.crowd import Crowd
from tests.harness.net.loopback import only_loopback
from tests.harness.net.speaker import Refused

CALM = "nobody attacks"
"""Name of the row without an attack."""

HELD_MS = 20.0
"""Limit of the 99th percentile."""

SETTLE_S = 1.0
"""Wait after the last speaker has joined, and after each attack."""

POLITE = 10
"""Niceness of the attacker: it shares a core with the speakers, whose time stamps must be exact."""

JOIN_S = 120.0
"""Longest wait until all have joined."""

OVER_S = 60.0
"""Longest time by which an attacker may overrun."""


async def run(sessions: int, seconds: float, names: Sequence[str]) -> list[dict[str, Any]]:
    """Run all attacks, after a run without one."""
    os.sched_setaffinity(0, [report.speakers_core()])
    only_loopback()
    out: list[dict[str, Any]] = []
    for name in (CALM, *names):
        # A new server for each, so that no attack inherits what another has used up.
        with MeasuredServer(
            "benchmarks.net.engine_server", "--limits", "--loopback", cores=[report.SERVER_CORE]
        ) as child:
            async with Crowd(child.address) as crowd:
                await joined(crowd, sessions)
                await asyncio.sleep(SETTLE_S)
                out.append(await attacked(child, crowd, name, seconds))
        print(line(out[-1]), flush=True)
    return out


async def joined(crowd: Crowd, sessions: int) -> None:
    """Let speakers join; retry while the server is busy with earlier ones."""
    async with asyncio.timeout(JOIN_S):
        while (missing := sessions - len(crowd.speakers)) > 0:
            try:
                await crowd.join(missing)
            except Refused:
                await asyncio.sleep(BUSY_RETRY_S)


async def attacked(child: MeasuredServer, crowd: Crowd, name: str, seconds: float) -> dict[str, Any]:
    """Run one attack, and measure its impact on the speakers."""
    did: dict[str, Any] = {}

    async def doing() -> None:
        if name == CALM:
            await asyncio.sleep(seconds)
        else:
            did.update(await attack(child.address, name, [one.port for one in crowd.speakers], seconds))

    row = await measure_impact(child, crowd, doing(), SETTLE_S)
    async with httpx.AsyncClient(trust_env=False) as http:
        healthy = (await http.get(f"{child.address}healthz")).status_code
    p99 = row["packet_to_event_ms"]["p99"]
    unharmed = not row["packets_lost"] and not row["sessions_ended"] and healthy == 200
    return {
        "attack": name,
        **row,
        "healthz": healthy,
        "did": did,
        "held": unharmed and p99 is not None and p99 < HELD_MS,
    }


async def attack(address: str, name: str, ports: Sequence[int], seconds: float) -> dict[str, Any]:
    """Run an attacker in a process of its own; return its counts."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.net.attacks", name, address),
        *("--seconds", str(seconds), "--ports", ",".join(map(str, ports))),
        stdout=asyncio.subprocess.PIPE,
        preexec_fn=lambda: os.nice(POLITE) and None,
    )
    try:
        async with asyncio.timeout(seconds + OVER_S):
            told, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        return {"ended": "killed after its time"}
    did: dict[str, Any] = json.loads(told) if told else {"ended": f"exit {process.returncode}"}
    return did


def line(row: dict[str, Any]) -> str:
    """Format one row."""
    delay = row["packet_to_event_ms"]
    did = ", ".join(f"{count} {what}" for what, count in row["did"].items())
    return (
        f"{row['attack']:28} p50 {report.ms(delay['p50'])} p99 {report.ms(delay['p99'])} ms, "
        f"{row['packets_lost']} lost, {row['sessions_ended']} ended, cpu {row['server_cpu']:.2f}, "
        f"{row['rss_growth_mb']:+.1f} MB, {row['descriptors_grown']:+d} fds, "
        f"{'held' if row['held'] else 'NOT HELD'}  [{did}]"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run from the command line; the status is 1 when an attack isn't held."""
    parser = report.parser("hostile", __doc__, seconds=5)
    parser.add_argument("--sessions", type=int, default=20, help="number of speakers (%(default)s)")
    parser.add_argument("--only", choices=ATTACKS, help="only this attack")
    asked = parser.parse_args(argv)
    out = report.heading("hostile", argv)
    names = [asked.only] if asked.only else list(ATTACKS)
    out["attacks"] = asyncio.run(run(asked.sessions, asked.seconds, names))
    report.write(asked.json, out)
    return 0 if all(row["held"] for row in out["attacks"]) else 1


if __name__ == "__main__":
    sys.exit(main())
