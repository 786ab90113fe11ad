"""``sottovoce analyze --words`` with the packaged recogniser and the packaged voice."""

from __future__ import annotations

import json
from difflib import SequenceMatcher
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from clients.cli.main import main
from engine.language.transcript import bare
from engine.media.voices.practice_answer import PassageSpan
from tests.harness.recordings import write

SAID = "i led the move of our billing system to the cloud it went live two weeks early and we lost no invoice"


def test_two_spoken_sentences_are_recognised_and_reviewed(
    answer: tuple[NDArray[np.float32], list[PassageSpan]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "spoken.wav", answer[0][: 8 * 16000])
    assert main(["analyze", "--json", str(path), "--words", "--question", "What did you lead?"]) == 0
    found = json.loads(capsys.readouterr().out)
    (review,) = found["reviews"]
    heard = [bare(word["text"]) for word in review["words"]]
    assert SequenceMatcher(None, heard[: len(SAID.split())], SAID.split(), autojunk=False).ratio() > 0.85, (
        heard
    )
    assert review["question"] == "What did you lead?"
    times = [(word["start_s"], word["end_s"]) for word in review["words"]]
    assert all(start_s < end_s <= found["duration_s"] for start_s, end_s in times)
    assert times == sorted(times)
    assert review["measures"]["words"] == pytest.approx(len(heard), abs=3)
    assert all(0 <= mark["start"] < mark["end"] <= len(heard) for mark in review["marks"])


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["--words-model", "parakeet"], "no model 'parakeet': `moonshine`, or `whisper:`"),
        (["--words-model", "whisper:tiny.en", "--words-mode", "live"], "can't recognise words live"),
    ],
)
def test_a_model_that_cannot_is_refused_in_a_sentence(
    argv: list[str],
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(
        "engine.speech.open.whisper", lambda _name: SimpleNamespace(supported_languages=["en"])
    )
    assert main(["analyze", str(tmp_path / "a.wav"), "--words", *argv]) == 2
    out, err = capsys.readouterr()
    assert says in err
    assert (out, err.count("\n")) == ("", 1)
