"""One session from the microphone: publishes it, shows what comes back, ends well."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable, Iterator

from clients.whip.publisher import Publisher
from engine.server.serve import serving
from engine.server.settings import Settings

from .microphone import microphone
from .screen import Screen


async def practise(screen: Screen, *, server: str | None, device: int | None, profile: str) -> None:
    """Speak into the microphone until interrupted; the summary is shown at the end.

    Parameters
    ----------
    server : the engine's address; one in this process when not given.
    device : number of the microphone, the default one when not given.
    profile : name of a shipped profile, or for an engine in this process a TOML file.

    Raises
    ------
    DeviceError
        No microphone, or it stopped.
    ServerUnreachable
        No engine there, or it went away for good.
    UsageError
        The profile can't be used.
    """
    async with _engine(server, profile) as address:
        chosen = profile if server is not None else None
        async with Publisher(address, microphone(device), profile=chosen) as call:
            with _on_interrupt(call.finish), screen:
                async for message in call:
                    screen.take(message)


@contextlib.asynccontextmanager
async def _engine(server: str | None, profile: str) -> AsyncIterator[str]:
    if server is not None:
        yield server
        return
    async with serving(Settings(port=0, profile=profile)) as address:
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
