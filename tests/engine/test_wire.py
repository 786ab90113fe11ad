"""Messages: what goes over the wire comes back, what isn't ours is refused with a reason."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import wire
from engine.errors import BadMessage
from tests.harness.readings import reading


@given(raw=st.binary(max_size=200) | st.text(max_size=200))
def test_anything_else_at_all_gets_a_reason(raw: bytes | str) -> None:
    with pytest.raises(BadMessage, match="send for example"):
        wire.decode_client(raw)


@pytest.mark.parametrize("message", [wire.Ping(id=7), wire.SetCue(cue="pace", on=False), wire.End()])
def test_client_messages_come_back(message: wire.FromClient) -> None:
    assert wire.decode_client(wire.encode(message)) == message


def test_server_messages_come_back() -> None:
    messages: list[wire.ToClient] = [reading(3.0), wire.Pong(id=4)]
    batch = wire.batch(map(wire.encode, messages))
    assert wire.decode_batch(batch) == messages
    assert [message["type"] for message in json.loads(batch)] == ["reading", "pong"]


def test_what_a_newer_engine_says_is_left_out_and_the_rest_of_the_batch_is_read() -> None:
    pong = wire.encode(wire.Pong(id=4))
    assert wire.decode_batch(wire.batch(['{"type": "weather", "rain": true}', pong])) == [wire.Pong(id=4)]


@pytest.mark.parametrize("raw", ["", "{", '{"type": "pong", "id": 1}', "[1, ", b"\xff"])
def test_what_is_no_batch_is_an_error(raw: str | bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        wire.decode_batch(raw)


def test_long_message_is_refused_by_its_length() -> None:
    with pytest.raises(BadMessage, match="4096 bytes, this one has 5000") as refused:
        wire.decode_client("x" * 5000)
    assert refused.value.code == "too_long"


def test_message_of_the_server_is_not_one_of_a_client() -> None:
    with pytest.raises(BadMessage):
        wire.decode_client(wire.encode(wire.Pong(id=1)))


def test_schema_names_every_message() -> None:
    schema = wire.schema()
    types = {
        kind["properties"]["type"]["enum"][0]
        for kind in schema["$defs"].values()
        if "type" in kind.get("properties", {})
    }
    assert {"nudge", "reading", "trace", "hello", "summary", "ping", "end", "error", "ended"} <= types
