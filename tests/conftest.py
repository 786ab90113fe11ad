"""Sounds that the tests share, all made here: nothing recorded is in the project."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.cli.warm import drop_stale_kernels
from engine.media.practice import Span, spoken
from engine.media.voice import PackagedVoice


def pytest_configure() -> None:
    """Test the kernels that are there, not those compiled from older sources."""
    drop_stale_kernels()


@pytest.fixture(scope="session")
def voice() -> PackagedVoice:
    """The packaged voice."""
    return PackagedVoice()


@pytest.fixture(scope="session")
def answer(voice: PackagedVoice) -> tuple[NDArray[np.float32], list[Span]]:
    """The built-in practice answer, 16 kHz, and where its passages lie."""
    return spoken(voice)
