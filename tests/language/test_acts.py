"""What speakers do with a sentence: found where it is done, and not where the words alone look like it."""

from __future__ import annotations

import pytest

from engine.language.acts import find_acts, mentions
from engine.language.transcript import Transcript
from engine.protocol.terms import Act


def acts(text: str) -> set[Act]:
    return {act for sentence in find_acts(Transcript.of_text(text).words) for act in sentence.acts}


@pytest.mark.parametrize(
    ("act", "text"),
    [
        ("acknowledgement", "I'm very sorry about this."),
        ("acknowledgement", "I can see how frustrated you are."),
        ("acknowledgement", "You have every right to be angry."),
        ("acknowledgement", "That must be awful for your team."),
        ("acknowledgement", "I see why you worry about that."),
        ("dismissal", "Please calm down."),
        ("dismissal", "It is not our fault."),
        ("dismissal", "You should have read the manual."),
        ("evidence", "We measured it in two teams."),
        ("evidence", "It went down from forty to twelve percent."),
        ("evidence", "In the last three months nobody was called."),
        ("headline", "My recommendation is to wait until May."),
        ("headline", "In one sentence, it is safe but slow."),
        ("headline", "We should go ahead."),
        ("next_step", "I'll call you back by four o'clock."),
        ("next_step", "We're going to send you a report tomorrow."),
        ("analogy", "Think of it as a librarian who knows every book."),
        ("question", "Who is going to use it?"),
        ("check_in", "Does that make sense?"),
        ("agenda", "We have ten minutes and two questions to decide."),
        ("agenda", "The goal of today is a date."),
        ("proposal", "What if we start with one team?"),
        ("agreement", "Can we agree on that?"),
        ("agreement", "Would you both be willing to try it?"),
    ],
)
def test_an_act_is_found(act: Act, text: str) -> None:
    assert act in acts(text)


@pytest.mark.parametrize(
    ("act", "text"),
    [
        ("acknowledgement", "Sorry to interrupt you there."),
        ("acknowledgement", "I'm sorry but you are the one who did it."),
        ("acknowledgement", "That is not our fault."),
        ("acknowledgement", "The replica was behind because of a job in the night."),
        ("dismissal", "I was calm when I went down to the office."),
        ("evidence", "It is so much nicer and everybody likes it."),
        ("headline", "So the thing is that there was a table, and then another one."),
        ("next_step", "I'll be honest with you."),
        ("next_step", "We sent it yesterday."),
        ("analogy", "It's like a big thing for us."),
        ("agreement", "They agreed on nothing."),
        ("proposal", "We started with one team."),
    ],
)
def test_what_looks_like_an_act_is_none(act: Act, text: str) -> None:
    assert act not in acts(text)


def test_acts_belong_to_their_sentence() -> None:
    found = find_acts(Transcript.of_text("I'm so sorry. I will call you by noon.").words)
    assert ["acknowledgement" in one.acts for one in found] == [True, False]
    assert ["next_step" in one.acts for one in found] == [False, True]
    assert find_acts([]) == []


def test_a_mention_is_of_whole_words_or_of_any_ending() -> None:
    said = ["the", "users", "on", "night", "shift", "the", "ward's", "budget"]
    assert mentions(said, ["night shift"])
    assert mentions(said, ["user*"])
    assert mentions(said, ["ward"])
    assert not mentions(said, ["user", "shifts", "night budget"])
