"""``sottovoce drill --words``: a card told by words, the words, the review; over a recording and live."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clients.cli.drill_words import DrillWords
from clients.cli.main import main
from clients.terminal.speaker import Speaker
from dsp.frame import RATE_HZ
from engine.errors import ModelError
from engine.language.transcript import Transcript
from engine.media.resample import Samples
from engine.media.voices.practice_answer import PassageSpan
from engine.media.webrtc.playout import BLOCK
from engine.protocol.review import AnswerReview
from engine.protocol.words import Word
from tests.harness.loudness_recogniser import importable, recipe, review
from tests.harness.recordings import write
from tests.harness.scripted_recogniser import ScriptedRecogniser, said

Capture = pytest.CaptureFixture[str]

ASKED = said("Do you mean the app or the team?", 2.0)
ON = said("I would cut the three longest waits by half and measure them again after a month", 8.0)


def reviewed(transcript: Transcript, question: str, embed: object) -> AnswerReview:
    return review(transcript, question, embed)


@pytest.fixture
def speaker(answer: tuple[Samples, list[PassageSpan]], tmp_path: Path) -> Path:
    """Talk, 1.5 s of silence after a question in it, and more talk."""
    talk = answer[0]
    quiet = np.zeros(3 * RATE_HZ, np.float32)
    parts = [
        quiet[: int(1.8 * RATE_HZ)],
        talk[RATE_HZ // 2 : 4 * RATE_HZ],
        quiet,
        talk[RATE_HZ : 25 * RATE_HZ],
    ]
    return write(tmp_path / "talk.wav", np.concatenate(parts))


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[Word]], None]:
    """Have the words of the recording be those."""

    def words(heard: list[Word]) -> None:
        def opened(question: str) -> DrillWords:
            return DrillWords(question, recipe(), lambda: ScriptedRecogniser(heard))

        monkeypatch.setattr("clients.cli.drill.drill_words", opened)

    monkeypatch.setattr("clients.cli.drill_words.review", reviewed)
    return words


def drill(name: str, *args: object) -> list[str]:
    return ["drill", name, "--seed", "3", *map(str, args)]


def lines(capsys: Capture) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_card_is_told_by_words_and_a_review_of_the_drills_question_follows(
    speaker: Path, scripted: Callable[[list[Word]], None], capsys: Capture
) -> None:
    scripted([*ASKED, *ON])
    assert main(drill("vague-question", "--against", speaker, "--words", "--json")) == 0
    told = lines(capsys)
    (ended,) = (line for line in told if line["type"] == "drill_ended")
    listened = ended["card"]["listened"]
    assert (listened["heard"], listened["by"]) == (True, "words")
    assert listened["quote"] == "Do you mean the app or the team?"
    assert told[-1]["type"] == "review"
    assert told[-1]["review"]["question"] == ended["card"]["events"][0]["said"] != ""
    heard = [word["text"] for line in told if line["type"] == "words" for word in line["words"]]
    assert heard[: len(ASKED)] == [word.text for word in ASKED]
    reviewed = [word["text"] for word in told[-1]["review"]["words"]]
    assert [word for word in reviewed if word != "um"] == heard, "but for a filled pause that the ears put in"


def test_without_words_none_is_recognised_and_the_card_says_what_melody_tells(
    speaker: Path, scripted: Callable[[list[Word]], None], capsys: Capture
) -> None:
    scripted([*ASKED, *ON])
    assert main(drill("vague-question", "--against", speaker, "--json")) == 0
    told = lines(capsys)
    assert {"words", "review"}.isdisjoint(line["type"] for line in told)
    (ended,) = (line for line in told if line["type"] == "drill_ended")
    assert ended["card"]["listened"]["by"] != "words"


def test_a_person_reads_the_words_in_lines_and_the_review_after_the_card(
    speaker: Path, scripted: Callable[[list[Word]], None], capsys: Capture
) -> None:
    scripted([*ASKED, *ON])
    assert main(drill("vague-question", "--against", speaker, "--words")) == 0
    out = capsys.readouterr().out
    assert "0:02  Do you mean the" in out
    card = out.index("You asked: “Do you mean the app or the team?”")
    assert out.index("0:02  Do you mean") < card < out.index("What was said")


def test_a_missing_package_is_said_before_the_drill(
    speaker: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def missing(_question: str) -> DrillWords:
        raise ModelError("moonshine_voice is not installed: pip install 'sottovoce[words]'.")

    monkeypatch.setattr("clients.cli.drill.drill_words", missing)
    assert main(drill("vague-question", "--against", speaker, "--words")) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "pip install 'sottovoce[words]'" in err


def test_at_the_microphone_a_process_beside_hears_the_words(
    answer: tuple[Samples, list[PassageSpan]], monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    talk = answer[0][: 10 * RATE_HZ]

    async def microphone(_number: int | None) -> AsyncIterator[Samples]:
        for start in range(0, talk.size - BLOCK, BLOCK):
            await asyncio.sleep(0)
            yield talk[start : start + BLOCK]
        raise KeyboardInterrupt

    @contextlib.contextmanager
    def loudspeaker() -> Iterator[Speaker]:
        yield Speaker()

    monkeypatch.setattr("clients.terminal.microphone.check", lambda _number: None)
    monkeypatch.setattr("clients.terminal.microphone.microphone", microphone)
    monkeypatch.setattr("clients.terminal.speaker.loudspeaker", loudspeaker)
    monkeypatch.setattr("clients.cli.drill_words.review", reviewed)
    monkeypatch.setattr("clients.cli.drill_words.LAST_WORDS_S", 60.0)  # the process needs time to begin
    monkeypatch.setattr("clients.cli.drill.drill_words", lambda question: DrillWords(question, recipe()))
    with importable():
        assert main(drill("interruptions", "--words", "--json")) == 0
    told = lines(capsys)
    assert any(line["type"] == "drill_ended" for line in told)
    words = [word["text"] for line in told if line["type"] == "words" for word in line["words"]]
    assert set(words) == {"loud"}
    assert told[-1]["review"]["source"] == "loudness"
    assert len(told[-1]["review"]["words"]) == len(words)
