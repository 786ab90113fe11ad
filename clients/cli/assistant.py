"""Advice of an assistant on a recording, once the person at the terminal has agreed to send its words."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from typing import TYPE_CHECKING, Any

from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.assistant.endpoint import Endpoint
    from engine.protocol.advice import Advice
    from engine.protocol.review import AnswerReview


def add_options(parser: Any, consent: str) -> None:
    """Add the options that name an assistant.

    Parameters
    ----------
    consent : sentence that says what is sent, and who agrees to it.
    """
    parser.add_argument(
        "--assistant",
        metavar="URL",
        help="ask a language model for a paragraph of advice and follow-up questions: the base address of an "
        f"OpenAI-compatible API, such as http://127.0.0.1:8080/v1. {consent} Its key comes from "
        "SOTTOVOCE_ASSISTANT_KEY",
    )
    parser.add_argument(
        "--assistant-model",
        metavar="NAME",
        help="the model to ask; by default the first that the API lists",
    )


def add_agreement(parser: Any) -> None:
    """Add the option by which a script agrees beforehand."""
    parser.add_argument(
        "--assistant-agree",
        action="store_true",
        help="agree beforehand that the words are sent; otherwise you are asked each time",
    )


def endpoint(args: argparse.Namespace) -> Endpoint | None:
    """Return the endpoint that was asked for; None where none was.

    Raises
    ------
    UsageError
        Its address can't be used.
    """
    if args.assistant is None:
        if args.assistant_model is not None:
            raise UsageError("--assistant-model needs --assistant URL")
        return None
    from engine.assistant.endpoint import KEY_VARIABLE, Endpoint

    return Endpoint.parse(args.assistant, args.assistant_model, os.environ.get(KEY_VARIABLE))


def check_agreement(agreed: bool) -> None:
    """Refuse, before any work is done, where nobody can be asked.

    Raises
    ------
    UsageError
        Nobody agreed beforehand, and there is no terminal to ask at.
    """
    if not agreed and not sys.stdin.isatty():
        raise UsageError(
            "--assistant asks before it sends any words, and there is no terminal to ask at: "
            "--assistant-agree agrees beforehand"
        )


def advise(review: AnswerReview, where: Endpoint, *, agreed: bool) -> Advice | None:
    """Send the words of a review if the person agrees; return the advice, None where they do not.

    Raises
    ------
    AssistantError
        It gave no answer that can be used.
    """
    from engine.assistant.client import Assistant

    if not agreed and not asked(f"the {len(review.words)} words of this take", where.host):
        return None
    return asyncio.run(Assistant(where).advise(review.question, review.words))


def asked(what: str, host: str) -> bool:
    """Ask the person at the terminal whether words may be sent; return whether they said yes."""
    print(
        f"Send {what}, with the question, as text to {host}? "
        "No sound is sent, and whoever runs it can read them. [y/N] ",
        end="",
        file=sys.stderr,
        flush=True,
    )
    agreed = sys.stdin.readline().strip().lower() in ("y", "yes")
    if not agreed:
        print("nothing is sent", file=sys.stderr)
    return agreed
