"""Adding a recording on the page: it becomes a take, and what stands in the way is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from dsp.frame import RATE_HZ
from engine.media.resample import Samples
from engine.media.voices.synthesis import SpeechSynthesizer
from tests.harness.page import Open, Served, state
from tests.harness.recordings import write
from tests.web.test_access import findings
from tests.web.test_programme import drawn

SAID = "The meeting went well and we agreed on the next steps for the whole team."


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(record="me", store=str(tmp_path_factory.mktemp("record"))) as served:
        allowed = {"figures": True, "words": False, "sound": True, "past": False}
        httpx.put(f"{served.address}record/kept", json=allowed, trust_env=False).raise_for_status()
        yield served


@pytest.fixture(scope="module")
def speech(voice: SpeechSynthesizer) -> Samples:
    return voice.synthesize(SAID)


def choose(page: Page, file: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add a recording").click()
    chooser.value.set_files(file)


def test_a_recording_becomes_a_take_of_the_speaker_that_one_is(
    opened: Open, rushing: Browser, server: Served, speech: Samples, tmp_path: Path
) -> None:
    quiet = np.zeros_like(speech)
    left = np.concatenate([speech, quiet, quiet[:RATE_HZ]])
    right = np.concatenate([quiet, 0.5 * speech, quiet[:RATE_HZ]])
    page = opened(rushing, f"{server.address}#takes")
    state(page, "place")
    choose(page, write(tmp_path / "team call.wav", left, right))
    dialog = page.get_by_role("dialog", name="Add a recording")
    expect(dialog).to_contain_text("“team call.wav”")
    dialog.get_by_label("Question that you answer in it").fill("What did you agree on?")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog.get_by_role("radio")).to_have_count(3, timeout=300_000)
    assert findings(page) == ""
    dialog.get_by_role("radio", name="The one on the right channel").check()
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog).to_be_hidden(timeout=300_000)
    expect(page.get_by_role("heading", name="team call")).to_be_visible()
    expect(page.locator("#place")).to_contain_text("Recording")
    expect(page.locator("#place audio")).to_have_count(1)


def test_what_is_no_recording_is_said_and_nothing_is_added(
    opened: Open, rushing: Browser, server: Served, tmp_path: Path
) -> None:
    letter = tmp_path / "letter.wav"
    letter.write_text("Dear all", "utf-8")
    page = opened(rushing, f"{server.address}#takes")
    drawn(page)
    choose(page, letter)
    before = page.locator("[data-take]").count()
    dialog = page.get_by_role("dialog", name="Add a recording")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("not a sound file that can be read", timeout=300_000)
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    assert page.locator("[data-take]").count() == before
