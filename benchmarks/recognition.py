"""Speech recognition behind the contract ``transcribe``: the path of a call, words and ears together."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable

from engine.core.session import Session
from engine.language.fusion import NEAR_S, is_filled_pause
from engine.media.files.words import WordHearer
from engine.media.resample import Samples
from engine.protocol.events import FilledPause, Words, WordsCorrected
from engine.protocol.words import Word
from engine.shipped import profiles
from engine.speech.open import open_corrected, open_recogniser
from engine.speech.recogniser import Mode, Recogniser

BLOCK = 320
"""Samples of a 20 ms packet."""

TimedWords = list[tuple[str, float, float, float]]
"""Word, its start and end, and the stream time from which it is final, in seconds."""


def transcribe(x: Samples) -> TimedWords:
    """Words as they are recognised live."""
    return recognise(x, "live")


def transcribe_by_phrase(x: Samples) -> TimedWords:
    """Words as they are recognised at each pause."""
    return recognise(x, "phrase")


def transcribe_afterwards(x: Samples) -> TimedWords:
    """Words as they are recognised when a recording is over."""
    return recognise(x, "afterwards")


def transcribe_corrected(x: Samples) -> TimedWords:
    """Words of a take with live words: those that the second pass left as they were, and its own."""
    return recognise(x, "live", opener=open_corrected)


def recognise(
    x: Samples,
    mode: Mode,
    model: str = "moonshine",
    opener: Callable[[Mode, str], Recogniser] = open_recogniser,
) -> TimedWords:
    """Recognise a recording as a call; the filled pauses that only the ears heard are put in as "um"."""
    session = Session(profiles.load("conversation"), channels=1)
    hearer = WordHearer(session, lambda: opener(mode, model))
    written: list[tuple[Word, float]] = []
    heard: list[tuple[float, float]] = []

    def collect() -> None:
        for event in session.poll():
            hearer.observe(event)
            if isinstance(event, Words | WordsCorrected):
                written.extend((word, event.at_s) for word in event.words)
            elif isinstance(event, FilledPause):
                heard.append((event.start_s, event.at_s))

    for at in range(0, x.size, BLOCK):
        hearer.hear(0, x[at : at + BLOCK])
        session.hear(0, x[at : at + BLOCK])
        collect()
    hearer.finish()
    session.finish()
    collect()
    final_s = {(word.text, word.start_s): at_s for word, at_s in written}
    hesitations = [(word, at_s) for word, at_s in written if is_filled_pause(word)]
    found: TimedWords = []
    for word in hearer.transcript(0).words:
        known_s = final_s.get((word.text, word.start_s))
        if known_s is None:  # the ears gave it its time: it is final when both have told
            told = bisect_left(heard, (word.start_s, 0.0))
            ends = [at_s for _, at_s in heard[told : told + 1]]
            near = [at_s for one, at_s in hesitations if abs(one.start_s - word.start_s) <= 2 * NEAR_S]
            known_s = max([*ends, *near, word.end_s])
        found.append((word.text, word.start_s, word.end_s, min(known_s, x.size / 16_000)))
    return found
