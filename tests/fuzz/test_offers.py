"""Mutated offers: each is answered by what fits it, or refused in a sentence; nothing is left of either."""

from __future__ import annotations

import re

from engine.errors import BadOffer
from engine.media.webrtc.offer import Offer
from engine.media.webrtc.peer import Peer
from engine.media.webrtc.sdp import parse_sdp
from tests.harness.ears import Ears
from tests.harness.fuzz.bystander import bystander
from tests.harness.fuzz.offers import mutated
from tests.harness.offers import PYTHON_WORDS

COUNT = 200
"""Offers; ``python -m benchmarks.fuzz`` sends many more."""


def refusal(text: str) -> str | None:
    """Why an offer is refused; None when it isn't."""
    try:
        Offer.read(text)
    except BadOffer as error:
        return str(error)
    return None


def test_offers_are_the_same_for_a_seed_and_some_are_right() -> None:
    made = [mutated(seed) for seed in range(COUNT)]
    assert made == [mutated(seed) for seed in range(COUNT)]
    assert len(set(made)) == COUNT
    refused = [said for text in made if (said := refusal(text)) is not None]
    assert COUNT / 5 < len(refused) < COUNT * 4 / 5


def test_refusals_are_sentences() -> None:
    for seed in range(10 * COUNT):
        said = refusal(mutated(seed))
        assert said is None or (len(said) < 400 and not PYTHON_WORDS.search(said)), (seed, said)


async def answered(text: str) -> bool:
    """Whether an offer is answered; the answer has a section for each of its own (RFC 3264, section 6)."""
    if refusal(text) is not None:
        return False
    offer = Offer.read(text)
    peer = await Peer.answer(offer, Ears())
    await peer.close()
    session, sections = parse_sdp(peer.sdp)
    assert [(one.kind, one.profile) for one in sections] == [
        (one.kind, one.profile) for one in offer.sections
    ]
    mids = [one.name if "mid" in one.attributes else None for one in sections]
    assert mids == [one.name if "mid" in one.attributes else None for one in offer.sections]
    assert all(
        set(one.formats) <= set(wanted.formats) for one, wanted in zip(sections, offer.sections, strict=True)
    )
    assert [one.name for one in sections if one.port and one.direction == "recvonly"] == [
        name for name, wanted in zip([one.name for one in sections], offer.sections, strict=True)
        if wanted is offer.audio
    ]  # fmt: skip
    live = {mid for mid, one in zip(mids, sections, strict=True) if one.port}
    for group in session.get("group", ()):
        assert re.fullmatch(r"BUNDLE( \S+)+", group)
        assert set(group.split()[1:]) <= live & set(offer.bundle)
    return True


async def test_mutated_offers_are_answered_or_refused_and_nothing_is_left() -> None:
    async with bystander():
        found = [await answered(mutated(seed)) for seed in range(COUNT)]
    assert True in found
