"""Messages of the engine about a speaker's words; parts of :mod:`.messages`."""

from __future__ import annotations

from typing import Literal

from .advice import Advice
from .message import Message
from .review import AnswerReview
from .words import Word

WordsMode = Literal["off", "live", "phrase", "afterwards", "unavailable"]
"""Words about a second after they are said; at each pause; in the review only; or none."""


class WordsState(Message, frozen=True, kw_only=True):
    """How words are recognised from here on: sent when it changes, and to answer :class:`.messages.SetWords`.

    To the speaker alone: their own connection, and WebSockets that have sent the key.
    """

    mode: WordsMode
    why: str
    """A sentence for a person: why it isn't live, or what failed; empty where there is nothing to say."""


class PartialWords(Message, frozen=True, kw_only=True):
    """Words that may still change: they replace the partial words before. To the speaker alone.

    The final words come as :class:`engine.protocol.words.Words` in the order of events.
    """

    text: str
    start_s: float


class ReviewWords(Message, frozen=True, kw_only=True):
    """The first words of a long review, before those in the :class:`Review` that follows; in order.

    To the speaker alone. Only of reviews of more than 400 words, which are too long for one message.
    """

    channel: int
    words: list[Word]


class Review(Message, frozen=True, kw_only=True):
    """What was said, and what to make of it; between :class:`.messages.Summary` and :class:`.messages.Ended`.

    To the speaker alone, when words were on at the end. Where none could be made in time, a
    :class:`WordsState` says why instead.
    """

    channel: int
    review: AnswerReview
    """Its ``words`` are the last ones where :class:`ReviewWords` came before; spans count from the first."""


class Advised(Message, frozen=True, kw_only=True):
    """What the assistant says of a take: after :class:`Review`, before :class:`.messages.Ended`.

    To the speaker alone, and only when they have agreed by :class:`.messages.SetAssistant`.
    """

    channel: int
    advice: Advice | None
    """Null where there is none."""

    why: str
    """Why there is none, as a sentence; empty where there is."""
