"""``sottovoce`` whose server gives up nobody because a busy machine holds them up."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from clients.cli import main as command
from engine.server import settings

GIVEN_UP_S = 600.0
"""Longest silence of a connection, for both settings that the command line has no option for."""


def main(argv: Sequence[str]) -> int:
    """Run the command, whose server waits that long."""
    checked = settings.checked

    def patient(chosen: settings.Settings) -> settings.Settings:
        return replace(checked(chosen), stall_s=GIVEN_UP_S, connect_s=GIVEN_UP_S)

    settings.checked = patient  # type: ignore[assignment]
    return command.main(list(argv))
