"""What a drill seldom meets: nothing to judge by, sound after its end, a value of the wrong kind."""

from __future__ import annotations

from engine.drills.score import composure
from engine.drills.texts import announced
from engine.protocol.drill_results import Parts
from engine.shipped.drills import load, shipped


def test_nothing_known_is_no_composure() -> None:
    assert composure(Parts(floor=None, resume=None, steadiness=None)) is None
    assert composure(Parts(floor=1.0, resume=None, steadiness=None)) == 10.0


def test_each_shipped_drill_says_what_it_will_do() -> None:
    for name in shipped():
        drill = load(name)
        for level in drill.levels:
            said = announced(drill, level)
            assert said, f"{name} at {level}"
            assert len(said) == len(set(said)), f"{name} at {level} says a thing twice"
            assert all(one[0].isupper() for one in said)
