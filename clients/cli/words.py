"""The command ``sottovoce words``, and options of other commands that hear words."""

from __future__ import annotations

import argparse
from typing import Any

from engine.errors import UsageError

from .words_check import add_parser as add_parser

MOST_QUESTION = 500
"""Characters of a question, as in :class:`engine.protocol.messages.SetQuestion`."""


def add_options(parser: Any) -> None:
    """Add the options for words."""
    parser.add_argument(
        "--words",
        action="store_true",
        help="recognise what is said as well, on this machine, and review the answer; English only "
        "(needs sottovoce[words])",
    )
    parser.add_argument(
        "--question",
        type=_question,
        metavar="TEXT",
        help="the question that is answered, for the review of the words",
    )


def add_recognition(parser: Any) -> None:
    """Add the options that say how a recording's words are recognised."""
    parser.add_argument(
        "--words-mode",
        choices=("live", "phrase", "afterwards"),
        help="recognise words as in a call, about a second after they are said (live) or at each pause "
        "(phrase), or as well as can be (afterwards); nudges that come from words come when the words are "
        "known (afterwards by default)",
    )

    parser.add_argument(
        "--words-model",
        metavar="MODEL",
        help="recognise words with this model: moonshine, which is installed with sottovoce[words], or "
        "`whisper:` and the folder or name of a model for faster-whisper, not live (moonshine by default)",
    )


def check_options(args: argparse.Namespace) -> None:
    """Refuse options that mean nothing without ``--words``.

    Raises
    ------
    UsageError
        One was given.
    """
    for name in ("question", "words_mode", "words_model", "assistant"):
        if getattr(args, name, None) is not None and not args.words:
            raise UsageError(f"--{name.replace('_', '-')} needs --words")


def _question(text: str) -> str:
    text = text.strip()
    if 0 < len(text) <= MOST_QUESTION:
        return text
    raise argparse.ArgumentTypeError(f"must have 1 to {MOST_QUESTION} characters, this one has {len(text)}")
