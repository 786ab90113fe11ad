"""Open what hears and reviews the words of recordings."""

from __future__ import annotations

from engine.errors import UsageError
from engine.language.review import review
from engine.language.transcript import Transcript
from engine.protocol.review import AnswerReview
from engine.speech.meaning import embedder
from engine.speech.open import open_corrected, open_recogniser
from engine.speech.recogniser import Mode

from .words import SpokenWords


def spoken_words(question: str, mode: Mode, model: str, answering: int = 0) -> SpokenWords:
    """Open a recogniser and what a review needs.

    Parameters
    ----------
    question : that a speaker answers; empty when unknown.
    mode, model : of recognition.
    answering : the speaker who does.

    Raises
    ------
    ModelError
        A package with a model is missing: says how to install it. Or there is no such model.
    UsageError
        The model has no such mode.
    """
    embed = embedder()
    abilities = open_recogniser(mode, model).abilities  # what is missing is said before a recording is heard
    if mode not in abilities.modes:
        raise UsageError(f"{model} can't recognise words {mode}; it can {' and '.join(abilities.modes)}")

    def reviewed(channel: int, transcript: Transcript) -> AnswerReview:
        return review(transcript, question if channel == answering else "", embed)

    return SpokenWords(lambda: open_corrected(mode, model), reviewed)
