"""Make a take of an analysed recording: of one of its speakers, with their sound."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.media.resample import Samples
from engine.protocol.kept import Kept
from engine.protocol.new_take import new_take
from engine.protocol.take import Take

from .analysis import Analysis
from .ogg_opus import StreamEncoder


class SpeakerSound:
    """The sound of one speaker of a recording, encoded as it is read.

    Parameters
    ----------
    channel : of the analysis.
    """

    def __init__(self, channel: int) -> None:
        self._channel = channel
        self._encoder = StreamEncoder()

    def take(self, channel: int, part: Samples | int) -> None:
        """Take the next samples of a channel, or the number of samples lost."""
        if channel == self._channel:
            self._encoder.feed(part)

    def finish(self) -> bytes:
        """Return the Ogg Opus file."""
        return self._encoder.finish()


def has_two_speakers(analysis: Analysis) -> bool:
    """Whether one file has two speakers, so that somebody has to say which one they are."""
    return len(analysis.measures) == 2 and analysis.other_file is None


def recorded_take(
    analysis: Analysis,
    speaker: int,
    *,
    id: str,
    ended: datetime,
    kept: Kept,
    title: str,
    question: str = "",
    purpose: str = "",
) -> Take:
    """Return the take of a recording.

    Parameters
    ----------
    speaker : whose take; the question is that of the first one, as it was reviewed.
    ended : when the recording ended, with its zone.
    kept : what may be kept; its sound comes beside it.
    """
    review = analysis.reviews[speaker] if analysis.reviews else None
    return new_take(
        analysis,
        speaker,
        id=id,
        kind="recording",
        begun_at=ended - timedelta(seconds=analysis.duration_s),
        kept=kept,
        title=title,
        question=question,
        purpose=purpose,
        review=review,
    )
