"""``sottovoce words check``: what is installed for words, how fast it is, and for how many speakers."""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.media.resample import Samples
    from engine.speech.recogniser import Mode

TALK = (
    "Last spring our nightly job took nine hours and the reports were late every morning. So I asked the "
    "two teams to sit together for a day. We split the job by region and ran the parts side by side. Now it "
    "takes forty minutes, and nobody has called about a late report since then."
)
"""What a synthetic voice says, half a minute with its pauses."""

PAUSE_S = 0.8


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "words",
        help="check what recognises words on this machine, and how fast it is",
        description="Recognise what is said, on this machine. `sottovoce analyze FILE --words` does it for a "
        "recording, `sottovoce serve` for calls.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    check = actions.add_parser(
        "check",
        help="say what is installed, how fast it is here, and how many live speakers that allows",
        description="Say what is installed to recognise words, how fast it is on this machine, and how many "
        "speakers one core can recognise live. A synthetic voice speaks for half a minute; nothing is "
        "recorded or sent. Run it while the machine does nothing else.",
    )
    check.add_argument(
        "--model",
        default="moonshine",
        metavar="MODEL",
        help="moonshine, or `whisper:` and the folder or name of a model for faster-whisper (%(default)s by "
        "default)",
    )
    check.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from engine.speech.open import open_recogniser
    from engine.warm import warm_up

    for name, state in installed().items():
        print(f"{name:26}{state}")
    warm_up()
    recogniser = open_recogniser("phrase", args.model)
    print(f"\n{recogniser.abilities.name} on one thread of this machine:")
    talk = spoken()
    for mode in recogniser.abilities.modes:
        print(f"  {mode:12}{describe(mode, cost(talk, mode, args.model))}")
    return 0


def installed() -> dict[str, str]:
    """State of each part, in a few words, by what it is for.

    A part that only a review or another model needs may be missing.
    """
    from importlib.util import find_spec

    from engine.errors import ModelError
    from engine.speech.meaning import embedder
    from engine.speech.moonshine import moonshine
    from engine.speech.word_frequency import zipf

    def state(load: Callable[[], object]) -> str:
        try:
            load()
        except ModelError as error:
            return str(error)
        return "installed, and the file that is expected"

    missing = "not installed (only for a Whisper model of your own)"
    whisper = "installed" if find_spec("faster_whisper") else missing
    return {
        "Moonshine tiny-en": state(moonshine),
        "meaning of sentences": state(embedder),
        "frequency of words": state(lambda: zipf("the")),
        "faster-whisper": whisper,
    }


def spoken() -> Samples:
    """Speech of a synthetic voice, with pauses between the sentences."""
    import numpy as np

    from engine.media.voices.synthesis import SpeechSynthesizer, silence

    voice = SpeechSynthesizer()
    parts = [(voice.synthesize(f"{sentence}."), silence(PAUSE_S)) for sentence in TALK.strip(".").split(". ")]
    return np.concatenate([silence(PAUSE_S), *(sound for part in parts for sound in part)])


def cost(talk: Samples, mode: Mode, model: str) -> float:
    """Processor seconds for a second of talk."""
    import time

    from dsp.frame import RATE_HZ
    from engine.speech.open import open_recogniser

    def hear(samples: Samples) -> None:
        recogniser = open_recogniser(mode, model)
        for at in range(0, samples.size, RATE_HZ // 50):
            recogniser.process(samples[at : at + RATE_HZ // 50])
        recogniser.finish()

    hear(talk[: 4 * RATE_HZ])  # loads what is loaded once
    began_s = time.process_time()
    hear(talk)
    return (time.process_time() - began_s) / (talk.size / RATE_HZ)


def describe(mode: Mode, a_second: float) -> str:
    """What a cost means: how many speakers a core recognises, or how long an hour takes."""
    text = f"{a_second:.2f} s of processor time for a second of talk: "
    if mode == "afterwards":
        return f"{text}an hour takes {math.ceil(60 * a_second)} min"
    talking, half = (max(0, math.floor(share / a_second)) for share in (1.0, 2.0))
    return f"{text}a core is enough for {talking} who talk all the time, {half} who talk half of it"
