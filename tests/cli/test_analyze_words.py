"""``sottovoce analyze --words``: what was said in the report, in JSON and in the picture; the assistant."""

from __future__ import annotations

import asyncio
import io
import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from numpy.typing import NDArray

from clients.cli.main import main
from dsp.frame import RATE_HZ
from engine.assistant.endpoint import KEY_VARIABLE
from engine.errors import ModelError
from engine.language.transcript import Transcript
from engine.media.files.words import SpokenWords
from engine.media.voices.practice_answer import PassageSpan
from engine.protocol.review import AnswerReview
from tests.harness.chat_server import ChatServer, Request, Response, chat_server, completion
from tests.harness.recordings import tone, write
from tests.harness.reviews import REVIEW, WORDS
from tests.harness.scripted_recogniser import NAME, ScriptedRecogniser

Capture = pytest.CaptureFixture[str]

HEARD = WORDS[:14]
ADVICE = {
    "advice": "Say “forty minutes” first.",
    "example": "I cut it to forty minutes.",
    "quotes": ["now it takes forty minutes"],
    "follow_ups": ["How did you check it?"],
}


@pytest.fixture
def talk(answer: tuple[NDArray[np.float32], list[PassageSpan]], tmp_path: Path) -> Path:
    return write(tmp_path / "talk.wav", answer[0][: 14 * RATE_HZ])


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Recognisers that say what they are told to, of a speaker who never falls silent; what was asked for."""
    asked: list[tuple[str, str]] = []

    def spoken_words(question: str, mode: str, model: str, answering: int) -> SpokenWords:
        assert model == "moonshine"
        asked.append((question, mode))

        def review(channel: int, transcript: Transcript) -> AnswerReview:
            asked.append((question if channel == answering else "", transcript.source))
            return replace(REVIEW, question=question if channel == answering else "")

        return SpokenWords(lambda: ScriptedRecogniser(HEARD), review)

    monkeypatch.setattr("engine.media.files.spoken.spoken_words", spoken_words)
    return asked


def test_the_report_shows_what_was_said_and_the_review(
    talk: Path, opened: list[tuple[str, str]], capsys: Capture
) -> None:
    assert main(["analyze", str(talk), "--words", "--question", " Tell me about a job. "]) == 0
    out, err = capsys.readouterr()
    assert opened == [("Tell me about a job.", "afterwards"), ("Tell me about a job.", NAME)]
    assert err == ""
    for part in (
        "What was said",
        "Question: Tell me about a job.",
        "situation",
        "‹um,›",
        "forty minutes",
        "Next time:",
    ):
        assert part in out


def test_json_holds_the_words_as_events_and_the_review_as_it_is_sent(
    talk: Path, opened: list[tuple[str, str]], capsys: Capture
) -> None:
    assert main(["analyze", "--json", str(talk), "--words", "--words-mode", "live"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert opened == [("", "live"), ("", NAME)]
    texts = [word["text"] for event in found["events"] if event["type"] == "words" for word in event["words"]]
    assert texts == [word.text for word in HEARD]
    (review,) = found["reviews"]
    assert [word["text"] for word in review["words"]] == [word.text for word in WORDS]
    assert review["findings"][0]["quotes"] == [{"start": 21, "end": 25}]
    assert found["advice"] is None


def test_without_words_no_recogniser_is_opened(
    talk: Path, opened: list[tuple[str, str]], capsys: Capture
) -> None:
    assert main(["analyze", "--json", str(talk)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (opened, found["reviews"]) == ([], [])


def test_two_sides_have_a_review_each_and_the_question_is_the_first_ones(
    tmp_path: Path, opened: list[tuple[str, str]], capsys: Capture
) -> None:
    you, them = write(tmp_path / "you.wav", tone(200, 14.0)), write(tmp_path / "them.wav", tone(120, 14.0))
    argv = ["analyze", str(you), "--with", str(them), "--words", "--question", "Why?"]
    assert main(argv) == 0
    out = capsys.readouterr().out
    assert (
        out.index("What was said: you") < out.index("Question: Why?") < out.index("What was said: other side")
    )
    assert out.count("Question:") == 1


def test_the_picture_has_the_words_below_the_waveform(
    talk: Path, opened: list[tuple[str, str]], tmp_path: Path, capsys: Capture
) -> None:
    plain, worded = tmp_path / "plain.svg", tmp_path / "worded.svg"
    assert main(["analyze", str(talk), "--plot", str(plain)]) == 0
    assert main(["analyze", str(talk), "--plot", str(worded), "--words"]) == 0
    assert "<!-- nightly -->" not in plain.read_text()
    for text in ("nightly", "forty", "situation", "words"):
        assert f"<!-- {text} -->" in worded.read_text()


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["--question", "Why?"], "--question needs --words"),
        (["--words-mode", "live"], "--words-mode needs --words"),
        (["--words-model", "moonshine"], "--words-model needs --words"),
        (["--assistant", "http://127.0.0.1:1/v1"], "--assistant needs --words"),
        (["--words", "--assistant-model", "x"], "--assistant-model needs --assistant"),
        (["--words", "--assistant", "http://api.example.com/v1"], "unencrypted"),
        (["--words", "--assistant", "http://127.0.0.1:1/v1"], "--assistant-agree agrees beforehand"),
    ],
)
def test_options_that_make_no_sense_are_refused_before_the_work(
    argv: list[str],
    says: str,
    talk: Path,
    opened: list[tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    assert main(["analyze", str(talk), *argv]) == 2
    out, err = capsys.readouterr()
    assert says in err
    assert (out, opened) == ("", [])


def test_a_missing_package_is_said_in_one_line(
    talk: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def missing(*_: object) -> SpokenWords:
        raise ModelError("The package moonshine_voice is not installed: pip install 'sottovoce[words]'.")

    monkeypatch.setattr("engine.media.files.spoken.spoken_words", missing)
    assert main(["analyze", str(talk), "--words"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "pip install 'sottovoce[words]'" in err


# --- the assistant ----------------------------------------------------------------


class Terminal(io.StringIO):
    """Standard input of a person."""

    def isatty(self) -> bool:
        return True


@contextmanager
def serving(answer: Callable[[Request], Response]) -> Iterator[ChatServer]:
    """A server in a thread: the command has an event loop of its own."""
    loop, ready = asyncio.new_event_loop(), threading.Event()
    servers: list[ChatServer] = []
    over = asyncio.Event()

    async def hold() -> None:
        async with chat_server(answer) as server:
            servers.append(server)
            ready.set()
            await over.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(hold(),))
    thread.start()
    try:
        assert ready.wait(90)
        yield servers[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(90)
        loop.close()


def advised(_request: Request) -> Response:
    return completion(json.dumps(ADVICE))


@pytest.mark.usefixtures("opened")
def test_the_host_is_named_and_nothing_is_sent_before_yes(
    talk: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    with serving(advised) as server:
        host = server.url.removeprefix("http://").removesuffix("/v1")
        argv = ["analyze", str(talk), "--words", "--assistant", server.url, "--assistant-model", "small"]
        monkeypatch.setattr(sys, "stdin", Terminal("n\n"))
        assert main(argv) == 0
        out, err = capsys.readouterr()
        assert f"Send the {len(WORDS)} words of this take" in err
        assert host in err
        assert server.requests == []
        assert "What was said" in out
        assert "Advice" not in out
        monkeypatch.setattr(sys, "stdin", Terminal("yes\n"))
        assert main(argv) == 0
        out = capsys.readouterr().out
        assert f"Advice of small at {host}" in out
        assert "Say “forty minutes” first." in out
        assert len(server.requests) == 1


@pytest.mark.usefixtures("opened")
def test_a_script_agrees_beforehand_and_gets_the_advice_as_json(
    talk: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "k-123")
    with serving(advised) as server:
        argv = ["analyze", "--json", str(talk), "--words", "--question", "Why?", "--assistant", server.url]
        assert main([*argv, "--assistant-model", "small", "--assistant-agree"]) == 0
        (request,) = server.requests
    found = json.loads(capsys.readouterr().out)
    assert found["advice"]["follow_ups"] == ADVICE["follow_ups"]
    (span,) = found["advice"]["quotes"]
    words: list[dict[str, Any]] = found["reviews"][0]["words"][span["start"] : span["end"]]
    assert " ".join(word["text"] for word in words) == "now it takes forty minutes."
    assert request.headers["authorization"] == "Bearer k-123"
    sent = json.loads(request.json["messages"][1]["content"].split("\n")[1])
    assert sent == {"question": "Why?", "answer": " ".join(word.text for word in WORDS)}


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_an_assistant_that_fails_costs_only_the_advice(talk: Path, flags: list[str], capsys: Capture) -> None:
    with serving(lambda _: Response(500)) as server:
        argv = ["analyze", *flags, str(talk), "--words", "--assistant", server.url, "--assistant-agree"]
        assert main(argv) == 2
    out, err = capsys.readouterr()
    assert "HTTP 500" in err
    assert "Traceback" not in err
    assert ("What was said" in out) if not flags else json.loads(out)["reviews"]


@pytest.mark.usefixtures("opened")
def test_the_other_sides_words_are_not_sent(tmp_path: Path, capsys: Capture) -> None:
    you, them = write(tmp_path / "you.wav", tone(200, 14.0)), write(tmp_path / "them.wav", tone(120, 14.0))
    with serving(advised) as server:
        argv = ["analyze", "--json", str(you), "--with", str(them), "--words", "--assistant", server.url]
        assert main([*argv, "--assistant-model", "m", "--assistant-agree"]) == 0
        (request,) = server.requests
    assert json.loads(request.json["messages"][1]["content"].split("\n")[1])["answer"].count("nightly") == 1
