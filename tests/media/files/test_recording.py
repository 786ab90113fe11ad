from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from dsp.frame import RATE_HZ
from engine.errors import AudioFileError
from engine.media.files.recording import Recording
from tests.harness.recordings import tone, write

Samples = NDArray[np.float32]


def sides(recording: Recording) -> list[Samples]:
    """All samples of each speaker; lost ones are NaN."""
    pieces: list[list[Samples]] = [[] for _ in range(recording.speakers)]
    for block in recording.blocks():
        for channel, held in enumerate(pieces):
            held.append(np.full(block, np.nan, np.float32) if isinstance(block, int) else block[channel])
    return [np.concatenate(held) for held in pieces]


def peak_hz(samples: Samples) -> float:
    middle = samples[samples.size // 4 : samples.size // 4 + RATE_HZ]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(middle.size)))
    return float(np.argmax(spectrum)) * RATE_HZ / middle.size


def test_float_wav_at_16_khz_comes_through_untouched(tmp_path: Path) -> None:
    samples = tone(440, 1.0)
    (heard,) = sides(Recording(write(tmp_path / "a.wav", samples)))
    np.testing.assert_array_equal(heard, samples)


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000, 96000])
def test_other_rates_come_out_at_16_khz(tmp_path: Path, rate: int) -> None:
    (heard,) = sides(Recording(write(tmp_path / "a.wav", tone(440, 2.0, rate=rate), rate=rate)))
    assert heard.size == pytest.approx(2 * RATE_HZ, abs=2)
    assert peak_hz(heard) == pytest.approx(440, abs=1)


@pytest.mark.parametrize("name", ["a.flac", "a.ogg", "a.opus", "a.webm", "a.mp3", "a.m4a", "a.mkv", "a.aiff"])
def test_usual_formats_are_read(tmp_path: Path, name: str) -> None:
    recording = Recording(write(tmp_path / name, tone(440, 2.0, rate=48000), rate=48000))
    (heard,) = sides(recording)
    assert heard.size == pytest.approx(2 * RATE_HZ, abs=0.1 * RATE_HZ)
    assert peak_hz(heard) == pytest.approx(440, abs=1)
    assert recording.damaged == 0


@pytest.mark.parametrize("codec", ["pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le"])
def test_channels_are_told_apart_in_every_sample_format(tmp_path: Path, codec: str) -> None:
    path = write(tmp_path / "a.wav", tone(300, 1.5), tone(700, 1.5), codec=codec)
    recording = Recording(path, "both")
    assert recording.speakers == 2
    left, right = sides(recording)
    assert peak_hz(left) == pytest.approx(300, abs=1)
    assert peak_hz(right) == pytest.approx(700, abs=1)
    assert float(np.abs(left).max()) == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize("codec", ["pcm_mulaw", "pcm_alaw", "pcm_s16le"])
def test_telephone_recordings_are_read(tmp_path: Path, codec: str) -> None:
    (heard,) = sides(Recording(write(tmp_path / "a.wav", tone(440, 2.0, rate=8000), rate=8000, codec=codec)))
    assert peak_hz(heard) == pytest.approx(440, abs=1)


def test_one_channel_can_be_chosen_and_all_be_mixed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", tone(300, 1.5), tone(700, 1.5))
    (right,) = sides(Recording(path, 1))
    np.testing.assert_array_equal(right, tone(700, 1.5))
    (mixed,) = sides(Recording(path, "mix"))
    np.testing.assert_allclose(mixed, (tone(300, 1.5) + tone(700, 1.5)) / 2, atol=1e-6)


def test_same_sound_on_both_channels_is_one_speaker(tmp_path: Path) -> None:
    recording = Recording(write(tmp_path / "a.wav", tone(300, 1.0), tone(300, 1.0)))
    assert recording.speakers == 1
    (heard,) = sides(recording)
    np.testing.assert_allclose(heard, tone(300, 1.0), atol=1e-6)


def test_more_than_two_channels_are_mixed(tmp_path: Path) -> None:
    recording = Recording(write(tmp_path / "a.wav", *(tone(100 * n, 1.0) for n in range(1, 7))))
    assert (recording.file_channels, recording.speakers) == (6, 1)
    assert sides(recording)[0].size == RATE_HZ
    assert "6 channels: mixed into one speaker; --channel N hears one" in recording.remarks()


def test_reading_twice_gives_the_same(tmp_path: Path) -> None:
    recording = Recording(write(tmp_path / "a.mp3", tone(440, 2.0, rate=44100), rate=44100))
    np.testing.assert_array_equal(sides(recording)[0], sides(recording)[0])


def test_not_numbers_are_passed_on_for_the_session_to_judge(tmp_path: Path) -> None:
    samples = tone(440, 1.0)
    samples[8000:8100] = np.nan
    (heard,) = sides(Recording(write(tmp_path / "a.wav", samples)))
    assert np.isnan(heard).sum() == 100


def test_truncated_file_gives_what_is_there(tmp_path: Path) -> None:
    whole = write(tmp_path / "a.flac", tone(440, 4.0))
    cut = tmp_path / "cut.flac"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    heard = sides(Recording(cut))[0]
    assert RATE_HZ < heard.size < 3.5 * RATE_HZ


@pytest.mark.parametrize("name", ["a.m4a", "a.opus"])
def test_damaged_piece_is_lost_and_the_rest_stays_in_its_place(tmp_path: Path, name: str) -> None:
    """Were it left out, all that follows would come early, and a pause be shorter than it was."""
    noise = np.random.default_rng(3).normal(0, 0.1, 8 * RATE_HZ).astype(np.float32)
    noise[5 * RATE_HZ :] = tone(440, 3.0)
    data = bytearray(write(tmp_path / name, noise).read_bytes())
    damage = slice(len(data) // 4, len(data) // 4 + len(data) // 8)
    data[damage] = np.random.default_rng(1).bytes(damage.stop - damage.start)
    damaged = tmp_path / f"damaged{name[1:]}"
    damaged.write_bytes(data)
    (heard,) = sides(Recording(damaged))
    lost = np.isnan(heard).sum()
    assert 0.2 * RATE_HZ < lost <= 3 * RATE_HZ
    assert heard.size == pytest.approx(8 * RATE_HZ, abs=0.2 * RATE_HZ)
    assert peak_hz(heard[-2 * RATE_HZ :]) == pytest.approx(440, abs=1)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.wav", b"", "the file is empty"),
        ("text.wav", b"Dear Sir or Madam, this is a letter." * 50, "not a sound file"),
        ("zeros.mp3", bytes(5000), "not a sound file"),
        ("header.wav", b"RIFF\x24\x00\x00\x00WAVEfmt ", "."),
    ],
)
def test_what_is_no_recording_is_refused_in_a_sentence(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(AudioFileError, match=says) as caught:
        sides(Recording(path))
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "magic"),
    [("mp3", b"ID3\x04"), ("ogg", b"OggS"), ("flac", b"fLaC"), ("m4a", b"\0\0\0\x20ftypM4A ")],
)
def test_random_bytes_with_the_head_of_a_sound_file_are_refused(
    tmp_path: Path, kind: str, magic: bytes
) -> None:
    random = np.random.default_rng(5)
    for number in range(10):
        path = tmp_path / f"{number}.{kind}"
        path.write_bytes(magic + random.bytes(4000))
        with pytest.raises(AudioFileError, match=path.name):
            sides(Recording(path))


def test_wav_without_samples_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", tone(440, 0.005))
    with pytest.raises(AudioFileError, match="hardly any audio"):
        sides(Recording(path))


def test_missing_file_and_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(AudioFileError, match="no such file"):
        Recording(tmp_path / "nowhere.wav")
    with pytest.raises(AudioFileError, match="not a file"):
        Recording(tmp_path)
    os.mkfifo(tmp_path / "fifo.wav")
    for path in (tmp_path / "fifo.wav", Path("/dev/null")):
        with pytest.raises(AudioFileError, match="not a file"):
            Recording(path)


def test_picture_is_refused(tmp_path: Path) -> None:
    import av

    path = tmp_path / "picture.mkv"
    with av.open(path, "w") as container:
        stream = container.add_stream("ffv1", rate=5)
        stream.width = stream.height = 32
        stream.pix_fmt = "yuv420p"
        frame = av.VideoFrame(32, 32, "yuv420p")
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(AudioFileError, match="holds no audio, only video"):
        Recording(path)


def test_channel_that_is_not_there_is_refused(tmp_path: Path) -> None:
    mono = write(tmp_path / "a.wav", tone(440, 1.0))
    with pytest.raises(AudioFileError, match="no channel 1: it has one channel, 0"):
        Recording(mono, 1)
    stereo = write(tmp_path / "b.wav", tone(440, 1.0), tone(330, 1.0))
    with pytest.raises(AudioFileError, match="no channel 2: it has channels 0 to 1"):
        Recording(stereo, 2)
    with pytest.raises(
        AudioFileError, match="no two channels to take as two speakers: it has one channel, 0"
    ):
        Recording(mono, "both")
