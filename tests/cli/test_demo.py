"""The demo as a user runs it: a minute of speech over a real WebRTC connection."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest


@pytest.fixture(scope="module")
def lines() -> list[dict[str, Any]]:
    ran = subprocess.run(
        [sys.executable, "-m", "clients.cli.main", "demo", "--json"],
        capture_output=True,
        text=True,
        timeout=150,
        check=True,
    )
    return [json.loads(line) for line in ran.stdout.splitlines()]


def of(lines: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [line for line in lines if line["type"] == kind]


def test_at_least_five_cues_each_with_its_evidence_and_delay(lines: list[dict[str, Any]]) -> None:
    nudges = of(lines, "nudge")
    assert len({n["cue"] for n in nudges}) >= 5
    for nudge in nudges:
        assert nudge["text"]
        assert nudge["at_s"] > 0
        assert nudge["evidence"].keys() >= {"measure", "value", "unit", "threshold", "window_s", "confidence"}
        assert nudge["delay_ms"] > 0


def test_good_speaking_gets_nothing_and_the_rest_what_it_shows(lines: list[dict[str, Any]]) -> None:
    nudges = of(lines, "nudge")
    spans = {p["shows"]: (p["start_s"], p["end_s"]) for p in of(lines, "passage")}
    start_s, end_s = spans["good speaking"]
    assert end_s - start_s > 10
    assert not [n for n in nudges if start_s <= n["at_s"] < end_s]
    for shows, cue in (
        ("rushing", "pace"),
        ("hesitating", "fillers"),
        ("droning, and rambling on", "pitch_range"),
        ("droning, and rambling on", "check_in"),
        ("ending like a question", "ending"),
    ):
        start_s, end_s = spans[shows]
        assert [n for n in nudges if n["cue"] == cue and start_s <= n["at_s"] < end_s + 2], (shows, nudges)


def test_it_is_over_in_a_minute_and_a_half(lines: list[dict[str, Any]]) -> None:
    (summary,) = of(lines, "summary")
    assert 45 < summary["duration_s"] < 88
    assert lines[-1] == summary
