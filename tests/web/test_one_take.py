"""One take: what is shown of it, listening to it, and what can be done with it; for everyone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from engine.protocol.kept import Kept
from tests.harness.page import Open, Served, press, says, state, tab_to, until
from tests.harness.record_routes import SOUND, RecordRoutes, place, visiting, with_three_takes
from tests.harness.sample_answer import QUESTION
from tests.harness.sample_takes import an_answer

from .fitting import faults
from .test_access import LAPTOP, suits_everyone

PLAYED_AT = "document.querySelector('audio').currentTime"

SOUGHT = """() => {
  window.sought = [];
  const audio = document.querySelector("audio");
  audio.addEventListener("seeking", () => sought.push(audio.currentTime));
}"""
"""Notes from where the sound is played."""


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with Served() as served:
        yield served


@pytest.fixture
def record() -> RecordRoutes:
    return with_three_takes()


def test_a_take_shows_what_was_kept_of_it(
    opened: Open, rushing: Browser, server: Served, record: RecordRoutes
) -> None:
    page = visiting(opened, rushing, server, record, "#take=answer")
    take = page.locator("#place")
    expect(take).to_contain_text("Say the result first")
    expect(take.get_by_role("region", name="Your answer")).to_contain_text("Last winter our night jobs")
    expect(take.get_by_role("region", name="Listen")).to_be_visible()
    expect(take.get_by_role("row", name="Pace")).to_contain_text("148 words/min")
    page.goto(f"{server.address}#take=figures")
    expect(take.get_by_role("heading", name="Second try")).to_be_visible()
    expect(take.get_by_role("region", name="Parts of your answer")).to_contain_text("Situation")
    assert "night jobs" not in take.inner_text()
    expect(take.get_by_role("region", name="Listen")).to_have_count(0)
    page.goto(f"{server.address}#take=drill")
    expect(take.locator(".composure")).to_contain_text("7.2")
    assert "first run" not in take.inner_text()
    page.goto(f"{server.address}#take=none")
    expect(take).to_contain_text("This isn't there.")


def test_pressing_a_word_plays_from_there(
    opened: Open, rushing: Browser, server: Served, record: RecordRoutes
) -> None:
    page = visiting(opened, rushing, server, record, "#take=answer")
    review = record.takes["answer"].review
    assert review is not None
    page.wait_for_function("() => document.querySelector('audio')?.readyState >= 1")
    page.evaluate(SOUGHT)
    page.locator("[data-word='30']").click()
    at_s = review.words[30].start_s - SOUND.from_s
    page.wait_for_function(f"() => {PLAYED_AT} > {at_s} + 0.1 && !document.querySelector('audio').paused")
    page.evaluate("document.querySelector('audio').pause()")
    assert page.evaluate("sought") == pytest.approx([at_s], abs=0.1)
    heard = page.locator(".heard")
    assert int(heard.get_attribute("data-word") or "") >= 30
    # With the keyboard: one word is reached with Tab, arrows go on from it.
    page.locator("[data-word='30']").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-word='31']")).to_be_focused()
    expect(page.locator("[data-word][tabindex='0']")).to_have_count(1)
    expect(page.locator("[data-word='31']")).to_have_role("button")
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    first_s = review.words[0].start_s - SOUND.from_s
    page.wait_for_function("() => sought.length === 2 && !document.querySelector('audio').paused")
    assert page.evaluate("sought[1]") == pytest.approx(first_s, abs=0.1)
    expect(page.locator("[data-word='0']")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('audio').paused")


def test_a_take_is_named_tagged_and_noted(
    opened: Open, rushing: Browser, server: Served, record: RecordRoutes
) -> None:
    page = visiting(opened, rushing, server, record, "#take=drill")
    page.get_by_text("Name, tags and note").click()
    page.get_by_label("Name", exact=True).fill(" Calm at last ")
    page.get_by_label("Tags").fill("calm, , drill,calm")
    page.get_by_label("Note").fill("Breathe first.\n<b>Then speak.</b>")
    press(page, "Save")
    says(page, "Saved.")
    expect(page.get_by_role("heading", name="Calm at last")).to_be_focused()
    expect(page.locator(".own-note")).to_have_text("Breathe first.\n<b>Then speak.</b>")
    take = record.takes["drill"]
    assert (take.title, take.tags) == ("Calm at last", ["calm", "drill"])


def test_two_takes_side_by_side(opened: Open, rushing: Browser, server: Served, record: RecordRoutes) -> None:
    page = visiting(opened, rushing, server, record, "#take=answer")
    options = page.get_by_label("Compare with another take")
    expect(options).to_be_visible()
    assert [one.split(",")[0] for one in options.locator("option").all_inner_texts()] == [
        "Second try",
        "Drill",
    ]
    options.select_option("figures")
    press(page, "Compare")
    expect(page.get_by_role("heading", name="Two takes")).to_be_visible()
    said = page.get_by_role("table", name="What you said")
    both = said.get_by_role("row", name="Result").get_by_role("cell").all_inner_texts()
    assert ["“Failures went" in one for one in both] == [True, False]  # of the second no words are kept
    assert both[1] == "0:41"
    expect(page.get_by_role("region", name="Both texts")).to_have_count(0)
    table = page.get_by_role("table", name="Measures")
    expect(table).to_be_visible()
    heads = table.get_by_role("columnheader").all_inner_texts()
    assert [QUESTION in heads[1], "Second try" in heads[2]] == [True, True]
    assert table.get_by_role("row", name="Pace", exact=False).first.get_by_role("cell").all_inner_texts() == [
        "about 148 words/min",
        "about 171 words/min",
    ]
    table.get_by_role("link", name="Second try").click()
    expect(page.get_by_role("heading", name="Second try")).to_be_focused()


def test_words_of_two_takes_stand_beside_each_other(
    opened: Open, rushing: Browser, server: Served, record: RecordRoutes
) -> None:
    record.takes["again"] = an_answer(id="again", title="Third try", duration_s=90.0)
    page = visiting(opened, rushing, server, record, "#compare=answer+again")
    texts = page.get_by_role("region", name="Both texts").get_by_role("article")
    expect(texts).to_have_count(2)
    expect(texts.nth(1)).to_contain_text("Third try")
    expect(texts.nth(1)).to_contain_text("Last winter our night jobs")
    fillers = page.get_by_role("table", name="What you said").get_by_role("row", name="Fillers")
    expect(fillers.get_by_role("cell").first).to_have_text("“um”, “so”, “like”, “uh”")
    length = page.get_by_role("table", name="Measures").get_by_role("row", name="Length")
    assert length.get_by_role("cell").all_inner_texts() == ["1:14", "1:30"]


def test_a_deleted_take_is_gone_at_once(
    opened: Open, rushing: Browser, server: Served, record: RecordRoutes
) -> None:
    page = visiting(opened, rushing, server, record, "#takes")
    page.get_by_role("link", name="Second try").click()
    press(page, "Delete")
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    assert "figures" in record.takes
    press(page, "Delete")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    says(page, "Deleted. Nothing of it is left.")
    expect(page.locator(".takes > li")).to_have_count(2)
    assert "figures" not in record.takes
    assert page.evaluate("location.hash") == "#takes"


# For everyone


def test_takes_suit_everyone(opened: Open, rushing: Browser, server: Served, record: RecordRoutes) -> None:
    page = visiting(opened, rushing, server, record, "#takes")
    page.get_by_text("All takes").click()
    suits_everyone(page, "list")
    page.locator("#keep-mark").click()
    page.get_by_role("switch", name="Words").click()
    suits_everyone(page, "question")
    page.keyboard.press("Escape")
    page.get_by_role("link", name=QUESTION).click()
    page.get_by_text("Name, tags and note").click()
    suits_everyone(page, "take")
    press(page, "Delete")
    assert faults(page, "sure") == []
    page.set_viewport_size(LAPTOP)
    page.keyboard.press("Escape")
    record.takes["again"] = an_answer(id="again", title="Third try")
    page.goto(f"{server.address}#compare=answer+again")
    page.get_by_role("region", name="Both texts").wait_for()
    suits_everyone(page, "compared")
    place(page, "Practise")
    state(page, "ready")
    assert faults(page, "ready") == []
    page.set_viewport_size(LAPTOP)
    assert page.locator("html").evaluate("root => root.scrollHeight") <= LAPTOP["height"]


def test_takes_with_the_keyboard_alone(
    opened: Open, rushing: Browser, server: Served, record: RecordRoutes
) -> None:
    page = visiting(opened, rushing, server, record)
    state(page, "ready")

    tab_to(page, "Takes")
    page.keyboard.press("Enter")
    state(page, "place")
    page.locator(".takes").wait_for()
    tab_to(page, "Second try")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Second try")).to_be_focused()
    tab_to(page, "Delete")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Delete")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, "Delete")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Takes", exact=True)).to_be_visible()
    expect(page.locator(".takes > li")).to_have_count(2)
    tab_to(page, "Keeping figures and words. Change what is kept")
    page.keyboard.press("Enter")
    expect(page.get_by_role("switch", name="Figures")).to_be_focused()
    page.keyboard.press("Space")
    tab_to(page, "Keep words")
    page.keyboard.press("Enter")
    until(page, lambda: record.kept == Kept(words=True), "it is noted")
