"""Open what hears and reviews the words of recordings."""

from __future__ import annotations

from engine.language.review import review
from engine.language.transcript import Transcript
from engine.media.files.words import SpokenWords
from engine.protocol.review import AnswerReview
from engine.speech.meaning import embedder
from engine.speech.open import open_recogniser
from engine.speech.recogniser import Mode


def spoken_words(question: str, mode: Mode) -> SpokenWords:
    """Open a recogniser and what a review needs.

    Parameters
    ----------
    question : that the first speaker answers; empty when unknown.
    mode : of recognition.

    Raises
    ------
    ModelError
        A package with a model is missing: says how to install it.
    """
    embed = embedder()
    open_recogniser(mode)  # what is missing is said before a recording is heard

    def reviewed(channel: int, transcript: Transcript) -> AnswerReview:
        return review(transcript, question if channel == 0 else "", embed)

    return SpokenWords(lambda: open_recogniser(mode), reviewed)
