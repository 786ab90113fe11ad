"""Limit TCP connections, in all and per address; a waiting one gives way to a new one."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from ipaddress import ip_address, ip_network
from itertools import islice

from .quota import address_of

LONG_LIVED_SHARE = 0.75
"""Share of the slots that long-lived connections (WebSockets) may have."""


class ConnectionSlot:
    """Slot of one connection.

    Attributes
    ----------
    who : address that it counts for.
    share : most connections of that address.
    drop : ends the connection at once; set by the connection's owner.
    """

    def __init__(self, gate: ConnectionGate, who: str, share: int) -> None:
        self.drop: Callable[[], object] = lambda: None
        self.who = who
        self.share = share
        self._gate = gate

    def mark_waiting(self) -> None:
        """Mark as waiting for the peer: it may give way to a new connection, the longest wait first."""
        self._gate._mark_waiting(self)

    def reserve_long_lived(self) -> bool:
        """Reserve a long-lived slot; return False where three quarters of the slots are long-lived.

        So slots are left for short requests.
        """
        return self._gate._reserve(self)

    def mark_busy(self) -> None:
        """Mark as being served: it gives way to no other connection."""
        self._gate._mark_busy(self)

    def release(self) -> None:
        """Release the slot."""
        self._gate._release(self)


_Queue = OrderedDict[ConnectionSlot, None]


class ConnectionGate:
    """Gate of the connections.

    At the limit, in all or of one address, a new connection displaces the one that has waited longest for
    its peer: a peer that sends a request is served, however many connections strangers hold open. Where
    none waits the new one is refused.

    Parameters
    ----------
    most, most_of_one : limits at a time, in all and of one address.
    proxies : addresses and networks of reverse proxies, to which only the limit in all applies.

    Attributes
    ----------
    refused, displaced : connections so far.
    """

    def __init__(self, most: int, most_of_one: int, proxies: Sequence[str] = ()) -> None:
        self.refused = 0
        self.displaced = 0
        self._most = most
        self._most_of_one = most_of_one
        self._proxies = [ip_network(proxy) for proxy in proxies]
        self._slots: set[ConnectionSlot] = set()
        self._kept: set[ConnectionSlot] = set()
        self._here: Counter[str] = Counter()
        self._kept_of: Counter[str] = Counter()
        self._waiting: _Queue = OrderedDict()
        self._waiting_of: dict[str, _Queue] = {}

    def __len__(self) -> int:
        return len(self._slots)

    def enter(self, host: str) -> ConnectionSlot | None:
        """Admit a connection, marked as waiting; return None when there is no slot."""
        who, share = address_of((host, 0)), self._share(host)
        if self._here[who] >= share:
            gives_way = next(iter(self._waiting_of.get(who, ())), None)
        elif len(self._slots) >= self._most:
            gives_way = next(iter(self._waiting), None)
        else:
            return self._admit(who, share)
        if gives_way is None:
            self.refused += 1
            return None
        self._displace(gives_way)
        return self._admit(who, share)

    def make_room(self, places: int) -> bool:
        """End the connections that have waited longest; return False where none waits."""
        longest = list(islice(self._waiting, places))
        for slot in longest:
            self._displace(slot)
        return bool(longest)

    # --- called by slots ------------------------------------------------------

    def _share(self, host: str) -> int:
        if self._proxies and any(ip_address(host) in proxy for proxy in self._proxies):
            return self._most
        return self._most_of_one

    def _admit(self, who: str, share: int) -> ConnectionSlot:
        new = ConnectionSlot(self, who, share)
        self._here[who] += 1
        self._slots.add(new)
        self._mark_waiting(new)
        return new

    def _displace(self, slot: ConnectionSlot) -> None:
        self.displaced += 1
        slot.release()
        slot.drop()

    def _mark_waiting(self, slot: ConnectionSlot) -> None:
        if slot in self._slots:
            for queue in (self._waiting, self._waiting_of.setdefault(slot.who, OrderedDict())):
                queue[slot] = None
                queue.move_to_end(slot)

    def _reserve(self, slot: ConnectionSlot) -> bool:
        fits = (
            len(self._kept) < LONG_LIVED_SHARE * self._most
            and self._kept_of[slot.who] < LONG_LIVED_SHARE * slot.share
        )
        if fits and slot in self._slots:
            self._kept.add(slot)
            self._kept_of[slot.who] += 1
        return fits

    def _mark_busy(self, slot: ConnectionSlot) -> None:
        if slot in self._waiting:
            del self._waiting[slot], self._waiting_of[slot.who][slot]

    def _release(self, slot: ConnectionSlot) -> None:
        if slot not in self._slots:
            return
        self._mark_busy(slot)
        self._slots.remove(slot)
        self._here[slot.who] -= 1
        if slot in self._kept:
            self._kept.remove(slot)
            self._kept_of[slot.who] -= 1
        if not self._here[slot.who]:
            del self._here[slot.who], self._kept_of[slot.who]
            self._waiting_of.pop(slot.who, None)
