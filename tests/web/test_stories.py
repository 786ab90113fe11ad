"""Stories, notes after the real thing and kinds of interview, in the page of a server with a record."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import pytest
from msgspec import structs
from playwright.sync_api import Browser, Page, expect

from engine.protocol.kept import Kept
from engine.protocol.note import Note
from engine.protocol.story import Story
from engine.protocol.take import Take, figures_of
from engine.shipped.programmes import questions
from engine.store.record import Record
from tests.harness.page import Open, Served, hears, press, state, tab_to
from tests.harness.sample_answer import a_review
from tests.harness.sample_takes import an_answer, measures

from .test_access import suits_everyone

NOW = datetime.now(UTC)
QUESTION = questions()[0].text
STORY = Story(title="Night jobs", skill="collaboration", framework="STAR", answers=[QUESTION], made_at=NOW)
NOTE = Note(
    at=NOW, occasion="interview", went="badly", title="Second round", interview="ethics", take="day0",
    well="I asked first.", questions=["Why?"], stories=["night-jobs"], next_time="One breath.",
)  # fmt: skip
Result = TypeVar("Result")


def told(days: int, *, whole: bool) -> Take:
    """An answer of some days ago, full of fillers; unless ``whole`` its result wasn't heard."""
    review = a_review()
    review = structs.replace(review, unknown=[], parts=review.parts if whole else review.parts[:3])
    figures, parts, found = figures_of(review)
    return an_answer(
        id=f"day{days}", begun_at=NOW - timedelta(days=days), review=review, word_measures=figures,
        parts=parts, found=found, measures=measures(fillers_per_min=14.0), title=f"Take {days}",
    )  # fmt: skip


class KeptAnswers:
    """A server with a record of seven answers, and what is in it."""

    def __init__(self, served: Served) -> None:
        self.served = served

    def do(self, work: Callable[[Record], Result]) -> Result:
        return self.served.run(lambda: self.served.hub.record.call(work, 60))

    def holds(self, *, story: bool, note: bool = False) -> None:
        """Let the record hold the answers, and where wanted the story and the note."""

        def write(record: Record) -> None:
            record.forget("me")
            for days in range(7):
                take = told(days, whole=days % 2 == 1)
                record.put("me", structs.replace(take, story="night-jobs") if story and days < 2 else take)
            if story:
                record.documents.put("me", "story", "night-jobs", STORY)
            if note:
                record.documents.put("me", "note", "monday", NOTE)

        self.do(write)
        self.served.run(
            lambda: self.served.hub.record.allow("me", Kept(figures=True, words=True), past=False)
        )


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeptAnswers]:
    folder: Path = tmp_path_factory.mktemp("record")
    with Served(record="me", store=str(folder)) as served:
        yield KeptAnswers(served)


def at(opened: Open, browser: Browser, record: KeptAnswers, address: str) -> Page:
    page = opened(browser, f"{record.served.address}#{address}")
    state(page, "place")
    expect(page.locator("#place-title")).to_be_visible()
    return page


def test_a_story_is_added_linked_compared_and_told(
    opened: Open, rushing: Browser, record: KeptAnswers
) -> None:
    record.holds(story=False)
    page = at(opened, rushing, record, "stories")
    page.get_by_label("Title").fill("Night jobs")
    page.get_by_label("Skill that it shows").select_option("Collaboration")
    expect(page.get_by_label("How it is built")).to_have_accessible_description(
        "Situation, Task, Action, Result."
    )
    page.get_by_text("Questions that it answers").click()
    page.get_by_role("checkbox", name=QUESTION).check()
    press(page, "Save")
    expect(page.get_by_role("heading", name="Night jobs")).to_be_focused()
    expect(page.locator("#place")).to_contain_text("No take tells it yet.")

    for take in ("day1", "day0"):
        page.get_by_label("Add a take that tells it").select_option(take)
        press(page, "Add")
        expect(page.locator(f"[data-take={take}]")).to_be_visible()
    missing = page.get_by_role("region", name="What is missing")
    expect(missing.get_by_role("listitem").first).to_contain_text("In the newest take")
    expect(missing).to_contain_text("Result: Say what changed because of it.")
    newest, best = page.locator("[data-take=day0]"), page.locator("[data-take=day1]")
    expect(newest).to_contain_text("Result not found")
    expect(best).to_contain_text("Best")
    newest.get_by_role("link", name="Compare with the best").click()
    expect(page.get_by_role("region", name="Both texts").get_by_role("article")).to_have_count(2)
    page.go_back()
    newest.get_by_role("button", name="Call it the best").click()
    expect(newest).to_contain_text("Best, as you say")

    press(page, "Tell it")
    state(page, "listening", "nudge")
    expect(page.locator("#asked-text")).to_have_text(QUESTION)
    hears(page, record.served, 6)
    press(page, "End")
    state(page, "finished")
    page.get_by_role("link", name="Open the take").click()
    page.get_by_role("link", name="Night jobs").click()
    expect(page.locator("[data-take]")).to_have_count(3)
    (made,) = (take for take in record.do(lambda store: list(store.all("me"))) if take.purpose)
    assert re.fullmatch(r"night-jobs-[0-9a-f]{8}", made.story or "")
    assert (made.purpose, made.question) == (f"story:{made.story}", QUESTION)
    page.locator(f"[data-take='{made.id}']").get_by_role("button", name="Not this story").click()
    expect(page.locator("[data-take]")).to_have_count(2)
    press(page, "Delete")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="Signature stories")).to_be_visible()
    assert record.do(lambda store: store.take("me", "day0")).id == "day0"


def test_a_note_shows_what_recurs(opened: Open, rushing: Browser, record: KeptAnswers) -> None:
    record.holds(story=True)
    page = at(opened, rushing, record, "notes")
    page.get_by_label("Badly").check()
    page.get_by_label("What didn't").fill("I lost the thread.")
    page.get_by_label("One thing for next time").fill("One breath.")
    page.get_by_label("Night jobs").check()
    page.get_by_label("Kind of interview").select_option("Research ethics")
    page.get_by_label("Its take, if Sottovoce listened").select_option("day0")
    press(page, "Save")
    look = page.get_by_role("region", name="Looking back")
    fillers = look.locator("[data-what=fillers]")
    expect(fillers).to_contain_text("Usual: in 6 of 6 earlier takes, too.")
    assert fillers.get_by_role("link").count() == 6
    page.goto(f"{record.served.address}#interview=ethics")
    expect(page.get_by_role("region", name="From your notes, for next time")).to_contain_text("One breath.")
    expect(page.get_by_role("region", name="Its skills").get_by_role("row")).to_have_count(4)
    (note,) = record.do(lambda store: store.documents.all("me", "note", Note)).values()
    assert (note.went, note.stories, note.take) == ("badly", ["night-jobs"], "day0")


PLACES = {
    "stories": "stories",
    "a story": "story=night-jobs",
    "notes": "notes",
    "a note": "note=monday",
    "interviews": "interviews",
    "an interview": f"interview={quote('extreme ownership')}",
}


def test_stories_notes_and_interviews_suit_everyone(
    opened: Open, rushing: Browser, record: KeptAnswers
) -> None:
    record.holds(story=True, note=True)
    page = at(opened, rushing, record, "stories")
    for name, address in PLACES.items():
        page.goto(f"{record.served.address}#{address}")
        page.wait_for_selector(f"#place[aria-busy=false][data-address='#{address}']")
        page.locator("#place").evaluate(
            "place => place.querySelectorAll('details').forEach((one) => (one.open = true))"
        )
        suits_everyone(page, name)


def test_a_story_with_the_keyboard_alone(opened: Open, rushing: Browser, record: KeptAnswers) -> None:
    record.holds(story=True)
    page = at(opened, rushing, record, "stories")

    tab_to(page, "Night jobs")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Night jobs")).to_be_focused()
    tab_to(page, "Change this story")
    page.keyboard.press("Enter")
    tab_to(page, "story-title")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Mornings")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Mornings")).to_be_focused()
