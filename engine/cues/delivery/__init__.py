"""Cues about how something is said: pace, pauses, pitch, loudness, turns."""
