"""The take of a session with words: the answer as it was spoken, and what it rests on."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, Page, expect

from engine.protocol.advice import Advice
from engine.protocol.messages import Advised, WordsState
from engine.protocol.review import WordSpan
from engine.protocol.words import Words, WordsMissed
from tests.harness.page import Open, Served, press, says, started, state, until
from tests.harness.sample_answer import QUESTION, a_review, review_message
from tests.harness.told_words import AGREED, KEPT, hello, mark, some_words

from .test_access import findings


def finished(opened: Open, browser: Browser, served: Served, **options: Any) -> Page:
    """Give a page whose session is over, with the review of an answer."""
    page = started(opened, browser, served, script=AGREED, **options)
    served.tell(review_message())
    says(page, "Your answer is here.", whole=False)
    press(page, "End")
    state(page, "finished")
    return page


def summarised(served: Served) -> None:
    """Send the summary so far, as at the end, and nothing after it."""

    async def work() -> None:
        [session] = served.hub.sessions
        session.readers.send(session.core.summary())

    served.run(work)


def test_the_review_is_waited_for(opened: Open, rushing: Browser, served: Served) -> None:
    page = started(opened, rushing, served, script=AGREED)
    served.tell(WordsState(mode="live", why=""))
    mark(page).to_be_visible()
    summarised(served)
    state(page, "finished")
    take = page.locator("#summary")
    expect(take).to_contain_text("Writing down your answer…")
    served.tell(review_message())
    expect(take).to_contain_text("Say the result first")
    assert "Writing" not in take.inner_text()


def test_a_review_that_does_not_come_is_said_why(opened: Open, rushing: Browser, served: Served) -> None:
    page = started(opened, rushing, served, script=AGREED)
    served.tell(WordsState(mode="live", why=""))
    served.tell(some_words("These", "are", "left."))
    mark(page).to_be_visible()
    summarised(served)
    state(page, "finished")
    served.tell(WordsState(mode="unavailable", why="The review took too long; there is none."))
    said = page.get_by_role("region", name="What you said")
    expect(said).to_contain_text("The review took too long; there is none.")
    expect(said).to_contain_text("These are left.")


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
          - term: Pace
          - definition: 148 words/min by words; about 155 by syllables
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
    state(page, "nudge")
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
    state(page, "listening", "nudge")
    served.tell(some_words("We", "moved", "the", "platform."))  # the same once more
    press(page, "End")
    state(page, "finished")
    answer = page.get_by_role("region", name="What you said")
    expect(answer).to_contain_text("We moved the platform. not heard here, 3.0 s: server busy")
    assert answer.inner_text().count("platform.") == 1
    press(page, "Delete")
    state(page, "ready")
    assert page.evaluate("sessionStorage.length") == 0


ADVICE = Advice(
    advice="Say the bug before the alerts.",
    example="One bug broke both jobs.",
    quotes=[WordSpan(start=66, end=68)],
    follow_ups=["Why did nobody read the alerts?"],
    host="llm.example",
    model="small",
    cut=False,
)


def test_advice_is_asked_for_by_who_agrees_in_this_session(
    opened: Open, rushing: Browser, served: Served
) -> None:
    page = started(opened, rushing, served, script=AGREED)
    served.tell(hello(words=True, assistant="llm.example"))
    served.tell(WordsState(mode="live", why=""))
    mark(page).to_be_visible()
    press(page, "Settings")
    switch = page.get_by_role("switch", name="Ask llm.example for advice afterwards")
    expect(switch).not_to_be_checked()
    switch.click()
    page.keyboard.press("Escape")
    assert page.evaluate("window.sent").count({"type": "set_assistant", "on": True}) == 1
    mark(page).to_have_text("Words on: heard on this server, not kept, sent to llm.example at the end")
    summarised(served)
    state(page, "finished")
    served.tell(review_message())
    take = page.locator("#summary")
    expect(take).to_contain_text("Asking for advice…")
    served.tell(Advised(channel=0, advice=ADVICE, why=""))
    advice = page.get_by_role("region", name="Advice from a language model")
    expect(advice).to_contain_text("By small at llm.example: may be wrong.")
    expect(advice).to_contain_text("Why did nobody read the alerts?")
    assert "Asking" not in take.inner_text()
    advice.locator(".quote").click()
    expect(page.locator(".quoted")).to_have_count(2)
    assert findings(page) == ""


def test_it_prints_on_white_paper(opened: Open, rushing: Browser, served: Served) -> None:
    page = finished(opened, rushing, served, color_scheme="dark")
    page.emulate_media(media="print")
    colour = page.locator("body").evaluate("body => getComputedStyle(body).color")
    assert max(int(part) for part in colour[4:-1].split(",")) < 64, "dark ink"
    assert findings(page) == ""
    for name in ("Practise again", "Settings"):
        expect(page.get_by_role("button", name=name)).to_be_hidden()
    expect(page.get_by_role("region", name="Your answer")).to_be_visible()
