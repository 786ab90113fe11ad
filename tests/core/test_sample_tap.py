"""What a tap holds, by position, against all that was pushed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.core.sample_tap import LostSpan, SampleTap, Span, TappedSamples
from engine.errors import UsageError


def ramp(start: int, size: int) -> NDArray[np.float32]:
    """Samples whose values are their positions."""
    return np.arange(start, start + size, dtype=np.float32)


def plain(spans: list[Span]) -> list[tuple[object, ...]]:
    """Spans as tuples that compare."""
    return [
        ("samples", span.channel, span.start, span.samples.tolist())
        if isinstance(span, TappedSamples)
        else ("lost", span.channel, span.start, span.stop)
        if isinstance(span, LostSpan)
        else ("dropped", span.channel, span.start, span.stop, span.samples)
        for span in spans
    ]


def test_samples_come_with_their_positions_and_lost_spans_between() -> None:
    tap = SampleTap()
    tap.push(0, 100, ramp(100, 3))
    tap.lost(0, 103, 110)
    tap.push(0, 110, ramp(110, 2))
    assert plain(tap.read()) == [
        ("samples", 0, 100, [100, 101, 102]),
        ("lost", 0, 103, 110),
        ("samples", 0, 110, [110, 111]),
    ]
    assert tap.read() == []


def test_a_gap_counts_as_lost_and_an_overlap_is_left_out() -> None:
    tap = SampleTap()
    tap.push(0, 0, ramp(0, 2))
    tap.push(0, 5, ramp(5, 3))
    tap.push(0, 6, ramp(6, 3))
    tap.push(0, 2, ramp(2, 1))
    tap.lost(0, 3, 4)
    assert plain(tap.read()) == [
        ("samples", 0, 0, [0, 1]),
        ("lost", 0, 2, 5),
        ("samples", 0, 5, [5, 6, 7]),
        ("samples", 0, 8, [8]),
    ]


def test_lost_spans_that_touch_are_one() -> None:
    tap = SampleTap()
    for start in range(0, 1000, 10):
        tap.lost(1, start, start + 10)
    assert tap.read() == [LostSpan(1, 0, 1000)]


def test_the_array_pushed_may_be_reused() -> None:
    tap, samples = SampleTap(), ramp(0, 4)
    tap.push(0, 0, samples)
    samples[:] = 9
    assert plain(tap.read()) == [("samples", 0, 0, [0, 1, 2, 3])]


def test_a_slow_reader_is_told_what_was_dropped() -> None:
    tap = SampleTap(capacity=4)
    tap.push(0, 0, ramp(0, 2))
    tap.lost(0, 2, 5)
    tap.push(0, 5, ramp(5, 2))
    tap.push(0, 7, ramp(7, 2))
    tap.push(0, 9, ramp(9, 2))
    assert plain(tap.read()) == [
        ("dropped", 0, 0, 7, 4),
        ("samples", 0, 7, [7, 8]),
        ("samples", 0, 9, [9, 10]),
    ]
    tap.push(0, 11, ramp(11, 1))
    assert plain(tap.read()) == [("samples", 0, 11, [11])], "told once"


def test_more_than_it_holds_in_one_push_keeps_the_newest() -> None:
    tap = SampleTap(capacity=4)
    tap.push(0, 0, ramp(0, 1))
    tap.lost(0, 1, 3)
    tap.push(0, 3, ramp(3, 10))
    assert plain(tap.read()) == [("dropped", 0, 0, 9, 7), ("samples", 0, 9, [9, 10, 11, 12])]


def test_a_channel_does_not_displace_the_other() -> None:
    tap = SampleTap(capacity=4)
    tap.push(1, 0, ramp(0, 4))
    for position in range(0, 40, 4):
        tap.push(0, position, ramp(position, 4))
    assert plain(tap.read()) == [
        ("dropped", 0, 0, 36, 36),
        ("samples", 1, 0, [0, 1, 2, 3]),
        ("samples", 0, 36, [36, 37, 38, 39]),
    ]


def test_a_tap_that_holds_nothing_is_refused() -> None:
    with pytest.raises(UsageError, match="not 0"):
        SampleTap(capacity=0)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("push"), st.integers(0, 1), st.integers(-3, 5), st.integers(0, 12)),
        st.tuples(st.just("lost"), st.integers(0, 1), st.integers(-3, 0), st.integers(0, 12)),
        st.just(("read", 0, 0, 0)),
    ),
    max_size=60,
)


@given(st.integers(1, 10), st.integers(0, 50), steps)
def test_every_position_is_read_once_as_what_it_was_or_as_dropped(
    capacity: int, begin: int, steps: list[tuple[str, int, int, int]]
) -> None:
    tap = SampleTap(capacity)
    for channel in (0, 1):
        tap.push(channel, begin, ramp(begin, 0))
    pushed: dict[int, list[float | None]] = {0: [], 1: []}
    """By channel, from ``begin`` on: the sample at each position, or None where it was lost."""
    read: dict[int, list[float | str | None]] = {0: [], 1: []}
    heard = dropped = 0

    def fetch() -> None:
        nonlocal heard, dropped
        starts = []
        for span in tap.read():
            starts.append(span.start)
            found = read[span.channel]
            assert span.start == begin + len(found), "no gap, no overlap"
            if isinstance(span, TappedSamples):
                assert span.samples.dtype == np.float32
                assert 0 < span.samples.size <= capacity
                found.extend(span.samples.tolist())
                heard += span.samples.size
            elif isinstance(span, LostSpan):
                assert span.stop > span.start
                found.extend([None] * (span.stop - span.start))
            else:
                there = pushed[span.channel][span.start - begin : span.stop - begin]
                assert span.samples == sum(sample is not None for sample in there) > 0
                dropped += span.samples
                found.extend(["dropped"] * (span.stop - span.start))
        assert starts == sorted(starts)
        for channel, found in read.items():
            assert len(found) == len(pushed[channel]), "all that was pushed was read, one way or the other"

    for what, channel, offset, size in steps:
        before = pushed[channel]
        start = begin + max(0, len(before) + offset)
        if what == "read":
            fetch()
            continue
        if what == "push":
            tap.push(channel, start, ramp(start, size))
            before.extend([None] * (start - begin - len(before)))
            before.extend(ramp(start, size).tolist()[begin + len(before) - start :])
        else:
            tap.lost(channel, start, start + size)
            before.extend([None] * (start + size - begin - len(before)))
        assert tap.waiting(channel) <= capacity
    fetch()

    for channel, found in read.items():
        for sample, there in zip(found, pushed[channel], strict=True):
            assert sample in (there, "dropped")
    assert heard + dropped == sum(sample is not None for each in pushed.values() for sample in each)


@given(st.integers(1, 10), st.lists(st.integers(1, 4), max_size=80))
def test_the_newest_samples_are_always_left(capacity: int, sizes: list[int]) -> None:
    tap, position = SampleTap(capacity), 0
    for size in sizes:
        tap.push(0, position, ramp(position, size))
        position += size
    left = [s for span in tap.read() if isinstance(span, TappedSamples) for s in span.samples.tolist()]
    assert left == ramp(position - len(left), len(left)).tolist()
    newest = min(sizes[-1], capacity) if sizes else 0
    assert len(left) >= max(newest, min(position, capacity) - 3), "no more is dropped than must be"
