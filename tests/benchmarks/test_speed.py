"""The speed benchmarks run and say what they should; how fast anything is, is for them to say."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import drills, playout, results
from engine.media.resample import Samples
from engine.media.voices.rendering import ProcessRenderer

ROOT = Path(__file__).parents[2]


def report(name: str, folder: Path, *args: str) -> dict[str, Any]:
    """Run a benchmark in a process of its own, as it pins itself to a core, and draw what it says."""
    out = folder / f"{name}.json"
    subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}", *args, "--json", str(out)],
        cwd=ROOT,
        check=True,
        timeout=150,
    )
    results.draw(name, folder)
    assert "</svg>" in (folder / f"{name}.svg").read_text("utf-8")
    made: dict[str, Any] = json.loads(out.read_text("utf-8"))
    return made


def test_capacity_names_what_it_should(tmp_path: Path) -> None:
    made = report("capacity", tmp_path, "--sessions", "2", "--seconds", "2", "--workers", "2")
    assert {"command", "when", "machine", "ours", "stock"} <= set(made)
    for side in (made["ours"], made["stock"]):
        assert {"sessions", "us_per_packet", "p99_ms"} <= set(side)
        for step in side["steps"]:
            assert step["packets"] == pytest.approx(200, abs=40)
            assert step["packets_missing"] == step["packets_not_dealt_with"] == 0
            used = step["us_per_packet"]
            assert {"receive", "decode", "ears", "policy", "send", "loop"} < set(used)
            # A server with next to nothing to do may not be met at work by the kernel's clock even once.
            shares = 1 if step["stage_samples"] else 0
            assert sum(used.values()) == pytest.approx((1 + shares) * used["total"], abs=1)
            assert used["total"] > 0
    step = made["workers"]["steps"][0]
    assert step["sessions"] == 2
    assert step["fewest_messages"] >= 4


def test_latency_names_what_it_should_and_tells_what_a_bad_network_took(tmp_path: Path) -> None:
    made = report(
        "latency", tmp_path, "--sessions", "2", "--seconds", "3", "--weather", "10 % loss", "--calls", "10"
    )
    for side in (made["ours"], made["stock"]):
        assert set(side) == {"2 sessions", "10 % loss"}
        for condition in side.values():
            assert {"p50", "p95", "p99", "p999"} <= set(condition["packet_to_event_ms"])
            assert {"p50", "p95", "p99", "p999"} <= set(condition["packet_to_nudge_ms"])
            assert condition["packet_to_event_ms"]["n"] > 0
        lost = side["10 % loss"]["packets_lost"]
        assert 0.05 < lost / side["10 % loss"]["packets"] < 0.15
        assert side["2 sessions"]["packets_lost"] == side["2 sessions"]["neighbours_lost"] == 0
    assert made["ours"]["2 sessions"]["packet_to_message_ms"]["n"] > 0
    assert made["ours"]["2 sessions"]["click_to_first_event_ms"]["n"] > 0


def test_soak_counts_what_stays_behind(tmp_path: Path) -> None:
    made = report("soak", tmp_path, "--sessions", "3", "--seconds", "3")["ours"]
    assert {"rss_growth_pct", "tasks_leaked", "threads_leaked", "descriptors_leaked"} <= set(made)
    assert made["sessions_replaced"] >= 2
    assert made["under_load_after"]["tasks"] > made["empty_before"]["tasks"]
    assert made["tasks_leaked"] == made["descriptors_leaked"] == 0


def test_playout_tells_of_every_sound_that_was_started(tmp_path: Path) -> None:
    out = tmp_path / "playout.json"
    assert playout.main(["--sessions", "1,2", "--seconds", "2", "--json", str(out)]) == 0
    made = json.loads(out.read_text("utf-8"))["playout"]
    assert set(made) == {"1 sessions", "2 sessions"}
    for count, step in enumerate(made.values(), 1):
        for how in ("apart", "together"):
            assert step[how]["first_packet_ms"]["n"] == 2 * count
            assert step[how]["first_packet_ms"]["p99"] > 0
            assert step[how]["never"] == 0
            assert step[how]["core"] > 0


def test_drills_tell_how_long_calls_wait_for_a_voice() -> None:
    made = asyncio.run(drills.held_up(ProcessRenderer()))
    assert made["took_s"] > 0
    assert made["most_ms"] >= made["late_ms"]["p50"]


def test_drills_tell_how_soon_each_noise_is_heard(tmp_path: Path, answer: tuple[Samples, object]) -> None:
    (tmp_path / "noises.toml").write_text(drills.NOISES, "utf-8")
    made = asyncio.run(drills.run([2], 6.0, str(tmp_path), answer[0]))
    step = made["2 sessions"]
    assert step["from_packet_ms"]["n"] >= 4
    assert step["from_packet_ms"]["p50"] > step["from_decision_ms"]["p50"] > 0
    assert step["never"] == 0


def test_a_hostile_client_is_run_and_what_speakers_felt_is_told(tmp_path: Path) -> None:
    out = tmp_path / "hostile.json"
    command = [sys.executable, "-m", "benchmarks.hostile", "--sessions", "2", "--seconds", "1"]
    subprocess.run(
        [*command, "--only", "aborted requests", "--json", str(out)], cwd=ROOT, check=False, timeout=150
    )
    calm, attacked = json.loads(out.read_text("utf-8"))["attacks"]
    assert attacked["did"]["posts"] > 0
    for row in (calm, attacked):
        assert row["packet_to_event_ms"]["n"] > 50
        assert row["packets_lost"] == row["sessions_ended"] == 0
        assert row["healthz"] == 200
