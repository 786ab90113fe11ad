"""Calls over a real WebRTC connection: messages, watchers, resuming, and what goes wrong."""

from __future__ import annotations

import asyncio
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.exceptions import InvalidStatus

from clients.whip.publisher import Publisher
from engine.media.voices.synthesis import SpeechSynthesizer
from engine.protocol import events as ev
from engine.protocol import messages
from engine.server.sessions.live_core import SoloCore
from engine.server.sessions.live_session import LiveSession
from engine.server.sessions.outbox import BATCH_CHARS, MOST, SHED_ABOVE, Outbox
from engine.server.settings import Settings
from engine.shipped.profiles import load
from tests.harness.calls import (
    Page,
    all_messages,
    browser,
    give_up_soon,
    next_message,
    noise,
    running,
    steadily,
    until,
)

TEXT = "The meeting went well and we agreed on the next steps for the whole team."


async def test_a_call_from_hello_to_ended(voice: SpeechSynthesizer) -> None:
    async with (
        running() as server,
        Publisher(server.address, steadily(voice.synthesize(TEXT)), cues_off=["creak"]) as call,
    ):
        said = await all_messages(call)
    first, *_, summary, last = said
    assert isinstance(first, messages.Hello)
    assert (first.version, first.session, first.resumed) == (messages.VERSION, call.session, False)
    assert [cue.on for cue in first.cues if cue.cue == "creak"] == [False]
    assert isinstance(summary, messages.Summary)
    assert summary.measures[0].speech_s > 2
    assert summary.measures[0].lost_s == 0
    assert isinstance(last, messages.Ended)
    assert (last.reason, last.can_resume) == ("asked", False)
    told = [message for message in said if isinstance(message, ev.Event)]
    assert [event.seq for event in told] == list(range(len(told)))
    assert any(isinstance(event, ev.SpeechStarted) for event in told)
    readings = [event for event in told if isinstance(event, ev.Reading)]
    assert readings
    assert all(reading.delay_ms is not None and reading.delay_ms > 0 for reading in readings)
    assert not server.hub.sessions


async def test_nudges_carry_their_delay(
    voice: SpeechSynthesizer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    profile = tmp_path_factory.mktemp("profiles") / "hasty.toml"
    profile.write_text(
        "[nudges]\nsettle_s = 0.0\n[pace]\nslow_wpm = 40.0\nfast_wpm = 60.0\nwindow_s = 3.0\n",
        encoding="utf-8",
    )
    speech = voice.synthesize(f"{TEXT} {TEXT}")
    async with running(profile=str(profile)) as server, Publisher(server.address, steadily(speech)) as call:
        said = await all_messages(call)
    nudges = [message for message in said if isinstance(message, ev.Nudge)]
    assert nudges
    assert all(nudge.delay_ms is not None and nudge.delay_ms > 0 for nudge in nudges)
    known = {event.seq for event in said if isinstance(event, ev.Event)}
    assert all(nudge.evidence.seq in known for nudge in nudges)


async def test_messages_that_cannot_be_used_are_answered() -> None:
    async with running() as server:
        page = Page()
        await page.call(server.address)
        for raw in (
            "",
            "garbage",
            "[]",
            '{"type":"nudge"}',
            '{"type":"ping"}',
            b"\x00\xff\xfe",
            b"",
            "x" * 5000,
        ):
            page.channel.send(raw)
            error = await page.next(messages.Error)
            assert error.code == ("too_long" if len(raw) == 5000 else "bad_message")
            assert error.message
        page.channel.send('{"type": "set_cue", "cue": "no such", "on": false}')
        assert "no such" in (await page.next(messages.Error)).message
        page.channel.send('{"type": "ping", "id": 7}')
        assert (await page.next(messages.Pong)).id == 7
        page.channel.send('{"type": "set_cue", "cue": "pace", "on": false}')
        async with server.watch(page.session) as watcher:
            hello = await next_message(watcher, "hello")
            assert [cue["on"] for cue in hello["cues"] if cue["cue"] == "pace"] == [False]
            for raw in ("", "garbage", b"\x00\xff\xfe", b"", "y" * 5000):
                await watcher.send(raw)
                assert (await next_message(watcher, "error"))["message"]
            await watcher.send('{"type": "ping", "id": 8}')
            assert (await next_message(watcher, "pong"))["id"] == 8
            await watcher.send(f'{{"type": "authorize", "key": "{page.key}"}}')
            await watcher.send('{"type": "end"}')
            await next_message(watcher, "summary")
            assert (await next_message(watcher, "ended"))["reason"] == "asked"
        assert (await page.next(messages.Ended)).reason == "asked"
        await page.connection.close()


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.text(max_size=200),
        st.binary(max_size=200),
        st.builds(
            json.dumps,
            st.dictionaries(
                st.sampled_from(["type", "id", "cue", "on", "language", "question", "x"]),
                st.sampled_from(
                    [
                        "ping",
                        "end",
                        "set_cue",
                        "set_words",
                        "set_question",
                        "hello",
                        "pace",
                        1,
                        1e300,
                        None,
                        True,
                        [],
                        {},
                    ]
                ),
            ),
        ),
    )
)
def test_no_message_breaks_a_session(raw: str | bytes) -> None:
    session, reply = (
        LiveSession(SoloCore(load("conversation")), Settings(), lambda: 0.0, worker="0" * 8),
        Outbox(commands=True),
    )
    try:
        session.receive_message(raw, reply)
        assert session.ended or len(reply) <= 1
    finally:
        session.end("asked")


async def test_watchers_of_nothing_and_from_elsewhere_are_refused() -> None:
    async with running() as server:
        page = Page()
        await page.call(server.address)
        with pytest.raises(InvalidStatus) as unknown:
            await server.watch("nobody").__aenter__()
        assert unknown.value.response.status_code == 404
        with pytest.raises(InvalidStatus) as foreign:
            await server.watch(page.session, origin="http://evil.test").__aenter__()
        assert foreign.value.response.status_code == 403
        assert json.loads(foreign.value.response.body or b"")["status"] == 403
        async with server.watch(page.session, origin=server.address.rstrip("/")) as watcher:
            await next_message(watcher, "hello")
        await page.connection.close()


async def test_a_page_that_reloads_goes_on_with_its_measures(voice: SpeechSynthesizer) -> None:
    async with running() as server:
        page = Page()
        await page.call(server.address)
        await page.speak(voice.synthesize(TEXT)[: 16_000 * 3])
        session = server.hub.find(page.session)
        assert session is not None
        before = session.core.summary().measures[0]
        assert before.speech_s > 1
        again = Page()
        # It speaks until it is replaced: who is there and sends nothing would be muted, and lose nothing.
        speaking = asyncio.create_task(page.speak(noise(60.0)))
        hello = await again.call(server.address, token=page.token)
        speaking.cancel()
        assert hello.resumed
        assert hello.at_s > 2
        assert again.session == page.session
        # The page before learns that it was replaced, and its connection closes.
        ended = await page.next(messages.Ended)
        assert (ended.reason, ended.can_resume) == ("replaced", False)
        await until(lambda: page.connection.connectionState == "closed")
        await again.speak(noise(1.0))
        lost = await again.next(ev.AudioLost)
        assert lost.start_s == pytest.approx(hello.at_s, abs=0.05)
        again.channel.send('{"type": "end"}')
        summary = await again.next(messages.Summary)
        assert summary.measures[0].speech_s >= before.speech_s
        assert 0 < summary.measures[0].lost_s < 5
        await again.connection.close()


async def test_a_speaker_who_vanishes_is_noticed_and_may_come_back() -> None:
    async with running() as server:
        page = Page()
        await page.call(server.address)
        await page.speak(noise(1.0))
        session = server.hub.find(page.session)
        assert session is not None
        async with server.watch(page.session) as watcher:
            await page.speak(noise(0.2))  # up to the end: who is there and sends nothing is muted
            await page.vanish()
            give_up_soon(server, page, stall_s=1.0)
            await until(lambda: session.connection is None)
            give_up_soon(server, page, stall_s=600.0)
            again = Page()
            assert (await again.call(server.address, token=page.token)).resumed
            await again.speak(noise(1.0))
            # For who watches the session simply goes on; the time away is lost audio.
            lost = await next_message(watcher, "audio_lost")
            assert lost["end_s"] - lost["start_s"] > 0.9
        await again.connection.close()


async def test_a_speaker_who_stays_away_ends_the_session() -> None:
    async with running() as server:
        page = Page()
        await page.call(server.address)
        await page.speak(noise(0.5))
        async with server.watch(page.session) as watcher:
            await page.vanish()
            give_up_soon(server, page, stall_s=0.6, resume_s=1.0)
            ended = await next_message(watcher, "ended")
            assert (ended["reason"], ended["can_resume"]) == ("stalled", False)
        async with browser() as client:
            late = Page()
            response = await client.post(
                f"{server.address}whip",
                content=await late.offer(),
                headers={"content-type": "application/sdp", "sottovoce-resume": page.token},
            )
            await late.connection.close()
        assert response.status_code == 410


async def test_an_offer_that_nobody_follows_up_frees_its_place() -> None:
    async with running(max_sessions=1) as server:
        page = Page()
        async with browser() as client:
            headers = {"content-type": "application/sdp"}
            offer = await page.offer()
            page.response = await client.post(f"{server.address}whip", content=offer, headers=headers)
        assert server.hub.sessions
        give_up_soon(server, page, connect_s=0.2)
        await until(lambda: not server.hub.sessions)
        await page.connection.close()


async def test_a_page_that_says_goodbye_is_heard_at_once() -> None:
    async with running(resume_s=0.5) as server:
        page = Page()
        await page.call(server.address)
        await page.speak(noise(0.5))
        await page.connection.close()
        await until(lambda: not server.hub.sessions)


async def test_a_server_that_stops_says_so() -> None:
    page = Page()
    async with running() as server:
        await page.call(server.address)
        watcher = await server.watch(page.session)
    assert (await page.next(messages.Ended)).reason == "shutdown"
    assert (await next_message(watcher, "ended"))["reason"] == "shutdown"
    await watcher.close()
    await page.connection.close()


async def test_a_fault_in_the_engine_ends_one_session_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running() as server:
        page, other = Page(), Page()
        await page.call(server.address)
        await other.call(server.address)
        session = server.hub.find(page.session)
        assert session is not None

        def broken(*_: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(session.core, "hear", broken)
        await page.speak(noise(0.5))
        assert (await page.next(messages.Summary)).duration_s >= 0
        assert (await page.next(messages.Ended)).reason == "failed"
        assert server.hub.find(other.session) is not None
        await asyncio.gather(page.connection.close(), other.connection.close())


def trace(seq: int) -> ev.Trace:
    return ev.Trace(seq=seq, at_s=0.0, start_s=0.0, f0_hz=[], level_dbfs=[], known=True)


async def test_traces_wait_for_the_next_message_and_go_with_it() -> None:
    outbox = Outbox(commands=True)
    batches = aiter(outbox)
    waiting = asyncio.ensure_future(anext(batches))
    outbox.put_message(trace(0))
    outbox.put_message(trace(1))
    for _ in range(10):
        await asyncio.sleep(0)
    assert not waiting.done()
    outbox.put_message(messages.Pong(id=1))
    outbox.put_message(messages.Pong(id=2))
    assert messages.decode_batch(await waiting) == [
        trace(0),
        trace(1),
        messages.Pong(id=1),
        messages.Pong(id=2),
    ]
    outbox.put_message(trace(2))
    outbox.close()
    assert messages.decode_batch(await anext(batches)) == [trace(2)]
    assert [batch async for batch in batches] == []


async def test_a_greeting_comes_before_what_was_heard_until_the_channel_was_open() -> None:
    async with running() as server:
        page = Page()
        await page.call(server.address)
        session = server.hub.find(page.session)
        assert session is not None
        outbox = Outbox(commands=True)
        outbox.put_message(trace(0))
        outbox.put_message(messages.Pong(id=1))
        session.greet(outbox)
        first, *_, before, last = messages.decode_batch(await anext(aiter(outbox)))
        assert isinstance(first, messages.Hello)
        assert [before, last] == [trace(0), messages.Pong(id=1)]
        await page.connection.close()


async def test_batches_are_of_bounded_length() -> None:
    outbox = Outbox(commands=True)
    said = [messages.Error(code="bad_message", message=f"{number:300}") for number in range(300)]
    for message in said:
        outbox.put_message(message)
    outbox.close()
    batches = [batch async for batch in outbox]
    assert max(map(len, batches)) < BATCH_CHARS + 400
    assert [message for batch in batches for message in messages.decode_batch(batch)] == said


async def test_slow_readers_lose_traces_first_and_are_told_why_they_are_dropped() -> None:
    outbox = Outbox(commands=True)
    for number in range(SHED_ABOVE):
        outbox.put_message(messages.Pong(id=number))
    outbox.put_message(trace(0))
    assert len(outbox) == SHED_ABOVE
    for number in range(SHED_ABOVE, MOST + 5):
        outbox.put_message(messages.Pong(id=number))
    assert outbox.dropped == "slow"
    [batch] = [batch async for batch in outbox]
    left = messages.decode_batch(batch)
    assert [type(message) for message in left] == [messages.Ended]
    assert isinstance(left[0], messages.Ended)
    assert (left[0].reason, left[0].can_resume) == ("slow", True)
    assert outbox.shed == 1 + MOST + 5
