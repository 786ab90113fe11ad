"""Terms of drills: the words that scripts, events and messages have in common."""

from __future__ import annotations

from typing import Literal, get_args

Role = Literal["interviewer", "teammate", "client", "executive", "colleague", "policymaker"]
Level = Literal["gentle", "medium", "hard"]
Then = Literal["insists", "yields", "goes_silent"]
Do = Literal[
    "ask", "barge_in", "challenge", "impatience", "talk_over", "backchannel", "clarify",
    "react", "silence", "distraction", "trouble",
]  # fmt: skip
Sound = Literal["desk_tapping", "keyboard", "phone_ring", "door_knock", "notification", "chair", "murmur"]

LEVELS: tuple[Level, ...] = get_args(Level)

ListensFor = Literal["question", "check_in", "other_view"]
"""What a drill listens for in the speaker's words."""

Act = Literal[
    "acknowledgement", "dismissal", "other_view", "evidence", "analogy", "question", "check_in", "headline",
    "next_step", "agenda", "proposal", "agreement",
]  # fmt: skip
"""What a speaker does with a sentence."""

Heard = Literal[Act, "mention", "fault", "fix"]
"""What the person of a drill hears in a sentence: an act, some words, a program's fault or its fix."""

Style = Literal[
    "adaptability", "influence without authority", "customer obsession", "extreme ownership", "ethics"
]
Skill = Literal[
    "storytelling with data", "clarifying", "collaboration", "ambiguity", "persuasion",
    "emotional intelligence", "growth",
]  # fmt: skip

Framework = Literal["PEP", "STAR", "CAR", "growth"]
"""How an answer is built."""

FollowUpKind = Literal["result", "comparison", "plain_words", "own_part", "one_sentence", "example"]
"""What an interviewer asks for after an answer: what changed, compared to what, a term in plain words, the
speaker's own part, the answer in one sentence, an example."""

Patience = Literal["short", "normal", "long"]
"""How long an interviewer waits in a silence before it takes an answer to be over."""

SPOKEN: frozenset[Do] = frozenset(
    {"ask", "barge_in", "challenge", "impatience", "talk_over", "backchannel", "clarify", "react", "trouble"}
)
"""Steps in which a voice says a line."""
