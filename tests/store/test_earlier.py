"""Takes before a take, for what is usual."""

from __future__ import annotations

import pytest
from msgspec import structs

from engine.errors import NoSuchTake
from engine.protocol.kept import Kept
from engine.store.earlier import takes_before
from engine.store.record import Record
from tests.harness.takes import take


def test_they_are_of_the_same_kind_the_newest_first_and_have_figures(record: Record) -> None:
    for number in range(8):
        record.put("me", take(number))
    record.put("me", take(8, kept=Kept(words=True)))
    record.put("me", structs.replace(take(9), kind="call"))
    record.put("you", take(10))
    newest = take(11)
    record.put("me", newest)
    found = [one.id for one in takes_before(record, "me", newest, 3)]
    assert found == [take(number).id for number in (7, 6, 5)]


def test_a_take_that_is_gone_has_none(record: Record) -> None:
    with pytest.raises(NoSuchTake):
        takes_before(record, "me", take(1), 3)
