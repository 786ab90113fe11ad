"""What is said on the terminal of whoever shares a server."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from .access import LanAccess
from .certificates import fingerprint
from .qr import terminal_lines

WARNING = """\
Their browser warns once that it doesn't know who made the certificate: this machine did, for your network.
They go on by Advanced, then "Proceed to {host}" (Chrome, Edge) or "Accept the Risk and Continue" (Firefox),
or by Show Details, then "visit this website" (Safari). An iPhone, an iPad and Safari join no call before the
authority is installed."""


def announcement(lan: LanAccess, *, drawn: bool) -> Iterator[str]:
    """Yield what whoever shares the server has to know.

    Parameters
    ----------
    drawn : whether to draw the QR code, which needs a terminal.
    """
    first, *others = lan.urls
    yield f"Others in your network open {first}"
    if drawn:
        yield from terminal_lines(first)
    if others:
        yield f"If that doesn't reach you: {', '.join(others)}"
    yield WARNING.format(host=urlsplit(first).hostname)
    yield f"The certificate's SHA-256 is {lan.fingerprint}"
    if lan.authority is not None:
        yield f"To be rid of the warning on a device, install {first}authority.crt there (docs/rooms.md)"
        yield f"Its SHA-256 is {fingerprint(lan.authority)}"
