"""Those who listen silently to a call, or ask to."""

from __future__ import annotations

from collections.abc import Iterator

from engine.protocol import messages
from engine.server.limits.quota import OBSERVE_REQUESTS, QuotaExceeded, TokenBucket

from .closed import RoomClosed
from .people import Observer

MAX_OBSERVERS = 2
"""Observers of one call: each costs the browsers of the two speakers another connection."""

FIRST_PLACE = 2
"""Places 0 and 1 are those of the speakers."""

DISMISSED = "You've stopped listening to this call."


class Observers:
    """The observers of one room, by their place. Each place is given once."""

    def __init__(self) -> None:
        self._observers: dict[int, Observer] = {}
        self._requests = TokenBucket(OBSERVE_REQUESTS)
        self._next_place = FIRST_PLACE

    def __iter__(self) -> Iterator[Observer]:
        return iter(list(self._observers.values()))

    def __len__(self) -> int:
        return len(self._observers)

    def get(self, place: int) -> Observer | None:
        """Return the observer at a place; None where there is none."""
        return self._observers.get(place)

    def add(self, token: str, now_s: float) -> None:
        """Add somebody who asks to listen.

        Raises
        ------
        RoomClosed
            There are :data:`MAX_OBSERVERS` already.
        QuotaExceeded
            The two speakers have been asked often enough lately.
        """
        if len(self._observers) >= MAX_OBSERVERS:
            raise RoomClosed("This call already has two observers. Ask for a link of your own.", "full")
        wait_s = self._requests.take_token(now_s)
        if wait_s:
            raise QuotaExceeded("too many have asked to listen to this call", wait_s)
        place, self._next_place = self._next_place, self._next_place + 1
        self._observers[place] = Observer(place, token, now_s)

    def remove(self, observer: Observer) -> None:
        """End the listening of one, and tell them."""
        del self._observers[observer.place]
        if observer.outbox is not None:
            observer.outbox.put_message(messages.Ended(reason="left", message=DISMISSED, can_resume=False))
            observer.outbox.close()
