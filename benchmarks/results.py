"""Run the speed benchmarks in full and write ``benchmarks/results/``: figures and pictures.

    python -m benchmarks.results [capacity] [latency] [soak] [end_to_end]

Runs all of them unless some are named; that takes about 25 minutes, in which the machine should be
otherwise idle. ``--plots`` only draws what is there.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.net.cpu_profile import ALL_STAGES
from benchmarks.net.report import RESULTS

ARGS = {
    "capacity": ["--sessions", "60,90,120,150,180,210,250,300", "--seconds", "30", "--workers", "2"],
    "latency": ["--sessions", "1,10,50,100", "--seconds", "6"],
    "soak": ["--sessions", "50", "--seconds", "300"],
    "end_to_end": ["--seconds", "90"],
}

COLOURS = {"ours": "#1f6f8b", "stock": "#b0553a"}

LABELS = {"ours": "Sottovoce, ears and policy on", "stock": "aiortc alone, no ears"}

mpl.rcParams["svg.hashsalt"] = "sottovoce"


def capacity(made: dict[str, Any]) -> Figure:
    """Plot delay over sessions, and CPU time by stage."""
    figure = Figure(figsize=(10, 4), layout="constrained")
    delay, stages = figure.subplots(1, 2, width_ratios=(3, 2))
    for side in sides(made):
        steps = [step for step in made[side]["steps"] if "packet_to_event_ms" in step]
        sessions = [step["sessions"] for step in steps]
        delay.plot(
            sessions,
            [step["packet_to_event_ms"]["p99"] for step in steps],
            "o-",
            color=COLOURS[side],
            label=f"{LABELS[side]}: p99",
        )
        delay.plot(
            sessions,
            [step["packet_to_event_ms"]["p50"] for step in steps],
            "o:",
            color=COLOURS[side],
            label="p50",
        )
    delay.axhline(20, color="grey", lw=0.8)
    delay.set(xlabel="sessions on one core", ylabel="packet to event, ms", yscale="log")
    delay.legend(frameon=False)
    for row, side in enumerate(sides(made)):
        used = made[side]["us_per_packet"] or made[side]["steps"][0]["us_per_packet"]
        left = 0.0
        for stage, us in used.items():
            if stage == "total":
                continue
            stages.barh(row, us, left=left, color=f"C{ALL_STAGES.index(stage)}")
            if us > 8:
                stages.text(left + us / 2, row, f"{stage}\n{us:.0f}", ha="center", va="center", fontsize=7)
            left += us
    stages.set(xlabel="CPU a packet of 20 ms, µs", yticks=range(len(sides(made))), yticklabels=sides(made))
    return figure


def latency(made: dict[str, Any]) -> Figure:
    """Plot p50 and p99 of every condition."""
    figure = Figure(figsize=(9, 6), layout="constrained")
    axes: Axes = figure.subplots()
    conditions = list(made[sides(made)[0]])
    for number, side in enumerate(sides(made)):
        for row, condition in enumerate(conditions):
            at = made[side][condition]["packet_to_event_ms"]
            if at["p50"] is not None:
                height = row + 0.18 * (2 * number - 1)
                axes.plot([at["p50"], at["p99"]], [height] * 2, "-", color=COLOURS[side], lw=3, alpha=0.5)
                axes.plot(at["p50"], height, "o", color=COLOURS[side], label="" if row else LABELS[side])
                axes.plot(at["p99"], height, "|", color=COLOURS[side], ms=9)
    axes.set(
        xlabel="packet to event, ms: p50 (dot) to p99 (stroke)",
        xscale="log",
        yticks=range(len(conditions)),
        yticklabels=conditions,
    )
    axes.invert_yaxis()
    axes.grid(axis="x", alpha=0.3)
    axes.legend(frameon=False)
    return figure


def soak(made: dict[str, Any]) -> Figure:
    """Plot memory over time."""
    figure = Figure(figsize=(8, 3), layout="constrained")
    axes: Axes = figure.subplots()
    ours = made["ours"]
    axes.plot(*zip(*ours["rss_mb_by_second"], strict=True), color=COLOURS["ours"])
    axes.set(
        xlabel=f"s, {ours['sessions']} sessions, one replaced each second",
        ylabel="resident memory, MB",
        ylim=(0, None),
    )
    return figure


def end_to_end(made: dict[str, Any]) -> Figure:
    """Plot percentiles of each kind of message."""
    figure = Figure(figsize=(8, 2.4), layout="constrained")
    axes: Axes = figure.subplots()
    kinds = ("event", "nudge", "reading")
    for row, kind in enumerate(kinds):
        at = made["ours"][f"{kind}_to_page_ms"]
        if at["p50"] is not None:
            axes.plot([at["p50"], at["p95"]], [row] * 2, "-", color=COLOURS["ours"], lw=3, alpha=0.5)
            axes.plot(at["p50"], row, "o", color=COLOURS["ours"])
            axes.plot(at["p95"], row, "|", color=COLOURS["ours"], ms=12)
    axes.axvline(40, color="grey", lw=0.8)
    axes.set(
        xlabel="from the page's own audio to the message in the page, ms: p50 (dot) to p95 (stroke)",
        yticks=range(len(kinds)),
        yticklabels=kinds,
        ylim=(-0.5, 2.5),
        xlim=(0, None),
    )
    return figure


PICTURES: dict[str, Callable[[dict[str, Any]], Figure]] = {
    "capacity": capacity,
    "latency": latency,
    "soak": soak,
    "end_to_end": end_to_end,
}


def sides(made: dict[str, Any]) -> list[str]:
    """Servers that a report contains."""
    return [side for side in LABELS if side in made]


def draw(name: str, folder: Path) -> None:
    """Draw a benchmark's figures beside them."""
    made = json.loads((folder / f"{name}.json").read_text("utf-8"))
    PICTURES[name](made).savefig(folder / f"{name}.svg", metadata={"Date": None})


def main(argv: Sequence[str] | None = None) -> int:
    """Run from the command line; the status is that of the first benchmark that failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.results", description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", choices=[*ARGS, []], help="benchmarks to run; all unless named")
    parser.add_argument("--plots", action="store_true", help="only draw earlier results")
    parser.add_argument("--to", type=Path, default=RESULTS, help="folder of the results (%(default)s)")
    asked = parser.parse_args(argv)
    failed = 0
    for name in asked.names or ARGS:
        if not asked.plots:
            command = [sys.executable, "-u", "-m", f"benchmarks.{name}", *ARGS[name]]
            status = subprocess.run([*command, "--json", str(asked.to / f"{name}.json")]).returncode
            failed = failed or status
            if status:
                print(f"results: {name} failed", file=sys.stderr)
                continue
        draw(name, asked.to)
    return failed


if __name__ == "__main__":
    sys.exit(main())
