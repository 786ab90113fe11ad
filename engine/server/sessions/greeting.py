"""The first message of a session to each of its readers."""

from __future__ import annotations

from dsp.frame import RATE_HZ
from engine.protocol import messages

from .live_core import LiveCore
from .session_words import SessionWords


def hello_of(
    session_id: str, core: LiveCore, words: SessionWords, *, resumed: bool, continued: bool
) -> messages.Hello:
    """Return the greeting of a session as it is now."""
    return messages.Hello(
        version=messages.VERSION,
        session=session_id,
        profile=core.profile.name,
        cues=core.cues(),
        channels=core.channels,
        at_s=round(core.now / RATE_HZ, 4),
        resumed=resumed,
        continued=continued,
        muted=core.muted(),
        words=words.possible,
        assistant=words.assistant.host if words.possible else "",
    )
