"""Answers written for the tests; none of them was trained on."""

from __future__ import annotations

import re

GARDEN = (
    "Our allotment had forty plots and one tap, and in a dry June people were queueing with their cans from "
    "six in the morning. As the newest on the committee I was asked to find a fairer way before the July "
    "meeting. I wrote down for a week who came when, then I borrowed three old tanks from a farm, and I set "
    "them up at the far ends with a rota on each. I also asked the two loudest people to look after a tank "
    "each. In the end the queue went from forty minutes to five, and nobody has complained since."
)
"""Situation, task, action, result."""

QUEUE = (
    "The problem with our canteen is that everyone comes at noon, because that is when the meetings end. "
    "I stood there with a stopwatch for two weeks, and on an average day people waited eleven minutes. "
    "I would move the meetings of one floor to half past eleven. Let's try it for a month with my own floor."
)
"""Problem, evidence, proposal."""

LATE = (
    "I used to be late for everything, and I thought of it as charming. For years my friends simply told me "
    "an earlier time. Then my sister married without me, because I missed the train, and she never shouted. "
    "These days I set off when I think it is far too early, and I take a book with me every time."
)
"""Struggle, turning point, new practice."""

TALK = (
    "Well, I would say I am a motivated person, and I like working with people in general. I think that "
    "communication is very important, and also quality, and of course customers. I have a lot of experience "
    "in different areas, so I am flexible, you know, and always open for new challenges and so on."
)
"""Nothing."""


def without_punctuation(text: str) -> str:
    """As a recogniser without punctuation gives it."""
    return re.sub(r"[^\w' ]", "", text.lower())
