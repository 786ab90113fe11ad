"""Exercises of sound on the page: both curves of Land it, a view that is said, a talk that is shadowed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Playwright, Route, expect

from engine.media.voices.clips import ClipCache
from engine.media.voices.synthesis import silence
from tests.harness.page import HOLDING, Open, Served, chromium, hears, press, recording, state

from .fitting import faults
from .test_access import findings
from .test_exercises import opened_at, shortened

PATIENT = f"{HOLDING} window.held = true;"
"""Has the page wait for a voice however long it takes: after some seconds it would do without."""


@pytest.fixture(scope="module")
def keeping(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that keeps the takes of one person."""
    with Served(record="me", store=str(tmp_path_factory.mktemp("record"))) as served:
        yield served


@pytest.fixture(scope="module")
def statement(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of a man's statement that falls, with a pause."""
    said = ClipCache().speech("executive", "That was my mistake.", fall_st=5.0)
    return recording(
        tmp_path_factory.mktemp("statement") / "statement.wav", np.concatenate([said, silence(1.3)])
    )


@pytest.fixture(scope="module")
def stating(playwright: Playwright, statement: Path) -> Iterator[Browser]:
    """A browser whose speaker makes that statement, again and again."""
    with chromium(playwright, microphone=statement) as browser:
        yield browser


def test_land_it_draws_the_end_of_the_voice_and_ones_own(
    opened: Open, stating: Browser, keeping: Served
) -> None:
    page = opened_at(opened, stating, keeping, "#practise", script=PATIENT)
    shortened(page, 600)
    page.evaluate("location.hash = '#exercise=land_it'")
    press(page, "Begin")
    step = page.locator("#exercise")
    expect(step.get_by_role("heading", name="Listen to the end")).to_be_visible()
    picture = step.get_by_role("img")
    expect(picture).to_be_visible()
    assert "The voice's end falls" in (picture.get_attribute("aria-label") or "")
    assert findings(page) == ""
    page.keyboard.press("ArrowRight")
    expect(step.get_by_role("heading", name="Say it")).to_be_visible()
    expect(step).to_contain_text("it landed")
    assert "Your end falls" in (picture.get_attribute("aria-label") or "")
    page.keyboard.press("ArrowRight")
    expect(step.get_by_role("heading", name="Look at the two ends")).to_be_visible()
    assert findings(page) == ""
    assert faults(page, "exercise") == []


def test_a_view_is_said_and_read_only_if_wanted(opened: Open, stating: Browser, keeping: Served) -> None:
    page = opened_at(opened, stating, keeping, "#exercise=paraphrase", script=PATIENT)
    press(page, "Begin")
    step = page.locator("#exercise")
    expect(step.get_by_role("heading", name="Listen")).to_be_visible()
    expect(step.get_by_text("The voice is getting ready")).to_be_hidden()
    expect(step.locator("blockquote")).to_be_hidden()
    step.get_by_text("Read it instead").click()
    expect(step.locator("blockquote")).to_be_visible()


def shortened_talk(page: Page) -> None:
    """Let half a second of a talk be enough to measure it."""

    def shorten(route: Route) -> None:
        route.fulfill(
            content_type="text/javascript",
            body=route.fetch().text().replace("LEAST_SPEECH_S = 30", "LEAST_SPEECH_S = 0.5"),
        )

    page.route("**/exercises/shadowed.js", shorten)


def test_a_talk_is_measured_and_its_retelling_put_beside_it(
    opened: Open, stating: Browser, keeping: Served, statement: Path
) -> None:
    page = opened_at(opened, stating, keeping, "#practise")
    shortened(page, 600)
    shortened_talk(page)
    page.reload()
    state(page, "ready")
    page.evaluate("location.hash = '#exercise=shadowing'")
    page.locator("#place input[type=file]").set_input_files(statement)
    expect(page.locator("#place")).to_contain_text("The talk is measured")
    page.get_by_label("Technique 1").fill("a pause after the point")
    assert findings(page) == ""
    assert faults(page, "exercise") == []
    press(page, "Begin")
    step = page.locator("#exercise")
    expect(step.get_by_role("heading", name="Read your three notes")).to_be_visible()
    expect(step).to_contain_text("a pause after the point")
    page.keyboard.press("ArrowRight")
    hears(page, keeping, 3)
    page.keyboard.press("ArrowRight")
    state(page, "finished")
    summary = page.locator("#summary")
    expect(summary).to_contain_text("The talk and your retelling")
    expect(summary).to_contain_text("a pause after the point")
    expect(summary).to_contain_text("kept as the note of this take")
    assert findings(page) == ""
    assert faults(page, "exercise") == []
    takes = page.evaluate("fetch('record/takes').then((answer) => answer.json())")["takes"]
    shadowed = [one for one in takes if one["purpose"] == "exercise:shadowing"]
    take = page.evaluate(
        "id => fetch(`record/takes/${id}`).then((answer) => answer.json())", shadowed[0]["id"]
    )
    assert take["note"] == "• a pause after the point"
    assert len(shadowed) == 1
    assert not [one for one in takes if not one["purpose"]]
