"""The page's modules of words by themselves: what is kept as words come, the runs of an answer, the clock."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Page


def heard(page: Page, *messages: dict[str, Any]) -> Any:
    """What is kept after these messages."""
    return page.evaluate(
        """async (messages) => {
          const { noWords, withWords } = await import('/session/heard-words.js');
          const { words, unknown } = messages.reduce(withWords, noWords());
          return [words.map(({ text }) => text).join(' '), unknown];
        }""",
        list(messages),
    )


def word(text: str, start_s: float, end_s: float | None = None, confidence: float = 0.9) -> dict[str, Any]:
    return {"text": text, "start_s": start_s, "end_s": end_s or start_s + 0.3, "confidence": confidence}


def words(*said: dict[str, Any], kind: str = "words") -> dict[str, Any]:
    return {"type": kind, "start_s": said[0]["start_s"], "end_s": said[-1]["end_s"], "words": list(said)}


def test_words_that_come_twice_or_late_stand_once_and_in_order(page: Page) -> None:
    first, second = words(word("We", 1.0), word("moved", 1.4)), words(word("it.", 1.8))
    assert heard(page, second, first, second)[0] == "We moved it."


def test_a_correction_replaces_what_stood_in_its_span(page: Page) -> None:
    before = words(word("We", 1.0), word("mood", 1.4), word("it", 1.8), word("now.", 2.2))
    better = words(word("moved", 1.4), word("it", 1.8), kind="words_corrected")
    assert heard(page, before, better)[0] == "We moved it now."


def test_a_missed_span_is_unknown_once(page: Page) -> None:
    missed = {"type": "words_missed", "start_s": 3.0, "end_s": 5.0, "why": "busy"}
    assert heard(page, missed, missed)[1] == [{"start_s": 3.0, "end_s": 5.0, "why": "busy"}]


def test_a_correction_tells_what_was_unknown_in_its_span(page: Page) -> None:
    before = [words(word("We", 1.0)), {"type": "words_missed", "start_s": 1.4, "end_s": 1.7, "why": "failed"}]
    better = words(word("We", 1.0), word("moved", 1.4), word("it.", 1.8), kind="words_corrected")
    assert heard(page, *before, words(word("it.", 1.8)))[1]
    assert heard(page, *before, better) == ["We moved it.", []]


def drawn(page: Page, **spoken: Any) -> Any:
    """Paragraphs of an answer, each with its part and the kinds and texts of its runs."""
    spoken = {"words": [], "unknown": [], "parts": [], "marks": []} | spoken
    return page.evaluate(
        """async ({ nudges = [], ...spoken }) => {
          const { paragraphs } = await import('/transcript/runs.js');
          const texts = ({ start, end }) => spoken.words.slice(start, end).map(({ text }) => text).join(' ');
          const show = (run) => run.kind === 'words'
            ? texts(run) + (run.pale ? ' (pale)' : '')
            : `${run.kind} ${run.length_s?.toFixed(1) ?? run.nudge.text}`;
          return paragraphs(spoken, nudges).map(({ part, runs }) => [part?.part ?? '', runs.map(show)]);
        }""",
        json.loads(json.dumps(spoken)),
    )


def test_pauses_nudges_and_unknown_spans_stand_between_words(page: Page) -> None:
    said = [word("One", 1.0), word("two", 1.4), word("three", 3.0, confidence=0.2), word("four", 7.0)]
    unknown = [{"start_s": 3.4, "end_s": 6.9, "why": "lost"}]
    nudges = [{"at_s": 2.0, "text": "Slow down"}]
    assert drawn(page, words=said, unknown=unknown, nudges=nudges) == [
        ["", ["One two", "pause 1.3", "nudge Slow down", "three (pale)", "unknown 3.5", "four"]]
    ]


def test_what_was_lost_before_the_first_word_and_after_the_last_is_shown(page: Page) -> None:
    unknown = [{"start_s": 0.0, "end_s": 1.0, "why": "busy"}, {"start_s": 2.0, "end_s": 4.0, "why": "failed"}]
    runs = ["unknown 1.0", "One", "unknown 2.0"]
    assert drawn(page, words=[word("One", 1.2)], unknown=unknown) == [["", runs]]
    assert drawn(page, unknown=unknown[:1]) == [["", ["unknown 1.0"]]]


def test_a_paragraph_ends_with_a_part_and_with_a_sentence_before_a_long_pause(page: Page) -> None:
    said = [word("Here.", 1.0), word("There", 3.0), word("we", 3.4), word("went.", 3.8)]
    parts = [{"part": "result", "start": 2, "end": 4, "confidence": 0.9}]
    weaker = {"part": "task", "start": 1, "end": 4, "confidence": 0.6}
    assert drawn(page, words=said, parts=[*parts, weaker]) == [
        ["", ["Here.", "pause 1.7"]],
        ["task", ["There"]],
        ["result", ["we went."]],
    ]


def test_words_of_a_session_that_was_moved_are_in_the_time_of_the_whole(page: Page) -> None:
    kept = page.evaluate(
        """async (message) => {
          const { SessionRecord } = await import('/session/record.js');
          const record = new SessionRecord({ setItem() {}, getItem: () => null, removeItem() {} });
          Object.assign(record.data, { parts: [{}], from_s: 60, after: 3 });
          const review = { words: message.words, unknown: [{ start_s: 1, end_s: 2, why: 'lost' }] };
          for (const one of [message, { type: 'review', channel: 0, review }]) {
            record.note(record.inSessionTime(one));
            if (one === message) var first = record.heard.words[0].start_s;
          }
          return [first, record.review.words[0].end_s, record.review.unknown[0].start_s, record.heard.words];
        }""",
        words(word("One", 1.0, 1.5)),
    )
    assert kept == [61.0, 61.5, 61.0, []]


def test_the_clock_of_a_stretch_restarts_at_a_spoken_check_in_and_who_is_alone_wraps_up(page: Page) -> None:
    assert page.evaluate(
        """async () => { const { Instruments } = await import('/session/instruments.js');
        const instruments = new Instruments();
        const shown = (since_check_in_s, alone, limit) => {
          const reading = { pace_wpm: null, f0_sd_st: null, silence_s: 0, stretch_s: 28, since_check_in_s };
          instruments.show(reading, () => [null, null], { limit, alone, muted: false });
          const [, pause] = document.getElementById("instruments").children;
          const full = pause.querySelector(".bar").style.getPropertyValue("--full");
          return [pause.querySelector(".word").textContent, pause.lastChild.textContent, full];
        };
        const alone = [shown(null, true, 120), shown(null, true, null)];
        return [shown(null, false, 30), shown(6, false, 30), ...alone]; }""",
    ) == [
        ["Talking 0:28", "check in by 0:30", "0.933"],
        ["Talking 0:06", "again by 0:30", "0.200"],
        ["Talking 0:28", "wrap up by 2:00", "0.233"],
        ["Talking 0:28", "", "0.467"],
    ]


def test_no_mark_of_words_is_set_larger_than_the_words(page: Page) -> None:
    sizes = page.evaluate(
        """() => {
          const line = document.body.appendChild(document.createElement('p'));
          const size = (kind) => {
            const mark = line.appendChild(document.createElement('span'));
            mark.className = kind;
            return getComputedStyle(mark).fontSize;
          };
          return ['', 'filler', 'restart', 'term', 'figure', 'hedge', 'question', 'check_in'].map(size);
        }"""
    )
    assert len(set(sizes)) == 1
