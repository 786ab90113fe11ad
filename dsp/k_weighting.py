"""K-weighting filters of ITU-R BS.1770-4 for a sampling rate of 16 kHz.

The standard tabulates the coefficients at 48 kHz. They are bilinear transforms of two analogue
filters, whose parameters follow from the table (De Man 2014, "Evaluation of implementations of
the EBU R128 loudness measurement"; libebur128 uses the same): a high shelf that models the head,
and a high-pass. The weighting at 16 kHz lies within 0.07 dB of the standard's.
"""

from __future__ import annotations

import math

from .frame import RATE_HZ

TABLE_HZ = 48_000
"""Sampling rate of the standard's table."""

SHELF_HZ, SHELF_Q, SHELF_DB, SHELF_EXPONENT = (
    1681.974450955533,
    0.7071752369554196,
    3.999843853973347,
    0.4996667741545416,
)
HIGH_PASS_HZ, HIGH_PASS_Q = 38.13547087602444, 0.5003270373238773

OFFSET_DB = -0.691
"""Offset of the standard: the gain of the weighting at 997 Hz, subtracted."""

Biquad = tuple[float, float, float, float, float]
"""b0, b1, b2, a1, a2 of ``(b0 + b1/z + b2/z²) / (1 + a1/z + a2/z²)``."""


def shelf(rate_hz: float) -> Biquad:
    """First filter: a high shelf of 4 dB from 2 kHz on."""
    k = math.tan(math.pi * SHELF_HZ / rate_hz)
    high = 10.0 ** (SHELF_DB / 20.0)
    band = high**SHELF_EXPONENT
    a0 = 1.0 + k / SHELF_Q + k * k
    return (
        (high + band * k / SHELF_Q + k * k) / a0,
        2.0 * (k * k - high) / a0,
        (high - band * k / SHELF_Q + k * k) / a0,
        2.0 * (k * k - 1.0) / a0,
        (1.0 - k / SHELF_Q + k * k) / a0,
    )


def high_pass(rate_hz: float) -> Biquad:
    """Second filter: a high-pass at 38 Hz.

    The standard's table leaves the numerator at 1, −2, 1, which is 0.04 dB more than 0 dB
    at 48 kHz and would be 0.13 dB at 16 kHz: here it is 0.04 dB at any rate.
    """
    k, standard = (math.tan(math.pi * HIGH_PASS_HZ / hz) for hz in (rate_hz, TABLE_HZ))
    a0 = 1.0 + k / HIGH_PASS_Q + k * k
    gain = (1.0 + standard / HIGH_PASS_Q + standard * standard) / a0
    return gain, -2.0 * gain, gain, 2.0 * (k * k - 1.0) / a0, (1.0 - k / HIGH_PASS_Q + k * k) / a0


SHELF, HIGH_PASS = shelf(RATE_HZ), high_pass(RATE_HZ)
"""Both filters at the rate of ``dsp/``."""
