"""The process that makes a take of a recording: nice before it works, and its output is answers only."""

from __future__ import annotations

import os
import subprocess
import sys

import msgspec

from engine.media.files.take_worker import NICE

MAKING = """
import os, sys, types
from engine.media.files import take_worker

def serve(job, answers):
    print("from a library", flush=True)
    answers.write(b"%d %s" % (os.nice(0), job.readline()))
    answers.flush()

making = types.ModuleType("engine.media.files.take_making")
making.serve = serve
sys.modules[making.__name__] = making
take_worker.main()
"""

IMPORTED = "import json, sys, engine.media.files.take_worker; print(json.dumps(list(sys.modules)))"


def run(code: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-c", code], input=given, capture_output=True, check=True)


def test_what_libraries_print_is_no_answer() -> None:
    done = run(MAKING, b"the job\n")
    niceness = min(19, os.getpriority(os.PRIO_PROCESS, 0) + NICE)
    assert done.stdout == b"%d the job\n" % niceness
    assert done.stderr == b"from a library\n"


def test_what_takes_long_to_import_comes_after_the_niceness() -> None:
    imported = msgspec.json.decode(run(IMPORTED).stdout, type=set[str])
    own = {name for name in imported if name.split(".")[0] in ("dsp", "engine", "numpy", "msgspec")}
    assert own == {"engine", "engine.media", "engine.media.files", "engine.media.files.take_worker"}
