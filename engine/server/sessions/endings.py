"""Why a session or a connection ends, and the sentence that its client is sent."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from engine.errors import SottovoceError
from engine.protocol import messages

from .outbox import DROPPED

LeaveReason = Literal["left", "stalled", "slow", "flooding"]
"""Why a session lost its connection, and waits for another one."""

END_TEXTS: Mapping[messages.EndReason, str] = MappingProxyType(
    {
        "asked": "The session was ended.",
        "left": "The connection was closed.",
        "stalled": "No response from your browser or microphone for several seconds.",
        "shutdown": "The server is shutting down.",
        "failed": (
            "Something failed on the server. The summary has what was measured until then; "
            "please start another session."
        ),
        "replaced": "The session continues in another connection, on another page or after a reload.",
        **DROPPED,
        "moving": "This server process is stopping. Connect again with the token to continue in another one.",
    }
)


class SessionGone(SottovoceError):
    """The session has ended, or never existed."""
