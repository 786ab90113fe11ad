"""Neither the sources' folder nor one's home can be written: it runs all the same, or says what would do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine import warm
from engine.errors import UsageError
from engine.warm import VARIABLE, choose_folder, digest

ROOT = Path(__file__).parents[1]

NOWHERE = "/dev/null/home"
"""A folder that nobody can make, not even root."""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Copy of the sources beside which nothing can be kept."""
    copy = tmp_path / "checkout"
    for name in ("dsp", "engine", "clients"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "dsp/__pycache__").write_text("a file where a folder should be")
    return copy


LOAD = """
from clients.cli import analyze, main
def run(args):
    import engine.core.session
    print("loaded")
    return 0
analyze.run = run
raise SystemExit(main.main(["analyze", "some.wav"]))
"""
"""A command that loads all that hears, and compiles nothing of it."""


def load(checkout: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    return subprocess.run(
        [sys.executable, "-c", LOAD],
        cwd=checkout,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(checkout), "HOME": NOWHERE, **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_without_a_place_of_its_own_a_temporary_one_is_used(checkout: Path, tmp_path: Path) -> None:
    done = load(checkout, TMPDIR=str(tmp_path))
    assert (done.returncode, done.stdout) == (0, "loaded\n"), done.stderr
    [shared] = tmp_path.glob("sottovoce-*")
    assert shared.stat().st_mode & 0o777 == 0o700
    assert [folder.name for folder in shared.iterdir()] == [f"kernels-{digest(checkout / 'dsp')[:16]}"]


def test_ones_own_cache_is_taken_before_a_temporary_one(checkout: Path, tmp_path: Path) -> None:
    done = load(checkout, TMPDIR=str(tmp_path), XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert (done.returncode, done.stdout) == (0, "loaded\n"), done.stderr
    assert not list(tmp_path.glob("sottovoce-*"))
    assert len(list((tmp_path / "cache/sottovoce").glob("kernels-*"))) == 1


def test_a_folder_that_was_named_and_cannot_be_written_is_said(checkout: Path) -> None:
    done = load(checkout, NUMBA_CACHE_DIR="/dev/null/kernels")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "sottovoce: NUMBA_CACHE_DIR names /dev/null/kernels, which cannot be written; "
        "name another folder or none"
    ]


@pytest.fixture
def unwritable(monkeypatch: pytest.MonkeyPatch, checkout: Path) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", NOWHERE)
    monkeypatch.setattr(warm, "_sources", lambda: checkout / "dsp")


@pytest.mark.usefixtures("unwritable")
def test_with_no_place_at_all_a_sentence_says_what_would_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/dev/null/tmp")
    with pytest.raises(UsageError, match=f"{VARIABLE}=FOLDER") as error:
        choose_folder()
    assert NOWHERE in str(error.value)
    assert VARIABLE not in os.environ


@pytest.mark.usefixtures("unwritable")
def test_a_temporary_folder_that_others_may_write_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    taken = tmp_path / f"sottovoce-{os.getuid()}"
    taken.mkdir()
    taken.chmod(0o777)
    with pytest.raises(UsageError):
        choose_folder()
    taken.rmdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    taken.symlink_to(elsewhere)
    with pytest.raises(UsageError):
        choose_folder()
    assert not list(elsewhere.iterdir())


def test_beside_the_sources_nothing_needs_to_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    choose_folder()
    assert VARIABLE not in os.environ
