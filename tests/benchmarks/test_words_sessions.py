"""The benchmark of live words: what it counts as the delay of a word."""

from __future__ import annotations

import json

import pytest

from benchmarks.words_sessions import word_delays_s
from tests.harness.net.opus import PACKET_S
from tests.harness.net.speaker import Message, Speaker


async def test_a_word_is_as_late_as_its_message_after_the_packet_with_its_end() -> None:
    speaker = Speaker([b""])
    speaker.sent_s.extend(100.0 + PACKET_S * number for number in range(200))
    words = [{"end_s": 1.0}, {"end_s": 1.5}]
    told = [{"type": "reading", "at_s": 2.0}, {"type": "words", "words": words}]
    speaker.messages.append(Message(102.0, json.dumps(told)))
    assert word_delays_s(speaker, 101.0) == pytest.approx([1.0, 0.5])
    assert word_delays_s(speaker, 103.0) == []
    await speaker.close()
