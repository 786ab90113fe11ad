from __future__ import annotations

import io

import pytest
from msgspec.structs import replace
from rich.console import Console

from clients.terminal.review import (
    ROW_PAUSE_S,
    ROW_WORDS,
    figures,
    quote,
    render_advice,
    render_review,
    transcript_rows,
)
from engine.protocol.advice import Advice
from engine.protocol.review import AnswerReview, WordPace, WordSpan
from tests.harness.reviews import REVIEW, WORDS


def shown(review: AnswerReview = REVIEW, who: str = "", *, colours: bool = False) -> str:
    out = io.StringIO()
    console = Console(
        file=out, width=120, force_terminal=colours, color_system="standard" if colours else None
    )
    console.print(render_review(review, who))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def test_fillers_and_restarts_are_marked_without_colours_too() -> None:
    text = " ".join(row.text.plain for row in transcript_rows(REVIEW))
    assert "‹um,›" in text
    assert "~we we~ split it" in text
    assert text.count("‹") == text.count("›") == 1


def test_parts_stand_in_the_margin_and_begin_a_row() -> None:
    rows = list(transcript_rows(REVIEW))
    assert [row.part for row in rows] == ["situation", "action", "result"]
    assert [row.at_s for row in rows] == [WORDS[part.start].start_s for part in REVIEW.parts]


def test_no_word_is_left_out_whatever_the_rows() -> None:
    for parts in (REVIEW.parts, REVIEW.parts[1:2], []):
        text = " ".join(row.text.plain for row in transcript_rows(replace(REVIEW, parts=parts, marks=[])))
        assert [word for word in text.split() if word in {one.text for one in WORDS}] == [
            word.text for word in WORDS
        ]


def test_words_between_parts_have_a_row_without_a_label() -> None:
    rows = list(transcript_rows(replace(REVIEW, parts=[REVIEW.parts[0], REVIEW.parts[2]])))
    assert [row.part for row in rows] == ["situation", "", "result"]


def test_pauses_are_gaps_and_long_ones_begin_a_row() -> None:
    late = [
        word if n < 5 else replace(word, start_s=word.start_s + 1.5, end_s=word.end_s + 1.5)
        for n, word in enumerate(WORDS)
    ]
    rows = list(transcript_rows(replace(REVIEW, words=late, parts=[], unknown=[])))
    assert len(rows) == 2  # what was lost is a long gap too
    assert "(1.5 s) " in rows[0].text.plain
    later = [
        word if n < 5 else replace(word, start_s=word.start_s + ROW_PAUSE_S, end_s=word.end_s + ROW_PAUSE_S)
        for n, word in enumerate(WORDS)
    ]
    assert len(list(transcript_rows(replace(REVIEW, words=later, parts=[], unknown=[])))) == 3


def test_a_long_talk_is_cut_at_sentences() -> None:
    words = [replace(WORDS[0], text=f"w{n}." if n % 10 == 9 else f"w{n}") for n in range(100)]
    rows = list(transcript_rows(replace(REVIEW, words=words, parts=[], marks=[], unknown=[])))
    assert [len(row.text.plain.split()) for row in rows] == [ROW_WORDS, ROW_WORDS, ROW_WORDS, 10]


def test_what_is_unknown_is_said_where_it_was() -> None:
    text = " ".join(row.text.plain for row in transcript_rows(REVIEW))
    assert "region. [2.5 s unknown: its sound was lost] So" in text


def test_findings_come_with_their_quotes_and_say_when_they_are_not_sure() -> None:
    text = shown()
    assert "  + The result has a figure.\n      0:11  “it takes forty minutes.”" in text
    assert "  ? Not sure: who decided was not heard." in text
    assert "  → The headline came after 9 s." in text
    assert "  Next time: Say the result first." in text
    assert "A machine heard these words" in text


def test_whose_words_they_are_is_said_where_there_are_two() -> None:
    assert "What was said: other side" in shown(who="other side")


def test_words_heard_unsurely_are_pale() -> None:
    pale = replace(REVIEW, words=[replace(WORDS[0], confidence=0.2), *WORDS[1:]])
    assert "\x1b[2mOur" in shown(pale, colours=True)
    assert "\x1b[2mOur" not in shown(colours=True)


def test_a_take_without_words_says_so() -> None:
    nothing = replace(REVIEW, words=[], marks=[], parts=[], findings=[], try_next="")
    text = shown(nothing)
    assert "no words were heard" in text
    assert "2.5 s unknown: its sound was lost" in text


def test_counts_are_a_range_where_ears_and_words_differ() -> None:
    assert list(figures(REVIEW)) == [
        "25 words, 140 a minute; 1 to 3 fillers, 1 restart, 0 hedges",
        "“we” 2 times, “I” never",
        "2 figures, 0 questions, 1 term (0 explained)",
    ]


@pytest.mark.parametrize(
    ("pace", "told"),
    [
        (
            WordPace(by_words=151.0, by_syllables=144.0, better="words", sure=True),
            "151 a minute (counted in words);",
        ),
        (
            WordPace(by_words=90.0, by_syllables=144.0, better="syllables", sure=False),
            "144 a minute (counted in syllables, uncertain);",
        ),
        (WordPace(by_words=None, by_syllables=None, better="syllables", sure=False), "25 words; 1 to 3"),
    ],
)
def test_the_better_pace_is_told_with_what_it_was_counted_by(pace: WordPace, told: str) -> None:
    assert told in next(figures(replace(REVIEW, measures=replace(REVIEW.measures, pace=pace))))


@pytest.mark.parametrize(("end", "cut"), [(3, False), (len(WORDS), True)])
def test_long_quotes_are_cut(end: int, cut: bool) -> None:
    words = WORDS * 2
    assert ("…" in quote(words, WordSpan(start=0, end=2 * end))) is cut


def test_advice_names_who_gave_it_and_shows_what_it_refers_to() -> None:
    advice = Advice(
        advice="Keep the result.",
        example="I cut it to forty minutes.",
        quotes=[WordSpan(start=21, end=25)],
        follow_ups=["How did you check that?"],
        host="127.0.0.1:8080",
        model="small",
        cut=True,
    )
    out = io.StringIO()
    Console(file=out, width=120).print(render_advice(advice, WORDS))
    text = "\n".join(line.rstrip() for line in out.getvalue().splitlines())
    assert text == (
        "\nAdvice of small at 127.0.0.1:8080   A language model wrote this: it may be wrong.\n"
        "  Keep the result.\n"
        "  For example: I cut it to forty minutes.\n"
        "      0:11  “it takes forty minutes.”\n"
        "  ? How did you check that?\n"
        "  It saw only the first part of what was said."
    )
