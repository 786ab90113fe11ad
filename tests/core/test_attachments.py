"""Attachments: frames only where they are needed, events for all, samples for a tap."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from dsp.frame import HOP, RATE_HZ, Frame
from engine.core.attachments import Attachment, FrameTap
from engine.core.sample_tap import LostSpan, SampleTap, TappedSamples
from engine.core.session import Session
from engine.protocol import events as ev
from engine.shipped.profiles import load

Samples = NDArray[np.float32]


@pytest.fixture(scope="module")
def samples(answer: tuple[Samples, object]) -> Samples:
    return answer[0][: 6 * RATE_HZ]


class Observer(Attachment):
    """Notes what it gets; needs the frames of some hops."""

    def __init__(self, needed: range = range(0)) -> None:
        self._needed = needed
        self.frames: list[tuple[int, int, Frame]] = []
        self.events: list[ev.AnyEvent] = []

    def needs_frames(self, hop: int) -> bool:
        return hop in self._needed

    def process_frame(self, channel: int, hop: int, frame: Frame) -> None:
        self.frames.append((channel, hop, frame))

    def observe(self, event: ev.AnyEvent) -> None:
        self.events.append(event)


def test_an_attachment_without_need_of_frames_leaves_blocks_whole(
    samples: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session(load("conversation"))
    observer = Observer()
    session.attach(observer)

    def hop_by_hop() -> None:
        raise AssertionError("heard hop by hop")

    monkeypatch.setattr(session._loop, "_hear_hop", hop_by_hop)
    session.hear(0, samples)
    seen = [event for event in session.poll() if not isinstance(event, ev.Trace | ev.Nudge | ev.NudgeCleared)]
    assert observer.events == seen
    assert observer.frames == []


def test_frames_come_for_the_hops_that_need_them_and_change_no_event(samples: Samples) -> None:
    alone = Session(load("conversation"))
    alone.hear(0, samples)
    for attachment in (Observer(range(100, 250)), FrameTap(lambda channel, frame: None)):
        session = Session(load("conversation"))
        session.attach(attachment)
        for start in range(0, samples.size, 7000):
            session.hear(0, samples[start : start + 7000])
        if isinstance(attachment, Observer):
            assert [hop for _, hop, _ in attachment.frames] == list(range(100, 250))
    assert session.poll() == alone.poll()


def test_what_is_detached_gets_nothing_more(samples: Samples) -> None:
    session, observer = Session(load("conversation")), Observer(range(10_000))
    session.attach(observer)
    session.hear(0, samples[: 50 * HOP])
    session.detach(observer)
    session.hear(0, samples[50 * HOP :])
    assert len(observer.frames) == 50


def test_a_filter_is_heard_instead(samples: Samples) -> None:
    class Lose(Attachment):
        def needs_frames(self, hop: int) -> bool:
            return True

        def filter_hop(self, channel: int, hop: int, samples: Samples | None) -> Samples | None:
            return None if 100 <= hop < 150 else samples

    filtered, gap = Session(load("conversation")), Session(load("conversation"))
    filtered.attach(Lose())
    filtered.hear(0, samples)
    gap.hear(0, samples[: 100 * HOP])
    gap.hear(0, samples[150 * HOP :], at=150 * HOP)
    assert filtered.poll() == gap.poll()


def test_a_tap_gets_samples_where_they_were_placed(samples: Samples) -> None:
    session = Session(load("conversation"))
    session.tap = SampleTap()
    session.hear(0, samples[:1000])
    session.hear(0, samples[1500:2000], at=1500)
    session.hear(0, samples[1900:2500], at=1900)
    session.mute(True)
    session.hear(0, samples[2500:4000])
    session.mute(False)
    session.hear(0, samples[4000:5000])
    spans = session.tap.read()
    assert [(type(span), span.start, span.stop) for span in spans] == [
        (TappedSamples, 0, 1000),
        (LostSpan, 1000, 1500),
        (TappedSamples, 1500, 2000),
        (TappedSamples, 2000, 2500),
        (LostSpan, 2500, 4000),
        (TappedSamples, 4000, 5000),
    ]
    for span in spans:
        if isinstance(span, TappedSamples):
            np.testing.assert_array_equal(span.samples, samples[span.start : span.stop])
