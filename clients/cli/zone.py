"""The time zone of whoever runs a command: the system's, or one by its name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from engine.errors import UsageError


class SystemZone(tzinfo):
    """The zone that the system is set to, with its own rules for each time of the year."""

    def utcoffset(self, dt: datetime | None) -> timedelta | None:
        """Return what local time is ahead of UTC at a local time."""
        return None if dt is None else dt.replace(tzinfo=None).astimezone().utcoffset()

    def dst(self, dt: datetime | None) -> timedelta | None:
        """Return None: how much of it is summer time isn't known."""
        return None

    def tzname(self, dt: datetime | None) -> str | None:
        """Return the zone's name at a local time."""
        return None if dt is None else dt.replace(tzinfo=None).astimezone().tzname()

    def fromutc(self, dt: datetime) -> datetime:
        """Return a time of UTC as local time."""
        return dt.replace(tzinfo=UTC).astimezone().replace(tzinfo=self)


def zone_of(name: str | None) -> tzinfo:
    """Return a zone by its name, such as ``Europe/Berlin``; the system's where there is none.

    Raises
    ------
    UsageError
        There is no such zone.
    """
    if name is None:
        return SystemZone()
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(f"--zone {name}: no such time zone; zones are named like Europe/Berlin") from error
