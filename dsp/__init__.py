"""Samples to feature frames: 16 kHz mono in, one frame every 10 ms out. No clock, no I/O."""
