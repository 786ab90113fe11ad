"""Two channels in one call give what they give hop by hop."""

from __future__ import annotations

import numpy as np
import pytest

from engine.core.attachments import Attachment, FrameTap
from engine.core.session import Session
from engine.media.resample import Samples
from engine.shipped import profiles
from tests.harness.dialogues import ROOMS, compose, heard_in, packaged_people


@pytest.fixture(scope="module", params=[ROOMS[0], ROOMS[6]], ids=lambda room: room.name)
def dialogue(request: pytest.FixtureRequest) -> Samples:
    """Shape (n, 2)."""
    voices, _ = compose(packaged_people(), 20.0, 45)
    heard = heard_in(voices, request.param, 1)
    heard[100_000:100_320, 0] = np.nan
    return heard


def events(
    dialogue: Samples, blocks: tuple[int, int], lost: float = 0.0, attached: Attachment | None = None
) -> list[str]:
    session = Session(profiles.load("conversation"), 2)
    if attached is not None:
        session.attach(attached)
    chance = np.random.default_rng(2)
    gone = chance.random(len(dialogue) // 320 + 1) < lost
    at, places = 0, [0, 0]
    while at < len(dialogue):
        at += max(blocks)
        for channel, block in enumerate(blocks):
            while places[channel] + block <= min(at, len(dialogue)):
                start = places[channel]
                part = dialogue[start : start + block, channel]
                if block == 320 and gone[start // 320]:
                    session.missing(channel, start, start + block)
                else:
                    session.hear(channel, part)
                places[channel] += block
    session.finish()
    return [repr(event) for event in session.poll()]


@pytest.mark.slow
def test_in_blocks_as_hop_by_hop(dialogue: Samples) -> None:
    by_hops = events(dialogue, (160, 160), attached=FrameTap(lambda channel, frame: None))
    assert len(by_hops) > 300
    assert events(dialogue, (320, 320)) == by_hops
    assert events(dialogue, (960, 320)) == by_hops
    assert events(dialogue, (1600, 1600)) == by_hops


@pytest.mark.slow
def test_with_lost_packets_too(dialogue: Samples) -> None:
    by_hops = events(dialogue, (320, 320), 0.05, attached=FrameTap(lambda channel, frame: None))
    assert any("AudioLost" in event for event in by_hops)
    assert events(dialogue, (320, 320), 0.05) == by_hops
