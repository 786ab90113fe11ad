"""Drill audio: synthesised voices, distractions, and their playback."""
