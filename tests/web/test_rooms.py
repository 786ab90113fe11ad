"""A call of two in two browsers: each hears the other, and is told in private."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec import structs
from playwright.sync_api import Browser, expect

from dsp.frame import RATE_HZ
from engine.media.resample import Samples
from engine.protocol import events as ev
from tests.harness.dialogues import Dialogue, Truth
from tests.harness.live_scores import KINDS, judged_live
from tests.harness.page import Open, Served, came, hears, press, says, state
from tests.harness.two_pages import (
    LEAD_S,
    TAPPED,
    TOLD,
    agreeing,
    end_for_both,
    fits,
    heard,
    in_call,
    invited,
    link,
    told,
)

from .test_said import nudge

RELAYED = """
window.peers = [];
const Direct = RTCPeerConnection;
window.RTCPeerConnection = class extends Direct {
  constructor(options) {
    super({ ...options, iceTransportPolicy: "relay" });
    window.peers.push(this);
  }
};
"""
"""Blocks all direct connections."""

STANDING = """
const peers = [];
const Plain = RTCPeerConnection;
window.RTCPeerConnection = class extends Plain {
  createDataChannel(...options) {
    this.engine = true;
    return super.createDataChannel(...options);
  }
  constructor(...options) {
    super(...options);
    peers.push(this);
  }
};
const voices = () => peers.find((peer) => !peer.engine && peer.connectionState !== "closed");
window.standing = () => voices()?.connectionState;
"""
"""Tells how the page's connection to the other page is."""

CAPTIONS = """localStorage.setItem("sottovoce.settings", JSON.stringify({ captions: true }));"""

CANDIDATE_KINDS = """async () => {
  const kinds = [];
  for (const peer of window.peers.filter((one) => one.connectionState === "connected")) {
    const stats = await peer.getStats();
    for (const one of stats.values())
      if (one.type === "candidate-pair" && one.nominated && one.state === "succeeded")
        kinds.push(stats.get(one.localCandidateId).candidateType);
  }
  return kinds;
}"""


def test_two_hold_a_call_and_each_is_told_in_private(
    opened: Open, pair: tuple[Browser, Browser], served: Served, dialogue: tuple[Samples, Truth]
) -> None:
    voices, truth = dialogue
    pages = in_call(opened, pair, served, script=TAPPED + TOLD)
    hears(pages[0], served, LEAD_S + voices.shape[1] / RATE_HZ)
    said = [told(page, *KINDS, ev.Reading) for page in pages]
    sounds = [heard(page) for page in pages]
    end_for_both(pages[0])
    for page in pages:
        state(page, "finished")
    expect(pages[0].locator("#summary")).to_contain_text("You ended the call.")
    for page in pages:
        expect(page.locator("#summary")).to_contain_text("Longest time without a break")
    expect(pages[1].locator("#summary")).to_contain_text("Your partner ended the call.")
    for n in (0, 1):
        theirs, mine = fits(sounds[n], voices[1 - n]), fits(sounds[n], voices[n])
        assert np.median(theirs) > 0.6, f"page {n} hears the other one: {theirs}"
        assert np.median(mine) < np.median(theirs) - 0.1, f"page {n} doesn't hear itself: {mine}"
    for side in said:
        assert {event.channel for event in side} == {0}, "of oneself alone"
    events = [[event for event in side if isinstance(event, KINDS)] for side in said]
    found = judged_live(Dialogue("packaged", voices.T, truth), events)
    counts, nudges = found["counts"], found["nudges"]
    assert (counts["true"], counts["backchannels"]) == (5, 2)
    assert counts["found"] >= 0.9 * counts["true"], found["mistakes"]
    assert counts["found"] >= 0.9 * counts["answers"], found["mistakes"]
    assert counts["nods"] == counts["backchannels"], found["mistakes"]
    assert nudges["reached"] == nudges["pages"], "who cuts in is told"
    assert nudges["right"] == nudges["told"], "nobody else"


def test_a_third_one_and_one_with_a_broken_link_get_a_clear_page(
    opened: Open, pair: tuple[Browser, Browser], served: Served
) -> None:
    invited(opened, pair[0], served)
    guest = opened(pair[1], link(served))
    state(guest, "consent")
    third = opened(pair[1], link(served))
    state(third, "trouble")
    expect(third.locator("#stage")).to_contain_text("This call is full")
    broken = opened(pair[1], f"{served.address}#room=no.such")
    state(broken, "trouble")
    expect(broken.locator("#stage")).to_contain_text("There is no such call")
    press(broken, "Back")
    state(broken, "ready")


def test_a_link_that_opens_on_this_machine_only_says_so(
    opened: Open, pair: tuple[Browser, Browser], served: Served
) -> None:
    host = invited(opened, pair[0], served)
    press(host, "Agree and join")
    state(host, "waiting")
    expect(host.locator("#reach")).to_contain_text("This link opens on this computer only")
    expect(host.locator("#reach")).to_contain_text("sottovoce share")
    expect(host.locator(".qr")).to_have_count(0)


def test_a_host_who_goes_before_anybody_came_is_told_of(
    opened: Open, pair: tuple[Browser, Browser], served: Served
) -> None:
    host = invited(opened, pair[0], served)
    address = link(served)
    guest = opened(pair[1], address)
    state(guest, "consent")
    press(host, "Back")
    state(host, "ready")
    state(guest, "trouble")
    expect(guest.locator("#stage")).to_contain_text("The call has ended")
    late = opened(pair[1], address)
    state(late, "trouble")
    expect(late.locator("#stage")).to_contain_text("The person who made the link has left")


def test_a_reload_goes_on_in_the_same_seat(
    opened: Open, pair: tuple[Browser, Browser], served: Served
) -> None:
    host, guest = in_call(opened, pair, served)
    hears(guest, served, 1.0)
    [room] = served.hub.rooms._rooms.values()
    before = room.timeline.session.now
    guest.reload()
    state(guest, "listening", "nudge")
    for page in (host, guest):
        expect(page.locator("[data-peer=connected]")).to_be_visible()
    assert room.timeline.session.now > before
    assert room.over is None
    end_for_both(guest)
    for page in (host, guest):
        state(page, "finished")
    expect(host.locator("#summary")).to_contain_text("Your partner ended the call.")


def test_a_network_that_is_gone_for_ten_seconds_ends_nothing(
    opened: Open, pair: tuple[Browser, Browser], served: Served
) -> None:
    host, guest = in_call(opened, pair, served, script=STANDING)
    [room] = served.hub.rooms._rooms.values()
    hears(guest, served, 1.0)
    guest.context.set_offline(True)

    async def cut() -> None:
        member = room.members[1]
        assert member.outbox is not None
        assert member.session is not None
        assert member.session.connection is not None
        assert member.session.connection.peer is not None
        member.outbox.close()
        await member.session.connection.peer.close()

    session = room.members[1].session
    served.run(cut)
    state(guest, "lost")
    expect(host.locator("#room")).to_contain_text("Their seat is kept")
    guest.wait_for_timeout(10_000)  # so long is the network gone
    before = room.timeline.session.now
    assert guest.evaluate("window.standing()") == "connected"
    guest.context.set_offline(False)
    state(guest, "listening", "nudge")
    for page in (host, guest):
        expect(page.locator("[data-peer=connected]")).to_be_visible()
    assert room.members[1].session is session
    assert room.timeline.session.now > before
    assert room._call == 1, "their voices went on all the while"
    end_for_both(guest)
    for page in (host, guest):
        state(page, "finished")
        expect(page.locator("#summary")).to_contain_text("Longest time without a break")


def test_who_closed_the_tab_and_opens_the_link_again_has_their_seat(
    opened: Open, pair: tuple[Browser, Browser], served: Served
) -> None:
    host, guest = in_call(opened, pair, served)
    [room] = served.hub.rooms._rooms.values()
    session = room.members[1].session
    twice = guest.context.new_page()
    twice.goto(link(served))
    state(twice, "trouble")
    expect(twice.locator("#stage")).to_contain_text("This call is full")
    twice.close()
    again = guest.context.new_page()
    guest.close()
    expect(host.locator("#room")).to_contain_text("Their seat is kept")
    expect(host.get_by_role("status")).to_contain_text("Their seat is kept")
    again.goto(link(served))
    state(again, "listening", "nudge")
    for page in (host, again):
        expect(page.locator("[data-peer=connected]")).to_be_visible()
    assert room.members[1].session is session
    end_for_both(again)
    for page in (host, again):
        state(page, "finished")
    assert again.evaluate("localStorage.getItem('sottovoce.room')") is not None
    press(again, "Delete")
    state(again, "ready")
    assert again.evaluate("localStorage.getItem('sottovoce.room')") is None


def test_a_refused_microphone_costs_nobody_the_call(
    opened: Open, pair: tuple[Browser, Browser], ungranted: Browser, served: Served
) -> None:
    host = invited(opened, pair[0], served)
    press(host, "Agree and join")
    guest = opened(ungranted, link(served))
    state(guest, "consent")
    press(guest, "Agree and join")
    state(guest, "trouble")
    expect(guest.locator("#stage")).to_contain_text("Your browser refused the microphone")
    state(host, "waiting")
    guest.context.grant_permissions(["microphone"])
    state(guest, "consent")
    press(guest, "Agree and join")
    for page in (host, guest):
        state(page, "listening", "nudge")


def test_who_the_engine_cannot_hear_talks_on(
    opened: Open, pair: tuple[Browser, Browser], served: Served
) -> None:
    host = invited(opened, pair[0], served)
    guest = opened(pair[1], link(served))
    state(guest, "consent")
    guest.route("**/whip**", lambda route: route.abort())
    agreeing(host, guest)
    state(guest, "talking")
    expect(guest.locator("#notice")).to_contain_text("Your sound doesn't reach our server")
    expect(guest.locator("[data-peer=connected]")).to_be_visible()
    expect(host.locator("#room")).to_contain_text("Your partner is not being coached.")
    guest.unroute("**/whip**")
    press(guest, "Coach me again")
    state(guest, "listening", "nudge")
    expect(guest.locator("#notice")).to_be_hidden()


def test_a_page_that_closes_ends_the_call_when_it_does_not_return(
    opened: Open, pair: tuple[Browser, Browser]
) -> None:
    with Served(resume_s=3.0) as served:
        host, guest = in_call(opened, pair, served)
        hears(host, served, 1.0)
        guest.close()
        says(host, "Their seat is kept", whole=False)
        state(host, "finished")
        expect(host.locator("#summary")).to_contain_text("did not return")


def test_a_call_that_is_over_ends_although_no_summary_comes(
    opened: Open, pair: tuple[Browser, Browser], served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    host, guest = in_call(opened, pair, served)
    [room] = served.hub.rooms._rooms.values()
    monkeypatch.setattr(room.members[1].session, "end", lambda _: None)
    served.tell(structs.replace(nudge(served), show_s=3.0))
    end_for_both(host)
    came(guest, "nudge", "listening", "finished")  # the nudge goes by itself


def test_who_is_not_analysed_talks_all_the_same(
    opened: Open, pair: tuple[Browser, Browser], served: Served
) -> None:
    host, guest = in_call(opened, pair, served, "I interview")
    press(guest, "Stop coaching me")
    state(guest, "talking")
    expect(guest.locator("[data-peer=connected]")).to_be_visible()
    expect(host.locator("#room")).to_contain_text("The candidate is not being coached.")
    host.get_by_label("Question for the candidate").fill("Why you?")
    press(host, "Show it")
    expect(host.locator("#room").get_by_text("Shown to the candidate: Why you?")).to_be_visible()
    expect(guest.locator(".question")).to_have_text("Why you?")
    press(host, "Play")
    expect(host.locator("#room")).to_contain_text("The engine doesn't listen to them".replace("The", "the"))
    press(guest, "Coach me again")
    state(guest, "listening", "nudge")
    end_for_both(host)
    for page in (host, guest):
        state(page, "finished")
    host.get_by_label("Pace", exact=True).select_option("7")
    host.get_by_label("Start", exact=True).fill("Shorter answers.")
    press(host, "Send")
    expect(host.locator("#summary")).to_contain_text("They'll see it once you both share.")
    for page in (host, guest):
        press(page, "Share my measures with my partner")
    expect(guest.locator("#summary")).to_contain_text("From the interviewer")
    expect(guest.locator("#summary")).to_contain_text("Shorter answers.")
    expect(guest.locator("#summary")).to_contain_text("Their measures")
