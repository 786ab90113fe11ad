"""``sottovoce drill`` as a user runs it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import wave
from pathlib import Path

import pytest

from engine.media.resample import Samples
from engine.media.voices.practice_answer import PassageSpan
from engine.shipped.drills import shipped
from tests.harness.recordings import write


@pytest.fixture(scope="module")
def speaker(answer: tuple[Samples, list[PassageSpan]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("speaker") / "answer.wav", answer[0])


def drill(*args: object, fails: bool = False) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "clients.cli.main", "drill", *map(str, args)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == (2 if fails else 0), ran.stderr
    assert "Traceback" not in ran.stderr
    return ran


def test_the_list_says_what_each_is_for() -> None:
    listed = drill("--list").stdout
    assert all(name in listed for name in shipped())
    assert "Before" in listed


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_drill_runs_over_a_recording(name: str, speaker: Path) -> None:
    lines = [
        json.loads(line)
        for line in drill(name, "--seed", 3, "--against", speaker, "--json").stdout.splitlines()
    ]
    assert lines[0]["type"] == "drill_started"
    assert lines[-1]["type"] == "drill_ended"
    assert lines[-1]["card"]["drill"] == name
    assert lines[-1]["card"]["events"]
    assert {line["type"] for line in lines} >= {"drill_step", "drill_sound", "drill_step_ended"}


def test_the_same_seed_gives_the_same_drill_event_for_event(speaker: Path) -> None:
    runs = [
        drill("interruptions", "--seed", seed, "--against", speaker, "--json").stdout for seed in (5, 5, 6)
    ]
    assert runs[0] == runs[1] != runs[2]


def test_a_person_gets_lines_a_card_and_a_comparison(speaker: Path, tmp_path: Path) -> None:
    history, saved = tmp_path / "runs.jsonl", tmp_path / "both.wav"
    first = drill("interruptions", "--seed", 1, "--against", speaker, "--history", history).stdout
    second = drill(
        "interruptions", "--seed", 2, "--against", speaker, "--history", history, "--save", saved
    ).stdout
    assert "interviewer: " in first
    assert "Composure " in first
    assert "Next: " in first
    assert "last time" not in first
    assert ", 1 earlier run at level medium)" in second
    assert len(history.read_text().splitlines()) == 2
    gentle = drill("interruptions", "--level", "gentle", "--against", speaker, "--history", history).stdout
    assert "last time" not in gentle, "another level says nothing about this one"
    assert re.search(r"-\d+\.\d s", first + second + gentle) is None, "no negative time reaches a person"
    with wave.open(str(saved)) as both:
        assert (both.getnchannels(), both.getframerate()) == (2, 16_000)
        assert both.getnframes() > 40 * 16_000


def test_mistakes_are_answered(speaker: Path, tmp_path: Path) -> None:
    assert "no shipped drill of that name" in drill("interuptions", "--against", speaker, fails=True).stderr
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(
        'title = "a"\ntrains = "b"\nuse_when = "c"\n[[step]]\ndo = "bark"\nwhen = { after_s = 1 }\n'
    )
    said = drill(wrong, "--against", speaker, fails=True).stderr
    assert f"{wrong}, line 5: step.do = 'bark': must be one of" in said
    assert "no such file" in drill("silence", "--against", tmp_path / "no.wav", fails=True).stderr
    assert (
        "no such folder"
        in drill("silence", "--against", speaker, "--sounds", tmp_path / "x", fails=True).stderr
    )


def test_a_sound_that_cannot_be_read_is_named_and_skipped(speaker: Path, tmp_path: Path) -> None:
    (tmp_path / "murmur.wav").write_text("no sound")
    ran = drill("distractions", "--against", speaker, "--sounds", tmp_path, "--json")
    assert "murmur.wav" in ran.stderr
    assert "drill_ended" in ran.stdout
