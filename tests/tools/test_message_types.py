"""The page's types of messages are in step with the engine's schema."""

from __future__ import annotations

import pytest

from tools.message_types import TARGET, type_of, types


def test_the_types_are_not_stale() -> None:
    assert TARGET.read_text("utf-8") == types(), "run `make docs`"


def test_the_engine_sends_every_field_and_the_page_may_leave_out_defaults() -> None:
    text = types()
    nudge = text.partition("export interface Nudge {\n")[2].partition("}")[0]
    assert '  tone: "change" | "thanks";\n' in nudge
    assert "  delay_ms: number | null;\n" in nudge
    ping = text.partition("export interface Ping {\n")[2].partition("}")[0]
    assert "  round_trip_ms?: number | null;\n" in ping
    sheet = text.partition("export interface Sheet {\n")[2].partition("}")[0]
    assert "  ratings: Record<string, number>;\n" in sheet
    assert "?" not in sheet, "passed on by the engine, so every field is there"
    signal = text.partition("export interface Signal {\n")[2].partition("}")[0]
    assert "  candidate?: Candidate | null;\n" in signal, "sent without defaults"


def test_a_schema_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="no TypeScript"):
        type_of({"type": "object"})
