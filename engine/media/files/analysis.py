"""Analyse recordings with the same session as a live call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

import msgspec
import numpy as np
from msgspec import Struct

from dsp.frame import RATE_HZ, Frame
from engine.core.attachments import FrameTap
from engine.core.session import Session
from engine.errors import UsageError
from engine.media.resample import Samples
from engine.profile import Profile
from engine.protocol import events as ev
from engine.protocol.advice import Advice
from engine.protocol.measures import ChannelMeasures
from engine.protocol.messages import Finding
from engine.protocol.review import AnswerReview

from .recording import Recording
from .sides import Taken
from .words import SpokenWords, WordHearer


class SpeakerMeasures(ChannelMeasures, frozen=True, kw_only=True):
    """Measures of one speaker over the whole recording."""

    channel: int
    """0 is the first (or only) speaker."""


class Source(Struct, frozen=True, kw_only=True):
    """How a file was used."""

    file: str
    track: int
    """The audio track used, from 0."""

    tracks: int
    channels: int
    """Of that track."""

    taken: Taken | None
    """Decision on who speaks on two channels; null where there are not two, or the caller chose."""

    starts_s: float
    """Position of its first sample on the time line of the analysis."""

    remarks: list[str]
    """Decisions and losses, and how to overrule them; a sentence each."""


class Analysis(Struct, frozen=True, kw_only=True):
    """Result of an analysis."""

    file: str
    other_file: str | None
    """The other side, when it came as a file of its own."""

    sources: list[Source]
    """How each file was used."""

    duration_s: float
    profile: str
    measures: list[SpeakerMeasures]
    findings: list[list[Finding]]
    """For each channel, at most three, the weightiest first."""

    events: list[ev.Fact | ev.WordEvent | ev.Reading | ev.NudgeCleared]
    """Facts and words in order, and of the readings those that a nudge cites."""

    nudges: list[ev.Nudge]

    reviews: list[AnswerReview]
    """What was said, for each channel; empty where words were not asked for."""

    advice: Advice | None = None
    """Of an assistant, on what channel 0 said; null where none was asked."""


def analyze(
    recordings: Sequence[Recording],
    profile: Profile,
    *,
    block_samples: int | None = None,
    on_event: Callable[[ev.AnyEvent], None] | None = None,
    on_frame: Callable[[int, Frame], None] | None = None,
    on_samples: Callable[[int, Samples | int], None] | None = None,
    on_progress: Callable[[float], None] | None = None,
    words: SpokenWords | None = None,
) -> Analysis:
    """Run recordings through a session and return what a live call would have given.

    Parameters
    ----------
    recordings : one, or two with one side each. A side whose time stamps begin later is unknown until then.
    block_samples : size of the blocks fed to the session; as decoded when not given. The result is the
        same for all sizes.
    on_event : called with every event, readings and traces too, in order.
    on_frame : called with each channel and its frame, hop by hop.
    on_samples : called with a channel and its next samples, or the number of samples lost.
    on_progress : called after each block with the seconds processed.
    words : how words are recognised and reviewed; they aren't when not given.

    Raises
    ------
    UsageError
        One of two recordings has two speakers.
    AudioFileError
        One cannot be decoded.
    """
    if len(recordings) == 2:
        for recording in recordings:
            if recording.speakers != 1:
                raise UsageError(
                    f"{recording.name}: two speakers, but each side must be one: choose with --channel"
                )
    session = Session(profile, sum(recording.speakers for recording in recordings))
    if on_frame is not None:
        session.attach(FrameTap(on_frame))
    hearer = None if words is None else WordHearer(session, words.open_recogniser)

    def tell(event: ev.AnyEvent) -> None:
        if on_event is not None:
            on_event(event)
        if hearer is not None:
            hearer.observe(event)

    events = _EventCollector(tell)

    def hand_out(channel: int, part: Samples | int) -> None:
        if on_samples is not None:
            on_samples(channel, part)
        if hearer is not None:
            hearer.hear(channel, part)

    _feed_session(session, recordings, block_samples, events, hand_out, on_progress)
    if hearer is not None:
        hearer.finish()
    session.finish()
    events.collect(session)
    summary = session.summary()
    return Analysis(
        file=recordings[0].name,
        other_file=recordings[1].name if len(recordings) == 2 else None,
        sources=[_source(recording) for recording in recordings],
        duration_s=summary.duration_s,
        profile=summary.profile,
        measures=[
            SpeakerMeasures(channel=channel, **msgspec.structs.asdict(measures))
            for channel, measures in enumerate(summary.measures)
        ],
        findings=summary.findings,
        events=events.kept(summary.nudges),
        nudges=summary.nudges,
        reviews=[]
        if words is None or hearer is None
        else [
            words.review(channel, hearer.transcript(channel, measures))
            for channel, measures in enumerate(summary.measures)
        ],
    )


def earliest_start_s(recordings: Sequence[Recording]) -> Fraction | None:
    """Return the earliest first time stamp; None where a recording has none to compare."""
    known = [recording.base_s for recording in recordings if recording.base_s is not None]
    return min(known) if len(known) == len(recordings) else None


def _source(recording: Recording) -> Source:
    return Source(
        file=recording.name,
        track=recording.track,
        tracks=recording.tracks,
        channels=recording.file_channels,
        taken=recording.taken,
        starts_s=round(recording.starts_s, 4),
        remarks=recording.remarks(),
    )


def _feed_session(
    session: Session,
    recordings: Sequence[Recording],
    block_samples: int | None,
    events: _EventCollector,
    on_samples: Callable[[int, Samples | int], None],
    on_progress: Callable[[float], None] | None,
) -> None:
    """Feed all audio to the session, always from the side that is behind, so that little waits in memory."""
    sides: dict[int, Iterator[tuple[Samples, ...] | int]] = {}
    first, since_s = 0, earliest_start_s(recordings)
    for recording in recordings:
        blocks = recording.blocks(since_s)
        sides[first] = recut(blocks, block_samples) if block_samples else blocks
        first += recording.speakers
    speakers = 1 if len(recordings) == 2 else session.channels
    while sides:
        behind = min(sides, key=session.position)
        block = next(sides[behind], None)
        if block is None:
            del sides[behind]
            continue
        for channel in range(behind, behind + speakers):
            part = block if isinstance(block, int) else block[channel - behind]
            on_samples(channel, part)
            if isinstance(part, int):
                at = session.position(channel)
                session.missing(channel, at, at + part)
            else:
                session.hear(channel, part)
        events.collect(session)
        if on_progress is not None:
            on_progress(session.now / RATE_HZ)
    session.advance(to=max(session.position(channel) for channel in range(session.channels)))


def recut(blocks: Iterator[tuple[Samples, ...] | int], samples: int) -> Iterator[tuple[Samples, ...] | int]:
    """Cut audio into blocks of ``samples``, shorter ones only before a loss and at the end."""
    held: tuple[Samples, ...] = ()
    for block in blocks:
        if isinstance(block, int):
            if held:
                yield held
            held = ()
            yield block
            continue
        held = tuple(map(np.concatenate, zip(held, block, strict=True))) if held else block
        while held[0].size >= samples:
            yield tuple(side[:samples] for side in held)
            held = tuple(side[samples:] for side in held)
    if held:
        yield held


class _EventCollector:
    """Collects events from the session, and keeps those of the result."""

    def __init__(self, on_event: Callable[[ev.AnyEvent], None]) -> None:
        self._on_event = on_event
        self._events: list[ev.Fact | ev.WordEvent | ev.Reading | ev.NudgeCleared] = []

    def collect(self, session: Session) -> None:
        for event in session.poll():
            self._on_event(event)
            if not isinstance(event, ev.Trace | ev.Nudge | ev.DrillEvent):
                self._events.append(event)

    def kept(self, nudges: list[ev.Nudge]) -> list[ev.Fact | ev.WordEvent | ev.Reading | ev.NudgeCleared]:
        cited = {nudge.evidence.seq for nudge in nudges}
        return [event for event in self._events if not isinstance(event, ev.Reading) or event.seq in cited]
