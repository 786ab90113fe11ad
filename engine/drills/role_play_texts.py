"""Sentences about the mood of a drill's person: what moved it, where it ended, what would have moved it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from engine.protocol.drill_results import MoodResult, Moved
from engine.protocol.terms import Heard

from .plan import Planned

DID: Mapping[Heard, str] = {
    "acknowledgement": "You acknowledged it",
    "dismissal": "You waved it away",
    "other_view": "You named their view",
    "evidence": "You gave evidence",
    "analogy": "You gave an analogy",
    "question": "You asked",
    "check_in": "You checked in",
    "headline": "You said the point",
    "next_step": "You named a next step",
    "agenda": "You said what the meeting is for",
    "proposal": "You made a proposal",
    "agreement": "You asked for agreement",
    "mention": "You named it",
    "fault": "You named the fault",
    "fix": "You said what would mend it",
}

WOULD: Mapping[Heard, str] = {
    "acknowledgement": "Acknowledge it before you explain: “I’m sorry, I see that you’re angry.”",
    "dismissal": "Wave it away.",
    "other_view": "Name their view before your own: “I see why you worry about …”",
    "evidence": "Give a figure or an example: “In the last three months …”",
    "analogy": "Put it into terms that they know: “It’s like a library that …”",
    "question": "Ask what is meant before you answer, and wait.",
    "check_in": "Ask whether they follow: “Does that make sense?”",
    "headline": "Say the point in one sentence: “My recommendation is …”",
    "next_step": "Say what you’ll do next, and by when: “I’ll call you by four.”",
    "agenda": "Say what the meeting is for, and how long it takes.",
    "proposal": "Make a proposal: “What if we …”",
    "agreement": "Ask whether they agree: “Can we agree on that?”",
    "mention": "Name what it is about.",
    "fault": "Say what the fault is, and in which line.",
    "fix": "Say what you would change.",
}
"""What would have moved them, by what they listened for."""

NO_WORDS = (
    "This person can’t hear words here: they go by how you speak. With words on, what you say moves them."
)
MISSED = " Not all of your words were recognised; what the others would have done isn’t known."


def hint_for(step: Planned) -> str:
    """Return what would have made a step happen, one sentence."""
    assert step.heard is not None
    return step.hint or WOULD[step.heard]


def how_moved(moved: Moved) -> Moved:
    """Return it with its sentence."""
    change = f"from {moved.was} to {moved.mood}"
    if moved.heard is None:
        length_s = moved.end_s - moved.start_s
        return replace(moved, text=f"In {length_s:.0f} s nothing that you said moved them: {change}.")
    return replace(moved, text=f"{DID[moved.heard]}: {change}.")


def how_they_ended(result: MoodResult, whose: str, *, missed: bool) -> MoodResult:
    """Return it with its sentence.

    Parameters
    ----------
    whose : mood it is, such as "the client".
    missed : whether words were missed, or none came.
    """
    if not result.by_words:
        return replace(result, would=[], text=NO_WORDS)
    name = f"{whose[0].upper()}{whose[1:]}"
    if result.began == result.ended:
        text = f"{name} began {result.began}, and ended so."
    else:
        text = f"{name} began {result.began}, and ended {result.ended}."
    return replace(result, text=text + (MISSED if missed else ""))
