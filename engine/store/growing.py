"""A take that is written again and again while it grows."""

from __future__ import annotations


class Growing:
    """What is known of it; one that was deleted meanwhile stays away.

    Attributes
    ----------
    is_there : the record has it.
    is_gone : it was there and was deleted by somebody else than its writer: it is written no more.
    """

    def __init__(self) -> None:
        self.is_there = False
        self.is_gone = False
