"""All errors that reach a person or a client, as a tree of classes.

SottovoceError                  base: ``str()`` is a sentence for a person
├── UsageError                  the caller's mistake
│   ├── ProfileError            a profile with a wrong key, type or value
│   ├── DrillError              a drill's script with a wrong key, type or value
│   ├── ProgrammeError          a programme with a wrong key, type or value
│   ├── AudioFileError          a recording that cannot be used
│   ├── DeviceError             no microphone, or no library for it
│   ├── ModelError              a model that is not installed, or is another one
│   ├── RecordError             a record that cannot be used as it is: damaged, newer, another key
│   ├── NoSuchTake              a take that the record does not have
│   ├── NoSuchRound             a round of feedback that the record does not have
│   ├── FeedbackRefused         a link for feedback that takes no answer
│   └── ReportError             a report that cannot be made here: a library or a font is missing
│       └── ReportTooLong       it takes more time or memory than a report may
├── RecordUnavailable           a record that cannot be reached or written now: it may be again
├── ReportsBusy                 as many reports are being made as a server makes at once
└── PeerError                   the far end's misbehaviour
    ├── BadMessage              a message that is not one of ours
    ├── BadOffer                SDP that cannot be answered
    ├── NoAnswer                no answer in time: a STUN or TURN server is silent
    ├── ServerUnreachable       no engine at that address, or it refused
    └── AssistantError          an assistant that gave no answer that can be used
"""

from __future__ import annotations


class SottovoceError(Exception):
    """Base of all errors; ``str()`` says what happened and what would have worked."""


class UsageError(SottovoceError):
    """The caller's mistake."""


class ProfileError(UsageError):
    """A profile that cannot be used: names file, key, value and the allowed range."""


class DrillError(UsageError):
    """A drill that cannot be used: names file, line, key and what is allowed."""


class ProgrammeError(UsageError):
    """A programme that cannot be used: names file, key, value and what is allowed."""


class AudioFileError(UsageError):
    """A recording that cannot be read or holds no audio."""


class DeviceError(UsageError):
    """No microphone to be had, or the library for it is missing."""


class ModelError(UsageError):
    """A model for words that is not installed, or whose file is not the expected one."""


class RecordError(UsageError):
    """A record, or a file for it, that cannot be used as it is: damaged, of a newer version, another key."""


class NoSuchTake(UsageError):
    """A take that the record does not have."""


class ReportError(UsageError):
    """A report that cannot be made: a library or a font is missing."""


class ReportTooLong(ReportError):
    """A report that takes more time or memory than one may."""


class NoSuchRound(UsageError):
    """A round of feedback that the record does not have."""


class FeedbackRefused(UsageError):
    """A link for feedback that takes no answer; ``reason``: ``unknown``, ``used``, ``over``, ``expired``."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class RecordUnavailable(SottovoceError):
    """A record that cannot be read or written now: a full disk, a lock, a database that is away.

    The same call may succeed later.
    """


class ReportsBusy(SottovoceError):
    """A report that is not begun now, as others are being made; the same call may succeed later."""


class PeerError(SottovoceError):
    """The far end's misbehaviour."""


class BadMessage(PeerError):
    """A message of a client that is not one of ours."""

    def __init__(self, message: str, code: str = "bad_message") -> None:
        super().__init__(message)
        self.code = code


class BadOffer(PeerError):
    """An SDP offer that cannot be answered."""

    def __init__(self, message: str, *, parsed: bool) -> None:
        super().__init__(message)
        self.parsed = parsed
        """True when the SDP was understood but cannot be served (422), false when not (400)."""


class NoAnswer(PeerError):
    """An offer that found no answer in time: a STUN or TURN server is silent."""


class ServerUnreachable(PeerError):
    """No engine at that address, or it refused."""


class AssistantError(PeerError):
    """An assistant that can't be reached, refused, was too slow, or gave no answer that can be used.

    Its message never holds what was sent or answered.
    """
