"""Hear the words of a recording: a recogniser for each speaker, its results learnt by the session."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from dsp.accumulator import FULL_SCALE_LIMIT
from dsp.frame import RATE_HZ
from engine.core.attachments import Attachment
from engine.core.session import Session
from engine.language.builder import TranscriptBuilder
from engine.language.speech_gate import SETTLED_S, SpeechGate
from engine.language.transcript import Transcript
from engine.media.resample import Samples
from engine.protocol.events import AnyEvent, LateFact, Words, WordsCorrected, WordsMissed
from engine.protocol.measures import ChannelMeasures
from engine.protocol.review import AnswerReview
from engine.speech.recogniser import Recogniser, Result
from engine.speech.word_facts import word_facts


class SpokenWords(NamedTuple):
    """How the words of a recording are recognised and reviewed."""

    open_recogniser: Callable[[], Recogniser]
    """Makes a recogniser; called once for each channel."""

    review: Callable[[int, Transcript], AnswerReview]
    """Reviews what a channel said."""


class WordHearer:
    """Hears the words of each channel ahead of the session, which learns them when they are known.

    Give it each block before the session hears it: words that are known within the block then become
    events at their own time, so that the cutting of blocks changes nothing.

    Parameters
    ----------
    session : not begun yet.
    open_recogniser : makes a recogniser; called once for each channel.
    """

    def __init__(self, session: Session, open_recogniser: Callable[[], Recogniser]) -> None:
        self._session = session
        self._recognisers = [open_recogniser() for _ in range(session.channels)]
        self._builders = [TranscriptBuilder(channel) for channel in range(session.channels)]
        self._gates = [SpeechGate() for _ in range(session.channels)]
        self._heard = [0] * session.channels
        """Stream position of each recogniser."""
        session.attach(_EventTap(self._gates))
        self._lost = [0] * session.channels
        """Samples lost since then: a loss is told as a whole once it is over, however it came in pieces."""

    def hear(self, channel: int, part: Samples | int) -> None:
        """Hear the next samples of a channel, or how many of them were lost.

        Samples that are no audio count as lost, as in :meth:`engine.core.session.Session.hear`.
        """
        for piece in [part] if isinstance(part, int) else _audible(part):
            if isinstance(piece, int):
                self._lost[channel] += piece
            else:
                self._tell_loss(channel)
                self._heard[channel] += piece.size
                self._learn(channel, self._recognisers[channel].process(piece))

    def finish(self) -> None:
        """Hear that no more samples come; before :meth:`engine.core.session.Session.finish`."""
        for channel, recogniser in enumerate(self._recognisers):
            self._tell_loss(channel)
            self._learn(channel, recogniser.finish())

    def observe(self, event: AnyEvent) -> None:
        """Take an event of the session, in order."""
        for builder in self._builders:
            builder.observe(event)

    def transcript(self, channel: int, measures: ChannelMeasures | None = None) -> Transcript:
        """Return what a channel said, after all events were observed.

        Parameters
        ----------
        measures : of the channel over the recording, for the pace.
        """
        return self._builders[channel].transcript(measures)

    def _tell_loss(self, channel: int) -> None:
        """Tell the recogniser of a loss that is over; what it decides by that is known only now."""
        lost, self._lost[channel] = self._lost[channel], 0
        if lost:
            self._heard[channel] += lost
            self._learn(channel, self._recognisers[channel].process_lost(lost), self._heard[channel])

    def _learn(self, channel: int, results: list[Result], earliest: int = 0) -> None:
        """Let the session learn what became known, once it says where the speaker spoke.

        What a recogniser hears elsewhere, such as the other side's leakage, is left out then.
        """
        for fact, at in word_facts(results, self._recognisers[channel].abilities.name):
            settled = math.ceil((fact.end_s + SETTLED_S) * RATE_HZ)
            self._session.learn(fact, channel, max(at, settled, earliest), check=self._check(channel))

    def _check(self, channel: int) -> Callable[[LateFact], Sequence[LateFact]]:
        def check(fact: LateFact) -> Sequence[LateFact]:
            assert isinstance(fact, Words | WordsCorrected | WordsMissed)
            return self._gates[channel].checked(fact, self._session.now / RATE_HZ)

        return check


class _EventTap(Attachment):
    """Hands events to the gates as they are emitted, not when they are polled."""

    def __init__(self, gates: Sequence[SpeechGate]) -> None:
        self._gates = gates

    def observe(self, event: AnyEvent) -> None:
        self._gates[event.channel].observe(event)


def _audible(samples: Samples) -> Iterator[Samples | int]:
    """Runs of samples that are audio, and lengths of the runs between that are not."""
    audible = np.abs(samples) <= FULL_SCALE_LIMIT  # false for NaN
    if audible.all():
        yield samples
        return
    edges = [0, *(np.flatnonzero(np.diff(audible)) + 1).tolist(), samples.size]
    for start, stop in pairwise(edges):
        yield samples[start:stop] if audible[start] else stop - start
