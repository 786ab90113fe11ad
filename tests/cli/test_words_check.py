"""`sottovoce words check`."""

from __future__ import annotations

import numpy as np
import pytest

from clients.cli import words_check
from clients.cli.main import main
from clients.cli.words_check import describe
from engine.errors import ModelError
from engine.media.resample import Samples
from engine.speech import moonshine


@pytest.fixture
def short_talk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two seconds of silence instead of half a minute of talk: what is measured is not asked here."""

    def quiet() -> Samples:
        return np.zeros(32_000, np.float32)

    monkeypatch.setattr(words_check, "spoken", quiet)


@pytest.mark.usefixtures("short_talk")
def test_it_says_what_is_installed_and_a_line_for_each_mode(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words_check, "cost", lambda _talk, mode, _model: 0.1 if mode == "live" else 0.05)
    assert main(["words", "check"]) == 0
    out = capsys.readouterr().out
    assert out.count("installed, and the file that is expected") == 3
    assert "moonshine-tiny-en on one thread" in out
    assert "live        0.10 s" in out
    assert "a core is enough for 20 who talk all the time, 40" in out
    assert "an hour takes 3 min" in out


@pytest.mark.usefixtures("short_talk")
def test_a_missing_package_is_told_with_what_to_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object) -> bytes:
        raise ModelError("The package moonshine_voice is not installed: pip install 'sottovoce[words]'.")

    moonshine.moonshine.cache_clear()
    monkeypatch.setattr(moonshine, "packaged_file", missing)
    assert main(["words", "check"]) == 2
    said = capsys.readouterr()
    assert "pip install 'sottovoce[words]'" in said.out
    assert "pip install 'sottovoce[words]'" in said.err


def test_a_cost_is_measured_and_positive() -> None:
    assert words_check.cost(np.zeros(16_000, np.float32), "phrase", "moonshine") > 0


def test_a_machine_that_is_too_slow_for_one_is_said_to_be() -> None:
    assert "enough for 0 who talk all the time, 1 who" in describe("live", 1.5)
