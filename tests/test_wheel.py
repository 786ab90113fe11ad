"""The wheel by itself, without the clone: commands, drills, profiles and the page are all in it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import site
import subprocess
import sys
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the clone without asking a registry for anything."""
    out = tmp_path_factory.mktemp("wheel")
    argv = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    subprocess.run(argv, cwd=ROOT, check=True, capture_output=True)
    [built] = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel in it, and the other packages of this one: its folder of programs.

    The other packages are named by a ``.pth`` file, whose own ``.pth`` files are not read: so the clone,
    which is installed here as an editable package, is not on the path there.
    """
    folder = tmp_path_factory.mktemp("clean") / "env"
    venv.create(folder, with_pip=False, symlinks=True)
    [packages] = (folder / "lib").glob("python*/site-packages")
    argv = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(folder / "bin/python"),
        "install",
        "--no-deps",
        "--no-index",
    ]
    subprocess.run(
        [*argv, "--quiet", "--disable-pip-version-check", str(wheel)], check=True, capture_output=True
    )
    (packages / "shared.pth").write_text("\n".join(site.getsitepackages()) + "\n")
    _share_kernels(packages / "dsp")
    return folder / "bin"


def _share_kernels(folder: Path) -> None:
    """Copy the compiled kernels of the clone: numba takes them where the sources' times are the same."""
    kept = folder / "__pycache__"
    kept.mkdir(exist_ok=True)
    for source in (ROOT / "dsp").glob("*.py"):
        times = source.stat()
        os.utime(folder / source.name, ns=(times.st_atime_ns, times.st_mtime_ns))
    for pattern in ("*.nb[ci]", "kernels.sha256"):
        for compiled in (ROOT / "dsp/__pycache__").glob(pattern):
            shutil.copy2(compiled, kept)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Variables that lead to no clone."""
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}


def run(installed: Path, environment: dict[str, str], folder: Path, *argv: str) -> str:
    """What a command prints, run in an empty folder."""
    command = [str(installed / "sottovoce"), *argv]
    return subprocess.run(
        command, cwd=folder, env=environment, check=True, capture_output=True, text=True
    ).stdout


def test_everything_that_is_read_at_run_time_is_in_the_wheel(wheel: Path) -> None:
    there = set(zipfile.ZipFile(wheel).namelist())
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "dsp", "engine", "clients"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    assert set(filter(None, tracked)) <= there


def test_it_is_the_wheel_that_runs(installed: Path, environment: dict[str, str], tmp_path: Path) -> None:
    code = (
        "import dsp, engine, clients, sys\n"
        "print(*(m.__file__ for m in (dsp, engine, clients)), *sys.path, sep='\\n')"
    )
    argv = [str(installed / "python"), "-P", "-c", code]
    said = subprocess.run(argv, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True)
    lines = said.stdout.splitlines()
    assert all(Path(line).is_relative_to(installed.parent) for line in lines[:3]), lines
    assert str(ROOT) not in lines


def test_profiles_and_drills_are_listed(installed: Path, environment: dict[str, str], tmp_path: Path) -> None:
    profiles = run(installed, environment, tmp_path, "profile", "list")
    assert all(name in profiles for name in ("conversation", "interview", "presentation"))
    drills = run(installed, environment, tmp_path, "drill", "--list")
    assert all(name in drills for name in ("interruptions", "silence", "mixed"))
    assert "usage" in run(installed, environment, tmp_path, "serve", "--help")


def test_it_serves_the_page(installed: Path, environment: dict[str, str], tmp_path: Path) -> None:
    server = subprocess.Popen(
        [str(installed / "sottovoce"), "serve", "--port", "0"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        found = re.search(r"http://\S+", server.stdout.readline())
        assert found is not None, server.communicate()
        page = fetched(found[0]).decode()
        assert "<title>Sottovoce</title>" in page
        waiting, read = set(re.findall(r'(?:src|href)="([\w./-]+\.(?:js|css|svg))"', page)), set[str]()
        while waiting - read:
            name = (waiting - read).pop()
            read.add(name)
            text = re.sub(r"/\*.*?\*/", "", fetched(found[0] + name).decode(), flags=re.DOTALL)
            folder = Path(name).parent
            for other in re.findall(r'from "(\.[\w./-]+\.js)"', text):
                waiting.add(os.path.normpath(folder / other))
        assert len([name for name in read if name.endswith(".js")]) > 20, read
        assert "interruptions" in {drill["name"] for drill in json.loads(fetched(found[0] + "drills"))}
        server.send_signal(signal.SIGINT)
        _, err = server.communicate(timeout=60)
    finally:
        server.kill()
        server.wait()
    assert "Traceback" not in err


def fetched(url: str) -> bytes:
    """Body of an answer with status 200; any other raises."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=60) as answer:
        body: bytes = answer.read()
        return body
