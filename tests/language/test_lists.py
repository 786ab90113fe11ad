"""Lists are read at their first use, and all of them when asked to."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from engine.language import explained, marker_rules, ownership, question_cues, sentence_cues, shipped, terms
from engine.language.fillers import find_fillers
from engine.language.impact import has_impact, has_result
from engine.language.lists import read_lists
from engine.language.other_view import find_other_views
from engine.language.questions import find_questions
from engine.language.terms import find_terms
from engine.language.transcript import Transcript

from .answers import GARDEN, LATE, QUEUE, TALK


def test_no_list_is_read_at_import() -> None:
    code = "import engine.language.shipped as s; s.read_list = None; import engine.language.lists"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_once_read_nothing_is_compiled_in_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    for cached in (
        shipped.read_sections,
        shipped.wording,
        explained.explaining,
        marker_rules.rules_of,
        ownership.wordings_of,
        question_cues.question_cues,
        sentence_cues.weights,
        terms.shipped_terms,
    ):
        cached.cache_clear()
    read_lists()

    def forbidden(*_: object) -> None:
        raise AssertionError("compiled in a call")

    monkeypatch.setattr(re, "compile", forbidden)
    for text in (GARDEN, LATE, QUEUE, TALK, "So, well, the API took forty minutes of two hours, right?"):
        words = Transcript.of_text(text).words
        for find in (find_fillers, find_questions, find_terms, has_impact, has_result, find_other_views):
            find(words)
