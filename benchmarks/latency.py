"""Delay from a packet to its events and to the nudge on the wire, in good and bad networks.

    python -m benchmarks.latency [--sessions 1,10,50,100] [--seconds 10] [--calls 100] [--record] [--json OUT]

First with rising numbers of speakers and nothing between them and the server; while most of them
speak, new ones call, and their waiting times are measured. Then with ten speakers behind a relay
that, from a fixed seed, drops, delays, reorders and duplicates their packets, with the time until
the delay is back to normal afterwards. With ``--record`` takes are written all the while, each
speaker's with sound every 5 s. First the engine's server, then plain aiortc. How each
figure is measured: docs/benchmarks.md.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.capacity import SERVERS, counts
from benchmarks.net import report
from benchmarks.net.caller import elsewhere
from benchmarks.net.measured_server import MeasuredServer, SessionRecord
from benchmarks.net.packet_delays import (
    lost_packets,
    message_delays_ms,
    packet_arrivals,
    percentiles,
    processed_s,
)
from tests.harness.net.crowd import Crowd
from tests.harness.net.relay import Relay, Weather
from tests.harness.net.speaker import Speaker

WEATHERS = {
    "no loss": Weather(),
    "0.5 % loss": Weather(loss=0.005),
    "2 % loss": Weather(loss=0.02),
    "5 % loss": Weather(loss=0.05),
    "10 % loss": Weather(loss=0.10),
    "bursts of 4 lost": Weather(burst=0.01),
    "10 ms jitter": Weather(jitter_s=0.010),
    "20 ms jitter": Weather(jitter_s=0.020),
    "60 ms jitter": Weather(jitter_s=0.060),
    "2 % loss, 20 ms jitter": Weather(loss=0.02, jitter_s=0.020),
    "5 % reordered": Weather(reordered=0.05),
    "5 % duplicated": Weather(duplicated=0.05),
}

SPEAKERS_IN_WEATHER = 10
"""Speakers behind the relay."""

CALM_S = 2.0
"""Undisturbed time before and after the relay's disturbance."""

SETTLE_S = 1.0
"""Wait after the last speaker has joined, longer than what only the first packets cause."""

BACK_S = 0.1
"""Time after the disturbance from which the delay should be normal."""

FIRST_EVENT_S = {"ours": 5.0, "stock": 0.0}
"""Longest wait of new callers for an event; plain aiortc sends none."""

EAGER = """\
[nudges]
gap_s = 2
same_cue_gap_s = 2
urgent_gap_s = 1
settle_s = 1
show_s = 1
"""
"""Profile with nudges as often as possible: their delay is measured, not their quality."""


async def clean(
    child: MeasuredServer, crowd: Crowd, seconds: float, *, calls: int, first_event_s: float
) -> dict[str, Any]:
    """Measure the present speakers without a relay, and how long new callers wait."""
    await asyncio.sleep(SETTLE_S)
    began_s = time.monotonic()
    await asyncio.sleep(seconds)
    ended_s = time.monotonic()
    speakers = list(crowd.speakers)
    out: dict[str, Any] = {"sessions": len(speakers)}
    if calls:
        called = await elsewhere(child.address, calls, first_event_s)
        for name in ("offer_to_answer_ms", "click_to_first_event_ms"):
            out[name] = percentiles([ms for one in called if (ms := one[name]) is not None])
    out |= delays(speakers, await child.arecords(), began_s, ended_s)
    return out


async def weathered(child: MeasuredServer, weather: Weather, sessions: int, seconds: float) -> dict[str, Any]:
    """Measure calm, disturbance, and calm again."""
    relays = [Relay(weather, seed) for seed in range(sessions)]
    for relay in relays:
        await relay.open()
    async with Crowd(child.address, relays) as crowd:
        speakers = await crowd.join(sessions)
        await asyncio.sleep(SETTLE_S)
        calm_s = time.monotonic()
        await asyncio.sleep(CALM_S)
        began_s = time.monotonic()
        for relay in relays:
            relay.active = True
        await asyncio.sleep(seconds)
        ended_s = time.monotonic()
        for relay in relays:
            relay.active = False
        await asyncio.sleep(CALM_S)
        over_s = time.monotonic()
        await asyncio.sleep(0.5)
        heard = await child.arecords()
        return {
            "sessions": sessions,
            **delays(speakers, heard, began_s, ended_s),
            "before_ms": delays(speakers, heard, calm_s, began_s)["packet_to_event_ms"],
            "after_ms": delays(speakers, heard, ended_s + BACK_S, over_s)["packet_to_event_ms"],
            "back_within_ms": back_within_ms(speakers, heard, calm_s, began_s, ended_s, over_s),
        }


def delays(
    speakers: Sequence[Speaker], heard: dict[str, SessionRecord], began_s: float, ended_s: float
) -> dict[str, Any]:
    """Delays and losses of the packets sent in a stretch of time."""
    to_event: list[float] = []
    to_nudge: list[float] = []
    to_message: list[float] = []
    lost = recovered = neighbours = packets = 0
    for speaker in speakers:
        came, mine = packet_arrivals(speaker), heard[speaker.session]
        window = (came.sent_s >= began_s) & (came.sent_s < ended_s)
        unheard = lost_packets(mine, came.sent_s.size)
        dropped = np.isnan(came.arrived_s)
        delay_ms = 1000 * (processed_s(mine, came.sent_s.size) - came.arrived_s)
        to_event.extend(delay_ms[window & ~unheard & ~dropped])
        packets += int(window.sum())
        lost += int((window & dropped).sum())
        recovered += int((window & dropped & ~unheard).sum())
        neighbours += int((window & ~dropped & unheard).sum())
        said = [message for message in speaker.messages if began_s <= message.at_s < ended_s]
        nudges, others = message_delays_ms(said, came)
        to_nudge += nudges
        to_message += others
    return {
        "packet_to_event_ms": percentiles(to_event),
        "packet_to_nudge_ms": percentiles(to_nudge),
        "packet_to_message_ms": percentiles(to_message),
        "packets": packets,
        "packets_lost": lost,
        "packets_recovered": recovered,
        "neighbours_lost": neighbours,
    }


def back_within_ms(
    speakers: Sequence[Speaker],
    heard: dict[str, SessionRecord],
    calm_s: float,
    began_s: float,
    ended_s: float,
    over_s: float,
) -> dict[str, float | int | None]:
    """Time from the end of the disturbance to the first packet with a normal delay, as is the median of five.

    Normal is under the 99th percentile of the calm plus a millisecond. A speaker for whom that never
    happened counts with the whole time watched.
    """
    came = {speaker: packet_arrivals(speaker) for speaker in speakers}
    late_s = {
        speaker: processed_s(heard[speaker.session], one.sent_s.size) - one.arrived_s
        for speaker, one in came.items()
    }
    calm = [late_s[s][(came[s].sent_s >= calm_s) & (came[s].sent_s < began_s)] for s in speakers]
    limit_s = float(np.nanpercentile(np.concatenate(calm), 99)) + 0.001
    found = []
    for speaker in speakers:
        after = np.flatnonzero((came[speaker].sent_s >= ended_s) & (came[speaker].sent_s < over_s - 0.1))
        since_s = over_s - ended_s
        for number in after:
            following = late_s[speaker][number : number + 5]
            if following[0] <= limit_s and np.median(following) <= limit_s:
                since_s = came[speaker].arrived_s[number] - ended_s
                break
        found.append(1000 * max(0.0, since_s))
    return percentiles(found)


async def run(
    sessions: Sequence[int],
    seconds: float,
    weathers: Sequence[str],
    names: Sequence[str],
    calls: int,
    *,
    record: bool = False,
) -> dict[str, Any]:
    """Measure every condition, with one server and then with the other."""
    os.sched_setaffinity(0, [report.speakers_core()])
    out: dict[str, Any] = {}
    with TemporaryDirectory() as folder:
        eager = Path(folder) / "eager.toml"
        eager.write_text(EAGER, "utf-8")
        for name in names:
            args = ["--profile", str(eager)] if name == "ours" else []
            if record and name == "ours":
                args += ["--record", str(Path(folder) / "record")]
            out[name] = {}
            with MeasuredServer(SERVERS[name], *args, cores=[report.SERVER_CORE]) as child:
                async with Crowd(child.address) as crowd:
                    for count in sessions:
                        await crowd.join(count - len(crowd.speakers))
                        newcomers = calls if count == max(sessions) else 0
                        step = out[name][f"{count} sessions"] = await clean(
                            child, crowd, seconds, calls=newcomers, first_event_s=FIRST_EVENT_S[name]
                        )
                        print(shown(name, f"{count} sessions", step), flush=True)
            for weather in weathers:
                # A new server for each, so that none inherits load from the one before.
                with MeasuredServer(SERVERS[name], *args, cores=[report.SERVER_CORE]) as child:
                    step = await weathered(child, WEATHERS[weather], SPEAKERS_IN_WEATHER, seconds)
                    out[name][weather] = step
                    print(shown(name, weather, step), flush=True)
    return out


def shown(name: str, condition: str, step: dict[str, Any]) -> str:
    """Format one condition."""
    event, nudge = step["packet_to_event_ms"], step["packet_to_nudge_ms"]
    text = (
        f"{name:5} {condition:24} event p50 {report.ms(event['p50'])} p95 {report.ms(event['p95'])} "
        f"p99 {report.ms(event['p99'])} p99.9 {report.ms(event['p999'])} ms"
    )
    if nudge["n"]:
        text += f", nudge p50 {report.ms(nudge['p50'])} p99 {report.ms(nudge['p99'])} ms ({nudge['n']})"
    if "after_ms" in step:
        text += (
            f"; lost {step['packets_lost']}, of them recovered {step['packets_recovered']}, neighbours "
            f"{step['neighbours_lost']}; p50 before {report.ms(step['before_ms']['p50'])} after "
            f"{report.ms(step['after_ms']['p50'])} ms, back within {report.ms(step['back_within_ms']['p95'])}"
        )
    if "offer_to_answer_ms" in step:
        text += (
            f"; offer to answer p50 {report.ms(step['offer_to_answer_ms']['p50'])} "
            f"p99 {report.ms(step['offer_to_answer_ms']['p99'])} ms, click to first event "
            f"p99 {report.ms(step['click_to_first_event_ms']['p99'])} ms"
        )
    return text


def main(argv: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = report.parser("latency", __doc__, seconds=10)
    parser.add_argument(
        "--sessions", type=counts, default=[1, 10, 50, 100], help="numbers of sessions, such as 1,10,50"
    )
    parser.add_argument(
        "--weather",
        action="append",
        choices=list(WEATHERS),
        help="only this condition; may be repeated",
    )
    parser.add_argument("--only", choices=list(SERVERS), help="only one of the two servers")
    parser.add_argument(
        "--calls", type=int, default=100, metavar="N", help="number of new callers (%(default)s)"
    )
    parser.add_argument(
        "--record", action="store_true", help="keep takes with their sound while the speakers speak"
    )
    asked = parser.parse_args(argv)
    out = report.heading("latency", argv)
    names = [asked.only] if asked.only else list(SERVERS)
    out |= asyncio.run(
        run(
            asked.sessions,
            asked.seconds,
            asked.weather or list(WEATHERS),
            names,
            asked.calls,
            record=asked.record,
        )
    )
    report.write(asked.json, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
