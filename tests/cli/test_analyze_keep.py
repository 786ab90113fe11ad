"""A recording becomes a take of one's own, with what was allowed and nothing of anybody else."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from clients.cli.main import main
from dsp.frame import RATE_HZ
from engine.media.resample import Samples
from engine.media.voices.synthesis import SpeechSynthesizer
from engine.protocol.kept import Kept
from engine.store.record import Record
from tests.harness.ogg_sound import level, sound_of
from tests.harness.record import every_byte
from tests.harness.recordings import write

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def speech(voice: SpeechSynthesizer) -> Samples:
    return voice.synthesize("The meeting went well and we agreed on the next steps for the whole team.")


@pytest.fixture
def file(speech: Samples, tmp_path: Path) -> Path:
    return write(tmp_path / "my talk.wav", speech)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "record"


def keep(file: Path, store: Path, *more: str) -> int:
    return main(["analyze", str(file), "--store", str(store), *more])


def test_what_is_named_is_kept_of_it(file: Path, store: Path, speech: Samples, capsys: Capture) -> None:
    assert keep(file, store, "--keep", "figures,sound", "--purpose", "exercise:pep") == 0
    told = capsys.readouterr().err
    record = Record.open(store)
    (kept,) = record.all("me")
    assert f"kept as take {kept.id}" in told
    assert (kept.kind, kept.title, kept.kept) == ("recording", "my talk", Kept(figures=True, sound=True))
    assert kept.purpose == "exercise:pep"
    assert kept.measures is not None
    assert kept.measures.speech_s > 2
    assert kept.exercise is not None
    assert (kept.exercise.exercise, kept.exercise.score) == ("pep", None)  # too little was heard
    sound = sound_of(record.sound("me", kept.id))
    assert sound.size / RATE_HZ == pytest.approx(speech.size / RATE_HZ, abs=0.05)
    assert level(sound) == pytest.approx(level(speech), rel=0.1)
    record.close()


def test_without_a_word_the_record_says_what_may_be_kept(file: Path, store: Path, capsys: Capture) -> None:
    from datetime import UTC, datetime

    assert keep(file, store, "--keep") == 2
    assert "--keep figures,words,sound" in capsys.readouterr().err
    record = Record.open(store)
    record.set_kept("me", Kept(figures=True), datetime.now(UTC))
    assert keep(file, store, "--keep") == 0
    (kept,) = record.all("me")
    assert (kept.kept, kept.sound) == (Kept(figures=True), None)
    record.close()
    assert b"OpusHead" not in every_byte(store)


def test_of_two_speakers_only_ones_own_is_kept(
    store: Path, tmp_path: Path, speech: Samples, capsys: Capture
) -> None:
    silence = np.zeros_like(speech)
    call = write(
        tmp_path / "call.wav",
        np.concatenate([speech, silence, silence]),
        np.concatenate([silence, 0.1 * speech, silence]),
    )
    both = ("--channel", "both")
    assert keep(call, store, "--keep", "figures,sound", *both) == 2
    assert "--me 0 or --me 1" in capsys.readouterr().err
    assert keep(call, store, "--keep", "figures,sound", "--me", "1", *both) == 0
    record = Record.open(store)
    (kept,) = record.all("me")
    sound = sound_of(record.sound("me", kept.id))
    first, second = sound[: speech.size - RATE_HZ // 4], sound[speech.size + RATE_HZ // 4 : 2 * speech.size]
    assert level(first) < 0.001
    assert level(second) == pytest.approx(0.1 * level(speech), rel=0.3)
    record.close()


@pytest.mark.parametrize("options", [("--me", "0"), ("--keep", "figures,pictures"), ("--keep", "")])
def test_options_that_make_no_sense_are_refused(file: Path, store: Path, options: tuple[str, ...]) -> None:
    assert keep(file, store, *options) == 2
    assert not store.exists()


def test_one_who_is_not_there_is_not_kept(
    file: Path, store: Path, tmp_path: Path, speech: Samples, capsys: Capture
) -> None:
    other = write(tmp_path / "theirs.wav", speech)
    for more in ((), ("--with", str(other))):
        assert keep(file, store, "--keep", "figures,sound", "--me", "1", *more) == 2
        assert "my talk.wav: one speaker, who is kept without --me" in capsys.readouterr().err
    record = Record.open(store)
    assert list(record.all("me")) == []
    record.close()


def test_of_a_recording_the_ends_of_statements_and_the_pitch_are_scored(
    store: Path, tmp_path: Path, voice: SpeechSynthesizer
) -> None:
    quiet = np.zeros(3 * RATE_HZ // 2, np.float32)
    said = ("That was my mistake.", "We lost two days.", "We will try it for a week.")
    parts = [part for text in said for part in (voice.synthesize(text), quiet)]
    statements = write(tmp_path / "statements.wav", np.concatenate(parts))
    own = tmp_path / "mine.toml"
    own.write_text(
        (resources.files("engine.shipped.programmes") / "four-weeks.toml")
        .read_text("utf-8")
        .replace('name = "land_it"', 'name = "mine"\nscore = "land_it"'),
        "utf-8",
    )
    for more in (("land_it",), ("mine", "--programme", str(own))):
        assert (
            keep(statements, store, "--keep", "figures", "--purpose", f"exercise:{more[0]}", *more[1:]) == 0
        )
    record = Record.open(store)
    first, second = [take.exercise for take in record.all("me")]
    record.close()
    for kept in (first, second):
        assert kept is not None
        assert set(kept.measured) == {"fall_st", "landed_share"}
        assert kept.score is not None
