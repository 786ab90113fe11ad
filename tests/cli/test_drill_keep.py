"""``sottovoce drill --keep``: a take of the run, with what was allowed and nothing more."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from clients.cli.drill_words import DrillWords
from clients.cli.main import main
from dsp.frame import RATE_HZ
from engine.media.resample import Samples
from engine.media.voices.practice_answer import PassageSpan
from engine.protocol.kept import Kept
from engine.store.record import Record
from tests.cli.test_drill_words import ON, reviewed
from tests.harness.loudness_recogniser import RARE, recipe
from tests.harness.ogg_sound import level, sound_of
from tests.harness.record import every_byte
from tests.harness.recordings import write
from tests.harness.scripted_recogniser import ScriptedRecogniser, said

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the words be a question with a rare word, and what follows it."""
    heard = [*said(f"Do you mean the {RARE} or the team?", 2.0), *ON]
    monkeypatch.setattr("clients.cli.drill_words.review", reviewed)
    monkeypatch.setattr(
        "clients.cli.drill.drill_words",
        lambda question: DrillWords(question, recipe(), lambda: ScriptedRecogniser(heard)),
    )


@pytest.fixture
def speech(answer: tuple[Samples, list[PassageSpan]]) -> Samples:
    return answer[0][: 25 * RATE_HZ]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "record"


def drill(tmp_path: Path, speech: Samples, *more: str) -> int:
    file = write(tmp_path / "talk.wav", speech)
    return main(["drill", "vague-question", "--seed", "3", "--against", str(file), *more])


def test_a_run_is_kept_with_card_words_and_own_sound(
    tmp_path: Path, speech: Samples, store: Path, capsys: Capture
) -> None:
    options = ("--words", "--purpose", "exercise:clarify", "--store", str(store))
    assert drill(tmp_path, speech, "--keep", "figures,words,sound", *options) == 0
    record = Record.open(store)
    (kept,) = record.all("me")
    out, err = capsys.readouterr()
    assert f"kept as take {kept.id}" in err
    assert kept.card is not None
    assert f"Next: {kept.card.try_next}" in out
    assert (kept.kind, kept.title) == ("drill", f"{kept.card.title}, medium")
    assert (kept.purpose, kept.kept) == ("exercise:clarify", Kept(figures=True, words=True, sound=True))
    assert kept.measures is not None
    assert kept.question != ""
    assert kept.review is not None
    assert kept.review.question == kept.question
    sound = sound_of(record.sound("me", kept.id))
    assert sound.size / RATE_HZ == pytest.approx(kept.duration_s, abs=0.4)
    assert level(sound) == pytest.approx(level(speech[: sound.size]), rel=0.2)
    record.close()
    assert RARE.encode() in every_byte(store)


def test_figures_only_are_figures_only_down_to_the_bytes(
    tmp_path: Path, speech: Samples, store: Path
) -> None:
    assert drill(tmp_path, speech, "--words", "--keep", "figures", "--store", str(store)) == 0
    record = Record.open(store)
    (kept,) = record.all("me")
    record.close()
    assert (kept.kept, kept.review, kept.sound) == (Kept(figures=True), None, None)
    assert kept.card is not None
    assert kept.card.listened is not None
    assert kept.word_measures is not None
    everything = every_byte(store)
    assert kept.id.encode() in everything
    assert not [trace for trace in (RARE.encode(), b"OpusHead") if trace in everything]


def test_what_may_not_be_kept_is_said_before_the_drill(
    tmp_path: Path, speech: Samples, store: Path, capsys: Capture
) -> None:
    assert drill(tmp_path, speech, "--keep", "--store", str(store)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "--keep figures,words,sound" in err
    assert drill(tmp_path, speech, "--record-key", str(store)) == 2
    assert "--record-key needs --keep" in capsys.readouterr().err


def test_a_run_in_which_nobody_spoke_is_no_take(
    tmp_path: Path, speech: Samples, store: Path, capsys: Capture
) -> None:
    silence = np.zeros_like(speech)
    assert drill(tmp_path, silence, "--keep", "figures", "--store", str(store)) == 0
    assert "too little was heard" in capsys.readouterr().err
    record = Record.open(store)
    assert list(record.all("me")) == []
    record.close()
