"""What setup deletes of installed packages, and what of them the engine reads."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import pytest

from engine.speech import meaning, moonshine, word_frequency
from tools.unused import remove, unused

PACKAGES = Path(sysconfig.get_path("platlib"))

GONE = (
    "moonshine_voice/libmoonshine.so",
    "moonshine_voice/assets/two_cities.wav",
    "moonshine_voice.libs/libonnxruntime-13ab8084.so.1",
    "wordfreq/data/large_de.msgpack.gz",
    "wordfreq/data/jieba_zh.txt",
)
KEPT = (
    "moonshine_voice/__init__.py",
    "moonshine_voice/assets/tiny-en/decoder_model_merged.ort",
    "moonshine_voice-0.0.73.dist-info/RECORD",
    "moonshine_voice-0.0.73.dist-info/licenses/LICENSE",
    "wordfreq/data/large_en.msgpack.gz",
    "wordfreq/data/README",
    "numpy.libs/libopenblas.so",
)


def test_only_what_nothing_uses_is_deleted(tmp_path: Path) -> None:
    for name in (*GONE, *KEPT):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"12345")
    assert remove(tmp_path) == 5 * len(GONE)
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert left == set(KEPT)
    assert remove(tmp_path) == 0, "again there is nothing left to delete"


def test_an_environment_without_words_is_left_as_it_is(tmp_path: Path) -> None:
    assert remove(tmp_path) == 0


def test_nothing_that_the_engine_reads_of_the_installed_packages_is_among_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: set[Path] = set()
    packaged_file = meaning.packaged_file

    def noted(package: str, name: str, sha256: str) -> bytes:
        read.add(PACKAGES / package / name)
        return packaged_file(package, name, sha256)

    for module in (meaning, moonshine, word_frequency):
        monkeypatch.setattr(module, "packaged_file", noted)
    meaning.embedder()
    moonshine.moonshine.__wrapped__()
    word_frequency._zipf.__wrapped__()
    assert len(read) == 6
    assert all(path.is_file() for path in read)
    assert read.isdisjoint(unused(PACKAGES))
