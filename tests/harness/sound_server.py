"""A sound server of the test's own, with a microphone that hears what is played to it."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STARTS_S = 90.0
"""How long it may take to start, and to end."""


@contextmanager
def sound_server(folder: Path, *, microphone: bool = True) -> Iterator[dict[str, str]]:
    """PulseAudio with a sink ``stage`` and, as the default microphone, what is played there.

    Gives the environment in which programs find it; nothing outside ``folder`` is touched.
    """
    home, runtime = folder / "home", folder / "run"
    home.mkdir()
    runtime.mkdir(mode=0o700)
    (home / ".asoundrc").write_text("pcm.!default { type pulse }\nctl.!default { type pulse }\n")
    socket = runtime / "native"
    environment = {
        **os.environ,
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(runtime),
        "PULSE_RUNTIME_PATH": str(runtime),
        "PULSE_SERVER": f"unix:{socket}",
    }
    modules = [f"module-native-protocol-unix socket={socket} auth-anonymous=1"]
    if microphone:
        modules += [
            "module-null-sink sink_name=stage",
            "module-remap-source master=stage.monitor source_name=microphone",
        ]
    load = [argument for module in modules for argument in ("-L", module)]
    log = (folder / "pulseaudio.log").open("w")
    server = subprocess.Popen(
        ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", *load],
        env=environment,
        stdout=log,
        stderr=log,
    )
    try:
        _wait(server, environment, folder / "pulseaudio.log")
        if microphone:
            pactl = ["pactl", "set-default-source", "microphone"]
            subprocess.run(pactl, env=environment, check=True, capture_output=True)
        yield environment
    finally:
        server.terminate()
        server.wait(timeout=STARTS_S)
        log.close()


def _wait(server: subprocess.Popen[bytes], environment: dict[str, str], log: Path) -> None:
    until_s = time.monotonic() + STARTS_S
    while subprocess.run(["pactl", "info"], env=environment, check=False, capture_output=True).returncode:
        if server.poll() is not None or time.monotonic() > until_s:
            raise RuntimeError(f"PulseAudio did not start:\n{log.read_text()}")
        time.sleep(0.1)
