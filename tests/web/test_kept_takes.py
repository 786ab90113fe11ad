"""Sessions whose takes a server keeps: from the question to the list, listening, and deleting."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.harness.page import Open, Served, hears, press, state, until
from tests.harness.record import every_byte
from tests.harness.record_routes import place


@pytest.fixture
def keeping(tmp_path: Path) -> Iterator[Served]:
    """A server that keeps the takes of one person, in a folder."""
    with Served(record="me", store=str(tmp_path)) as served:
        yield served


def practised(page: Page, served: Served) -> None:
    """Speak for some seconds, and end."""
    press(page, "Start")
    state(page, "listening", "nudge")
    hears(page, served, 6)
    press(page, "End")
    state(page, "finished")


def test_a_first_take_is_kept_when_its_person_says_so(
    opened: Open, rushing: Browser, keeping: Served
) -> None:
    page = opened(rushing, keeping.address)
    practised(page, keeping)
    press(page, "Keep")
    page.get_by_role("switch", name="Figures").click()
    press(page, "Keep figures")
    page.get_by_role("link", name="Open the take").click()
    take = page.locator("#place")
    expect(take.get_by_role("table")).to_contain_text("words/min")
    expect(take).to_contain_text("Kept: figures")
    page.reload()
    expect(take.get_by_role("heading", name="Practice")).to_be_visible()
    place(page, "Takes")
    expect(page.locator(".takes > li")).to_have_count(1)


def test_a_take_with_sound_is_listened_to_and_deleted(
    opened: Open, rushing: Browser, keeping: Served, tmp_path: Path
) -> None:
    page = opened(rushing, keeping.address)
    state(page, "ready")
    place(page, "Takes")
    press(page, "Choose what may be kept")
    page.get_by_role("switch", name="Figures").click()
    page.get_by_role("switch", name="Sound").click()
    press(page, "Keep figures and sound")
    page.get_by_role("link", name="Practise").last.click()
    practised(page, keeping)
    expect(page.locator("#summary")).to_contain_text("Kept: figures and sound.")
    page.get_by_role("link", name="Open the take").click()
    expect(page.get_by_role("region", name="Listen")).to_be_visible()
    page.wait_for_function("() => document.querySelector('audio').duration > 4")
    assert b"OpusHead" in every_byte(tmp_path)
    press(page, "Delete")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator("#place")).to_contain_text("Practise once, and the first one appears.")
    until(page, lambda: b"OpusHead" not in every_byte(tmp_path), "its sound is gone")


def test_delete_on_the_summary_deletes_the_take(opened: Open, rushing: Browser, keeping: Served) -> None:
    page = opened(rushing, keeping.address)
    state(page, "ready")
    page.evaluate(
        """() => fetch("record/kept", { method: "PUT", headers: { "content-type": "application/json" },
          body: JSON.stringify({ figures: true, words: false, sound: false, past: false }) })"""
    )
    page.reload()
    practised(page, keeping)
    expect(page.get_by_role("link", name="Open the take")).to_be_visible()
    press(page, "Delete")
    state(page, "ready")
    place(page, "Takes")
    expect(page.locator("#place")).to_contain_text("Practise once, and the first one appears.")
