"""Where sentences end: by punctuation, pauses, melody and words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.language.phrases import word_set
from engine.language.sentence_cues import features
from engine.language.sentences import LONGEST, end_log_odds, find_sentences
from engine.language.transcript import Transcript
from engine.protocol.words import Word
from tools.train.sentence_ends import fit, places, turns


def cut(text: str) -> list[str]:
    words = Transcript.of_text(text).words
    return [" ".join(w.text for w in words[s.start : s.end]) for s in find_sentences(words, timed=False)]


def spoken(text: str, pauses_s: dict[str, float]) -> list[Word]:
    words, at_s = [], 0.0
    for token in text.split():
        words.append(Word(text=token, start_s=at_s, end_s=at_s + 0.3, confidence=0.9))
        at_s += 0.3 + pauses_s.get(token, 0.05)
    return words


def test_full_stops_decide() -> None:
    assert cut('The bus came. Why late? "Rain," he said.') == [
        "The bus came.",
        "Why late?",
        '"Rain," he said.',
    ]


def test_words_tell_where_punctuation_is_missing() -> None:
    text = "we sold the house in spring i think it was a mistake that's why i called my brother"
    assert cut(text) == [
        "we sold the house in spring",
        "i think it was a mistake",
        "that's why i called my brother",
    ]


def test_cues_look_two_words_each_way_and_past_the_edges() -> None:
    assert set(features(["home", "so"], 1)) >= {"before home", "before <> home", "after so", "after so <>"}
    assert "kinds other | joins subject" in features(["went", "home", "and", "we", "left"], 2)


def test_training_learns_what_ends_a_sentence() -> None:
    ends, inside = ["after so"], ["after of"]
    weights = fit([(ends, True), (inside, False)] * 20)
    assert weights["after so"] > 0 > weights["after of"]


def test_the_text_for_training_has_ends_of_sentences() -> None:
    known = [place for tokens in turns() for place in places(tokens)]
    assert len(known) > 15000
    assert 0.05 < sum(ends for _, ends in known) / len(known) < 0.15


def test_no_sentence_ends_in_an_article() -> None:
    assert all(not s.endswith(("the", "of", "and")) for s in cut("we saw the i mean the end of it was good"))


def test_a_long_pause_ends_a_sentence() -> None:
    said = "the ferry leaves at noon children travel free"
    assert len(find_sentences(spoken(said, {}))) == 1
    assert [(s.start, s.end) for s in find_sentences(spoken(said, {"noon": 1.1}))] == [(0, 5), (5, 8)]


def test_a_falling_phrase_speaks_for_an_end() -> None:
    words = spoken("the ferry leaves at noon children travel free", {"noon": 0.5})
    flat = end_log_odds(words, contours={4: "flat"})[5]
    assert end_log_odds(words, contours={4: "falling"})[5] > end_log_odds(words)[5] > flat


def test_a_stretch_without_an_end_is_cut_where_it_is_likeliest() -> None:
    sentences = find_sentences(Transcript.of_text(" ".join(["the red house"] * 40)).words, timed=False)
    assert max(s.end - s.start for s in sentences) <= LONGEST


@given(
    st.lists(
        st.sampled_from(sorted(word_set("so we went home. the and I, um — then that"))),
        max_size=120,
    )
)
def test_sentences_cover_the_text_in_order(tokens: list[str]) -> None:
    sentences = find_sentences(Transcript.of_text(tokens).words, timed=False)
    assert [place for s in sentences for place in range(s.start, s.end)] == list(range(len(tokens)))
    assert all(0 < s.confidence <= 1 for s in sentences)
