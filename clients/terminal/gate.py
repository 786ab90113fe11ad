"""Gate between microphone and sender: closed until somebody speaks, then open for good, with a pre-roll."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable

from dsp.frame import RATE_HZ
from engine.media.resample import Samples

from .speech_check import Heard, SpeechCheck

PRE_ROLL_S = 1.0
"""Length of the sound before the detection that is sent too; detection takes up to 0.64 s."""

ADVISE_S = 5.0
"""Time without speech after which the speaker is advised."""

CATCH_UP = 4.0
"""Factor on real time at which the backlog is sent: the send buffer holds one second only."""


class Gate:
    """Blocks of a microphone, from the first speech on.

    Await :meth:`opened`, then iterate :meth:`blocks`: the pre-roll, what came since, and from then on
    whatever comes. Once open it stays open: a pause has to reach the engine as it is.

    Parameters
    ----------
    source : 16 kHz mono float32 blocks of any length.
    check : tells whether somebody speaks.
    advise : called with what was heard each time that advice is due: nothing, only noise, or a voice.
    """

    def __init__(
        self,
        source: AsyncIterator[Samples],
        check: SpeechCheck,
        advise: Callable[[Heard], None] = lambda _heard: None,
    ) -> None:
        self._source = source
        self._check = check
        self._advise = advise
        self._kept: deque[Samples] = deque()
        self._kept_samples = 0

    async def opened(self, within_s: float | None = None) -> bool:
        """Wait for speech, for at most ``within_s`` of sound if given; return whether there was any."""
        told: Heard | None = None
        samples = 0
        async for block in self._source:
            samples += block.size
            self._keep(block)
            heard = self._check.process(block)
            if heard is Heard.VOICE:
                self._advise(heard)
                return True
            if samples >= ADVISE_S * RATE_HZ and heard is not told:
                self._advise(heard)
                told = heard
            if within_s is not None and samples >= within_s * RATE_HZ:
                return False
        return False

    async def blocks(self) -> AsyncIterator[Samples]:
        """Yield the pre-roll, the backlog, and then each block as it comes."""
        clock = asyncio.get_running_loop().time
        free_s = clock()
        while self._kept:
            block = self._kept.popleft()
            yield block
            free_s = await _paced(free_s, block, clock)
        async for block in self._source:
            yield block
            free_s = await _paced(free_s, block, clock)

    def _keep(self, block: Samples) -> None:
        self._kept.append(block)
        self._kept_samples += block.size
        while self._kept_samples - self._kept[0].size >= PRE_ROLL_S * RATE_HZ:
            self._kept_samples -= self._kept.popleft().size


async def _paced(free_s: float, block: Samples, clock: Callable[[], float]) -> float:
    """Wait until the next block may follow; return when that was."""
    free_s = max(free_s + block.size / RATE_HZ / CATCH_UP, clock())
    await asyncio.sleep(free_s - clock())
    return free_s
