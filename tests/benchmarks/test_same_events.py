"""The comparison of two states of the sources, on the packaged voice."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path
from typing import Any

import pytest

from benchmarks import same_events
from engine.media.resample import Samples
from engine.media.voices.practice_answer import PassageSpan
from engine.shipped.drills import shipped
from tests.harness.recordings import write

EVENTS: list[dict[str, Any]] = [
    {"type": "pause_started", "seq": 0, "at_s": 1.25, "start_s": 1.0},
    {"type": "nudge", "seq": 1, "at_s": 2.0, "evidence": {"measure": "pace_wpm", "value": 181.25}},
]


@pytest.fixture(scope="module")
def recordings(answer: tuple[Samples, list[PassageSpan]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one recording that is too short for a drill."""
    folder = tmp_path_factory.mktemp("recordings")
    write(folder / "answer.wav", answer[0][: 12 * 16_000])
    return folder


def test_each_kind_of_difference_is_told() -> None:
    assert list(same_events.differences({"a": EVENTS}, {"a": EVENTS})) == []
    for path in (("at_s",), ("evidence", "value")):
        changed = copy.deepcopy(EVENTS)
        record = changed[-1]
        for name in path[:-1]:
            record = record[name]
        record[path[-1]] = 181.250001
        assert "181.250001" in next(same_events.differences({"a": EVENTS}, {"a": changed}))
    assert "nudge at 2.0 s only before" in next(same_events.differences({"a": EVENTS}, {"a": EVENTS[:1]}))
    assert "only after" in next(same_events.differences({"a": EVENTS[:1]}, {"a": EVENTS}))
    assert "is nudge" in next(same_events.differences({"a": EVENTS}, {"a": EVENTS[::-1]}))
    assert list(same_events.differences({"a": EVENTS}, {"b": EVENTS})) == ["a: only before", "b: only after"]


def test_names_that_changed_are_no_difference() -> None:
    names = {"start_s": "since_s", "value": "amount", "type:pause_started": "silence"}
    after = [
        {"type": "silence", "seq": 0, "at_s": 1.25, "since_s": 1.0},
        {"type": "nudge", "seq": 1, "at_s": 2.0, "evidence": {"measure": "pace_wpm", "amount": 181.25}},
    ]
    assert list(same_events.differences(same_events.renamed_all({"a": EVENTS}, names), {"a": after})) == []
    cues = same_events.renamed({"type": "nudge", "cue": "voice"}, {"cue:voice": "creak"})
    assert cues == {"type": "nudge", "cue": "creak"}


def test_reworded_sentences_are_no_difference_and_all_else_is() -> None:
    before = {"a": [{"type": "nudge", "why": "About 180 words.", "cue": "pace", "value": [1.0, "no more"]}]}
    after = {"a": [{"type": "nudge", "why": "Some 180 words!", "cue": "pace", "value": [1.0, "any more"]}]}
    assert same_events.wordless(before) == same_events.wordless(after)
    for name, value in (("cue", "pause"), ("value", [1.5, "no more"]), ("why", "Shorter")):
        other = {"a": [before["a"][0] | {name: value}]}
        assert same_events.wordless(before) != same_events.wordless(other)


def test_a_tree_is_compared_with_what_was_kept(
    recordings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "kept.jsonl.gz"
    common = ["--data", str(recordings), "--processes", "1"]
    assert same_events.main([*common, "--save", str(kept)]) == 0
    told = same_events.saved(kept)
    kinds = {record["type"] for record in told["answer.wav conversation"]}
    assert kinds >= {"trace", "reading", "pause_started", "analysis"}
    tree = tmp_path / "tree"
    for part in ("engine", "dsp"):
        shutil.copytree(same_events.ROOT / part, tree / part)
    shutil.copy(same_events.ROOT / "pyproject.toml", tree)
    assert same_events.main([*common, "--tree", str(tree), "--against", str(kept)]) == 0
    assert "all alike, bit for bit" in capsys.readouterr().out
    told["answer.wav conversation"][7]["at_s"] += 1e-9
    same_events.save(kept, told)
    assert same_events.main([*common, "--against", str(kept)]) == 1
    assert "1 of 1 runs differ" in capsys.readouterr().out


def test_the_jobs_cover_channels_profiles_and_drills(
    answer: tuple[Samples, list[PassageSpan]], tmp_path: Path
) -> None:
    long = answer[0][: 26 * 16_000]
    write(tmp_path / "long.wav", long)
    write(tmp_path / "two.wav", long[:32_000], long[16_000:48_000])
    keys = [job["key"] for job in same_events.jobs(tmp_path)]
    assert {"two.wav conversation", "two.wav both conversation", "two.wav mix conversation"} <= set(keys)
    assert {"long.wav interview", *(f"long.wav conversation {name}" for name in shipped())} <= set(keys)
    assert len(keys) == len(set(keys))


def test_mistakes_are_answered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert same_events.main(["--data", str(tmp_path)]) == 2
    assert "holds no recordings" in capsys.readouterr().err


def test_only_added_fields_are_left_out() -> None:
    old = [{"type": "card", "parts": [{"kind": "a"}], "n": 1}]
    new = [{"type": "card", "parts": [{"kind": "a", "by": "words"}], "n": 1, "heard": True}]
    assert same_events.without_added(old, new) == old
    changed = [{"type": "card", "parts": [{"kind": "b", "by": "words"}, {"kind": "c"}], "n": 1}]
    assert same_events.without_added(old, changed)[0]["parts"] == [{"kind": "b"}, {"kind": "c"}]
    assert same_events.without_added(old, []) == []
