"""How many TCP connections there may be, in all and of one address, and who gives way to a new one."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from ipaddress import ip_address, ip_network
from itertools import islice

from .quota import address_of

LONG_LIVED_SHARE = 0.75
"""Share of the places that those may have who stay for long: WebSockets."""


class ConnectionSlot:
    """One connection's leave to be there.

    Attributes
    ----------
    who : where it comes from.
    share : how many connections there may be from there.
    drop : ends the connection at once; to be set by whoever has it.
    """

    def __init__(self, gate: ConnectionGate, who: str, share: int) -> None:
        self.drop: Callable[[], object] = lambda: None
        self.who = who
        self.share = share
        self._gate = gate

    def waits(self) -> None:
        """Wait for the peer from now on: it gives way to a new connection, the longest wait first."""
        self._gate._waits(self)

    def keep(self) -> bool:
        """Ask to stay for long; False where three quarters of the places are taken by those who do.

        So there is always a place for somebody who asks something short.
        """
        return self._gate._keep(self)

    def busy(self) -> None:
        """Be served from now on: it gives way to nobody."""
        self._gate._busy(self)

    def leave(self) -> None:
        """Be gone."""
        self._gate._leaves(self)


_Queue = OrderedDict[ConnectionSlot, None]


class ConnectionGate:
    """Counts connections.

    With as many as there may be, in all or of one address, a new one takes the place of the one that has
    waited longest for its peer to say something: who says something is served whatever strangers hold
    open. Only where none waits the new one is refused.

    Parameters
    ----------
    most, most_of_one : connections at a time, in all and of one address.
    proxies : addresses and networks of reverse proxies, which have more than one client.

    Attributes
    ----------
    refused, displaced : how many so far.
    """

    def __init__(self, most: int, most_of_one: int, proxies: Sequence[str] = ()) -> None:
        self.refused = 0
        self.displaced = 0
        self._most = most
        self._most_of_one = most_of_one
        self._proxies = [ip_network(proxy) for proxy in proxies]
        self._passes: set[ConnectionSlot] = set()
        self._kept: set[ConnectionSlot] = set()
        self._here: Counter[str] = Counter()
        self._kept_of: Counter[str] = Counter()
        self._waiting: _Queue = OrderedDict()
        self._waiting_of: dict[str, _Queue] = {}

    def __len__(self) -> int:
        return len(self._passes)

    def enter(self, host: str) -> ConnectionSlot | None:
        """Let a connection in, which waits for its peer; None when there is no place for it."""
        who, share = address_of((host, 0)), self._share(host)
        if self._here[who] >= share:
            gives_way = next(iter(self._waiting_of.get(who, ())), None)
        elif len(self._passes) >= self._most:
            gives_way = next(iter(self._waiting), None)
        else:
            return self._admit(who, share)
        if gives_way is None:
            self.refused += 1
            return None
        self._displace(gives_way)
        return self._admit(who, share)

    def make_room(self, places: int) -> bool:
        """End those connections that have waited longest; False where none waits."""
        longest = list(islice(self._waiting, places))
        for one in longest:
            self._displace(one)
        return bool(longest)

    # --- what passes ask for ------------------------------------------------------

    def _share(self, host: str) -> int:
        if self._proxies and any(ip_address(host) in proxy for proxy in self._proxies):
            return self._most
        return self._most_of_one

    def _admit(self, who: str, share: int) -> ConnectionSlot:
        new = ConnectionSlot(self, who, share)
        self._here[who] += 1
        self._passes.add(new)
        self._waits(new)
        return new

    def _displace(self, one: ConnectionSlot) -> None:
        self.displaced += 1
        one.leave()
        one.drop()

    def _waits(self, one: ConnectionSlot) -> None:
        if one in self._passes:
            for queue in (self._waiting, self._waiting_of.setdefault(one.who, OrderedDict())):
                queue[one] = None
                queue.move_to_end(one)

    def _keep(self, one: ConnectionSlot) -> bool:
        fits = (
            len(self._kept) < LONG_LIVED_SHARE * self._most
            and self._kept_of[one.who] < LONG_LIVED_SHARE * one.share
        )
        if fits and one in self._passes:
            self._kept.add(one)
            self._kept_of[one.who] += 1
        return fits

    def _busy(self, one: ConnectionSlot) -> None:
        if one in self._waiting:
            del self._waiting[one], self._waiting_of[one.who][one]

    def _leaves(self, one: ConnectionSlot) -> None:
        if one not in self._passes:
            return
        self._busy(one)
        self._passes.remove(one)
        self._here[one.who] -= 1
        if one in self._kept:
            self._kept.remove(one)
            self._kept_of[one.who] -= 1
        if not self._here[one.who]:
            del self._here[one.who], self._kept_of[one.who]
            self._waiting_of.pop(one.who, None)
