"""Sounds that the tests share, all made here: nothing recorded is in the project."""

from __future__ import annotations

import inspect
import os
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


LIVE = ("benchmarks/test_speed.py", "cli/test_demo.py", "fuzz", "server", "terminal", "whip")
"""Where tests serve, call, play and record, which takes the time that it takes."""

FIRST = ("browsers", "live")
"""Groups that wait more than they compute: they begin first, and the others run beside them."""

BEHIND = 10
"""Niceness of tests that only compute, while others measure real time beside them."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect, in plain sight, what measures on recordings that aren't there; group the rest."""
    without = [] if corpus.is_there() else [item for item in items if item.get_closest_marker("corpus")]
    if without:
        items[:] = [item for item in items if item not in without]
        config.hook.pytest_deselected(items=without)
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: FIRST.index(_group(item)) if _group(item) in FIRST else len(FIRST))


def _group(item: pytest.Item) -> str:
    """Name of the tests that run one after the other: those of browsers, other live ones, and each file.

    Browsers share what it takes to start them, and a live test is not to wait for the processor of more
    than one other.
    """
    place = item.path.relative_to(Path(__file__).parent).as_posix()
    if place.startswith("web/"):
        return "browsers"
    is_live = place.startswith(LIVE) or inspect.iscoroutinefunction(getattr(item, "function", None))
    return "live" if is_live else place


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let a worker that has come to the tests that only compute go behind the others for good.

    Live groups begin first, so none comes to it later.
    """
    if hasattr(item.config, "workerinput") and _group(item) not in FIRST and os.nice(0) < BEHIND:
        os.nice(BEHIND)


@pytest.fixture(scope="session")
def voice() -> SpeechSynthesizer:
    """The packaged voice."""
    return SpeechSynthesizer()


@pytest.fixture(scope="session")
def answer(voice: SpeechSynthesizer) -> tuple[NDArray[np.float32], list[PassageSpan]]:
    """The built-in practice answer, 16 kHz, and where its passages lie."""
    return render_answer(voice)
