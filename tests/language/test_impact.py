"""Whether impact, a result or a story is among words."""

from __future__ import annotations

import pytest

from engine.language.impact import has_impact, has_result, tells_story
from engine.language.transcript import Transcript
from engine.protocol.words import Word

FILL = "so we looked at the pages and we talked with the people who write them in the office"


def words(text: str) -> list[Word]:
    return list(Transcript.of_text(text).words)


@pytest.mark.parametrize(
    "figure",
    [
        "40%",
        "forty percent",
        "a quarter of the time",
        "$2,000",
        "3x",
        "half as long",
        "doubled",
        "from 12 to 5",
    ],
)
def test_a_figure_is_impact_wherever_it_stands(figure: str) -> None:
    assert has_impact(words(f"it is {figure} {FILL} {FILL}"))
    assert has_result(words(f"it is {figure} {FILL} {FILL}"))


@pytest.mark.parametrize(
    "number", ["in 2019", "seven engineers", "for three years", "my second team", "two of them"]
)
def test_dates_team_sizes_and_durations_are_none(number: str) -> None:
    assert not has_impact(words(f"{FILL} {number} {FILL}"))


@pytest.mark.parametrize("headline", ["the short answer is yes", "bottom line", "what I'm most proud of"])
def test_an_announced_headline_is_impact_and_no_result(headline: str) -> None:
    assert has_impact(words(f"{headline} {FILL}"))
    assert not has_result(words(f"{FILL} {headline}"))


def test_a_phrase_of_result_counts_in_the_second_half_only() -> None:
    assert has_result(words(f"{FILL} as a result nobody waits"))
    assert not has_result(words(f"as a result nobody waits {FILL} {FILL}"))
    assert has_impact(words(f"as a result nobody waits {FILL} {FILL}"))


def test_a_story_tells_three_things_that_were_done() -> None:
    assert tells_story(words("I joined the team and we measured it and then I talked with them"))
    assert not tells_story(words("I would measure it and then we can talk with them as we did"))
    assert not has_impact([])
    assert not has_result([])
    assert not tells_story([])
