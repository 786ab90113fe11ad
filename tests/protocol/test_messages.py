"""Messages: what goes over the wire comes back, what isn't ours is refused with a reason."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import BadMessage
from engine.protocol import messages
from tests.harness.readings import reading


@given(raw=st.binary(max_size=200) | st.text(max_size=200))
def test_anything_else_at_all_gets_a_reason(raw: bytes | str) -> None:
    with pytest.raises(BadMessage, match="send for example"):
        messages.decode_client(raw)


@pytest.mark.parametrize(
    "message",
    [
        messages.Ping(id=7),
        messages.SetCue(cue="pace", on=False),
        messages.SetWords(on=True, language="en-IN"),
        messages.SetQuestion(question="What did you change?"),
        messages.SetStep(place=2, speaks=True),
        messages.End(),
    ],
)
def test_client_messages_come_back(message: messages.FromClient) -> None:
    assert messages.decode_client(messages.encode(message)) == message


def test_server_messages_come_back() -> None:
    told: list[messages.ToClient] = [reading(3.0), messages.Pong(id=4)]
    batch = messages.batch(map(messages.encode, told))
    assert messages.decode_batch(batch) == told
    assert [message["type"] for message in json.loads(batch)] == ["reading", "pong"]


def test_what_a_newer_engine_says_is_left_out_and_the_rest_of_the_batch_is_read() -> None:
    pong = messages.encode(messages.Pong(id=4))
    assert messages.decode_batch(messages.batch(['{"type": "weather", "rain": true}', pong])) == [
        messages.Pong(id=4)
    ]


@pytest.mark.parametrize("raw", ["", "{", '{"type": "pong", "id": 1}', "[1, ", b"\xff"])
def test_what_is_no_batch_is_an_error(raw: str | bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        messages.decode_batch(raw)


def test_long_message_is_refused_by_its_length() -> None:
    with pytest.raises(BadMessage, match="4096 bytes, this one has 5000") as refused:
        messages.decode_client("x" * 5000)
    assert refused.value.code == "too_long"


def test_message_of_the_server_is_not_one_of_a_client() -> None:
    with pytest.raises(BadMessage):
        messages.decode_client(messages.encode(messages.Pong(id=1)))


def test_schema_names_every_message() -> None:
    schema = messages.schema()
    types = {
        kind["properties"]["type"]["enum"][0]
        for kind in schema["$defs"].values()
        if "type" in kind.get("properties", {})
    }
    assert {"words_state", "partial_words", "review", "set_words", "set_question"} <= types
    assert {"nudge", "reading", "trace", "hello", "summary", "ping", "end", "error", "ended"} <= types
