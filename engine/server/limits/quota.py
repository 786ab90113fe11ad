"""What one address may ask for, so that no stranger takes what is everybody's: token buckets.

Each worker counts for itself. Nothing here reads a clock.
"""

from __future__ import annotations

import ipaddress
import math
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Literal, NamedTuple

from engine.errors import SottovoceError

Kind = Literal["offers", "rooms", "seats", "guesses"]


class Rate(NamedTuple):
    """How many may come at once, and how many a second in the long run."""

    burst: float
    per_s: float


RATES: dict[Kind, Rate] = {
    "offers": Rate(120, 2.0),
    "rooms": Rate(60, 0.5),
    "seats": Rate(120, 1.0),
    "guesses": Rate(60, 0.5),
}
"""For one address, which may be a school's: a class of 60 begins all at once, and once more.

``guesses`` are requests for a session, a seat or a room that there is none of.
"""

DESCRIPTIONS: dict[Kind, str] = {
    "offers": "calls were begun",
    "rooms": "calls of two were made",
    "seats": "seats were asked for",
    "guesses": "links and sessions that don't exist were asked for",
}
"""What there was too much of, for people."""

MAX_CONNECTING = 64
"""Sessions of one address of which nothing has been heard yet."""

MIN_SESSIONS = 16
"""Sessions that one address may have in any case; otherwise it is half of ``max_sessions``."""

MAX_OPEN_ROOMS = 100
"""Rooms that one address may have made and that are not over."""

MAX_UNHEARD_COUNTED = 16
"""Sessions of one address that count as load to come before they are heard; most of more never will be."""

OBSERVE_REQUESTS = Rate(3, 0.1)
"""Who ask to listen to one call: the two of it are asked each time."""

SEAT_ENTRIES = Rate(10, 0.2)
"""Pages that enter one seat: each time both are told, and may have to call each other anew."""

MAX_ADDRESSES = 10_000
"""Addresses that are remembered; of more, who asked longest ago is forgotten."""

HELD_RETRY_S = 15
"""When to try again with what is held: sessions that never connect are given up after that time."""


class QuotaExceeded(SottovoceError):
    """One address asks for too much; ``retry_s`` is when to come back."""

    def __init__(self, message: str, retry_s: float) -> None:
        self.retry_s = max(1, math.ceil(retry_s))
        super().__init__(f"{message}; try again in {self.retry_s} s")


class TokenBucket:
    """A token bucket, full at first."""

    __slots__ = ("_at_s", "_left", "_rate")

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._left = rate.burst
        self._at_s = -math.inf

    def wait_s(self, now_s: float) -> float:
        """Seconds until one can be taken; 0 when one can now."""
        burst, per_s = self._rate
        if self._left < burst:
            self._left = min(burst, self._left + (now_s - self._at_s) * per_s)
        self._at_s = now_s
        return max(0.0, 1 - self._left) / per_s

    def take_token(self, now_s: float) -> float:
        """Take one if there is one; gives :meth:`wait_s` of before."""
        wait_s = self.wait_s(now_s)
        if not wait_s:
            self._left -= 1
        return wait_s


class Quota:
    """The buckets of all addresses.

    Parameters
    ----------
    times : how many times :data:`RATES` and the other bounds an address may use; 0 is without bounds.
    clock : monotonic, in seconds.

    Attributes
    ----------
    refused : how many requests were, by what there was too much of.
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
        """Likewise, without counting it yet."""
        if self._times:
            self._refuse(kind, self._bucket(address, kind).wait_s(self._clock()))

    def check_held(
        self, held: int, most: int, what: str, reason: Literal["connecting", "held"] = "held"
    ) -> None:
        """Refuse one more of what an address has ``held`` of, when that is ``most``.

        Raises
        ------
        QuotaExceeded
            It is.
        """
        if self._times and held >= most * self._times:
            self.refused[reason] += 1
            raise QuotaExceeded(f"your network address has {held} {what}, as many as it may", HELD_RETRY_S)

    def counted(self, unheard: Counter[str]) -> int:
        """How many of the sessions of which nothing was heard yet, by address, count as load to come."""
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
    """Whom a request counts for: an IPv4 address, or the /64 that an IPv6 address is in (RFC 6177)."""
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
