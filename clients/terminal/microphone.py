"""The microphone through PyAudio, as 16 kHz blocks."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncGenerator, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from av import AudioFrame

from dsp.frame import RATE_HZ
from engine.errors import DeviceError
from engine.media.resample import Resampler, Samples

if TYPE_CHECKING:
    import pyaudio

BLOCK_S = 0.02
"""Length of a block, that of a packet."""

STALLED_S = 3.0
"""Time without sound after which the microphone counts as unplugged."""

INSTALL = (
    "the microphone needs PyAudio: in a clone run `make setup-extras`; elsewhere, on Debian and Ubuntu, "
    "`sudo apt-get install gcc python3-dev portaudio19-dev`, then `pip install 'sottovoce[mic]'`"
)


class Device(NamedTuple):
    """An input device."""

    number: int
    name: str
    channels: int
    rate_hz: int
    is_default: bool


def devices() -> list[Device]:
    """Return every device that can record.

    Raises
    ------
    DeviceError
        PyAudio is missing: says how to install it.
    """
    with portaudio() as audio:
        default = _default_index(audio)
        found = []
        for index in range(audio.get_device_count()):
            info = audio.get_device_info_by_index(index)
            if info["maxInputChannels"] > 0:
                found.append(_device(info, default))
        return found


async def microphone(number: int | None = None) -> AsyncGenerator[Samples, None]:
    """Yield blocks of 20 ms as they are recorded: float32, mono, 16 kHz, full scale ±1.

    Parameters
    ----------
    number : that of the device, the default one when not given.

    Raises
    ------
    DeviceError
        PyAudio is missing, there is no such device, it can't be opened, or it stopped.
    """
    import pyaudio

    loop = asyncio.get_running_loop()
    blocks: asyncio.Queue[bytes] = asyncio.Queue()

    def receive_block(
        data: bytes | None, _count: int, _times: Mapping[str, float], _status: int
    ) -> tuple[None, int]:  # runs in PortAudio's thread
        if data is not None:
            # A closed loop means that the call is over: nobody listens any more.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(blocks.put_nowait, data)
        return None, pyaudio.paContinue

    with portaudio() as audio:
        device = _chosen(audio, number)
        stream, rate_hz = _opened(audio, device, receive_block)
        try:
            resampler = Resampler()
            while True:
                try:
                    async with asyncio.timeout(STALLED_S):  # wait_for may swallow a cancellation (3.11)
                        data = await blocks.get()
                except TimeoutError as error:
                    raise DeviceError(
                        f"{device.name} gives no sound any more: is it still plugged in?"
                    ) from error
                yield resampler.feed(_frame(data, rate_hz))
        finally:
            stream.close()


def check(number: int | None = None) -> Device:
    """Return the device that :func:`microphone` would open.

    Raises
    ------
    DeviceError
        There is none, or PyAudio is missing.
    """
    with portaudio() as audio:
        return _chosen(audio, number)


@contextlib.contextmanager
def portaudio() -> Iterator[pyaudio.PyAudio]:
    """Initialise PortAudio, and release it afterwards."""
    try:
        import pyaudio
    except ImportError as error:
        raise DeviceError(INSTALL) from error
    with quiet_stderr():
        audio = pyaudio.PyAudio()
    try:
        yield audio
    finally:
        audio.terminate()


@contextlib.contextmanager
def quiet_stderr() -> Iterator[None]:
    """Keep ALSA from listing each missing plug-in on standard error."""
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _default_index(audio: pyaudio.PyAudio) -> int | None:
    try:
        return int(audio.get_default_input_device_info()["index"])
    except OSError:
        return None


def _device(info: Mapping[str, Any], default: int | None) -> Device:
    return Device(
        number=int(info["index"]),
        name=str(info["name"]),
        channels=int(info["maxInputChannels"]),
        rate_hz=int(info["defaultSampleRate"]),
        is_default=info["index"] == default,
    )


def _chosen(audio: pyaudio.PyAudio, number: int | None) -> Device:
    default = _default_index(audio)
    if number is None:
        number = default
    if number is None:
        raise DeviceError("no microphone found: plug one in, or allow this machine to use one")
    if not 0 <= number < audio.get_device_count():
        raise DeviceError(f"no device {number}: `sottovoce mic --list-devices` shows which there are")
    info = audio.get_device_info_by_index(number)
    if info["maxInputChannels"] < 1:
        raise DeviceError(
            f"device {number}, {info['name']}, gives no sound: `sottovoce mic --list-devices` shows which do"
        )
    return _device(info, default)


def _opened(audio: pyaudio.PyAudio, device: Device, take: Any) -> tuple[pyaudio.Stream, int]:
    """Open the stream at 16 kHz where the device can do that, else at the device's own rate."""
    import pyaudio

    problem: OSError | None = None
    for rate_hz in (RATE_HZ, device.rate_hz):
        try:
            with quiet_stderr():
                stream = audio.open(
                    rate=rate_hz,
                    channels=1,
                    format=pyaudio.paInt16,
                    input=True,
                    input_device_index=device.number,
                    frames_per_buffer=round(BLOCK_S * rate_hz),
                    stream_callback=take,
                )
        except OSError as error:
            problem = error
        else:
            return stream, rate_hz
    reason = problem.args[-1] if problem is not None else "at no rate"
    raise DeviceError(
        f"{device.name} cannot be opened ({reason}): is a microphone plugged in, and used by nobody else?"
    ) from problem


def _frame(data: bytes, rate_hz: int) -> AudioFrame:
    frame = AudioFrame(format="s16", layout="mono", samples=len(data) // 2)
    frame.planes[0].update(data)
    frame.sample_rate = rate_hz
    return frame
