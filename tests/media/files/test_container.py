"""Containers as people bring them: joined, with gaps, with several tracks, begun late."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
import pytest
from av import AudioFrame, AudioStream
from numpy.typing import NDArray

from dsp.frame import RATE_HZ
from engine.errors import AudioFileError
from engine.media.files.analysis import Analysis, analyze
from engine.media.files.container import ogg_links
from engine.media.files.recording import Recording
from engine.media.voices.practice_answer import PassageSpan
from engine.shipped.profiles import load
from tests.harness.corpus import CASES
from tests.harness.recordings import tone, without_silence, write

from .test_recording import peak_hz, sides

Samples = NDArray[np.float32]


@pytest.fixture(scope="module")
def speech(answer: tuple[Samples, list[PassageSpan]]) -> Samples:
    """Fifteen seconds of one voice."""
    return answer[0][: 15 * RATE_HZ]


def joined(path: Path, *parts: Path) -> Path:
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


def tracks(path: Path, *pieces: tuple[Samples, float], codec: str = "pcm_s16le") -> Path:
    """A file with a track for each of the samples, which begins so many seconds late."""
    with av.open(path, "w") as container:
        streams = []
        for _ in pieces:
            stream = cast(AudioStream, container.add_stream(codec, rate=RATE_HZ, layout="mono"))
            stream.time_base = Fraction(1, RATE_HZ)
            streams.append(stream)
        for stream, (samples, late_s) in zip(streams, pieces, strict=True):
            for start in range(0, samples.size, 1600):
                part = (32767 * samples[start : start + 1600]).astype(np.int16)
                frame = AudioFrame.from_ndarray(part[None], format="s16", layout="mono")
                frame.sample_rate, frame.time_base = RATE_HZ, Fraction(1, RATE_HZ)
                frame.pts = start + round(late_s * RATE_HZ)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    return path


def heard(*recordings: Recording) -> Analysis:
    return analyze(recordings, load("conversation"))


@pytest.mark.parametrize("name", ["a.opus", "a.ogg"])
@pytest.mark.parametrize("channels", [(2, 1), (1, 2), (1, 1, 2, 1)])
def test_chained_ogg_whose_channels_change_is_heard_to_its_end(
    tmp_path: Path, name: str, channels: Sequence[int]
) -> None:
    parts = [
        write(tmp_path / f"{k}{name}", *[tone(300 + 200 * k, 3.0, rate=48000)] * n, rate=48000)
        for k, n in enumerate(channels)
    ]
    (samples,) = sides(Recording(joined(tmp_path / name, *parts)))
    assert not np.isnan(samples).any()
    assert samples.size == pytest.approx(3 * len(parts) * RATE_HZ, abs=0.05 * RATE_HZ)
    for k, part in enumerate(np.split(samples[: samples.size // len(parts) * len(parts)], len(parts))):
        assert peak_hz(part[RATE_HZ // 2 :]) == pytest.approx(300 + 200 * k, abs=1)


def test_chained_ogg_whose_rate_and_codec_change_is_heard_to_its_end(tmp_path: Path) -> None:
    parts = [
        write(tmp_path / f"{k}.ogg", tone(300 + 200 * k, 3.0, rate=rate), rate=rate, codec=codec)
        for k, (rate, codec) in enumerate([(48000, "flac"), (16000, "flac"), (48000, "libopus")])
    ]
    (samples,) = sides(Recording(joined(tmp_path / "a.ogg", *parts)))
    assert samples.size == pytest.approx(9 * RATE_HZ, abs=0.05 * RATE_HZ)
    assert peak_hz(samples[-2 * RATE_HZ :]) == pytest.approx(700, abs=1)


def test_link_that_is_damaged_costs_only_itself(tmp_path: Path) -> None:
    parts = [
        write(tmp_path / f"{k}.opus", tone(300 + 200 * k, 3.0, rate=48000), rate=48000) for k in range(3)
    ]
    broken = bytearray(parts[1].read_bytes())
    broken[28:60] = bytes(32)
    parts[1].write_bytes(broken)
    recording = Recording(joined(tmp_path / "a.opus", *parts))
    (samples,) = sides(recording)
    assert peak_hz(samples[-2 * RATE_HZ :]) == pytest.approx(700, abs=1)
    assert recording.damaged


def test_links_of_a_chain_are_its_files(tmp_path: Path) -> None:
    parts = [write(tmp_path / f"{k}.opus", tone(300, 1.0, rate=48000), rate=48000) for k in range(3)]
    ends = np.cumsum([part.stat().st_size for part in parts]).tolist()
    with joined(tmp_path / "a.opus", *parts).open("rb") as file:
        assert list(ogg_links(file)) == list(zip([0, *ends], ends, strict=False))
    with write(tmp_path / "a.wav", tone(300, 1.0)).open("rb") as file:
        assert list(ogg_links(file)) == [(0, (tmp_path / "a.wav").stat().st_size)]


@pytest.mark.parametrize("channels", [(2, 1), (1, 2)])
def test_mp3_joined_of_stereo_and_mono_is_heard_to_its_end(
    speech: Samples, tmp_path: Path, channels: tuple[int, int]
) -> None:
    parts = [write(tmp_path / f"{k}.mp3", *[speech] * n) for k, n in enumerate(channels)]
    found = heard(Recording(joined(tmp_path / "a.mp3", *parts)))
    assert len(found.measures) == 1
    assert found.duration_s == pytest.approx(30, abs=0.3)
    alone = heard(Recording(parts[0])).measures[0].syllables
    assert found.measures[0].syllables == pytest.approx(2 * alone, rel=0.05)


def test_two_people_on_a_channel_from_somewhere_on_are_lost_and_said(speech: Samples, tmp_path: Path) -> None:
    left, right = speech.copy(), speech[::-1].copy()
    hiss = np.random.default_rng(1).normal(0, 1e-4, speech.size).astype(np.float32)  # silence would be a mute
    left[: 8 * RATE_HZ], right[8 * RATE_HZ :] = hiss[: 8 * RATE_HZ], hiss[8 * RATE_HZ :]
    parts = [write(tmp_path / "0.mp3", left, right), write(tmp_path / "1.mp3", speech)]
    found = heard(Recording(joined(tmp_path / "a.mp3", *parts)))
    assert [measures.lost_s for measures in found.measures] == pytest.approx([15, 15], abs=0.3)
    assert any("on one channel, where nothing tells which" in said for said in found.sources[0].remarks)


@pytest.mark.corpus
def test_case_of_stereo_then_mono() -> None:
    found = heard(Recording(CASES / "stereo_then_mono.mp3"))
    assert found.duration_s > 8
    assert found.measures[0].speech_s > 5


@pytest.mark.parametrize("name", ["a.webm", "a.mka"])
def test_silence_that_the_sender_left_out_is_a_pause_and_not_lost(
    speech: Samples, tmp_path: Path, name: str
) -> None:
    whole = heard(Recording(without_silence(tmp_path / f"whole-{name}", speech, least_s=99))).measures[0]
    left_out = heard(Recording(without_silence(tmp_path / name, speech))).measures[0]
    assert left_out.lost_s == 0
    assert whole.pause_count >= 3
    assert left_out.pause_count == whole.pause_count
    assert left_out.longest_pause_s == pytest.approx(whole.longest_pause_s, abs=0.1)
    assert left_out.snr_db == pytest.approx(cast(float, whole.snr_db), abs=6)


def test_silence_longer_than_senders_leave_out_is_lost(speech: Samples, tmp_path: Path) -> None:
    path = without_silence(tmp_path / "a.webm", speech, most_s=1.2)
    lost_s = heard(Recording(path)).measures[0].lost_s
    assert lost_s > 0.5


def test_gap_in_a_codec_that_leaves_nothing_out_is_lost(tmp_path: Path) -> None:
    data = tracks(tmp_path / "a.mkv", (tone(300, 2.0), 0.0))
    with av.open(data) as source, av.open(tmp_path / "gap.mkv", "w") as made:
        stream = made.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.pts is None or not 0.8 <= float(packet.pts * packet.time_base) < 1.1:
                packet.stream = stream
                made.mux(packet)
    (samples,) = sides(Recording(tmp_path / "gap.mkv"))
    assert np.isnan(samples).sum() == pytest.approx(0.3 * RATE_HZ, abs=0.02 * RATE_HZ)


def test_second_track_is_heard_where_nobody_speaks_on_the_first(speech: Samples, tmp_path: Path) -> None:
    path = tracks(tmp_path / "a.mkv", (tone(300, 15.0), 0.0), (speech, 0.0))
    recording = Recording(path)
    assert (recording.track, recording.tracks) == (1, 2)
    assert recording.remarks() == ["2 audio tracks: track 1 is heard; --track hears another (0)"]
    assert heard(recording).measures[0].speech_s > 8
    assert heard(Recording(path, track=0)).measures[0].speech_s < 1
    with pytest.raises(AudioFileError, match="no track 2: it has audio tracks 0 to 1"):
        Recording(path, track=2)


def test_first_of_two_tracks_with_speech_is_heard(speech: Samples, tmp_path: Path) -> None:
    recording = Recording(tracks(tmp_path / "a.mkv", (speech, 0.0), (speech[::-1].copy(), 0.0)))
    assert recording.track == 0
    assert "track 0 is heard" in recording.remarks()[0]


def test_a_track_that_begins_late_lies_where_it_begins(speech: Samples, tmp_path: Path) -> None:
    path = tracks(tmp_path / "a.mkv", (tone(300, 15.0), 0.0), (speech, 4.0))
    found = heard(Recording(path, track=1))
    alone = heard(Recording(tracks(tmp_path / "b.mkv", (speech, 0.0))))
    first, alone_first = (
        next(e for e in one.events if type(e).__name__ == "SpeechStarted") for one in (found, alone)
    )
    assert cast(Any, first).start_s == pytest.approx(cast(Any, alone_first).start_s + 4.0, abs=0.02)
    assert found.sources[0].starts_s == pytest.approx(4.0, abs=0.01)
    assert "begins at 4.0 s by its time stamps" in found.sources[0].remarks[-1]


@pytest.mark.parametrize("swapped", [False, True])
def test_sides_in_two_files_lie_where_their_tracks_begin(
    speech: Samples, tmp_path: Path, swapped: bool
) -> None:
    you = tracks(tmp_path / "you.mka", (speech, 0.0))
    them = tracks(tmp_path / "them.mka", (speech, 12.3))
    files = [Recording(path, one_side=True) for path in ((them, you) if swapped else (you, them))]
    found = heard(*files)
    later = 0 if swapped else 1
    start_s = {
        channel: next(
            cast(Any, e).start_s
            for e in found.events
            if e.channel == channel and type(e).__name__ == "SpeechStarted"
        )
        for channel in (0, 1)
    }
    assert start_s[later] - start_s[1 - later] == pytest.approx(12.3, abs=0.03)
    assert found.sources[later].starts_s == pytest.approx(12.3, abs=0.01)
    assert found.sources[1 - later].starts_s == 0


def test_files_whose_clocks_have_nothing_in_common_begin_together(speech: Samples, tmp_path: Path) -> None:
    you = write(tmp_path / "you.wav", speech)
    far = Recording(tracks(tmp_path / "far.mka", (speech, 90_000.0)), one_side=True)
    stream = Recording(write(tmp_path / "them.ts", speech, codec="mp2"), one_side=True)
    for them in (far, stream):
        found = heard(Recording(you, one_side=True), them)
        assert [source.starts_s for source in found.sources] == [0, 0]
        assert found.duration_s == pytest.approx(15, abs=0.2)


def spaced(path: Path, pieces: int, gap_s: float) -> Path:
    """Pieces of 0.1 s, each so much later than the one before it ends."""
    with av.open(path, "w") as container:
        stream = container.add_stream("pcm_s16le", rate=RATE_HZ, layout="mono")
        stream.time_base = Fraction(1, RATE_HZ)
        for k in range(pieces):
            part = (3000 * tone(300, 0.1)).astype(np.int16)
            frame = AudioFrame.from_ndarray(part[None], format="s16", layout="mono")
            frame.sample_rate, frame.time_base = RATE_HZ, Fraction(1, RATE_HZ)
            frame.pts = k * (1600 + round(gap_s * RATE_HZ))
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def test_time_stamps_that_jump_back_do_not_count(tmp_path: Path) -> None:
    parts = [write(tmp_path / f"{k}.ts", tone(300, 3.0), codec="mp2") for k in range(2)]
    (samples,) = sides(Recording(joined(tmp_path / "a.ts", *parts)))
    assert samples.size == pytest.approx(6 * RATE_HZ, abs=0.2 * RATE_HZ)


def test_time_stamps_that_jump_too_far_do_not_count(tmp_path: Path) -> None:
    (samples,) = sides(Recording(spaced(tmp_path / "a.mka", 20, 700.0)))
    assert samples.size == 2 * RATE_HZ


def test_gaps_cannot_make_a_short_file_hours_long(tmp_path: Path) -> None:
    blocks = Recording(spaced(tmp_path / "a.mka", 50, 500.0)).blocks()
    length_s = sum(block if isinstance(block, int) else block[0].size for block in blocks) / RATE_HZ
    assert 500 < length_s < 610


def test_tags_that_are_not_utf8_do_not_matter(tmp_path: Path) -> None:
    path = write(tmp_path / "a.flac", tone(300, 1.0))
    data = path.read_bytes()
    name = b"encoder=Lavf"
    assert name in data
    path.write_bytes(data.replace(name, b"encoder=\xe9\xff\xfe\x80"))
    assert sides(Recording(path))[0].size == RATE_HZ


@pytest.mark.parametrize("rate", [1, 500, 4_000_000_000])
def test_rate_that_no_recording_has_is_refused(tmp_path: Path, rate: int) -> None:
    path = write(tmp_path / "a.wav", tone(300, 1.0), codec="pcm_s16le")
    data = bytearray(path.read_bytes())
    data[24:28] = rate.to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(AudioFileError, match=r"sampling rate|cannot be decoded|not a sound file"):
        sides(Recording(path))
