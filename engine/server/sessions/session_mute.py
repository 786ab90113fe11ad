"""The mute of one session: what is found of it goes to the core, and stream time goes on meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from engine.media.rtp.stream import RtpStream

from .background_tasks import BackgroundTasks
from .connection import Connection
from .live_core import LiveCore
from .mute_detection import IDLE_S, UNSENT_S, MuteDetector


class IdleWay(Protocol):
    """A way of audio into the core."""

    def idle(self, until_s: float) -> None:
        """Let stream time go on without audio."""


class MutedSession(Protocol):
    """What a mute needs of its session."""

    @property
    def core(self) -> LiveCore:
        """Measures the speaker."""

    @property
    def stream(self) -> RtpStream:
        """The stream that its packets go to."""

    @property
    def tasks(self) -> BackgroundTasks:
        """Runs what has to be waited for."""

    @property
    def ended(self) -> bool:
        """Whether it has ended."""

    def send_events(self) -> None:
        """Send the events that something else than audio has caused."""

    def fail(self) -> None:
        """End the session, as something in it broke."""


class SessionMute(MuteDetector):
    """The mute state of one session's speaker, and its effects.

    Parameters
    ----------
    session : whose.
    ways : of audio into its core.
    """

    def __init__(self, session: MutedSession, ways: Sequence[IdleWay]) -> None:
        super().__init__()
        self._session = session
        self._ways = ways

    def declare(self, on: bool) -> None:
        """Note that the client has said that the speaker is muted, or unmuted."""
        self.declared = on
        self._update()

    def note_audio(self, arrived_s: float) -> None:
        """Note that audio has come."""
        if self.audio_heard(arrived_s):
            self._update()

    def look(self, connection: Connection, now_s: float) -> None:
        """Find a mute from what is not sent: the far end answers, but sends no audio."""
        session = self._session
        if self.unsent:
            self._idle(now_s)
        elif connection.audio_s is not None and self.audio_missing(
            connection.audio_s, connection.answer_s, comfort_noise=session.stream.sends_comfort_noise
        ):
            self._update()
        if now_s - connection.alive_s >= UNSENT_S / 2:
            session.tasks.start(connection.ask(), "a check for consent")

    def _idle(self, now_s: float) -> None:
        """Let stream time go on while no audio is sent."""
        session = self._session
        session.core.arrived(now_s)
        try:
            for way in self._ways:
                way.idle(now_s - IDLE_S)
            session.send_events()
        except Exception:  # a fault of ours must end this session only, and its speaker is told
            session.fail()

    def _update(self) -> None:
        """Tell the core, and everyone, whether the speaker is muted."""
        if not self._session.ended:
            self._session.core.mute(self.muted)
            self._session.send_events()
