"""An interview in the page: chosen, asked by a voice, answered by a voice, and its card."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser, Page, Playwright, expect

from engine.drills.plan import Question
from engine.interview.plan import Lines
from engine.media.voices.practice_answer import trim_silence
from engine.media.voices.synthesis import SpeechSynthesizer, silence
from engine.protocol.drill_results import Card, FollowUpAsked, InterviewAnswer
from engine.protocol.events import DrillEnded
from engine.protocol.messages import encode
from engine.server.sessions import drill_library
from engine.shipped.drills import bank
from tests.harness.page import Open, Served, chromium, press, recording, state

ANSWER = "I called each of them, and nobody waited any more."
QUIET_S = 6.0

SHORT = Lines(
    greeting=("Hello.",),
    bridge=("Thanks.",),
    encourage=("Take your time.",),
    skip=("Next one.",),
    clarify=("You choose.",),
    goodbye=("Goodbye.",),
    follow_up={"result": ("And then?",)},
)
"""A test has no time for long lines."""


@pytest.fixture(scope="module")
def candidate(
    playwright: Playwright, voice: SpeechSynthesizer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    """A browser whose speaker answers, is silent, and answers again."""
    said = np.concatenate([silence(QUIET_S), trim_silence(voice.synthesize(ANSWER))])
    wav = recording(tmp_path_factory.mktemp("candidate") / "candidate.wav", said)
    with chromium(playwright, microphone=wav) as browser:
        yield browser


def test_an_interview_comes_to_its_goodbye_and_its_take(
    opened: Open, candidate: Browser, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = Question(text="What did you fix?", style="ethics", skills=("growth",))
    monkeypatch.setattr(drill_library, "lines", lambda: SHORT)
    monkeypatch.setattr(drill_library, "bank", lambda: replace(bank(), questions=(question,)))
    page = opened(candidate, served.address)
    state(page, "ready")
    press(page, "Interview")
    page.get_by_label("Length").select_option("q1")
    expect(page.locator("#stage")).to_contain_text("Follow-ups need Words.")
    press(page, "Begin")
    state(page, "drilling")
    expect(page.locator("#asked")).to_contain_text("What did you fix?")
    state(page, "card")
    card = page.locator("#stage")
    expect(card).to_contain_text("1 question, 0 follow-ups")
    expect(card).to_contain_text("follow-ups need them")
    press(page, "Finish")
    state(page, "finished")
    expect(page.locator("#summary .card")).to_contain_text("Interview, medium")


def ended() -> DrillEnded:
    answer = InterviewAnswer(
        question="What did you fix?",
        follow_ups=[FollowUpAsked(kind="result", say="And what came out of it?")],
        start_s=12.0,
        end_s=40.0,
        words=60,
        text="Heard in 60 words: what you did. No result was heard.",
        try_next="End with what changed because of it.",
    )
    card = Card(
        drill="interview", title="Interview: ethics", level="hard", seed=1, duration_s=60.0, events=[],
        composure=None, try_next="End with what changed because of it.", answers=[answer],
    )  # fmt: skip
    return DrillEnded(stopped=True, card=card, seq=1)


def test_its_card_has_each_answer(page: Page) -> None:
    shown = page.evaluate(
        f"""async () => {{
        const {{ cardParts }} = await import('/drills/card.js');
        const {{ drillCards }} = await import('/summary/summary.js');
        const ended = {encode(ended())};
        const box = document.createElement("div");
        box.append(...cardParts(ended).filter(Boolean));
        return [box.innerText, drillCards([ended]).innerText];
        }}"""
    )
    assert "You ended it early." in shown[0]
    for text in shown:
        assert "Interview: ethics, hard" in text
        assert "1 question, 1 follow-up" in text
        assert "And what came out of it?" in text
        assert "No result was heard." in text


def test_what_was_chosen_is_asked_for(page: Page) -> None:
    sent = page.evaluate(
        """async () => {
        const { preparing } = await import('/drills/interview.js');
        const choice = { style: "ethics", length: "m10", patience: "long", stories: true };
        const usual = { style: "", length: "q3", patience: "normal", stories: false };
        const own = ["A?", "B".repeat(4000)];
        return JSON.stringify([preparing(choice, "hard", own), preparing(usual, "gentle", own)]);
        }"""
    )
    first, second = json.loads(sent)
    assert first == {
        "type": "prepare_interview", "style": "ethics", "minutes": 10, "level": "hard", "patience": "long",
        "prefer": ["A?"],
    }  # fmt: skip
    assert (second["style"], second["questions"], second["prefer"]) == (None, 3, [])


def test_the_stage_says_that_it_begins_until_something_was_asked(page: Page) -> None:
    before, after = page.evaluate(
        """async () => {
        const { drilling } = await import('/drills/views.js');
        const button = (text) => Object.assign(document.createElement("button"), { textContent: text });
        const shown = (asks) => {
          const box = document.createElement("div");
          box.append(...drilling({ drill: { interview: {}, asks } }, { button }));
          return box.textContent;
        };
        return [shown(""), shown("What did you fix?")];
        }"""
    )
    assert "The interviewer begins in a moment." in before
    assert "begins" not in after
