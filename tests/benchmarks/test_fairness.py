"""Figures of groups of speakers, ratios at equal pace, and readers of one paragraph made here."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import soundfile

from benchmarks import fairness, yardstick
from benchmarks.fairness import DOCUMENT, GROUPS, heard, main
from benchmarks.groups import Counted, Figure, Ratio, drawn, per_ten_minutes, rate_ratio, ratio
from benchmarks.readers import BAND_HZ, narrow, readers
from engine.media.voices.synthesis import SpeechSynthesizer
from engine.shipped.profiles import load
from tests.benchmarks.test_nudges import table
from tests.harness.corpus import DATA
from tests.harness.labelled_speech import TEXT

PARTS = ("measures", "nudges", "wrong", "once", "ratios", "sexes")


def speakers(wpm: float, given: list[int], seconds: float = 600.0) -> list[Counted]:
    return [Counted(wpm, seconds, count) for count in given]


def test_a_rate_is_of_ten_minutes_of_all_together() -> None:
    assert per_ten_minutes([Counted(150, 300, 1), Counted(150, 900, 3)]) == 2.0
    assert per_ten_minutes([]) is None


def test_groups_that_differ_in_pace_only_have_a_ratio_of_one() -> None:
    slow, fast = [4, 4, 4, 4], [1, 1, 1, 1]
    one = speakers(110, slow) + speakers(190, fast[:1])
    other = speakers(110, slow[:1]) + speakers(190, fast)
    assert (per_ten_minutes(one) or 0) / (per_ten_minutes(other) or 1) == pytest.approx(17 / 8)
    assert rate_ratio(one, other) == pytest.approx(1.0)
    found = ratio(one, other)
    assert found.verdict == "holds"
    assert found.nudges == 25


def test_who_has_no_counterpart_does_not_count() -> None:
    one = speakers(110, [2, 2]) + speakers(250, [50])
    found = ratio(one, speakers(110, [1, 1]))
    assert found.figure.value == 2.0
    assert found.nudges == 6


def test_what_only_one_group_gets_is_infinitely_more_often() -> None:
    assert rate_ratio(speakers(150, [6, 6]), speakers(150, [0, 0])) == math.inf
    assert rate_ratio(speakers(150, [0]), speakers(150, [6])) == 0.0
    assert rate_ratio(speakers(150, [0]), speakers(150, [0])) is None
    assert ratio(speakers(150, [6, 6]), speakers(150, [0, 0])).verdict == "fails, may be chance"


@pytest.mark.parametrize(
    ("figure", "nudges", "said"),
    [
        (Figure(1.25, 0.5, 3.0), 40, "holds"),
        (Figure(0.8, 0.5, 1.1), 40, "holds"),
        (Figure(1.26, 1.0, 2.0), 40, "fails, may be chance"),
        (Figure(1.9, 1.3, 2.6), 40, "fails"),
        (Figure(0.5, 0.3, 0.79), 40, "fails"),
        (Figure(0.5, 0.3, 0.9), 40, "fails, may be chance"),
        (Figure(1.9, 1.3, 2.6), 9, "too few"),
        (Figure(None, None, None), 40, "too few"),
    ],
)
def test_a_ratio_beyond_a_quarter_more_fails(figure: Figure, nudges: int, said: str) -> None:
    assert Ratio(figure, nudges).verdict == said


def test_an_interval_is_over_speakers() -> None:
    same = drawn((speakers(150, [2] * 20),), per_ten_minutes)
    assert same == Figure(2.0, 2.0, 2.0)
    value, low, high = drawn((speakers(150, [0, 4] * 10),), per_ten_minutes)
    assert value == 2.0
    assert low is not None
    assert high is not None
    assert 0.8 < low < 1.6 < 2.4 < high < 3.2
    assert drawn(([],), per_ten_minutes) == Figure(None, None, None)


def test_recordings_are_cut_to_one_band_without_delay() -> None:
    at_s = np.arange(16_000) / 16_000
    low = np.sin(2 * np.pi * 3_400 * at_s).astype(np.float32)
    high = np.sin(2 * np.pi * 4_000 * at_s).astype(np.float32)
    middle = slice(1_000, -1_000)
    assert BAND_HZ < 3_900
    assert np.abs(narrow(low) - low)[middle].max() < 2e-3
    assert np.abs(narrow(high))[middle].max() < 2e-3
    both = narrow(np.stack([low, high], axis=1))
    assert both.shape == (16_000, 2)
    np.testing.assert_array_equal(both[:, 0], narrow(low))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four readers of one text by the packaged voice, high and low; one more whose alignment is bad."""
    root = tmp_path_factory.mktemp("words")
    (root / "accents").mkdir()
    (root / "MANIFEST.csv").touch()
    voice = SpeechSynthesizer()
    rows, words = [], []
    spoken = TEXT.split()
    who = (("male", "english", 30), ("female", "english", 50), ("male", "czech", 60), ("female", "dari", 20))
    for k, (sex, language, age) in enumerate((*who, ("male", "dari", 20))):
        samples = voice.synthesize(TEXT, shift_st=-9.0 if sex == "male" else 6.0, speed=0.9)[: 20 * 16_000]
        name = f"accents/{k}.flac"
        soundfile.write(root / name, samples, 16_000)
        row = {"file": name, "speaker": f"r{k}", "sex": sex, "first_language": language, "age": age}
        rows.append({**row, "align_ok": int(k < 4)})
        step = 19.0 / len(spoken)
        for place, word in enumerate(spoken):
            at = 0.4 + place * step
            words.append({"file": name, "start_s": at, "end_s": at + 0.9 * step, "word": word})
    table(root / "accents/saa.csv", *rows)
    table(root / "accents/saa_words.csv", *words)
    return root


def test_readers_are_cut_to_their_words(folder: Path) -> None:
    found = list(readers(folder))
    assert [one.name for one in found] == ["r0", "r1", "r2", "r3"]
    first = found[0]
    assert (first.sex, first.native, first.age) == ("male", True, 30)
    assert first.words[0][0] == pytest.approx(0.25)
    assert first.seconds == pytest.approx(first.words[-1][1] + 0.25, abs=1e-3)
    assert first.pauses == []
    profile = load("interview")
    assert first.pace_wpm(profile) == pytest.approx(60 * len(first.words) / 19.0, rel=0.03)
    samples, side = first.again_and_again(60)
    assert len(samples) == 3 * len(first.samples)
    assert len(side.words_s or []) == 3 * len(first.words)


@pytest.mark.slow
def test_measures_and_tells_groups_apart(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(yardstick, "SHARED", tmp_path)
    document = tmp_path / "fairness.md"
    document.write_text("\n".join(f"<!-- table: {name} -->\n<!-- end -->" for name in PARTS), "utf-8")
    monkeypatch.setattr(fairness, "DOCUMENT", document)
    out = tmp_path / "out.json"
    code = main(["--data", str(folder), "--minutes", "1", "--json", str(out), "--write"])
    found = json.loads(out.read_text("utf-8"))
    assert code == int(bool(found["fails"]))
    assert found["sizes"] == {"everybody": 4, **{name: 2 for pair in GROUPS.values() for name in pair}}
    men, women = (found["measures"][name] for name in reversed(GROUPS["sex"]))
    assert men != women
    assert set(found["ratios"]) == set(GROUPS)
    assert found["sexes"] == {}, "the yardstick isn't here"
    text = document.read_text("utf-8")
    for name in (name for pair in GROUPS.values() for name in pair):
        assert f"| {name} (2) |" in text
    assert "Beyond 1.25 times at equal pace:" in capsys.readouterr().out


def test_says_plainly_when_there_is_nothing_to_measure_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(tmp_path)]) == 2
    assert "no MANIFEST.csv" in capsys.readouterr().err
    (tmp_path / "MANIFEST.csv").touch()
    assert main(["--data", str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "no readings of a paragraph" in err


def test_the_document_has_a_place_for_each_table() -> None:
    text = DOCUMENT.read_text("utf-8")
    for name in PARTS:
        assert text.count(f"<!-- table: {name} -->\n") == 1, name


@pytest.mark.corpus
def test_hears_labelled_readers_roughly_right() -> None:
    profile = load("interview")
    found = readers(DATA / "words")
    for reader in (next(found) for _ in range(3)):
        one = heard(reader, profile, 30)
        pace, missed, false = (one.shares[name] for name in ("pace", "missed", "false"))
        assert 80 < one.wpm < 260
        assert abs(pace[0] / pace[1]) < 45, "the rate in words rests on a guess of syllables per word"
        assert missed[0] / missed[1] < 25
        assert false[0] / false[1] < 40
        assert len(one.groups) == len(GROUPS)
