from __future__ import annotations

import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from clients.cli.main import main
from engine.media.voices.practice_answer import PassageSpan
from tests.harness.recordings import tone, write

Capture = pytest.CaptureFixture[str]
Samples = NDArray[np.float32]

MEASURES = {
    "pace_wpm", "syllables_per_s", "speech_s", "pause_count", "pause_total_s", "longest_pause_s",
    "f0_median_hz", "f0_sd_st", "fillers_per_min", "creak_share", "level_dbfs",
}  # fmt: skip


@pytest.fixture(scope="module")
def spoken(answer: tuple[Samples, list[PassageSpan]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The practice answer as a file of a usual rate and format."""
    samples, _ = answer
    at = np.arange(3 * samples.size) / 3  # 48 kHz; linear is good enough for a test
    wide = np.interp(at, np.arange(samples.size), samples).astype(np.float32)
    return write(tmp_path_factory.mktemp("spoken") / "answer.flac", wide, rate=48000)


@pytest.fixture(scope="module")
def dialogue(answer: tuple[Samples, list[PassageSpan]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two speakers who take turns, one of them over the end of the other."""
    samples, _ = answer
    third = samples.size // 3
    left, right = samples.copy(), np.roll(samples, third)
    left[third : 2 * third] = 0
    right[: third - 16000], right[2 * third :] = 0, 0
    return write(tmp_path_factory.mktemp("dialogue") / "dialogue.wav", left, right)


def analyze(capsys: Capture, *argv: str | Path) -> list[dict[str, Any]]:
    assert main(["analyze", "--json", *map(str, argv)]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_json_holds_what_it_promises(spoken: Path, capsys: Capture) -> None:
    (found,) = analyze(capsys, spoken, "--profile", "interview")
    assert found["file"] == str(spoken)
    assert found["profile"] == "interview"
    assert found["duration_s"] == pytest.approx(66, abs=5)
    (measures,) = found["measures"]
    assert measures.keys() >= MEASURES
    assert measures["channel"] == 0
    assert 100 < measures["pace_wpm"] < 250
    assert "pace" in {nudge["cue"] for nudge in found["nudges"]}


def test_every_nudge_cites_an_event_that_is_there_and_earlier(spoken: Path, capsys: Capture) -> None:
    (found,) = analyze(capsys, spoken)
    events = {event["seq"]: event for event in found["events"]}
    assert found["nudges"]
    for nudge in found["nudges"]:
        cited = events[nudge["evidence"]["seq"]]
        assert cited["seq"] < nudge["seq"]
        assert cited["at_s"] <= nudge["at_s"]
        if cited["type"] == "reading":
            assert nudge["evidence"]["measure"] in cited


def test_same_answer_byte_for_byte_however_it_is_cut(spoken: Path, capsys: Capture) -> None:
    answers = set()
    for block in ([], [], ["--block", "77"], ["--block", "160"], ["--block", "50000"]):
        assert main(["analyze", "--json", str(spoken), *block]) == 0
        answers.add(capsys.readouterr().out)
    assert len(answers) == 1


def test_two_channels_are_two_speakers(dialogue: Path, capsys: Capture) -> None:
    (found,) = analyze(capsys, dialogue)
    assert [measures["channel"] for measures in found["measures"]] == [0, 1]
    assert {event["type"] for event in found["events"]} >= {"turn_taken", "phrase_ended"}
    shares = [measures["talk_share"] for measures in found["measures"]]
    assert sum(shares) == pytest.approx(1, abs=1e-3)


def test_sides_in_two_files_are_the_same_as_in_one(dialogue: Path, tmp_path: Path, capsys: Capture) -> None:
    from engine.media.files.recording import Recording

    (both,) = analyze(capsys, dialogue)
    blocks = [block for block in Recording(dialogue).blocks() if not isinstance(block, int)]
    left, right = (np.concatenate(side) for side in zip(*blocks, strict=True))
    you, them = write(tmp_path / "you.wav", left), write(tmp_path / "them.wav", right)
    (apart,) = analyze(capsys, you, "--with", them)
    assert (apart.pop("file"), apart.pop("other_file")) == (str(you), str(them))
    for found in (both, apart):
        del found["sources"]
    del both["file"], both["other_file"]
    assert apart == both


def test_side_that_ends_early_is_unknown_from_there_and_not_silent(tmp_path: Path, capsys: Capture) -> None:
    short, long = write(tmp_path / "short.wav", tone(200, 5.0)), write(tmp_path / "long.wav", tone(150, 20.0))
    (found,) = analyze(capsys, long, "--with", short)
    assert found["duration_s"] == pytest.approx(20)
    assert found["measures"][1]["lost_s"] == pytest.approx(15, abs=0.05)
    assert found["measures"][1]["pause_count"] == 0


def test_one_channel_can_be_chosen(dialogue: Path, capsys: Capture) -> None:
    (both,) = analyze(capsys, dialogue)
    (right,) = analyze(capsys, dialogue, "--channel", "1")
    assert len(right["measures"]) == 1
    for key in ("speech_s", "f0_median_hz", "level_dbfs"):
        assert right["measures"][0][key] == pytest.approx(both["measures"][1][key], rel=0.03)
    assert right["measures"][0]["speech_s"] < 0.7 * both["measures"][0]["speech_s"]


def test_several_files_give_one_line_each_and_a_bad_one_costs_only_itself(
    tmp_path: Path, capsys: Capture
) -> None:
    good = [write(tmp_path / f"{name}.wav", tone(200, 2.0)) for name in ("a", "b")]
    bad = tmp_path / "bad.wav"
    bad.write_text("not audio")
    assert main(["analyze", "--json", str(good[0]), str(bad), str(good[1])]) == 2
    out, err = capsys.readouterr()
    assert [json.loads(line)["file"] for line in out.splitlines()] == [str(path) for path in good]
    assert err.startswith(f"sottovoce: {bad}: not a sound file")
    assert "Traceback" not in err


@pytest.mark.parametrize("profile", ["nowhere", "interview.toml"])
def test_unknown_profile_is_refused(profile: str, tmp_path: Path, capsys: Capture) -> None:
    assert main(["analyze", str(tmp_path / "x.wav"), "--profile", profile]) == 2
    assert "no such file, and no shipped profile" in capsys.readouterr().err


def test_silence_makes_no_speech_and_is_remarked(tmp_path: Path, capsys: Capture) -> None:
    (found,) = analyze(capsys, write(tmp_path / "a.wav", np.zeros(20 * 16000, np.float32)))
    (measures,) = found["measures"]
    assert (measures["speech_s"], measures["pause_count"], measures["pace_wpm"]) == (0, 0, None)
    assert {"type": "mute_started", "start_s": 0.0, "told": False}.items() <= found["events"][0].items()
    assert measures["muted_s"] == pytest.approx(20.0)
    assert found["nudges"] == []


def test_mute_is_said_and_counts_nowhere(tmp_path: Path, capsys: Capture) -> None:
    path = write(
        tmp_path / "a.flac", np.concatenate([tone(200, 3.0), np.zeros(8 * 16000, np.float32), tone(200, 3.0)])
    )
    assert main(["analyze", str(path)]) == 0
    out, _ = capsys.readouterr()
    assert "muted for 8.0 s, not counted" in out
    assert re.search(r"^ *muted +8\.0 s, not counted *$", out, re.MULTILINE)


def test_clipping_is_remarked(spoken: Path, tmp_path: Path, capsys: Capture) -> None:
    clipped = np.clip(60 * tone(180, 6.0), -1, 1)
    (found,) = analyze(capsys, write(tmp_path / "a.wav", clipped))
    assert any(event["type"] == "signal_problem" and event["kind"] == "clipping" for event in found["events"])


def test_not_numbers_count_as_lost(tmp_path: Path, capsys: Capture) -> None:
    samples = tone(200, 6.0)
    samples[32000:48000] = np.nan
    (found,) = analyze(capsys, write(tmp_path / "a.wav", samples))
    assert found["measures"][0]["lost_s"] == pytest.approx(1.0, abs=0.05)
    assert found["measures"][0]["pause_count"] == 0


def test_eight_khz_gives_sensible_measures(
    answer: tuple[Samples, list[PassageSpan]], tmp_path: Path, capsys: Capture
) -> None:
    samples = answer[0][: answer[0].size // 2 * 2]
    narrow = ((samples[::2] + samples[1::2]) / 2).astype(np.float32)
    (found,) = analyze(capsys, write(tmp_path / "a.wav", narrow, rate=8000))
    assert found["duration_s"] == pytest.approx(samples.size / 16000, abs=0.05)
    assert 100 < found["measures"][0]["pace_wpm"] < 250


def test_table_and_timeline_for_a_person(spoken: Path, capsys: Capture) -> None:
    assert main(["analyze", str(spoken), "--profile", "interview"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    for part in ("pace", "words/min", "130 to 170", "pitch range", "pause of", "SLOW DOWN"):
        assert part in out


def test_how_two_channels_were_taken_is_said_and_can_be_overruled(
    answer: tuple[Samples, list[PassageSpan]], tmp_path: Path, capsys: Capture
) -> None:
    voice = answer[0][: 8 * 16000]
    path = write(tmp_path / "a.m4a", voice, np.float32(0.9) * voice)
    assert main(["analyze", "--json", str(path)]) == 0
    out, err = capsys.readouterr()
    said = "the same voice on both channels: taken as one speaker; --channel both takes them as two"
    assert err == f"{path}: {said}\n"
    found = json.loads(out)
    assert len(found["measures"]) == 1
    (source,) = found["sources"]
    assert (source["taken"], source["channels"], source["remarks"]) == ("one_voice", 2, [said])
    (found,) = analyze(capsys, path, "--channel", "both")
    assert len(found["measures"]) == 2
    assert found["sources"][0]["taken"] is None


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_picture_is_drawn(dialogue: Path, tmp_path: Path, kind: str, capsys: Capture) -> None:
    picture = tmp_path / f"picture.{kind}"
    assert main(["analyze", "--json", str(dialogue), "--plot", str(picture)]) == 0
    content = picture.read_bytes()
    assert content.startswith({"png": b"\x89PNG", "svg": b"<?xml"}[kind])
    if kind == "png":
        from PIL import Image

        with Image.open(picture) as image:
            assert image.width > 1000
            assert len(image.convert("RGB").getcolors(1 << 20) or []) > 50, "as good as empty"


def test_picture_of_silence_is_drawn(tmp_path: Path, capsys: Capture) -> None:
    silent = write(tmp_path / "a.wav", np.zeros(16000, np.float32))
    assert main(["analyze", str(silent), "--plot", str(tmp_path / "a.png")]) == 0
    assert (tmp_path / "a.png").stat().st_size > 1000


def size(picture: Path) -> tuple[int, int]:
    from PIL import Image

    with Image.open(picture) as image:
        return image.size


def test_picture_of_more_than_a_minute_has_rows(spoken: Path, tmp_path: Path, capsys: Capture) -> None:
    for name, span in (("all", []), ("part", ["--plot-span", "20", "60"])):
        assert main(["analyze", str(spoken), "--plot", str(tmp_path / f"{name}.png"), *span]) == 0
    (wide, tall), (width, height) = size(tmp_path / "all.png"), size(tmp_path / "part.png")
    assert wide == width
    assert 1.7 < tall / height < 2.1


def test_span_after_the_end_is_said(tmp_path: Path, capsys: Capture) -> None:
    short = write(tmp_path / "a.wav", tone(200, 2.0))
    picture = tmp_path / "a.png"
    assert main(["analyze", str(short), "--plot", str(picture), "--plot-span", "5", "6"]) == 2
    assert "nothing to draw from 5 s on, it is 2.0 s long" in capsys.readouterr().err
    assert not picture.exists()


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["a.wav", "--plot", "picture.doc"], "must end in .png, .svg, .pdf"),
        (["a.wav", "--plot", "nowhere/picture.png"], "no such folder"),
        (
            ["a.wav", "--plot", "picture.png", "--plot-span", "9", "5"],
            "must be two times in seconds, the earlier first",
        ),
        (["a.wav", "b.wav", "--plot", "picture.png"], "--plot works with one FILE"),
        (["a.wav", "b.wav", "--with", "c.wav"], "--with works with one FILE"),
    ],
)
def test_what_cannot_be_done_is_said_before_the_work(
    argv: list[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["analyze", *argv]) == 2
    assert says in capsys.readouterr().err


def test_names_with_spaces_and_colons_are_names(tmp_path: Path, capsys: Capture) -> None:
    odd = tmp_path / "http:  my call.wav"
    shutil.copy(write(tmp_path / "a.wav", tone(200, 1.0)), odd)
    (found,) = analyze(capsys, odd)
    assert found["file"] == str(odd)


def test_a_side_saved_in_stereo_or_upside_down_is_heard(
    answer: tuple[Samples, list[PassageSpan]], tmp_path: Path, capsys: Capture
) -> None:
    voice = answer[0][: 8 * 16000]
    you, them = write(tmp_path / "you.wav", voice, -voice), write(tmp_path / "them.wav", voice[::-1].copy())
    (found,) = analyze(capsys, you, "--with", them)
    assert found["measures"][0]["speech_s"] > 4


def test_without_matplotlib_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert main(["analyze", "a.wav", "--plot", "picture.png"]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "make setup-extras" in err
    assert "pip install 'sottovoce[plot]'" in err


@pytest.mark.parametrize("flags", [[], ["--json"], ["--plot", "out.png"], ["--json", "--plot", "out.svg"]])
def test_name_that_is_not_utf8_is_shown_with_its_bytes(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: pytest.CaptureFixture[bytes],
    flags: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    odd = os.fsdecode(b"caf\xe9 $\\frac$ \x1b[31m.wav")
    shutil.copy(write(tmp_path / "a.wav", tone(200, 1.0)), tmp_path / odd)
    assert main(["analyze", odd, *flags]) == 0
    out, _ = capsysbinary.readouterr()
    text = out.decode("utf-8")
    assert "caf\\xe9" in (json.loads(text)["file"] if "--json" in flags else text)
    assert "\x1b[31m" not in text
    assert not flags[-1:] or flags[-1] == "--json" or (tmp_path / flags[-1]).stat().st_size > 1000


def test_picture_and_profile_whose_names_are_not_utf8(tmp_path: Path, capsys: Capture) -> None:
    picture, profile = (str(tmp_path / os.fsdecode(name)) for name in (b"\xff.png", b"\xff.toml"))
    Path(profile).write_text("[pace]\nslow_wpm = 100\n")
    (found,) = analyze(
        capsys, write(tmp_path / "a.wav", tone(200, 1.0)), "--profile", profile, "--plot", picture
    )
    assert found["profile"] == "\\xff"
    assert Path(picture).stat().st_size > 1000


def test_a_mistake_of_ours_in_one_file_costs_only_that_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    from engine.media.files.recording import Recording

    blocks = Recording.blocks

    def fails(self: Recording, *since: Any) -> Any:
        if self.path.stem == "bad":
            raise ZeroDivisionError("by chance")
        return blocks(self, *since)

    monkeypatch.setattr(Recording, "blocks", fails)
    files = [write(tmp_path / f"{name}.wav", tone(200, 1.0)) for name in ("a", "bad", "b")]
    assert main(["analyze", "--json", *map(str, files)]) == 1
    out, err = capsys.readouterr()
    assert [json.loads(line)["file"] for line in out.splitlines()] == [str(files[0]), str(files[2])]
    assert err.count("\n") == 1
    assert f"{files[1]}: the analysis failed because of a bug: ZeroDivisionError('by chance')" in err
