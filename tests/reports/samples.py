"""Requests of reports: of a usual take, and of unusual ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import structs

from engine.programme.skills import Scored
from engine.programme.standing import Standing
from engine.protocol.nudges import Evidence, Nudge, Tone
from engine.protocol.review import Mark
from engine.protocol.take import Take
from engine.protocol.words import Word
from engine.reports.building import programme_report, take_report
from engine.reports.requests import Form, Paper, ProgrammeReport, TakeReport
from engine.shipped import programmes
from engine.shipped.profiles import load
from tests.harness import sample_takes
from tests.programme.people import START, Person, at, rising

NOW = sample_takes.NOW

HOSTILE = '</title></style><script>alert(1)</script><img src=x onerror="alert(2)">{{ 7 * 7 }}\x00\x1b]0;x\x07'
"""What no text may do: end an element, run, fetch, be a template, or hold control characters."""

NAMES = "Łukasz Żółć, Ђорђе Čović, 山田太郎"


def nudge(
    number: int, at_s: float, text: str, tone: Tone = "change", why: str = "186 words a minute."
) -> Nudge:
    evidence = Evidence(
        measure="pace_wpm", value=186.0, unit="words/min", threshold=175.0, window_s=(at_s - 8.0, at_s),
        confidence=0.9, seq=0,
    )  # fmt: skip
    return Nudge(
        seq=number, at_s=at_s, channel=0, id=number, cue="pace", text=text, why=why, tone=tone, urgent=False,
        show_s=3.0, evidence=evidence,
    )  # fmt: skip


def an_answer(**changed: Any) -> Take:
    """A take with words and nudges."""
    nudges = [nudge(1, 14.0, "Slow down"), nudge(2, 38.0, "Breathe"), nudge(3, 41.0, "Good", "thanks")]
    return structs.replace(sample_takes.an_answer(nudges=nudges), **changed)


def a_long_answer(words: int) -> Take:
    """A take of many words with fillers, pauses and a nudge a minute."""
    sentence = "so we found um that every worker waited for a lock which nobody had seen. Then we moved it,"
    said = sentence.split()
    heard = [
        Word(
            text=said[n % len(said)],
            start_s=0.4 * n,
            end_s=0.4 * n + (0.35 if n % 40 else 0.1),
            confidence=0.9,
        )
        for n in range(words)
    ]
    take = an_answer()
    assert take.review is not None
    review = structs.replace(
        take.review,
        words=heard,
        parts=[],
        unknown=[],
        findings=[structs.replace(one, quotes=[]) for one in take.review.findings],
        marks=[
            Mark(start=n, end=n + 1, kind="filler", confidence=0.9)
            for n, word in enumerate(heard)
            if word.text == "um"
        ],
    )
    nudges = [nudge(n, 60.0 * n, "Slow down") for n in range(1, int(0.4 * words / 60.0) + 1)]
    return structs.replace(take, review=review, parts=[], nudges=nudges, duration_s=0.4 * words)


def hostile() -> Take:
    """A take each of whose texts is :data:`HOSTILE`."""
    take = an_answer()
    review = take.review
    assert review is not None
    review = structs.replace(
        review,
        question=HOSTILE,
        words=[structs.replace(word, text=HOSTILE) for word in review.words[:6]],
        parts=[structs.replace(review.parts[0], part=HOSTILE, start=0, end=3)],
        marks=[Mark(start=1, end=2, kind="term", confidence=0.9, note=HOSTILE)],
        unknown=[],
        findings=[structs.replace(one, text=HOSTILE) for one in review.findings],
        try_next=HOSTILE,
        source=HOSTILE,
    )
    return structs.replace(
        take,
        id="hostile",
        title=HOSTILE,
        tags=[HOSTILE],
        note=HOSTILE,
        question=HOSTILE,
        profile=HOSTILE,
        purpose=HOSTILE,
        review=review,
        nudges=[nudge(1, 10.0, HOSTILE, why=HOSTILE)],
        findings=[structs.replace(one, text=HOSTILE) for one in take.findings],
    )


def of_take(
    take: Take, form: Form = "html", paper: Paper = "a4", before: int = 5, profile: str = "interview"
) -> TakeReport:
    """Report of a take, after some others with other paces."""
    earlier = [
        an_answer(id=f"before-{n}", measures=sample_takes.measures(pace_wpm=140.0 + 2 * n))
        for n in range(before)
    ]
    return take_report(take, earlier, load(profile) if profile else None, NOW, form=form, paper=paper)


def of_programme(days: int, form: Form = "html", paper: Paper = "a4") -> ProgrammeReport:
    """Report of somebody who followed the plan for so many days, and got better."""
    programme = programmes.load()
    takes = Person(5, rising(0.3, 0.8), day_noise=0.04, take_noise=0.04).follow(programme, days, misses=0.1)
    day = START + timedelta(days=max(days - 1, 0))
    now: datetime = at(day, 23)
    standing = Standing(Scored(programme, takes, programmes.asks()), now, UTC)
    return programme_report(standing, programme, UTC, now, form=form, paper=paper)
