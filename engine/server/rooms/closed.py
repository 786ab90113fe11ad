"""Why nobody can enter a room, and the sentence for each reason."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.errors import SottovoceError
from engine.protocol import room_messages

OVER_TEXTS: Mapping[room_messages.Over, str] = MappingProxyType(
    {
        "left": "One of the two people ended the call.",
        "host_left": "The person who made the link has left.",
        "lost": "One of the two people lost the connection and did not return.",
        "expired": "This link is too old: nobody joined in time. Ask for another one.",
        "shutdown": "The server was stopped.",
        "failed": "Something failed on the server. Make another link.",
    }
)

NO_SUCH_ROOM = "There is no such call, or it was over long ago. Ask for another link."


class RoomClosed(SottovoceError):
    """Nobody can enter: ``reason`` is why the room is over, ``full`` or ``empty``; None if none ever was."""

    def __init__(self, message: str, reason: str | None) -> None:
        super().__init__(message)
        self.reason = reason
