"""The place of takes: its address, the one question, the list, and what can be done with all of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import to_builtins
from playwright.sync_api import Browser, expect

from engine.protocol.kept import Kept
from engine.protocol.messages import WordsState
from tests.harness.page import Open, Served, hears, press, says, state, until
from tests.harness.record_routes import RecordRoutes, kept_mark, place, visiting, with_three_takes
from tests.harness.sample_answer import QUESTION
from tests.harness.sample_takes import FIGURES, a_drill, an_answer, figures_only
from tests.harness.told_words import AGREED, mark

ELSEWHERE = f"if (location.protocol !== 'about:') {{ {AGREED} }}"
"""An empty page, which is opened first, has no storage."""


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with Served() as served:
        yield served


@pytest.fixture
def record() -> RecordRoutes:
    return with_three_takes()


# Places


def test_without_a_record_its_place_says_what_it_would_show(
    opened: Open, rushing: Browser, server: Served
) -> None:
    record = RecordRoutes(possible=False, why="This server keeps nothing of its visitors.")
    page = visiting(opened, rushing, server, record, "#takes")
    state(page, "place")
    expect(page.locator("#place .lead")).to_contain_text("Takes would list what you practised")
    expect(page.locator("#place .aside")).to_have_text(record.why)
    expect(page.locator("#keep-mark")).to_be_hidden()
    page.locator("#place").get_by_role("link", name="Practise").click()
    press(page, "Start")
    state(page, "listening")
    hears(page, server, 6)
    press(page, "End")
    state(page, "finished")
    expect(page.get_by_role("button", name="Save")).to_be_visible()
    expect(page.get_by_role("button", name="Keep", exact=True)).to_have_count(0)


def test_a_place_is_an_address(opened: Open, rushing: Browser, server: Served, record: RecordRoutes) -> None:
    page = visiting(opened, rushing, server, record)
    state(page, "ready")
    links = page.get_by_role("navigation", name="Places").get_by_role("link")
    assert links.all_inner_texts() == ["Practise", "Programme", "Takes"]
    expect(links.first).to_have_attribute("aria-current", "page")
    place(page, "Takes")
    state(page, "place")
    expect(page).to_have_title("Takes · Sottovoce")
    expect(links.nth(2)).to_have_attribute("aria-current", "page")
    page.get_by_role("link", name=QUESTION).click()
    expect(page.get_by_role("heading", name=QUESTION)).to_be_focused()
    page.reload()
    expect(page.get_by_role("heading", name=QUESTION)).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Takes", exact=True)).to_be_visible()
    page.go_back()
    state(page, "ready")
    page.go_forward()
    state(page, "place")


def test_no_place_is_shown_while_someone_speaks(
    opened: Open, rushing: Browser, server: Served, record: RecordRoutes
) -> None:
    page = visiting(opened, rushing, server, record, "#takes", script=ELSEWHERE)
    state(page, "place")
    place(page, "Practise")
    press(page, "Start")
    state(page, "listening", "nudge")
    expect(page.locator("#places")).to_be_hidden()
    server.tell(WordsState(mode="live", why=""))
    mark(page).to_have_text("Words on: heard on this server, kept when you finish")
    assert kept_mark(page) == "Keeping figures and words"
    expect(page.locator("#privacy")).to_have_text(
        "At the end your figures and words will be kept on this server, as you chose."
    )
    page.go_back()  # no session is left by accident
    until(page, lambda: page.evaluate("location.hash") == "#practise", "the address is that of the session")
    state(page, "listening", "nudge")
    page.reload()
    state(page, "listening", "nudge")


def test_the_summary_is_still_there_after_a_look_at_takes(
    opened: Open, rushing: Browser, server: Served
) -> None:
    page = visiting(opened, rushing, server, RecordRoutes())
    press(page, "Start")
    state(page, "listening")
    hears(page, server, 6)
    press(page, "End")
    state(page, "finished")
    place(page, "Takes")
    state(page, "place")
    place(page, "Practise")
    state(page, "finished")
    expect(page.get_by_role("heading", name="How it went")).to_be_visible()


def test_back_from_the_choice_of_a_drill_leads_to_the_first_screen(
    opened: Open, rushing: Browser, server: Served, record: RecordRoutes
) -> None:
    page = visiting(opened, rushing, server, record, "#takes")
    state(page, "place")
    place(page, "Practise")
    press(page, "Drills")
    state(page, "choosing")
    page.go_back()
    state(page, "ready")


# What may be kept


def test_the_question_is_asked_at_the_first_take_and_the_take_is_kept(
    opened: Open, rushing: Browser, server: Served
) -> None:
    record = RecordRoutes([a_drill()])
    page = visiting(opened, rushing, server, record)
    state(page, "ready")
    expect(page.locator("#keep-mark")).to_be_hidden()
    press(page, "Start")
    state(page, "listening")
    hears(page, server, 6)
    press(page, "End")
    state(page, "finished")
    press(page, "Keep")
    question = page.get_by_role("dialog", name="What may be kept?")
    switches = question.get_by_role("switch")
    expect(switches).to_have_count(3)
    assert [one.is_checked() for one in switches.all()] == [False, False, False]
    expect(question.get_by_role("button", name="Keep nothing")).to_be_visible()
    question.get_by_role("switch", name="Figures").click()
    question.get_by_role("button", name="Keep figures").click()
    expect(page.get_by_role("link", name="Open the take")).to_be_visible()
    assert record.kept == FIGURES
    sent = json.loads(record.asked["POST /record/import"])
    assert sent["measures"][0]["speech_s"] > 0
    assert "review" not in sent
    assert kept_mark(page) == "Keeping figures"
    expect(page.locator("#privacy")).to_contain_text("kept on this server as you chose")
    expect(page.get_by_role("button", name="Keep", exact=True)).to_have_count(0)
    press(page, "Delete")
    state(page, "ready")
    until(page, lambda: list(record.takes) == ["drill"], "it is deleted from the record, too")


@pytest.mark.parametrize("kept", [Kept(figures=True), Kept(words=True)])
def test_what_may_not_be_kept_is_not_sent(opened: Open, rushing: Browser, server: Served, kept: Kept) -> None:
    page = visiting(opened, rushing, server, RecordRoutes())
    state(page, "ready")
    nudge = {"cue": "ask_first", "why": "You said “secret”.", "channel": 0}
    listened = {"what": "question", "quote": "secret", "text": "You asked: “secret”.", "heard": True}
    data = {
        "session": "s",
        "summary": {"measures": [{"pace_wpm": 150.0}], "findings": [[{"text": "f"}]], "nudges": [nudge]},
        "review": {"words": [{"text": "secret"}]},
        "parts": [],
        "cues": [],
        "cards": [{"card": {"drill": "d", "listened": listened}}],
    }
    sent = page.evaluate(
        """async ([data, kept]) => {
          const { savedSession } = await import(new URL("summary/summary.js", location));
          return savedSession({ data }, { kept, quoting: new Set(["ask_first"]) });
        }""",
        [data, to_builtins(kept)],
    )
    assert ("secret" in json.dumps(sent, ensure_ascii=False)) == kept.words
    assert bool(sent["measures"] or sent["findings"] or sent["nudges"] or sent["drills"]) == kept.figures
    assert sent["kept"] == to_builtins(kept)


def test_keeping_nothing_is_an_answer(opened: Open, rushing: Browser, server: Served) -> None:
    record = RecordRoutes()
    page = visiting(opened, rushing, server, record, "#takes")
    expect(page.locator("#place")).to_contain_text("Nothing is kept until you choose")
    press(page, "Choose what may be kept")
    press(page, "Not now")
    assert record.kept is None
    press(page, "Choose what may be kept")
    press(page, "Keep nothing")
    until(page, lambda: record.kept == Kept(), "it is noted")
    expect(page.locator("#keep-mark")).to_have_text("Keeping nothing")


def test_what_is_kept_is_changed_for_the_future_alone_or_for_what_is_there(
    opened: Open, rushing: Browser, server: Served, record: RecordRoutes
) -> None:
    page = visiting(opened, rushing, server, record, "#takes")
    page.locator("#keep-mark").click()
    question = page.get_by_role("dialog")
    expect(question.get_by_role("switch")).to_have_count(3)  # nothing is taken away yet
    question.get_by_role("switch", name="Words").click()
    question.get_by_role("button", name="Keep figures", exact=True).click()
    says(page, "From now on figures are kept.")
    assert record.takes["answer"].review is not None
    page.locator("#keep-mark").click()
    question.get_by_role("switch", name="Words").click()
    press(page, "Keep figures and words")
    expect(page.locator("#keep-mark")).to_have_text("Keeping figures and words")
    page.locator("#keep-mark").click()
    question.get_by_role("switch", name="Words").click()
    question.get_by_role("switch", name="Also remove it").click()
    question.get_by_role("button", name="Keep figures", exact=True).click()
    says(page, "From now on figures are kept. It is gone from earlier takes, too.")
    assert record.takes["answer"].review is None


# The list


def test_the_list_says_of_each_take_what_matters(
    opened: Open, rushing: Browser, server: Served, record: RecordRoutes
) -> None:
    page = visiting(opened, rushing, server, record, "#takes")
    rows = page.locator(".takes > li")
    expect(rows).to_have_count(3)
    first, second, third = rows.all_inner_texts()
    assert [QUESTION in first, "Second try" in second, "Drill" in third] == [True] * 3
    assert "headline after 0:31" in first
    assert "Kept: figures, words and sound" in first
    assert "interview" in first
    assert "composure 7.2 of 10" in third
    assert "Kept: figures" in third


def test_earlier_takes_are_a_press_away(opened: Open, rushing: Browser, server: Served) -> None:
    record = RecordRoutes([an_answer(), figures_only(), a_drill()], kept=FIGURES, most=2)
    page = visiting(opened, rushing, server, record, "#takes")
    rows = page.locator(".takes > li")
    expect(rows).to_have_count(2)
    press(page, "Show earlier takes")
    expect(rows).to_have_count(3)
    expect(rows.nth(2).get_by_role("link")).to_be_focused()
    expect(page.get_by_role("button", name="Show earlier takes")).to_have_count(0)


def test_a_server_that_is_away_is_said_and_asked_again(
    opened: Open, rushing: Browser, server: Served, record: RecordRoutes
) -> None:
    page = visiting(opened, rushing, server, record)
    state(page, "ready")
    record.away = True
    place(page, "Takes")
    expect(page.locator("#place")).to_contain_text("The server doesn't answer.")
    record.away = False
    press(page, "Try again")
    expect(page.locator(".takes > li")).to_have_count(3)
    record.refusal = "The disk is full: what is to be kept waits."
    page.get_by_role("link", name="Second try").click()
    press(page, "Delete")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    says(page, "The disk is full: what is to be kept waits.")
    assert "figures" in record.takes


def test_a_record_with_a_problem_says_so(
    opened: Open, rushing: Browser, server: Served, record: RecordRoutes
) -> None:
    record.problem = "The disk is full: takes wait until there is room."
    page = visiting(opened, rushing, server, record, "#takes")
    expect(page.locator("#place .notice")).to_have_text(record.problem)


def test_all_can_be_exported_added_to_and_forgotten(
    opened: Open, rushing: Browser, server: Served, record: RecordRoutes, tmp_path: Path
) -> None:
    page = visiting(opened, rushing, server, record, "#takes")
    page.get_by_text("All takes").click()
    expect(page.get_by_role("link", name="Download all", exact=True)).to_have_attribute(
        "href", "record/export"
    )
    with page.expect_file_chooser() as choosing:
        press(page, "Add from a file")
    saved = tmp_path / "saved.json"
    saved.write_text('{"program": "Sottovoce"}', "utf-8")
    choosing.value.set_files(saved)
    says(page, "1 take added.")
    assert record.asked["POST /record/import"] == '{"program": "Sottovoce"}'
    expect(page.locator(".takes > li")).to_have_count(4)
    page.get_by_text("All takes").click()
    press(page, "Delete all")
    press(page, "Cancel")
    assert len(record.takes) == 4
    press(page, "Delete all")
    press(page, "Delete everything")
    says(page, "Everything is deleted. Nothing is kept any more.")
    expect(page.locator("#place")).to_contain_text("Nothing is kept until you choose")
    assert record.takes == {}
    expect(page.locator("#keep-mark")).to_be_hidden()
