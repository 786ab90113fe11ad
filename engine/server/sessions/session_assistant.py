"""Advice of the server's assistant on one take, where its speaker agreed to send the words."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from engine.errors import AssistantError
from engine.protocol import messages
from engine.protocol.review import AnswerReview

if TYPE_CHECKING:
    from engine.assistant.client import Assistant

log = logging.getLogger(__name__)

FAILED = "The assistant failed on the server; there is no advice."


class SessionAssistant:
    """The assistant of one session.

    Parameters
    ----------
    assistant : of the server; None where there is none.

    Attributes
    ----------
    agreed : whether the speaker has agreed, in this session, that their words are sent at its end.
    """

    def __init__(self, assistant: Assistant | None) -> None:
        self.agreed = False
        self._assistant = assistant

    @property
    def host(self) -> str:
        """Where words would be sent; empty where there is no assistant."""
        return "" if self._assistant is None else self._assistant.endpoint.host

    async def advise(self, review: AnswerReview) -> messages.Advised | None:
        """Send the words of a review, if their speaker agreed; return what to tell them."""
        if self._assistant is None or not self.agreed:
            return None
        try:
            advice = await self._assistant.advise(review.question, review.words)
        except AssistantError as error:
            return messages.Advised(channel=0, advice=None, why=str(error))
        except Exception as error:  # a fault of ours; its message might hold words, so it isn't logged
            log.error("no advice of the assistant: %s", type(error).__name__)
            return messages.Advised(channel=0, advice=None, why=FAILED)
        return messages.Advised(channel=0, advice=advice, why="")
