"""Words in the page: asked for, said while they are on, and the answer afterwards."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, Page, expect

from engine.protocol.messages import Hello, PartialWords, WordsState
from engine.protocol.words import Word, Words, WordsMissed
from tests.harness.page import Open, Served, press, started, state, until
from tests.harness.sample_answer import QUESTION, a_review, review_message

from .test_access import findings

SENT = """
window.sent = [];
const send = RTCDataChannel.prototype.send;
RTCDataChannel.prototype.send = function (text) {
  const message = JSON.parse(text);
  window.sent.push(message);
  if (!["set_words", "set_question"].includes(message.type)) send.call(this, text);
};
"""
"""Keeps what the page sends to the engine, and those of words from it: a test answers in its place."""

KEPT = "sessionStorage.getItem('sottovoce.session')"

AGREED = (
    SENT + "localStorage.setItem('sottovoce.settings', JSON.stringify({ words: true, wordsAgreed: true }));"
)
"""Of somebody who has turned words on before."""


def hello(*, words: bool) -> Hello:
    """Greet again, as a server that can recognise words, or can't."""
    return Hello(
        version=2,
        session="",
        profile="conversation",
        cues=[],
        channels=1,
        at_s=0.0,
        resumed=True,
        words=words,
    )


def some_words(*texts: str, at_s: float = 1.0, seq: int = 9_000) -> Words:
    words = [
        Word(text=text, start_s=at_s + 0.4 * n, end_s=at_s + 0.4 * n + 0.3, confidence=0.9)
        for n, text in enumerate(texts)
    ]
    return Words(
        seq=seq,
        at_s=words[-1].end_s + 0.8,
        start_s=words[0].start_s,
        end_s=words[-1].end_s,
        confidence=0.9,
        source="test",
        words=words,
    )


def asked(page: Page) -> list[Any]:
    """What the page has told the engine of words."""
    return [
        message
        for message in page.evaluate("window.sent")
        if message["type"] in {"set_words", "set_question"}
    ]


def mark(page: Page) -> Any:
    return expect(page.locator("#words-mark"))


def finished(opened: Open, browser: Browser, served: Served, **options: Any) -> Page:
    """Give a page whose session is over, with the review of an answer."""
    page = started(opened, browser, served, script=AGREED, **options)
    served.tell(review_message())
    expect(page.locator("#polite")).to_contain_text("Your answer is here.")
    press(page, "End")
    state(page, "finished")
    return page


# The switch


def test_words_are_asked_for_once_and_remembered(opened: Open, rushing: Browser, served: Served) -> None:
    page = opened(rushing, served.address)
    state(page, "ready")
    stage = page.locator("#stage")
    expect(stage).to_contain_text("Words: off.")
    press(page, "Turn on words")
    dialog = page.get_by_role("dialog", name="See what you said afterwards?")
    expect(dialog).to_contain_text("are not kept there")
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
    mark(page).to_have_text("Words off: The recogniser could not be started.")
    expect(page.locator("#polite")).to_contain_text("The recogniser could not be started.")


def test_a_server_that_cannot_recognise_words_is_said_to(
    opened: Open, rushing: Browser, served: Served
) -> None:
    page = started(opened, rushing, served, script=AGREED)
    served.tell(hello(words=False))
    mark(page).to_have_text("Words off: This server can't recognise words.")
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


# The answer


def test_the_take_shows_the_answer(opened: Open, rushing: Browser, served: Served) -> None:
    page = finished(opened, rushing, served)
    take = page.locator("#summary")
    expect(take).to_match_aria_snapshot("""
      - article "How it went":
        - heading "How it went" [level=2]
        - paragraph: /One thing to try next Say the result first/
        - region "What went well":
          - heading "What went well" [level=3]
          - list:
            - listitem:
              - paragraph: "The result has figures: the change can be pictured."
              - 'button "Show in your answer: “Failures went from nine a month to one”"'
            - listitem:
              - paragraph: You checked in at the end.
        - button "Practise again"
        - region "Your answer":
          - heading "Your answer" [level=3]
          - paragraph: /Tell me about a time/
          - paragraph: "Machine heard: may be wrong. Paler words are less sure."
          - list "Marks":
            - listitem: filler 4
            - listitem: restart 1
          - list:
            - listitem:
              - text: Situation
              - time: 0:01
              - paragraph: /um \\(filler\\) nobody could, \\(restart\\) .* \\(pause, 1\\.8 seconds\\)/
            - listitem:
              - text: Task , not sure
              - paragraph: "/not heard here, 2\\\\.1 s: sound lost/"
            - listitem:
              - text: Action
            - listitem:
              - text: Result
        - region "What we noticed"
        - region "In figures":
          - term: Fillers
          - definition: 4 to 6
        - region "Measures"
        - region "Nudges"
    """)
    expect(take.locator(".filler", has_text="um")).to_have_count(1)
    expect(take.locator(".pale", has_text="list")).to_have_count(1)
    expect(take.locator("[data-part]")).to_have_count(4)
    assert take.get_by_text("Machine heard").count() == 1
    assert QUESTION in take.inner_text()


def test_a_finding_opens_its_quote_and_the_way_back(opened: Open, rushing: Browser, served: Served) -> None:
    page = finished(opened, rushing, served)
    page.set_viewport_size({"width": 390, "height": 844})
    quote = page.get_by_role("button", name="Show in your answer: “idempotency bug”")
    quote.focus()
    page.keyboard.press("Enter")
    words = page.locator(".quoted")
    expect(words).to_have_text(["idempotency", "bug"])
    expect(words.first).to_be_focused()
    expect(words.first).to_be_in_viewport()
    expect(quote).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    expect(words).to_have_count(0)
    expect(quote).to_be_focused()
    expect(quote).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Back to the note").click()
    expect(quote).to_be_focused()
    page.get_by_role("button", name="“Does that answer your question?”").click()
    expect(words).to_have_count(5)


def test_a_nudge_stands_where_it_came(opened: Open, rushing: Browser, prompt: Served) -> None:
    page = started(opened, rushing, prompt, script=AGREED)
    state(page, "nudge", timeout_s=20)
    prompt.tell(review_message())
    press(page, "End")
    state(page, "finished")
    told = page.locator(".spoken .told")
    expect(told.first).to_contain_text("Slow down")
    paragraph = told.first.evaluate("told => told.closest('p').textContent")
    at_s = page.evaluate("JSON.parse(sessionStorage.getItem('sottovoce.session')).nudges[0].at_s")
    words = a_review().words
    before = max((word for word in words if word.end_s <= at_s), key=lambda word: word.end_s)
    assert before.text in paragraph.partition("Slow down")[0].split()[-12:]


def test_the_other_sides_words_are_never_shown(opened: Open, rushing: Browser, served: Served) -> None:
    page = started(opened, rushing, served, script=AGREED)
    other = some_words("Not", "mine")
    served.tell(Words(**{name: getattr(other, name) for name in other.__struct_fields__} | {"channel": 1}))
    message = review_message()
    served.tell(type(message)(channel=1, review=message.review))
    served.tell(some_words("Only", "mine"))
    press(page, "End")
    state(page, "finished")
    text = page.locator("#summary").inner_text()
    assert "Only mine" in text
    assert "Not mine" not in text
    assert "idempotency" not in text


def test_words_outlive_a_reload(opened: Open, rushing: Browser, served: Served) -> None:
    page = started(opened, rushing, served, script=AGREED)
    served.tell(some_words("We", "moved", "the", "platform."))
    missed = WordsMissed(seq=9_001, at_s=9.0, start_s=4.0, end_s=7.0, confidence=1.0, source="t", why="busy")
    served.tell(missed)
    until(page, lambda: "platform." in page.evaluate(KEPT), "kept")
    page.reload()
    state(page, "listening", "nudge", timeout_s=25)
    served.tell(some_words("We", "moved", "the", "platform."))  # the same once more
    press(page, "End")
    state(page, "finished")
    answer = page.get_by_role("region", name="Your answer")
    expect(answer).to_contain_text("We moved the platform. not heard here, 3.0 s: server busy")
    assert answer.inner_text().count("platform.") == 1
    press(page, "Delete")
    state(page, "ready")
    assert page.evaluate("sessionStorage.length") == 0


def test_it_prints_on_white_paper(opened: Open, rushing: Browser, served: Served) -> None:
    page = finished(opened, rushing, served, color_scheme="dark")
    page.emulate_media(media="print")
    colour = page.locator("body").evaluate("body => getComputedStyle(body).color")
    assert max(int(part) for part in colour[4:-1].split(",")) < 64, "dark ink"
    assert findings(page) == ""
    for name in ("Practise again", "Settings"):
        expect(page.get_by_role("button", name=name)).to_be_hidden()
    expect(page.get_by_role("region", name="Your answer")).to_be_visible()
