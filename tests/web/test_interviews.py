"""Interviews on the page: what an interviewer plays, writes and shares, and who listens silently."""

from __future__ import annotations

import shutil
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from dsp.frame import RATE_HZ
from engine.media.resample import Samples
from engine.protocol import events as ev
from engine.server.settings import IceServer
from tests.harness.dialogues import Truth
from tests.harness.page import PATIENCE_S, Open, Served, hears, press, says, state, until
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

from .test_rooms import CANDIDATE_KINDS, CAPTIONS, RELAYED


def wait_until_it_answers(process: subprocess.Popen[bytes], port: int) -> None:
    """Ask a STUN server for a binding (RFC 8489) until it gives one."""
    asked = struct.pack("!HHI12s", 1, 0, 0x2112A442, b"one question")
    until_s = time.monotonic() + PATIENCE_S
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(0.5)
        client.connect(("127.0.0.1", port))
        while True:
            assert process.poll() is None, "coturn has ended"
            assert time.monotonic() < until_s, "coturn doesn't answer"
            with suppress(OSError):  # nobody listens yet
                client.send(asked)
                if client.recv(2048)[4:20] == asked[4:]:
                    return


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
        wait_until_it_answers(process, port)
        yield f"turn:127.0.0.1:{port}?transport=udp", "talker", "secret"
    finally:
        process.terminate()
        process.wait()


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
    says(guest, "The interviewer left.", whole=False)
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
        expect(page.locator("[data-peer=connected]")).to_be_visible()
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
    expect(stop).to_be_in_viewport()
    box = stop.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    stop.click()
    expect(stop).to_have_count(0)
    guest.wait_for_function("() => told.flat().some(({ type }) => type === 'drill_ended')")
    [hush] = told(guest, ev.DrillHush)
    [sound] = told(guest, ev.DrillSound)
    assert hush.at_s < sound.at_s + sound.length_s, "before its own end"
    end_for_both(host)
    for page in (host, guest):
        state(page, "finished")
    assert "sheet" not in guest.locator("#summary").inner_text()
    press(host, "Send")
    expect(guest.locator("#summary")).to_contain_text("The interviewer has feedback for you.")
    says(guest, "The interviewer has feedback for you.", whole=False)
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
    expect(host.locator("#room")).to_contain_text("Played to them")
    expect(host.get_by_label("Question for the candidate")).to_have_value("Not sent yet")
    until(guest, lambda: bool(told(guest, ev.DrillSound)), "it begins")
    [sound] = told(guest, ev.DrillSound)
    assert (sound.kind, sound.role) == ("voice", "client")
    assert told(host, ev.DrillSound) == []
    says(guest, f"A client: “{sound.say}”")
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
    expect(silent.locator("[data-peers='2']")).to_be_visible()
    for page in (host, guest):
        expect(page.locator("#room")).to_contain_text("Someone is observing silently.")
    heard_s = f"taps.map((parts) => 4096 * parts.length / {RATE_HZ})"
    silent.wait_for_function(f"() => taps.length === 2 && Math.min(...{heard_s}) > {LEAD_S + 8.0}")
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
            state(page, "listening", "nudge")
            expect(page.locator("[data-peer=connected]")).to_be_visible()
            kinds = page.evaluate(CANDIDATE_KINDS)
            assert kinds, "a pair of candidates is in use"
            assert set(kinds) == {"relay"}
