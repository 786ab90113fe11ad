"""Where long work stands aside: a network that is run many times lets what is more urgent go first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


def _nothing() -> None:
    """There is nothing more urgent."""


_urgent: ContextVar[Callable[[], None]] = ContextVar("urgent", default=_nothing)


def stand_aside() -> None:
    """Do what is more urgent than the work that calls this; between two runs of a network.

    Raises
    ------
    Exception
        Whatever the urgent work raises: it ends the work that stands aside.
    """
    _urgent.get()()


@contextmanager
def standing_aside(urgent: Callable[[], None]) -> Iterator[None]:
    """Let the work within stand aside for something; that doesn't stand aside itself.

    Parameters
    ----------
    urgent : called by :func:`stand_aside`.
    """

    def once() -> None:
        inner = _urgent.set(_nothing)
        try:
            urgent()
        finally:
            _urgent.reset(inner)

    token = _urgent.set(once)
    try:
        yield
    finally:
        _urgent.reset(token)
