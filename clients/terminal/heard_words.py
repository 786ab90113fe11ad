"""The last words that were heard, for a line at the foot of a screen."""

from __future__ import annotations

from engine.protocol import events as ev
from engine.protocol import messages

KEPT = 24
"""Words that are kept."""

UNKNOWN = "[…]"
"""Where words were missed."""


class HeardWords:
    """The newest words of the speaker, with those that may still change at the end."""

    def __init__(self) -> None:
        self._words: list[ev.Word] = []
        self._partial = ""

    def observe(self, message: messages.ToClient) -> bool:
        """Note what a message says of words; return whether it says anything."""
        match message:
            case ev.Words(words=words):
                self._partial = ""
                self._words += words
            case ev.WordsCorrected(words=words, start_s=start_s, end_s=end_s):
                kept = [word for word in self._words if word.end_s <= start_s or word.start_s >= end_s]
                self._words = sorted([*kept, *words], key=lambda word: word.start_s)
            case ev.WordsMissed(start_s=start_s, end_s=end_s):
                self._words.append(ev.Word(text=UNKNOWN, start_s=start_s, end_s=end_s, confidence=0.0))
            case messages.PartialWords(text=text):
                self._partial = text
            case _:
                return False
        del self._words[:-KEPT]
        return True

    def line(self, width: int) -> tuple[str, str]:
        """Final words and those that may still change, together the last ``width`` characters at the most."""
        final = " ".join(word.text for word in self._words)
        partial = self._partial[-width:]
        room = width - len(partial) - 1
        if len(final) > room:
            final = f"…{final[len(final) - max(0, room - 1) :]}" if room > 1 else ""
        return final, partial
