from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from clients.cli import main as cli
from engine.errors import ServerUnreachable

SOTTOVOCE = str(Path(sys.executable).with_name("sottovoce"))


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--help"])
    assert ended.value.code == 0
    out = capsys.readouterr().out
    assert all(f"\n    {command}" in out for command in cli.COMMANDS)


def test_help_needs_none_of_the_heavy_libraries() -> None:
    code = (
        "import sys\nfrom clients.cli.main import parser\nparser().format_help()\n"
        "heavy = {'numpy', 'numba', 'av', 'aiortc', 'matplotlib', 'rich', 'starlette', 'msgspec'}\n"
        "sys.exit(', '.join(heavy & sys.modules.keys()) or 0)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["sing"],
        ["analyze"],
        ["analyze", "x.wav", "--block", "0"],
        ["analyze", "x.wav", "--channel", "left"],
        ["analyze", "x.wav", "--channel", "²"],
        ["profile"],
        ["serve", "--port", "http"],
    ],
)
def test_wrong_usage_is_told_with_code_2(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(argv)
    assert ended.value.code == 2
    err = capsys.readouterr().err
    assert err.startswith("usage: ")
    assert "Traceback" not in err


def test_errors_are_one_line_and_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unreachable(_args: argparse.Namespace) -> int:
        raise ServerUnreachable("no engine at http://127.0.0.1:1/; start one with `sottovoce serve`")

    monkeypatch.setattr("clients.cli.profile.list_profiles", unreachable)
    assert cli.main(["profile", "list"]) == 2
    err = capsys.readouterr().err
    assert err == "sottovoce: no engine at http://127.0.0.1:1/; start one with `sottovoce serve`\n"


def test_interrupt_ends_quietly_with_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_args: argparse.Namespace) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("clients.cli.profile.list_profiles", interrupted)
    assert cli.main(["profile", "list"]) == 130
    assert capsys.readouterr().err == ""


def test_reader_that_has_seen_enough_is_no_error() -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write) as closed:
        done = subprocess.run(
            [SOTTOVOCE, "profile", "show", "interview"],
            stdout=closed,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, "")


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--version"])
    assert capsys.readouterr().out.startswith("sottovoce 0.")


def test_serve_says_where_it_is_and_ends_on_ctrl_c() -> None:
    server = subprocess.Popen(
        [SOTTOVOCE, "serve", "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        assert "http://127.0.0.1:" in server.stdout.readline()
        server.send_signal(signal.SIGINT)
        out, err = server.communicate(timeout=90)
    finally:
        server.kill()
        server.wait()
    assert server.returncode in (0, 130)
    assert "Traceback" not in out + err


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["--port", "70000"], "port 70000: must be from 0 to 65535"),
        (["--ice-server", "example"], "is no ICE server"),
        (["--profile", "nowhere"], "no such file, and no shipped profile of that name"),
        (["--max-sessions", "0"], "must be 1 or more"),
        (["--tls-cert", "nowhere.pem"], "nowhere.pem: no such file"),
    ],
)
def test_serve_refuses_what_it_cannot_do(
    argv: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["serve", *argv]) == 2
    err = capsys.readouterr().err
    assert says in err
    assert err.count("\n") == 1
