"""Reminders as a calendar file (iCalendar, RFC 5545).

Times are floating: half past seven stays half past seven wherever the person is. The file names no figure and
no word of theirs.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from .phases import RETAKE_WEEKS
from .script import Programme

WIDTH = 75
"""Longest line, in octets, without its end (RFC 5545, 3.1)."""

WEEKLY_ON = 5
"""Day of the weekly practice: Saturday, counted from Monday."""

MONTHS = 12
"""Monthly looks back: as long as the quarterly retakes go on."""


def reminders(programme: Programme, start: date, at: time, now: datetime) -> str:
    """Return the text of a calendar file.

    It has the daily practice, the weekly hour and the validation; after it a look back each month and the
    guided takes each quarter.

    Parameters
    ----------
    start : the first day.
    at : time of day of the practice.
    now : when the file is made, with its zone.
    """
    end = start + timedelta(weeks=programme.weeks)
    saturday = start + timedelta(days=(WEEKLY_ON - start.weekday()) % 7)
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    until = f"UNTIL={end - timedelta(days=1):%Y%m%d}T235959"
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Sottovoce//Programme//EN"]
    lines += _event(
        f"daily-{programme.name}-{start:%Y%m%d}",
        stamp,
        start,
        at,
        programme.minutes_a_day,
        f"Practise for {programme.minutes_a_day:g} minutes",
        f"FREQ=DAILY;{until}",
    )
    if programme.minutes_a_week:
        lines += _event(
            f"weekly-{programme.name}-{start:%Y%m%d}",
            stamp,
            saturday,
            at,
            programme.minutes_a_week,
            f"A longer practice: {programme.minutes_a_week:g} minutes",
            f"FREQ=WEEKLY;{until}",
        )
    lines += _event(
        f"validation-{programme.name}-{start:%Y%m%d}",
        stamp,
        end,
        at,
        programme.minutes_a_day,
        "The guided takes again: what has changed?",
        f"FREQ=DAILY;COUNT={programme.days}",
    )
    lines += _event(
        f"monthly-{programme.name}-{start:%Y%m%d}",
        stamp,
        _month_after(end),
        at,
        programme.minutes_a_day,
        "A month on: read your notes, tell one of your stories, look at your gaps",
        f"FREQ=MONTHLY;COUNT={MONTHS}",
    )
    lines += _event(
        f"retake-{programme.name}-{start:%Y%m%d}",
        stamp,
        end + timedelta(weeks=RETAKE_WEEKS),
        at,
        programme.minutes_a_day,
        "The guided takes again: is it still so?",
        f"FREQ=WEEKLY;INTERVAL={RETAKE_WEEKS};COUNT=4",
    )
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in folded(line))


def _month_after(day: date) -> date:
    """Return the same day of the next month, or its 28th: each month has that one."""
    first = (day.replace(day=1) + timedelta(days=31)).replace(day=1)
    return first.replace(day=min(day.day, 28))


def _event(
    uid: str, stamp: str, day: date, at: time, minutes: float, summary: str, rule: str
) -> Iterator[str]:
    begin = datetime.combine(day, at)
    yield "BEGIN:VEVENT"
    yield f"UID:{escaped(uid)}@sottovoce"
    yield f"DTSTAMP:{stamp}"
    yield f"DTSTART:{begin:%Y%m%dT%H%M%S}"
    yield f"DTEND:{begin + timedelta(minutes=minutes):%Y%m%dT%H%M%S}"
    yield f"RRULE:{rule}"
    yield f"SUMMARY:{escaped(summary)}"
    yield "BEGIN:VALARM"
    yield "ACTION:DISPLAY"
    yield f"DESCRIPTION:{escaped(summary)}"
    yield "TRIGGER:PT0S"
    yield "END:VALARM"
    yield "END:VEVENT"


def escaped(text: str) -> str:
    """Return a text as a value of the file (RFC 5545, 3.3.11)."""
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n")):
        text = text.replace(plain, written)
    return text


def folded(line: str) -> Iterator[str]:
    """Yield a line in pieces of at most :data:`WIDTH` octets, no character cut (RFC 5545, 3.1)."""
    piece, used = "", 0
    for character in line:
        size = len(character.encode())
        if used + size > WIDTH:
            yield piece
            piece, used = " ", 1
        piece += character
        used += size
    yield piece
