"""The page of a worker that dies goes on in another one; nothing that it had gathered is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

import pytest
from playwright.sync_api import Browser, Page, expect

from engine.server.placement.placement import worker_of
from tests.harness.page import Open, Served, press, says, started, state
from tests.harness.server_workers import Workers, several
from tests.harness.two_pages import end_for_both, invited

from .test_call import kept


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    """Two workers that speak up after three seconds."""
    profile = tmp_path_factory.mktemp("prompt") / "prompt.toml"
    profile.write_text("[nudges]\nsettle_s = 1\nshow_s = 2\n[pace]\nwindow_s = 3\n", "utf-8")
    with several("--profile", str(profile), "--drain-s", "0.5") as server:
        yield server


def told(page: Page, count: int) -> None:
    """Wait until the page has had so many nudges."""
    page.wait_for_function(
        "count => JSON.parse(sessionStorage.getItem('sottovoce.session')).nudges.length >= count",
        arg=count,
    )


def again(page: Page, before: str) -> str:
    """Wait until the page has gone on in a session of another worker."""
    page.wait_for_function(
        "before => !JSON.parse(sessionStorage.getItem('sottovoce.session')).session.startsWith(before)",
        arg=worker_of(before),
    )
    state(page, "listening", "nudge")
    return cast(str, kept(page)["session"])


def test_a_call_of_two_is_held_in_one_worker(opened: Open, rushing: Browser, workers: Workers) -> None:
    """On a port of its own: another origin than the page's."""
    host = invited(opened, rushing, cast(Served, workers), script="")
    press(host, "Agree and join")
    state(host, "waiting")
    guest = opened(rushing, host.locator("#link").input_value())
    state(guest, "consent")
    press(guest, "Agree and join")
    for page in (host, guest):
        state(page, "listening", "nudge")
        expect(page.locator("[data-peer=connected]")).to_be_visible()
    assert worker_of(kept(host)["session"]) == worker_of(kept(guest)["session"])
    end_for_both(guest)
    for page in (host, guest):
        state(page, "finished")


def test_the_page_of_a_killed_worker_goes_on(opened: Open, rushing: Browser, workers: Workers) -> None:
    workers.wait_until_whole()
    served = cast(Served, workers)
    page, other = started(opened, rushing, served), started(opened, rushing, served)
    told(page, 1)
    before, untouched = kept(page), kept(other)["session"]
    assert worker_of(before["session"]) != worker_of(untouched)
    workers.kill(before["session"])
    again(page, before["session"])
    says(page, "The server restarted. Measures begin again", whole=False)
    expect(page.get_by_role("alert")).to_contain_text("The server restarted")
    told(page, 2)
    press(page, "End")
    state(page, "finished")
    record = kept(page)
    summary, [part] = record["summary"], record["parts"]
    assert part["kind"] == "restarted"
    assert part["until_s"] >= before["at_s"]
    assert part["from_s"] > part["until_s"], "the time away counts"
    assert summary["duration_s"] > part["from_s"]
    assert summary["nudges"][0] == before["nudges"][0]
    assert summary["nudges"][1]["at_s"] > part["from_s"]
    assert summary["nudges"][1]["id"] > before["nudges"][0]["id"]
    assert summary["measures"][0]["speech_s"] < summary["duration_s"] - part["from_s"], (
        "of the last part only"
    )
    expect(page.locator("#summary .notice")).to_contain_text(re.compile(r"The server restarted at 0:\d\d"))
    expect(page.locator(".anew")).to_contain_text("The server restarted here")
    expect(page.locator(".anew")).to_contain_text("measures begin again")
    state(other, "listening", "nudge")
    assert kept(other)["session"] == untouched
    assert kept(other)["parts"] == []
    press(other, "End")
    state(other, "finished")


def test_the_page_of_a_stopped_worker_moves(opened: Open, rushing: Browser, workers: Workers) -> None:
    workers.wait_until_whole()  # a session moves to a worker that serves, not to one that is just starting
    page = started(opened, rushing, cast(Served, workers))
    told(page, 1)
    first = kept(page)["session"]
    workers.drain(first)
    second = again(page, first)
    page.reload()
    state(page, "listening", "nudge")
    assert kept(page)["session"] == second
    assert len(kept(page)["parts"]) == 1, "a reload is no new part"
    press(page, "End")
    state(page, "finished")
    [part] = kept(page)["parts"]
    assert part["kind"] == "moved"
    assert part["summary"]["measures"][0]["speech_s"] > 1
    expect(page.locator("#summary h3", has_text=re.compile(r"Measures until 0:\d\d"))).to_be_visible()
    expect(page.locator(".anew")).to_contain_text("Moved to another server here")
