"""The core: samples and stream time in, events and nudges out. No clock, no I/O."""
