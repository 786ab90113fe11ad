"""Sounds that the tests share, all made here: nothing recorded is in the project."""

from __future__ import annotations

import os
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from numpy.typing import NDArray
from xdist.scheduler import LoadScopeScheduling

from engine.media.voices.practice_answer import PassageSpan, render_answer
from engine.media.voices.synthesis import SpeechSynthesizer
from engine.warm import warm_up
from tests.harness import corpus


def pytest_configure(config: pytest.Config) -> None:
    """Compile the kernels that are there before any test: compiling in a live call would hold it up.

    No test reads or writes the record of whoever runs them: the user's data folder is a temporary one.
    """
    data = TemporaryDirectory(prefix="sottovoce-tests-")
    config.add_cleanup(data.cleanup)
    os.environ["XDG_DATA_HOME"] = data.name
    if not hasattr(config, "workerinput"):  # workers of ``pytest -n`` load them
        warm_up()


LIVE = {
    "browsers in calls": (
        "web/test_call.py",
        "web/test_coached_call.py",
        "web/test_drills.py",
        "web/test_interviews.py",
        "web/test_rooms.py",
        "web/test_share.py",
    ),
    "calls": (
        "benchmarks/test_speed.py",
        "cli/test_demo.py",
        "fuzz",
        "media/webrtc",
        "speech/test_process.py",
        "terminal",
        "whip",
    ),
    "workers": ("server/placement", "server/record/test_workers.py", "web/test_workers.py"),
    "browsers": ("web/",),
    "servers": ("server",),
}
"""Where tests serve, call, play and record, which takes the time that it takes, by group. They wait more than
they compute: they begin first, and the others run beside them. The first place that fits counts."""

BEHIND = 10
"""Niceness of tests that only compute, while others measure real time beside them."""


def group_of(nodeid: str) -> str:
    """Name of the tests that run one after the other: a live group, or a file.

    Browsers share what it takes to start them, and a live test is not to wait for the processor of more
    than two others.
    """
    place = nodeid.partition("::")[0].removeprefix("tests/")
    return next((group for group, places in LIVE.items() if place.startswith(places)), place)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Give each group of tests to one process as a whole.

    ``--dist loadgroup`` would do so by a marker, but xdist 3.8 writes the group into a part of an item that
    pytest 9.2 no longer reads.
    """
    scheduling = LoadScopeScheduling(config, log)
    scheduling._split_scope = group_of
    return scheduling


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect, in plain sight, what measures on recordings that aren't there; put live groups first."""
    without = [] if corpus.is_there() else [item for item in items if item.get_closest_marker("corpus")]
    if without:
        items[:] = [item for item in items if item not in without]
        config.hook.pytest_deselected(items=without)
    if hasattr(config, "workerinput"):
        order = {group: place for place, group in enumerate(LIVE)}
        items.sort(key=lambda item: order.get(group_of(item.nodeid), len(order)))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let a worker that has come to the tests that only compute go behind the others for good.

    Live groups begin first, so none comes to it later.
    """
    if hasattr(item.config, "workerinput") and group_of(item.nodeid) not in LIVE and os.nice(0) < BEHIND:
        os.nice(BEHIND)


@pytest.fixture(scope="session")
def voice() -> SpeechSynthesizer:
    """The packaged voice."""
    return SpeechSynthesizer()


@pytest.fixture(scope="session")
def answer(voice: SpeechSynthesizer) -> tuple[NDArray[np.float32], list[PassageSpan]]:
    """The built-in practice answer, 16 kHz, and where its passages lie."""
    return render_answer(voice)
