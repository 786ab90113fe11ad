"""Words in the page: asked for, said while they are on, and whose they are in a call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from engine.media.resample import Samples
from engine.protocol.messages import PartialWords, WordsState
from engine.protocol.words import Words, WordsMissed
from engine.speech.process import RecognitionProcess
from tests.harness.dialogues import Truth
from tests.harness.drills import ASKS
from tests.harness.loudness_recogniser import NAME, importable, recipe
from tests.harness.page import Open, Served, press, says, started, state, until
from tests.harness.told_words import AGREED, KEPT, SENT, hello, mark, some_words
from tests.harness.two_pages import TOLD, end_for_both, in_call, told


def asked(page: Page) -> list[Any]:
    """What the page has told the engine of words."""
    return [
        message
        for message in page.evaluate("window.sent")
        if message["type"] in {"set_words", "set_question"}
    ]


# The switch


def test_words_are_asked_for_once_and_remembered(opened: Open, rushing: Browser, served: Served) -> None:
    page = opened(rushing, served.address)
    state(page, "ready")
    stage = page.locator("#stage")
    expect(stage).to_contain_text("Words: off.")
    press(page, "Turn on words")
    dialog = page.get_by_role("dialog", name="See what you said afterwards?")
    expect(dialog).to_contain_text("forgets your words when you finish")
    press(page, "Not now")
    expect(stage).to_contain_text("Words: off.")
    press(page, "Settings")
    switch = page.get_by_role("switch", name="Show me what I said afterwards")
    switch.click()
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(switch).not_to_be_checked()
    switch.click()
    dialog.get_by_role("button", name="Turn on words").click()
    expect(switch).to_be_checked()
    page.keyboard.press("Escape")
    expect(stage).to_contain_text("Words: on.")
    page.reload()
    state(page, "ready")
    expect(stage).to_contain_text("Words: on.")
    press(page, "Turn off words")
    press(page, "Turn on words")
    expect(dialog).to_be_hidden()
    expect(stage).to_contain_text("Words: on.")


def test_the_engine_is_asked_only_after_a_yes(opened: Open, rushing: Browser, served: Served) -> None:
    page = started(opened, rushing, served, script=SENT)
    served.tell(hello(words=True))
    served.tell(WordsState(mode="off", why=""))
    press(page, "Settings")
    switch = page.get_by_role("switch", name="Show me what I said afterwards")
    switch.click()
    assert asked(page) == []
    page.locator("[data-act=words_yes]").click()
    on = {"type": "set_words", "on": True, "language": "en"}
    until(page, lambda: asked(page) == [on], "words are asked for")
    served.tell(WordsState(mode="live", why=""))
    served.tell(some_words("Nobody", "keeps", "this"))
    mark(page).to_have_text("Words on: heard on this server, not kept")
    expect(page.locator("#privacy")).to_have_text(
        "Sound and words are analysed in memory on this server, not stored."
    )
    switch.click()
    until(page, lambda: asked(page)[-1:] == [{**on, "on": False}], "words are turned off")
    served.tell(WordsState(mode="off", why=""))
    mark(page).to_be_hidden()
    assert "Nobody" not in page.evaluate(KEPT), "what was heard is forgotten"


def test_how_words_are_heard_is_said(opened: Open, rushing: Browser, served: Served) -> None:
    page = started(opened, rushing, served, script=AGREED)
    served.tell(hello(words=True))
    served.tell(WordsState(mode="phrase", why="The server is busy."))
    mark(page).to_have_text("Words on: heard on this server a phrase at a time, not kept")
    served.tell(WordsState(mode="afterwards", why="The server is busy."))
    mark(page).to_have_text("Words on: written down after you finish, on this server, not kept")
    served.tell(WordsState(mode="unavailable", why="The recogniser could not be started."))
    mark(page).to_have_text("The recogniser could not be started.")
    says(page, "The recogniser could not be started.", whole=False)


def test_a_server_that_cannot_recognise_words_is_said_to(
    opened: Open, rushing: Browser, served: Served
) -> None:
    page = started(opened, rushing, served, script=AGREED)
    served.tell(hello(words=False))
    mark(page).to_have_text("This server can't recognise words.")
    press(page, "Settings")
    switch = page.get_by_role("switch", name="Show me what I said afterwards")
    expect(switch).to_be_disabled()
    expect(switch).not_to_be_checked()


def test_the_last_words_are_shown_to_who_wants_them(opened: Open, rushing: Browser, served: Served) -> None:
    page = started(opened, rushing, served, script=AGREED)
    line = page.locator("#heard-line")
    served.tell(WordsState(mode="live", why=""))
    served.tell(some_words("We", "moved", "it"))
    expect(line).to_be_hidden()
    press(page, "Settings")
    page.get_by_role("switch", name="Show my last words while I speak").click()
    page.keyboard.press("Escape")
    expect(line).to_have_text("We moved it")
    served.tell(PartialWords(text="last spr", start_s=3.0))
    expect(line).to_have_text("We moved it last spr")
    served.tell(some_words("last", "spring.", at_s=3.0))
    expect(line).to_have_text("We moved it last spring.")


def test_the_question_that_is_shown_is_told(opened: Open, rushing: Browser, tmp_path: Path) -> None:
    (tmp_path / "asks.toml").write_text(ASKS)
    with Served(drills=str(tmp_path)) as served:
        page = opened(rushing, served.address, script=AGREED)
        state(page, "ready")
        press(page, "Drills")
        page.get_by_label("Drill", exact=True).select_option("asks")
        press(page, "Begin")
        state(page, "countdown", "drilling")
        served.tell(hello(words=True))
        question = "What did you do there, and why did it take so long?"
        expect(page.locator("#asked-text")).to_have_text(question)
        until(page, lambda: len(asked(page)) >= 2, "the question is told")
        assert asked(page)[-2:] == [
            {"type": "set_words", "on": True, "language": "en"},
            {"type": "set_question", "question": question, "purpose": "", "story": None},
        ]


def test_a_session_with_words_from_the_switch_to_the_review(opened: Open, rushing: Browser) -> None:
    with importable(), Served(recognition=RecognitionProcess(recipe())) as served:
        page = opened(rushing, served.address)
        state(page, "ready")
        press(page, "Turn on words")
        page.get_by_role("dialog").get_by_role("button", name="Turn on words").click()
        press(page, "Start")
        state(page, "listening", "nudge")
        mark(page).to_have_text("Words on: heard on this server, not kept")
        until(page, lambda: "loud" in page.evaluate(KEPT), "a word is noted")
        page.reload()
        state(page, "listening", "nudge")
        mark(page).to_have_text("Words on: heard on this server, not kept")
        press(page, "End")
        state(page, "finished")
        answer = page.get_by_role("region", name="What you said")
        expect(answer).to_contain_text(f"Recognised by {NAME}.")
        expect(answer.locator("[data-word]").first).to_have_text("loud")


# In a call of two


def test_each_of_two_gets_their_own_words_only(
    opened: Open, pair: tuple[Browser, Browser], dialogue: tuple[Samples, Truth]
) -> None:
    with importable(), Served(recognition=RecognitionProcess(recipe())) as served:
        host, guest = in_call(opened, pair, served, script=TOLD)
        press(host, "Settings")
        host.get_by_role("switch", name="Show me what I said afterwards").click()
        host.locator("[data-act=words_yes]").click()
        host.keyboard.press("Escape")
        notice = "Your partner's own words are heard on this server, for them only."
        expect(guest.locator("#room")).to_contain_text(notice)
        assert notice not in host.locator("#room").inner_text()
        until(host, lambda: bool(told(host, Words)), "the host's words are heard")
        assert {event.channel for event in told(host, Words)} == {0}
        assert told(guest, Words, WordsMissed) == []
        end_for_both(host)
        for page in (host, guest):
            state(page, "finished")
        expect(host.get_by_role("region", name="What you said")).to_contain_text("loud")
        expect(guest.get_by_role("region", name="What you said")).to_have_count(0)


def test_each_decides_for_themselves_before_a_call(opened: Open, rushing: Browser, served: Served) -> None:
    page = opened(rushing, served.address, script=SENT)
    press(page, "Practise with a friend")
    press(page, "Talk freely")
    state(page, "consent")
    expect(page.locator("#stage")).to_contain_text("your partner never sees them")
    page.get_by_role("switch", name="Coach me in this call").click()
    switch = page.get_by_role("switch", name="Show me what I said afterwards")
    expect(switch).not_to_be_checked()
    switch.click()
    page.locator("[data-act=words_yes]").click()
    expect(switch).to_be_checked()
    expect(page.get_by_role("switch", name="Coach me in this call")).not_to_be_checked()


def test_both_of_a_call_know_whose_words_are_heard(opened: Open, rushing: Browser, served: Served) -> None:
    page = opened(rushing, served.address)
    state(page, "ready")
    said = page.evaluate(
        """async () => {
          const { drawPanel } = await import('/calls/panel.js');
          const other = { role: 'partner', left: false, here: true, analysed: true, words: true };
          const room = { state: { observers: [], you: 0 }, calling: true, peerState: 'connected',
            analysed: true, other };
          const root = document.createElement('section');
          const draw = (words) => {
            other.words = words;
            drawPanel(root, room, 'listening', () => {});
            return root.textContent;
          };
          return [draw(true), draw(false)];
        }"""
    )
    notice = (
        "Your partner's own words are heard on this server, for them only. "
        "You never see them, and they never see yours."
    )
    assert [notice in text for text in said] == [True, False]
