"""What the score of each exercise is made of: figures with their weights, targets, and one thing to try."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .element import Element, at_most, there
from .heard import (
    asked,
    came_to_an_end,
    cases,
    different_words,
    found,
    length_of,
    listened,
    measure,
    part,
    parts,
    terms_of,
)
from .sound_elements import SOUND_SCORES

_FILLERS = Element(
    name="fillers_per_min",
    title="fillers",
    read=measure("fillers"),
    most=3.0,
    zero_above=12.0,
    unit="/min",
    words=False,
    advice="Where an “um” would come, breathe in silence.",
)
_HEDGES = at_most(
    "hedges_per_min", "hedges", measure("hedges"), 2.0, 10.0, "/min",
    "Say the main sentence once without “maybe” and “I think”.",
)  # fmt: skip
_BLAME = at_most(
    "blame", "others to blame", measure("blame"), 0.0, 1.0, "",
    "Say what you would do differently, not who was at fault.",
)  # fmt: skip
_OWN_FAULT = there(
    "own_fault", "own part named", measure("own_fault"), "Name your own part: “I should have …”.", 2.0
)
_ASSUMPTION = there(
    "assumption",
    "an assumption said",
    measure("assumption"),
    "Say one assumption aloud: “I assume that …”.",
    2.0,
)

DRILL: tuple[Element, ...] = (
    Element(
        name="composure",
        title="composure",
        read=measure("composure"),
        least=10.0,
        zero_below=0.0,
        unit="of 10",
        words=False,
        advice="When someone cuts in, stop at the next word, and resume as you spoke before.",
    ),
    there("listened", "what the drill listened for", listened, "Do first what the drill asks for."),
)
"""Of an exercise that is a drill."""

SCORES: Mapping[str, tuple[Element, ...]] = MappingProxyType(
    {
        "pep": (
            there(
                "pep_share", "problem, evidence, proposal", parts("PEP"),
                "Say all three, in this order, and the proposal as one: “I propose …”.", 4.0, "all, in order",
            ),
            there("figures", "figures", measure("figures"), "Put one figure into your evidence.", 1.5, ""),
            _HEDGES,
            _FILLERS,
        ),
        "half_a_minute": (
            at_most(
                "headline_s", "the point came after", measure("headline"), 8.0, 25.0, "s",
                "Say the point in your first sentence, then tell how it came.", 2.0,
            ),
            there(
                "ended_share", "tellings that came to an end", came_to_an_end,
                "Leave out a detail, so that you are done before the time is.", 2.0, "all",
            ),
            at_most(
                "restarts_per_100_words", "restarts", measure("restarts"), 1.5, 6.0, "per 100 words",
                "Know the end of a sentence before you begin it.",
            ),
            _FILLERS,
        ),
        "explain_to_three": (
            at_most(
                "child_terms_per_100_words", "terms for the child", terms_of(0), 2.0, 10.0, "per 100 words",
                "For the child, put a thing that can be seen in the place of each term.", 2.0,
            ),
            Element(
                name="different_words_share",
                title="other words for each listener",
                read=different_words,
                weight=1.5,
                least=0.8,
                zero_below=0.4,
                advice="Give each listener an example of their own.",
            ),
            at_most(
                "unexplained_terms", "terms not explained", measure("unexplained_terms"), 3.0, 8.0, "",
                "Put a plain word beside each term.",
            ),
            there(
                "analogy", "an analogy", found("analogy"), "Say what it is like: “Think of it as …”."
            ),
        ),
        "one_breath": (
            Element(
                name="fillers_per_min",
                title="fillers",
                read=measure("fillers"),
                weight=3.0,
                most=1.0,
                zero_above=8.0,
                unit="/min",
                words=False,
                advice="When an “um” wants to come, close your mouth, breathe in, and go on.",
            ),
            Element(
                name="pause_share",
                title="pauses",
                read=measure("pauses"),
                least=0.1,
                most=0.4,
                zero_below=0.0,
                zero_above=0.7,
                words=False,
                advice="Pause after each thought, for about a second.",
            ),
            at_most(
                "filler_words_per_100_words", "filler words", measure("filler_words"), 2.0, 8.0,
                "per 100 words", "Leave out “like” and “you know”: a short pause does the same.",
            ),
        ),
        "own_it": (
            _OWN_FAULT,
            there(
                "empathy", "feeling with an act", measure("empathy"),
                "Say how somebody felt and what you did about it.", 2.0,
            ),
            there(
                "growth_share", "struggle, turning point, new practice", parts("growth"),
                "Say what was hard, what made you change, and what you do differently now.", 2.0,
                "all, in order",
            ),
            _BLAME,
        ),
        "what_i_know": (
            there("unknown", "the unknown named", measure("unknown"), "Say what you don't know yet.", 2.0),
            Element(
                name="questions",
                title="questions asked",
                read=asked(0),
                weight=2.0,
                least=1.0,
                zero_below=0.0,
                advice="Ask the one question whose answer decides.",
            ),
            _ASSUMPTION,
        ),
        "analogy_bank": (
            there(
                "analogy", "an analogy", found("analogy"),
                "Say it so that it is heard as one: “It is like a … that …”.", 3.0,
            ),
            at_most(
                "terms_per_100_words", "technical terms", measure("terms"), 5.0, 15.0, "per 100 words",
                "Stay in the picture: say what happens there, without the terms.", 2.0,
            ),
            at_most(
                "last_words", "words of the last telling", length_of(-1), 25.0, 60.0, "words",
                "The last time, one sentence: what it is like, and what follows.",
            ),
        ),
        "incomplete": (
            Element(
                name="questions",
                title="questions asked",
                read=asked(0),
                weight=2.0,
                least=1.0,
                most=2.0,
                zero_below=0.0,
                zero_above=6.0,
                advice="Ask one question: the one whose answer changes what you would do.",
            ),
            _ASSUMPTION,
            Element(
                name="cases",
                title="cases told apart",
                read=cases,
                weight=1.5,
                least=2.0,
                zero_below=0.0,
                advice="Say both cases: “If it is …, then …; otherwise …”.",
            ),
        ),
        "debugging": (
            _OWN_FAULT,
            _BLAME,
            there(
                "new_practice", "what you will change", part("new_practice"),
                "Say what you do differently from now on.", 1.5,
            ),
            _FILLERS,
        ),
        **SOUND_SCORES,
    }
)  # fmt: skip
"""By the name of the exercise."""
