"""Listening beside a call that runs in another tab."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect

from dsp.frame import RATE_HZ
from engine.media.resample import Samples
from engine.protocol import events as ev
from tests.harness.dialogues import Dialogue, Truth, compose, packaged_people
from tests.harness.live_scores import KINDS, judged_live
from tests.harness.page import Open, Served, hears, press, state
from tests.harness.two_pages import HEADPHONES, LEAD_S, TOLD, coached, sharing_browser, sides, told


@pytest.fixture(scope="module")
def dialogue() -> tuple[Samples, Truth]:
    """Two voices, shape (2, n), who cut in on each other, and when."""
    return compose(packaged_people(), 32.0, 11)


@pytest.fixture(scope="module")
def sharing(
    playwright: Playwright, dialogue: tuple[Samples, Truth], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Browser, Path]]:
    """A browser whose speaker is one side, and that shares the tab with the other side; and that side."""
    mine, other = sides(tmp_path_factory.mktemp("beside"), dialogue[0])
    with sharing_browser(playwright, mine) as browser:
        yield browser, other


@pytest.mark.parametrize("settings", ["", HEADPHONES], ids=["echo cancellation", "headphones"])
def test_interruptions_of_a_call_in_another_tab_are_found(
    opened: Open,
    sharing: tuple[Browser, Path],
    served: Served,
    dialogue: tuple[Samples, Truth],
    settings: str,
) -> None:
    voices, truth = dialogue
    page, _ = coached(opened, sharing[0], served, sharing[1], TOLD + settings)
    hears(page, served, LEAD_S + voices.shape[1] / RATE_HZ)
    for lost in ("No sound came", "isn't shared any more"):
        expect(page.locator("#notice")).not_to_contain_text(lost)
    both = [told(page, *KINDS, connection=channel) for channel in (0, 1)]
    press(page, "End")
    state(page, "finished")
    found = judged_live(Dialogue("packaged", voices.T, truth), both, coached=1)
    counts = found["counts"]
    assert counts["true"] == 5
    assert counts["found"] >= 0.9 * counts["true"], found["mistakes"]
    assert counts["found"] >= 0.9 * counts["answers"], found["mistakes"]


def test_the_floating_window_shows_nudges_over_the_other_call(
    opened: Open, sharing: tuple[Browser, Path], served: Served
) -> None:
    page, other = coached(opened, sharing[0], served, sharing[1])
    with page.context.expect_page() as opening:
        press(page, "Floating window")
    floating = opening.value
    other.bring_to_front()
    served.tell(
        ev.Nudge(
            seq=9_000,
            at_s=5.0,
            id=99,
            cue="interruption",
            text="Let them finish",
            why="You started 0.8 seconds ago, while they were still talking.",
            tone="change",
            urgent=True,
            show_s=20.0,
            evidence=ev.Evidence(
                measure="interruption",
                value=0.8,
                unit="s",
                threshold=0.8,
                window_s=(4.2, 5.0),
                confidence=1.0,
                seq=8_999,
            ),
        )
    )
    expect(floating.locator("h2")).to_have_text("Let them finish")


def test_without_sound_the_page_says_what_is_missing(
    opened: Open, sharing: tuple[Browser, Path], served: Served
) -> None:
    page = opened(
        sharing[0],
        served.address,
        script="navigator.mediaDevices.getDisplayMedia = async () => new MediaStream();",
        permissions=["microphone"],
    )
    state(page, "ready")
    press(page, "Coach me during a call")
    press(page, "Share the call's sound")
    state(page, "listening", "nudge")
    expect(page.locator("#notice")).to_contain_text("No sound came with what you shared")
    press(page, "End")
    state(page, "finished")


def test_a_browser_that_cannot_share_offers_the_microphone_alone(
    opened: Open, sharing: tuple[Browser, Path], served: Served
) -> None:
    page = opened(
        sharing[0],
        served.address,
        script="MediaDevices.prototype.getDisplayMedia = undefined;",
        permissions=["microphone"],
    )
    state(page, "ready")
    press(page, "Coach me during a call")
    expect(page.locator("#stage")).to_contain_text("This browser can't share a tab's sound")
    expect(page.get_by_role("button", name="Share the call's sound")).to_have_count(0)
    press(page, "Microphone alone")
    state(page, "listening", "nudge")
    assert len(served.hub.rooms) == 0
