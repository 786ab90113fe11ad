"""A take: what is kept of one session, drill, call or recording, as a document.

It holds one person's own side only: their channel, their words, their sound. What of it is kept is
for them to say, see :class:`.kept.Kept`. Documents are read for as long as a version of them is known.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from .drill_results import Card
from .kept import Kept
from .measures import ChannelMeasures
from .messages import Finding
from .nudges import Nudge
from .review import AnswerReview, WordMeasures

TAKE_VERSION = 1
"""Raised when a document changes in a way that an older reader would misread."""

TakeKind = Literal["talk", "question", "drill", "call", "beside", "recording", "exercise"]
"""Talking freely, an answer, a drill, a call of two, beside another call, a file, an exercise."""


class FoundPart(Struct, frozen=True, kw_only=True):
    """A part of an answer's framework that was heard: a figure, without its words."""

    part: str
    """A key of :data:`engine.language.parts.PARTS`."""

    start_s: float
    end_s: float
    confidence: float


class FoundInWords(Struct, frozen=True, kw_only=True):
    """A finding of the review as a figure, without its sentence and quotes."""

    what: str
    good: bool | None
    confidence: float
    value: float | None = None
    unit: str = ""
    sure: bool = True


class TakeSound(Struct, frozen=True, kw_only=True):
    """The recording that belongs to a take."""

    duration_s: float
    size: int
    """Bytes of the file."""

    sha256: str
    """Of the file, in hex digits."""

    from_s: float = 0.0
    """Stream time at which the recording begins."""


class StepTime(Struct, frozen=True, kw_only=True):
    """When a step of an exercise took place, in stream time."""

    place: int
    """Among the steps of the run, from 0."""

    speaks: bool
    """Whether the person was to speak."""

    start_s: float
    end_s: float


class ExerciseResult(Struct, frozen=True, kw_only=True):
    """Score of an exercise of the programme."""

    exercise: str
    scored_as: str = ""
    """Exercise whose figures and targets its score has; empty for its own."""

    score: float | None
    """0..10; null where too little was heard to tell."""

    measured: dict[str, float] = {}
    """What the score is made of, by name with its unit (``headline_s``)."""

    steps: list[StepTime] = []
    """As they were done; empty for a recording."""


class Take(Struct, frozen=True, kw_only=True):
    """What is kept of one take; null and empty where it is not kept, or nothing was heard of it."""

    version: int = TAKE_VERSION
    id: str
    kind: TakeKind
    begun_at: datetime
    """Wall time with its zone."""

    duration_s: float
    profile: str
    kept: Kept
    title: str = ""
    """The person's own name for it."""

    tags: list[str] = []
    note: str = ""
    question: str = ""
    """That was answered."""

    story: str | None = None
    """Id of the signature story that it tells."""

    purpose: str = ""
    """The guided task it was made for, such as ``baseline:background``."""

    measures: ChannelMeasures | None = None
    findings: list[Finding] = []
    nudges: list[Nudge] = []
    card: Card | None = None
    word_measures: WordMeasures | None = None
    parts: list[FoundPart] = []
    found: list[FoundInWords] = []
    exercise: ExerciseResult | None = None
    review: AnswerReview | None = None
    sound: TakeSound | None = None


class TakeFigure(Struct, frozen=True, kw_only=True):
    """The one figure of a take that a list shows."""

    name: str
    """``composure``, ``score``, ``headline_s``, ``fillers_per_min`` or ``pace_wpm``."""

    value: float
    unit: str
    """For a person; empty where the figure has none."""


class TakeEntry(Struct, frozen=True, kw_only=True):
    """A take in a list: what tells it from others, without what was measured and said."""

    id: str
    kind: TakeKind
    begun_at: datetime
    duration_s: float
    title: str
    tags: list[str]
    question: str
    story: str | None
    purpose: str
    kept: Kept
    """What it may hold; its sound is there where :attr:`sound` is."""

    sound: bool
    """Whether a recording belongs to it."""

    figure: TakeFigure | None
    """Null where too little was heard, or figures are not kept."""


class TakeChange(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a person changes of a take; what is left out stays."""

    title: Annotated[str, Meta(max_length=200)] | UnsetType = UNSET
    tags: Annotated[list[Annotated[str, Meta(max_length=60)]], Meta(max_length=20)] | UnsetType = UNSET
    note: Annotated[str, Meta(max_length=10_000)] | UnsetType = UNSET
    question: Annotated[str, Meta(max_length=500)] | UnsetType = UNSET
    story: Annotated[str, Meta(max_length=64)] | UnsetType | None = UNSET


class Imported(Struct, frozen=True, kw_only=True):
    """What an import brought."""

    takes: int
    """New in the record."""

    there: int
    """That were in the record already: they stay as they are."""

    sounds: int
    """Recordings of the new takes."""

    documents: int
    """New beside takes, such as marks and targets; those that were there stay."""

    problems: list[str]
    """A sentence for each part of the file that could not be used."""


def changed(take: Take, change: TakeChange) -> Take:
    """Return a take with a change made to it."""
    return msgspec.structs.replace(
        take, **{name: value for name, value in msgspec.structs.asdict(change).items() if value is not UNSET}
    )


def figure_of(take: Take) -> TakeFigure | None:
    """Return the figure of a take that matters: a score, else when the point came, fillers, or the pace.

    None where nothing is sure enough to show.
    """
    if take.card is not None and take.card.composure is not None:
        return TakeFigure(name="composure", value=take.card.composure, unit="of 10")
    if take.exercise is not None and take.exercise.score is not None:
        return TakeFigure(name="score", value=take.exercise.score, unit="of 10")
    if take.word_measures is not None and take.word_measures.headline_s is not None:
        return TakeFigure(name="headline_s", value=take.word_measures.headline_s, unit="s")
    if take.measures is not None:
        for name, unit in (("fillers_per_min", "a minute"), ("pace_wpm", "words a minute")):
            value = getattr(take.measures, name)
            if value is not None and name not in take.measures.unsure:
                return TakeFigure(name=name, value=value, unit=unit)
    return None


def entry_of(take: Take) -> TakeEntry:
    """Return the entry of a take in a list."""
    return TakeEntry(
        id=take.id,
        kind=take.kind,
        begun_at=take.begun_at,
        duration_s=take.duration_s,
        title=take.title,
        tags=take.tags,
        question=take.question,
        story=take.story,
        purpose=take.purpose,
        kept=take.kept,
        sound=take.sound is not None,
        figure=figure_of(take),
    )


def figures_of(review: AnswerReview) -> tuple[WordMeasures, list[FoundPart], list[FoundInWords]]:
    """Return what of a review is figures: counts, parts with their times, and findings without sentences."""
    words = review.words
    parts = [
        FoundPart(
            part=part.part,
            start_s=words[part.start].start_s,
            end_s=words[part.end - 1].end_s,
            confidence=part.confidence,
        )
        for part in review.parts
    ]
    found = [
        FoundInWords(
            what=finding.what,
            good=finding.good,
            confidence=finding.confidence,
            value=finding.value,
            unit=finding.unit,
            sure=finding.sure,
        )
        for finding in review.findings
    ]
    return review.measures, parts, found


def reduced(take: Take, kept: Kept, word_cues: frozenset[str]) -> Take:
    """Return a take with what may be kept, and nothing more.

    Parameters
    ----------
    kept : what its person allows.
    word_cues : cues that hear words: the sentence beside their nudges may quote them.

    Its sound is not there yet: :attr:`Take.sound` is set by the store that writes it.
    """
    replace = msgspec.structs.replace
    if not kept.figures:
        take = replace(
            take,
            measures=None,
            findings=[],
            nudges=[],
            card=None,
            word_measures=None,
            parts=[],
            found=[],
            exercise=None,
        )
    if not kept.words:
        nudges = [replace(nudge, why="") if nudge.cue in word_cues else nudge for nudge in take.nudges]
        take = replace(take, review=None, nudges=nudges, card=take.card and take.card.unquoted)
    if not kept.sound:
        take = replace(take, sound=None)
    return replace(take, kept=kept)


_encode = msgspec.json.Encoder().encode
_decode: msgspec.json.Decoder[Take] = msgspec.json.Decoder(Take)


def encode_take(take: Take) -> bytes:
    """Return the document of a take: JSON, the same bytes for the same take, read back or not."""
    return _encode(_decode.decode(_encode(take)))  # an int in a field of floats is written as one


def decode_take(document: bytes | str) -> Take:
    """Return the take of a document.

    Raises
    ------
    msgspec.DecodeError
        Not a take.
    """
    return _decode.decode(document)
