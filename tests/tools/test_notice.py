"""NOTICE names all that goes along with an installed Sottovoce."""

from __future__ import annotations

import tomllib

import pytest

from tools.notice import CARRIED, ROOT, TARGET, carried, library, licence, needed

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return TARGET.read_text("utf-8").splitlines()


def test_every_wheel_that_running_needs_is_named_with_its_licence(lines: list[str]) -> None:
    found = needed()
    assert {"aiortc", "av", "numpy", "pylibsrtp", "pyaudio"} <= set(found)
    for name, distribution in found.items():
        said = licence(name, distribution)
        assert 2 < len(said) < 80, f"{name} says its licence at length: {said!r}"
        assert f"{name}: {said}" in lines, f"run `python -m tools.notice`: {name} is missing"


def test_every_library_that_a_wheel_carries_is_named(lines: list[str]) -> None:
    files = [file for distribution in needed().values() for file in carried(distribution)]
    for file in files:
        title, said = library(file)
        assert f"  carries {title}: {said}" in lines, f"run `python -m tools.notice`: {file} is missing"


def test_what_is_known_to_matter_is_there(lines: list[str]) -> None:
    text = "\n".join(lines)
    for name in ("Opus", "FFmpeg", "libsrtp", "libvpx", "OpenBLAS", "LLVM", "OpenSSL", "x264"):
        assert name in text


def test_it_goes_along_with_our_own_wheel() -> None:
    assert PROJECT["license-files"] == ["LICENSE", "NOTICE"]


def test_a_library_that_nobody_knows_is_not_passed_over() -> None:
    with pytest.raises(LookupError, match="licence"):
        library("libnobodyknows-1.so")
    assert library("libavif-1.so")[0] == "libavif", "not FFmpeg's"
    assert all(title and said for title, said in CARRIED.values())
