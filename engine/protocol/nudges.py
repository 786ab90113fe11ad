"""Nudges: what the speaker is asked to do, and on which evidence."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from .envelope import Event

Tone = Literal["change", "thanks"]


class Evidence(Struct, frozen=True, kw_only=True):
    """Why a nudge was given."""

    measure: str
    """A field of :class:`Reading`, or the name of the kind of fact.

    Or ``response_gap_s``: from the other side's last :class:`PauseStarted` to ``seq``.
    """

    value: float
    unit: str
    threshold: float
    window_s: tuple[float, float]
    """Stream time that the value speaks of."""

    confidence: float
    """0..1."""

    seq: int
    """The event that carried it, always earlier in the order."""


class Delays(Struct, frozen=True, kw_only=True):
    """Where the ``delay_ms`` of a nudge went, in milliseconds: these add up to it."""

    held_ms: float
    """Kept back by the policy after the evidence was there: nudges come one at a time, and rarely."""

    reorder_ms: float
    """The packet waited for others that were sent before it."""

    decode_ms: float
    """Decoding; 0 where aiortc does it, when it is in ``server_ms``."""

    ears_ms: float
    """Hearing: the measures and the facts drawn from them."""

    policy_ms: float
    """Deciding: the cues and the policy."""

    server_ms: float
    """All else in the server: decryption, waiting for its turn, making the message ready.
    What comes after that, encryption and the network, isn't in any of them.
    """


class Nudge(Event, frozen=True, kw_only=True):
    """One short thing to do now, shown for ``show_s`` or until it is cleared."""

    id: int
    """Number of the nudge among its channel's, from 1."""

    cue: str
    """Which cue: a name of ``engine.cues.CUES``."""

    text: str
    """Two to four words for the stage."""

    why: str
    """One sentence with the figure and the span."""

    tone: Tone
    urgent: bool
    show_s: float
    evidence: Evidence
    delay_ms: float | None = None
    """Arrival of the packet that completed the evidence to the nudge's sending; null outside a live call."""

    delays: Delays | None = None
    """Where that time went; null with it."""


class NudgeCleared(Event, frozen=True, kw_only=True):
    """The nudge ``id`` should go: the speaker corrected it, or it was shown long enough."""

    id: int
    corrected: bool
