"""Repeats and restarts, and what looks like one."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.language.restarts import Restart, find_restarts
from engine.language.transcript import Transcript


def found(text: str) -> list[Restart]:
    return find_restarts(Transcript.of_text(text).words)


def given_up(text: str) -> list[str]:
    words = text.split()
    return [" ".join(words[r.start : r.repair]) for r in found(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("we we had a dog", ["we"]),
        ("we had, uh, we had a dog", ["we had, uh,"]),
        ("I went to- I drove to Leeds", ["I went to-"]),
        ("i went to i drove to leeds", ["i went to"]),
        ("in the, um, in our garden", ["in the, um,"]),
        ("the tea- teacher was ill", ["tea-"]),
        ("Is, is that far?", ["Is,"]),
        ("it's, it's late and and I, I mean I left", ["it's,", "and", "I, I mean"]),
    ],
)
def test_what_is_given_up_is_found(text: str, expected: list[str]) -> None:
    assert given_up(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "it was very very cold",
        "no no that is fine",
        "he had had enough",
        "what it is is a wall",
        "I came home. Home was empty.",
        "I saw the boat and I waved",
        "the boat with the red sail",
        "on the left and on the right",
        "I think I can",
        "two two five nine",
        "you know you know him",
        "um, um, well",
    ],
)
def test_what_only_looks_like_one_is_not(text: str) -> None:
    assert given_up(text) == []


@given(
    st.lists(
        st.sampled_from(
            ["i", "we", "went", "to", "the", "um", "uh", "tea-", "drove,", "had.", "no", "mean", "—", "very"]
        ),
        max_size=25,
    )
)
def test_spans_lie_in_the_text_and_share_no_reparandum(tokens: list[str]) -> None:
    restarts = found(" ".join(tokens))
    assert all(0 <= r.start < r.repair < r.end <= len(tokens) for r in restarts)
    assert all(a.repair <= b.start for a, b in itertools.pairwise(restarts))
