"""The demo: what its answer shows, and a minute of it over a real WebRTC connection, as a user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import resources
from typing import Any

import numpy as np
import pytest

from dsp.frame import RATE_HZ
from engine.media.resample import Samples
from engine.media.voices.practice_answer import PassageSpan
from engine.protocol import events as ev
from engine.shipped.profiles import load
from tests.harness.session_runs import heard

Answer = tuple[Samples, list[PassageSpan]]


@pytest.fixture(scope="module")
def nudges(answer: Answer) -> list[ev.Nudge]:
    """What is told of the answer where all of it is heard, and the silence after it."""
    samples = np.concatenate([answer[0], np.zeros(2 * RATE_HZ, np.float32)])
    with resources.as_file(resources.files("clients.cli") / "demo.toml") as profile:
        events = heard([samples], profile=load(profile))
    return [event for event in events if isinstance(event, ev.Nudge)]


def test_good_speaking_gets_nothing_and_the_rest_what_it_shows(
    nudges: list[ev.Nudge], answer: Answer
) -> None:
    spans = {span.shows: (span.start_s, span.end_s) for span in answer[1]}
    start_s, end_s = spans["good speaking"]
    assert end_s - start_s > 10
    assert not [n for n in nudges if start_s <= n.at_s < end_s]
    for shows, cue in (
        ("rushing", "pace"),
        ("hesitating", "fillers"),
        ("droning, and rambling on", "pitch_range"),
        ("droning, and rambling on", "check_in"),
        ("ending like a question", "ending"),
    ):
        start_s, end_s = spans[shows]
        assert [n for n in nudges if n.cue == cue and start_s <= n.at_s < end_s + 2], (shows, nudges)


def test_it_is_over_in_a_minute_and_a_half(answer: Answer) -> None:
    assert 45 < answer[0].size / RATE_HZ < 88


@pytest.fixture(scope="module")
def lines() -> list[dict[str, Any]]:
    ran = subprocess.run(
        [sys.executable, "-m", "clients.cli.main", "demo", "--json"],
        capture_output=True,
        text=True,
        timeout=400,
        check=True,
    )
    return [json.loads(line) for line in ran.stdout.splitlines()]


def of(lines: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [line for line in lines if line["type"] == kind]


def test_nudges_come_with_their_evidence_and_delay(lines: list[dict[str, Any]]) -> None:
    told = of(lines, "nudge")
    assert told
    for nudge in told:
        assert nudge["text"]
        assert nudge["at_s"] > 0
        assert nudge["evidence"].keys() >= {"measure", "value", "unit", "threshold", "window_s", "confidence"}
        assert nudge["delay_ms"] > 0


def test_every_cue_is_told_unless_the_machine_was_too_busy_to_hear_all(
    lines: list[dict[str, Any]], nudges: list[ev.Nudge], answer: Answer
) -> None:
    (summary,) = of(lines, "summary")
    assert lines[-1] == summary
    lost = summary["measures"][0]["lost_s"] > 0 or summary["duration_s"] < answer[0].size / RATE_HZ
    missing = {nudge.cue for nudge in nudges} - {nudge["cue"] for nudge in of(lines, "nudge")}
    assert not missing or lost or of(lines, "error"), missing
    shown = [one["shows"] for one in of(lines, "passage")]
    assert shown == [span.shows for span in answer[1]][: len(shown)]
    assert len(shown) == len(answer[1]) or lost
