"""Reports as HTML: one file with its styles and drawings in it, no script, and nothing from elsewhere."""

from __future__ import annotations

import functools
import re

import jinja2

from .programme import programme_page
from .requests import Request, TakeReport
from .style import TEMPLATES, content_security_policy, stylesheet
from .take import take_page

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")


def html(request: Request) -> str:
    """Return a report as an HTML document.

    All that a take holds is text to the templates: they escape it, and use no value in a style or an address.
    """
    style = stylesheet(request.paper)
    page = take_page(request) if isinstance(request, TakeReport) else programme_page(request)
    name = "take.html" if isinstance(request, TakeReport) else "programme.html"
    shared = {"stylesheet": style, "policy": content_security_policy(request.paper)}
    return _environment().get_template(name).render(page | shared)


@functools.cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: (TEMPLATES / name).read_text("utf-8")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _printable(value: object) -> object:
    """Return a text without control characters, which no font has."""
    if not isinstance(value, str) or not _CONTROLS.search(value):
        return value
    return type(value)(_CONTROLS.sub(" ", value))
