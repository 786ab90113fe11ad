"""One session from the microphone: publishes it, shows what comes back, ends well."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable, Iterator

from clients.whip.publisher import Publisher
from engine.assistant.endpoint import Endpoint
from engine.errors import DeviceError, UsageError
from engine.media.resample import Samples
from engine.protocol.messages import Hello, SetAssistant, SetQuestion, SetWords, WordsState
from engine.server.serve import serving
from engine.server.settings import Settings

from .gate import Gate
from .microphone import microphone
from .screen import ADVICE, Screen
from .speech_check import SpeechCheck

CHECK_S = 10.0
"""How long `sottovoce mic --check` waits for a voice."""

READY_S = 3.0
"""How long sound waits for the server's answer about words."""

NO_WORDS = (
    "the server can't recognise words: where it runs, `pip install 'sottovoce[words]'`, or `make setup` in a "
    "clone; `sottovoce words check` says what is missing"
)


async def practise(
    screen: Screen,
    *,
    server: str | None,
    device: int | None,
    profile: str,
    words: bool = False,
    question: str = "",
    assistant: Endpoint | None = None,
) -> None:
    """Speak into the microphone until interrupted; the summary is shown at the end.

    The call begins with the first speech; before it nothing is sent.

    Parameters
    ----------
    server : the engine's address; one in this process when not given.
    device : number of the microphone, the default one when not given.
    profile : name of a shipped profile, or for an engine in this process a TOML file.
    words : whether words are recognised too, and reviewed at the end.
    question : that is answered; empty when unknown.
    assistant : to which the speaker has agreed to send the words; for an engine in this process.

    Raises
    ------
    DeviceError
        No microphone, or it stopped.
    ServerUnreachable
        No engine there, or it went away for good.
    UsageError
        The profile can't be used, or the server can't recognise words.
    """
    async with _engine(server, Settings(port=0, profile=profile, assistant=assistant)) as address:
        chosen = profile if server is not None else None
        with screen:
            gate = Gate(microphone(device), SpeechCheck(), screen.advise)
            screen.wait()
            await gate.opened()
            ready = asyncio.Event()
            source = once_ready(ready, gate.blocks()) if words else gate.blocks()
            async with Publisher(address, source, profile=chosen) as call:
                with _on_interrupt(call.finish):
                    async for message in call:
                        if words and isinstance(message, Hello):
                            ask_for_words(call, message, question, advice=assistant is not None)
                        if isinstance(message, WordsState):
                            ready.set()
                        screen.show_message(message)


async def once_ready(ready: asyncio.Event, source: AsyncIterator[Samples]) -> AsyncIterator[Samples]:
    """Yield a source once the server is ready for its words, so that the first ones are recognised too.

    After :data:`READY_S` it begins in any case.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(READY_S):
            await ready.wait()
    async for block in source:
        yield block


def ask_for_words(call: Publisher, hello: Hello, question: str, *, advice: bool = False) -> None:
    """Ask the server to recognise words, with each connection.

    Parameters
    ----------
    question : that is answered; empty when unknown.
    advice : whether the speaker has agreed that they are sent to the server's assistant.

    Raises
    ------
    UsageError
        It can't.
    """
    if not hello.words:
        raise UsageError(NO_WORDS)
    call.send(SetWords(on=True))
    if question:
        call.send(SetQuestion(question=question))
    if advice:
        call.send(SetAssistant(on=True))


async def check_microphone(screen: Screen, device: int | None) -> None:
    """Say whether the microphone hears a voice, within :data:`CHECK_S` of sound; nothing is sent anywhere.

    Raises
    ------
    DeviceError
        It heard none: says what to do. Or there is no microphone, or it stopped.
    """
    check = SpeechCheck()
    screen.wait()
    async with contextlib.aclosing(microphone(device)) as source:
        if not await Gate(source, check).opened(within_s=CHECK_S):
            raise DeviceError(ADVICE[check.heard])
    screen.advise(check.heard)


@contextlib.asynccontextmanager
async def _engine(server: str | None, settings: Settings) -> AsyncIterator[str]:
    if server is not None:
        yield server
        return
    async with serving(settings) as address:
        yield address


@contextlib.contextmanager
def _on_interrupt(finish: Callable[[], None]) -> Iterator[None]:
    """Let the first Ctrl+C ask for the summary; a second one ends at once."""
    loop = asyncio.get_running_loop()

    def first() -> None:
        loop.remove_signal_handler(signal.SIGINT)
        finish()

    loop.add_signal_handler(signal.SIGINT, first)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
