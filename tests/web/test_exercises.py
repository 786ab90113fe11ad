"""Exercises on the page: step by step to the score, the analogy bank, and one in which nobody speaks."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from engine.programme import exercise_scores, measures
from tests.harness.page import Open, Served, hears, press, says, state

from .fitting import faults
from .test_access import findings

KEEP_FIGURES = """() => fetch("record/kept", { method: "PUT", headers: { "content-type": "application/json" },
  body: JSON.stringify({ figures: true, words: false, sound: false, past: false }) })"""


@pytest.fixture(scope="module")
def keeping(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that keeps the takes of one person."""
    with Served(record="me", store=str(tmp_path_factory.mktemp("record"))) as served:
        yield served


def shortened(page: Page, *seconds: float) -> None:
    """Let the steps of exercises take so long, in turn."""

    def shorten(route: Route) -> None:
        view = json.loads(route.fetch().body())
        for place, placed in enumerate(view["steps"]):
            placed["step"]["seconds"] = seconds[place % len(seconds)]
        route.fulfill(json=view)

    page.route("**/record/programme/exercises/*", shorten)


def opened_at(opened: Open, browser: Browser, served: Served, place: str, *, script: str = "") -> Page:
    page = opened(browser, served.address, script=script, bypass_csp=True)
    state(page, "ready")
    page.evaluate(KEEP_FIGURES)
    page.reload()
    state(page, "ready")
    page.evaluate("place => { location.hash = place; }", place)
    return page


def test_an_exercise_goes_step_by_step_to_its_score(
    opened: Open, rushing: Browser, keeping: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measures, "LEAST_SPEECH_S", 1.0)  # so that five seconds are enough
    monkeypatch.setattr(exercise_scores, "LEAST_KNOWN", 0.1)
    page = opened_at(opened, rushing, keeping, "#exercise=one_breath")
    shortened(page, 600, 600)
    page.reload()
    place = page.locator("#place")
    expect(place.get_by_role("heading", name="One breath")).to_be_visible()
    expect(place).to_contain_text("You haven't done it yet.")
    assert findings(page) == ""
    press(page, "Begin")
    step = page.locator("#exercise")
    expect(step.get_by_role("heading", name="Choose anything to talk about")).to_be_visible()
    expect(step).to_contain_text("the microphone is off")
    assert findings(page) == ""
    assert faults(page, "exercise") == []
    for other in ("Shift+ArrowRight", "Control+ArrowRight"):
        page.keyboard.press(other)
    expect(step.get_by_role("heading", name="Choose anything to talk about")).to_be_visible()
    for _ in range(3):  # a key that is held
        page.keyboard.down("ArrowRight")
    page.keyboard.up("ArrowRight")
    expect(step.get_by_role("heading", name="Talk")).to_be_visible()
    hears(page, keeping, 5)
    assert findings(page) == ""
    page.get_by_role("button", name="Done").focus()
    page.keyboard.press("Enter")
    state(page, "finished")
    summary = page.locator("#summary")
    expect(summary.get_by_role("heading", level=2)).to_contain_text("of 10")
    expect(summary.get_by_role("table").first).to_contain_text("pauses")
    expect(summary.locator(".history")).to_contain_text("of 10")
    assert findings(page) == ""
    assert faults(page, "exercise") == []
    press(page, "Again")
    expect(step.get_by_role("heading", name="Choose anything to talk about")).to_be_visible()
    page.reload()
    expect(step.get_by_role("heading", name="Choose anything to talk about")).to_be_visible()
    press(page, "End")
    state(page, "finished")
    press(page, "Look at the whole take")
    expect(summary.get_by_role("button", name="Practise again")).to_be_visible()


def test_steps_go_on_by_themselves_and_an_exercise_without_speech_is_marked_done(
    opened: Open, rushing: Browser, keeping: Served
) -> None:
    page = opened_at(opened, rushing, keeping, "#practise")
    shortened(page, 0.1)
    page.evaluate("location.hash = '#exercise=settle'")
    expect(page.locator("#place")).to_contain_text("did not replicate")
    press(page, "Begin")
    says(page, "Marked as done for today.", whole=False)
    expect(page.get_by_role("button", name="Begin")).to_be_visible()
    marks = page.evaluate("fetch('record/export').then((answer) => answer.text())")
    assert "exercise%3Asettle.json" in marks


def test_an_analogy_is_written_down_rated_and_deleted(
    opened: Open, rushing: Browser, keeping: Served
) -> None:
    page = opened_at(opened, rushing, keeping, "#exercise=analogy_bank")
    press(page, "Write it down")
    says(page, "Say what it explains, and what that is like.", whole=False)
    page.get_by_label("What it explains").fill("a cache")
    page.get_by_label("What it is like").fill("a drawer: what you need often is near")
    press(page, "Write it down")
    one = page.get_by_role("article", name="a cache")
    one.get_by_label("How well it works").select_option("5")
    expect(one.get_by_label("How well it works")).to_have_value("5")
    one.get_by_role("button", name="I used it again").click()
    expect(one).to_contain_text("used once")
    assert findings(page) == ""
    assert faults(page, "exercise") == []
    one.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator(".analogies")).to_contain_text("There is none yet.")
