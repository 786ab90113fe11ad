"""What is said to a person stays long enough to be read, whatever the page draws anew meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import structs
from playwright.sync_api import Browser, Page, expect

from engine.protocol import events as ev
from tests.harness.drills import ASKS
from tests.harness.page import Open, Served, frozen, press, started, state


def nudge(served: Served, text: str = "Slow down") -> ev.Nudge:
    now_s = served.hub.sessions[0].core.now / 16_000
    evidence = ev.Evidence(
        measure="pace_wpm", value=190, unit="words/min", threshold=170, window_s=(0, 8), confidence=0.9, seq=1
    )
    return ev.Nudge(
        seq=9_000,
        at_s=now_s,
        id=90,
        cue="pace",
        text=text,
        why="190 words a minute.",
        tone="change",
        urgent=False,
        show_s=20.0,
        evidence=evidence,
    )


@pytest.fixture
def asking(tmp_path: Path) -> Served:
    """A server with a drill that asks, and then murmurs for long."""
    (tmp_path / "asks.toml").write_text(ASKS)
    return Served(drills=str(tmp_path))


def seen(page: Page, text: str) -> None:
    """It is there to be seen, once."""
    expect(page.locator("main").get_by_text(text, exact=True)).to_have_count(1)
    expect(page.locator("main").get_by_text(text, exact=True)).to_be_visible()


def test_what_is_said_in_a_drill_outlives_its_next_step_and_a_nudge(
    opened: Open, rushing: Browser, asking: Served
) -> None:
    with asking:
        page = opened(rushing, asking.address, clock=True)
        state(page, "ready")
        press(page, "Drills")
        page.get_by_label("Drill", exact=True).select_option("asks")
        press(page, "Begin")
        state(page, "drilling")
        frozen(page)
        for _ in range(5):
            page.keyboard.press("-")
        seen(page, "Noises are off.")
        asking.tell(ev.DrillStep(seq=9_001, at_s=5.0, id=7, do="barge_in", role="client"))
        asking.tell(nudge(asking))
        state(page, "nudge")
        seen(page, "Noises are off.")


def test_all_that_is_said_at_once_is_read_out(opened: Open, rushing: Browser, served: Served) -> None:
    page = opened(rushing, served.address)
    state(page, "ready")
    read = page.evaluate(
        """async () => {
        const { announce } = await import("/ui/announce.js");
        for (const text of ["One.", "Two.", "Two."]) announce(text);
        return [...document.getElementById("polite").children].map((child) => child.textContent);
        }"""
    )
    assert read[-3:] == ["One.", "Two.", "Two."]
    expect(page.get_by_role("status")).to_have_text("Two.")


def test_it_is_read_out_while_a_page_has_no_frames(opened: Open, rushing: Browser, served: Served) -> None:
    """As one that is hidden behind a call, with its floating window in front."""
    page = opened(rushing, served.address, script="window.requestAnimationFrame = () => 0;")
    page.evaluate("async () => (await import('/ui/announce.js')).announce('Slow down')")
    expect(page.get_by_role("status")).to_have_text("Slow down")


def test_each_line_stays_as_long_as_reading_it_takes(opened: Open, rushing: Browser, served: Served) -> None:
    page = opened(rushing, served.address, clock=True)
    state(page, "ready")
    frozen(page)
    page.evaluate(
        """async () => {
        const { TimedLines } = await import("/ui/announce.js");
        window.line = new TimedLines(document.getElementById("said"));
        }"""
    )

    def told() -> list[str]:
        return page.locator("#said p").all_inner_texts()

    page.evaluate("() => { line.show('First.'); line.show('Softer.', { about: 'noises' }); }")
    page.clock.run_for(2_000)
    page.evaluate(
        "() => { line.show('Off.', { about: 'noises' }); line.show('Third.', { least_ms: 9_000 }); }"
    )
    assert told() == ["First.", "Off.", "Third."]
    page.clock.run_for(2_000)
    assert told() == ["Off.", "Third."]
    page.clock.run_for(2_000)
    assert told() == ["Third."]
    page.evaluate("() => line.clear()")
    assert told() == []


def test_what_a_button_did_is_seen_and_not_only_read_out(
    opened: Open, rushing: Browser, served: Served
) -> None:
    page = started(opened, rushing, served, clock=True)
    press(page, "End")
    state(page, "finished")
    frozen(page)
    press(page, "Save")
    seen(page, "Saved to your downloads.")
    press(page, "Delete")
    state(page, "ready")
    seen(page, "Deleted. Nothing of it is left on the page or the server.")


def test_one_notice_does_not_hide_another(opened: Open, rushing: Browser, served: Served) -> None:
    page = started(opened, rushing, served)
    for kind in ("clipping", "silent"):
        served.tell(ev.SignalProblem(seq=9_000, at_s=1.0, kind=kind, on=True))
    expect(page.locator("#notice")).to_contain_text("too loud for the microphone")
    expect(page.locator("#notice")).to_contain_text("We can barely hear you")


def test_the_first_nudge_of_a_cue_is_explained(opened: Open, muted: Browser, served: Served) -> None:
    page = started(opened, muted, served)
    stage = page.locator("#stage")
    said = structs.replace(nudge(served, "Land it"), cue="ending")
    served.tell(said)
    expect(stage).to_contain_text("End lower")
    expect(page.get_by_role("status")).to_have_text("Land it: End lower")
    served.tell(structs.replace(said, id=91))
    expect(page.get_by_role("status")).to_have_text("Land it")
    expect(stage.get_by_role("heading")).to_have_text("Land it")
    expect(stage).not_to_contain_text("End lower")


def test_a_silent_microphone_is_said_however_often_the_stage_is_drawn(
    opened: Open, muted: Browser, served: Served
) -> None:
    page = opened(muted, served.address)
    state(page, "ready")
    expect(page.locator(".hint")).to_have_text("We hear nothing: is it muted?")
    press(page, "Change")
    page.get_by_role("radio", name="Presentation").check()
    page.keyboard.press("Escape")
    expect(page.locator("#stage")).to_contain_text("For: Presentation")
    expect(page.locator(".hint")).to_have_text("We hear nothing: is it muted?")
