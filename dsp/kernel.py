"""Compilation of kernels: once, cached on disk beside the source, releasing the interpreter's lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile a pure function to machine code at its first call, and cache the result on disk.

    Kernels take arrays and write into ``out`` arguments or state records of the caller. They
    allocate nothing, so every hop costs the same. The ``fastmath`` flags allow reassociation and
    contraction, but don't assume that NaN and infinity are absent: kernels compare with both.
    """
    compiled = njit(cache=True, nogil=True, fastmath={"contract", "reassoc", "arcp", "nsz"})(function)
    return cast(F, compiled)
