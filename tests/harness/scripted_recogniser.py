"""A recogniser that says what it was told to: words at given times, whatever the samples hold."""

from __future__ import annotations

from collections.abc import Sequence

from dsp.frame import RATE_HZ
from engine.media.resample import Samples
from engine.protocol.words import Word
from engine.speech.recogniser import Abilities, Final, Missed, Partial, Result

NAME = "scripted"


def said(text: str, start_s: float = 0.5, *, word_s: float = 0.35, gap_s: float = 0.05) -> list[Word]:
    """Words of a text, evenly spread from ``start_s`` on."""
    step_s = word_s + gap_s
    return [
        Word(
            text=token,
            start_s=round(start_s + n * step_s, 4),
            end_s=round(start_s + n * step_s + word_s, 4),
            confidence=0.9,
        )
        for n, token in enumerate(text.split())
    ]


class ScriptedRecogniser:
    """Gives each word ``delay_s`` after its end; those that touch lost samples are missed.

    Parameters
    ----------
    words : in order of time; those that begin after the last sample are never said.
    delay_s : from a word's end to the sample that decides it.
    """

    def __init__(self, words: Sequence[Word], delay_s: float = 0.8) -> None:
        self._words = list(words)
        self._delay_s = delay_s
        self._position = 0
        self._lost: list[tuple[float, float]] = []
        self.abilities = Abilities(
            name=NAME, languages=("en",), modes=("live", "phrase", "afterwards"), word_times=True
        )

    def process(self, samples: Samples) -> list[Result]:
        """Pass the time of the samples."""
        self._position += samples.size
        return self._due(self._position / RATE_HZ)

    def process_lost(self, samples: int) -> list[Result]:
        """Pass the time of samples that never arrived."""
        start_s = self._position / RATE_HZ
        self._position += samples
        end_s = self._position / RATE_HZ
        due = self._due(end_s, until_s=start_s)
        self._lost.append((start_s, end_s))
        return [*due, Missed(start_s, end_s, "lost")]

    def finish(self) -> list[Result]:
        """Give what is left of the words that began."""
        end_s = self._position / RATE_HZ
        rest = [word for word in self._words if word.end_s <= end_s and not self._touches_loss(word)]
        self._words.clear()
        return [Final([word], end_s) for word in rest]

    def _due(self, now_s: float, until_s: float | None = None) -> list[Result]:
        """Words that are decided by now, and the next one as a partial word."""
        results: list[Result] = []
        while self._words and self._words[0].end_s + self._delay_s <= now_s:
            if until_s is not None and self._words[0].end_s > until_s:
                break
            word = self._words.pop(0)
            if not self._touches_loss(word):
                results.append(Final([word], word.end_s + self._delay_s))
        if self._words and self._words[0].end_s <= now_s:
            results.append(Partial(self._words[0].text, self._words[0].start_s))
        return results

    def _touches_loss(self, word: Word) -> bool:
        return any(word.start_s < end_s and start_s < word.end_s for start_s, end_s in self._lost)
