"""Encode and decode Opus with libopus (through ctypes), to and from 16 kHz mono float32.

The library is the one in PyAV's wheel, or else the system's.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
from pathlib import Path

import av
import numpy as np

from dsp.frame import RATE_HZ
from engine.media.resample import Samples

MAX_PACKET_TICKS = 5760
"""Longest packet at 48 kHz: 120 ms (RFC 6716, section 3.2.5)."""

MAX_PACKET_SAMPLES = MAX_PACKET_TICKS * RATE_HZ // 48_000
"""Longest packet in samples at 16 kHz."""

MAX_FRAMES = 48
"""Most frames in a packet (RFC 6716, section 3.2.5)."""

FRAME_TICKS = (
    *((480, 960, 1920, 2880) * 3),  # SILK: 10 to 60 ms
    *((480, 960) * 2),  # SILK and CELT
    *((120, 240, 480, 960) * 4),  # CELT: 2.5 to 20 ms
)
"""Length of a frame for each configuration at 48 kHz (RFC 6716, table 2)."""

FIRST_CELT_CONFIG = 16
"""Configurations from here on are CELT only, which has no in-band FEC."""

CONCEAL_STEP = RATE_HZ // 400
"""Lost audio can be concealed in units of 2.5 ms only."""

LOW_DELAY, RESET_STATE, SET_BITRATE, SET_COMPLEXITY = 2051, 4028, 4002, 4010
"""Numbers of ``opus_defines.h``: an application of the encoder, and requests to it."""

BITRATE, COMPLEXITY = 40_000, 5
"""Of the encoder: decoded samples correlate 0.99 with the input, at 35 µs of a core a packet."""

MAX_FRAME_BYTES = 1275
"""Longest frame in bytes (RFC 6716, section 3.2.1)."""


def packet_ticks(payload: bytes) -> int:
    """Return a packet's length at 48 kHz from its first bytes; 0 when malformed (RFC 6716, section 3)."""
    if not payload:
        return 0
    first = payload[0]
    count = (1, 2, 2, 0)[first & 3]
    if not count:
        count = payload[1] & 0x3F if len(payload) > 1 else 0
    ticks = FRAME_TICKS[first >> 3] * count
    return ticks if ticks <= MAX_PACKET_TICKS else 0


@functools.cache
def libopus() -> ctypes.CDLL | None:
    """Return libopus; None where neither PyAV nor the system has it."""
    bundled = sorted(Path(av.__file__).parent.with_name("av.libs").glob("libopus-*"))
    for name in (*map(str, bundled), ctypes.util.find_library("opus")):
        if name is None:
            continue
        try:
            lib = ctypes.CDLL(name)
        except OSError:
            continue
        pointer, number = ctypes.c_void_p, ctypes.c_int
        lib.opus_decoder_get_size.argtypes = [number]
        lib.opus_decoder_init.argtypes = [pointer, ctypes.c_int32, number]
        lib.opus_decode_float.argtypes = [
            pointer, ctypes.c_char_p, ctypes.c_int32, pointer, number, number,
        ]  # fmt: skip
        lib.opus_encoder_get_size.argtypes = [number]
        lib.opus_encoder_init.argtypes = [pointer, ctypes.c_int32, number, number]
        lib.opus_encoder_ctl.argtypes = [pointer, number]  # and what the request takes
        lib.opus_encode_float.argtypes = [pointer, pointer, number, pointer, ctypes.c_int32]
        lib.opus_packet_parse.argtypes = [
            ctypes.c_char_p, ctypes.c_int32, pointer, pointer, pointer, ctypes.POINTER(number),
        ]  # fmt: skip
        return lib
    return None


class OpusDecoder:
    """Decoder of one stream. Arrays returned are valid until the next call of any method.

    Raises
    ------
    OSError
        There is no libopus.
    """

    def __init__(self) -> None:
        lib = libopus()
        if lib is None:
            raise OSError("no libopus: neither in PyAV's wheel nor on the system")
        self._parse = lib.opus_packet_parse
        self._decode = lib.opus_decode_float
        # The state is plain memory, freed with this object.
        self._memory = ctypes.create_string_buffer(lib.opus_decoder_get_size(1))
        self._state = ctypes.addressof(self._memory)
        error = lib.opus_decoder_init(self._state, RATE_HZ, 1)
        if error:
            raise OSError(f"libopus cannot decode to {RATE_HZ} Hz mono (error {error})")
        self._samples: Samples = np.zeros(MAX_PACKET_SAMPLES, np.float32)
        self._out = self._samples.ctypes.data

    def ticks(self, payload: bytes) -> int:
        """Return the length of a packet at 48 kHz; 0 when malformed."""
        return packet_ticks(payload)

    def decode(self, payload: bytes) -> Samples | None:
        """Return the samples of the next packet: float32, shape (n,), full scale ±1; None when damaged."""
        count = (
            self._decode(self._state, payload, len(payload), self._out, MAX_PACKET_SAMPLES, 0)
            if payload
            else 0
        )
        return self._samples[:count] if count > 0 else None

    def fec_samples(self, payload: bytes) -> int:
        """Return how many samples before a packet its in-band FEC holds; mostly 0."""
        return FRAME_TICKS[payload[0] >> 3] * RATE_HZ // 48_000 if self._has_fec(payload) else 0

    def decode_fec(self, payload: bytes) -> Samples:
        """Return those samples, the last before the packet; call before :meth:`decode` of the packet."""
        size = self.fec_samples(payload)
        count = self._decode(self._state, payload, len(payload), self._out, size, 1) if size else 0
        return self._samples[: max(0, count)]

    def conceal(self, samples: int) -> Samples:
        """Return libopus' concealment of missing audio: comfort noise where the sender fell silent.

        At most :data:`MAX_PACKET_SAMPLES` samples, in units of 2.5 ms. Also advances the decoder's
        state, so that the packet after a loss decodes well.
        """
        size = min(samples, MAX_PACKET_SAMPLES) // CONCEAL_STEP * CONCEAL_STEP
        count = self._decode(self._state, None, 0, self._out, size, 0) if size else 0
        return self._samples[: max(0, count)]

    def flush(self) -> Samples:
        """Return nothing: the decoder holds back no samples."""
        return self._samples[:0]

    def _has_fec(self, payload: bytes) -> bool:
        """Return whether a packet carries a copy of the frame before: LBRR (RFC 6716, section 4.2.3)."""
        if not payload or payload[0] >> 3 >= FIRST_CELT_CONFIG:
            return False
        frames = (ctypes.c_void_p * MAX_FRAMES)()
        sizes = (ctypes.c_int16 * MAX_FRAMES)()
        offset = ctypes.c_int()
        found = self._parse(payload, len(payload), None, frames, sizes, ctypes.byref(offset))
        if found <= 0 or sizes[0] < 1:
            return False
        # The first bits of the first frame: voice activity of each SILK frame, then this flag;
        # for stereo the same again for the side channel.
        silk_frames = max(1, FRAME_TICKS[payload[0] >> 3] // 960)
        bits = payload[offset.value]
        flags = bits >> (7 - silk_frames) & 1
        if payload[0] & 4:
            flags |= bits >> (6 - 2 * silk_frames) & 1
        return bool(flags)


class OpusEncoder:
    """Encoder of one stream: 16 kHz mono, CELT only, with a delay of 2.5 ms.

    Raises
    ------
    OSError
        There is no libopus.
    """

    def __init__(self) -> None:
        lib = libopus()
        if lib is None:
            raise OSError("no libopus: neither in PyAV's wheel nor on the system")
        self._encode, self._control = lib.opus_encode_float, lib.opus_encoder_ctl
        self._memory = ctypes.create_string_buffer(lib.opus_encoder_get_size(1))
        self._state = ctypes.addressof(self._memory)
        error = lib.opus_encoder_init(self._state, RATE_HZ, 1, LOW_DELAY)
        if error:
            raise OSError(f"libopus cannot encode {RATE_HZ} Hz mono (error {error})")
        for request, value in ((SET_BITRATE, BITRATE), (SET_COMPLEXITY, COMPLEXITY)):
            self._control(self._state, request, ctypes.c_int32(value))
        self._out = ctypes.create_string_buffer(MAX_FRAME_BYTES)

    def encode(self, samples: Samples) -> bytes:
        """Encode samples, float32, shape (n,), of 2.5, 5, 10 or 20 ms, into a packet.

        Raises
        ------
        ValueError
            Another length.
        """
        block = np.ascontiguousarray(samples, np.float32)
        size = self._encode(self._state, block.ctypes.data, len(block), self._out, MAX_FRAME_BYTES)
        if size < 0:
            raise ValueError(f"no Opus packet holds {len(block)} samples (error {size})")
        return self._out.raw[:size]

    def reset(self) -> None:
        """Reset the encoder, as after a silence in which nothing was sent."""
        self._control(self._state, RESET_STATE)
