"""Limit the requests of each network address with token buckets.

Each worker counts for itself. Nothing here reads a clock.
"""

from __future__ import annotations

import ipaddress
import math
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Literal, NamedTuple

from engine.errors import SottovoceError

Kind = Literal["offers", "rooms", "seats", "forms", "guesses"]


class Rate(NamedTuple):
    """Most requests at once, and the steady rate."""

    burst: float
    per_s: float


RATES: dict[Kind, Rate] = {
    "offers": Rate(120, 2.0),
    "rooms": Rate(60, 0.5),
    "seats": Rate(120, 1.0),
    "forms": Rate(60, 0.5),
    "guesses": Rate(60, 0.5),
}
"""Limits of one address, which may be a school's: a class of 60 begins all at once, and once more.

``forms`` are links for feedback that are opened or answered, ``guesses`` requests for a session, a seat, a
room or a link for feedback that doesn't exist.
"""

DESCRIPTIONS: dict[Kind, str] = {
    "offers": "calls were begun",
    "rooms": "calls of two were made",
    "seats": "seats were asked for",
    "forms": "links for feedback were opened",
    "guesses": "links and sessions that don't exist were asked for",
}
"""Descriptions of each kind, for error texts."""

MAX_CONNECTING = 64
"""Most sessions of one address that haven't connected yet."""

MIN_SESSIONS = 16
"""Sessions that one address may have in any case; else its limit is half of ``max_sessions``."""

MAX_OPEN_ROOMS = 100
"""Most open rooms made by one address."""

MAX_UNHEARD_COUNTED = 16
"""Unconnected sessions of one address that count as future load; most beyond that never connect."""

OBSERVE_REQUESTS = Rate(3, 0.1)
"""Requests to observe one call: both speakers are asked each time."""

SEAT_ENTRIES = Rate(10, 0.2)
"""Pages that enter one seat: each time both pages are told, and may have to call each other again."""

MAX_ADDRESSES = 10_000
"""Most addresses remembered; the least recent is forgotten."""

HELD_RETRY_S = 15
"""When to retry after a limit on held sessions: those that never connect are given up by then."""


class QuotaExceeded(SottovoceError):
    """An address exceeded its quota; ``retry_s`` is when to retry."""

    def __init__(self, message: str, retry_s: float) -> None:
        self.retry_s = max(1, math.ceil(retry_s))
        super().__init__(f"{message}; try again in {self.retry_s} s")


class TokenBucket:
    """Token bucket, full at first."""

    __slots__ = ("_at_s", "_left", "_rate")

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._left = rate.burst
        self._at_s = -math.inf

    def wait_s(self, now_s: float) -> float:
        """Return the seconds until a token is available; 0 when one is."""
        burst, per_s = self._rate
        if self._left < burst:
            self._left = min(burst, self._left + (now_s - self._at_s) * per_s)
        self._at_s = now_s
        return max(0.0, 1 - self._left) / per_s

    def take_token(self, now_s: float) -> float:
        """Take a token if one is available; return :meth:`wait_s` of before."""
        wait_s = self.wait_s(now_s)
        if not wait_s:
            self._left -= 1
        return wait_s


class Quota:
    """Token buckets of all addresses.

    Parameters
    ----------
    times : factor on :data:`RATES` and the other limits; 0 is without limits.
    clock : monotonic, in seconds.

    Attributes
    ----------
    refused : number of refused requests, by kind.
    """

    def __init__(self, times: float, clock: Callable[[], float]) -> None:
        self.refused: Counter[str] = Counter(dict.fromkeys((*RATES, "connecting", "held"), 0))
        self._times = times
        self._clock = clock
        self._rates = {kind: Rate(rate.burst * times, rate.per_s * times) for kind, rate in RATES.items()}
        self._buckets: OrderedDict[str, dict[Kind, TokenBucket]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def count_request(self, address: str, kind: Kind) -> None:
        """Count one request of an address.

        Raises
        ------
        QuotaExceeded
            There were too many.
        """
        if self._times:
            self._refuse(kind, self._bucket(address, kind).take_token(self._clock()))

    def check_request(self, address: str, kind: Kind) -> None:
        """Refuse a request likewise, without counting it."""
        if self._times:
            self._refuse(kind, self._bucket(address, kind).wait_s(self._clock()))

    def check_held(
        self, held: int, most: int, what: str, reason: Literal["connecting", "held"] = "held"
    ) -> None:
        """Refuse another thing of which an address holds ``held``, at most ``most``.

        Raises
        ------
        QuotaExceeded
            The address holds as many as it may.
        """
        if self._times and held >= most * self._times:
            self.refused[reason] += 1
            raise QuotaExceeded(f"your network address has {held} {what}, as many as it may", HELD_RETRY_S)

    def counted(self, unheard: Counter[str]) -> int:
        """Return how many unconnected sessions, given by address, count as future load."""
        if not self._times:
            return unheard.total()
        most = math.ceil(MAX_UNHEARD_COUNTED * self._times)
        return sum(min(count, most) for count in unheard.values())

    # --- inside ----------------------------------------------------------------

    def _bucket(self, address: str, kind: Kind) -> TokenBucket:
        buckets = self._buckets.setdefault(address, {})
        self._buckets.move_to_end(address)
        if len(self._buckets) > MAX_ADDRESSES:
            self._buckets.popitem(last=False)
        if kind not in buckets:
            buckets[kind] = TokenBucket(self._rates[kind])
        return buckets[kind]

    def _refuse(self, kind: Kind, wait_s: float) -> None:
        if wait_s:
            self.refused[kind] += 1
            raise QuotaExceeded(f"too many {DESCRIPTIONS[kind]} from your network address", wait_s)


def address_of(client: tuple[str, int] | None) -> str:
    """Return the address that a request counts for: an IPv4 address, or the /64 of an IPv6 one (RFC 6177)."""
    host = "" if client is None else client[0]
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((address, 64), strict=False))
