"""The words of a speaker, while they speak."""

from __future__ import annotations

from engine.language.said import KEPT_S, MOST_WORDS, Said
from engine.protocol import events as ev


def words(*texts: str, start_s: float = 1.0, seq: int = 1, channel: int = 0) -> ev.Words:
    said = [
        ev.Word(text=text, start_s=start_s + n / 2, end_s=start_s + n / 2 + 0.4, confidence=0.9)
        for n, text in enumerate(texts)
    ]
    return ev.Words(
        words=said, start_s=said[0].start_s, end_s=said[-1].end_s, confidence=0.9, source="test", seq=seq,
        channel=channel,
    )  # fmt: skip


def texts(said: Said, since_s: float = 0.0) -> list[str]:
    return [word.text for word in said.since(since_s)]


def test_words_come_in_order_of_time_and_the_other_sides_are_theirs() -> None:
    said = Said(0)
    assert said.observe(words("we", "ship", start_s=5.0, seq=3))
    assert said.observe(words("so", start_s=2.0, seq=4))
    assert not said.observe(words("theirs", channel=1))
    assert texts(said) == ["so", "we", "ship"]
    assert texts(said, 5.5) == ["ship"]
    assert (said.known_s, said.seq, said.count) == (5.9, 4, 2)


def test_a_correction_replaces_words_and_what_was_missed() -> None:
    said = Said(0)
    said.observe(words("we", "chip", "it"))
    said.observe(ev.WordsMissed(start_s=3.0, end_s=4.0, why="busy", confidence=1.0, source="test"))
    assert said.missed(0.0)
    assert not said.missed(4.0)
    better = words("ship", start_s=1.5)
    said.observe(ev.WordsCorrected(words=better.words, start_s=1.5, end_s=1.9, confidence=0.9, source="test"))
    assert texts(said) == ["we", "ship", "it"]
    assert said.missed(0.0)
    said.observe(ev.WordsCorrected(words=[], start_s=2.9, end_s=4.0, confidence=0.9, source="test"))
    assert not said.missed(0.0)


def test_an_hour_of_talk_stays_small() -> None:
    said = Said(0)
    for second in range(3600):
        said.observe(words("so", "we", start_s=float(second)))
        if second % 10 == 0:
            said.observe(
                ev.WordsMissed(
                    start_s=second + 0.9, end_s=second + 1.0, why="busy", confidence=1.0, source="test"
                )
            )
    assert len(said.words) <= 2 * KEPT_S + 4
    assert len(said._missed) <= KEPT_S / 10 + 2
    for n in range(MOST_WORDS):
        said.observe(words("so", "we", start_s=3600.0 + n / 1e4))
    assert len(said.words) == MOST_WORDS


def test_a_search_goes_on_a_little_before_where_it_ended() -> None:
    said = Said(0)
    said.observe(words(*["so"] * 120, start_s=0.0))  # a minute
    assert (len(said.newest(0.0, 0.0)[0]), said.newest(0.0, 0.0)[1]) == (120, 0.0)
    newest, from_s = said.newest(50.0, 0.0)
    assert (newest[0].start_s, from_s) == (38.0, 41.0)
    newest, from_s = said.newest(50.0, 45.0)
    assert (newest[0].start_s, from_s) == (45.0, 45.0)
