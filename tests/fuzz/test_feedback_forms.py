"""Odd answers by links for feedback, guessed or real: each gets a page, and only answers are taken."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import httpx

from engine.programme.ratings import asked_of
from engine.protocol.feedback import MAX_TEXT, FeedbackRound, PendingAnswer
from engine.server.http.app import create_app
from engine.server.hub import Hub
from engine.shipped.programmes import load
from engine.store.record import Record
from tests.harness.calls import unhurried
from tests.harness.fuzz.feedback import answers, bodies

SEED = 3
GUESSES = 600
BODIES = 300
NOW = datetime.now(UTC)
REFUSED = {400, 403, 404, 413, 415, 422}


def is_page(answer: httpx.Response) -> bool:
    return answer.headers["content-type"].startswith("text/html") and "set-cookie" not in answer.headers


async def test_guesses_and_odd_bodies(tmp_path: Path) -> None:
    settings = unhurried(record="ada", store=str(tmp_path), quota=0.0)
    record = Record.open(tmp_path)
    new = record.feedback.make("ada", "Ada", asked_of(load()), NOW, links=5, days=14)
    async with Hub(settings) as hub:
        transport = httpx.ASGITransport(create_app(hub), raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://engine.test") as client:
            seen = set()
            for odd in answers(SEED, GUESSES, new.tokens):
                path = f"http://engine.test/feedback/{odd.token}"
                answer = await client.request(odd.method, path, headers=odd.raw_headers, content=odd.body)
                assert answer.status_code in REFUSED, (answer.status_code, odd)
                assert is_page(answer), odd
                seen.add(answer.status_code)
            assert seen >= {403, 404, 413, 415}
            assert record.feedback.rounds("ada", NOW) == {new.id: new.round}

            used = 0
            for odd in bodies(SEED, BODIES):
                if used == len(new.tokens) - 1:
                    break
                link = f"http://engine.test/feedback/{new.tokens[used]}"
                answer = await client.post(link, headers=odd.raw_headers, content=odd.body)
                assert is_page(answer), odd
                assert answer.status_code in {200, *REFUSED}, (answer.status_code, odd)
                used += answer.status_code == 200
    [round] = record.feedback.rounds("ada", NOW).values()
    assert (len(round.used), len(round.unused)) == (used, len(new.tokens) - used)
    assert 0 < used < len(new.tokens)
    kept = record.documents.all("ada", "answer", PendingAnswer).values()
    assert len(kept) == used
    names = {one.name for one in round.asked}
    for one in kept:
        assert set(one.ratings) <= names
        assert all(1 <= rating <= 10 for rating in one.ratings.values())
        assert max(len(one.stop), len(one.start)) <= MAX_TEXT
    assert isinstance(round, FeedbackRound)
    record.close()


def test_the_same_comes_of_the_same_seed() -> None:
    real = ["0123456789ab" + "A" * 32]
    assert list(answers(1, 20, real)) == list(answers(1, 20, real)) != list(answers(2, 20, real))
    assert list(bodies(1, 20)) == list(bodies(1, 20)) != list(bodies(2, 20))
