"""What tests of servers share: a record that a busy machine may keep waiting."""

from __future__ import annotations

import pytest

from engine.server.record import service


@pytest.fixture(autouse=True)
def unhurried_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for the record as long as its disk needs."""
    for name in ("CONSENT_S", "WRITTEN_S", "CLOSE_S"):
        monkeypatch.setattr(service, name, 60.0)


@pytest.fixture
def record_away(unhurried_record: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for no longer than a moment until a take is written: it is not to be."""
    monkeypatch.setattr(service, "WRITTEN_S", 2.0)
