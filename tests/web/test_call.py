"""A session, from Start to its summary, with real sound through a real connection."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from dsp.frame import RATE_HZ
from engine.protocol import events as ev
from engine.server.hub import Hub
from tests.harness.page import Open, Served, came, frozen, hears, press, spoken_enough, started, state, until
from tests.harness.two_pages import TOLD, told

NUDGES = """
window.nudges = [];
addEventListener("DOMContentLoaded", () => {
  const { body } = document;
  const text = (place) => document.querySelector(place).textContent;
  const noted = () => {
    if (body.dataset.state !== "nudge") return;
    const { tone } = document.getElementById("stage").dataset;
    nudges.push([tone, text("#stage h2"), text("#polite p:last-child"), document.title]);
  };
  new MutationObserver(noted).observe(body, { attributeFilter: ["data-state"] });
});
"""
"""Notes what is shown of each nudge, as it goes by itself."""


def kept(page: Page) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(page.evaluate("sessionStorage.getItem('sottovoce.session')"))
    return record


def only_session(hub: Hub) -> str:
    [session] = hub.sessions
    return session.id


def test_who_rushes_is_told_to_slow_down(opened: Open, rushing: Browser, served: Served) -> None:
    page = started(opened, rushing, served, script=NUDGES + TOLD)
    stage = page.locator("#stage")
    came(page, "nudge", "listening")  # it goes by itself
    assert page.evaluate("nudges[0]") == ["change", "Slow down", "Slow down", "Slow down · Sottovoce"]
    until(page, lambda: bool(told(page, ev.NudgeCleared)), "it is cleared")
    first, cleared = told(page, ev.Nudge)[0], told(page, ev.NudgeCleared)[0]
    assert (cleared.id, cleared.at_s - first.at_s > 1.5) == (first.id, True), "not before it could be read"

    page.get_by_role("button", name="Why “Slow down”?").click()
    expect(stage).to_contain_text(re.compile(r"\d+ words a minute over the last \d+ seconds"))
    expect(stage).to_contain_text(re.compile(r"Limit\s*170 words/min"))
    delay = re.search(r"Delay\s*([\d.]+)\sms", stage.inner_text())
    parts = page.locator(".delay-parts").inner_text()
    spent = re.findall(r"(measuring|decoding|deciding|everything else) ([\d.]+)\sms", parts)
    assert delay is not None
    assert "measuring" in dict(spent)
    assert sum(float(ms) for _, ms in spent) == pytest.approx(float(delay[1]), abs=0.4), "rounded to tenths"
    press(page, "Close")
    state(page, "listening")

    expect(page.locator("#delay")).to_have_text(re.compile(r"Processing delay \d+ ms"))
    row = page.locator("#instruments")
    expect(row).to_contain_text("Quick")
    expect(row).to_contain_text(re.compile(r"\d+ words/min"))
    expect(row).to_contain_text(re.compile(r"(Talking 0:\d\d|Silent \d\.\d s)"))
    expect(row).to_contain_text(re.compile(r"\d\.\d semitones"))
    colours = """canvas => {
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        return new Set(new Uint32Array(data.buffer)).size;
    }"""
    assert page.locator("#trace").evaluate(colours) > 3, "something is drawn"


def test_a_reload_goes_on_with_the_same_session(opened: Open, rushing: Browser, prompt: Served) -> None:
    page = started(opened, rushing, prompt)
    state(page, "nudge")
    session, before = only_session(prompt.hub), kept(page)
    page.reload()
    state(page, "listening", "nudge")
    assert only_session(prompt.hub) == session == kept(page)["session"]
    page.get_by_role("button", name="Why “Slow down”?").wait_for()
    press(page, "End")
    state(page, "finished")
    summary = kept(page)["summary"]
    assert summary["nudges"][0] == before["nudges"][0]
    assert summary["duration_s"] > before["at_s"]
    assert summary["measures"][0]["speech_s"] > 2, "speech before the reload counts"


def test_a_cut_connection_comes_back_by_itself(opened: Open, rushing: Browser, served: Served) -> None:
    page = started(opened, rushing, served)
    session = only_session(served.hub)
    page.context.set_offline(True)
    served.drop()
    state(page, "lost")
    expect(page.get_by_role("heading", name="Reconnecting")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_text("Reconnecting")
    expect(page.locator("#stage")).to_contain_text(re.compile(r"We keep trying for [1-9]\d? s"))
    page.context.set_offline(False)
    state(page, "listening", "nudge")
    assert only_session(served.hub) == session


def test_an_engine_that_says_nothing_is_noticed(opened: Open, rushing: Browser, served: Served) -> None:
    page = started(opened, rushing, served)
    session = only_session(served.hub)
    with served.stuck():
        state(page, "lost")
    expect(page.get_by_role("alert")).to_have_text("Reconnecting")
    state(page, "listening", "nudge")
    assert only_session(served.hub) == session


def test_try_now_tries_at_once(opened: Open, rushing: Browser, served: Served) -> None:
    page = started(opened, rushing, served, clock=True)
    frozen(page)  # no try follows by itself
    served.drop()
    state(page, "lost")
    press(page, "Try now")
    state(page, "listening", "nudge")


def test_a_session_that_cannot_be_reached_ends_with_what_is_known(
    opened: Open, rushing: Browser, prompt: Served
) -> None:
    page = started(opened, rushing, prompt)
    state(page, "nudge")
    page.route("**/whip**", lambda route: route.abort())
    prompt.drop()
    state(page, "lost")
    press(page, "End")
    state(page, "finished")
    summary = page.locator("#summary")
    expect(summary).to_contain_text("The session broke off")
    expect(summary).to_contain_text("Slow down")


def test_the_end_is_a_summary_to_save_or_delete(opened: Open, rushing: Browser, prompt: Served) -> None:
    page = started(opened, rushing, prompt)
    state(page, "nudge")
    spoken_enough(page, prompt)
    press(page, "End")
    state(page, "finished")
    expect(page.get_by_role("heading", name="How it went")).to_be_focused()
    pace = page.get_by_role("row", name=re.compile("^Pace"))
    expect(pace).to_contain_text(re.compile(r"outside.*\d+ words/min.*60 to 100 words/min"))
    nudges = page.get_by_role("region", name="Nudges")
    nudges.get_by_text("Why?").first.click()
    expect(nudges).to_contain_text(re.compile(r"\d+ words a minute over the last"))
    with page.expect_download() as download:
        press(page, "Save")
    saved = json.loads(download.value.path().read_text("utf-8"))
    assert saved["nudges"][0]["text"] == "Slow down"
    assert saved["measures"][0]["pace_wpm"] > 170
    until(page, lambda: prompt.hub.sessions == [], "the server has forgotten it")
    page.reload()
    state(page, "finished")
    press(page, "Delete")
    state(page, "ready")
    assert page.evaluate("sessionStorage.length") == 0


def test_practise_again_begins_anew(opened: Open, rushing: Browser, served: Served) -> None:
    page = started(opened, rushing, served)
    first = only_session(served.hub)
    press(page, "End")
    state(page, "finished")
    press(page, "Practise again")
    state(page, "ready")
    press(page, "Start")
    state(page, "listening", "nudge")
    until(page, lambda: first not in {one.id for one in served.hub.sessions}, "the first is over")
    assert only_session(served.hub) != first


def test_a_server_that_stops_leaves_its_summary(opened: Open, rushing: Browser, served: Served) -> None:
    page = started(opened, rushing, served)
    hears(page, served, 1.0)
    served.stop()
    state(page, "finished")
    expect(page.get_by_role("table")).to_be_visible()


def test_a_cue_can_be_switched_off(opened: Open, rushing: Browser, prompt: Served) -> None:
    page = started(opened, rushing, prompt)
    press(page, "Settings")
    page.get_by_role("switch", name="Pace").uncheck()
    page.keyboard.press("Escape")
    [session] = prompt.hub.sessions
    until(page, lambda: not {one.cue: one.on for one in session.core.cues()}["pace"], "pace is off")
    off_s = session.core.now / RATE_HZ
    until(page, lambda: session.core.now / RATE_HZ > max(off_s, 5) + 2, "enough was heard to be told")
    assert [nudge for nudge in kept(page)["nudges"] if nudge["cue"] == "pace" and nudge["at_s"] > off_s] == []
    page.reload()
    press(page, "Settings")
    expect(page.get_by_role("switch", name="Pace")).not_to_be_checked()


def test_settings_show_the_cues_that_the_profile_tells(
    opened: Open, rushing: Browser, served: Served
) -> None:
    page = opened(rushing, served.address)
    state(page, "ready")
    press(page, "Settings")
    headline = page.get_by_role("switch", name="Headline")
    expect(headline).not_to_be_checked()
    expect(page.get_by_role("switch", name="Wrap up")).to_be_checked()
    page.get_by_role("radio", name="Interview").check()
    expect(headline).to_be_checked()
    page.get_by_role("radio", name="Conversation").check()
    headline.check()
    page.keyboard.press("Escape")
    press(page, "Start")
    state(page, "listening", "nudge")
    [session] = served.hub.sessions

    def told() -> set[str]:
        return {one.cue for one in session.core.cues() if one.on}

    until(
        page, lambda: "headline_first" in told(), "what was switched on is told though the profile has it off"
    )
    press(page, "Settings")
    for name, on in (("Headline", True), ("Plain words", False), ("Pace", True)):
        expect(page.get_by_role("switch", name=name)).to_be_checked(checked=on)
    page.get_by_role("radio", name="Interview").check()
    expect(page.get_by_role("switch", name="Plain words")).not_to_be_checked()


def test_settings_are_kept_and_used(opened: Open, rushing: Browser, served: Served) -> None:
    page = opened(rushing, served.address)
    state(page, "ready")
    press(page, "Change")
    page.get_by_role("radio", name="Presentation").check()
    page.get_by_role("switch", name="Noise suppression").check()
    page.keyboard.press("Escape")
    expect(page.locator("#stage")).to_contain_text("For: Presentation")
    page.reload()
    state(page, "ready")
    press(page, "Start")
    state(page, "listening", "nudge")
    [session] = served.hub.sessions
    assert session.core.profile.name == "presentation"


def test_the_floating_window_shows_the_nudge(opened: Open, rushing: Browser, prompt: Served) -> None:
    page = started(opened, rushing, prompt)
    with page.context.expect_page() as opening:
        press(page, "Floating window")
    floating = opening.value
    floating.set_viewport_size({"width": 240, "height": 120})
    expect(floating.get_by_role("heading", name="Slow down")).to_be_visible()
    fits = "() => document.documentElement.scrollHeight <= 120 && document.documentElement.scrollWidth <= 240"
    assert floating.evaluate(fits)
    press(page, "Close floating window")
    expect(page.get_by_role("button", name="Floating window", exact=True)).to_be_visible()
