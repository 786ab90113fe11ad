"""Cues about what is said: they hear words, and never ask while there are none."""
