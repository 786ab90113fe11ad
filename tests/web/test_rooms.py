"""A call of two in two browsers: each hears the other, and is told in private."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator

import numpy as np
import pytest
from msgspec import structs
from playwright.sync_api import Browser, Playwright, expect

from dsp.frame import RATE_HZ
from engine.media.resample import Samples
from engine.protocol import events as ev
from engine.server.settings import IceServer
from tests.harness.dialogues import Truth, compose, packaged_people
from tests.harness.page import Open, Served, hears, press, state, until
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
    sides,
    told,
    two_browsers,
    wait_out,
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

KINDS = """async () => {
  const kinds = [];
  for (const peer of window.peers.filter((one) => one.connectionState === "connected")) {
    const stats = await peer.getStats();
    for (const one of stats.values())
      if (one.type === "candidate-pair" && one.nominated && one.state === "succeeded")
        kinds.push(stats.get(one.localCandidateId).candidateType);
  }
  return kinds;
}"""


@pytest.fixture
def relay() -> Iterator[tuple[str, str, str]]:
    """A TURN server, coturn, on this machine: its address, a user, a password."""
    program = shutil.which("turnserver")
    assert program, "coturn is missing: tools/setup dev installs it"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    options = (
        f"-n -p {port} -L 127.0.0.1 -r local -u talker:secret --lt-cred-mech --no-tls --no-dtls --no-cli "
        "--allow-loopback-peers --min-port 51000 --max-port 51999 --log-file stdout --simple-log --pidfile="
    )
    process = subprocess.Popen(
        [program, *options.split()], stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
    )
    try:
        yield f"turn:127.0.0.1:{port}?transport=udp", "talker", "secret"
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module")
def dialogue() -> tuple[Samples, Truth]:
    """Two voices, shape (2, n), who cut in on each other and listen, and when."""
    return compose(packaged_people(), 32.0, 11)


@pytest.fixture(scope="module")
def pair(
    playwright: Playwright, dialogue: tuple[Samples, Truth], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Browser, Browser]]:
    """Two browsers, each with one side of the dialogue for a microphone."""
    microphones = sides(tmp_path_factory.mktemp("two"), dialogue[0])
    with two_browsers(playwright, microphones) as pair:
        yield pair


def test_two_hold_a_call_and_each_is_told_in_private(
    opened: Open, pair: tuple[Browser, Browser], served: Served, dialogue: tuple[Samples, Truth]
) -> None:
    voices, truth = dialogue
    pages = in_call(opened, pair, served, script=TAPPED + TOLD)
    wait_out(pages, LEAD_S + voices.shape[1] / RATE_HZ)
    said = [
        told(page, ev.SpeechStarted, ev.Interruption, ev.Backchannel, ev.Nudge, ev.Reading) for page in pages
    ]
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
    first_s = min(float(np.flatnonzero(np.abs(voice) > 0.01)[0]) / RATE_HZ for voice in voices)
    shift_s = min(e.start_s for side in said for e in side if isinstance(e, ev.SpeechStarted)) - first_s
    found = answers = heard_nods = 0
    for n in (0, 1):
        cuts_s = [e.start_s for e in said[n] if isinstance(e, ev.Interruption)]
        nods_s = [e.start_s for e in said[n] if isinstance(e, ev.Backchannel)]
        true_s = [start_s + shift_s for start_s, _ in truth.interruptions[n]]
        found += sum(any(abs(cut_s - start_s) < 0.5 for cut_s in cuts_s) for start_s in true_s)
        answers += len(cuts_s)
        heard_nods += sum(
            any(abs(a + shift_s - nod_s) < 0.5 for nod_s in nods_s) for a, _ in truth.backchannels[n]
        )
        assert {e.channel for e in said[n]} == {0}, "of oneself alone"
        told_s = [
            e.evidence.window_s[0] for e in said[n] if isinstance(e, ev.Nudge) and e.cue == "interruption"
        ]
        assert bool(told_s) == bool(true_s), "who cuts in is told, nobody else"
        assert all(any(abs(at_s - start_s) < 0.5 for start_s in true_s) for at_s in told_s)
    wanted = sum(len(spans) for spans in truth.interruptions)
    nods = sum(len(spans) for spans in truth.backchannels)
    assert (wanted, nods) == (5, 2)
    assert found >= 0.9 * wanted
    assert found >= 0.9 * answers
    assert heard_nods == nods


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
    expect(host.locator("#reach")).to_contain_text("--tls-cert")


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
        expect(page.locator("[data-peer=connected]")).to_be_visible(timeout=20_000)
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
    state(guest, "listening", "nudge", timeout_s=20)
    for page in (host, guest):
        expect(page.locator("[data-peer=connected]")).to_be_visible(timeout=20_000)
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
        expect(page.locator("[data-peer=connected]")).to_be_visible(timeout=20_000)
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
    expect(guest.locator("[data-peer=connected]")).to_be_visible(timeout=15_000)
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
        expect(host.locator("#room")).to_contain_text("Their seat is kept")
        state(host, "finished", timeout_s=20)
        expect(host.locator("#summary")).to_contain_text("did not return")


def test_a_call_that_is_over_ends_although_no_summary_comes(
    opened: Open, pair: tuple[Browser, Browser], served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    host, guest = in_call(opened, pair, served)
    [room] = served.hub.rooms._rooms.values()
    served.tell(structs.replace(nudge(served), show_s=3.0))
    state(guest, "nudge")
    monkeypatch.setattr(room.members[1].session, "end", lambda _: None)
    end_for_both(host)
    state(guest, "listening")  # the nudge goes by itself
    state(guest, "finished")


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


def test_who_leaves_alone_does_not_end_the_call_of_the_other(
    opened: Open, pair: tuple[Browser, Browser], served: Served
) -> None:
    """Either one's End ended it for both, unasked."""
    host, guest = in_call(opened, pair, served, "I interview")
    [room] = served.hub.rooms._rooms.values()
    hears(host, served, 2.0)
    press(host, "End")
    asked = host.get_by_role("dialog", name="Leave the call?")
    expect(asked).to_contain_text("Your partner is told that you left")
    press(host, "Stay")
    expect(asked).to_be_hidden()
    state(host, "listening", "nudge")
    press(host, "End")
    press(host, "Leave")
    state(host, "finished")
    expect(host.locator("#summary")).to_contain_text("You left the call. Your partner is still in it.")
    expect(guest.locator("#room")).to_contain_text("The interviewer left. You can wait for them here")
    expect(guest.locator("#polite")).to_contain_text("The interviewer left.")
    state(guest, "listening", "nudge")
    assert room.over is None
    assert room.members[1].session is not None
    assert not room.members[1].session.ended
    back = host.context.new_page()
    host.close()
    back.goto(link(served))
    state(back, "consent")
    press(back, "Agree and join")
    for page in (back, guest):
        expect(page.locator("[data-peer=connected]")).to_be_visible(timeout=20_000)
    press(guest, "End")
    press(guest, "Leave")
    state(guest, "finished")
    press(back, "End")  # nobody else is there to ask for
    for page in (back, guest):
        state(page, "finished")
        expect(page.locator("#summary")).to_contain_text("ended the call.")


def test_who_is_interviewed_can_stop_the_sound_with_a_button_and_is_told_of_a_sheet(
    opened: Open, pair: tuple[Browser, Browser], served: Served
) -> None:
    """A phone has no Esc; a sheet waited for who didn't know."""
    host, guest = in_call(opened, pair, served, "I interview", script=TOLD)
    guest.set_viewport_size({"width": 390, "height": 844})
    stop = guest.get_by_role("button", name="Stop the sound")
    expect(stop).to_have_count(0)
    host.get_by_label("Play a distraction").select_option("murmur")
    press(host, "Play")
    expect(stop).to_be_in_viewport(timeout=15_000)
    box = stop.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    stop.click()
    expect(stop).to_have_count(0)
    guest.wait_for_function("() => told.flat().some(({ type }) => type === 'drill_ended')", timeout=15_000)
    [hush] = told(guest, ev.DrillHush)
    [sound] = told(guest, ev.DrillSound)
    assert hush.at_s < sound.at_s + sound.length_s, "before its own end"
    end_for_both(host)
    for page in (host, guest):
        state(page, "finished")
    assert "sheet" not in guest.locator("#summary").inner_text()
    press(host, "Send")
    expect(guest.locator("#summary")).to_contain_text("The interviewer has feedback for you.")
    expect(guest.locator("#polite")).to_contain_text("The interviewer has feedback for you.")
    press(guest, "Share my measures with my partner")
    expect(guest.locator("#summary")).to_contain_text("once they share their measures, too")
    press(host, "Share my measures with my partner")
    expect(guest.locator("#summary")).to_contain_text("From the interviewer")
    expect(guest.locator("#summary")).not_to_contain_text("has a sheet for you")


def test_an_interviewer_lets_a_voice_cut_in(
    opened: Open, pair: tuple[Browser, Browser], served: Served
) -> None:
    host, guest = in_call(opened, pair, served, "I interview", script=TOLD + CAPTIONS)
    hears(host, served, 7.0)
    host.get_by_label("Play a distraction").select_option("barge_in")
    host.get_by_label("Who speaks").select_option("client")
    host.get_by_label("Question for the candidate").fill("Not sent yet")
    press(host, "Play")
    expect(host.locator("#room")).to_contain_text("Played to them", timeout=20_000)
    expect(host.get_by_label("Question for the candidate")).to_have_value("Not sent yet")
    until(guest, lambda: bool(told(guest, ev.DrillSound)), "it begins")
    [sound] = told(guest, ev.DrillSound)
    assert (sound.kind, sound.role) == ("voice", "client")
    assert told(host, ev.DrillSound) == []
    expect(guest.locator("#captions")).to_have_text(f"A client: “{sound.say}”")
    expect(host.locator("#captions")).to_be_empty()
    hears(host, served, 3.0)
    guest.keyboard.press("Escape")
    end_for_both(host)
    for page in (host, guest):
        state(page, "finished")
    expect(guest.locator("#summary")).to_contain_text("They cut in")
    expect(host.locator("#summary")).not_to_contain_text("They cut in")
    press(guest, "Share my measures with my partner")
    expect(host.locator("#summary")).to_contain_text("How they handled your distractions")
    expect(host.locator("#summary")).to_contain_text("They cut in")


def test_what_an_interviewer_writes_outlives_a_reload_and_what_comes_meanwhile(
    opened: Open, pair: tuple[Browser, Browser], served: Served
) -> None:
    host, guest = in_call(opened, pair, served, "I interview")
    hears(host, served, 2.0)
    end_for_both(host)
    for page in (host, guest):
        state(page, "finished")
    notes = host.get_by_label("Start", exact=True)
    notes.fill("Shorter")
    notes.press("End")
    press(guest, "Share my measures with my partner")
    expect(host.locator("#summary")).to_contain_text("Their measures")
    host.keyboard.type(" answers.")
    expect(notes).to_have_value("Shorter answers.")
    for page in (host, guest):
        page.reload()
        state(page, "finished")
    expect(host.locator("#summary")).to_contain_text("Their measures")
    expect(notes).to_have_value("Shorter answers.")
    press(host, "Send")
    press(host, "Share my measures with my partner")
    expect(guest.locator("#summary")).to_contain_text("Shorter answers.")
    press(guest, "Delete")
    state(guest, "ready")
    [room] = served.hub.rooms._rooms.values()
    assert room.members[1].measured is None
    assert room.members[0].measured is not None


def test_somebody_listens_silently_once_both_have_agreed(
    opened: Open, pair: tuple[Browser, Browser], served: Served, dialogue: tuple[Samples, Truth]
) -> None:
    voices, _ = dialogue
    host, guest = in_call(opened, pair, served, script=TAPPED + TOLD)
    silent = opened(pair[1], link(served), script=TAPPED)
    state(silent, "trouble")
    press(silent, "Ask to observe silently")
    state(silent, "observing")
    expect(silent.locator("#stage")).to_contain_text("Waiting for their yes")
    expect(host.locator("#room")).to_contain_text("Someone asks to observe silently.")
    expect(host.get_by_role("status")).to_contain_text("Someone asks to observe silently.")
    press(host, "Let them")
    expect(host.locator("#room")).to_contain_text("They can listen once your partner agrees, too.")
    assert heard(silent).size == 0
    press(guest, "Let them")
    expect(silent.locator("[data-peers='2']")).to_be_visible(timeout=15_000)
    for page in (host, guest):
        expect(page.locator("#room")).to_contain_text("Someone is observing silently.")
    wait_out([silent], LEAD_S + 8.0)
    taps = [silent.evaluate(f"window.taps[{n}].length") for n in (0, 1)]
    assert min(taps) > 10, "one connection with each"
    assert np.median(fits(heard(silent), voices[0])) > 0.6 or np.median(fits(heard(silent), voices[1])) > 0.6
    [room] = served.hub.rooms._rooms.values()
    assert room._call == 1, "the two were not called anew"
    assert len(served.hub.sessions) == 2
    press(guest, "Stop their listening")
    state(silent, "trouble")
    expect(silent.locator("#stage")).to_contain_text("You've stopped listening")
    press(silent, "Back")
    state(silent, "ready")
    end_for_both(host)
    for page in (host, guest):
        state(page, "finished")


def test_only_through_a_relay(
    opened: Open, pair: tuple[Browser, Browser], relay: tuple[str, str, str]
) -> None:
    """With direct connections blocked the call goes through coturn."""
    url, user, password = relay
    with Served(ice_servers=(IceServer(urls=url, username=user, credential=password),)) as served:
        host = invited(opened, pair[0], served, script=RELAYED)
        guest = opened(pair[1], link(served), script=RELAYED)
        state(guest, "consent")
        agreeing(host, guest)
        for page in (host, guest):
            state(page, "listening", "nudge", timeout_s=25)
            expect(page.locator("[data-peer=connected]")).to_be_visible(timeout=20_000)
            kinds = page.evaluate(KINDS)
            assert kinds, "a pair of candidates is in use"
            assert set(kinds) == {"relay"}
