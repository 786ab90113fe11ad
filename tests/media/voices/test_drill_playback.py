"""What the drills let be heard: loudness, people, noises, and that it is made once."""

from __future__ import annotations

import itertools
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from dsp.ears import Ears
from dsp.frame import HOP, RATE_HZ
from engine.drills.plan import plan
from engine.errors import UsageError
from engine.media.resample import Samples
from engine.media.voices import clips as clips_module
from engine.media.voices.clips import ClipCache, cache_folder
from engine.media.voices.distractions import SOUNDS, load_recordings, render_distraction
from engine.media.voices.drill_playback import DrillPlayback, RenderedPlan, render_plan, with_dropouts
from engine.media.voices.normalisation import (
    DISTRACTION_LUFS,
    SPEECH_LUFS,
    integrated_lufs,
    loudness_normalized,
    peak_limited,
)
from engine.media.voices.offline_drill import OfflineDrill, in_blocks, run_against
from engine.media.voices.rendering import RenderingRefused
from engine.media.voices.speakers import PEOPLE, Person, render_speech, spoken_form
from engine.media.voices.synthesis import SpeechSynthesizer
from engine.media.webrtc.playout import BLOCK, Mixer
from engine.protocol import events as ev
from engine.protocol.terms import Role
from engine.shipped.drills import bank, load
from engine.shipped.profiles import load as profile
from tests.harness.recordings import tone, write

LINE = "Hang on. Before you go on, what was your own part in that? I would like to know."
PEAK = 10 ** (-3 / 20)


def test_a_sine_of_full_scale_has_the_loudness_that_the_standard_says() -> None:
    assert integrated_lufs(tone(997, 3, level=1.0)) == pytest.approx(-3.01, abs=0.05)
    assert integrated_lufs(tone(997, 0.2, level=1.0)) == pytest.approx(-3.01, abs=0.3)
    assert integrated_lufs(np.zeros(16000, np.float32)) == -np.inf


def test_pauses_do_not_count() -> None:
    said = tone(997, 3, level=0.1)
    spaced = np.concatenate([said, np.zeros(5 * RATE_HZ, np.float32), said])
    assert integrated_lufs(spaced) == pytest.approx(integrated_lufs(said), abs=0.3)


def test_levelling_reaches_the_loudness_and_keeps_the_peak() -> None:
    quiet = tone(400, 2, level=0.001)
    assert integrated_lufs(loudness_normalized(quiet, -23)) == pytest.approx(-23, abs=0.1)
    spiky = tone(400, 2, level=0.02)
    spiky[16000] = 1.0
    assert np.abs(loudness_normalized(spiky, -20)).max() <= PEAK + 1e-6
    silent = np.zeros(1000, np.float32)
    np.testing.assert_array_equal(loudness_normalized(silent, -23), silent)


def test_the_limiter_leaves_alone_what_is_not_too_loud_and_makes_no_steps() -> None:
    fine = tone(300, 1, level=0.5)
    assert peak_limited(fine) is fine
    loud = np.concatenate([fine, tone(300, 1, level=1.0), fine])
    gains = peak_limited(loud)[np.abs(loud) > 0.3] / loud[np.abs(loud) > 0.3]
    assert np.abs(np.diff(gains)).max() < 0.05
    np.testing.assert_allclose(peak_limited(loud)[:15000], loud[:15000])


def heard(samples: Samples) -> tuple[float, float]:
    """Median F0, and the share of it that the ears take for speech."""
    ears, f0_hz, talking = Ears(), [], 0
    for hop in samples[: samples.size // HOP * HOP].reshape(-1, HOP):
        frame = ears.process(hop)
        talking += frame.speech > 0.5
        if frame.f0_hz:
            f0_hz.append(frame.f0_hz)
    return float(np.median(f0_hz)), talking / (samples.size // HOP)


def test_people_can_be_told_apart(voice: SpeechSynthesizer) -> None:
    said = {role: render_speech(voice, person, LINE) for role, person in PEOPLE.items()}
    pitch_st = {role: 12 * np.log2(heard(samples)[0]) for role, samples in said.items()}
    assert said.keys() == set(get_args(Role))
    for one, other in itertools.combinations(pitch_st.values(), 2):
        assert abs(one - other) > 2.0
    for role, samples in said.items():
        assert heard(samples)[1] > 0.5, role
        wanted = SPEECH_LUFS + PEOPLE[role].loudness_lu
        assert integrated_lufs(samples) == pytest.approx(wanted, abs=1.0)
        assert np.abs(samples).max() <= PEAK + 1e-6


def test_a_longer_throat_is_heard_at_the_same_pitch(voice: SpeechSynthesizer) -> None:
    def say(formants: float) -> Samples:
        return render_speech(voice, Person(pitch_st=0.0, formants=formants, speed=1.0, liveliness=1.0), LINE)

    long, short = say(0.86), say(1.1)
    assert abs(12 * np.log2(heard(long)[0] / heard(short)[0])) < 1.5
    assert _centroid_hz(long) < 0.93 * _centroid_hz(short)


def test_mm_hm_is_said_by_its_sounds(voice: SpeechSynthesizer) -> None:
    assert "[" in spoken_form("Mm-hm.")
    assert spoken_form("Right.") == "Right."
    assert 0.25 < render_speech(voice, PEOPLE["client"], "Mm-hm.").size / RATE_HZ < 1.0


@pytest.mark.parametrize("name", SOUNDS)
def test_a_noise_is_of_its_seed_length_and_loudness(name: str) -> None:
    one, same, other = (render_distraction(name, 4.0, seed) for seed in (1, 1, 2))  # type: ignore[arg-type]
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)
    assert one.size == 4 * RATE_HZ
    assert np.isfinite(one).all()
    assert np.abs(one).max() <= PEAK + 1e-6
    assert integrated_lufs(one) == pytest.approx(DISTRACTION_LUFS, abs=0.5)
    assert np.abs(one[:16]).max() < 0.05
    assert np.abs(one[-16:]).max() < 0.05


@pytest.mark.parametrize("name", SOUNDS)
def test_a_noise_may_be_as_short_as_a_script_may_ask(name: str) -> None:
    short = render_distraction(name, 0.5, 3)  # type: ignore[arg-type]
    assert short.size == RATE_HZ // 2
    assert np.isfinite(short).all()
    assert np.abs(short).max() > 0.003


def test_noises_differ_from_each_other() -> None:
    spectra = {}
    for name in SOUNDS:
        power = np.abs(np.fft.rfft(render_distraction(name, 4.0, 1))) ** 2
        bands = np.add.reduceat(power, np.unique(np.geomspace(200, power.size - 1, 32).astype(int)))
        spectra[name] = np.sqrt(bands / bands.sum())
    for one, other in itertools.combinations(spectra, 2):
        assert spectra[one] @ spectra[other] < 0.97, (one, other)


def test_a_users_recordings_are_read_and_what_is_none_is_named(tmp_path: Path) -> None:
    write(tmp_path / "phone_ring.wav", tone(600, 1, rate=44100), rate=44100)
    write(tmp_path / "fan.mp3", tone(200, 1))
    write(tmp_path / "void.wav", np.zeros(16000, np.float32))
    (tmp_path / "notes.txt").write_text("no sound")
    (tmp_path / ".hidden").write_text("no sound")
    (tmp_path / "folder").mkdir()
    found, warnings = load_recordings(tmp_path)
    assert set(found) == {"phone_ring", "fan"}
    assert integrated_lufs(found["fan"]) == pytest.approx(DISTRACTION_LUFS, abs=0.5)
    assert len(warnings) == 2
    assert any("notes.txt" in warning for warning in warnings)
    assert any("void.wav: it is silent" in warning for warning in warnings)
    with pytest.raises(UsageError, match="no such folder"):
        load_recordings(tmp_path / "nowhere")


class Counting:
    """Makes a tone of anything, and counts."""

    made = 0

    def render(self, _: object) -> Samples:
        self.made += 1
        return tone(200, 0.5)

    def close(self) -> None:
        """There is nothing to let go of."""


def test_a_line_is_rendered_once_and_kept_for_the_next_start(tmp_path: Path) -> None:
    first, second = Counting(), Counting()
    kept = ClipCache(tmp_path / "clips", renderer=first)
    one = kept.speech("client", "No.")
    assert kept.speech("client", "No.") is one
    kept.speech("client", "Yes.")
    kept.speech("executive", "No.")
    assert first.made == 3
    later = ClipCache(tmp_path / "clips", renderer=second)
    np.testing.assert_allclose(later.speech("client", "No."), one, atol=1e-3)
    assert second.made == 0


def test_what_is_kept_is_given_though_nothing_can_be_rendered_now(tmp_path: Path) -> None:
    ClipCache(tmp_path, renderer=Counting()).speech("client", "No.")
    busy: list[str] = []
    counting = Counting()
    clips = ClipCache(tmp_path, renderer=counting, refusal=lambda: busy[0] if busy else None)
    clips.sound("chair", 0.5)
    busy.append("too busy")
    assert clips.sound("chair", 0.5).size
    assert clips.speech("client", "No.").size
    with pytest.raises(RenderingRefused, match="too busy"):
        clips.speech("client", "Yes.")
    assert counting.made == 1


def test_noises_without_number_leave_nothing_in_the_folder(tmp_path: Path) -> None:
    kept = ClipCache(tmp_path)
    assert kept.sound("chair", 0.5, 1) is kept.sound("chair", 0.5, 1)
    assert not np.array_equal(kept.sound("chair", 0.5, 1), kept.sound("chair", 0.5, 2))
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_does_not_wait_for_what_is_being_made() -> None:
    begun, go_on = threading.Event(), threading.Event()

    class Slow(Counting):
        def render(self, wanted: object) -> Samples:
            if self.made:
                begun.set()
                assert go_on.wait(60)
            return super().render(wanted)

    slow = Slow()
    clips = ClipCache(renderer=slow)
    there = clips.speech("client", "No.")
    with ThreadPoolExecutor() as others:
        twice = [others.submit(clips.speech, "client", "A long speech.") for _ in range(2)]
        assert begun.wait(60)
        assert clips.speech("client", "No.") is there
        go_on.set()
        assert twice[0].result() is twice[1].result()
    assert slow.made == 2


def test_a_damaged_clip_is_made_anew(tmp_path: Path) -> None:
    counting = Counting()
    ClipCache(tmp_path, renderer=counting).speech("client", "No.")
    (kept,) = tmp_path.glob("*.npy")
    for damage in (b"", b"nonsense", kept.read_bytes()[:-7]):
        kept.write_bytes(damage)
        ClipCache(tmp_path, renderer=counting).speech("client", "No.")
    assert counting.made == 4
    np.save(kept, np.full(9, np.nan, np.float16))
    ClipCache(tmp_path, renderer=counting).speech("client", "No.")
    assert counting.made == 5


def test_a_folder_that_cannot_be_written_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "file"
    file.write_text("in the way")
    clips = ClipCache(file / "clips", renderer=Counting())
    with caplog.at_level(logging.WARNING):
        clips.speech("client", "No.")
        clips.speech("client", "Yes.")
    assert len(caplog.records) == 1


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clips_module, "MAX_BYTES", 100_000)
    clips = ClipCache(renderer=Counting())
    for number in range(30):
        clips.speech("client", f"{number}.")
    assert 0 < clips._bytes <= 100_000


def test_a_recording_stands_in_for_a_noise_and_begins_again() -> None:
    own = tone(300, 1.0)
    clips = ClipCache(own={"phone_ring": own})
    played = clips.sound("phone_ring", 2.5)
    assert played.size == round(2.5 * RATE_HZ)
    np.testing.assert_array_equal(played[: own.size], own)
    np.testing.assert_array_equal(played[own.size : 2 * own.size], own)


def test_the_cache_is_where_the_desktop_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "sottovoce" / "clips"


def test_a_bad_line_loses_packets_and_keeps_others() -> None:
    whole = tone(300, 4.0)
    bad = with_dropouts(whole, 5)
    gone = (bad.reshape(-1, BLOCK) == 0).all(axis=1)
    assert 0.15 < gone.mean() < 0.6
    np.testing.assert_array_equal(bad.reshape(-1, BLOCK)[~gone], whole.reshape(-1, BLOCK)[~gone])
    np.testing.assert_array_equal(bad, with_dropouts(whole, 5))


def test_a_plan_is_staged_with_all_its_sounds_and_lengths() -> None:
    made = plan(load("mixed"), bank(), level="hard", seed=1)
    ready = render_plan(made, ClipCache())
    for step, sounds, lengths_s in zip(made.steps, ready.sounds, ready.lengths_s, strict=True):
        assert len(sounds) == len(step.lines) + (step.sound is not None)
        assert lengths_s == [one.size / RATE_HZ for one in sounds]
        assert all(one.size for one in sounds)


def test_what_is_stopped_is_silent_within_60_ms() -> None:
    mixer = Mixer()
    made = plan(load("distractions"), bank(), seed=1)
    playback = DrillPlayback(RenderedPlan(made, [[tone(300, 9.0)] for _ in made.steps]), mixer)
    common = {"seq": 0, "at_s": 0.0}
    started = ev.DrillSound(step=0, turn=0, kind="voice", role=None, say=None, sound=None, breaks_up=False,
                            length_s=9.0, **common)  # type: ignore[arg-type]  # fmt: skip
    playback.play_event(started)
    assert mixer.next_block() is not None
    playback.play_event(ev.DrillHush(step=None, **common))  # type: ignore[arg-type]
    after = [mixer.next_block() for _ in range(3)]
    assert after[0] is not None
    assert np.abs(after[0][-100:]).max() == 0.0
    assert after[1:] == [None, None]


def test_a_rehearsal_plays_what_its_events_say(answer: tuple[Samples, list[object]]) -> None:
    made = plan(load("interruptions"), bank(), seed=2)
    ready = render_plan(made, ClipCache())
    begun: list[tuple[float, Samples]] = []
    out, now = [], 0
    for events, _, played in run_against(OfflineDrill(ready, profile("conversation")), [answer[0]]):
        begun += [(now, ready.sounds[e.step][e.turn]) for e in events if isinstance(e, ev.DrillSound)]
        out.append(played)
        now += BLOCK
    mixed = np.concatenate(out)
    assert len(begun) >= 3
    for at, wanted in begun[:-1]:
        got = mixed[at : at + wanted.size]
        assert got @ wanted / np.sqrt((got @ got) * (wanted @ wanted)) > 0.99


def test_blocks_are_of_20_ms_whatever_comes() -> None:
    parts = [np.ones(n, np.float32) for n in (1, 500, 320, 7)]
    blocks = list(in_blocks(parts))
    assert [block.size for block in blocks] == [BLOCK] * 3
    assert sum(block.sum() for block in blocks) == 828


def _centroid_hz(samples: Samples) -> float:
    power, hz = np.abs(np.fft.rfft(samples)) ** 2, np.fft.rfftfreq(samples.size, 1 / RATE_HZ)
    voice = (hz > 300) & (hz < 3500)
    return float((power[voice] * hz[voice]).sum() / power[voice].sum())
