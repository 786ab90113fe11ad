"""The page in a real Chromium. Playwright's own loop ends with this folder's tests: others need theirs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from engine.media.resample import Samples
from engine.media.voices.synthesis import SpeechSynthesizer
from tests.harness.dialogues import Truth, compose, packaged_people
from tests.harness.page import Open, Served, chromium, opening, recording
from tests.harness.two_pages import (
    sides,
    two_browsers,
)

RUSHED = (
    "We moved the whole platform to the new region last spring and nobody noticed, because the team had "
    "planned every step. First we copied the data, then we switched the traffic over, and after that we "
    "watched the numbers for a week. It went so well that we did the same with the other three regions."
)
"""Spoken at 1.6 times the usual speed this is about 220 words a minute."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all tests of this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Playwright, for as long as this folder's tests run."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def rushing(
    playwright: Playwright, voice: SpeechSynthesizer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    """A browser whose speaker talks too fast."""
    said = voice.synthesize(RUSHED, speed=1.6)
    with chromium(
        playwright, microphone=recording(tmp_path_factory.mktemp("rushed") / "rushed.wav", said)
    ) as browser:
        yield browser


@pytest.fixture(scope="package")
def muted(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser whose microphone is muted."""
    nothing = np.zeros(16_000, np.float32)
    with chromium(
        playwright, microphone=recording(tmp_path_factory.mktemp("muted") / "muted.wav", nothing)
    ) as browser:
        yield browser


@pytest.fixture(scope="package")
def clipped(
    playwright: Playwright, voice: SpeechSynthesizer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    """A browser whose speaker is far too loud for the microphone."""
    loud = np.clip(40 * voice.synthesize("This is much too loud, and it does not get any better."), -1, 1)
    with chromium(
        playwright, microphone=recording(tmp_path_factory.mktemp("loud") / "loud.wav", loud)
    ) as browser:
        yield browser


@pytest.fixture(scope="package")
def ungranted(playwright: Playwright) -> Iterator[Browser]:
    """A browser that refuses the microphone unless a test grants it."""
    with chromium(playwright, "--use-fake-device-for-media-stream", microphone=None) as browser:
        yield browser


@pytest.fixture(scope="module")
def page(rushing: Browser) -> Iterator[Page]:
    """A page whose modules a file of tests calls directly."""
    with Served() as served:
        page = rushing.new_page()
        page.goto(served.address)
        yield page
        page.close()


@pytest.fixture
def served() -> Iterator[Served]:
    """A server."""
    with Served() as served:
        yield served


@pytest.fixture
def prompt(tmp_path: Path) -> Iterator[Served]:
    """A server that speaks up after three seconds, and keeps nudges shown.

    What it takes for fast is so slow that no breath between two phrases corrects it.
    """
    profile = tmp_path / "prompt.toml"
    profile.write_text(
        "[nudges]\nsettle_s = 1\nshow_s = 30\n[pace]\nwindow_s = 3\nslow_wpm = 60\nfast_wpm = 100\n", "utf-8"
    )
    with Served(profile=str(profile)) as served:
        yield served


@pytest.fixture
def opened() -> Iterator[Open]:
    """Open a page in a context of its own; an error in its console fails the test."""
    with opening() as opened:
        yield opened


@pytest.fixture(scope="session")
def dialogue() -> tuple[Samples, Truth]:
    """Two voices, shape (2, n), who cut in on each other and listen, and when."""
    return compose(packaged_people(), 32.0, 11)


@pytest.fixture(scope="module")
def pair(
    playwright: Playwright, dialogue: tuple[Samples, Truth], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Browser, Browser]]:
    """Two browsers, each with one side of the dialogue for a microphone."""
    microphones = sides(tmp_path_factory.mktemp("two"), dialogue[0])
    with two_browsers(playwright, microphones) as pair:
        yield pair
