"""What a recogniser takes, gives and can.

A recogniser hears one speaker: :meth:`Recogniser.process` takes the samples of stream time in order,
:meth:`Recogniser.process_lost` a span that never arrived, :meth:`Recogniser.finish` ends it. Each returns
what became known. The results depend on the samples alone, not on how they are cut into blocks nor on any
clock.
"""

from __future__ import annotations

from typing import Literal, Protocol

from msgspec import Struct

from engine.media.resample import Samples
from engine.protocol.words import MissedReason, Word

Mode = Literal["live", "phrase", "afterwards"]
"""Words about a second after they are said; at each pause; or when the recording is over."""


class Final(Struct, frozen=True, tag=True):
    """Words that won't change any more."""

    words: list[Word]
    known_s: float
    """Stream time of the samples that decided it."""


class Partial(Struct, frozen=True, tag=True):
    """Words that may still change; they replace the partial words before."""

    text: str
    start_s: float


class Missed(Struct, frozen=True, tag=True):
    """A span of which no words are known."""

    start_s: float
    end_s: float
    why: MissedReason


class Corrected(Struct, frozen=True, tag=True):
    """Better words for a span, in the place of those that were final there."""

    words: list[Word]
    """At least one."""
    start_s: float
    end_s: float
    known_s: float


Result = Final | Partial | Missed | Corrected


class Abilities(Struct, frozen=True):
    """What a recogniser can do."""

    name: str
    """Such as ``moonshine-tiny-en``: the source of its words."""
    languages: tuple[str, ...]
    """ISO 639-1 codes."""
    modes: tuple[Mode, ...]
    word_times: bool
    """Whether the model itself gives times; else they come from voicing and syllable nuclei."""


class Recogniser(Protocol):
    """Hears one speaker."""

    @property
    def abilities(self) -> Abilities:
        """What it can do."""

    def process(self, samples: Samples) -> list[Result]:
        """Hear the next samples: float32, shape (n,), mono, 16 kHz, full scale ±1; any ``n``."""

    def process_lost(self, samples: int) -> list[Result]:
        """Note that the next samples never arrived."""

    def finish(self) -> list[Result]:
        """Hear that no more samples come; return all that is left."""
