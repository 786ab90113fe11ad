"""Open a recogniser by the name of its model."""

from __future__ import annotations

from engine.errors import ModelError

from .live import LiveRecogniser
from .moonshine import moonshine
from .recogniser import Mode, Recogniser
from .second_pass import CorrectedRecogniser
from .whisper import WhisperRecogniser, whisper

WHISPER = "whisper:"
"""Begins the name of a model for faster-whisper: its folder follows, or its name at the hub."""


def open_recogniser(mode: Mode, model: str = "moonshine") -> Recogniser:
    """Open a recogniser for one speaker; its network is loaded once for a process.

    Parameters
    ----------
    mode : when words are wanted.
    model : ``moonshine``, which comes with the packages, or ``whisper:`` and a folder or name.

    Raises
    ------
    ModelError
        The model isn't known or isn't installed, or one of its files is not the expected one.
    """
    if model == "moonshine":
        return LiveRecogniser(moonshine(), mode)
    if model.startswith(WHISPER) and model != WHISPER:
        name = model.removeprefix(WHISPER)
        return WhisperRecogniser(whisper(name), model, mode)
    raise ModelError(
        f"no model {model!r}: `moonshine`, or `whisper:` and the folder or name of a model for faster-whisper"
    )


def open_corrected(mode: Mode, model: str = "moonshine") -> Recogniser:
    """Open a recogniser as a call with time to spare has it: live words are heard again.

    Raises
    ------
    ModelError
        As of :func:`open_recogniser`.
    """
    first = open_recogniser(mode, model)
    return CorrectedRecogniser(first, open_recogniser("afterwards", model)) if mode == "live" else first
