"""How many speakers one core serves in real time, with analysis and nudges.

    python -m benchmarks.capacity [--sessions 60,90,120,…] [--seconds 30] [--workers N] [--json OUT]
    python -m benchmarks.capacity --rooms 30 [--seconds 30] [--json OUT]

The server has a core of its own and the speakers the other. More of them join step by step;
a step is held when no hop is missing, all are processed, no session is refused, and 99 of
100 packets have their events within 20 ms of being sent. The last step held is the capacity.
For comparison, plain aiortc is measured in the same way: frames from ``track.recv()``, unused.
``--workers`` adds a run with N processes on all cores, which the speakers share. ``--rooms``
only compares the server's CPU time for rooms of two with that for sessions of one. How each
figure is measured: docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from benchmarks.net import report
from benchmarks.net.cpu_profile import ALL_STAGES
from benchmarks.net.measured_server import MeasuredServer
from benchmarks.net.packet_delays import (
    lost_packets,
    message_delays_ms,
    packet_arrivals,
    percentiles,
    processed_s,
)
from benchmarks.net.workers import Workers
from tests.harness.net.crowd import Crowd
from tests.harness.net.speaker import Refused

STEPS = (30, 60, 75, 90, 105, 120, 150, 180, 210, 250, 300)

SETTLE_S = 2.0
"""Wait after the last speaker of a step has joined."""

HELD_MS = 20.0
"""Limit of the 99th percentile."""

STOCK_HELD_MS = 120.0
"""The same for aiortc: its own delay of 80 ms and 40 ms, twice the engine's limit."""

TRIES = 2
"""Measurements of a step that isn't held: something else on the machine may have disturbed the first."""

SERVERS = {"ours": "benchmarks.net.engine_server", "stock": "benchmarks.net.aiortc_receiver"}


async def climb(name: str, steps: Sequence[int], seconds: float) -> dict[str, Any]:
    """Measure all steps up to the first one that isn't held."""
    limit_ms = HELD_MS if name == "ours" else STOCK_HELD_MS
    tried: list[dict[str, Any]] = []
    with MeasuredServer(SERVERS[name], cores=[report.SERVER_CORE]) as child:
        async with Crowd(child.address) as crowd:
            for sessions in steps:
                try:
                    await crowd.join(sessions - len(crowd.speakers))
                except (Refused, TimeoutError) as refused:
                    tried.append({"sessions": sessions, "held": False, "refused": str(refused)})
                    break
                for _ in range(TRIES):
                    step = await measured(child, crowd, seconds)
                    step["held"] = (
                        step["packets_missing"] == 0
                        and step["packets_not_dealt_with"] == 0
                        and step["packet_to_event_ms"]["p99"] is not None
                        and step["packet_to_event_ms"]["p99"] < limit_ms
                    )
                    tried.append(step)
                    print(shown(name, step), flush=True)
                    if step["held"]:
                        break
                else:
                    break
    held = [step for step in tried if step["held"]]
    best = held[-1] if held else None
    return {
        "sessions": best["sessions"] if best else 0,
        "us_per_packet": best["us_per_packet"] if best else None,
        "p99_ms": best["packet_to_event_ms"]["p99"] if best else None,
        "steps": tried,
    }


class Spent(NamedTuple):
    """A stretch of time, and the CPU time it took."""

    began_s: float
    ended_s: float
    packets: int
    cpu_s: float
    """CPU time of the server."""
    own_s: float
    """CPU time of the speakers."""

    @property
    def packet_us(self) -> float:
        """CPU time of the server per packet sent."""
        return self.cpu_s / self.packets * 1e6

    def cores(self, cpu_s: float) -> float:
        """CPU time as a share of a core."""
        return round(cpu_s / (self.ended_s - self.began_s), 3)


async def spent(server: MeasuredServer | Workers, crowd: Crowd, seconds: float) -> Spent:
    """Let the speakers speak for ``seconds``, once all have settled."""
    await asyncio.sleep(SETTLE_S)
    crowd.late_s = 0.0
    began_s, cpu_s, own_s = time.monotonic(), server.cpu_s, time.process_time()
    before = sum(len(speaker.sent_s) for speaker in crowd.speakers)
    await asyncio.sleep(seconds)
    ended_s = time.monotonic()
    packets = sum(len(speaker.sent_s) for speaker in crowd.speakers) - before
    return Spent(began_s, ended_s, packets, server.cpu_s - cpu_s, time.process_time() - own_s)


async def measured(child: MeasuredServer, crowd: Crowd, seconds: float) -> dict[str, Any]:
    """Measure one step: delay and CPU time, then the stages of the CPU time."""
    took = await spent(child, crowd, seconds)
    await child.aask("sample", on=True)
    await asyncio.sleep(min(5.0, seconds))
    counts: dict[str, int] = (await child.aask("sample", on=False))["stages"]
    heard = await child.arecords()
    delays, lost, never = [], 0, 0
    for speaker in crowd.speakers:
        came, mine = packet_arrivals(speaker), heard[speaker.session]
        window = (came.sent_s >= took.began_s) & (came.sent_s < took.ended_s)
        delay_ms = (processed_s(mine, came.sent_s.size) - came.arrived_s)[window] * 1000
        lost += int(lost_packets(mine, came.sent_s.size)[window].sum())
        never += int(np.isnan(delay_ms).sum())
        delays.append(delay_ms)
    samples = sum(counts.values())
    return {
        "sessions": len(crowd.speakers),
        "packet_to_event_ms": percentiles(np.concatenate(delays)),
        "packets": took.packets,
        "packets_missing": lost,
        "packets_not_dealt_with": never,
        "us_per_packet": {
            "total": round(took.packet_us, 1),
            **{
                stage: round(counts.get(stage, 0) / max(1, samples) * took.packet_us, 1)
                for stage in ALL_STAGES
            },
        },
        "stage_samples": samples,
        "server_core_used": took.cores(took.cpu_s),
        "speakers_core_used": took.cores(took.own_s),
        "speakers_late_ms": round(crowd.late_s * 1000, 1),
    }


async def climb_with_workers(workers: int, steps: Sequence[int], seconds: float) -> dict[str, Any]:
    """Measure the steps with several processes, by the delay up to the message at the speaker."""
    tried: list[dict[str, Any]] = []
    with Workers(workers, sessions=10_000) as server:
        async with Crowd(server.address) as crowd:
            for sessions in steps:
                await crowd.join(sessions - len(crowd.speakers))
                step = await measured_outside(server, crowd, seconds)
                tried.append(step)
                delay, used = step["packet_to_message_ms"], step["us_per_packet"]["total"]
                print(
                    f"{workers} workers {sessions:4} sessions {'held' if step['held'] else 'NOT held':8} "
                    f"message p50 {report.ms(delay['p50'])} p99 {report.ms(delay['p99'])} ms, "
                    f"{used:.0f} µs a packet, servers {100 * step['server_cores_used']:.0f} %, "
                    f"speakers {100 * step['speakers_core_used']:.0f} % of a core",
                    flush=True,
                )
                if not step["held"]:
                    break
    held = [step for step in tried if step["held"]]
    return {"workers": workers, "sessions": held[-1]["sessions"] if held else 0, "steps": tried}


async def rooms_against_solo(rooms: int, seconds: float) -> dict[str, Any]:
    """Compare the server's CPU time for rooms of two and for as many speakers in sessions of their own."""
    took: dict[str, list[float]] = {"solo": [], "rooms": []}
    for kind in ("solo", "rooms", "rooms", "solo", "solo", "rooms"):
        with Workers(1, sessions=10_000) as server:
            async with Crowd(server.address) as crowd:
                await (crowd.join(2 * rooms) if kind == "solo" else crowd.join_rooms(rooms))
                took[kind].append((await spent(server, crowd, seconds)).packet_us)
                print(f"{kind:5} {took[kind][-1]:.0f} µs a packet", flush=True)
    ratio = 2 * sum(took["rooms"]) / sum(took["solo"])
    return {"rooms": rooms, "us_per_packet": took, "room_to_solo_session": round(ratio, 3)}


async def measured_outside(server: Workers, crowd: Crowd, seconds: float) -> dict[str, Any]:
    """Measure one step by what the speakers receive."""
    took = await spent(server, crowd, seconds)
    delays: list[float] = []
    got = []
    for speaker in crowd.speakers:
        said = [one for one in speaker.messages if took.began_s <= one.at_s < took.ended_s]
        nudges, others = message_delays_ms(said, packet_arrivals(speaker))
        delays += nudges + others
        got.append(len(nudges) + len(others))
    delay = percentiles(delays)
    return {
        "sessions": len(crowd.speakers),
        "packet_to_message_ms": delay,
        "fewest_messages": min(got),
        "us_per_packet": {"total": round(took.packet_us, 1)},
        "server_cores_used": took.cores(took.cpu_s),
        "speakers_core_used": took.cores(took.own_s),
        # Every speaker receives four readings a second.
        "held": min(got) >= 3 * seconds and delay["p99"] is not None and delay["p99"] < HELD_MS,
    }


def shown(name: str, step: dict[str, Any]) -> str:
    """Format one step."""
    delay = step["packet_to_event_ms"]
    used = step["us_per_packet"]
    stages = ", ".join(f"{stage} {us:.0f}" for stage, us in used.items() if stage != "total")
    return (
        f"{name:5} {step['sessions']:4} sessions {'held' if step['held'] else 'NOT held':8} "
        f"p50 {report.ms(delay['p50'])} p99 {report.ms(delay['p99'])} ms, "
        f"{step['packets_missing']} missing, {step['packets_not_dealt_with']} not dealt with, "
        f"{used['total']:.0f} µs a packet ({stages}), core {100 * step['server_core_used']:.0f} %, "
        f"speakers' {100 * step['speakers_core_used']:.0f} %"
    )


async def run(steps: Sequence[int], seconds: float, names: Sequence[str]) -> dict[str, Any]:
    """Measure both servers, one after the other."""
    os.sched_setaffinity(0, [report.speakers_core()])
    return {name: await climb(name, steps, seconds) for name in names}


def counts(text: str) -> list[int]:
    """Parse an argument: rising numbers of sessions."""
    try:
        steps = [int(part) for part in text.split(",")]
    except ValueError:
        steps = []
    if not steps or min(steps) < 1 or sorted(set(steps)) != steps:
        raise argparse.ArgumentTypeError(f"{text!r} must look like 60,90,120")
    return steps


def main(argv: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = report.parser("capacity", __doc__, seconds=30)
    parser.add_argument(
        "--sessions", type=counts, default=list(STEPS), help="numbers of speakers, such as 60,90,120"
    )
    parser.add_argument("--only", choices=list(SERVERS), help="only one of the two servers")
    parser.add_argument(
        "--rooms", type=int, metavar="N", help="only compare N rooms of two with sessions of one"
    )
    parser.add_argument("--workers", type=int, metavar="N", help="also measure N processes on all cores")
    asked = parser.parse_args(argv)
    out = report.heading("capacity", argv)
    if asked.rooms:
        out["rooms"] = asyncio.run(rooms_against_solo(asked.rooms, asked.seconds))
        print(f"a room costs {out['rooms']['room_to_solo_session']:.2f} times a session of one")
        report.write(asked.json, out)
        return 0
    cores = os.sched_getaffinity(0)
    out |= asyncio.run(run(asked.sessions, asked.seconds, [asked.only] if asked.only else list(SERVERS)))
    for name in SERVERS:
        if name in out:
            print(f"{name}: {out[name]['sessions']} sessions on one core")
    if asked.workers:
        os.sched_setaffinity(0, cores)
        out["workers"] = asyncio.run(climb_with_workers(asked.workers, asked.sessions, asked.seconds))
        print(f"{asked.workers} workers: {out['workers']['sessions']} sessions, speakers on the same cores")
    report.write(asked.json, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
