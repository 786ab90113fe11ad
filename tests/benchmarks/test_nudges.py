"""The count of nudges on labelled talk, on a folder of labels made here."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import msgspec
import numpy as np
import pytest
import soundfile

from benchmarks import nudges, pace_step
from benchmarks.nudge_verdicts import rate_wpm, why_wrong
from engine.media.voices.synthesis import SpeechSynthesizer
from engine.protocol.events import Evidence, Nudge
from engine.shipped.profiles import load
from tests.harness.labelled_speech import TEXT, Labels, Side, Talk, joined

PROFILE = load("conversation")
UNHURRIED = msgspec.structs.replace(
    PROFILE, pace=msgspec.structs.replace(PROFILE.pace, slow_wpm=90.0, fast_wpm=120.0)
)
"""Calls the packaged voice hasty, whose syllables run into one another, at its own pace."""


def table(path: Path, *rows: dict[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reader who hurries, and two who talk over each other; all by the packaged voice."""
    root = tmp_path_factory.mktemp("data")
    voice = SpeechSynthesizer()
    fast = voice.synthesize(TEXT, speed=1.6)
    seconds = len(fast) / 16_000
    syllables = sum(pace_step.syllables_in(p) for p in voice.phonemes(TEXT))
    stream = "pace/timit_streams/a.flac"
    (root / stream).parent.mkdir(parents=True)
    soundfile.write(root / stream, fast, 16_000)
    table(root / "MANIFEST.csv", {"file": stream, "seconds": seconds})
    table(
        root / "pace/utterances.csv",
        {"file": stream, "speaker": "a", "speech_start": 0, "speech_end": seconds, "duration": seconds},
        {"file": "one", "speaker": "a", "speech_start": 0, "speech_end": 1, "duration": 1},
    )
    table(root / "vad/timit_speech.csv", {"file": stream, "start": 0, "end": seconds})
    middles = np.linspace(0, seconds, syllables)
    table(root / "pace/syllable_nuclei.csv", *({"file": stream, "start": t, "end": t} for t in middles))
    table(root / "pace/words.csv", {"file": stream, "start": 0, "end": 1})

    calm = voice.synthesize(TEXT)
    both = np.zeros((12 * 16_000, 2), np.float32)
    both[: 5 * 16_000, 0] = calm[: 5 * 16_000]
    both[40_000 : 40_000 + 7 * 16_000, 1] = calm[13 * 16_000 : 20 * 16_000]
    dialogue = "turns/two_channel/d.flac"
    (root / dialogue).parent.mkdir(parents=True)
    soundfile.write(root / dialogue, both, 16_000)
    table(root / "turns/two_channel_files.csv", {"file": dialogue, "left": "a", "right": "a"})
    spans = {"L": (0.0, 5.0), "R": (2.5, 9.5)}
    table(
        root / "turns/two_channel_segments.csv",
        *(
            {"file": dialogue, "start": a, "end": b, "channel": side, "kind": "turn"}
            for side, (a, b) in spans.items()
        ),
    )
    cut = {"start": 2.5, "end": 5.0, "channel": "R", "event": "interruption"}
    table(root / "turns/two_channel_events.csv", {"file": dialogue, **cut})
    return root


def test_says_plainly_when_there_is_nothing_to_measure_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert nudges.main(["--data", str(tmp_path)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "no MANIFEST.csv" in said.err
    assert "--data" in said.err


def test_counts_nudges_and_finds_what_was_altered(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    assert nudges.main(["--data", str(data), "--json", str(out)]) == 0
    report = json.loads(out.read_text())
    good = report["good"]
    assert good["dialogues"]["by_text"]["interruption: Let them finish"] == {"nudges": 1, "wrong": 0}
    assert good["meetings"] == nudges.counted([], 0.0)
    assert good["all"]["nudges"] == sum(good[name]["nudges"] for name in ("read aloud", "dialogues"))
    assert good["all"]["wrong"] == sum(one["wrong"] is not None for one in good["all"]["list"])
    flat = report["altered"]["monotone: Vary your tone"]
    assert (flat["wanted"], flat["came"], flat["nudges_on_controls"]) == (3, 3, 0)
    cut = report["altered"]["interruptions: Let them finish"]
    assert (cut["wanted"], cut["nudges"], cut["precision"]) == (1, 1, 1.0)
    assert set(report["step"]) == {"packaged voice 0", "packaged voice 1"}


def test_nudge_is_right_or_wrong_by_the_labels(data: Path) -> None:
    (talk,) = Labels(data).read_aloud()
    side = talk.sides[0]
    assert side.syllables_s is not None
    slower = Talk(talk.name, talk.samples, [Side(side.speech, side.syllables_s[::3])])
    for one, wrong in ((talk, False), (slower, True)):
        _, said = nudges.judged([one], UNHURRIED, ["pace"])
        assert [s.nudge.text for s in said] == ["Slow down"]
        assert (said[0].wrong is not None) is wrong


def nudge(text: str, at_s: float, channel: int = 0) -> Nudge:
    proof = Evidence(
        measure="m", value=1.0, unit="s", threshold=1.0, window_s=(0.0, at_s), confidence=1.0, seq=0
    )
    return Nudge(
        seq=1,
        at_s=at_s,
        channel=channel,
        id=1,
        cue="c",
        text=text,
        why="w.",
        tone="change",
        urgent=False,
        show_s=3.0,
        evidence=proof,
    )


def talk_of(*sides: Side) -> Talk:
    return Talk("t", np.zeros((16_000, len(sides)), np.float32), list(sides))


@pytest.mark.parametrize(
    ("text", "at_s", "right"),
    [
        ("Check in now", 30.0, True),
        ("Check in now", 20.0, False),
        ("Wrap up", 60.0, False),
        ("Pause", 15.0, True),
        ("Take your time", 64.5, True),
        ("Take your time", 62.0, False),
        ("Start with the point", 66.0, True),
        ("Breathe instead", 41.0, True),
        ("Breathe instead", 12.0, False),
        ("Land it", 31.0, True),
        ("Land it", 12.0, False),
        ("Support your voice", 31.0, True),
        ("Support your voice", 60.0, False),
        ("Vary your tone", 31.0, False),
    ],
)
def test_verdicts_for_one_speaker(text: str, at_s: float, right: bool) -> None:
    twice = [(10.0, 10.5), (30.0, 30.5)]
    side = Side(
        [(0.0, 60.0)], fillers=twice, creaks=[(29.0, 29.5), *twice[1:]], rises_s=[b for _, b in twice]
    )
    assert (why_wrong(nudge(text, at_s), talk_of(side), PROFILE) is None) is right


def test_verdicts_between_two() -> None:
    cutter = Side([(5.0, 20.0)], interruptions=[(5.0, 6.5)])
    cut_off = Side([(0.0, 6.5), (30.0, 40.0)])
    both = talk_of(cutter, cut_off)
    assert why_wrong(nudge("Let them finish", 5.8, 0), both, PROFILE) is None
    assert why_wrong(nudge("Let them finish", 5.8, 1), both, PROFILE) is not None
    assert why_wrong(nudge("Find your thread", 24.2, 1), both, PROFILE) is None
    assert why_wrong(nudge("Find your thread", 22.0, 1), both, PROFILE) is not None
    assert why_wrong(nudge("Ask something", 20.0, 0), both, PROFILE) is not None
    assert why_wrong(nudge("Check in now", 36.0, 1), both, PROFILE) is not None
    alone = talk_of(Side([(0.0, 100.0)]), Side([(10.0, 20.0)]))
    assert why_wrong(nudge("Ask something", 100.0, 0), alone, PROFILE) is None


def test_true_rate_counts_pauses_up_to_a_second_and_listening_not_at_all() -> None:
    syllables = [*np.arange(0.125, 4.0, 0.25), *np.arange(7.125, 11.0, 0.25)]
    side = Side([(0.0, 4.0), (7.0, 11.0)], [float(t) for t in syllables])
    assert rate_wpm(side, None, 11.0, PROFILE) == pytest.approx(60 * 28 / 8 / 1.5, rel=0.01)
    assert rate_wpm(side, Side([(4.5, 6.5)]), 11.0, PROFILE) == pytest.approx(60 * 32 / 8 / 1.5, rel=0.01)


def test_spans_closer_than_a_closure_are_one() -> None:
    assert joined([(2.0, 3.0), (0.0, 1.0), (1.2, 1.8)]) == [(0.0, 3.0)]
