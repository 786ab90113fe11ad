from __future__ import annotations

from matplotlib.figure import Figure
from msgspec.structs import replace

from clients.cli import panels
from clients.cli.words_panel import CROWDED_S, LETTER_INCHES, PALE_INK, draw_words, written
from tests.harness.reviews import REVIEW, WORDS
from tests.harness.scripted_recogniser import said

INCHES = 12.0


def test_every_word_of_a_fast_minute_is_written_once_and_none_over_another() -> None:
    fast = replace(
        REVIEW, words=said("and then we moved it all " * 30, 0.0, word_s=0.3, gap_s=0.033), marks=[]
    )
    lines: dict[int, float] = {}
    found = list(written(fast, 0.0, 60.0, INCHES))
    assert [one.word for one in found] == [word for word in fast.words if word.start_s < 60.0]
    for word, line, _ in found:
        assert word.start_s >= lines.get(line, 0.0)
        lines[line] = word.start_s + 60.0 / INCHES * LETTER_INCHES * len(word.text)


def test_marked_words_have_their_colour_and_unsure_ones_are_paler() -> None:
    pale = [replace(WORDS[0], confidence=0.1), *WORDS[1:]]
    colours = {one.word.text: one.colour for one in written(replace(REVIEW, words=pale), 0.0, 60.0, INCHES)}
    assert (colours["um,"], colours["API"], colours["Our"]) == (panels.FILLER, panels.NUCLEUS, PALE_INK)


def test_in_a_long_row_marked_words_alone_are_written() -> None:
    texts = [one.word.text for one in written(REVIEW, 0.0, CROWDED_S + 1, INCHES)]
    assert texts == ["um,", "we", "we", "API"]


def test_each_word_is_written_where_it_begins_and_each_part_is_named() -> None:
    panel = Figure().add_subplot()
    odd = replace(REVIEW, words=[replace(WORDS[0], text="$\\frac$"), *WORDS[1:]])
    draw_words(panel, odd, 0.0, 60.0, INCHES)
    texts = {text.get_text(): text.get_position()[0] for text in panel.texts}
    assert {"situation", "action", "result"} <= set(texts)
    assert texts["$\\frac$"] == WORDS[0].start_s
    assert texts["forty"] == WORDS[-2].start_s
    assert len(panel.texts) == len(WORDS) + len(REVIEW.parts)
    panel.figure.canvas.draw()
