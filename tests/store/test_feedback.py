"""Feedback in a record: each link once, nothing of single answers, and nothing left of what was deleted."""

from __future__ import annotations

import hashlib
import io
import threading
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from engine.errors import FeedbackRefused, NoSuchRound, UsageError
from engine.protocol.documents import encode_document
from engine.protocol.feedback import EXPLAINING, Answer, Asked, FeedbackRound, OwnRating, PendingAnswer
from engine.store.feedback import NewRound
from engine.store.record import Record
from tests.store.test_forget import Bytes, bytes_

__all__ = ["bytes_"]

ME, OTHER = "me", "somebody else"
NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=15)
ASKED = [Asked(name=EXPLAINING, title="Explaining", asks="How well?")]
SECRET = "zanzibar"


def made(record: Record, links: int = 4, person: str = ME) -> NewRound:
    return record.feedback.make(person, "Ada", ASKED, NOW, links=links, days=14)


def say(record: Record, token: str, rating: int = 7, stop: str = "") -> None:
    record.feedback.answer(token, Answer(ratings={EXPLAINING: rating}, stop=stop), NOW)


def why_not(record: Record, token: str, now: datetime = NOW) -> str:
    """Why a link takes no answer; it neither shows its form."""
    reasons = []
    for ask in (
        lambda: record.feedback.form(token, now),
        lambda: record.feedback.answer(token, Answer(ratings={EXPLAINING: 1}), now),
    ):
        with pytest.raises(FeedbackRefused) as refused:
            ask()
        reasons.append(refused.value.reason)
    assert reasons[0] == reasons[1]
    return reasons[0]


def documents(record: Record, kind: str) -> list[msgspec.Struct]:
    return list(record.documents.all(ME, kind, msgspec.Struct if kind == "" else KINDS[kind]).values())


KINDS: dict[str, type[msgspec.Struct]] = {"answer": PendingAnswer, "feedback": FeedbackRound}


def test_a_link_cant_be_guessed_and_is_kept_nowhere(record: Record, bytes_: Bytes) -> None:
    new = made(record, 5)
    assert len({token[12:] for token in new.tokens}) == 5
    assert all(len(token) == 12 + 32 for token in new.tokens)  # 192 random bits behind the round's id
    for token in new.tokens:
        assert bytes_.with_(token[12:]) == []
        assert hashlib.sha256(token.encode()).hexdigest() in new.round.unused
    assert new.round.unused == sorted(new.round.unused)  # not in the order in which they were handed out


def test_a_link_takes_one_answer(record: Record) -> None:
    token, *_ = made(record).tokens
    assert record.feedback.form(token, NOW).asker == "Ada"
    say(record, token)
    assert why_not(record, token) == "used"
    [pending] = documents(record, "answer")
    assert isinstance(pending, PendingAnswer)
    assert pending.ratings == {EXPLAINING: 7}


def test_of_many_who_use_one_link_at_once_one_answers(record: Record) -> None:
    token, *_ = made(record).tokens
    gate, said = threading.Barrier(8), []

    def one() -> None:
        gate.wait()
        try:
            say(record, token)
        except FeedbackRefused as refused:
            said.append(refused.reason)

    people = [threading.Thread(target=one) for _ in range(8)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert said == ["used"] * 7
    assert len(documents(record, "answer")) == 1


def test_guessed_expired_and_ended_links_are_refused(record: Record) -> None:
    new = made(record)
    token, other, *_ = new.tokens
    changed = token[:-1] + ("A" if token[-1] != "A" else "B")
    for guess in (
        changed,
        "0" * 12 + token[12:],
        token + "A",
        token[:-1],
        "",
        "é" * 44,
        other[:12] + token[12:][::-1],
    ):
        assert why_not(record, guess) == "unknown"
    assert why_not(record, token, LATER) == "expired"
    assert record.feedback.form(token, NOW + timedelta(days=13)).asker == "Ada"
    record.feedback.close(ME, new.id)
    assert why_not(record, token) == "over"
    record.feedback.delete(ME, new.id)
    assert why_not(record, token) == "unknown"


def test_nothing_of_answers_before_the_round_is_over(record: Record) -> None:
    new = made(record)
    for number, token in enumerate(new.tokens[:3]):
        say(record, token, 7 + number, f"stop {number}")
        [round] = record.feedback.rounds(ME, NOW).values()
        assert (round.answered, round.pool, round.over) == (number + 1, None, False)
    closed = record.feedback.close(ME, new.id)
    assert closed.pool is not None
    assert (closed.pool.answers, closed.pool.ratings) == (3, {EXPLAINING: [7, 8, 9]})
    assert documents(record, "answer") == []
    assert record.feedback.close(ME, new.id) == closed  # again changes nothing


def test_the_last_answer_ends_a_round(record: Record) -> None:
    new = made(record, 3)
    for token, rating in zip(new.tokens, (9, 3, 6), strict=True):
        say(record, token, rating)
    [round] = record.feedback.rounds(ME, NOW).values()
    assert round.pool is not None
    assert round.pool.ratings == {EXPLAINING: [3, 6, 9]}
    assert why_not(record, new.tokens[0]) == "used"


@pytest.mark.parametrize(("answers", "shown"), [(2, False), (3, True)])
def test_a_round_that_expired_shows_its_answers_from_three_on(
    record: Record, answers: int, shown: bool
) -> None:
    new = made(record)
    for token in new.tokens[:answers]:
        say(record, token)
    [round] = record.feedback.rounds(ME, LATER).values()
    assert (round.pool is not None) is shown
    assert len(documents(record, "answer")) == (0 if shown else answers)


def test_a_round_that_expired_too_early_goes_on(record: Record) -> None:
    new = made(record)
    record.feedback.extend(ME, new.id, LATER, 7)
    assert record.feedback.form(new.tokens[0], LATER + timedelta(days=6)).asker == "Ada"
    record.feedback.close(ME, new.id)
    with pytest.raises(UsageError, match="over"):
        record.feedback.extend(ME, new.id, LATER, 7)


def test_too_few_answers_are_deleted_unread(record: Record, bytes_: Bytes) -> None:
    new = made(record)
    say(record, new.tokens[0], stop=SECRET)
    say(record, new.tokens[1])
    assert bytes_.with_(SECRET)
    closed = record.feedback.close(ME, new.id)
    assert (closed.over, closed.pool, closed.answered) == (True, None, 2)
    assert bytes_.with_(SECRET) == []


def test_two_links_that_were_both_used_leave_nothing_of_their_answers(record: Record, bytes_: Bytes) -> None:
    """Too few answers are there, and no more can come."""
    new = made(record, 2)
    for token in new.tokens:
        say(record, token, stop=SECRET)
    [round] = record.feedback.rounds(ME, NOW).values()
    assert (round.over, round.pool, round.answered) == (True, None, 2)
    assert documents(record, "answer") == []
    assert bytes_.with_(SECRET) == []


def test_answers_that_are_left_in_a_round_that_is_over_go_when_it_is_ended(record: Record) -> None:
    new = made(record, 2)
    over = msgspec.structs.replace(new.round, over=True, unused=[], used=new.round.unused)
    record.documents.put(ME, "feedback", new.id, over)
    record.documents.put(ME, "answer", "left", PendingAnswer(round=new.id, stop=SECRET))
    assert record.feedback.close(ME, new.id) == over
    assert documents(record, "answer") == []


def test_what_was_answered_together_cant_be_told_from_the_record(record: Record) -> None:
    """Whoever answers in another order, and whatever belongs together: the same documents come of it."""
    found = []
    for order in ((0, 1, 2), (2, 0, 1)):
        new = made(record, 3)
        for place in order:
            say(record, new.tokens[place], (9, 3, 6)[place], ("Rushing.", "Jargon.", "")[place])
        found.append(record.feedback.close(ME, new.id).pool)
    assert found[0] == found[1]
    assert found[0] is not None
    assert (found[0].ratings, found[0].stop) == ({EXPLAINING: [3, 6, 9]}, ["Jargon.", "Rushing."])


def test_an_answer_that_waits_has_neither_time_nor_name(record: Record) -> None:
    new = made(record)
    say(record, new.tokens[0], stop="Rushing.")
    [(id, pending)] = record.documents.all(ME, "answer", PendingAnswer).items()
    assert msgspec.json.decode(encode_document(pending)) == {
        "version": 1, "round": new.id, "ratings": {EXPLAINING: 7}, "stop": "Rushing.", "start": ""
    }  # fmt: skip
    assert hashlib.sha256(new.tokens[0].encode()).hexdigest()[:8] not in id


def exported(record: Record) -> dict[str, bytes]:
    file = io.BytesIO()
    record.export(ME, file)
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name.startswith("documents/")}


def test_an_export_holds_nothing_of_a_round_that_goes_on(record: Record, tmp_path: Path) -> None:
    new = made(record)
    for token in new.tokens[:3]:
        say(record, token, stop=SECRET)
    assert exported(record) == {}
    record.feedback.close(ME, new.id)
    [name] = exported(record)
    assert name == f"documents/feedback/{new.id}.json"
    file = io.BytesIO()
    record.export(ME, file)
    file.seek(0)
    other = Record.open(tmp_path / "other")
    assert other.import_(ME, file).documents == 1
    assert other.feedback.rounds(ME, NOW) == record.feedback.rounds(ME, NOW)
    other.close()


@pytest.mark.parametrize("kind", ["answer", "feedback"])
def test_a_file_brings_no_answers_into_a_round_that_goes_on(record: Record, kind: str) -> None:
    """With two of one's own beside it, a third one's answer would be told."""
    new = made(record)
    say(record, new.tokens[0], stop=SECRET)
    bodies = {"answer": PendingAnswer(round=new.id, ratings={EXPLAINING: 1}), "feedback": new.round}
    file = io.BytesIO()
    record.export(ME, file)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(f"documents/{kind}/abc.json", encode_document(bodies[kind]))
    file.seek(0)
    found = record.import_(ME, file)
    assert found.documents == 0
    assert "feedback that goes on stays where it was begun" in found.problems[0]
    assert len(documents(record, "answer")) == 1


def test_a_backup_holds_a_round_that_goes_on(record: Record, tmp_path: Path) -> None:
    new = made(record, 3)
    say(record, new.tokens[0])
    record.backup(tmp_path / "copy")
    copy = Record.open(tmp_path / "copy")
    for token in new.tokens[1:]:
        say(copy, token)
    assert copy.feedback.close(ME, new.id).pool is not None
    assert copy.check().problems == record.check().problems == []
    copy.close()


def test_nothing_is_left_of_a_person_who_is_forgotten(record: Record, bytes_: Bytes) -> None:
    for links in (3, 4):
        new = made(record, links)
        for token in new.tokens[:3]:
            say(record, token, stop=SECRET * 50)
        record.feedback.rounds(ME, NOW)
    mailed = made(record, 0)
    record.feedback.add_mailed(ME, mailed.id, Answer(stop=SECRET))
    record.documents.put(ME, "rating", "storytelling with data", OwnRating(rating=3, at=NOW))
    theirs = made(record, 2, OTHER)
    assert bytes_.with_(SECRET)
    record.forget(ME)
    assert bytes_.with_(SECRET) == []
    assert bytes_.with_("storytelling with data") == []
    assert record.feedback.rounds(ME, NOW) == {}
    assert why_not(record, new.tokens[3]) == "unknown"
    say(record, theirs.tokens[0])


def test_nothing_is_left_of_a_round_that_is_deleted(record: Record, bytes_: Bytes) -> None:
    keeps, goes = made(record, 3), made(record, 3)
    for new, text in ((keeps, "kept"), (goes, SECRET)):
        for token in new.tokens[:2]:
            say(record, token, stop=text)
    record.feedback.delete(ME, goes.id)
    assert bytes_.with_(SECRET) == []
    assert list(record.feedback.rounds(ME, NOW)) == [keeps.id]
    assert len(documents(record, "answer")) == 2


def test_answers_by_mail_are_for_rounds_by_mail(record: Record) -> None:
    mailed, linked = made(record, 0), made(record)
    answer = Answer(ratings={EXPLAINING: 8}, start="Pausing.")
    assert record.feedback.add_mailed(ME, mailed.id, answer).mailed == [answer]
    with pytest.raises(UsageError, match="by links"):
        record.feedback.add_mailed(ME, linked.id, answer)
    with pytest.raises(NoSuchRound):
        record.feedback.add_mailed(OTHER, mailed.id, answer)


@pytest.mark.parametrize(
    ("asker", "links", "days", "wrong"),
    [
        ("", 3, 14, "who asks"),
        (" \n", 3, 14, "who asks"),
        ("x" * 61, 3, 14, "60"),
        ("Ada", 1, 14, "2 to 5"),
        ("Ada", 6, 14, "2 to 5"),
        ("Ada", -1, 14, "2 to 5"),
        ("Ada", 3, 0, "1 to 90"),
        ("Ada", 3, 91, "1 to 90"),
    ],
)
def test_a_round_that_isnt_possible_is_refused(
    record: Record, asker: str, links: int, days: int, wrong: str
) -> None:
    with pytest.raises(UsageError, match=wrong):
        record.feedback.make(ME, asker, ASKED, NOW, links=links, days=days)
    assert record.feedback.rounds(ME, NOW) == {}


def test_others_reach_no_round(record: Record) -> None:
    new = made(record)
    for ask in (record.feedback.close, record.feedback.delete):
        with pytest.raises(NoSuchRound):
            ask(OTHER, new.id)
    assert record.feedback.rounds(OTHER, NOW) == {}
