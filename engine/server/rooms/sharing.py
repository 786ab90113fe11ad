"""What the two speakers share after a call: their measures, and the interviewer's sheet."""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import UsageError
from engine.protocol import room_messages

from .people import Member


class Sharing:
    """Sends each page what the other speaker shares, once for each connection of the page.

    Attributes
    ----------
    sheet : the interviewer's notes and ratings; None before they are written.
    """

    def __init__(self) -> None:
        self.sheet: room_messages.Sheet | None = None

    def set_sheet(self, sheet: room_messages.Sheet, candidate: Member) -> None:
        """Keep a sheet, to be sent to the candidate in place of an earlier one.

        Raises
        ------
        UsageError
            It rates a skill that does not exist.
        """
        unknown = [skill for skill in sheet.ratings if skill not in room_messages.SKILLS]
        if unknown:
            raise UsageError(f"no skill {unknown[0]!r}; there are {', '.join(room_messages.SKILLS)}")
        self.sheet = sheet
        candidate.given.discard("sheet")

    def send(self, members: Sequence[Member]) -> None:
        """Send what is shared by now; called when the call is over, and after each change."""
        both = all(member.shares for member in members)
        for place, member in enumerate(members):
            other = members[1 - place]
            due: dict[str, room_messages.ToPage] = {}
            if other.shares and other.measured is not None:
                due["measures"] = other.measured
            if both and self.sheet is not None and member.role != "interviewer":
                due["sheet"] = self.sheet
            for name, message in due.items():
                if member.outbox is not None and name not in member.given:
                    member.given.add(name)
                    member.send(message)
