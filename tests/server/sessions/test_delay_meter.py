"""The delay of a nudge, split by cause."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from msgspec import structs

from clients.whip.publisher import Publisher
from engine.media.voices.synthesis import SpeechSynthesizer
from engine.profile import Nudges, Pace, Profile
from engine.protocol import events as ev
from engine.protocol import messages
from engine.server.sessions.counters import Counts
from engine.server.sessions.delay_meter import DelayMeter
from engine.server.sessions.live_core import SoloCore
from engine.server.sessions.live_session import LiveSession
from engine.server.sessions.timed_session import CoreTimes
from engine.server.settings import Settings
from tests.harness.calls import all_messages, running, steadily
from tests.harness.packets import CODECS, TICKS, encoded, rtp

TEXT = "The meeting went well and we agreed on the next steps for the whole team."
HASTY = Profile(
    name="hasty", nudges=Nudges(settle_s=0.0), pace=Pace(slow_wpm=40.0, fast_wpm=60.0, window_s=3.0)
)


def test_each_stage_gets_its_own_time() -> None:
    times = CoreTimes()
    times.hear_s, times.policy_s = 7.0, 3.0
    stream: Any = SimpleNamespace(decode_s=5.0)
    meter = DelayMeter(stream, times, lambda: 0.0, Counts())
    meter.begin(20.03)
    stream.decode_s += 0.001
    times.hear_s += 0.006
    times.policy_s += 0.002
    delays = meter.split(evident_s=12.0, arrived_s=20.0, now_s=20.05)
    assert structs.asdict(delays) == pytest.approx(
        {
            "held_ms": 8000.0,
            "reorder_ms": 30.0,
            "decode_ms": 1.0,
            "ears_ms": 4.0,
            "policy_ms": 2.0,
            "server_ms": 13.0,
        }
    )
    meter.begin(20.07)
    delays = meter.split(20.07, 20.07, 20.08)
    assert structs.asdict(delays) == pytest.approx(
        dict.fromkeys(structs.asdict(delays), 0.0) | {"server_ms": 10.0}
    ), "what was before belongs to the packet before"


async def test_a_packet_that_waited_for_another_says_so(voice: SpeechSynthesizer) -> None:
    clock = SimpleNamespace(now_s=100.0)
    session = LiveSession(SoloCore(HASTY), Settings(), lambda: clock.now_s, worker="0" * 8)
    session.stream.restart(CODECS)
    watcher = session.watch()
    speech = voice.synthesize(f"{TEXT} {TEXT}")
    at = np.arange(3 * speech.size) / 3
    payloads = encoded(np.interp(at, np.arange(speech.size), speech).astype(np.float32))
    # From the first on, each that is even comes 15 ms after the odd one that follows it.
    order = [0, *(n for odd in range(2, len(payloads) - 1, 2) for n in (odd, odd - 1))]
    for number in order:
        arrived_s = 100 + 0.02 * number if number % 2 == 0 else 100 + 0.02 * (number + 1) + 0.015
        clock.now_s = arrived_s + 0.5
        session.receive_packet(rtp(number, number * TICKS, payloads[number]), arrived_s)
    session.end("asked")
    said = [message async for batch in watcher for message in messages.decode_batch(batch)]
    assert session.stream.lost == 0
    nudges = [message for message in said if isinstance(message, ev.Nudge)]
    assert nudges
    for nudge in nudges:
        assert nudge.delays is not None
        assert nudge.delays.reorder_ms == pytest.approx(15)
        assert nudge.delay_ms == pytest.approx(nudge.delays.held_ms + 515)


async def test_a_nudge_of_a_call_says_where_its_delay_went(
    voice: SpeechSynthesizer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    profile = tmp_path_factory.mktemp("profiles") / "hasty.toml"
    profile.write_text(
        "[nudges]\nsettle_s = 0.0\n[pace]\nslow_wpm = 40.0\nfast_wpm = 60.0\nwindow_s = 3.0\n", "utf-8"
    )
    speech = voice.synthesize(f"{TEXT} {TEXT}")
    async with running(profile=str(profile)) as server, Publisher(server.address, steadily(speech)) as call:
        said = await all_messages(call)
    nudges = [message for message in said if isinstance(message, ev.Nudge)]
    assert nudges
    for nudge in nudges:
        assert nudge.delays is not None
        spent = structs.asdict(nudge.delays)
        assert min(spent["decode_ms"], spent["ears_ms"], spent["policy_ms"], spent["server_ms"]) > 0
        assert sum(spent.values()) == pytest.approx(nudge.delay_ms, abs=0.01)
    summary = next(message for message in said if isinstance(message, messages.Summary))
    assert [nudge.delays for nudge in summary.nudges] == [None] * len(nudges)
