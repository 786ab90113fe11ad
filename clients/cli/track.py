"""Data for the picture of a recording, collected hop by hop during the analysis."""

from __future__ import annotations

import math
from array import array
from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from dsp.frame import HOP, HOP_S, RATE_HZ, Frame
from dsp.spectrum import WINDOW, Spectrum
from engine.protocol import events as ev

TOP_HZ = 5000.0
"""Highest frequency drawn."""

ROWS = math.ceil(TOP_HZ * WINDOW / RATE_HZ)
"""Bins of the spectrum kept."""

Doubles = NDArray[np.float64]
Samples = NDArray[np.float32]


class Channel:
    """Samples, frames and readings of one speaker within the span drawn."""

    def __init__(self, first_hop: int, last_hop: int) -> None:
        self._first, self._last = first_hop, last_hop
        self._rest: Samples = np.zeros(0, np.float32)
        self._spectrum = Spectrum()
        self._heard = 0
        self._lowest, self._highest = array("f"), array("f")
        self._power = bytearray()
        self._framed = 0
        self._fields: dict[str, array[float]] = defaultdict(lambda: array("d"))
        self._read: dict[str, array[float]] = defaultdict(lambda: array("d"))

    def add_samples(self, samples: Samples | int) -> None:
        """Add the next samples, or the number of samples lost."""
        if isinstance(samples, int):
            samples = np.full(samples, np.nan, np.float32)
        samples = np.concatenate((self._rest, samples))
        whole = samples.size // HOP * HOP
        self._rest = samples[whole:].copy()
        for hop in samples[:whole].reshape(-1, HOP):
            if self._first <= self._heard < self._last:
                self._keep(hop)
            self._heard += 1

    def _keep(self, hop: Samples) -> None:
        self._lowest.append(float(hop.min()))
        self._highest.append(float(hop.max()))
        self._spectrum.process(hop if np.isfinite(hop).all() else np.zeros(HOP, np.float32))
        decibels = 10 * np.log10(self._spectrum.power[:ROWS] + 1e-12)
        self._power += np.clip(2 * (decibels + 120), 0, 255).astype(np.uint8).tobytes()

    def add_frame(self, frame: Frame) -> None:
        """Add the next frame."""
        if self._first <= self._framed < self._last:
            for name, value in zip(Frame._fields, frame, strict=True):
                self._fields[name].append(value)
        self._framed += 1

    def add_reading(self, event: ev.Reading) -> None:
        """Add the next reading; unknown values become NaN."""
        if self._first * HOP_S <= event.at_s <= self._last * HOP_S:
            for name in event.__struct_fields__:
                value = getattr(event, name)
                self._read[name].append(math.nan if value is None else value)

    def cut(self, start_s: float, end_s: float) -> Channel:
        """Return the data of a shorter span, with a second to either side."""
        first = max(self._first, round((start_s - 1) / HOP_S))
        last = min(self._last, round((end_s + 1) / HOP_S))
        kept = slice(first - self._first, last - self._first)
        part = Channel(first, last)
        part._lowest, part._highest = self._lowest[kept], self._highest[kept]
        part._power = self._power[kept.start * ROWS : kept.stop * ROWS]
        part._fields |= {name: values[kept] for name, values in self._fields.items()}
        at_s = np.array(self._read["at_s"])
        read = slice(*np.searchsorted(at_s, (first * HOP_S, last * HOP_S)))
        part._read |= {name: values[read] for name, values in self._read.items()}
        return part

    def field(self, name: str, delay_hops: int = 0) -> tuple[Doubles, Doubles]:
        """Return a field of the frames: the middles of the hops described, and values, NaN where lost."""
        values = np.array(self._fields[name], np.float64)
        known = np.array(self._fields["known"], bool)
        return self._middles(values.size) - delay_hops * HOP_S, np.where(known, values, math.nan)

    def found(self, name: str) -> Doubles:
        """Return the times that an ``_ago_hops`` field points to."""
        ago = np.array(self._fields[name], np.float64)
        at = np.flatnonzero(ago)
        moments: Doubles = (self._first + at + 1 - ago[at]) * HOP_S
        return moments

    def reading(self, name: str) -> tuple[Doubles, Doubles]:
        """Return the times and values of a field of the readings."""
        return np.array(self._read["at_s"], np.float64), np.array(self._read[name], np.float64)

    def waveform(self) -> tuple[Doubles, Doubles, Doubles]:
        """Return time, lowest and highest sample of each hop; NaN where lost."""
        low, high = np.array(self._lowest, np.float64), np.array(self._highest, np.float64)
        return self._middles(low.size), low, high

    def spectrogram(self) -> Samples:
        """Return power in dB re full scale, shape (``ROWS``, hops): a row is ``RATE_HZ / WINDOW`` wide."""
        kept = np.frombuffer(bytes(self._power), np.uint8).reshape(-1, ROWS)
        return kept.T.astype(np.float32) / np.float32(2) - np.float32(120)

    def _middles(self, hops: int) -> Doubles:
        """Return the middles of the hops, seconds."""
        middles: Doubles = (self._first + np.arange(hops, dtype=np.float64) + 0.5) * HOP_S
        return middles


class Track:
    """All channels: takes everything, and keeps what lies within ``start_s`` to ``end_s``."""

    def __init__(self, start_s: float = 0.0, end_s: float = math.inf) -> None:
        self.start_s, self.end_s = start_s, end_s
        self._channels: dict[int, Channel] = {}

    def __getitem__(self, channel: int) -> Channel:
        """Return the data of a channel."""
        if channel not in self._channels:
            first = round(self.start_s / HOP_S)
            last = round(self.end_s / HOP_S) if math.isfinite(self.end_s) else 1 << 62
            self._channels[channel] = Channel(first, last)
        return self._channels[channel]

    def on_samples(self, channel: int, samples: Samples | int) -> None:
        """Add the next samples of a channel, or the number of samples lost."""
        self[channel].add_samples(samples)

    def on_frame(self, channel: int, frame: Frame) -> None:
        """Add the next frame of a channel."""
        self[channel].add_frame(frame)

    def on_event(self, event: ev.AnyEvent) -> None:
        """Add the next event."""
        if isinstance(event, ev.Reading):
            self[event.channel].add_reading(event)
