"""Drills: what happens to the speaker on purpose, and how they take it."""
