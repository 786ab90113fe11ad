"""Servers that take feedback, in tests: its person, strangers with a link, and a clock."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx

STRANGER = "198.51.100.7"
HERE = {"sec-fetch-site": "same-origin", "origin": "null"}
"""Headers of a browser that sends the form."""

Come = Callable[..., httpx.AsyncClient]


class Clock:
    """What the server takes for the time."""

    now = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


async def made(ada: httpx.AsyncClient, people: int = 3, **more: Any) -> dict[str, Any]:
    answer = await ada.post("/record/feedback", json={"asker": "Ada", "people": people, **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def say(stranger: httpx.AsyncClient, link: str, rating: int = 7, **fields: str) -> httpx.Response:
    return await stranger.post(f"/{link}", data={"rating-0": str(rating), **fields}, headers=HERE)


def page(answer: httpx.Response, status: int, says: str) -> str:
    """The text of a page for strangers, which is none that is kept, found or framed anywhere."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "form-action 'self'" in policy
    assert "set-cookie" not in answer.headers
    assert "<script" not in answer.text
    text = re.sub(r"<style>.*?</style>|<[^>]+>", "", answer.text, flags=re.DOTALL)
    assert says in text, text
    return answer.text


async def rounds(ada: httpx.AsyncClient) -> list[dict[str, Any]]:
    answer = await ada.get("/record/feedback")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["rounds"])
