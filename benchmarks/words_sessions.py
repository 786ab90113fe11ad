"""How many speakers have live words, with one core for the engine and one for recognition.

    python -m benchmarks.words_sessions [--sessions 1,3,5,7] [--seconds 20] [--json OUT]

The server has a core of its own; recognition has the other, which the speakers share: they take a few
percent. All speak at once, with the pauses of the practice answer; only the machine limits their words. Each
step is measured without words, then with: packet to event as in ``benchmarks.capacity``, and how long after
the packet with a word's end was sent the word has come as final. A step is held when all have live words
throughout, corrected or not, none are missed, 90 of 100 words come within 1.8 s, and packets are as fast as
``benchmarks.capacity`` asks for.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import psutil

from benchmarks.capacity import HELD_MS, SERVERS, counts, measured
from benchmarks.net import report
from benchmarks.net.measured_server import MeasuredServer
from benchmarks.net.packet_delays import percentiles
from tests.harness.net.crowd import Crowd
from tests.harness.net.opus import PACKET_S
from tests.harness.net.speaker import Speaker

STEPS = (1, 3, 5, 7, 10)

WORDS_HELD_S = 1.8
"""Limit of the 90th percentile of how late words are final."""

BEGIN_S = 60.0
"""Longest time until all have had a word."""

WORKER = "engine.speech.worker"


def messages_of(speaker: Speaker, since_s: float) -> Iterator[tuple[float, dict[str, Any]]]:
    """Messages of a speaker from a time on, with their arrival."""
    for one in speaker.messages:
        if one.at_s >= since_s:
            for message in json.loads(one.raw):
                yield one.at_s, message


def word_delays_s(speaker: Speaker, since_s: float) -> list[float]:
    """How long each word took from the sending of the packet with its end to its message."""
    delays = []
    for at_s, message in messages_of(speaker, since_s):
        if message["type"] == "words":
            for word in message["words"]:
                packet = min(int(word["end_s"] / PACKET_S), len(speaker.sent_s) - 1)
                delays.append(at_s - speaker.sent_s[packet])
    return delays


def recognition_cpu_s(server: MeasuredServer, core: int) -> float:
    """Processor time of the recognition process, which is kept on a core; 0 without one."""
    for child in psutil.Process(server.pid).children():
        if WORKER in child.cmdline():
            child.cpu_affinity([core])
            times = child.cpu_times()
            return float(times.user + times.system)
    return 0.0


async def have_words(server: MeasuredServer, crowd: Crowd, core: int) -> float:
    """Switch words on, and wait until each speaker has had one; return when they were switched on."""
    asked_s = time.monotonic()
    for speaker in crowd.speakers:
        speaker._channel.send('{"type":"set_words","on":true}')
    async with asyncio.timeout(BEGIN_S):
        while not all(word_delays_s(speaker, asked_s) for speaker in crowd.speakers):
            recognition_cpu_s(server, core)
            await asyncio.sleep(0.5)
    return asked_s


async def step(sessions: int, seconds: float, core: int) -> dict[str, Any]:
    """Measure a number of speakers without words, and with."""
    with MeasuredServer(SERVERS["ours"], cores=[report.SERVER_CORE]) as server:
        async with Crowd(server.address) as crowd:
            await crowd.join(sessions)
            without = await measured(server, crowd, seconds)
            asked_s = await have_words(server, crowd, core)
            began_s, cpu_s = time.monotonic(), recognition_cpu_s(server, core)
            with_words = await measured(server, crowd, seconds)
            passed_s = time.monotonic() - began_s
            used = (recognition_cpu_s(server, core) - cpu_s) / passed_s
            delays = [delay for one in crowd.speakers for delay in word_delays_s(one, began_s)]
            told = [message for one in crowd.speakers for _, message in messages_of(one, began_s)]
            asked = [message for one in crowd.speakers for _, message in messages_of(one, asked_s)]
    modes = sorted({message["mode"] for message in asked if message["type"] == "words_state"})
    missed_s = sum(one["end_s"] - one["start_s"] for one in told if one["type"] == "words_missed")
    corrections = sum(one["type"] == "words_corrected" for one in told)
    late = percentiles(1000 * np.array(delays))
    late["p90"] = float(np.percentile(delays, 90)) * 1000 if delays else None
    fast = with_words["packet_to_event_ms"]["p99"] is not None
    made = {
        "sessions": sessions,
        "without": without,
        "with": with_words,
        "words": len(delays),
        "corrections": corrections,
        "word_delay_ms": late,
        "modes": modes,
        "missed_s": round(missed_s, 2),
        "recognition_cores": round(used, 3),
    }
    made["held"] = bool(
        modes == ["live"]
        and missed_s == 0
        and late["p90"] is not None
        and late["p90"] < 1000 * WORDS_HELD_S
        and fast
        and with_words["packet_to_event_ms"]["p99"] < HELD_MS
    )
    return made


def shown(made: dict[str, Any]) -> str:
    """Format one step."""
    late = made["word_delay_ms"]
    packets = [report.ms(made[side]["packet_to_event_ms"]["p99"]) for side in ("without", "with")]
    used = 100 * made["recognition_cores"]
    return (
        f"{made['sessions']:3} sessions {'held' if made['held'] else 'NOT held':8} "
        f"{made['words']} words, final after p50 {report.ms(late['p50'])} p90 {report.ms(late['p90'])} ms, "
        f"{made['missed_s']} s missed, {made['corrections']} corrections, "
        f"{' and '.join(made['modes'])}; recognition {used:.0f} % of a core; "
        f"packet to event p99 {packets[0]} ms without words, {packets[1]} ms with"
    )


async def run(steps: Sequence[int], seconds: float) -> list[dict[str, Any]]:
    """Measure all steps up to the first one that isn't held."""
    core = report.speakers_core()
    os.sched_setaffinity(0, [core])
    made = []
    for sessions in steps:
        made.append(await step(sessions, seconds, core))
        print(shown(made[-1]), flush=True)
        if not made[-1]["held"]:
            break
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = report.parser("words_sessions", __doc__, seconds=20)
    parser.add_argument(
        "--sessions", type=counts, default=list(STEPS), help="numbers of speakers, such as 1,3,5"
    )
    asked = parser.parse_args(argv)
    out = report.heading("words_sessions", argv)
    out["steps"] = asyncio.run(run(asked.sessions, asked.seconds))
    held = [one["sessions"] for one in out["steps"] if one["held"]]
    out["sessions"] = max(held, default=0)
    print(f"{out['sessions']} sessions with live words")
    report.write(asked.json, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
