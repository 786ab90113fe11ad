"""Someone answers a question with words on: the real server and recogniser, and the take shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect

from dsp.frame import RATE_HZ
from engine.media.voices.synthesis import SpeechSynthesizer
from tests.harness.page import Open, Served, chromium, hears, press, recording, state
from tests.harness.told_words import WORDS_ON

ANSWER = (
    "Last spring our nightly import failed twice a week. "
    "Um, my task was to make it quiet before the release. "
    "So I found the same bug in two jobs and fixed both. As a result, failures went from nine a month to one."
)

PART = re.compile("Situation|Task|Action|Result|Context|Problem|Headline|Evidence|Proposal")

QUESTION = "Tell me about something you fixed."

DRILL = f"""
title = "One question"
trains = "a"
use_when = "b"
minutes = 2
question = "{QUESTION}"

[[step]]
do = "distraction"
sound = "murmur"
for_s = 1
when = {{ after_s = 100 }}
"""


@pytest.fixture(scope="module")
def answering(
    playwright: Playwright, voice: SpeechSynthesizer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Browser, float]]:
    """A browser whose speaker answers again and again, and how long once takes, in seconds."""
    said = voice.synthesize(ANSWER, speed=1.15)
    wav = recording(tmp_path_factory.mktemp("answer") / "answer.wav", said)
    with chromium(playwright, microphone=wav) as browser:
        yield browser, said.size / RATE_HZ


def test_an_answer_is_shown_as_spoken(opened: Open, answering: tuple[Browser, float], tmp_path: Path) -> None:
    browser, length_s = answering
    (tmp_path / "one.toml").write_text(DRILL)
    with Served(drills=str(tmp_path)) as served:
        page = opened(browser, served.address, script=WORDS_ON)
        state(page, "ready")
        press(page, "Drills")
        page.get_by_label("Drill", exact=True).select_option("one")
        press(page, "Begin")
        state(page, "drilling")
        expect(page.locator("#words-mark")).to_contain_text("Words on")
        hears(page, served, 2 * length_s)  # it begins anywhere in the answer: once it is heard whole
        press(page, "Stop")
        state(page, "card")
        press(page, "Finish")
        state(page, "finished")
        answer = page.get_by_role("region", name="Your answer")
        expect(answer).to_contain_text(QUESTION, timeout=150_000)
        heard = {word.strip(".,").lower() for word in answer.locator("[data-word]").all_inner_texts()}
        spoken = {word.strip(".,").lower() for word in ANSWER.split()}
        assert len(heard & spoken) >= 0.7 * len(spoken), sorted(spoken - heard)
        expect(answer.locator(".spoken .filler", has_text="um").first).to_be_visible()
        expect(answer.locator("[data-part] .margin b").first).to_have_text(PART)
