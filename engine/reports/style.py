"""The styles of reports, and what a browser is told that a report may load: nothing but these."""

from __future__ import annotations

import base64
import functools
import hashlib
from importlib import resources

from .requests import Paper

TEMPLATES = resources.files(__name__.rpartition(".")[0]) / "templates"

SIZES: dict[Paper, str] = {"a4": "A4", "letter": "Letter"}
"""Names of papers in CSS."""


@functools.cache
def stylesheet(paper: Paper) -> str:
    """Return the styles of a report for a paper."""
    text = (TEMPLATES / "report.css").read_text("utf-8")
    return f"{text}\n@page {{ size: {SIZES[paper]}; }}\n"


@functools.cache
def content_security_policy(paper: Paper) -> str:
    """Return the Content-Security-Policy of a report: its own styles, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(stylesheet(paper).encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
