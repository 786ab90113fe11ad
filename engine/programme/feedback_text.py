"""Feedback by mail: a text with the questions to send, and reading it once somebody has filled it in."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence

from engine.errors import UsageError
from engine.protocol.feedback import HIGHEST, LOWEST, MAX_TEXT, Answer, Asked, FeedbackRound, tidy

_WIDTH = 68
"""Characters of a line, so that no mail program breaks it."""

_STOP = "One thing that I should stop doing:"
_START = "One thing that I should start doing:"
_ROUND = "Round:"

_QUOTE = re.compile(r"^(?:\s*[>|])+\s?")
_RATING = re.compile(r"^\s*\[(?P<rating>[^\]]*)\]\s*(?P<title>.+?)\s*$")
_ID = re.compile(r"round:\s*([\w-]{6,64})\s*$", re.IGNORECASE)
_SIGNATURE = re.compile(r"^-- ?$")
_EMPHASIS = re.compile(r"[*_]")
"""How a mail program writes bold and italics in plain text."""

_HEADINGS = {
    heading: re.compile(
        r"[\s*_]*" + r"[\s*_]+".join(re.escape(word) for word in heading[:-1].split()) + r"[\s*_]*:[*_]*",
        re.IGNORECASE,
    )
    for heading in (_STOP, _START)
}


def form_text(id: str, round: FeedbackRound) -> str:
    """Return the questions as a text to send."""
    lead = (
        f"{round.asker} asks you for feedback. Please reply to this text: put a number from {LOWEST} (not at "
        f"all) to {HIGHEST} (very well) between the brackets, and leave those empty where you can't say."
    )
    said = f"An answer by mail isn't anonymous: {round.asker} knows that it is yours."
    questions = [f"[  ] {one.title}\n{textwrap.indent(_wrapped(one.asks), '     ')}" for one in round.asked]
    return "\n\n".join(
        [_wrapped(lead), _wrapped(said), *questions, f"{_STOP}\n", f"{_START}\n", f"{_ROUND} {id}\n"]
    )


def read_mail(text: str, rounds: Mapping[str, FeedbackRound]) -> tuple[str, Answer]:
    """Return the round's id of an answer by mail, and it: the round it names, or the newest by mail.

    Raises
    ------
    UsageError
        There is no round for it, or as of :func:`answer_of_text`.
    """
    by_mail = {id: one for id, one in rounds.items() if not one.links}
    id = _round_of_text(text)
    if id not in by_mail:
        if id is not None or not by_mail:
            named = f"the round {id} that this text names" if id is not None else "a round by mail"
            raise UsageError(f"{named} is not there: ask by mail first, and send the text that comes of it")
        id = max(by_mail, key=lambda one: by_mail[one].made_at)
    return id, answer_of_text(text, by_mail[id].asked)


def answer_of_text(text: str, asked: Sequence[Asked]) -> Answer:
    """Return the answer in a text that somebody filled in, quoted or not.

    Raises
    ------
    UsageError
        A rating that is none, a text that is too long, or nothing that was filled in.
    """
    titles = {_plain(one.title): one for one in asked}
    ratings: dict[str, int] = {}
    texts: dict[str, list[str]] = {_STOP: [], _START: []}
    part: list[str] | None = None
    for line in _lines(text):
        heading = _heading(line)
        rating = _RATING.match(_EMPHASIS.sub("", line))
        if heading is not None:
            part = texts[heading[0]]
            part.append(heading[1])
        elif _id(line) is not None or _SIGNATURE.match(line):
            part = None
        elif rating is not None and _plain(rating["title"]) in titles:
            part = None
            one = titles[_plain(rating["title"])]
            if rating["rating"].strip():
                ratings[one.name] = _rating(rating["rating"].strip(), one)
        elif part is not None:
            part.append(line)
    answer = Answer(
        ratings=ratings, stop=_checked("stop", texts[_STOP]), start=_checked("start", texts[_START])
    )
    if not ratings and not answer.stop and not answer.start:
        raise UsageError(
            "there is no answer in this text: it needs lines such as "
            f"'[7] {asked[0].title}', as in the text that was sent"
        )
    return answer


def _round_of_text(text: str) -> str | None:
    """Return the id of the round that an answer by mail names; None where the line is missing."""
    return next((id for line in _lines(text) if (id := _id(line)) is not None), None)


def _heading(line: str) -> tuple[str, str] | None:
    """Return a heading and what stands behind it on its line; None of any other line."""
    for heading, pattern in _HEADINGS.items():
        match = pattern.match(line)
        if match:
            return heading, line[match.end() :]
    return None


def _id(line: str) -> str | None:
    match = _ID.match(_EMPHASIS.sub("", line).strip())
    return None if match is None else match[1]


def _lines(text: str) -> Iterator[str]:
    """Yield lines without the marks of a quotation."""
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        yield _QUOTE.sub("", line).replace("\u00a0", " ").rstrip()


def _plain(text: str) -> str:
    return " ".join(_EMPHASIS.sub("", text).lower().split())


def _rating(given: str, asked: Asked) -> int:
    number = given.removesuffix(f"/{HIGHEST}").strip()
    if not (number.isascii() and number.isdigit() and LOWEST <= int(number[:4]) <= HIGHEST):
        raise UsageError(
            f"[{given[:20]}] {asked.title}: must be a whole number from {LOWEST} to {HIGHEST}, or empty"
        )
    return int(number)


def _checked(what: str, lines: list[str]) -> str:
    text = tidy("\n".join(lines))
    if len(text) > MAX_TEXT:
        raise UsageError(f"what to {what} has {len(text)} characters; it may have {MAX_TEXT}")
    return text


def _wrapped(text: str) -> str:
    return textwrap.fill(text, _WIDTH)
