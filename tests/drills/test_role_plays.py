"""Role plays: what speakers say moves the other side, up or down, or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from msgspec.structs import replace

from dsp.frame import RATE_HZ
from engine.core.session import Session
from engine.drills.plan import plan
from engine.protocol import events as ev
from engine.protocol.drill_results import MoodResult
from engine.shipped.drills import bank, load
from engine.shipped.profiles import load as load_profile
from tests.drills.speaking import LATE_S, LINE_S, WORD_S, card, told, words

GAP_S = 5.0
"""Between what a speaker says: longer than the words take to be known, and a line."""

ANGRY_GOOD = (
    (
        "I'm really sorry. I can see that you're angry, and you have every right to be.",
        "Your system has been down since this morning and your people can't work.",
        "I'm sorry that it took us so long, that is our mistake.",
        "I will call you again by noon with what we found, and we will restore the orders first.",
    ),
    (
        "You must be very frustrated, and I apologize for that.",
        "For you that means the whole shop was down, that must be awful.",
        "We let you down there.",
        "We're going to send you a report within two hours.",
    ),
)
ANGRY_BAD = (
    (
        "So the thing is that our database has a replica and the replica was behind because of a job. "
        "The job reads the tables in the night and then it writes them again and this takes some time. "
        "We changed the size of the disk in spring and nobody thought of the job at that point, so "
        "the disk was full and the database went into another mode and the other one took over then.",
    )
    * 3,
    (
        "Please calm down first of all.",
        "It's not our fault, and you should have read the mail that we wrote.",
        "There is nothing we can do about it at the moment, the provider works on it and they have their "
        "own people and their own tools and they do it as they always do it on a day like this one.",
    ),
)
TEAMMATE_GOOD = (
    (
        "I see why you worry about releases in the night, you were the one who was called.",
        "In the last three months we had eleven incidents, and nine of them came with a large release.",
        "I will write the new pipeline and you review it before anybody uses it.",
    ),
    (
        "You're right that the last change broke the payments, and I'd be careful too.",
        "We measured it with two teams, and the time to repair went down by sixty percent.",
        "What if we try it with one small service for two weeks?",
    ),
)
TEAMMATE_BAD = (
    (
        "We should really do this because it is modern and everybody does it like that today. "
        "There are many talks about it and the tools are so much nicer than what we have here. "
        "I have seen it at the other company and they loved it and it looked great on the screen. "
        "It would be good for the whole team and for me and I want to do it in the next weeks.",
    )
    * 3,
    (
        "In the last three months we had eleven incidents.",
        "You just don't get it, the old way is over and everybody knows that.",
        "As I already said, the new one is better.",
    ),
)

VAGUE_GOOD = (
    (
        "Before I start, what is it that we are talking about?",
        "And who uses it?",
        "How would you measure that it got better?",
        "Do we have a budget, or a deadline?",
        "Then I'd shorten the list to what has changed since the last shift and let them swipe it.",
    ),
    (
        "Sorry, what kind of product do you mean?",
        "What problem do the users complain about?",
        "Who are the users?",
        "How long do we have, and how many developers?",
    ),
)
VAGUE_BAD = (
    ("I would make it faster and then I would change the first page and the colours and the letters. " * 3,),
    (
        "I think better always means faster, so I would measure it first of all.",
        "I would talk to the users and to the team and look at the budget and then write a plan.",
    ),
)
EXECUTIVE_GOOD = (
    (
        "My recommendation is to go live in May and not in March.",
        "In the last three months we found nine faults, and each would have cost forty thousand euros.",
    ),
    (
        "I need your yes to move two people to the billing team.",
        "With two more people we measured that the invoices go out four days earlier.",
    ),
)
EXECUTIVE_BAD = (
    (
        "So as you know we began with this in spring when the old vendor told us about their plans and then "
        "there was a workshop with all of the teams where we looked at the interfaces and the data and had "
        "a long list in the end and Peter wrote it all down and then the summer came and nobody was there.",
    )
    * 2,
    (
        "It is quite complicated and has many sides, and each of the teams sees it in another way.",
        "There is the side of the invoices, and the side of the contracts, and then there are the reports "
        "that the people in finance like to have, and they all come from other tables and other times.",
    ),
)
POLICYMAKER_GOOD = (
    (
        "Think of it as a cook who has tasted ten thousand soups and never read a recipe.",
        "For example, in one bank the share of women who got a loan fell by thirty percent.",
    ),
    (
        "It's like a clerk who only ever looks at old files and copies what was done in them.",
        "In the last two years one city sent four hundred wrong letters because of it.",
    ),
)
POLICYMAKER_BAD = (
    (
        "The model is a gradient boosted ensemble that we train on tabular features with a log loss and then "
        "we calibrate the scores with isotonic regression and choose a threshold on the validation set.",
    )
    * 3,
    (
        "In the last two years the area under the curve went from seventy to ninety percent.",
        "You need to regularise the weights, and then the features drift, so we retrain it with fresh labels "
        "every night and we look at the residuals and the importance of the features on the test set.",
    ),
)

MEETING_GOOD = (
    (
        "We have six minutes, and one thing to decide: a date for the release.",
        "I see that you don't want to be called at night again, and that your weekend was gone.",
        "And I understand that you promised the export to your customers.",
        "So we release on Thursday at ten, and everybody stays until three. Can we agree on that?",
    ),
    (
        "I understand that you're frustrated about the weekend on call.",
        "You're right that the customers can't wait any longer.",
        "What if we ship the export alone on Thursday? Would you both be willing to try it?",
    ),
)
MEETING_BAD = (
    (
        "The release goes out on Friday as it always does, and I have prepared the list of the tickets and "
        "the order in which they are merged and then we look at the dashboards and then we see what happens. "
        * 3,
    ),
    (
        "It's not so bad, and it is not our problem what was promised to somebody.",
        "Can we agree on Friday then?",
    ),
)

GOOD: Mapping[str, Sequence[Sequence[str]]] = {
    "angry-client": ANGRY_GOOD,
    "stubborn-teammate": TEAMMATE_GOOD,
    "vague-question": VAGUE_GOOD,
    "bottom-line": EXECUTIVE_GOOD,
    "plain-words": POLICYMAKER_GOOD,
    "meeting": MEETING_GOOD,
}
BAD: Mapping[str, Sequence[Sequence[str]]] = {
    "angry-client": ANGRY_BAD,
    "stubborn-teammate": TEAMMATE_BAD,
    "vague-question": VAGUE_BAD,
    "bottom-line": EXECUTIVE_BAD,
    "plain-words": POLICYMAKER_BAD,
    "meeting": MEETING_BAD,
}


def at_times(said: Sequence[str]) -> list[tuple[float, str]]:
    """What is said, each after the other, with a gap in which they listen."""
    times, at_s = [], 4.0
    for text in said:
        times.append((at_s, text))
        at_s += WORD_S * len(text.split()) + GAP_S
    return times


def played(name: str, said: Sequence[str], *, hears: bool = True) -> list[ev.DrillEvent]:
    made = plan(load(name), bank(), level="gentle", seed=3)
    times = at_times(said)
    until_s = times[-1][0] + WORD_S * len(times[-1][1].split()) + 2 * GAP_S
    return told(made, times, until_s=until_s, hear_words=hears, hears=hears)


def mood(events: Sequence[ev.DrillEvent]) -> MoodResult:
    found = card(events).mood
    assert found is not None
    return found


def cases(of: Mapping[str, Sequence[Sequence[str]]]) -> list[tuple[str, Sequence[str]]]:
    return [(name, said) for name, speakers in of.items() for said in speakers]


@pytest.mark.parametrize(("name", "said"), cases(GOOD))
def test_a_good_speaker_moves_them_to_their_best_and_is_quoted(name: str, said: Sequence[str]) -> None:
    events = played(name, said)
    found = mood(events)
    assert found.by_words
    assert found.ended == found.moods[-1] != found.began, [one.text for one in found.moved]
    assert not found.would
    everything = " ".join(said)
    for one in found.moved:
        assert one.better
        assert one.quote.removesuffix(" …") in everything
        assert 4.0 <= one.start_s < one.end_s
    told_of = [(event.was, event.mood) for event in events if isinstance(event, ev.DrillMood)]
    assert told_of == [(one.was, one.mood) for one in found.moved]
    assert not any(one.quote for one in (card(events).unquoted.mood or found).moved)


@pytest.mark.parametrize(("name", "said"), cases(BAD))
def test_a_bad_speaker_is_told_what_would_have_moved_them(name: str, said: Sequence[str]) -> None:
    events = played(name, said)
    found = mood(events)
    assert found.moods.index(found.ended) <= found.moods.index(found.began), [one.text for one in found.moved]
    assert found.would
    assert card(events).try_next == found.would[0]


@pytest.mark.parametrize("name", GOOD)
def test_without_words_a_drill_goes_on_and_says_that_nobody_hears_them(name: str) -> None:
    events = played(name, [*GOOD[name][0], *GOOD[name][1]], hears=False)
    found = mood(events)
    assert (found.by_words, found.moved, found.would) == (False, [], [])
    assert "can’t hear words" in found.text
    done = [event.do for event in events if isinstance(event, ev.DrillStep)]
    assert done[0] == "ask"
    assert "react" not in done


@pytest.mark.parametrize(
    ("said", "ended", "wanting"),
    [
        (
            ["I'm so sorry.", "You must be angry.", "I will call you by noon."],
            "upset",
            "Say in your own words",
        ),
        (["Your system is down.", "It has been down since this morning."], "impatient", "Acknowledge it"),
        (["Your system is down.", "I'm so sorry about that."], "listening", "Say what you’ll do next"),
        (["I will call you by noon."], "angry", "Acknowledge it"),
    ],
)
def test_an_angry_client_wants_it_named_and_acknowledged(said: list[str], ended: str, wanting: str) -> None:
    found = mood(played("angry-client", said))
    assert found.ended == ended
    assert found.would[0].startswith(wanting)


def test_what_would_have_moved_them_begins_with_the_next_thing() -> None:
    found = mood(played("stubborn-teammate", TEAMMATE_GOOD[0][:1]))
    assert found.ended == "doubtful"
    assert found.would[0].startswith("Give a figure"), found.would
    assert not any("view" in hint for hint in found.would), "that was done"


def session_events(name: str, blocks: int, pieces: int) -> list[ev.AnyEvent]:
    """Events of a session that learns words in facts of so many, and hears silence in blocks of samples."""
    made = plan(load(name), bank(), level="gentle", seed=3)
    session = Session(load_profile("interview"))
    session.begin_drill(made, [[LINE_S] * max(1, len(one.lines)) for one in made.steps], hears=True)
    for start_s, text in at_times(GOOD[name][0]):
        said = words(text, start_s)
        known = round((said[-1].end_s + LATE_S) * RATE_HZ)
        for first in range(0, len(said), pieces):
            part = said[first : first + pieces]
            fact = ev.Words(
                words=part, start_s=part[0].start_s, end_s=part[-1].end_s, confidence=0.9, source="test"
            )
            session.learn(fact, at=known)
    sound = np.zeros(60 * RATE_HZ, np.float32)
    for at in range(0, sound.size, blocks):
        session.hear(0, sound[at : at + blocks])
    session.finish()
    return [event for event in session.poll() if isinstance(event, ev.DrillEvent)]


def test_the_same_words_move_them_however_sound_and_facts_are_cut() -> None:
    whole = session_events("angry-client", 4_000, 1_000)
    moods = [event.mood for event in whole if isinstance(event, ev.DrillMood)]
    assert moods == ["upset", "listening", "calm"]

    def timeless(events: list[ev.AnyEvent]) -> list[ev.AnyEvent]:
        return [replace(event, seq=0) for event in events]

    assert timeless(session_events("angry-client", 333, 3)) == timeless(whole)


def test_what_was_missed_may_have_moved_them() -> None:
    made = plan(load("angry-client"), bank(), level="gentle", seed=3)
    heard = told(made, at_times(ANGRY_BAD[0]), until_s=60.0, hears=True, missed=(8.0, 50.0))
    found = mood(heard)
    assert not found.moved, "nobody gets hotter for want of words that weren't recognised"
    assert "Not all of your words" in found.text
