"""The transcript of one speaker: words in order of time, and the spans of which none are known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from engine.protocol.review import CountRange, UnknownSpan, WordPace
from engine.protocol.words import Word

WORD_S = 0.4
"""Length of a word of a text without times: 150 words a minute."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """Words of one speaker."""

    words: Sequence[Word]
    unknown: Sequence[UnknownSpan] = field(default=())
    timed: bool = True
    """Whether the words' times were measured."""
    source: str = "text"
    filled_pauses: CountRange | None = None
    """How many "um" and "uh" by words and ears together; None where no ears heard it."""
    pace: WordPace | None = None
    """Words a minute; None where no ears heard it."""

    @classmethod
    def of_text(cls, text: str | Iterable[str]) -> Transcript:
        """Make a transcript of plain text, at 150 words a minute."""
        tokens = text.split() if isinstance(text, str) else list(text)
        words = [
            Word(text=token, start_s=n * WORD_S, end_s=(n + 1) * WORD_S, confidence=1.0)
            for n, token in enumerate(tokens)
        ]
        return cls(words, timed=False)


def bare(text: str) -> str:
    """Return a word in lower case without punctuation around it: ``"Results,"`` gives ``results``."""
    return re.sub(r"^[^\w]+|[^\w]+$", "", text.lower().replace("’", "'"))
