"""The page for people who are asked for feedback: one form, without scripts and without anything to load.

They are strangers to the server: it tells them who asks and what becomes of their answer, and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from html import escape
from importlib import resources

from starlette.responses import Response

from engine.protocol.feedback import EXPLAINING, HIGHEST, LOWEST, MAX_TEXT, Asked, FeedbackRound

_STYLE = (resources.files(__package__) / "feedback.css").read_text("utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

HEADERS = {
    "cache-control": "no-store",
    "x-robots-tag": "noindex, nofollow",
    "content-security-policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
}

STOP, START = "stop", "start"
"""Fields of the form beside the ratings."""

UNSURE = "unsure"
"""Value of a rating that somebody can't give."""


def field_of(place: int) -> str:
    """Return the field of the rating that is asked at a place."""
    return f"rating-{place}"


def form_page(
    asked: FeedbackRound, given: Mapping[str, str], problem: str = "", status: int = 200
) -> Response:
    """Return the form.

    Parameters
    ----------
    given : what was typed already, by field.
    problem : what is wrong with that, a sentence.
    """
    name = escape(asked.asker)
    what = f'<p class="problem" role="alert" tabindex="-1" autofocus>{escape(problem)}</p>' if problem else ""
    first, *skills = [
        _rating(one, field_of(place), given.get(field_of(place), "")) for place, one in enumerate(asked.asked)
    ]
    heading = "<h2>In parts</h2>" if skills else ""
    return _page(
        f"Feedback for {asked.asker}",
        f"""<p>{name} wants to explain things better, and asks {asked.links} people what they think. It takes
two minutes and needs no account.</p>
<p class="quiet">{name} sees the answers only together, from three on, in no order, without names or times.
Your wording could still give you away. {name} handed out the links, could open some, and can see which
were used.</p>
{what}<form method="post" autocomplete="off">
{first}{heading}{"".join(skills)}<h2>In your words</h2>
{_text(STOP, "One thing that I should stop doing", given)}
{_text(START, "One thing that I should start doing", given)}
<button type="submit">Send</button>
<p class="quiet">Once sent, it can't be changed: this link takes one answer.</p>
</form>""",
        status,
    )


def said_page(
    title: str, *sentences: str, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a page that only says something."""
    return _page(title, "".join(f"<p>{escape(sentence)}</p>\n" for sentence in sentences), status, headers)


def crowded(retry_s: int) -> Response:
    """Return the page for an address that asks too often."""
    return said_page(
        "Too many requests",
        f"Too many feedback links were opened from your network. Try again in {retry_s} s. Your link still "
        "works.",
        status=429,
        headers={"retry-after": str(retry_s)},
    )


def _page(title: str, content: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    body = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex, nofollow">
<title>{escape(title)}</title>
<link rel="icon" href="data:,">
<style>{_STYLE}</style>
</head>
<body>
<main>
<h1>{escape(title)}</h1>
{content}</main>
</body>
</html>
"""
    return Response(body, status, {**HEADERS, **(headers or {})}, media_type="text/html")


def _rating(asked: Asked, field: str, given: str) -> str:
    needed = asked.name == EXPLAINING
    title = escape(asked.asks) if needed else f"{escape(asked.title)} <span>{escape(asked.asks)}</span>"
    choices = [(str(number), str(number)) for number in range(LOWEST, HIGHEST + 1)]
    unsure = [] if needed else [(UNSURE, "I can’t say")]
    labels = "".join(
        f"<label{' class=unsure' if value == UNSURE else ''}>"
        f'<input type="radio" name="{field}" value="{value}"'
        f"{' checked' if given == value else ''}{' required' if needed else ''}>{label}</label>"
        for value, label in choices + unsure
    )
    return f"""<fieldset><legend>{title}</legend>
<div class="scale">{labels}</div>
<p class="ends"><span>{LOWEST}: not at all</span><span>{HIGHEST}: very well</span></p></fieldset>
"""


def _text(field: str, label: str, given: Mapping[str, str]) -> str:
    box = f'<textarea name="{field}" maxlength="{MAX_TEXT}">\n{escape(given.get(field, ""))}</textarea>'
    return f'<label class="text">{label}{box}</label>'
