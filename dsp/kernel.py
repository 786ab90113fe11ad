"""How the kernels are compiled: once, kept beside the source, without the interpreter's lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile a pure function to machine code at its first call, and keep the result on disk.

    Kernels take arrays and write into ``out`` arrays of the caller: they allocate
    nothing, so a hop costs the same at every time.
    """
    compiled = njit(cache=True, nogil=True, fastmath={"contract", "reassoc", "arcp", "nsz"})(function)
    return cast(F, compiled)
