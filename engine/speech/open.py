"""Open a recogniser by the name of its model."""

from __future__ import annotations

from .live import LiveRecogniser
from .moonshine import moonshine
from .recogniser import Mode, Recogniser


def open_recogniser(mode: Mode, model: str = "moonshine") -> Recogniser:
    """Open a recogniser for one speaker; the network is loaded once for a process.

    Raises
    ------
    ModelError
        The model isn't installed, or one of its files is not the expected one.
    """
    return LiveRecogniser(moonshine(), mode)
