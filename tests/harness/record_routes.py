"""Answers a page's requests to ``/record`` in a server's place, from takes in memory."""

from __future__ import annotations

import io
import json
import re
import wave
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import numpy as np
from playwright.sync_api import Browser, Page, Route

from engine.protocol.kept import Kept
from engine.protocol.take import Imported, Take, TakeChange, TakeSound, changed, encode_take, entry_of
from engine.server.http.record_routes import RecordState
from engine.server.http.story_routes import Notes

from .page import Open, Served
from .sample_takes import a_drill, an_answer, figures_only

RECORD = re.compile(r"^http://[^/]+/record(?:$|[/?])")

SOUND_HZ = 16_000
SOUND_S = 60.0


SOUND = TakeSound(duration_s=SOUND_S, size=1, sha256="0" * 64, from_s=0.5)


def a_sound() -> bytes:
    """Give a wav of a tone that is as long as the answer of the sample takes."""
    tone = np.sin(2 * np.pi * 220 * np.arange(round(SOUND_HZ * SOUND_S)) / SOUND_HZ)
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SOUND_HZ)
        file.writeframes((3000 * tone).astype("<i2").tobytes())
    return out.getvalue()


class RecordRoutes:
    """Answers a page's requests to the record.

    ``away`` makes it unreachable, ``refusal`` refuses what changes it with that sentence; ``asked`` has
    the requests that came, ``{"GET /record/takes": None}`` with the last body of each.
    """

    def __init__(
        self,
        takes: Iterable[Take] = (),
        *,
        kept: Kept | None = None,
        possible: bool = True,
        why: str = "",
        most: int = 50,
    ) -> None:
        self.takes = {take.id: take for take in takes}
        self.kept = kept
        self.possible = possible
        self.why = why
        self.problem = ""
        self.away = False
        self.refusal = ""
        self.asked: dict[str, Any] = {}
        self._most = most
        self._sound = a_sound()

    def answer_in(self, page: Page) -> None:
        """Answer the requests of a page from here on."""
        page.route(RECORD, self._answer)

    def _answer(self, route: Route) -> None:
        request = route.request
        parts = urlsplit(request.url)
        self.asked[f"{request.method} {parts.path}"] = request.post_data
        if self.away:
            return route.abort()
        if self.refusal and request.method != "GET":
            return self._problem(route, 503, self.refusal)
        steps = parts.path.split("/")[2:]
        if steps[:1] == ["takes"] and len(steps) > 1:
            return self._one(route, steps[1], steps[2:])
        if steps == ["takes"]:
            return self._list(route, parse_qs(parts.query).get("before", [""])[0])
        answers: dict[str, Callable[[Route], None]] = {
            "GET /record": self._state,
            "GET /record/notes": self._notes,
            "DELETE /record": self._forget,
            "PUT /record/kept": self._put_kept,
            "POST /record/import": self._import,
        }
        return answers[f"{request.method} {parts.path}"](route)

    def _state(self, route: Route) -> None:
        _json(route, RecordState(possible=self.possible, why=self.why, kept=self.kept, problem=self.problem))

    def _notes(self, route: Route) -> None:
        """Tell of no note and of no story that a take may be of."""
        _json(route, Notes(notes=[], interviews=[], stories=[]))

    def _put_kept(self, route: Route) -> None:
        chosen = json.loads(route.request.post_data or "{}")
        past = chosen.pop("past")
        self.kept = Kept(**chosen)
        if past and not self.kept.words:
            replace = msgspec.structs.replace
            kept = {name: replace(take.kept, words=False) for name, take in self.takes.items()}
            self.takes = {
                name: replace(take, kept=kept[name], review=None) for name, take in self.takes.items()
            }
        route.fulfill(status=204)

    def _forget(self, route: Route) -> None:
        self.takes.clear()
        self.kept = None
        route.fulfill(status=204)

    def _import(self, route: Route) -> None:
        take = msgspec.structs.replace(
            next(iter(self.takes.values())), id=f"added{len(self.takes)}", title="Added"
        )
        self.takes[take.id] = take
        _json(route, Imported(takes=1, there=0, sounds=0, documents=0, problems=[]))

    def _list(self, route: Route, before: str) -> None:
        newest = sorted(self.takes.values(), key=lambda take: take.begun_at, reverse=True)
        ids = [take.id for take in newest]
        rest = newest[ids.index(before) + 1 :] if before else newest
        shown = [entry_of(take) for take in rest[: self._most]]
        _json(route, {"takes": shown, "more": len(rest) > self._most})

    def _one(self, route: Route, take_id: str, more: list[str]) -> None:
        take = self.takes.get(take_id)
        if take is None:
            return self._problem(route, 404, "there is no such take")
        if more == ["sound"]:
            return self._part_of_sound(route)
        if route.request.method == "DELETE":
            del self.takes[take_id]
            return route.fulfill(status=204)
        if route.request.method == "PATCH":
            change = msgspec.json.decode(route.request.post_data or "", type=TakeChange)
            take = self.takes[take_id] = changed(take, change)
        return route.fulfill(content_type="application/json", body=encode_take(take).decode())

    def _part_of_sound(self, route: Route) -> None:
        asked = re.match(r"bytes=(\d+)-", route.request.headers.get("range", ""))
        start, size = int(asked[1]) if asked else 0, len(self._sound)
        headers = {
            "content-type": "audio/wav",
            "accept-ranges": "bytes",
            "content-range": f"bytes {start}-{size - 1}/{size}",
        }
        route.fulfill(status=206, headers=headers, body=self._sound[start:])

    def _problem(self, route: Route, status: int, detail: str) -> None:
        body = json.dumps({"title": "Problem", "status": status, "detail": detail})
        route.fulfill(status=status, content_type="application/problem+json", body=body)


def _json(route: Route, answer: object) -> None:
    route.fulfill(content_type="application/json", body=msgspec.json.encode(answer).decode())


def with_three_takes() -> RecordRoutes:
    """Give a record of three takes: all of an answer with sound, figures of one, and a drill."""
    takes = [an_answer(sound=SOUND), figures_only(), a_drill()]
    return RecordRoutes(takes, kept=Kept(figures=True, words=True))


def visiting(
    opened: Open, browser: Browser, served: Served, record: RecordRoutes, address: str = "", **options: Any
) -> Page:
    """Open the page at an address, with a record."""
    page = opened(browser, "about:blank", **options)
    record.answer_in(page)
    page.goto(f"{served.address}{address}")
    return page


def place(page: Page, name: str) -> None:
    """Follow the link of a place."""
    page.get_by_role("navigation", name="Places").get_by_role("link", name=name).click()


def kept_mark(page: Page) -> str:
    """What the corner says of what is kept."""
    return page.locator("#keep-mark").inner_text()
