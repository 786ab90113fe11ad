"""All code that uses internals of aiortc and aioice, guarded, in one place.

None of it is documented API, so each module says what it replaces and what happens when a newer
version no longer has it; the constraint on aiortc's version and the tests keep it working.
"""

from .consent import has_consent
from .datagram_gate import install_datagram_gates
from .fallback_receiver import ArrivalTimes, drop_backlog
from .guards import harden, hold_tasks, include_loopback, unacknowledged
from .rtp_receiver import DirectRtpReceiver, ReportedStats, unsupported_reason

__all__ = [
    "ArrivalTimes",
    "DirectRtpReceiver",
    "ReportedStats",
    "drop_backlog",
    "harden",
    "has_consent",
    "hold_tasks",
    "include_loopback",
    "install_datagram_gates",
    "unacknowledged",
    "unsupported_reason",
]
