"""Trains the network that hears voices and syllables (``dsp/weights.f16``): see README.md here."""
