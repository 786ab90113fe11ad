"""What the network is trained on: labels, and scenes that they fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from dsp.frame import HOP, RATE_HZ
from tools.train import labels
from tools.train.channel import at_rate, narrowed
from tools.train.recording import Corpus, Recording, stored
from tools.train.scenes import SCENE_HOPS, Mixer, split
from tools.train.sources import FESTVOX_GROUP, NOISE, PACKAGES, SPEECH, files

SYLLABLE_S = 0.2


def syllables(count: int, lead_s: float = 0.5) -> NDArray[np.float32]:
    """Silence, so many bursts of a buzz without a pause, silence; with a breath of noise all over."""
    lead, n = int(lead_s * RATE_HZ), int(SYLLABLE_S * RATE_HZ)
    t = np.arange(n) / RATE_HZ
    burst = sum(np.sin(2.0 * np.pi * 120.0 * h * t) / h for h in range(1, 20)) * np.sin(
        np.pi * t / SYLLABLE_S
    )
    x = np.concatenate([np.zeros(lead), np.tile(burst, count), np.zeros(lead)])
    return (0.2 * x + 1e-4 * np.random.default_rng(0).standard_normal(x.size)).astype(np.float32)


def spoken(count: int) -> Recording:
    x = syllables(count)
    on = labels.speech_hops(x)
    assert on is not None
    return Recording(stored(x), on, np.asarray(0.5 + SYLLABLE_S * (np.arange(count) + 0.5), np.float64))


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    known = [spoken(count) for count in range(3, 28)]
    plain = [Recording(item.samples, item.speech) for item in known]
    ticks = [stored(np.random.default_rng(k).standard_normal(4000).astype(np.float32)) for k in range(16)]
    speech = {FESTVOX_GROUP: known, "tux_en": plain, "tub_da": plain}
    return Corpus(speech, {FESTVOX_GROUP: known + known}, {"sfx": ticks})


def test_speech_is_labelled_where_it_sounds() -> None:
    on = labels.speech_hops(syllables(5))
    assert on is not None
    ((start, end),) = labels.runs(on)
    assert abs(start - 50) <= 3
    assert abs(end - 150) <= 3


def test_silence_about_a_recording_is_cut_to_a_little() -> None:
    recording = labels.trimmed(syllables(5, lead_s=2.0))
    assert recording is not None
    ((start, end),) = labels.runs(recording.speech)
    assert start == labels.LEAD_HOPS
    assert recording.speech.size - end == labels.TAIL_HOPS
    assert recording.samples.size == recording.speech.size * HOP


def test_what_is_too_soft_or_too_short_is_left_out() -> None:
    assert labels.speech_hops(np.float32(1e-3) * syllables(5)) is None
    assert labels.speech_hops(np.zeros(HOP, np.float32)) is None


def test_short_gaps_close_and_short_bursts_go() -> None:
    on = np.zeros(100, np.bool_)
    on[20:40] = on[40 + labels.GAP_HOPS - 1 : 60] = on[80 : 80 + labels.BURST_HOPS - 1] = True
    assert labels.runs(labels.tidy(on)).tolist() == [[20, 60]]


def test_a_labelled_pause_is_no_speech_however_loud() -> None:
    phones = labels.phones_of([("pau", 0.5), ("a", 0.9), ("pau", 1.1), ("a", 1.5), ("pau", 2.0)])
    recording = labels.with_phones(syllables(5), phones, frozenset("a"))
    assert recording is not None
    assert recording.nuclei_s == pytest.approx([0.7, 1.3])
    assert not recording.speech[93:108].any()
    assert recording.speech[60:85].all()


def test_a_nucleus_is_a_bump_about_its_hop() -> None:
    at = labels.bumps(np.array([0.305, 0.995]), 100)
    assert at.argmax() in (30, 99)
    assert at[30] == pytest.approx(1.0)
    assert at[29] == pytest.approx(at[31])
    assert not at[40:90].any()
    assert not labels.bumps(np.zeros(0), 100).any()


@pytest.mark.parametrize("rate", [0.8, 1.0, 1.3])
def test_labels_follow_the_rate(rate: float) -> None:
    x, on, nuclei_s = at_rate(spoken(10), rate)
    assert x.size == on.size * HOP
    heard = labels.speech_hops(x)
    assert heard is not None
    assert np.mean(heard == on) > 0.97
    assert nuclei_s == pytest.approx((0.5 + SYLLABLE_S * (np.arange(10) + 0.5)) / round(rate, 2))


def test_a_narrow_line_has_no_highs() -> None:
    noise = np.random.default_rng(0).standard_normal(RATE_HZ).astype(np.float32)
    power = np.abs(np.fft.rfft(narrowed(np.random.default_rng(0), noise))) ** 2
    assert power[5000:].mean() < 1e-3 * power[:3000].mean()


def test_the_same_number_is_the_same_scene(corpus: Corpus) -> None:
    one, other = Mixer(corpus, seed=1), Mixer(corpus, seed=1)
    one.scene(0)
    again = other.scene(5)
    assert np.array_equal(one.scene(5).samples, again.samples)
    assert np.array_equal(one.scene(5).speech, again.speech)
    assert not np.array_equal(one.scene(6).samples, again.samples)
    assert not np.array_equal(Mixer(corpus, seed=2).scene(5).samples, again.samples)


def test_scenes_are_sound_with_labels_that_fit(corpus: Corpus) -> None:
    mixer = Mixer(corpus, seed=1)
    scenes = [mixer.scene(number) for number in range(40)]
    for scene in scenes:
        assert scene.samples.dtype == np.float32
        assert scene.samples.size == SCENE_HOPS * HOP
        assert np.abs(scene.samples).max() <= 1.0
        assert scene.nuclei_known or not scene.nuclei_s
        hops = (np.array(scene.nuclei_s) * RATE_HZ / HOP).astype(int)
        assert scene.speech[hops].all()
    assert {scene.nuclei_known for scene in scenes} == {True, False}
    assert any(not scene.speech.any() for scene in scenes)
    clean = [labels.hop_levels_dbfs(scene.samples) for scene in scenes]
    louder = [
        np.median(level[scene.speech]) - np.median(level[~scene.speech])
        for level, scene in zip(clean, scenes, strict=True)
        if scene.speech.any() and not scene.speech.all()
    ]
    assert np.median(louder) > 3.0


def test_nothing_is_both_trained_on_and_held_out(corpus: Corpus) -> None:
    training, strangers = split(corpus, held_out=False), split(corpus, held_out=True)
    assert set(training.speech) == {FESTVOX_GROUP, "tux_en"}
    assert set(strangers.speech) == {FESTVOX_GROUP, "tub_da"}
    for of in ("speech", "varied"):
        first = {id(item.samples) for item in getattr(training, of)[FESTVOX_GROUP]}
        second = {id(item.samples) for item in getattr(strangers, of)[FESTVOX_GROUP]}
        assert first
        assert second
        assert not first & second
    kept = {id(sound) for sound in training.noise["sfx"]} | {id(sound) for sound in strangers.noise["sfx"]}
    assert len(kept) == len(corpus.noise["sfx"])


def test_scenes_need_both_kinds_of_speech(corpus: Corpus) -> None:
    with pytest.raises(ValueError, match="known vowels"):
        Mixer(Corpus({"tux_en": corpus.speech["tux_en"]}, {}, {}), seed=1)


def test_groups_take_the_files_they_name(tmp_path: Path) -> None:
    for name in (
        "ktuberling-data/usr/share/ktuberling/sounds/da/tux.ogg",
        "tuxpaint-stamps-default/stamps/dog_desc_pt_BR.ogg",
        "tuxpaint-stamps-default/stamps/dog_desc.ogg",
        "tuxpaint-stamps-default/stamps/dog.ogg",
        "wesnoth-1.16-data/usr/sounds/horse.ogg",
        "wesnoth-1.16-data/usr/sounds/human-hit.ogg",
        "0ad-data/audio/voice/greek/civ/hello.ogg",
        "0ad-data/audio/voice/global/dog/bark.ogg",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    speech, noise = files(SPEECH, tmp_path), files(NOISE, tmp_path)
    assert {group: len(found) for group, found in speech.items()} == {
        "tub_da": 1,
        "tux_pt_BR": 1,
        "tux_en": 1,
        "0ad_greek": 1,
    }
    assert {kind: [file.name for file in found] for kind, found in noise.items()} == {
        "sfx": ["horse.ogg"],
        "stamps": ["dog.ogg"],
    }


def test_each_package_is_named_with_its_licence() -> None:
    text = (Path(__file__).parents[2] / "tools/train/README.md").read_text("utf-8")
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| ")]
    named = {name.strip("|, ") for row in rows if len(row) == 4 for name in row[0].split()}
    assert set(PACKAGES) <= named
