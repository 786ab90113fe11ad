"""All that reaches into the inner parts of aiortc and aioice, guarded, in one place.

None of it is documented API, so each piece says what it stands in for and what
happens when a newer version no longer has it; the constraint on aiortc's version and
the tests hold it in place.
"""

from .consent import answers
from .datagram_gate import set_gates
from .guards import all_arrived, harden, include_loopback, keep_tasks
from .rtp_receiver import EarlyPath, Reception, unfit
from .stock_receiver import ArrivalTap, drop_backlog

__all__ = [
    "ArrivalTap",
    "EarlyPath",
    "Reception",
    "all_arrived",
    "answers",
    "drop_backlog",
    "harden",
    "include_loopback",
    "keep_tasks",
    "set_gates",
    "unfit",
]
