"""Names of files as text that can be shown, encoded and sent."""

from __future__ import annotations

import unicodedata


def shown(name: object) -> str:
    """A file's name as text: bytes of it that are not UTF-8, and controls, are escaped.

    Python holds such bytes as lone surrogates (PEP 383), which no UTF-8 stream, JSON or message takes.
    """
    text = str(name).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(
        c.encode("unicode_escape").decode() if unicodedata.category(c) == "Cc" else c for c in text
    )
