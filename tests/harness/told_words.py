"""What a page is told of words, in the engine's place, and what it keeps and says of them."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from engine.protocol.messages import Hello
from engine.protocol.words import Word, Words

SENT = """
window.sent = [];
const send = RTCDataChannel.prototype.send;
RTCDataChannel.prototype.send = function (text) {
  const message = JSON.parse(text);
  window.sent.push(message);
  if (!["set_words", "set_question", "set_assistant"].includes(message.type)) send.call(this, text);
};
"""
"""Keeps what the page sends to the engine, and those of words from it: a test answers in its place."""

KEPT = "sessionStorage.getItem('sottovoce.session')"

WORDS_ON = "localStorage.setItem('sottovoce.settings', JSON.stringify({ words: true, wordsAgreed: true }));"
"""Makes a page that of somebody who has turned words on before."""

AGREED = SENT + WORDS_ON
"""The same, where a test answers in the engine's place."""


def hello(*, words: bool, assistant: str = "") -> Hello:
    """Greet again, as a server that can recognise words, or can't, and may have an assistant."""
    return Hello(
        version=2,
        session="",
        profile="conversation",
        cues=[],
        channels=1,
        at_s=0.0,
        resumed=True,
        words=words,
        assistant=assistant,
    )


def some_words(*texts: str, at_s: float = 1.0, seq: int = 9_000) -> Words:
    words = [
        Word(text=text, start_s=at_s + 0.4 * n, end_s=at_s + 0.4 * n + 0.3, confidence=0.9)
        for n, text in enumerate(texts)
    ]
    return Words(
        seq=seq,
        at_s=words[-1].end_s + 0.8,
        start_s=words[0].start_s,
        end_s=words[-1].end_s,
        confidence=0.9,
        source="test",
        words=words,
    )


def mark(page: Page) -> Any:
    return expect(page.locator("#words-mark"))
