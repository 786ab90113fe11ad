"""What a list shows of a take, and what a person may change of it."""

from __future__ import annotations

import msgspec
import pytest

from engine.protocol.kept import Kept
from engine.protocol.take import (
    ExerciseResult,
    Take,
    TakeChange,
    TakeFigure,
    changed,
    entry_of,
    figure_of,
    reduced,
)
from tests.harness.takes import measures, take

replace = msgspec.structs.replace
FILLERS = TakeFigure(name="fillers_per_min", value=3.0, unit="a minute")


def without_words(**more: object) -> Take:
    return replace(take(1), word_measures=None, review=None, **more)


@pytest.mark.parametrize(
    ("of", "figure"),
    [
        (take(1), TakeFigure(name="headline_s", value=4.0, unit="s")),
        (without_words(), FILLERS),
        (
            without_words(measures=replace(measures(), unsure=["fillers_per_min"])),
            TakeFigure(name="pace_wpm", value=140.0, unit="words a minute"),
        ),
        (without_words(measures=replace(measures(), unsure=["fillers_per_min", "pace_wpm"])), None),
        (
            replace(take(1), exercise=ExerciseResult(exercise="one-breath", score=7.5)),
            TakeFigure(name="score", value=7.5, unit="of 10"),
        ),
        (without_words(exercise=ExerciseResult(exercise="one-breath", score=None)), FILLERS),
        (reduced(take(1), Kept(words=True), frozenset()), None),
    ],
)
def test_the_figure_that_matters(of: Take, figure: TakeFigure | None) -> None:
    assert figure_of(of) == figure
    assert entry_of(of).figure == figure


def test_a_change_leaves_what_it_does_not_name() -> None:
    before = replace(take(1), title="old", note="kept", story="s1")
    after = changed(before, msgspec.json.decode(b'{"title": "new", "story": null}', type=TakeChange))
    assert after == replace(before, title="new", story=None)
    assert changed(before, TakeChange()) == before


@pytest.mark.parametrize(
    "wrong",
    [
        b'{"kind": "talk"}',
        b'{"title": "' + b"x" * 201 + b'"}',
        b'{"tags": "one"}',
        b'{"tags": ["' + b"x" * 61 + b'"]}',
        b'{"title": null}',
    ],
)
def test_what_may_not_be_changed_is_refused(wrong: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(wrong, type=TakeChange)
