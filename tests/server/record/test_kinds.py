"""Every kind of take, with all that can be in one, arrives with what was allowed and nothing more."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import get_args

import pytest
from msgspec.structs import asdict, replace

from engine.cues import CUES
from engine.media.files.ogg_opus import SILENCE
from engine.protocol import events as ev
from engine.protocol import messages
from engine.protocol.drill_results import Card, Listened
from engine.protocol.kept import Kept
from engine.protocol.take import ExerciseResult, Take, TakeKind
from engine.server.record.service import RecordService
from engine.server.record.sound_capture import Chunk
from engine.server.settings import Settings
from engine.store.growing import Growing
from tests.harness.loudness_recogniser import RARE
from tests.harness.record import every_byte
from tests.harness.takes import ALL, take

KINDS: tuple[TakeKind, ...] = get_args(TakeKind)
PACKETS = [Chunk("opus", SILENCE, (number + 1) * 320) for number in range(100)]
OF_WORDS = next(name for name, cue in CUES.items() if cue.needs_words)


def full(kind: TakeKind) -> Take:
    """A take in which the rare word is wherever a word can be."""
    said = f"You said “{RARE}”."
    listened = Listened(what="question", heard=True, by="words", quote=RARE, text=said)
    card = Card(
        drill="vague-question",
        title="Vague question",
        level="medium",
        seed=1,
        duration_s=60.0,
        events=[],
        composure=7.0,
        try_next="Ask what is meant.",
        listened=listened,
    )
    evidence = ev.Evidence(
        measure="headline_s", value=9.0, unit="s", threshold=6.0, window_s=(0.0, 9.0), confidence=0.9, seq=1
    )
    nudge = ev.Nudge(
        id=1, cue=OF_WORDS, text="Headline", why=said, tone="change", urgent=False, show_s=3.0,
        evidence=evidence,
    )  # fmt: skip
    return replace(
        take(1, said=[RARE] * 20),
        kind=kind,
        card=card if kind in ("drill", "exercise") else None,
        exercise=ExerciseResult(exercise="pep", score=7.0) if kind == "exercise" else None,
        nudges=[nudge],
    )


async def kept_with(folder: Path, kind: TakeKind, kept: Kept) -> tuple[Take, bytes]:
    """What the record has of a take of a kind, and every byte of its files."""
    service = RecordService(Settings(record="me", store=str(folder)))
    await service.allow("me", kept, past=False)
    growing = Growing()
    service.put_so_far("me", full(kind), growing)
    told = await service.keep("me", full(kind), PACKETS, growing)
    assert isinstance(told, messages.TakeKept)
    everything = await asyncio.to_thread(every_byte, folder)
    found = await service.call(lambda record: record.take("me", told.take))
    await service.close()
    return found, everything


@pytest.mark.parametrize("kind", KINDS)
async def test_figures_only(kind: TakeKind, tmp_path: Path) -> None:
    found, everything = await kept_with(tmp_path, kind, Kept(figures=True))
    assert found.kind == kind
    assert found.measures is not None
    assert found.word_measures is not None
    assert [nudge.why for nudge in found.nudges] == [""]
    assert found.id.encode() in everything
    assert RARE.encode() not in everything
    assert b"OpusHead" not in everything


@pytest.mark.parametrize("kind", KINDS)
async def test_words_only_and_sound_only(kind: TakeKind, tmp_path: Path) -> None:
    found, everything = await kept_with(tmp_path / "words", kind, Kept(words=True))
    assert found.review is not None
    assert (found.measures, found.card, found.exercise, found.nudges, found.sound) == (
        None, None, None, [], None,
    )  # fmt: skip
    assert RARE.encode() in everything
    assert b"OpusHead" not in everything
    found, everything = await kept_with(tmp_path / "sound", kind, Kept(sound=True))
    assert found.sound is not None
    assert (found.measures, found.review, found.card) == (None, None, None)
    assert RARE.encode() not in everything
    assert b"OpusHead" in everything


@pytest.mark.parametrize("kind", KINDS)
async def test_all_of_it(kind: TakeKind, tmp_path: Path) -> None:
    found, everything = await kept_with(tmp_path, kind, ALL)
    wanted = full(kind)
    lost = {name for name, value in asdict(wanted).items() if getattr(found, name) != value}
    assert lost == {"sound"}, "which is there now"
    assert found.sound is not None
    assert RARE.encode() in everything
