"""Read what ships beside the code ahead of time: a server with words does it at its start, not in a call."""

from __future__ import annotations

from .fillers import find_fillers
from .impact import has_impact, has_result
from .marker_rules import BREAK_LOG_ODDS, rules_of
from .other_view import find_other_views
from .questions import find_questions
from .shipped import read_sections, wording
from .terms import find_terms
from .transcript import Transcript

SAMPLE = "So I asked whether the API is done, which means that they call it. Does that make sense?"
"""Talk without impact, so that all of what may say some is looked for."""


def read_lists() -> None:
    """Read and compile the lists that cues and drills use; takes about 0.1 s."""
    words = Transcript.of_text(SAMPLE).words
    for find in (find_fillers, find_questions, find_terms, has_impact, has_result, find_other_views):
        find(words)
    for marker in BREAK_LOG_ODDS:
        rules_of(marker)
    for section in read_sections("figures.txt"):
        wording("figures.txt", section)
