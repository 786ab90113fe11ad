from __future__ import annotations

import io

from rich.console import Console

from clients.terminal.screen import Screen, words_state
from engine.protocol import events as ev
from engine.protocol import messages
from engine.protocol.advice import Advice
from tests.harness.reviews import REVIEW
from tests.harness.scripted_recogniser import said

NUDGE = ev.Nudge(
    seq=7,
    at_s=12.5,
    id=1,
    cue="pace",
    text="Slow down",
    why="About 200 words a minute over the last 8 seconds.",
    tone="change",
    urgent=False,
    show_s=3.0,
    evidence=ev.Evidence(
        measure="pace_wpm", value=200, unit="wpm", threshold=170, window_s=(4.5, 12.5), confidence=0.9, seq=6
    ),
)
READING = ev.Reading(
    seq=8,
    at_s=12.75,
    talking=True,
    level_dbfs=-20,
    noise_dbfs=-60,
    pace_wpm=181.4,
    pace_confidence=0.9,
    articulation_sps=5,
    f0_median_hz=120,
    f0_sd_st=2.5,
    creak_share=0,
    fillers_per_min=0,
    level_change_db=0,
    stretch_s=12,
    unbroken_s=3,
    silence_s=0,
    speech_s=11,
    talk_share=None,
    delay_ms=61.2,
)
SUMMARY = messages.Summary(
    duration_s=75.0,
    profile="interview",
    measures=[],
    findings=[[messages.Finding(cue="pace", good=False, text="Fast: 200 words a minute.")]],
    nudges=[NUDGE],
)


def plain() -> tuple[Screen, io.StringIO]:
    out = io.StringIO()
    return Screen(Console(file=out, width=100)), out


def drawn(screen: Screen) -> str:
    console = Console(file=io.StringIO(), width=100)
    with console.capture() as capture:
        console.print(screen.render())
    return capture.get()


def test_nudge_is_the_one_big_thing_until_it_is_cleared() -> None:
    screen, _ = plain()
    assert "listening" in drawn(screen)
    screen.show_message(NUDGE)
    assert "S L O W   D O W N" in drawn(screen)
    assert NUDGE.why in drawn(screen)
    screen.show_message(ev.NudgeCleared(seq=9, at_s=15.5, id=1, corrected=True))
    assert "S L O W" not in drawn(screen)
    assert NUDGE.why in drawn(screen), "the evidence stays to be read"


def test_clearing_an_older_nudge_leaves_the_newer() -> None:
    screen, _ = plain()
    screen.show_message(NUDGE)
    screen.show_message(ev.NudgeCleared(seq=9, at_s=15.5, id=0, corrected=True))
    assert "S L O W" in drawn(screen)


def test_quiet_figures() -> None:
    screen, _ = plain()
    screen.show_message(READING)
    for figure in ("pace about 181 words/min", "talking 12 s", "level -20 dB", "delay 61 ms"):
        assert figure in drawn(screen)


def test_muted_microphone_is_said_and_unsaid() -> None:
    screen, out = plain()
    screen.show_message(ev.MuteStarted(seq=1, at_s=5, start_s=3, told=False))
    assert "muted" in drawn(screen)
    screen.show_message(ev.MuteEnded(seq=2, at_s=6, start_s=3, end_s=6))
    assert "muted" not in drawn(screen)
    assert out.getvalue().count("muted") == 1


def test_elsewhere_than_on_a_terminal_it_prints_lines() -> None:
    screen, out = plain()
    with screen:
        for message in (NUDGE, READING, SUMMARY):
            screen.show_message(message)
    assert out.getvalue().splitlines() == [
        f"0:12  SLOW DOWN  {NUDGE.why}",
        "1:15 heard, one nudge",
        "  → Fast: 200 words a minute.",
    ]


def heard(text: str, start_s: float = 0.5) -> ev.Words:
    words = said(text, start_s)
    return ev.Words(words=words, start_s=start_s, end_s=words[-1].end_s, confidence=0.9, source="scripted")


def test_the_last_words_stand_quietly_below_and_are_not_printed_line_by_line() -> None:
    screen, out = plain()
    screen.show_message(heard("we cut it in half"))
    screen.show_message(messages.PartialWords(text="and then", start_s=3.0))
    assert "we cut it in half and then" in drawn(screen)
    screen.show_message(heard("and so", 3.0))
    assert "we cut it in half and so" in drawn(screen)
    assert "we cut" not in out.getvalue()


def test_without_words_nothing_is_said_of_them() -> None:
    screen, _ = plain()
    before = drawn(screen)
    screen.show_message(messages.WordsState(mode="live", why=""))
    assert drawn(screen) == before


def test_words_that_come_otherwise_than_asked_are_said_to() -> None:
    screen, out = plain()
    state = messages.WordsState(mode="phrase", why="The server is busy.")
    screen.show_message(state)
    assert "words come at each pause: The server is busy." in drawn(screen)
    assert out.getvalue() == "words come at each pause: The server is busy.\n"
    assert words_state(messages.WordsState(mode="unavailable", why="")) == "no words"


def test_the_review_comes_after_the_summary() -> None:
    screen, out = plain()
    with screen:
        for message in (SUMMARY, messages.Review(channel=0, review=REVIEW)):
            screen.show_message(message)
    text = out.getvalue()
    assert text.index("1:15 heard") < text.index("What was said") < text.index("‹um,›")


def test_advice_comes_after_the_review_or_why_there_is_none() -> None:
    screen, out = plain()
    advice = Advice(
        advice="Say it first.",
        example="",
        quotes=[],
        follow_ups=["Why?"],
        host="gpu:8000",
        model="m",
        cut=False,
    )
    with screen:
        screen.show_message(messages.Review(channel=0, review=REVIEW))
        screen.show_message(messages.Advised(channel=0, advice=advice, why=""))
        screen.show_message(messages.Advised(channel=0, advice=None, why="too few words"))
    text = out.getvalue()
    assert text.index("What was said") < text.index("Advice of m at gpu:8000") < text.index("too few words")
