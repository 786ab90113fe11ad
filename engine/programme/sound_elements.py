"""What scores are made of where the session's measures don't tell: pitch in steps, a view said back."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .element import Element, at_most, there
from .heard import captured
from .progress import LEAST_USUAL, STEADY_ST, USUAL_TAKES

PITCH_FROM_USUAL = "pitch_from_usual_st"

SOUND_SCORES: Mapping[str, tuple[Element, ...]] = MappingProxyType(
    {
        "land_it": (
            Element(
                name="fall_st",
                title="fall at the end",
                read=captured("fall_st"),
                weight=2.0,
                least=3.0,
                zero_below=0.0,
                unit="st",
                words=False,
                advice="Begin the last stressed word a little higher, and let your voice drop on it, "
                "as if you put something down.",
            ),
            Element(
                name="landed_share",
                title="statements that landed",
                read=captured("landed_share"),
                least=0.9,
                zero_below=0.3,
                words=False,
                advice="Breathe in before each statement, so that there is air left for its last word.",
                unknown="Too little was heard: it takes the ends of three statements. An end that is creaky "
                "or very soft isn't held against you; a breath before the statement helps.",
            ),
        ),
        "steady_pitch": (
            Element(
                name=PITCH_FROM_USUAL,
                title="pitch against your usual",
                read=captured(PITCH_FROM_USUAL),
                least=-STEADY_ST,
                most=STEADY_ST,
                zero_below=-3.0,
                zero_above=3.0,
                unit="st",
                words=False,
                advice="Breathe out before you begin, and begin at the pitch of a quiet hum.",
                unknown="Your usual pitch isn't known yet, or too little was heard: it is the median of the "
                f"{USUAL_TAKES} takes before this one, of which at least {LEAST_USUAL} must have figures.",
            ),
        ),
        "paraphrase": (
            Element(
                name="kept_share",
                title="of their words, kept",
                read=captured("kept_share"),
                weight=2.0,
                least=0.2,
                zero_below=0.0,
                advice="Keep the two or three words that it is about.",
                unknown="Too little was heard, or it is a recording, which doesn't tell what was said to "
                "you: do it on the page.",
            ),
            Element(
                name="own_words_share",
                title="words of your own",
                read=captured("own_words_share"),
                least=0.25,
                zero_below=0.0,
                advice="Say it as you would say it: change the verbs first.",
            ),
            at_most(
                "copied_words", "longest part word for word", captured("copied_words"), 7.0, 15.0, "words",
                "Say it in words of your own, not sentence by sentence.",
            ),
            there(
                "point_first_share", "begun with their point", captured("point_first_share"),
                "Begin with them: “So what matters to you is …”.", 2.0, "each time",
            ),
            there(
                "checked_share", "asked whether that is right", captured("checked_share"),
                "End with “Is that right?”.", whole="each time",
            ),
        ),
    }
)  # fmt: skip
"""By the name of the exercise."""
