"""What lost and late packets do to what is heard: the same recordings with and without them.

    python -m benchmarks.loss [--data PATH] [--json OUT] [--loss 0.02] [--jitter 0.02] [--seconds N]

Encodes labelled recordings as a browser does (Opus, 20 ms, 32 kb/s, in-band FEC for the loss
there is), and gives the packets to ``engine.media.stream.Stream``: once all in time, then with
seeded random loss, and each delayed by a random part of twice the jitter, so that they change
order. Compares the summary's measures and the pauses; once more without FEC in the stream.

Exit codes: 0 every bar is held, 1 one isn't, 2 there is nothing to measure on.
"""

from __future__ import annotations

import argparse
import json
import math
import struct
import sys
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
from av import AudioFrame
from av.audio.codeccontext import AudioCodecContext
from scipy.signal import resample_poly

from benchmarks.talk import Labels, Samples
from dsp.frame import RATE_HZ
from engine import events as ev
from engine import profiles
from engine.cli.warm import drop_stale_kernels
from engine.media.stream import Stream
from engine.session import Session

DATA = Path(__file__).parents[2] / "shared" / "data"
OPUS = 111
SENT_HZ = 48_000
PACKET = 960
PACKET_S = PACKET / SENT_HZ

MOST_OFF = 0.05
"""Share by which a measure may differ."""

SAME_S = 0.3
"""Pauses whose beginnings, or ends, are this near to each other are the same."""

MEASURES = (
    "speech_s", "pace_wpm", "syllables_per_s", "syllables", "pause_count", "pause_total_s", "longest_pause_s",
    "longest_stretch_s", "f0_median_hz", "f0_sd_st", "level_dbfs", "loudness_lufs", "snr_db",
)  # fmt: skip
"""Those of the summary that are compared, where a recording has them."""


def encoded(samples: Samples, loss: float, *, fec: bool) -> list[bytes]:
    """Opus packets of 16 kHz samples, shape (n,)."""
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
    """A session over the packets that come through, in the order and at the times they do."""

    def __init__(self, packets: list[bytes], loss: float, jitter_s: float, seed: int) -> None:
        chance = np.random.default_rng(seed)
        gone = chance.random(len(packets)) < loss
        delay_s = chance.random(len(packets)) * 2 * jitter_s
        session = Session(profiles.load("conversation"))
        codecs: dict[int, Any] = {OPUS: SimpleNamespace(name="opus")}
        self.stream = Stream(session, 0, codecs)
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


def compared(
    name: str, samples: Samples, args: argparse.Namespace, *, fec: bool, seed: int
) -> dict[str, Any]:
    """One recording with and without loss. ``off`` is the share by which each measure differs, 1 where
    it is only known without loss; ``new_pauses`` and ``missed_pauses`` are events, beginnings and ends."""
    packets = encoded(samples, args.loss, fec=fec)
    whole, holed = Heard(packets, 0.0, 0.0, seed), Heard(packets, args.loss, args.jitter, seed)
    off = {
        key: abs(holed.measures[key] / value - 1) if holed.measures[key] is not None else 1.0
        for key in MEASURES
        if (value := whole.measures.get(key))
    }
    stream = holed.stream
    return {
        "recording": name,
        "seconds": round(samples.size / RATE_HZ, 1),
        "off": off,
        "pauses": len(whole.pauses["started"]),
        "new_pauses": holed.new_pauses(whole),
        "missed_pauses": whole.new_pauses(holed),
        "packets": len(packets),
        "lost": stream.lost,
        "recovered": stream.recovered,
        "late": stream.late,
        "lost_s": round(holed.lost_s, 2),
    }


def totals(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """All recordings together; of each measure the worst and the median."""
    keys = sorted({key for row in rows for key in row["off"]})
    off = {key: sorted(row["off"][key] for row in rows if key in row["off"]) for key in keys}
    result = {
        key: sum(row[key] for row in rows) for key in ("seconds", "pauses", "packets", "lost", "recovered")
    }
    return result | {
        "late": sum(row["late"] for row in rows),
        "new_pauses": sum(len(row["new_pauses"]) for row in rows),
        "missed_pauses": sum(len(row["missed_pauses"]) for row in rows),
        "worst_off": {key: values[-1] for key, values in off.items()},
        "median_off": {key: values[len(values) // 2] for key, values in off.items()},
        "within": sum(max(row["off"].values(), default=0) <= MOST_OFF for row in rows),
        "recordings": len(rows),
    }


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.loss",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the labelled recordings")
    parser.add_argument("--json", type=Path, metavar="OUT", help="keep every figure in this file")
    parser.add_argument("--loss", type=float, default=0.02, help="share of packets lost")
    parser.add_argument("--jitter", type=float, default=0.02, metavar="S", help="half of the longest delay")
    parser.add_argument("--seconds", type=float, default=math.inf, help="hear about that much")
    args = parser.parse_args(argv)
    try:
        labels = Labels(args.data)
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 2
    drop_stale_kernels()
    rows: dict[str, list[dict[str, Any]]] = {"fec": [], "no_fec": []}
    heard_s = 0.0
    for seed, talk in enumerate((*labels.read_aloud(), *labels.meetings()), 1):
        if heard_s >= args.seconds:
            break
        heard_s += talk.seconds
        for name in rows:
            rows[name].append(compared(talk.name, talk.samples[:, 0], args, fec=name == "fec", seed=seed))
    results = {name: totals(found) for name, found in rows.items()}
    for name, total in results.items():
        print(
            f"{name}: {total['recordings']} recordings, {total['seconds']:.0f} s, {total['packets']} packets"
        )
        print(f"  lost {total['lost']}, recovered {total['recovered']}, too late {total['late']}")
        print(f"  pauses {total['pauses']}: new {total['new_pauses']}, missed {total['missed_pauses']}")
        print(f"  every measure within {MOST_OFF:.0%}: {total['within']} of {total['recordings']} recordings")
        for key, worst in total["worst_off"].items():
            print(f"    {key:20} median {total['median_off'][key]:6.2%}  worst {worst:6.2%}")
    if args.json is not None:
        condition = {"loss": args.loss, "jitter_s": args.jitter}
        kept = {"condition": condition, "ours": results, "recordings": rows}
        args.json.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    good = results["fec"]
    held = good["new_pauses"] == 0 and good["within"] == good["recordings"]
    held = held and good["recovered"] >= good["lost"] / 2
    print("Every bar holds." if held else "A bar is not held: see above.")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
