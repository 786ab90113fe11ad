"""Sounds that the tests share, all made here: nothing recorded is in the project."""

from __future__ import annotations

import inspect
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.media.voices.practice_answer import PassageSpan, render_answer
from engine.media.voices.synthesis import SpeechSynthesizer
from engine.warm import warm_up
from tests.harness import corpus


def pytest_configure(config: pytest.Config) -> None:
    """Compile the kernels that are there before any test: compiling in a live call would hold it up."""
    if not hasattr(config, "workerinput"):  # workers of ``pytest -n`` load them
        warm_up()


LIVE = ("benchmarks/test_speed.py", "cli/test_demo.py", "fuzz", "server", "terminal", "web")
"""Where tests serve, call, play and record, which takes the time that it takes."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect, in plain sight, what measures on recordings that aren't there; group the rest."""
    without = [] if corpus.is_there() else [item for item in items if item.get_closest_marker("corpus")]
    if without:
        items[:] = [item for item in items if item not in without]
        config.hook.pytest_deselected(items=without)
    _group(items)


def _group(items: list[pytest.Item]) -> None:
    """Group the tests for ``pytest -n``: those of browsers, other live ones, and the others by file.

    A group runs one after the other, beside the others: browsers share what it takes to start them, and a
    live test is not to wait for the processor of more than one other.
    """
    here = Path(__file__).parent
    for item in items:
        place = item.path.relative_to(here).as_posix()
        is_live = place.startswith(LIVE) or inspect.iscoroutinefunction(getattr(item, "function", None))
        group = "browsers" if place.startswith("web/") else "live" if is_live else place
        item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session")
def voice() -> SpeechSynthesizer:
    """The packaged voice."""
    return SpeechSynthesizer()


@pytest.fixture(scope="session")
def answer(voice: SpeechSynthesizer) -> tuple[NDArray[np.float32], list[PassageSpan]]:
    """The built-in practice answer, 16 kHz, and where its passages lie."""
    return render_answer(voice)
