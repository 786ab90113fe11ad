"""Every kernel is timed: by ``benchmarks/test_kernels.py`` as a part, or within one."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Any

from numba.core.dispatcher import Dispatcher

from dsp import (
    accumulator,
    channel_pair,
    echo_suppressor,
    endpointer,
    level_meter,
    phrase_contour,
    syllables,
    trailing_off,
    voice_activity,
)
from engine import warm

TIMED = [
    channel_pair.process_pair_hops,
    channel_pair.add_pair_records,
    accumulator.process_hops,
    accumulator.snapshot_fields,
    level_meter.is_audio,
    level_meter.append_lost,
    level_meter.bridge_noise_floor,
    phrase_contour.median_of,
    phrase_contour.repair_octaves,
    trailing_off.end_fall,
    echo_suppressor.suppress_echo,
    voice_activity.run_network,
    endpointer.bridge_endpointer,
    syllables.bridge_syllables,
]
"""What its parts call from Python."""


def used(kernel: Any) -> Iterator[Any]:
    """Kernels that a kernel calls."""
    names = kernel.py_func.__code__.co_names
    for found in (kernel.py_func.__globals__.get(name) for name in names):
        inside = [vars(found).get(name) for name in names] if isinstance(found, ModuleType) else [found]
        yield from (called for called in inside if isinstance(called, Dispatcher))


def test_every_kernel_is_timed() -> None:
    reached: dict[int, Any] = {}
    waiting: list[Any] = list(TIMED)
    while waiting:
        kernel = waiting.pop()
        if id(kernel) not in reached:
            reached[id(kernel)] = kernel
            waiting.extend(used(kernel))
    assert [k.py_func.__qualname__ for k in warm.kernels() if id(k) not in reached] == []
