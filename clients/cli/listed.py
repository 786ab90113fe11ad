"""Names in a sentence."""

from __future__ import annotations

from collections.abc import Sequence


def listed(names: Sequence[str]) -> str:
    """Return two names or more as ``a, b or c``."""
    return f"{', '.join(names[:-1])} or {names[-1]}"
