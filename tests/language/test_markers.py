"""Fillers and ordinary uses of the same words, with and without punctuation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.language.fillers import count_fillers, find_fillers
from engine.language.markers import MARKERS, Marker, find_markers
from engine.language.transcript import Transcript, bare
from engine.protocol.words import Word


def found(text: str) -> list[Marker]:
    return find_markers(Transcript.of_text(text).words, timed=False)


def without_punctuation(text: str) -> str:
    return " ".join(bare(word) for word in text.split())


ORDINARY = [
    ("I like the smell of rain.", "like"),
    ("It looks like a long day.", "like"),
    ("Something like that happened at our school.", "like"),
    ("Would you like some tea?", "like"),
    ("She asked what kind of bread we sell.", "kind of"),
    ("They need some sort of receipt.", "sort of"),
    ("Do you know where the keys are?", "you know"),
    ("That is not what I mean.", "i mean"),
    ("The children came along as well.", "well"),
    ("He swims very well.", "well"),
    ("I think so.", "so"),
    ("There were so many people.", "so"),
    ("The soup was so good.", "so"),
    ("Turn to the right side.", "right"),
    ("Come here right now.", "right"),
    ("It is okay with us.", "okay"),
]

USED_AS_MARKER = [
    ("And then, like, everybody ran.", "like"),
    ("She was, like, really upset.", "like"),
    ("It was, you know, a bit of a mess.", "you know"),
    ("I mean, nobody had told us.", "i mean"),
    ("We kind of forgot about him.", "kind of"),
    ("He sort of smiled.", "sort of"),
    ("Well, we tried again.", "well"),
    ("So, um, the bus came late.", "so"),
    ("Okay, so we start with the garden.", "okay"),
    ("Basically, um, nobody came.", "basically"),
]


@pytest.mark.parametrize("spelling", [str, without_punctuation])
@pytest.mark.parametrize(("text", "marker"), ORDINARY)
def test_an_ordinary_use_is_no_marker(text: str, marker: str, spelling: type[str]) -> None:
    (use,) = (m for m in found(spelling(text)) if m.marker == marker)
    assert use.confidence < 0.5


@pytest.mark.parametrize("spelling", [str, without_punctuation])
@pytest.mark.parametrize(("text", "marker"), USED_AS_MARKER)
def test_a_use_beside_the_sentence_is_a_marker(text: str, marker: str, spelling: type[str]) -> None:
    (use,) = (m for m in found(spelling(text)) if m.marker == marker)
    assert use.confidence > 0.5


def test_hesitations_are_fillers_however_they_are_written() -> None:
    assert [m.marker for m in found("Um, the erm door, uh, is Hmm open")] == ["um", "um", "uh", "um"]


def test_commas_make_a_marker_surer() -> None:
    (bare_use,), (set_off,) = (
        found("the old ones like us remember"),
        found("the old ones, like, us remember."),
    )
    assert set_off.confidence > bare_use.confidence


def test_a_pause_on_both_sides_says_what_commas_say() -> None:
    def spoken(gap_s: float) -> float:
        words, at_s = [], 0.0
        for text in ["the", "old", "ones", "like", "us", "remember"]:
            gap = gap_s if text in ("like", "us") else 0.0
            words.append(Word(text=text, start_s=at_s + gap, end_s=at_s + gap + 0.3, confidence=0.9))
            at_s = words[-1].end_s
        (marker,) = find_markers(words)
        return marker.confidence

    assert spoken(0.5) > spoken(0.0)


def test_a_so_that_concludes_is_a_marker_but_no_filler() -> None:
    *_, concluding = found("The shop was closed on Monday so we went to the market and bought it there")
    assert concluding.marker == "so"
    assert concluding.filler < 0.5
    opening, *_ = found("So I was working at the harbour then")
    assert opening.filler > 0.5


def test_fillers_are_counted_by_word() -> None:
    text = "Um, so, I like dogs, you know, and, um, we sort of, like, adopted one as well, so."
    counted = count_fillers(Transcript.of_text(text).words, timed=False)
    assert counted == {"um": 2, "so": 2, "you know": 1, "sort of": 1, "like": 1}


def test_the_fillers_count_is_that_of_those_found() -> None:
    words = Transcript.of_text("okay um well I mean it went right you know so yeah").words
    assert sum(count_fillers(words).values()) == len(find_fillers(words))


texts = st.lists(
    st.sampled_from(
        [*" ".join(MARKERS).split(), "um", "the", "we", "is", "that", "went,", "home.", "?", "—"]
    ),
    max_size=30,
).map(" ".join)


@given(texts)
def test_markers_lie_in_the_text_in_order_and_apart(text: str) -> None:
    markers = found(text)
    edges = [edge for m in markers for edge in (m.start, m.end)]
    assert edges == sorted(edges)
    assert all(0 <= m.start < m.end <= len(text.split()) for m in markers)
    assert all(0 <= m.filler <= m.confidence <= 1 for m in markers)
