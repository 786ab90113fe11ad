"""What a language model answered: decoded, bounded, and held against what was really said."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from engine.errors import AssistantError
from engine.language.transcript import bare
from engine.protocol.review import WordSpan
from engine.protocol.words import Word

QUOTED = re.compile(r"[“\"„«]([^“”\"„«»]+)[”\"“»]")
"""Something in quotation marks."""

SENTENCE_END = re.compile(r"(?<=[.!?])\s+|(?<=[.!?][”\"»])\s+")


class Answer(Struct, frozen=True, forbid_unknown_fields=True):
    """The JSON object that a model is asked for."""

    advice: Annotated[str, Meta(min_length=1, max_length=1500)]
    example: Annotated[str, Meta(max_length=500)]
    quotes: Annotated[list[Annotated[str, Meta(max_length=400)]], Meta(max_length=8)]
    follow_ups: Annotated[list[Annotated[str, Meta(max_length=400)]], Meta(max_length=8)]


_answer = msgspec.json.Decoder(Answer)


def decode_answer(content: str) -> Answer:
    """Decode the text of a model's reply: the JSON object in it, without its thoughts and code fence.

    Control characters are taken out, those that reorder text too.

    Raises
    ------
    AssistantError
        No JSON, or not of the shape that was asked for.
    """
    text = re.sub(r"<think>.*?</think>", "", content, flags=re.DOTALL)
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        raise AssistantError("the assistant answered, but not with JSON; try another model")
    try:
        answer = _answer.decode(text[start : end + 1])
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        raise AssistantError(
            "the assistant answered, but not in the form that was asked for; try another model"
        ) from error
    return Answer(
        advice=plain(answer.advice),
        example=plain(answer.example),
        quotes=[plain(one) for one in answer.quotes],
        follow_ups=[text for one in answer.follow_ups if (text := plain(one))],
    )


def plain(text: str) -> str:
    """Return text in one line without control and format characters."""
    printable = (" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    return re.sub(" +", " ", "".join(printable)).strip()


def find_quote(quote: str, words: Sequence[str]) -> WordSpan | None:
    """Find a quote word for word; case and punctuation don't count.

    Parameters
    ----------
    quote : of one word or more.
    words : what was said, in the order of the review.

    Returns
    -------
    WordSpan
        Its first place; None where it was not said.
    """
    wanted = [word for word in map(bare, quote.split()) if word]
    said = [(place, word) for place, word in enumerate(map(bare, words)) if word]
    for first in range(len(said) - len(wanted) + 1 if wanted else 0):
        run = said[first : first + len(wanted)]
        if [word for _, word in run] == wanted:
            return WordSpan(start=run[0][0], end=run[-1][0] + 1)
    return None


def checked_quotes(answer: Answer, words: Sequence[Word]) -> tuple[str, list[WordSpan]]:
    """Return the advice without sentences that quote what was not said, and the places of the true quotes.

    Raises
    ------
    AssistantError
        Nothing of the advice is left.
    """
    said = [word.text for word in words]
    kept = [
        sentence
        for sentence in SENTENCE_END.split(answer.advice)
        if all(find_quote(quote, said) is not None for quote in QUOTED.findall(sentence))
    ]
    if not any(kept):
        raise AssistantError("the assistant quoted what was not said, so its advice is left out")
    spans = {span.start: span for quote in answer.quotes if (span := find_quote(quote, said)) is not None}
    return " ".join(kept), [spans[start] for start in sorted(spans)]
