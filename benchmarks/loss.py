"""Effect of lost and late packets on the measures: the same recordings with and without them.

    python -m benchmarks.loss [--data PATH] [--json OUT] [--loss 0.02] [--jitter 0.02] [--runs 10]
                              [--seconds N]

Encodes labelled recordings, each microphone by itself, as a browser does (Opus, 20 ms, 32 kb/s,
in-band FEC for the given loss), and passes the packets to ``engine.media.rtp.stream.RtpStream``: once
all in time, then with seeded random loss, each delayed by a random part of twice the jitter, so that
they change order; and once more without FEC in the stream. Compares the summary's measures and the
pauses. Deviations are over the corpus (counts and times of all recordings and runs summed, other
measures averaged by seconds of speech; the bar applies to this) and per recording (median, worst: one of
nine pauses is 11 %). For reference it also reports the effect on pauses of another coding of the same
sound without loss.

Exit codes: 0 every bar is held, 1 one isn't, 2 there are no recordings.
"""

from __future__ import annotations

import argparse
import json
import math
import struct
import sys
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
from av import AudioFrame
from av.audio.codeccontext import AudioCodecContext
from scipy.signal import resample_poly

from dsp.frame import RATE_HZ
from engine.core.session import Session
from engine.media.rtp.stream import RtpStream
from engine.protocol import events as ev
from engine.shipped import profiles
from engine.warm import drop_stale_kernels
from tests.harness.corpus import DATA
from tests.harness.labelled_speech import Labels, Samples

OPUS = 111
SENT_HZ = 48_000
PACKET = 960
PACKET_S = PACKET / SENT_HZ

MOST_OFF = 0.05
"""Share by which a measure may deviate."""

SAME_S = 0.3
"""Pauses whose starts, or ends, are nearer than this are the same."""

MEASURES = (
    "speech_s", "pace_wpm", "syllables_per_s", "syllables", "pause_count", "pause_total_s", "longest_pause_s",
    "longest_stretch_s", "f0_median_hz", "f0_sd_st", "level_dbfs", "loudness_lufs", "snr_db",
)  # fmt: skip
"""Measures of the summary that are compared, where a recording has them."""

SUMMED = {"speech_s", "syllables", "pause_count", "pause_total_s"}
"""Measures that are summed over recordings; the others are averaged by seconds of speech."""


def microphones(labels: Labels) -> Iterator[tuple[str, Samples]]:
    """Sound of each microphone, shape (n,): people who read aloud, meetings, both sides of dialogues."""
    for talk in (*labels.read_aloud(), *labels.meetings(), *labels.dialogues()):
        for channel, samples in enumerate(talk.samples.T):
            yield f"{talk.name}, channel {channel}", np.ascontiguousarray(samples)


def encoded(samples: Samples, loss: float, *, fec: bool) -> list[bytes]:
    """Encode 16 kHz samples, shape (n,), as Opus packets."""
    sound = resample_poly(samples, SENT_HZ, RATE_HZ).astype(np.float32)
    context = AudioCodecContext.create("libopus", "w")
    assert isinstance(context, AudioCodecContext)
    context.sample_rate, context.layout, context.format = SENT_HZ, "mono", "flt"
    context.bit_rate, context.time_base = 32_000, Fraction(1, SENT_HZ)
    context.options = {"application": "voip", "frame_duration": "20"}
    if fec:
        context.options |= {"fec": "1", "packet_loss": str(math.ceil(100 * loss))}
    packets: list[bytes] = []
    for start in range(0, sound.size - PACKET + 1, PACKET):
        block = sound[np.newaxis, start : start + PACKET]
        frame = AudioFrame.from_ndarray(block, format="flt", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = SENT_HZ, start, Fraction(1, SENT_HZ)
        packets += [bytes(packet) for packet in context.encode(frame)]
    return packets


class Heard:
    """A session fed with the packets that arrive, in the order and at the times they do."""

    def __init__(self, packets: list[bytes], loss: float, jitter_s: float, seed: int) -> None:
        chance = np.random.default_rng(seed)
        gone = chance.random(len(packets)) < loss
        delay_s = chance.random(len(packets)) * 2 * jitter_s
        session = Session(profiles.load("conversation"))
        codecs: dict[int, Any] = {OPUS: SimpleNamespace(name="opus")}
        self.stream = RtpStream(session, 0, codecs)
        arrivals = sorted((n * PACKET_S + delay_s[n], n) for n in range(len(packets)) if not gone[n])
        for at_s, n in arrivals:
            while (due_s := self.stream.due_s) is not None and due_s <= at_s:
                self.stream.expire(due_s)
            header = struct.pack("!BBHII", 0x80, OPUS, n & 0xFFFF, n * PACKET, 1)
            self.stream.packet(header + packets[n], at_s)
        self.stream.flush()
        session.finish()
        events = session.poll()
        self.measures = msgspec.to_builtins(session.summary().measures[0])
        self.pauses: dict[str, list[float]] = {
            "started": [e.start_s for e in events if isinstance(e, ev.PauseStarted)],
            "ended": [e.start_s for e in events if isinstance(e, ev.PauseEnded)],
        }
        self.lost_s = sum(e.end_s - e.start_s for e in events if isinstance(e, ev.AudioLost))

    def new_pauses(self, other: Heard) -> list[tuple[str, float]]:
        """Pause events that another session doesn't have."""
        return [
            (kind, at_s)
            for kind, times in self.pauses.items()
            for at_s in times
            if all(abs(at_s - known_s) > SAME_S for known_s in other.pauses[kind])
        ]


def compared(name: str, whole: Heard, holed: Heard) -> dict[str, Any]:
    """Compare one recording without and with loss.

    ``off`` is the share by which each measure deviates, 1 where it is only known without loss;
    ``new_pauses`` and ``missed_pauses`` are events: starts and ends.
    """
    both = {key: [value, holed.measures[key] or 0.0] for key in MEASURES if (value := whole.measures[key])}
    stream = holed.stream
    return {
        "recording": name,
        "measures": both,
        "speech_s": whole.measures["speech_s"],
        "off": {key: abs(with_loss / value - 1) for key, (value, with_loss) in both.items()},
        "pauses": sum(map(len, whole.pauses.values())),
        "new_pauses": holed.new_pauses(whole),
        "missed_pauses": whole.new_pauses(holed),
        "lost": stream.lost,
        "recovered": stream.recovered,
        "late": stream.late,
        "lost_s": round(holed.lost_s, 2),
    }


def pooled(rows: list[dict[str, Any]], key: str) -> float:
    """Signed deviation of a measure over all rows together."""
    sums = np.zeros(2)
    for row in rows:
        if key in row["measures"]:
            sums += np.array(row["measures"][key]) * (1.0 if key in SUMMED else row["speech_s"])
    return float(sums[1] / sums[0] - 1)


def totals(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """All rows together; for each measure its deviation over all, and the median and the worst row."""
    keys = [key for key in MEASURES if any(key in row["off"] for row in rows)]
    off = {key: sorted(row["off"][key] for row in rows if key in row["off"]) for key in keys}
    result = {key: sum(row[key] for row in rows) for key in ("pauses", "lost", "recovered", "late")}
    return result | {
        "new_pauses": sum(len(row["new_pauses"]) for row in rows),
        "missed_pauses": sum(len(row["missed_pauses"]) for row in rows),
        "pooled_off": {key: pooled(rows, key) for key in keys},
        "median_off": {key: float(np.median(values)) for key, values in off.items()},
        "worst_off": {key: values[-1] for key, values in off.items()},
        "within": {key: sum(v <= MOST_OFF for v in values) / len(values) for key, values in off.items()},
    }


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.loss",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the labelled recordings")
    parser.add_argument("--json", type=Path, metavar="OUT", help="also write all figures to this file")
    parser.add_argument("--loss", type=float, default=0.02, help="share of packets lost")
    parser.add_argument(
        "--jitter", type=float, default=0.02, metavar="S", help="half of the longest delay, in seconds"
    )
    parser.add_argument("--seconds", type=float, default=math.inf, help="use about this much audio")
    parser.add_argument("--runs", type=int, default=10, help="runs per recording, each with its own losses")
    args = parser.parse_args(argv)
    try:
        labels = Labels(args.data)
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 2
    drop_stale_kernels()
    rows: dict[str, list[dict[str, Any]]] = {"fec": [], "no_fec": []}
    recoded: list[dict[str, Any]] = []
    heard_s = 0.0
    for number, (title, samples) in enumerate(microphones(labels), 1):
        if heard_s >= args.seconds:
            break
        heard_s += samples.size / RATE_HZ
        whole: dict[str, Heard] = {}
        for name in rows:
            packets = encoded(samples, args.loss, fec=name == "fec")
            whole[name] = Heard(packets, 0.0, 0.0, 0)
            for run in range(args.runs):
                holed = Heard(packets, args.loss, args.jitter, 100 * run + number)
                rows[name].append(compared(title, whole[name], holed))
        recoded.append(compared(title, whole["no_fec"], whole["fec"]))
    results = {name: totals(found) for name, found in rows.items()}
    coding = totals(recoded)
    print(f"{len(recoded)} recordings, {heard_s:.0f} s, {args.runs} runs of each")
    print(f"two codings, nothing lost: of {coding['pauses']} beginnings and ends of pauses", end=" ")
    print(f"new {coding['new_pauses']}, missed {coding['missed_pauses']}")
    for name, total in results.items():
        show(name, total)
    if args.json is not None:
        condition = {"loss": args.loss, "jitter_s": args.jitter, "runs": args.runs}
        kept = {"condition": condition, "ours": results, "coding": coding, "recordings": rows}
        args.json.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    held = all(map(holds, results.values())) and results["fec"]["recovered"] >= results["fec"]["lost"] / 2
    print("Every bar holds." if held else "A bar is not held: see above.")
    return 0 if held else 1


def holds(total: dict[str, Any]) -> bool:
    """Whether no pause was made up, and each measure is close enough over the corpus."""
    made_up: int = total["new_pauses"]
    return not made_up and all(abs(off) <= MOST_OFF for off in total["pooled_off"].values())


def show(name: str, total: dict[str, Any]) -> None:
    """Print the result of one coding."""
    print(f"{name}: lost {total['lost']}, recovered {total['recovered']}, too late {total['late']}")
    print(f"  pauses {total['pauses']}: new {total['new_pauses']}, missed {total['missed_pauses']}")
    print(f"  {'off by':20} {'corpus':>8} {'median':>8} {'worst':>8} {f'within {MOST_OFF:.0%}':>10}")
    for key, off in total["pooled_off"].items():
        median, worst, within = (total[part][key] for part in ("median_off", "worst_off", "within"))
        mark = "" if abs(off) <= MOST_OFF else "  BEYOND"
        print(f"  {key:20} {off:+8.2%} {median:8.2%} {worst:8.2%} {within:10.0%}{mark}")


if __name__ == "__main__":
    sys.exit(main())
