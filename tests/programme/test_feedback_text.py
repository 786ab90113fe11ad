"""Feedback by mail: what is sent can be read once it was filled in, quoted and mangled as mail is."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import UsageError
from engine.programme.feedback_text import answer_of_text, form_text, read_mail
from engine.programme.ratings import asked_of
from engine.protocol.feedback import EXPLAINING, MAX_TEXT, Answer, tidy
from engine.shipped.programmes import load
from tests.programme.test_ratings import round_of

ID = "0123456789ab"
ASKED = asked_of(load())
MAILED = round_of(links=0, asked=ASKED)
FORM = form_text(ID, MAILED)


def filled(ratings: dict[str, str], stop: str = "", start: str = "") -> str:
    """The text as somebody sends it back."""
    text = FORM
    for one in ASKED:
        if one.name in ratings:
            text = text.replace(f"[  ] {one.title}", f"[{ratings[one.name]}] {one.title}")
    text = text.replace("stop doing:\n", f"stop doing:\n{stop}\n")
    return text.replace("start doing:\n", f"start doing:\n{start}\n")


def quoted(text: str) -> str:
    """The text as a mail program quotes it."""
    return "Hi Ada,\n\nhere it is.\n\n" + "".join(f"> {line}\n" for line in text.splitlines()) + "-- \nBob\n"


def test_lines_are_short_enough_for_mail_and_say_that_it_isnt_anonymous() -> None:
    assert max(map(len, FORM.splitlines())) <= 72
    assert "isn't anonymous" in FORM
    assert all(one.title in FORM for one in ASKED)


@pytest.mark.parametrize(
    "mailed", [str, quoted, lambda text: quoted(quoted(text)), lambda text: text.replace("\n", "\r\n")]
)
def test_what_was_filled_in_is_read(mailed: object) -> None:
    text = mailed(filled({EXPLAINING: " 8 ", "growth": "10/10"}, "Rushing.\nAnd jargon.", "Pausing."))  # type: ignore[operator]
    answer = Answer(ratings={EXPLAINING: 8, "growth": 10}, stop="Rushing.\nAnd jargon.", start="Pausing.")
    assert read_mail(text, {"other": MAILED, ID: MAILED}) == (ID, answer)


def test_an_answer_behind_its_question_is_read() -> None:
    text = FORM.replace("stop doing:", "stop doing: rushing").replace("start doing:", "start doing: pausing")
    assert answer_of_text(text, ASKED) == Answer(stop="rushing", start="pausing")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[4] ", "[*4*] "),
        ("[4] ", "[**4**] "),
        ("[4] ", "[ _4_ ]  "),
        ("[4] ", "*[4]* "),
        ("[4] ", "**[4]  "),
        ("[4] ", "* [4] "),
        ("thing that I should stop doing:", "*thing* that  I should **stop** doing:"),
        ("One thing that I should stop doing:", "**One thing that I should stop doing:**"),
        ("One thing that I should stop doing:", "  *One thing that I should  stop doing*:"),
        ("Round: ", "*Round:*  "),
        (f"Round: {ID}", f"**Round: {ID}**"),
    ],
)
def test_emphasis_and_double_spaces_lose_nothing(before: str, after: str) -> None:
    sent = filled({one.name: "4" for one in ASKED}, "Rushing *all* of it.", "Pausing.")
    assert before in sent
    id, answer = read_mail(quoted(sent.replace(before, after)), {ID: MAILED, "other": MAILED})
    assert (id, answer.stop, answer.start) == (ID, "Rushing *all* of it.", "Pausing.")
    assert answer.ratings == {one.name: 4 for one in ASKED}


def test_what_stands_behind_a_heading_in_bold_is_kept_as_it_was_written() -> None:
    text = FORM.replace(
        "One thing that I should stop doing:", "*One  thing that I should stop doing:* rush *so*"
    )
    assert answer_of_text(text, ASKED) == Answer(stop="rush *so*")


@pytest.mark.parametrize("wrong", ["11", "0", "7.5", "ten", "-3", "²"])
def test_a_rating_that_is_none_is_refused_with_what_it_is_of(wrong: str) -> None:
    with pytest.raises(UsageError, match=re.escape(f"[{wrong}] Growth: must be a whole number from 1 to 10")):
        answer_of_text(filled({"growth": wrong}), ASKED)


def test_an_empty_form_and_any_other_text_are_refused() -> None:
    for text in (FORM, "", "Dear Ada,\nno time. Sorry!"):
        with pytest.raises(UsageError, match=re.escape("[7] Explaining technical things")):
            answer_of_text(text, ASKED)


def test_a_text_that_names_no_round_is_for_the_newest_by_mail() -> None:
    text = filled({EXPLAINING: "8"}).replace(f"Round: {ID}", "")
    older, by_links = round_of(links=0, asked=ASKED, days_ago=3), round_of(asked=ASKED)
    assert read_mail(text, {"older": older, ID: MAILED, "links": by_links})[0] == ID
    with pytest.raises(UsageError, match="a round by mail is not there: ask by mail first"):
        read_mail(text, {"links": by_links})
    with pytest.raises(UsageError, match=f"the round {ID} that this text names is not there"):
        read_mail(filled({EXPLAINING: "8"}), {"older": older})


def test_a_text_that_is_too_long_is_refused() -> None:
    with pytest.raises(UsageError, match="it may have 600"):
        answer_of_text(filled({}, "word " * MAX_TEXT), ASKED)


@given(
    st.dictionaries(st.sampled_from([one.name for one in ASKED]), st.integers(1, 10), min_size=1),
    st.text(max_size=80),
)
def test_whatever_was_filled_in_comes_back(ratings: dict[str, int], words: str) -> None:
    word = re.sub(r"[^\w ]", "", tidy(words)).replace("\n", " ").strip()
    answer = answer_of_text(quoted(filled({name: str(n) for name, n in ratings.items()}, word)), ASKED)
    assert answer.ratings == ratings
    assert answer.stop == tidy(word)


@given(st.text())
def test_any_text_is_an_answer_or_refused(text: str) -> None:
    try:
        answer = answer_of_text(text, ASKED)
    except UsageError:
        return
    assert answer.ratings or answer.stop or answer.start
